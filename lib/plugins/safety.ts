/**
 * Whether a file may be run as the user: nobody else may have written it, nor put it there. The
 * rule is that of ssh for its keys (`StrictModes`).
 *
 * @module
 */

import { folderOf, nameOf } from "../config/locations.ts";
import { EacError } from "../errors.ts";
import type { FileInfo, Host } from "../host/host.ts";
import { shellWord } from "../text/printable.ts";

/** The pieces of the Host that the check takes. */
export type SafetyHost = Pick<Host, "env" | "os" | "stat" | "realPath" | "userId">;

const ROOT = 0;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Looks at the file and at every folder above it, up to the home folder, or else to the root.
 * Windows has no such permissions: what is in a user's own folder is the user's there.
 *
 * @throws {EacError} `strategy_failed`, with the command that mends it
 */
export function checkSafety(host: SafetyHost, file: string): void {
  const path = host.realPath(file);
  if (path === undefined || host.os === "windows") return;
  const home = host.env.HOME === undefined ? undefined : host.realPath(host.env.HOME);
  for (let at = path;; at = folderOf(host.os, at)) {
    const info = host.stat(at);
    if (info !== undefined) checkOne(host, at, info);
    if (at === home || folderOf(host.os, at) === at || nameOf(host.os, at) === "") return;
  }
}

function checkOne(host: SafetyHost, path: string, { kind, mode, uid }: FileInfo): void {
  const me = host.userId();
  const refuse = (why: string, hint: string) =>
    new EacError("strategy_failed", `${path} ${why}: no strategy is run from there`, { hint });
  if (me === undefined || uid === undefined) {
    throw refuse("has an owner that cannot be known", "deno needs --allow-sys=uid");
  }
  if (uid !== me && uid !== ROOT) {
    throw refuse(
      "belongs to another user",
      `chown ${me} ${shellWord(path)}, if you trust what is there`,
    );
  }
  // In a sticky folder of root's, such as /tmp, others cannot touch what is mine.
  const isTemp = kind === "folder" && uid === ROOT && ((mode ?? 0) & STICKY) !== 0;
  if (mode !== undefined && (mode & OTHERS_WRITE) !== 0 && !isTemp) {
    throw refuse("can be written by others", `chmod go-w ${shellWord(path)}`);
  }
}
