/**
 * A misspelled key as the likely cause of a profile that no strategy matches.
 *
 * @module
 */

import { AWS_KEYS, EAC_KEYS } from "../config/keys.ts";
import { placeOf, type Profile } from "../config/profile.ts";
import { EacError } from "../errors.ts";
import { nearest } from "../text/nearest.ts";
import type { RegisteredStrategy } from "./strategy.ts";

/** The error with the misspelled key and its place, if the profile or a source of it has one. */
export function withMisspelledKey(
  error: EacError,
  profile: Profile,
  strategies: readonly RegisteredStrategy[],
): EacError {
  const keyOf = (path: string) => path.replace(/^!?(source_profile\.)?/, "");
  const needed = new Set(strategies.flatMap(({ needs }) => needs.flat().map(keyOf)));
  const known = new Set([
    ...needed,
    ...strategies.flatMap(({ reads }) => reads.map(keyOf)),
    ...[...AWS_KEYS, ...EAC_KEYS].flatMap(([keys]) => keys),
  ]);
  for (let at: Profile | undefined = profile; at !== undefined; at = at.source) {
    const { values } = at;
    const absent = [...needed].filter((key) => !values[key]);
    for (const key of Object.keys(values)) {
      const [meant] = known.has(key) ? [] : nearest(key, absent, 1);
      if (meant === undefined) continue;
      return new EacError(error.code, `${error.message}, and an unknown key ${key}`, {
        ...placeOf(at, key),
        hint: `did you mean ${meant}?`,
        profile: error.profile,
        cause: error,
      });
    }
  }
  return error;
}
