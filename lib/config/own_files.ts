/**
 * Files of eac's own, written whole or not at all.
 *
 * @module
 */

import { folderOf, join } from "./locations.ts";
import type { Host } from "../host/host.ts";

/** The pieces of the Host that writing takes. */
export type WriteHost = Pick<
  Host,
  "createFile" | "rename" | "remove" | "list" | "stat" | "now" | "os"
>;

/** The age in milliseconds from which a temp file can only be a dead process's. */
const LEFTOVER_AGE = 60_000;

/** The names of files that writeAtomically has not completed yet. */
const PART = /\.json\.[0-9a-f]{8}\.tmp$/;

/**
 * Writes a sibling, readable by its owner alone, and puts it in the file's place in one step: a reader sees the old bytes or the
 * new ones. For files that only eac writes; the shared files have their own way (config/rewrite.ts).
 *
 * @param flush false for a cache: a power failure may damage it, which costs a call, and flushing
 * hundreds of entries one by one would take longer than the calls
 * @throws {EacError} `io`; the file is as it was
 */
export function writeAtomically(
  host: WriteHost,
  path: string,
  bytes: Uint8Array,
  { flush = true }: { readonly flush?: boolean } = {},
): void {
  const part = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  const folder = folderOf(host.os, path);
  if (isFirstInRun(host, `sweep ${folder}`)) removeLeftovers(host, folder);
  try {
    host.createFile(part, bytes, 0o600, flush);
    host.rename(part, path);
  } catch (error) {
    removeQuietly(host, part);
    throw error;
  }
}

/** What runs have begun, by their Host: a run has its own, and may write hundreds of files. */
const begun = new WeakMap<object, Set<string>>();

/** True the first time that a run asks for this work: sweeping a folder once a run is enough. */
export function isFirstInRun(host: object, work: string): boolean {
  const works = begun.get(host) ?? new Set();
  begun.set(host, works);
  if (works.has(work)) return false;
  works.add(work);
  return true;
}

/**
 * Removes what processes left that were killed while writing. A courtesy: that it fails is no
 * reason not to write.
 *
 * @param age milliseconds since the last change, after which a file counts as abandoned
 */
export function removeLeftovers(
  host: Pick<Host, "list" | "stat" | "remove" | "now" | "os">,
  folder: string,
  isPart: (name: string) => boolean = (name) => PART.test(name),
  age = LEFTOVER_AGE,
): void {
  try {
    for (const name of host.list(folder)) {
      if (!isPart(name)) continue;
      const file = join(host.os, folder, name);
      const info = host.stat(file);
      if (info?.kind === "file" && info.mtime <= host.now() - age) removeQuietly(host, file);
    }
  } catch {
    // Next time, then.
  }
}

/** Removes a file of ours; what matters more is the error that led here. */
export function removeQuietly(host: Pick<Host, "remove">, path: string): void {
  try {
    host.remove(path);
  } catch {
    // The next writer removes it.
  }
}
