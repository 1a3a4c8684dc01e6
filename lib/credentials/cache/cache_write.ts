/**
 * How eac's own cache is written. Most runs only read it (cache.ts).
 *
 * @module
 */

import { writeAtomically, type WriteHost } from "../../config/own_files.ts";
import type { Host } from "../../host/host.ts";
import { type CacheEntry, cacheFile, cacheFolder } from "./cache.ts";
import { toTimestamp } from "../../plan/credentials.ts";

type CacheHost = WriteHost & Pick<Host, "env" | "makeFolder">;

/**
 * Keeps what a step gave.
 *
 * @throws {EacError} `io`; the credentials are good all the same, so the caller only warns
 */
export function writeCache(host: CacheHost, key: string, entry: CacheEntry): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = entry.credentials;
  const text = JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey.reveal(),
    SessionToken: sessionToken?.reveal(),
    Expiration: toTimestamp(expiration),
    // To the millisecond: who waits with `--refresh` has to know whether this came after it began.
    Obtained: new Date(entry.obtained).toISOString(),
    Subject: entry.subject,
  });
  host.makeFolder(cacheFolder(host), 0o700);
  writeAtomically(host, cacheFile(host, key), new TextEncoder().encode(text + "\n"), 0o600);
}
