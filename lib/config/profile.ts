/**
 * A profile with its sources, as strategies see it.
 *
 * @module
 */

import type { Place } from "../errors.ts";

/** The name of the section with the defaults, as a profile and in messages. */
export const DEFAULTS_NAME = "[eac]";

/** The keys of `[eac]`. */
export const DEFAULT_KEYS = [
  "mfa_process",
  "mfa_session",
  "mfa_session_duration",
  "mfa_prompt",
  "cli_cache",
  "destination_profile",
] as const;

/** A key of `[eac]`. */
export type DefaultKey = typeof DEFAULT_KEYS[number];

/** A profile as the AWS SDKs read it: config and credentials merged, keys in lower case. */
export interface Profile {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** The place of each value. */
  readonly places: Readonly<Record<string, Place>>;
  /** The defaults of `[eac]`, which apply where the profile lacks one of eac's own keys. */
  readonly defaults?: Profile | undefined;
  /** The profile of `source_profile`; reading it throws if it is missing or part of a cycle. */
  readonly source?: Profile | undefined;
}

/**
 * The profile without a key. Never spread a profile for this: its places, defaults and source are getters of
 * its class, which a spread loses.
 */
export function withoutKey(profile: Profile, key: string): Profile {
  const { [key]: _, ...values } = profile.values;
  return {
    name: profile.name,
    values,
    get places() {
      return profile.places;
    },
    get defaults() {
      return profile.defaults;
    },
    get source() {
      return profile.source;
    },
  };
}

/** The value of one of eac's own keys: the profile's, else the default of `[eac]`. */
export function ownSetting(profile: Profile, key: DefaultKey): string | undefined {
  return profile.values[key] ?? profile.defaults?.values[key];
}

/**
 * The profile in which `eac get` stores the credentials: `destination_profile`, or the result of
 * the pattern in `[eac]`. The pattern skips profiles that need no call: long-lived keys without
 * MFA, and credentials that a tool stored.
 */
export function destinationOf(profile: Profile): string | undefined {
  const { name, values, defaults } = profile;
  if (values.destination_profile !== undefined) return values.destination_profile || undefined;
  const pattern = defaults?.values.destination_profile;
  const stored = values.managed_by || values.aws_session_token;
  const keysAlone = values.aws_access_key_id && !values.role_arn && !values.mfa_serial;
  if (!pattern || stored || keysAlone || name.includes(":")) return undefined;
  return pattern.replaceAll("{profile}", name.replace(/[^A-Za-z0-9._-]/g, "-"));
}

/** The place of a key, for an error: `{ place }`, or nothing if the value is not from a file. */
export function placeOf(profile: Pick<Profile, "places">, key: string): { place?: Place } {
  const place = profile.places[key];
  return place === undefined ? {} : { place };
}
