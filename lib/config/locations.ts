/**
 * The paths of the shared files, by the rules of the AWS SDKs, and of eac's own files.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host, Os } from "../host/host.ts";

type Env = Host["env"];

/** The paths of the two files that all AWS tools share. */
export interface SharedFiles {
  readonly config: string;
  readonly credentials: string;
}

/** The parts as one path, with the separator of that system; `parts[0]` keeps its own spelling. */
export function join(os: Os, ...parts: readonly string[]): string {
  const separator = os === "windows" ? "\\" : "/";
  return parts.reduce((path, part) =>
    path === "" || isSeparator(os, path.at(-1)) ? path + part : path + separator + part
  );
}

/** The folder of a path: `.` for a bare name, the root for the root. */
export function folderOf(os: Os, path: string): string {
  const end = nameStart(os, path);
  if (end === 0) return ".";
  const folder = path.slice(0, end - 1);
  // The separator of a root is part of its name: `/`, `C:\`.
  return folder === "" || os === "windows" && folder.endsWith(":") ? path.slice(0, end) : folder;
}

/** The last part of a path. */
export function nameOf(os: Os, path: string): string {
  return path.slice(nameStart(os, path));
}

/** True when a path starts at a root, and so does not depend on the working folder. */
export function isAbsolute(os: Os, path: string): boolean {
  return isSeparator(os, path[0]) || os === "windows" && path[1] === ":";
}

/**
 * The folder `.aws` of the AWS tools.
 *
 * @param systemHome the home folder that the operating system reports, used if the environment has none
 * @throws {EacError} `config_invalid` if the home folder is unknown
 */
export function awsFolder(env: Env, os: Os, systemHome?: string): string {
  return join(os, needHome(env, os, systemHome), ".aws");
}

/**
 * The two shared files: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, else `config` and
 * `credentials` in {@linkcode awsFolder}. An empty variable counts as unset. A leading `~` is the home
 * folder, and variables in the path are expanded, as in the AWS CLI.
 *
 * @throws {EacError} `config_invalid` if the home folder is unknown
 */
export function sharedFiles(env: Env, os: Os, systemHome?: string): SharedFiles {
  const file = (name: string, variable: string) =>
    env[variable]
      ? expandHome(expandVariables(env[variable], env, os), env, os, systemHome)
      : join(os, awsFolder(env, os, systemHome), name);
  return {
    config: file("config", "AWS_CONFIG_FILE"),
    credentials: file("credentials", "AWS_SHARED_CREDENTIALS_FILE"),
  };
}

/**
 * The folder of the tokens of `aws login`: `AWS_LOGIN_CACHE_DIRECTORY`, expanded as in the AWS CLI, else
 * `login/cache` in {@linkcode awsFolder}.
 *
 * @throws {EacError} `config_invalid` if the home folder is unknown
 */
export function loginCacheFolder(env: Env, os: Os): string {
  const folder = env.AWS_LOGIN_CACHE_DIRECTORY;
  return folder
    ? expandHome(expandVariables(folder, env, os), env, os)
    : join(os, awsFolder(env, os), "login", "cache");
}

/**
 * The folder of eac's own files: `EAC_HOME`, else `eac` in {@linkcode awsFolder}.
 *
 * @throws {EacError} `config_invalid` if the home folder is unknown
 */
export function eacHome(env: Env, os: Os, systemHome?: string): string {
  return env.EAC_HOME
    ? expandHome(env.EAC_HOME, env, os, systemHome)
    : join(os, awsFolder(env, os, systemHome), "eac");
}

/** The folder of the locks, which may not exist yet. */
export function locksFolder({ env, os }: Pick<Host, "env" | "os">): string {
  return join(os, eacHome(env, os), "locks");
}

/** Where the user's own strategies are; `undefined` if the home folder is unknown. */
export function strategiesFolder({ env, os }: Pick<Host, "env" | "os">): string | undefined {
  try {
    return join(os, eacHome(env, os), "strategies");
  } catch {
    return undefined;
  }
}

/** `HOME` comes first on Windows too: the SDKs agreed on it. */
export function homeOf(env: Env, os: Os, systemHome?: string): string | undefined {
  if (env.HOME) return env.HOME;
  if (os === "windows") {
    if (env.USERPROFILE) return env.USERPROFILE;
    if (env.HOMEDRIVE && env.HOMEPATH) return env.HOMEDRIVE + env.HOMEPATH;
  }
  return systemHome;
}

function needHome(env: Env, os: Os, systemHome: string | undefined): string {
  const home = homeOf(env, os, systemHome);
  if (home !== undefined) return home;
  const variable = os === "windows" ? "USERPROFILE" : "HOME";
  throw new EacError("config_invalid", "no home folder is known", {
    hint: `set ${variable}, or AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE and EAC_HOME`,
  });
}

/**
 * `$NAME` and `${NAME}`, on Windows also `%NAME%`, by Python's rules: an unset name is left
 * unchanged. CI systems pass such paths without a shell.
 */
function expandVariables(path: string, env: Env, os: Os): string {
  if (!/[$%]/.test(path)) return path;
  const pattern = os === "windows" ? /\$(\w+)|\$\{([^}]*)\}|%([^%]+)%/g : /\$(\w+)|\$\{([^}]*)\}/g;
  return path.replace(
    pattern,
    (text, bare, braced, percent) => env[bare ?? braced ?? percent] ?? text,
  );
}

/**
 * `~` alone and `~/...` (on Windows also `~\...`), which a shell would have expanded, and the same with
 * the user's own name: `~alice/...`. Other users' home folders are not known here.
 */
export function expandHome(path: string, env: Env, os: Os, systemHome?: string): string {
  if (path[0] !== "~") return path;
  const user = (os === "windows" ? env.USERNAME : env.USER || env.LOGNAME) || undefined;
  if (user !== undefined && path.startsWith(user, 1)) {
    const rest = path.slice(1 + user.length);
    if (rest === "" || isSeparator(os, rest[0])) path = `~${rest}`;
  }
  if (path.length === 1) return needHome(env, os, systemHome);
  if (!isSeparator(os, path[1])) return path;
  return join(os, needHome(env, os, systemHome), path.slice(2));
}

function isSeparator(os: Os, character: string | undefined): boolean {
  return character === "/" || os === "windows" && character === "\\";
}

function nameStart(os: Os, path: string): number {
  let start = path.length;
  while (start > 0 && !isSeparator(os, path[start - 1])) start--;
  return start;
}
