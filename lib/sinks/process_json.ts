/**
 * Credentials as the JSON that a `credential_process` prints.
 *
 * @module
 */

import { type Credentials, toTimestamp } from "../plan/credentials.ts";

/**
 * One line of JSON. Missing values are omitted: botocore treats an empty token as a token, and
 * requires a time zone in the expiration ("Sourcing credentials with an external process", AWS SDKs
 * and Tools Reference Guide).
 */
export function processJson(credentials: Credentials): string {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = credentials;
  const json = {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey.reveal(),
    SessionToken: sessionToken?.reveal(),
    Expiration: expiration === undefined ? undefined : toTimestamp(expiration),
    AccountId: accountId,
  };
  return `${JSON.stringify(json)}\n`;
}
