/**
 * A profile with its sources: what a strategy looks at.
 *
 * @module
 */

import type { Place } from "../errors.ts";

/** A profile as the AWS SDKs read it: config and credentials merged, keys in lower case. */
export interface Profile {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** Where each value stands. */
  readonly places: Readonly<Record<string, Place>>;
  /** `source_profile`, followed; reading it throws where it cannot be (missing, a cycle). */
  readonly source?: Profile | undefined;
}

/** The place of a key, for an error: `{ place }`, or nothing where the value came from elsewhere. */
export function placeOf(profile: Pick<Profile, "places">, key: string): { place?: Place } {
  const place = profile.places[key];
  return place === undefined ? {} : { place };
}
