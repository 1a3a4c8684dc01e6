/**
 * Sections that were meant as profiles, but that neither the AWS tools nor eac read as such.
 *
 * @module
 */

import type { Place } from "../errors.ts";
import { AWS_KEYS, EAC_KEYS } from "./keys.ts";
import {
  type IgnoredSection,
  type Misnamed,
  misnamed,
  type SharedConfig,
} from "./shared_config.ts";

/** True for a section with a profile's prefix or keys; others are another tool's. */
export function isMeantAsProfile({ header, keys }: IgnoredSection): boolean {
  return /^profile\b/i.test(header) ||
    [...AWS_KEYS, ...EAC_KEYS].some(([known]) => known.some((key) => keys.includes(key)));
}

/** The sections that were meant as profiles, and how to write them. */
export function unreadProfiles(
  { ignored, files }: SharedConfig,
): (Misnamed & { readonly place: Place })[] {
  return ignored.filter(isMeantAsProfile)
    .map((section) => ({ ...misnamed(section, files), place: section.place }));
}
