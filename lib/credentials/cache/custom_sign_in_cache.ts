/**
 * The tokens of shared sign-ins: one file each under `$EAC_HOME/cache`, readable by its owner alone. Only
 * strategies get them.
 *
 * @module
 */

import { join } from "../../config/locations.ts";
import { removeQuietly, writeAtomically, type WriteHost } from "../../config/own_files.ts";
import type { Host } from "../../host/host.ts";
import type { SignInBase } from "../../plan/base.ts";
import { parseTimestamp, Secret, type SignIn, toTimestamp } from "../../plan/credentials.ts";
import { sha256 } from "../../text/hash.ts";
import { cacheFolder, lastsForCall } from "./cache.ts";
import type { CachePolicy } from "./cached_prefix.ts";

/** A cached sign-in. */
export interface CachedSignIn extends SignIn {
  /** When it began, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** The strategy that provided it. */
  readonly strategy: string;
}

/** Profiles with the same keys and variables share a sign-in, whatever their names. */
export async function signInKey({ strategy, keys, version }: SignInBase): Promise<string> {
  return await sha256(JSON.stringify([1, "sign-in", strategy, keys, version]));
}

/** The file of a sign-in. */
export function signInFile(host: Pick<Host, "env" | "os">, key: string): string {
  return join(host.os, cacheFolder(host), `sign-in-${key}.json`);
}

/** The cached sign-in, even if it has expired; `undefined` for a missing or damaged file. */
export function readSignIn(
  host: Pick<Host, "env" | "os" | "readFile">,
  key: string,
): CachedSignIn | undefined {
  try {
    const bytes = host.readFile(signInFile(host, key));
    if (bytes === undefined) return undefined;
    const { Version, Token, Expiration, Obtained, Strategy } = JSON.parse(
      new TextDecoder().decode(bytes),
    );
    const expiration = parseTimestamp(String(Expiration));
    const receivedAt = parseTimestamp(String(Obtained));
    if (Version !== 1 || typeof Token !== "string" || Token === "") return undefined;
    if (expiration === undefined || receivedAt === undefined) return undefined;
    return { token: new Secret(Token), expiration, receivedAt, strategy: String(Strategy) };
  } catch {
    return undefined;
  }
}

/**
 * Caches a sign-in, and removes those that have expired.
 *
 * @throws {EacError} `io`
 */
export function writeSignIn(
  host: WriteHost & Pick<Host, "env" | "makeFolder" | "readFile">,
  key: string,
  { token, expiration, receivedAt, strategy }: CachedSignIn,
): void {
  const text = JSON.stringify({
    Version: 1,
    Token: token.reveal(),
    Expiration: toTimestamp(expiration),
    Obtained: new Date(receivedAt).toISOString(),
    Strategy: strategy,
  });
  host.makeFolder(cacheFolder(host), 0o700);
  for (const other of signInKeys(host)) {
    const last = readSignIn(host, other)?.expiration ?? 0;
    if (last <= host.now()) removeQuietly(host, signInFile(host, other));
  }
  writeAtomically(host, signInFile(host, key), new TextEncoder().encode(`${text}\n`), {
    flush: false,
  });
}

/** The keys of all cached sign-ins, including expired and damaged ones. */
export function signInKeys(host: Pick<Host, "env" | "os" | "list">): string[] {
  return host.list(cacheFolder(host))
    .flatMap((name) => /^sign-in-([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
}

/** Removes a cached sign-in; true if there was one. */
export function removeSignIn(
  host: Pick<Host, "env" | "os" | "stat" | "remove">,
  key: string,
): boolean {
  const file = signInFile(host, key);
  if (host.stat(file) === undefined) return false;
  host.remove(file);
  return true;
}

/** The cached sign-in if it outlasts the next call, see {@linkcode lastsForCall}. */
export function validSignIn(
  host: Pick<Host, "env" | "os" | "now" | "readFile">,
  key: string,
  { use, since }: Pick<CachePolicy, "use" | "since">,
): CachedSignIn | undefined {
  const entry = use ? readSignIn(host, key) : undefined;
  if (entry === undefined || entry.receivedAt < since) return undefined;
  return lastsForCall(entry.expiration, entry.receivedAt, host.now()) ? entry : undefined;
}
