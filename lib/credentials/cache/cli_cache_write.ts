/**
 * Writes the AWS CLI's cache of assumed roles, so that `aws --profile role` does not prompt after eac
 * has. Most runs only read it (cli_cache.ts).
 *
 * @module
 */

import { writeAtomically, type WriteHost } from "../../config/own_files.ts";
import type { Host } from "../../host/host.ts";
import { type ExpiringCredentials, toTimestamp } from "../../plan/credentials.ts";
import { cliCacheFolder, LEAST_LEFT } from "./cli_cache.ts";

/**
 * Writes the role for the AWS CLI atomically, because it fails on an incomplete file. Credentials
 * with less than 15 minutes left, or without a session token, are not written.
 *
 * @throws {EacError} `io`; the caller only warns
 */
export function writeCliCache(
  host: WriteHost & Pick<Host, "makeFolder" | "env">,
  file: string,
  credentials: ExpiringCredentials,
  assumedRoleArn: string | undefined,
): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  if (sessionToken === undefined || expiration - host.now() < LEAST_LEFT) return;
  const account = assumedRoleArn?.split(":")[4];
  const content = {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey.reveal(),
      SessionToken: sessionToken.reveal(),
      Expiration: toTimestamp(expiration),
      ...(account ? { AccountId: account } : {}),
    },
    ...(assumedRoleArn ? { AssumedRoleUser: { Arn: assumedRoleArn } } : {}),
  };
  host.makeFolder(cliCacheFolder(host), 0o700);
  writeAtomically(host, file, new TextEncoder().encode(JSON.stringify(content)), { flush: false });
}
