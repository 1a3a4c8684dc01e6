/**
 * The environment variables that carry credentials, and those that would compete with them.
 *
 * @module
 */

import { type Credentials, toTimestamp } from "../plan/credentials.ts";

/** What is exported beside the credentials. */
export interface ExportOptions {
  /** The region that somebody configured, if anybody did. */
  readonly region?: string | undefined;
}

/** Variables that carry credentials and their region: what `eac env` may set. */
export const CARRIERS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
] as const;

/**
 * Variables that some SDK or tool would follow in place of the credentials: a profile named by the
 * environment wins over keys in JavaScript, and the legacy name of the token in old SDKs.
 */
export const COMPETITORS = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"] as const;

/** The name of a carrier. */
export type Carrier = typeof CARRIERS[number];

/** The values of the carriers, in their order; what is not known is absent. */
export function carriersOf(
  credentials: Credentials,
  { region }: ExportOptions,
): Map<Carrier, string> {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  const values: readonly (readonly [Carrier, string | undefined])[] = [
    ["AWS_ACCESS_KEY_ID", accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", secretAccessKey.reveal()],
    ["AWS_SESSION_TOKEN", sessionToken?.reveal()],
    ["AWS_CREDENTIAL_EXPIRATION", expiration === undefined ? undefined : toTimestamp(expiration)],
    ["AWS_REGION", region],
    ["AWS_DEFAULT_REGION", region],
  ];
  return new Map(values.filter((pair): pair is [Carrier, string] => pair[1] !== undefined));
}
