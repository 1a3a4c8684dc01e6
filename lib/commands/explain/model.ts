/**
 * The plan as data, for `eac explain --json` and the tree.
 *
 * @module
 */

import { destinationOf, type Profile } from "../../config/profile.ts";
import type { Context } from "../../context.ts";
import { toTimestamp } from "../../plan/credentials.ts";
import { type CodeOrigin, codeOrigin } from "../../plan/code_origin.ts";
import { deviceSetting } from "../../plan/settings.ts";
import { baseKindOf } from "../../plan/base_names.ts";
import { stsEndpoint } from "../../plan/endpoint.ts";
import type { Plan } from "../../plan/plan.ts";
import { DEFAULT_SECONDS } from "../../plan/durations.ts";
import type { Step } from "../../plan/step.ts";
import { maskCommand, maskSettings } from "../../text/mask.ts";
import { type PlannedProfile, prefersDialog } from "../../session/plan_profile.ts";

/**
 * The plan in the format of `--json`.
 *
 * @param signedInUntil the expiration of the cached sign-in, if the plan begins with a sign-in
 */
export function explain(
  { host, options }: Context,
  { plan, where, prefix, region: configured }: PlannedProfile,
  signedInUntil?: number,
) {
  const { url, region } = stsEndpoint(where);
  const { profile, base, mfa } = plan;
  const entry = prefix.entry;
  const complete = entry !== undefined && prefix.done === plan.steps.length;
  return {
    profile: profile.name,
    strategy: plan.strategy,
    considered: plan.considered(),
    base: {
      kind: baseKindOf(plan),
      profile: base.profile,
      ...baseDetails(plan, host.env),
    },
    sign_in: base.kind !== "sign-in" ? undefined : {
      strategy: base.strategy,
      expiration: signedInUntil === undefined ? null : toTimestamp(signedInUntil),
    },
    mfa: mfa === undefined ? null : { ...mfa, from: codeFrom(profile, mfa.serial, host, options) },
    hops: plan.hops.map(hop),
    calls: plan.steps.slice(prefix.done).map(call),
    settings: settings(profile),
    defaults: defaultsFor(plan),
    cache: {
      hit: complete,
      expiration: complete ? toTimestamp(entry.credentials.expiration) : null,
    },
    destination: destinationOf(profile) ?? null,
    endpoint: { url, region, region_from: configured?.name ?? null },
    notes: plan.notes,
  };
}

/** The source of the code in the format of `--json`. */
function codeFrom(
  profile: Profile,
  mfaSerial: string,
  host: Context["host"],
  options: Context["options"],
): CodeOrigin | "dialog" {
  const { origin } = codeOrigin(profile, host.env, options.mfaToken, mfaSerial);
  return origin === "prompt" && prefersDialog({ host, options }, profile) ? "dialog" : origin;
}

/** The output of `explain`. */
export type Explanation = ReturnType<typeof explain>;

/** Identifies the base; never a secret. */
function baseDetails(
  { base, longevity }: Plan,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | boolean | null | undefined> {
  switch (base.kind) {
    case "static":
      return { access_key_id: base.credentials.accessKeyId };
    case "environment":
      return env.AWS_ACCESS_KEY_ID ? { access_key_id: env.AWS_ACCESS_KEY_ID } : {};
    case "process":
      return {
        command: maskCommand(base.command),
        long_lived: longevity === "unknown" ? null : longevity === "long-lived",
      };
    case "sso":
      return {
        sso_start_url: base.startUrl,
        sso_region: base.region,
        sso_account_id: base.accountId,
        sso_role_name: base.roleName,
        sso_session: base.session,
      };
    case "login":
      return { login_session: base.session };
    case "custom":
    case "keys":
    case "sign-in":
      return { strategy: base.strategy };
    case "web-identity":
      return {
        role_arn: base.roleArn,
        web_identity_token_file: base.tokenFile,
        role_session_name: base.sessionName,
      };
    default:
      return {};
  }
}

function hop({ name, values }: Profile) {
  const duration = values.duration_seconds || values.session_duration;
  return {
    profile: name,
    role_arn: values.role_arn,
    role_session_name: values.role_session_name || null,
    external_id: values.external_id || null,
    duration_seconds: duration ? Number(duration) : null,
    mfa_serial: values.mfa_serial || null,
  };
}

function call(step: Step) {
  switch (step.call) {
    case "GetSessionToken":
      return {
        call: step.call,
        serial: step.mfaSerial,
        duration_seconds: step.durationSeconds,
      };
    case "AssumeRole":
      return {
        call: step.call,
        role_arn: step.roleArn,
        duration_seconds: step.durationSeconds ?? DEFAULT_SECONDS,
        serial: step.mfaSerial,
        external_id: step.externalId,
        role_session_name: step.sessionName,
        source_identity: step.sourceIdentity,
        tags: step.tags,
        transitive_tag_keys: step.transitiveTagKeys,
        policy: step.policy,
        policy_arns: step.policyArns,
      };
    case "Custom":
      return { call: step.call, strategy: step.strategy, summary: step.summary };
  }
}

/** The defaults of `[eac]` that have an effect on the plan, as `settings`. */
function defaultsFor({ profile, mfa }: Plan): ReturnType<typeof settings> {
  const { values, defaults } = profile;
  if (defaults === undefined) return {};
  const counts = (key: string) => {
    if (values[key] !== undefined) return false;
    switch (key) {
      case "mfa_process":
      case "mfa_session":
      case "mfa_session_duration":
        return mfa !== undefined && deviceSetting(profile, key, mfa.serial) === defaults;
      case "mfa_prompt":
        return mfa !== undefined;
      case "cli_cache":
        return Boolean(values.role_arn);
      default:
        return destinationOf(profile) !== undefined;
    }
  };
  return Object.fromEntries(Object.entries(settings(defaults)).filter(([key]) => counts(key)));
}

function settings(profile: Profile) {
  const masked = maskSettings(profile.values);
  return Object.fromEntries(
    Object.entries(masked).map(([key, value]) => [key, { value, ...profile.places[key] }]),
  );
}
