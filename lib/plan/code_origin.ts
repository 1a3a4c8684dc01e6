/**
 * Finds the source of MFA codes before one is needed.
 *
 * @module
 */

import { placeOf, type Profile } from "../config/profile.ts";
import { EacError } from "../errors.ts";
import { deviceSetting } from "./settings.ts";
import type { Host } from "../host/host.ts";

/** Where a code comes from; the first that is available is used. */
export type CodeOrigin = "flag" | "environment" | "process" | "prompt";

/** Where the user may be asked for a code. */
const PROMPT_MODES = ["auto", "terminal", "dialog", "none"] as const;

/** A value of `mfa_prompt`. */
export type PromptMode = typeof PROMPT_MODES[number];

/**
 * Where the user is asked for a code: `--mfa-prompt`, else the profile's key, else the variable, else the
 * default of `[eac]`, else `auto`.
 *
 * @throws {EacError} `config_invalid` for an unknown value
 */
export function promptMode(
  profile: Profile,
  env: Host["env"],
  flag: string | undefined,
): PromptMode {
  const own = profile.values.mfa_prompt;
  const byVariable = !own && Boolean(env.EAC_MFA_PROMPT);
  const text = flag ?? (own || env.EAC_MFA_PROMPT || profile.defaults?.values.mfa_prompt || "auto");
  const mode = PROMPT_MODES.find((one) => one === text);
  if (mode !== undefined) return mode;
  const name = byVariable ? "EAC_MFA_PROMPT" : "mfa_prompt";
  throw new EacError("config_invalid", `${name} = ${text} is not valid`, {
    ...(byVariable ? {} : placeOf(own ? profile : profile.defaults ?? profile, "mfa_prompt")),
    hint: "use auto, terminal, dialog or none",
    profile: profile.name,
  });
}

/** The source of the codes for a profile and its device. */
export function codeOrigin(
  profile: Profile,
  env: Host["env"],
  flag: string | undefined,
  mfaSerial = profile.values.mfa_serial,
): { origin: CodeOrigin; value: string; where: string } {
  if (flag) return { origin: "flag", value: flag, where: "--mfa-token" };
  if (env.EAC_MFA_TOKEN) {
    return { origin: "environment", value: env.EAC_MFA_TOKEN, where: "EAC_MFA_TOKEN" };
  }
  // The command of the profile that names the device, or of the device's owner.
  const owner = mfaSerial
    ? deviceSetting(profile, "mfa_process", mfaSerial)
    : profile.values.mfa_process
    ? profile
    : profile.defaults;
  const mfa_process = owner?.values.mfa_process;
  if (mfa_process && owner !== profile.defaults) {
    return { origin: "process", value: mfa_process, where: "mfa_process" };
  }
  if (env.EAC_MFA_PROCESS) {
    return { origin: "process", value: env.EAC_MFA_PROCESS, where: "EAC_MFA_PROCESS" };
  }
  // A variable is more specific to this run than a default.
  if (mfa_process) return { origin: "process", value: mfa_process, where: "mfa_process of [eac]" };
  return { origin: "prompt", value: "", where: "the terminal" };
}
