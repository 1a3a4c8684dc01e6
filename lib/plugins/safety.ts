/**
 * Whether a file may run as the user: no other user may have written it, or be able to replace it. The
 * rule is the one that ssh applies to its keys (`StrictModes`).
 *
 * @module
 */

import { folderOf, isAbsolute, join } from "../config/locations.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { shellWord } from "../text/printable.ts";

/** The parts of the Host that the check takes. */
export type SafetyHost = Pick<Host, "env" | "os" | "stat" | "realPath" | "readLink" | "userId">;

const ROOT = 0;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/** The limit of symbolic links in one path, as in Linux. */
const MOST_LINKS = 40;

/**
 * Checks a file, every folder on the way to it and every symbolic link in between: once all of them
 * belong to the user or to root, and others cannot write them, no other user can replace the file
 * between this check and its start. The way begins at the user's home where the path lies below it,
 * else at the root. A missing file is safe if no other user can create it.
 *
 * Windows has no such permissions: files in the user's profile folder belong to that user.
 *
 * @returns the path without symbolic links; `undefined` if there is no such file
 * @throws {EacError} `strategy_failed`, with the command that fixes it
 */
export function checkSafety(host: SafetyHost, file: string): string | undefined {
  if (host.os === "windows") return host.realPath(file);
  const path = isAbsolute(host.os, file) ? file : join(host.os, host.realPath(".") ?? "/", file);
  const { HOME } = host.env;
  const home = HOME === undefined || HOME === "" ? undefined : host.realPath(HOME);
  const homes = [HOME, home].filter((path) => path !== undefined && path !== "");

  /** Where the way along an absolute path begins, and the names that follow. */
  const wayOf = (path: string): { at: string; names: string[] } => {
    const above = homes.find((one) => path === one || path.startsWith(`${one}/`));
    return above === undefined || home === undefined
      ? { at: "/", names: path.split("/") }
      : { at: home, names: path.slice(above.length).split("/") };
  };

  let { at, names } = wayOf(path);
  let isShared = checkOne(host, at);
  for (let links = 0; names.length > 0;) {
    const name = names.shift()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = folderOf(host.os, at);
      isShared = checkOne(host, at);
      continue;
    }
    const next = join(host.os, at, name);
    const target = host.readLink(next);
    if (target === undefined) {
      if (host.stat(next) === undefined) {
        if (isShared) throw refusal(next, "is missing, and others can create it", MOVE_IT);
        return undefined;
      }
      at = next;
      isShared = checkOne(host, at, names.length === 0);
      continue;
    }
    if (isShared) throw refusal(next, "is a link in a folder that others can write to", MOVE_IT);
    if (++links > MOST_LINKS) throw refusal(file, "leads through too many links", MOVE_IT);
    if (isAbsolute(host.os, target)) {
      const way = wayOf(target);
      at = way.at;
      names = [...way.names, ...names];
      isShared = checkOne(host, at);
    } else names = [...target.split("/"), ...names];
  }
  return at;
}

const MOVE_IT = "put the file itself there";

function refusal(path: string, problem: string, hint: string): EacError {
  return new EacError("strategy_failed", `${path} ${problem}: eac does not run it`, { hint });
}

/**
 * Checks one file or folder.
 *
 * @returns true for a folder such as /tmp, where others can add entries but not replace the user's
 */
function checkOne(host: SafetyHost, path: string, isLast = false): boolean {
  const info = host.stat(path);
  if (info === undefined) return false;
  const { kind, mode = 0, uid } = info;
  const me = host.userId();
  if (me === undefined || uid === undefined) {
    throw refusal(path, "has an unknown owner", "deno needs --allow-sys=uid");
  }
  if (uid !== me && uid !== ROOT) {
    throw refusal(
      path,
      "belongs to another user",
      `chown ${me} ${shellWord(path)}, if you trust what is there`,
    );
  }
  const isShared = kind === "folder" && uid === ROOT && (mode & STICKY) !== 0 &&
    (mode & OTHERS_WRITE) !== 0;
  if ((mode & OTHERS_WRITE) !== 0 && !isShared) {
    // In a clone made with umask 002 every file is like that.
    const all = isLast && kind === "folder" ? "-R " : "";
    throw refusal(path, "can be written by others", `chmod ${all}go-w ${shellWord(path)}`);
  }
  return isShared;
}
