/**
 * eac's own cache: one private file per prefix of steps, in `$EAC_HOME/cache`.
 *
 * @module
 */

import { eacHome, join, locksFolder } from "../../config/locations.ts";
import type { Host } from "../../host/host.ts";
import {
  type ExpiringCredentials,
  isAccountId,
  parseTimestamp,
  temporaryKeysIn,
} from "../../plan/credentials.ts";

/** The credentials of a step, with the requested duration. */
export interface CacheEntry {
  readonly credentials: ExpiringCredentials;
  /** The time of the call that returned them, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** Their role or MFA device, by which `clear` also finds those of other durations. */
  readonly subject?: string | undefined;
}

/** The folder of the entries. */
export function cacheFolder(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "cache");
}

/** The lock of a prefix: its holder gets the credentials, other processes wait. */
export function lockFile(host: Pick<Host, "env" | "os">, key: string): string {
  return join(host.os, locksFolder(host), `${key.slice(0, 32)}.lock`);
}

/** The file of a prefix. */
export function cacheFile(host: Pick<Host, "env" | "os">, key: string): string {
  return join(host.os, cacheFolder(host), `${key}.json`);
}

/** The cached entry of a prefix. Any damage is a miss: the next call replaces it. */
export function readCache(
  host: Pick<Host, "env" | "os" | "readFile">,
  key: string,
): CacheEntry | undefined {
  try {
    const bytes = host.readFile(cacheFile(host, key));
    return bytes === undefined ? undefined : parseEntry(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function parseEntry(text: string): CacheEntry | undefined {
  const entry: unknown = JSON.parse(text);
  if (typeof entry !== "object" || entry === null) return undefined;
  const members = entry as Record<string, unknown>;
  const { Version, Expiration, Obtained, Subject } = members;
  const keys = temporaryKeysIn(members);
  if (Version !== 1 || keys === undefined) return undefined;
  const expiration = parseTimestamp(String(Expiration));
  const receivedAt = parseTimestamp(String(Obtained));
  if (expiration === undefined || receivedAt === undefined) return undefined;
  return {
    credentials: {
      ...keys,
      expiration,
      accountId: isAccountId(members.AccountId) ? members.AccountId : undefined,
    },
    receivedAt,
    ...(typeof Subject === "string" ? { subject: Subject } : {}),
  };
}

/** The keys of all cached prefixes, including damaged entries. */
export function cachedKeys(host: Pick<Host, "env" | "os" | "list">): string[] {
  return keysAmong(host.list(cacheFolder(host)));
}

/** The keys of the prefixes among the names of files. */
export function keysAmong(names: readonly string[]): string[] {
  return names.flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
}

const MINUTE = 60_000;

/**
 * The time until which credentials count as fresh, in milliseconds since 1970: 15 minutes before
 * they expire, or when a third of a session shorter than 45 minutes is left; `minTtl` (seconds)
 * overrides that. The AWS CLI also treats credentials with less than 15 minutes as expired.
 */
export function freshUntil({ credentials, receivedAt }: CacheEntry, minTtl?: number): number {
  const { expiration } = credentials;
  if (minTtl !== undefined) return expiration - Math.max(minTtl * 1000, 1);
  const lifetime = expiration - receivedAt;
  return expiration - Math.max(lifetime < 45 * MINUTE ? lifetime / 3 : 15 * MINUTE, 1);
}

/** Whether credentials are fresh; see {@linkcode freshUntil}. */
export function isFresh(entry: CacheEntry, now: number, minTtl?: number): boolean {
  return now <= freshUntil(entry, minTtl);
}

/** Whether credentials are still usable if there are no others or only the next call needs them. */
export function isUsable({ credentials, receivedAt }: CacheEntry, now: number): boolean {
  return lastsForCall(credentials.expiration, receivedAt, now);
}

/**
 * Whether what expires then outlasts the next call: until a minute before it expires, or a tenth of a
 * lifetime shorter than ten minutes. All in milliseconds since 1970.
 */
export function lastsForCall(expiration: number, receivedAt: number, now: number): boolean {
  return expiration - now >= Math.min(MINUTE, (expiration - receivedAt) / 10);
}
