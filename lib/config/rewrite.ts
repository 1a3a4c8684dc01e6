/**
 * Changes a shared file under a lock, atomically. Nothing else writes the shared files.
 *
 * @module
 */

import { asEacError, EacError } from "../errors.ts";
import { removeLeftovers, removeQuietly } from "./own_files.ts";
import { sha256 } from "../text/hash.ts";
import type { Host, Lock } from "../host/host.ts";
import { EditableIni } from "./ini_edit.ts";
import { lostContent } from "./truncation.ts";
import { shellWord } from "../text/printable.ts";
import { folderOf, isAbsolute, join, locksFolder, nameOf, type SharedFiles } from "./locations.ts";

/** The parts of the Host that a rewrite uses. */
export type RewriteHost = Pick<
  Host,
  | "env"
  | "os"
  | "now"
  | "deadline"
  | "sleep"
  | "readFile"
  | "createFile"
  | "rename"
  | "checkReplaceable"
  | "remove"
  | "stat"
  | "realPath"
  | "readLink"
  | "list"
  | "makeFolder"
  | "syncFolder"
  | "setMode"
  | "setOwner"
  | "lock"
>;

/** How long to wait for the lock, in milliseconds. */
const LOCK_WAIT = 10_000;

/** How long a sweep waits for the lock, in milliseconds. */
const SWEEP_WAIT = 50;

/** How often to start over if another program writes meanwhile. */
const ATTEMPTS = 5;

/** How often to take the lock again if its file is removed meanwhile. */
const LOCK_ATTEMPTS = 100;

/** How long to wait for a program that is writing the file in place, in milliseconds. */
const INCOMPLETE_WAIT = 3000;

/** How often to read a file that another program is writing, in milliseconds. */
const INCOMPLETE_POLL = 50;

/** The age in milliseconds from which a file that ends within a line counts as complete. */
const SETTLED_AGE = 1000;

const NEWLINE = 10;

/** Options of {@linkcode rewriteFile}. */
export interface RewriteOptions {
  /** The bytes that the run read at its start; the file must still contain all of it. */
  readonly seen?: Uint8Array | undefined;
  /** How long to wait for the lock, in milliseconds. */
  readonly wait?: number | undefined;
}

/**
 * Changes a shared file; a missing file counts as empty, and is created with mode 0600. An existing
 * file keeps its mode and owner, and a symbolic link stays a link.
 *
 * `edit` may run more than once: if a program that ignores the lock writes meanwhile, the change is
 * repeated on the new content. A file that lost part of what the run read at its start is read
 * again for a limited time: an editor may be writing it in place.
 *
 * @returns whether the file had to be written
 * @throws {EacError} what `edit` throws; `config_invalid` for a file that cannot be parsed; `io`. The file is then unchanged
 */
export async function rewriteFile(
  host: RewriteHost,
  path: string,
  edit: (document: EditableIni) => void | Promise<void>,
  options: RewriteOptions = {},
): Promise<boolean> {
  const target = realTarget(host, path);
  checkRegular(host, path, target);
  let lock = await takeLock(host, path, target, options.wait ?? LOCK_WAIT);
  // What was written while another process may also have held the lock.
  let unsure: Uint8Array | undefined;
  try {
    removeTempFiles(host, target);
    for (let attempt = 1, locked = 1; attempt <= ATTEMPTS && locked <= LOCK_ATTEMPTS;) {
      if (!lock.isHeld()) {
        locked++;
        lock.release();
        lock = await takeLock(host, path, target, options.wait ?? LOCK_WAIT);
      }
      const before = await readComplete(host, path, target, options.seen);
      if (unsure !== undefined && before !== undefined && sameBytes(before, unsure)) return true;
      const document = EditableIni.parse(before ?? new Uint8Array(), path);
      await edit(document);
      const after = document.toBytes();
      if (sameBytes(before ?? new Uint8Array(), after)) return unsure !== undefined;
      const written = replaceFile(host, target, before, after);
      if (!lock.isHeld()) unsure = written ? after : unsure;
      else if (written) return true;
      else attempt++;
    }
  } finally {
    lock.release();
  }
  throw new EacError("io", `another program keeps writing ${path}; eac did not change it`, {
    hint: "run the command again when that program is done",
  });
}

/**
 * Reads the file repeatedly while another program seems to be writing it in place.
 *
 * @throws {EacError} `io` if it still lacks content that it had when the run began
 */
async function readComplete(
  host: RewriteHost,
  path: string,
  target: string,
  seen: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  for (let waited = 0;; waited += INCOMPLETE_POLL) {
    const bytes = host.readFile(target);
    const lost = lostContent(seen, bytes);
    if (!lost && !isBeingWritten(host, target, bytes)) return bytes;
    if (waited >= INCOMPLETE_WAIT) {
      if (!lost) return bytes;
      // If it cannot be parsed, that error is more useful.
      EditableIni.parse(bytes ?? new Uint8Array(), path);
      throw new EacError(
        "io",
        `${path} lost part of its content while eac was running; eac did not change it`,
        { hint: "wait until the other program has written the file, then run the command again" },
      );
    }
    await host.sleep(INCOMPLETE_POLL);
  }
}

/** Whether a file that changed just now is empty or ends within a line. */
function isBeingWritten(
  host: RewriteHost,
  target: string,
  bytes: Uint8Array | undefined,
): boolean {
  if (bytes === undefined || bytes.at(-1) === NEWLINE) return false;
  const age = host.now() - (host.stat(target)?.mtime ?? 0);
  return age >= 0 && age < SETTLED_AGE;
}

/**
 * Checks that {@linkcode rewriteFile} can write a file, without changing it: its permissions, its
 * folder, and whether the disk has room for a copy.
 *
 * @throws {EacError} as {@linkcode rewriteFile}
 */
export async function checkWritable(host: RewriteHost, path: string): Promise<void> {
  const target = realTarget(host, path);
  checkRegular(host, path, target);
  const lock = await takeLock(host, path, target, LOCK_WAIT);
  const temp = tempFile(host, target);
  try {
    checkMayChange(host, target);
    host.makeFolder(folderOf(host.os, target), 0o700);
    host.checkReplaceable(target, temp);
    const bytes = host.readFile(target) ?? new Uint8Array();
    EditableIni.parse(bytes, path);
    host.createFile(temp, bytes, 0o600);
    keepAttributes(host, target, temp);
  } finally {
    removeQuietly(host, temp);
    lock.release();
  }
}

/** A device used in place of the file, such as /dev/null, must not be replaced. */
function checkRegular(host: RewriteHost, path: string, target: string): void {
  const kind = host.stat(target)?.kind ?? "file";
  if (kind === "file") return;
  throw new EacError("io", `cannot write ${path}: it is not a regular file`, {
    hint: "set AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE to files, or unset them",
  });
}

/** The file behind all symbolic links, even if it does not exist yet. */
function realTarget(host: RewriteHost, path: string, hops = 0): string {
  const real = host.realPath(path);
  if (real !== undefined) return real;
  const folder = folderOf(host.os, path);
  const link = host.readLink(path);
  if (link !== undefined && hops < 40) {
    const next = isAbsolute(host.os, link) ? link : join(host.os, folder, link);
    return realTarget(host, next, hops + 1);
  }
  if (folder === path) return path;
  return join(host.os, realTarget(host, folder, hops), nameOf(host.os, path));
}

/** The lock is a separate file: a lock on the shared file would be lost when that is replaced. */
async function takeLock(
  host: RewriteHost,
  path: string,
  target: string,
  wait: number,
): Promise<Lock> {
  const name = await sha256(target);
  const file = join(host.os, locksFolder(host), `${name}.lock`);

  const lock = await host.lock(file, host.deadline(wait));
  if (lock) return lock;
  throw new EacError(
    "io",
    `another eac process has been writing ${path} for more than ${
      wait / 1000
    } s; the file is unchanged`,
    { hint: `wait for it, or stop the process that holds ${file}` },
  );
}

function tempPrefix(host: RewriteHost, target: string): string {
  return `.${nameOf(host.os, target)}.eac-`;
}

/** Removes temp files of killed processes. Under the file's lock, all temp files are. */
function removeTempFiles(host: RewriteHost, target: string): void {
  const prefix = tempPrefix(host, target);
  const isTemp = (name: string) => name.startsWith(prefix) && name.endsWith(".tmp");
  removeLeftovers(host, folderOf(host.os, target), isTemp, -Infinity);
}

/**
 * Removes the temp files, which hold secrets, that killed processes left next to the shared files.
 * Does nothing while another process writes the file.
 */
export async function sweepTempFiles(
  host: RewriteHost,
  { config, credentials }: SharedFiles,
): Promise<void> {
  for (const path of [config, credentials]) {
    try {
      const target = realTarget(host, path);
      const prefix = tempPrefix(host, target);
      if (!host.list(folderOf(host.os, target)).some((name) => name.startsWith(prefix))) continue;
      const lock = await takeLock(host, path, target, SWEEP_WAIT);
      removeTempFiles(host, target);
      lock.release();
    } catch {
      // The next writer removes them.
    }
  }
}

/** A new name for a temp file next to the target. */
function tempFile(host: RewriteHost, target: string): string {
  const name = `${tempPrefix(host, target)}${crypto.randomUUID().slice(0, 8)}.tmp`;
  return join(host.os, folderOf(host.os, target), name);
}

/** Replaces the file with new bytes; `false` if it has changed since it was read. */
function replaceFile(
  host: RewriteHost,
  target: string,
  before: Uint8Array | undefined,
  after: Uint8Array,
): boolean {
  const folder = folderOf(host.os, target);
  const temp = tempFile(host, target);
  try {
    checkMayChange(host, target);
    host.makeFolder(folder, 0o700);
    host.createFile(temp, after, 0o600);
    keepAttributes(host, target, temp);
    if (!isStill(host, target, before)) {
      host.remove(temp);
      return false;
    }
    host.rename(temp, target);
    host.syncFolder(folder);
    return true;
  } catch (thrown) {
    removeQuietly(host, temp);
    const error = asEacError(thrown);
    if (error.code !== "io") throw error;
    throw new EacError("io", `${error.message}; ${target} is unchanged`, {
      cause: error,
      hint: error.hint,
    });
  }
}

/** A rename would replace a file that its owner made read-only. */
function checkMayChange(host: RewriteHost, target: string): void {
  if (host.stat(target)?.readOnly !== true) return;
  const command = host.os === "windows"
    ? `attrib -r "${target}"`
    : `chmod u+w ${shellWord(target)}`;
  throw new EacError("io", `cannot write ${target}: it is read-only`, {
    hint: `to let eac change it: ${command}`,
  });
}

/** Gives the new file the mode and owner of the existing one. */
function keepAttributes(host: RewriteHost, target: string, temp: string): void {
  const old = host.stat(target);
  const now = host.stat(temp);
  if (old?.mode === undefined || now === undefined) return;
  const { uid, gid } = old;
  let mode = old.mode;
  if (uid !== undefined && gid !== undefined && (uid !== now.uid || gid !== now.gid)) {
    try {
      host.setOwner(temp, uid, gid);
    } catch (thrown) {
      if (uid !== now.uid) throw thrown;
      // This process may not assign that group: then no other group may read the file.
      mode &= ~0o070;
    }
  }
  if (mode !== now.mode) host.setMode(temp, mode);
}

function isStill(host: RewriteHost, target: string, before: Uint8Array | undefined): boolean {
  const now = host.readFile(target);
  return before === undefined || now === undefined ? before === now : sameBytes(before, now);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
