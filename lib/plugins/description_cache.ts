/**
 * What earlier runs learned about the user's strategies: one file next to the cached credentials. An
 * entry holds while the strategy's files are the same, so nothing has to run to know which profiles a
 * strategy serves, and which steps it declares for them.
 *
 * @module
 */

import { eacHome, join } from "../config/locations.ts";
import { writeAtomically, type WriteHost } from "../config/own_files.ts";
import type { Host } from "../host/host.ts";
import { sha256 } from "../text/hash.ts";
import { VERSION } from "../version.ts";
import type { DeclaredStep } from "./declared_steps.ts";
import type { Described } from "./description.ts";

/** A strategy as of the last run that checked it. */
export interface CacheEntry {
  /** Its file, and what a module imports, by path. */
  files: Record<string, SeenFile>;
  /** When the files were checked, in milliseconds since 1970. */
  at: number;
  /** Of the content of all files. */
  hash: string;
  /** The last description that it gave. */
  described?: Described | undefined;
  /** True when a file has changed since. */
  stale?: boolean | undefined;
  /** Why it gives none now, and when it was asked: a file that hangs must not delay every run. */
  failure?: Failure | undefined;
  /** Its steps, by the hash of the keys that it was given. */
  steps: Record<string, readonly DeclaredStep[]>;
}

/** What `stat` reports of a file. */
interface SeenFile {
  readonly size: number;
  readonly mtime: number;
}

interface Failure {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly at: number;
}

/** The parts of the Host that the cache takes. */
export type CacheHost = WriteHost & Pick<Host, "env" | "executable" | "readFile" | "makeFolder">;

/** Milliseconds within which two changes may leave the same time, on some file systems. */
const SAME_TIME = 2000;

/** Cached steps of one strategy; the oldest are dropped first. */
const MOST_STEPS = 1000;

function cacheFile(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "cache", "strategies.json");
}

/** Another eac may read other languages, or another contract. The number is that of this format. */
function thisEac({ executable }: Pick<Host, "executable">): string {
  return ["2", VERSION, ...executable()].join(" ");
}

/** All entries, by the path of the strategy. A damaged file counts as empty. */
export function readCache(host: CacheHost): Map<string, CacheEntry> {
  try {
    const bytes = host.readFile(cacheFile(host));
    const { eac, files } = JSON.parse(new TextDecoder().decode(bytes));
    return eac === thisEac(host) ? new Map(Object.entries<CacheEntry>(files)) : new Map();
  } catch {
    return new Map();
  }
}

/** Writes all entries. Without them the next run asks again, so this never fails. */
export function writeCache(host: CacheHost, known: ReadonlyMap<string, CacheEntry>): void {
  const files = [...known].map(([path, one]) => {
    const steps = Object.fromEntries(Object.entries(one.steps).slice(-MOST_STEPS));
    return [path, { ...one, steps }];
  });
  const text = JSON.stringify({ eac: thisEac(host), files: Object.fromEntries(files) });
  try {
    host.makeFolder(join(host.os, eacHome(host.env, host.os), "cache"), 0o700);
    writeAtomically(host, cacheFile(host), new TextEncoder().encode(`${text}\n`), { flush: false });
  } catch {
    // Storing credentials reports a folder that cannot be written.
  }
}

/** True if `stat` shows that no file has changed. */
export function isSame({ files, at }: CacheEntry, host: Pick<Host, "stat">): boolean {
  return Object.entries(files).every(([path, { size, mtime }]) => {
    const info = host.stat(path);
    return info?.size === size && info.mtime === mtime && at - mtime > SAME_TIME;
  });
}

/** How long a failure is remembered, in milliseconds: what the file needs may be installed meanwhile. */
const REMEMBERED = 60_000;

/** The failure, while it is remembered. */
export function recentFailure({ failure }: CacheEntry, now: number): Failure | undefined {
  return failure !== undefined && now - failure.at < REMEMBERED ? failure : undefined;
}

/** The hash of the content of these files. */
export async function hashOf(contents: readonly Uint8Array[]): Promise<string> {
  const hashes = await Promise.all(contents.map((bytes) => sha256(bytes)));
  return hashes.length === 1 ? hashes[0]! : await sha256(hashes.join("\n"));
}
