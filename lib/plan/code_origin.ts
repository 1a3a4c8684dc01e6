/**
 * Where MFA codes come from: known before one is needed.
 *
 * @module
 */

import type { Profile } from "../config/profile.ts";
import type { Host } from "../host/host.ts";

/** Where a code comes from; in this order the first that is there is taken. */
export type CodeOrigin = "flag" | "environment" | "process" | "prompt";

/** Which way the codes of this profile come. */
export function codeOrigin(
  profile: Profile,
  env: Host["env"],
  flag: string | undefined,
): { origin: CodeOrigin; value: string; where: string } {
  if (flag) return { origin: "flag", value: flag, where: "--mfa-token" };
  if (env.EAC_MFA_TOKEN) {
    return { origin: "environment", value: env.EAC_MFA_TOKEN, where: "EAC_MFA_TOKEN" };
  }
  const { mfa_process } = profile.values;
  if (mfa_process) return { origin: "process", value: mfa_process, where: "mfa_process" };
  if (env.EAC_MFA_PROCESS) {
    return { origin: "process", value: env.EAC_MFA_PROCESS, where: "EAC_MFA_PROCESS" };
  }
  return { origin: "prompt", value: "", where: "the terminal" };
}
