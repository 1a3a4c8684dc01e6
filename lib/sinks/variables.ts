/**
 * The environment variables that carry credentials, and those that compete with them.
 *
 * @module
 */

import { type Credentials, toTimestamp } from "../plan/credentials.ts";
import { type ConfiguredRegion, exportedRegion } from "../plan/region.ts";

/** An environment, with the variables that are set. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The profile and the region that are exported with the credentials. */
export interface ExportOptions {
  readonly profile: string;
  /** The configured region, if there is one. */
  readonly region?: ConfiguredRegion | undefined;
}

/** The variables that `eac env` and `eac exec` set. */
export const CARRIERS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "EAC_PROFILE",
  "EAC_REGION",
] as const;

/**
 * Variables that some SDKs prefer to the credentials: the SDK for JavaScript uses the profile in
 * the environment rather than keys, and old SDKs use the token under its legacy name.
 */
export const COMPETITORS = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"] as const;

/** The name of such a variable. */
export type Carrier = typeof CARRIERS[number];

/**
 * The values of these variables, in order; unknown ones are absent. `EAC_REGION` repeats a region
 * that the user did not set themselves, so that it does not apply to the next profile.
 */
export function carriersOf(credentials: Credentials, options: ExportOptions): Map<Carrier, string> {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  return new Map(withValues([
    ["AWS_ACCESS_KEY_ID", accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", secretAccessKey.reveal()],
    ["AWS_SESSION_TOKEN", sessionToken?.reveal()],
    ["AWS_CREDENTIAL_EXPIRATION", expiration === undefined ? undefined : toTimestamp(expiration)],
    ...labelsOf(options),
  ]));
}

/** The variables that are not secret: the region, and eac's own for the profile. */
export function labelsOf({ profile, region }: ExportOptions): [Carrier, string][] {
  return withValues([
    ["AWS_REGION", region?.value],
    ["AWS_DEFAULT_REGION", region?.value],
    ["EAC_PROFILE", isPlainName(profile) ? profile : undefined],
    ["EAC_REGION", region?.from === "environment" ? undefined : region?.value],
  ]);
}

function withValues(
  pairs: readonly (readonly [Carrier, string | undefined])[],
): [Carrier, string][] {
  return pairs.filter((pair): pair is [Carrier, string] => pair[1] !== undefined);
}

/** False for a name that some format cannot quote; it is not exported. */
function isPlainName(name: string): boolean {
  return /^[^\p{Cc}"%]+$/u.test(name);
}

/** The region variables that eac set for another profile, not the user's own. */
export function exportedRegionVariables(env: Env): ("AWS_REGION" | "AWS_DEFAULT_REGION")[] {
  const exported = exportedRegion(env);
  if (exported === undefined) return [];
  return (["AWS_REGION", "AWS_DEFAULT_REGION"] as const).filter((name) => env[name] === exported);
}
