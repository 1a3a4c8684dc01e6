/**
 * The strategy files that the user has allowed, by the hash of their content, as in direnv. A
 * clone changes with each `git pull`, and its files run as the user: eac runs only those that were allowed.
 *
 * @module
 */

import { eacHome, folderOf, homeOf, join, locksFolder, nameOf } from "../config/locations.ts";
import { writeAtomically, type WriteHost } from "../config/own_files.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { shellWord } from "../text/printable.ts";

/** The hashes of the allowed files, by path. */
export type Allowed = ReadonlyMap<string, string>;

/** Decides whether a file may run. */
export interface AllowPolicy {
  /** True if the folder is in a clone: files that were never allowed do not run either. */
  readonly required: boolean;
  readonly allowed: Allowed;
  /** True for a file that is in a clone, once symbolic links are resolved. */
  readonly isInClone: (path: string) => boolean;
}

function allowedFile(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "allowed.json");
}

/**
 * The policy of a strategies folder: files must be allowed if the folder is in a clone, and so must
 * files that a link in it leads to in a clone.
 *
 * @throws {EacError} `strategy_failed` if the list cannot be read
 */
export function allowPolicy(
  host: Pick<Host, "env" | "os" | "readFile" | "stat" | "realPath">,
  folder: string,
): AllowPolicy {
  const isClone = cloneFinder(host);
  return {
    required: isClone(host.realPath(folder) ?? folder),
    allowed: readAllowed(host),
    isInClone: (path) => isClone(folderOf(host.os, host.realPath(path) ?? path)),
  };
}

/**
 * Finds out whether a folder without symbolic links is in a clone: it or a folder above has `.git`,
 * which is a file in a worktree or a submodule. Home and the folders above it do not count: the
 * repository of a user's own dotfiles is not one that others push to.
 */
function cloneFinder(
  { env, os, stat, realPath }: Pick<Host, "env" | "os" | "stat" | "realPath">,
): (folder: string) => boolean {
  const notClones = new Set<string>();
  const home = homeOf(env, os);
  for (let at = home && realPath(home); at !== undefined && !notClones.has(at);) {
    notClones.add(at);
    at = folderOf(os, at);
  }
  const known = new Map<string, boolean>();
  const isClone = (folder: string): boolean => {
    if (notClones.has(folder)) return false;
    const before = known.get(folder);
    if (before !== undefined) return before;
    const above = folderOf(os, folder);
    const found = stat(join(os, folder, ".git")) !== undefined ||
      above !== folder && isClone(above);
    known.set(folder, found);
    return found;
  };
  return isClone;
}

/**
 * The allowed files.
 *
 * @throws {EacError} `strategy_failed` if the list cannot be read
 */
export function readAllowed(host: Pick<Host, "env" | "os" | "readFile">): Allowed {
  const path = allowedFile(host);
  const bytes = host.readFile(path);
  if (bytes === undefined) return new Map();
  try {
    const { version, files } = JSON.parse(new TextDecoder().decode(bytes));
    if (version === 1) return new Map(Object.entries<string>(files));
  } catch {
    // Reported below.
  }
  throw new EacError("strategy_failed", `${path} is damaged, so no strategy may run`, {
    hint: `rm ${shellWord(path)}, then eac strategies allow FILE...`,
    place: { file: path },
  });
}

/** The allowed files; none if the list cannot be read, which loading the strategies reports. */
export function allowedOf(host: Pick<Host, "env" | "os" | "readFile">): Allowed {
  try {
    return readAllowed(host);
  } catch {
    return new Map();
  }
}

/** Milliseconds to wait for another process that adds files. */
const LOCK_WAIT = 10_000;

/**
 * Adds files to the list.
 *
 * @throws {EacError} `strategy_failed` if the list cannot be read, `io`
 */
export async function writeAllowed(
  host: WriteHost & Pick<Host, "env" | "readFile" | "makeFolder" | "lock" | "deadline">,
  hashes: ReadonlyMap<string, string>,
): Promise<void> {
  const path = allowedFile(host);
  const locks = locksFolder(host);
  for (const folder of [folderOf(host.os, path), locks]) host.makeFolder(folder, 0o700);
  const lock = await host.lock(join(host.os, locks, "allowed.lock"), host.deadline(LOCK_WAIT));
  try {
    const files = Object.fromEntries([...readAllowed(host), ...hashes]);
    const text = `${JSON.stringify({ version: 1, files }, null, 2)}\n`;
    writeAtomically(host, path, new TextEncoder().encode(text));
  } finally {
    lock?.release();
  }
}

/**
 * Refuses a file that the policy does not let run.
 *
 * @param files the file and what it imports
 * @throws {EacError} `strategy_failed`, with the command that allows it
 */
export function checkAllowed(
  { os }: Pick<Host, "os">,
  { required, allowed, isInClone }: AllowPolicy,
  path: string,
  { hash, files }: { readonly hash: string; readonly files: Readonly<Record<string, unknown>> },
): void {
  const known = allowed.get(path);
  if (known === hash) return;
  if (known === undefined && !required && !Object.keys(files).some(isInClone)) return;
  const problem = known === undefined
    ? "your strategy is in a clone, and was not allowed yet"
    : "your strategy, or a file that it imports, has changed since it was allowed";
  throw new EacError("strategy_failed", `${problem}: eac does not run it`, {
    hint: `read it, then: eac strategies allow ${shellWord(nameOf(os, path))}`,
    place: { file: path },
  });
}
