/**
 * Console credentials for a user without a role: GetFederationToken, because the console accepts no session
 * of a user's own keys.
 *
 * @module
 */

import { createSts } from "../aws/sts.ts";
import { withoutKey } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import type { Context } from "../context.ts";
import type { Credentials } from "../plan/credentials.ts";
import { DEFAULT_SECONDS } from "../plan/durations.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { policyArnsOf, WITHOUT_MFA } from "../plan/settings.ts";
import { createGetCredentials } from "./get_credentials.ts";
import { type PlannedProfile, policyText } from "./plan_profile.ts";

/**
 * Everything that the user may do: AWS gives a federated user what both it and the user's own policies
 * allow.
 */
const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/**
 * True where a plan ends in a session of a user's own keys, or may end there: a `credential_process` may
 * print such keys.
 */
export function isUser({ plan: { steps, base, longevity } }: PlannedProfile): boolean {
  const last = steps.at(-1);
  if (last !== undefined) return last.call === "GetSessionToken";
  return longevity === "long-lived" || (base.kind === "process" && longevity === "unknown");
}

/**
 * The credentials of a federated user, with the profile's session policies or all that the user may do.
 * Temporary credentials of a `credential_process` are returned unchanged.
 *
 * @throws {EacError} of the base source, or of STS
 */
export async function federatedUser(
  context: Context,
  config: SharedConfig,
  planned: PlannedProfile,
): Promise<Credentials> {
  const { host, log } = context;
  const { plan, where } = planned;
  const { profile, steps } = plan;
  const keys = await createGetCredentials(context, config)(signerOf(planned));
  if (keys.credentials.sessionToken !== undefined) return keys.credentials;
  if (profile.values.mfa_serial) {
    log.warn("this console session is without MFA: AWS accepts no code for a user without a role");
  }
  const { session_policy: policy, session_policy_arns: arns } = profile.values;
  const [session] = steps;
  const sts = createSts(host, stsEndpoint(where), { log: (text) => log.detail(text) });
  const { credentials } = await sts.getFederationToken(keys.credentials, {
    name: nameOf(profile.values.role_session_name || profile.name),
    durationSeconds: session?.call === "GetSessionToken"
      ? session.durationSeconds
      : DEFAULT_SECONDS,
    policy: policy ? policyText(host, policy, profile.name) : arns ? undefined : EVERYTHING,
    policyArns: arns ? policyArnsOf(profile, arns) : undefined,
  });
  return credentials;
}

/** The plan for the user's keys, which sign the call here and go nowhere else. */
function signerOf(planned: PlannedProfile): PlannedProfile {
  const { plan } = planned;
  const profile = withoutKey(plan.profile, "mfa_serial");
  const notes = plan.notes.filter((note) => note !== WITHOUT_MFA);
  return {
    ...planned,
    plan: { ...plan, steps: [], notes, expects: undefined, profile },
    keys: [],
    prefix: { done: 0, entry: undefined },
  };
}

/** A name that STS accepts: 2 to 32 of these characters. */
function nameOf(text: string): string {
  const name = text.replace(/[^\w+=,.@-]/g, "-").slice(0, 32);
  return name.length < 2 ? "eac" : name;
}
