/**
 * Settings that several strategies read, with checks that name their place.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import { DEFAULTS_NAME, placeOf } from "../config/profile.ts";
import type { Bounds } from "./durations.ts";
import type { PlanContext, Profile } from "./strategy.ts";

/** The most managed policies that one call accepts as session policies. */
const MOST_POLICIES = 10;

/**
 * `session_policy_arns`, which `--policy-arn` sets.
 *
 * @throws {EacError} `config_invalid` (or `usage`, for the option) for what STS would refuse
 */
export function policyArnsOf(profile: Profile, text: string): string[] {
  const arns = listOf(text);
  const wrong = arns.find((arn) => !/^arn:[\w-]+:iam::(aws|\d{12}):policy\/./.test(arn));
  if (wrong !== undefined) {
    const hint = "the ARN of a managed policy looks like arn:aws:iam::aws:policy/ReadOnlyAccess";
    throw refusedValue(profile, "session_policy_arns", wrong, hint);
  }
  if (arns.length <= MOST_POLICIES) return arns;
  throw refusedValue(
    profile,
    "session_policy_arns",
    `${arns.length} policies`,
    `name ${MOST_POLICIES} at most`,
  );
}

/** The options that set keys for one run, where their values are checked. */
const OPTION_OF: Readonly<Record<string, string>> = {
  role_session_name: "--role-session-name",
  source_identity: "--source-identity",
  session_policy_arns: "--policy-arn",
};

/** The error for a value of a key, or of the option that sets it for this run, that AWS does not accept. */
export function refusedValue(profile: Profile, key: string, value: string, hint: string): EacError {
  const { place } = placeOf(profile, key);
  const what = place === undefined ? OPTION_OF[key] ?? key : `${key} of profile "${profile.name}"`;
  return new EacError(
    place === undefined ? "usage" : "config_invalid",
    `AWS does not accept the value of ${what}: ${value}`,
    { place, hint, profile: profile.name },
  );
}

/** The warning of a session without MFA: the limits of GetSessionToken, by its API reference. */
export const WITHOUT_MFA =
  "a session without MFA can call neither IAM nor STS, except AssumeRole and GetCallerIdentity";

/**
 * The requested duration: `--duration`, else `duration_seconds`, else the first release's
 * `session_duration`; `undefined` if none is set.
 *
 * @throws {EacError} `config_invalid` (or `usage`, for the flag) when out of bounds
 */
export function durationOf(
  profile: Profile,
  context: PlanContext,
  bounds: Bounds,
): number | undefined {
  const flag = context.durationSeconds;
  if (flag !== undefined) {
    if (flag >= bounds.least && flag <= bounds.most) return flag;
    throw new EacError(
      "usage",
      `--duration ${flag} is out of range for profile "${profile.name}"`,
      {
        hint: boundsHint(bounds),
        profile: profile.name,
      },
    );
  }
  return secondsOf(profile, "duration_seconds", bounds) ??
    secondsOf(profile, "session_duration", bounds);
}

/** A key's value in seconds; `undefined` if the profile does not have the key. */
export function secondsOf(profile: Profile, key: string, bounds: Bounds): number | undefined {
  const text = profile.values[key];
  if (text === undefined || text === "") return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (seconds >= bounds.least && seconds <= bounds.most) return seconds;
  throw wrongSeconds(profile, key, seconds, bounds);
}

function wrongSeconds(profile: Profile, key: string, seconds: number, bounds: Bounds): EacError {
  const text = profile.values[key];
  const wrong = Number.isNaN(seconds) ? "is not a whole number of seconds" : "is out of range";
  const owner = showOwner(profile);
  return new EacError("config_invalid", `${key} = ${text} of ${owner} ${wrong}`, {
    place: profile.places[key],
    hint: boundsHint(bounds),
    profile: profile.name === DEFAULTS_NAME ? undefined : profile.name,
  });
}

function boundsHint(bounds: Bounds): string {
  return `AWS accepts ${bounds.least} to ${bounds.most} seconds here`;
}

/**
 * The profile whose MFA setting applies to a device: the profile itself, else the nearest source
 * with that device (its owner), else the defaults of `[eac]`.
 */
export function deviceSetting(
  profile: Profile,
  key: "mfa_session" | "mfa_session_duration" | "mfa_process",
  mfaSerial: string,
): Profile | undefined {
  if (profile.values[key]) return profile;
  for (let at = profile.source; at !== undefined; at = at.source) {
    if (at.values.mfa_serial === mfaSerial && at.values[key]) return at;
  }
  return profile.defaults?.values[key] ? profile.defaults : undefined;
}

/** Serials that STS never accepts: a security key's, and a user's ARN. */
const UNUSABLE_SERIAL = /^arn:[^:]*:iam::[^:]*:(u2f|user)\//;

/** The nearest source with an MFA device that STS accepts; `undefined` if no source has one. */
export function sourceWithDevice(
  profile: Profile,
): { readonly name: string; readonly serial: string } | undefined {
  for (let at = profile.source; at !== undefined; at = at.source) {
    const serial = at.values.mfa_serial;
    if (serial) return UNUSABLE_SERIAL.test(serial) ? undefined : { name: at.name, serial };
  }
  return undefined;
}

/**
 * The serial of the profile's own MFA device, if STS accepts it.
 *
 * @throws {EacError} `config_invalid` for a FIDO device or a user's ARN, with which no code ever works
 */
export function mfaSerialOf(profile: Profile): string | undefined {
  const serial = profile.values.mfa_serial;
  if (serial === undefined || serial === "") return undefined;
  const kind = UNUSABLE_SERIAL.exec(serial)?.[1];
  if (kind !== undefined) throw unusableSerial(profile, kind);
  return serial;
}

function unusableSerial(profile: Profile, kind: string): EacError {
  const message = kind === "u2f"
    ? `mfa_serial of profile "${profile.name}" is a security key (u2f), which STS does not support`
    : `mfa_serial of profile "${profile.name}" is a user's ARN, not an MFA device's`;
  const hint = kind === "u2f"
    ? "add a virtual MFA device (an authenticator app) to the user, and use its ARN here; or sign in with the console's credentials: eac login NAME supports security keys and passkeys"
    : "the device's ARN looks like arn:aws:iam::ACCOUNT:mfa/NAME; the IAM console shows it";
  return new EacError("config_invalid", message, {
    ...placeOf(profile, "mfa_serial"),
    hint,
    profile: profile.name,
  });
}

/** The entries of a value such as `a, b`. */
export function listOf(text: string): string[] {
  return text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}

/** The section that has a setting, for messages: a profile, or the defaults. */
export function showOwner({ name }: Profile): string {
  return name === DEFAULTS_NAME ? DEFAULTS_NAME : `profile "${name}"`;
}
