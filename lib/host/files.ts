/**
 * Files: Deno's synchronous calls, with readable error messages.
 *
 * They are synchronous because a command does one thing at a time, and because nothing else must
 * run while a file is half written.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { FileInfo, Host } from "./host.ts";
import { beforeLeaving } from "./leaving.ts";

const WINDOWS = Deno.build.os === "windows";

/** The operating system's error codes as messages. */
const CAUSES: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "no such file or folder",
  EEXIST: "it exists already",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENOTEMPTY: "the folder is not empty",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  ELOOP: "its symbolic links form a loop",
  ENAMETOOLONG: "the name is too long",
  EXDEV: "the two paths are on different file systems",
  EIO: "the disk or file system reported an error",
  EBUSY: "another program is using it",
  ETXTBSY: "another program is using it",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EFBIG: "the file would be too large",
  ESTALE: "the network file system lost it",
  ENOLCK: "the file system does not support locks",
  ENOTSUP: "the file system does not support it",
  EINVAL: "the name is not valid",
};

/** Windows also denies access to files that another program has open. */
const DENIED = WINDOWS
  ? "close the programs that have it open, and check its permissions"
  : "check who owns it, and its permissions";

/** The hint, for errors with the same fix for every path. */
const HINTS: Readonly<Record<string, string>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  EBUSY: "close the programs that have it open, then run the command again",
  ENOSPC: "free some space, then run the command again",
};

function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** A failure of a file operation as an {@linkcode EacError} `io`: `cannot read PATH: permission denied`. */
export function ioError(action: string, path: string, thrown: unknown): EacError {
  const above = fileAbove(path);
  if (above !== undefined) {
    return new EacError("io", `cannot ${action} ${path}: ${above} is not a folder`, {
      hint: "check HOME, EAC_HOME, AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE",
      cause: thrown,
    });
  }
  if (thrown instanceof Deno.errors.NotCapable) {
    if (isSpecial(path)) {
      const problem = "eac can open almost no file in /dev, /proc and /sys";
      return new EacError("io", `cannot ${action} ${path}: ${problem}`, {
        hint: "use a regular file",
        cause: thrown,
      });
    }
    return new EacError(
      "io",
      `cannot ${action} ${path}: eac has no Deno permission for it`,
      {
        hint: "run eac with all permissions (deno run -A), or use the released program",
        cause: thrown,
      },
    );
  }
  const code = codeOf(thrown) ?? "";
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // A code that is not in the table: the system's message, without Deno's "(os error N): open
  // '...'".
  const cause = CAUSES[code] ?? text.replace(/ \(os error \d+\).*$/s, "").toLowerCase();
  const hint = HINTS[code];
  return new EacError("io", `cannot ${action} ${path}: ${cause}`, {
    cause: thrown,
    hint,
  });
}

/**
 * Whether a path leads to where Deno opens a file only with all permissions, which the released
 * program does not have.
 */
function isSpecial(path: string): boolean {
  let real = path;
  try {
    real = Deno.readLinkSync(path);
  } catch {
    // Not a link.
  }
  return [path, real].some((each) => /^\/(dev|proc|sys)\//.test(each));
}

function attempt<T>(action: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw ioError(action, path, thrown);
  }
}

/** Like `attempt`, but `undefined` if the file does not exist. */
function lookUp<T>(action: string, path: string, absent: string[], run: () => T): T | undefined {
  try {
    return run();
  } catch (thrown) {
    if (absent.includes(causeOf(path, thrown) ?? "")) return undefined;
    const isDenied = thrown instanceof Deno.errors.NotCapable;
    if (isDenied && absent.includes("ENOTDIR") && fileAbove(path) !== undefined) return undefined;
    throw ioError(action, path, thrown);
  }
}

/**
 * The part of the path's folder that exists and is not a folder. With HOME=/dev/null, Deno refuses
 * to open `/dev/null/.aws/config`, as it refuses most of `/dev`, before the system can report that
 * it does not exist.
 */
function fileAbove(path: string): string | undefined {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const part = path.slice(0, end);
    try {
      return Deno.statSync(part).isDirectory ? undefined : part;
    } catch {
      // It does not exist: check its parent.
    }
  }
  return undefined;
}

function list(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "ENOENT" || code === "ENOTDIR" || fileAbove(path) !== undefined) return [];
    throw ioError("list", path, thrown);
  }
}

/**
 * Without all permissions, Deno does not open a dangling link, and reports ELOOP (O_NOFOLLOW): then
 * `stat` finds the real error.
 */
function causeOf(path: string, thrown: unknown): string | undefined {
  const code = codeOf(thrown);
  if (code !== "ELOOP") return code;
  try {
    Deno.statSync(path);
    return code;
  } catch (ofStat) {
    return codeOf(ofStat);
  }
}

/** Writes all bytes: one call may write only a part of them. */
export function writeAll(to: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += to.writeSync(bytes.subarray(done));
}

/** A user and group by their numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner of a file that root creates in another user's folder: that user. After `sudo eac`, which keeps
 * HOME on some systems, eac would not be able to write its own cache otherwise.
 *
 * @returns `undefined` if this process is not root, or the folder is root's
 */
export function ownerFor(folder: string): Owner | undefined {
  if (WINDOWS) return undefined;
  try {
    if (Deno.uid() !== 0) return undefined;
    const { uid, gid } = Deno.statSync(folder);
    return uid === null || gid === null || uid === 0 ? undefined : { uid, gid };
  } catch {
    return undefined; // no permission to read the user ID, or no such folder
  }
}

/**
 * Sets the owner of a new file or folder. The owner of the parent folder can replace it at any
 * time, so this never follows a link and never changes a file with a second name.
 */
export function giveTo(path: string, owner: Owner | undefined): void {
  if (owner === undefined) return;
  // Deno itself changes owners by path alone. Only root needs Node's functions.
  const fs = process.getBuiltinModule("node:fs");
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  attempt("set the owner of", path, () => {
    const open = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const info = fs.fstatSync(open);
      if (info.isDirectory() || (info.isFile() && info.nlink === 1)) {
        fs.fchownSync(open, owner.uid, owner.gid);
      }
    } finally {
      fs.closeSync(open);
    }
  });
}

/** The folder of a path; `.` for a bare name, so that going up a relative path also ends. */
function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end) || "/";
}

function makeFolder(path: string, mode: number): void {
  if (stat(path)?.kind === "folder") return;
  const made: string[] = [];
  let folder = path;
  while (!WINDOWS && folder.length > 1 && stat(folder) === undefined) {
    made.unshift(folder);
    folder = parentOf(folder);
  }
  attempt("make the folder", path, () => Deno.mkdirSync(path, { recursive: true, mode }));
  const owner = made.length === 0 ? undefined : ownerFor(folder);
  for (const one of made) giveTo(one, owner);
}

function createFile(path: string, bytes: Uint8Array, mode: number, flush = true): void {
  const file = attempt(
    "create",
    path,
    () => Deno.openSync(path, { write: true, createNew: true, mode }),
  );
  try {
    writeAll(file, bytes);
    if (flush) file.syncSync();
    giveTo(path, ownerFor(parentOf(path)));
  } catch (thrown) {
    try {
      Deno.removeSync(path);
    } catch {
      // The write error matters more.
    }
    throw ioError("write", path, thrown);
  } finally {
    file.close();
  }
}

/** Linux refuses to replace a file only if it is a mount point. */
function replaceError(path: string, thrown: unknown): EacError {
  if (Deno.build.os === "linux" && codeOf(thrown) === "EBUSY") return mountPointError(path, thrown);
  return ioError("replace", path, thrown);
}

function mountPointError(path: string, cause: unknown): EacError {
  return new EacError("io", `cannot replace ${path}: the file is a mount point`, {
    hint: "mount its folder instead of the file, or use eac exec, which stores nothing",
    cause,
  });
}

/** The number of attempts while another program has the file open; only Windows locks open files. */
const TRIES = WINDOWS ? 20 : 1;

/**
 * Tries again while another program has the file open: editors, virus scanners and sync clients hold a
 * file for a moment. Windows reports a sharing violation (EBUSY), or denies access to a file to replace.
 */
function whileHeld<T>(codes: readonly string[], run: () => T): T {
  for (let left = TRIES;; left--) {
    try {
      return run();
    } catch (thrown) {
      if (left <= 1 || !codes.includes(codeOf(thrown) ?? "")) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
    }
  }
}

function rename(from: string, to: string): void {
  try {
    whileHeld(["EBUSY", "EACCES", "EPERM"], () => Deno.renameSync(from, to));
  } catch (thrown) {
    throw replaceError(to, thrown);
  }
}

function remove(path: string): void {
  lookUp("remove", path, ["ENOENT"], () => Deno.removeSync(path));
}

function stat(path: string): FileInfo | undefined {
  const info = lookUp("look at", path, ["ENOENT", "ENOTDIR"], () => Deno.statSync(path));
  return info && {
    kind: info.isFile ? "file" : info.isDirectory ? "folder" : "other",
    size: info.size,
    mtime: info.mtime?.getTime() ?? 0,
    mode: info.mode === null || WINDOWS ? undefined : info.mode & 0o7777,
    // Windows has no modes: there Deno makes one up from the read-only attribute.
    readOnly: info.mode !== null && (info.mode & 0o200) === 0,
    uid: info.uid ?? undefined,
    gid: info.gid ?? undefined,
  };
}

/**
 * Linux refuses a hard link from one mount to another, also where both are of one file system. Windows
 * replaces no file that another program holds open: that program shares it for writing as little.
 */
function checkReplaceable(path: string, probe: string): void {
  if (WINDOWS) return checkNotHeld(path);
  if (Deno.build.os !== "linux") return;
  try {
    Deno.linkSync(path, probe);
  } catch (thrown) {
    if (codeOf(thrown) === "EXDEV") throw mountPointError(path, thrown);
    return;
  }
  remove(probe);
}

function checkNotHeld(path: string): void {
  lookUp(
    "replace",
    path,
    ["ENOENT", "ENOTDIR"],
    () => whileHeld(["EBUSY"], () => Deno.openSync(path, { read: true, write: true }).close()),
  );
}

/** Folders to remove when this process ends. */
const temporary = new Set<string>();

function removeTempFolders(): void {
  for (const folder of temporary) {
    try {
      files.removeFolder(folder);
    } catch {
      // The system clears its temp folder eventually.
    }
  }
}

/** The file operations of the real {@linkcode Host}. */
export const files = {
  readFile: (path) =>
    lookUp(
      "read",
      path,
      ["ENOENT", "ENOTDIR"],
      () => whileHeld(["EBUSY"], () => Deno.readFileSync(path)),
    ),
  createFile,
  appendFile: (path, bytes) =>
    attempt("write", path, () => Deno.writeFileSync(path, bytes, { append: true })),
  rename,
  checkReplaceable,
  remove,
  stat,
  realPath: (path) => lookUp("follow", path, ["ENOENT", "ENOTDIR"], () => Deno.realPathSync(path)),
  readLink: (path) =>
    lookUp(
      "follow",
      path,
      ["ENOENT", "ENOTDIR"],
      () => Deno.lstatSync(path).isSymlink ? Deno.readLinkSync(path) : undefined,
    ),
  list,
  makeFolder,
  syncFolder(path) {
    try {
      using folder = Deno.openSync(path);
      folder.syncSync();
    } catch {
      // Windows and some file systems cannot flush a folder.
    }
  },
  setMode(path, mode) {
    if (WINDOWS) return;
    attempt("set the permissions of", path, () => Deno.chmodSync(path, mode));
  },
  setOwner(path, uid, gid) {
    if (WINDOWS) return;
    attempt("set the owner of", path, () => Deno.chownSync(path, uid, gid));
  },
  makeTempFolder() {
    const folder = attempt(
      "make a folder in",
      "the temp folder",
      () => Deno.makeTempDirSync({ prefix: "eac-" }),
    );
    temporary.add(folder);
    beforeLeaving(removeTempFolders);
    return folder;
  },
  removeFolder(path) {
    lookUp("remove", path, ["ENOENT"], () => Deno.removeSync(path, { recursive: true }));
    temporary.delete(path);
  },
} satisfies Partial<Host>;
