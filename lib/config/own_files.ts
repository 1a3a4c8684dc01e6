/**
 * Writes eac's own files atomically.
 *
 * @module
 */

import { asEacError } from "../errors.ts";
import { folderOf, join } from "./locations.ts";
import type { Host } from "../host/host.ts";

/** The parts of the Host that writing uses. */
export type WriteHost = Pick<
  Host,
  "createFile" | "rename" | "remove" | "list" | "stat" | "now" | "os"
>;

/** The age in milliseconds from which a temp file must be from a killed process. */
const LEFTOVER_AGE = 60_000;

/** The names of files that writeAtomically has not completed yet. */
const PART = /\.json\.[0-9a-f]{8}\.tmp$/;

/**
 * Writes a private temp file next to the file, then renames it over the file: a reader sees either
 * the old bytes or the new ones. For files that only eac writes; config/rewrite.ts writes the
 * shared files.
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

/**
 * Checks that {@linkcode writeAtomically} can write files in a folder, which is created.
 *
 * @throws {EacError} `io`
 */
export function checkFolderWritable(
  host: WriteHost & Pick<Host, "makeFolder">,
  folder: string,
): void {
  host.makeFolder(folder, 0o700);
  const probe = join(host.os, folder, `probe.json.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    host.createFile(probe, new Uint8Array(1), 0o600, false);
  } catch (thrown) {
    const error = asEacError(thrown);
    throw error.saying(error.message.replace(probe, `files in ${folder}`));
  } finally {
    removeQuietly(host, probe);
  }
}

/**
 * The work that each run has done, by its Host: a run has its own Host, and may write hundreds of
 * files.
 */
const begun = new WeakMap<object, Set<string>>();

/** True the first time in a run: sweeping a folder once per run is enough. */
export function isFirstInRun(host: object, work: string): boolean {
  const works = begun.get(host) ?? new Set();
  begun.set(host, works);
  if (works.has(work)) return false;
  works.add(work);
  return true;
}

/**
 * Removes temp files of processes that were killed while writing. A failure does not prevent
 * writing.
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
    // The next run removes it.
  }
}

/** Removes a temp file without an error: the one that led here matters more. */
export function removeQuietly(host: Pick<Host, "remove">, path: string): void {
  try {
    host.remove(path);
  } catch {
    // The next writer removes it.
  }
}
