/**
 * What is known of the user's strategies from earlier runs: one file beside the cached credentials.
 * An entry holds while the strategy's file is the same; so nothing of it has to run to know which
 * profiles it serves, and which steps it declares for them.
 *
 * @module
 */

import { eacHome, join } from "../config/locations.ts";
import { writeAtomically, type WriteHost } from "../config/own_files.ts";
import { sha256 } from "../text/hash.ts";
import type { FileInfo, Host } from "../host/host.ts";
import { VERSION } from "../version.ts";
import type { Described } from "./description.ts";
import type { DeclaredStep } from "./declared_steps.ts";

/** One file, as it was when it was asked. */
export interface CacheEntry {
  size: number;
  mtime: number;
  /** When size and time were looked at, in milliseconds since 1970. */
  at: number;
  hash: string;
  /** What it said of itself when it last did. */
  described?: Described | undefined;
  /** True when the file has changed since. */
  stale?: boolean | undefined;
  /** Why it does not say it now, and when it was asked: a file that hangs must not hang every run. */
  failure?: { readonly message: string; readonly hint?: string; readonly at: number };
  /** Its steps, by the hash of the keys that it was given. */
  steps: Record<string, readonly DeclaredStep[]>;
}

/** The pieces of the Host that keeping takes. */
export type CacheHost = WriteHost & Pick<Host, "env" | "executable" | "readFile" | "makeFolder">;

/** A change within this time of another leaves the file's time as it was, on some file systems. */
const SAME_TIME = 2000;

/** Steps that are kept of one strategy; the oldest go first. */
const MOST_STEPS = 1000;

function knownFile(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "cache", "strategies.json");
}

/** Another eac may read other languages, or another contract. */
function thisEac({ executable }: Pick<Host, "executable">): string {
  return [VERSION, ...executable].join(" ");
}

/** All that is known, by path. Damage of any kind is nothing known. */
export function readCache(host: CacheHost): Map<string, CacheEntry> {
  try {
    const bytes = host.readFile(knownFile(host));
    const { eac, files } = JSON.parse(new TextDecoder().decode(bytes));
    return eac === thisEac(host) ? new Map(Object.entries<CacheEntry>(files)) : new Map();
  } catch {
    return new Map();
  }
}

/** Keeps what is known. Without it the next run asks again, so it never fails. */
export function writeCache(host: CacheHost, known: ReadonlyMap<string, CacheEntry>): void {
  const files = [...known].map(([path, one]) => {
    const steps = Object.fromEntries(Object.entries(one.steps).slice(-MOST_STEPS));
    return [path, { ...one, steps }];
  });
  const text = JSON.stringify({ eac: thisEac(host), files: Object.fromEntries(files) });
  try {
    host.makeFolder(join(host.os, eacHome(host.env, host.os), "cache"), 0o700);
    writeAtomically(host, knownFile(host), new TextEncoder().encode(`${text}\n`), { flush: false });
  } catch {
    // A folder that cannot be written: whoever stores credentials says so.
  }
}

/** True when a look at the file shows that it is the same as it was. */
export function isSame({ size, mtime, at }: CacheEntry, info: FileInfo): boolean {
  return info.size === size && info.mtime === mtime && at - mtime > SAME_TIME;
}

/** How long a failure is believed, in milliseconds: what the file needs may come to be there. */
const BELIEVED = 3_600_000;

/** The failure, while it counts. */
export function recentFailure({ failure }: CacheEntry, now: number): CacheEntry["failure"] {
  return failure !== undefined && now - failure.at < BELIEVED ? failure : undefined;
}

/** The hash of a file's content. */
export async function hashOf(host: Pick<Host, "readFile">, path: string): Promise<string> {
  return await sha256(host.readFile(path) ?? "");
}
