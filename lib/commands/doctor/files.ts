/**
 * Checks the files: whether they exist, who owns them, and who else can read or write them.
 *
 * @module
 */

import { eacHome, folderOf, join, nameOf, type SharedFiles } from "../../config/locations.ts";
import { asEacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { changedError, type Finding, findingOf, type Repair } from "./finding.ts";

type FilesHost = Pick<
  Host,
  | "env"
  | "os"
  | "stat"
  | "list"
  | "readFile"
  | "readLink"
  | "realPath"
  | "setMode"
  | "userId"
>;

/** Mode bits: read and write permissions of others. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** Folders under `$EAC_HOME` in which all files are eac's. */
const MADE_BY_EAC = new Set(["cache", "locks", "mfa", "rotate"]);

/** Problems of the shared files and of eac's own, except those of their content. */
export function checkFiles(host: FilesHost, files: SharedFiles): Finding[] {
  return [
    ...checkShared(host, files.config, "config file", OTHERS_WRITE),
    ...checkShared(host, files.credentials, "credentials file", OTHERS),
    ...foldersOf(host, files).flatMap((folder) => checkFolder(host, folder)),
    ...checkOwn(host),
  ];
}

function checkShared(host: FilesHost, path: string, what: string, forbidden: number): Finding[] {
  try {
    const info = host.stat(path);
    if (info === undefined) {
      return [{
        level: "note",
        code: "file_missing",
        message: `there is no ${what}`,
        place: { file: path },
        fix: "eac init or aws configure writes a first profile",
      }];
    }
    host.readFile(path);
    const findings = [
      ...checkMode(host, path, `the ${what}`, forbidden),
      ...checkOwner(host, path, what),
    ];
    return [...findings, ...checkWritable(host, path, `the ${what}`)];
  } catch (thrown) {
    return [{ ...findingOf(asEacError(thrown)), place: { file: path } }];
  }
}

/** Anyone who can write the folder can replace the files in it, and eac must be able to. */
function checkFolder(host: FilesHost, folder: string): Finding[] {
  return [
    ...checkMode(host, folder, "the folder", OTHERS_WRITE),
    ...checkWritable(host, folder, "the folder"),
  ];
}

/** What the user made read-only; files are replaced, which takes a folder that can be changed. */
function checkWritable(host: FilesHost, path: string, what: string): Finding[] {
  const mode = host.stat(path)?.mode;
  if (mode === undefined || (mode & 0o200) !== 0) return [];
  return [{
    level: "warning",
    code: "read_only",
    message: `${what} is read-only, so eac cannot change it`,
    place: { file: path },
    fix: `chmod u+w ${path}`,
  }];
}

function foldersOf({ os }: FilesHost, { config, credentials }: SharedFiles): string[] {
  return [...new Set([folderOf(os, config), folderOf(os, credentials)])];
}

/** Files that eac creates are private; files that the user adds to its folder may be readable. */
function checkOwn(host: FilesHost): Finding[] {
  const home = eacHome(host.env, host.os);
  const findings: Finding[] = [];
  const look = (folder: string, forbidden: number) => {
    findings.push(
      ...checkMode(host, folder, "the folder", forbidden),
      ...checkWritable(host, folder, "the folder"),
    );
    for (const name of host.list(folder)) {
      const path = join(host.os, folder, name);
      // The target of a link is not eac's: its mode is not changed.
      if (host.readLink(path) !== undefined) continue;
      const kind = host.stat(path)?.kind;
      if (kind === "file") findings.push(...checkMode(host, path, "the file", forbidden));
      // Root may use another user's files, and creates files for that user.
      const isOurs = MADE_BY_EAC.has(nameOf(host.os, folder)) || MADE_BY_EAC.has(name);
      if (isOurs && host.userId() !== 0) {
        findings.push(...checkOwner(host, path, kind === "folder" ? "folder" : "file"));
      }
      if (kind === "folder" && folder === home) {
        look(path, MADE_BY_EAC.has(name) ? OTHERS : OTHERS_WRITE);
      }
    }
  };
  try {
    if (host.stat(home)?.kind === "folder") look(home, OTHERS_WRITE);
  } catch (thrown) {
    findings.push(findingOf(asEacError(thrown)));
  }
  return findings;
}

function checkMode(host: FilesHost, path: string, what: string, forbidden: number): Finding[] {
  const mode = host.stat(path)?.mode;
  if (mode === undefined || (mode & forbidden) === 0) return [];
  const better = mode & ~forbidden;
  const writable = (mode & OTHERS_WRITE) !== 0;
  // A folder such as /tmp, in which users cannot change each other's files.
  if (forbidden === OTHERS_WRITE && (mode & 0o1000) !== 0) return [];
  return [{
    level: "warning",
    code: "mode",
    message: `others can ${writable ? "write" : "read"} ${what}: its mode is ${octal(mode)}`,
    place: { file: path },
    fix: `chmod ${octal(better)} ${path}`,
    repair: chmod(host, path, mode, better),
  }];
}

function chmod(host: FilesHost, path: string, from: number, to: number): Repair {
  const target = host.realPath(path);
  return {
    change: `chmod ${octal(to)} ${path} (from ${octal(from)})`,
    make() {
      const same = target !== undefined && host.realPath(path) === target &&
        host.stat(target)?.mode === from;
      if (!same) throw changedError(path);
      host.setMode(target, to);
    },
  };
}

/** Running eac or the AWS CLI once with sudo leaves files behind that belong to root. */
function checkOwner(host: FilesHost, path: string, what: string): Finding[] {
  const me = host.userId();
  const owner = host.stat(path)?.uid;
  if (me === undefined || owner === undefined || owner === me) return [];
  return [{
    level: "warning",
    code: "owner",
    message: `the ${what} belongs to user ${owner}, but eac runs as user ${me}`,
    place: { file: path },
    fix: `sudo chown ${me} ${path}`,
  }];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}
