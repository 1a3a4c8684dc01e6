/**
 * Which strategy files the user has allowed, by the hash of their content, as direnv does it for its files. A
 * clone changes with each `git pull`, and its files run as the user: eac runs only those that were allowed.
 *
 * @module
 */

import { eacHome, folderOf, join, locksFolder, nameOf } from "../config/locations.ts";
import { writeAtomically, type WriteHost } from "../config/own_files.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { shellWord } from "../text/printable.ts";

/** The hashes of the allowed files, by path. */
export type Allowed = ReadonlyMap<string, string>;

/** Decides whether a file may run. */
export interface AllowPolicy {
  /** True in a clone: files that were never allowed do not run either. */
  readonly required: boolean;
  readonly allowed: Allowed;
}

function allowedFile(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "allowed.json");
}

/**
 * The policy of a strategies folder: files must be allowed if it is a clone, that is, if it has `.git`.
 *
 * @param names of the files in the folder
 * @throws {EacError} `strategy_failed` if the list cannot be read
 */
export function allowPolicy(
  host: Pick<Host, "env" | "os" | "readFile">,
  names: readonly string[],
): AllowPolicy {
  return { required: names.includes(".git"), allowed: readAllowed(host) };
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
 * @throws {EacError} `strategy_failed`, with the command that allows it
 */
export function checkAllowed(
  { os }: Pick<Host, "os">,
  { required, allowed }: AllowPolicy,
  path: string,
  hash: string,
): void {
  const known = allowed.get(path);
  if (known === hash || (known === undefined && !required)) return;
  const problem = known === undefined
    ? "your strategy is in a clone, and was not allowed yet"
    : "your strategy, or a file that it imports, has changed since it was allowed";
  throw new EacError("strategy_failed", `${problem}: eac does not run it`, {
    hint: `read it, then: eac strategies allow ${shellWord(nameOf(os, path))}`,
    place: { file: path },
  });
}
