/**
 * Credentials as the JSON that a `credential_process` prints.
 *
 * @module
 */

import { type Credentials, toTimestamp } from "../plan/credentials.ts";

/**
 * One line of JSON. What is not there is left out: botocore takes an empty token for a token, and
 * needs a zone in the expiration ("Sourcing credentials with an external process", AWS SDKs and
 * Tools Reference Guide).
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
