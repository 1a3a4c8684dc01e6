/**
 * `eac whoami`: shows the identity that AWS reports for the credentials.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { asEacError } from "../errors.ts";
import { chooseProfile } from "./pick/select_profile.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { createSts } from "../aws/sts.ts";
import { printable, printableJson } from "../text/printable.ts";
import { getCredentials } from "../session/get_credentials.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, log } = context;
  const { profile, plan, credentials, where } = await getCredentials(
    context,
    await chooseProfile(context, names[0]),
    { net: true },
  );
  const sts = createSts(host, stsEndpoint(where), { log: (text) => log.detail(text) });
  const { UserId, Account, Arn } = await sts.getCallerIdentity(credentials).catch((thrown) => {
    throw asEacError(thrown).of(profile.name);
  });
  const identity = { UserId, Account, Arn };
  if (names[0] === undefined) {
    const { baseKindOf, describeBase } = await import("../plan/base_names.ts");
    const kind = baseKindOf(plan);
    const { EAC_PROFILE } = host.env;
    const exported = (kind === "environment" || kind === "container") && EAC_PROFILE
      ? `, exported for EAC_PROFILE "${EAC_PROFILE}"`
      : "";
    log.done(`credentials: ${describeBase(kind, plan.base.profile)}${exported}`);
  }
  host.stdout.write(
    options.json
      ? `${printableJson(identity, 2)}\n`
      : printable(`Account  ${Account}\nArn      ${Arn}\nUserId   ${UserId}\n`),
  );
  return 0;
}
