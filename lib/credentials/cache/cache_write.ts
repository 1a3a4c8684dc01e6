/**
 * Writes eac's own cache. Most runs only read it (cache.ts).
 *
 * @module
 */

import {
  isFirstInRun,
  removeQuietly,
  writeAtomically,
  type WriteHost,
} from "../../config/own_files.ts";
import type { Host } from "../../host/host.ts";
import { cachedKeys, type CacheEntry, cacheFile, cacheFolder, readCache } from "./cache.ts";
import { toTimestamp } from "../../plan/credentials.ts";

type CacheHost = WriteHost & Pick<Host, "env" | "makeFolder" | "readFile">;

/**
 * The age in milliseconds after which an entry has probably expired: AWS issues none for longer.
 */
const LONGEST = 36 * 3_600_000;

/**
 * Caches the credentials of a step. The first write of a run removes the entries that expired long ago.
 *
 * @throws {EacError} `io`; the credentials are still valid, so the caller only warns
 */
export function writeCache(host: CacheHost, key: string, entry: CacheEntry): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = entry.credentials;
  const text = JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey.reveal(),
    SessionToken: sessionToken?.reveal(),
    Expiration: toTimestamp(expiration),
    // In milliseconds: a process that waits with `--refresh` must know whether this is from after
    // its start.
    Obtained: new Date(entry.receivedAt).toISOString(),
    Subject: entry.subject,
    AccountId: accountId,
  });
  host.makeFolder(cacheFolder(host), 0o700);
  if (isFirstInRun(host, "remove expired entries")) removeExpired(host);
  writeAtomically(host, cacheFile(host, key), new TextEncoder().encode(text + "\n"), {
    flush: false,
  });
}

/**
 * Removes expired and damaged entries that no process has written for {@linkcode LONGEST}. A custom
 * strategy's credentials may be valid for longer, so each of these is read before it is removed.
 */
function removeExpired(host: CacheHost): void {
  try {
    const before = host.now() - LONGEST;
    for (const key of cachedKeys(host)) {
      const file = cacheFile(host, key);
      if ((host.stat(file)?.mtime ?? Infinity) > before) continue;
      const expiration = readCache(host, key)?.credentials.expiration ?? 0;
      if (expiration <= host.now()) removeQuietly(host, file);
    }
  } catch {
    // The next run tries again.
  }
}
