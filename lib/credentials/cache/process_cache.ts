/**
 * Caches the credentials of a `credential_process` until they expire: a helper may be slow, or
 * prompt the user.
 *
 * @module
 */

import { sharedFiles } from "../../config/locations.ts";
import type { Host } from "../../host/host.ts";
import type { ProcessBase } from "../../plan/base.ts";
import type { Credentials, ExpiringCredentials } from "../../plan/credentials.ts";
import { sha256 } from "../../text/hash.ts";
import { type CacheEntry, isFresh, readCache } from "./cache.ts";
import type { CachePolicy } from "./cached_prefix.ts";

/** The cache key of a profile's command: the same name in other files is another profile. */
export async function processKey(
  { env, os }: Pick<Host, "env" | "os">,
  { profile, command }: ProcessBase,
): Promise<string> {
  const { config } = sharedFiles(env, os);
  return await sha256(JSON.stringify([1, "process", config, profile, command]));
}

/** The cached credentials of that key, as long as they are fresh (`isFresh`). */
export function readProcessCache(
  host: Pick<Host, "env" | "os" | "now" | "readFile">,
  key: string,
  { use, since, minTtl }: CachePolicy,
): Credentials | undefined {
  const entry = use ? readCache(host, key) : undefined;
  if (entry === undefined || entry.receivedAt < since) return undefined;
  return isFresh(entry, host.now(), minTtl) ? entry.credentials : undefined;
}

/** The entry to cache; `undefined` for long-lived keys and for credentials without an expiration. */
export function processEntry(credentials: Credentials, now: number): CacheEntry | undefined {
  const { sessionToken, expiration } = credentials;
  if (sessionToken === undefined || expiration === undefined) return undefined;
  const expiring: ExpiringCredentials = { ...credentials, sessionToken, expiration };
  return { credentials: expiring, receivedAt: now };
}
