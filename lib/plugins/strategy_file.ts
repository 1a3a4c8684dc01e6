/**
 * Which files in `$EAC_HOME/strategies` are strategies.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { FileInfo, Host } from "../host/host.ts";
import { shellWord } from "../text/printable.ts";

/** A file in the folder, and how it is run. */
export interface StrategyFile {
  readonly path: string;
  readonly kind: "module" | "executable";
  /** Without symbolic links. A module is loaded by this path, so its imports resolve from there. */
  readonly realPath: string;
  readonly info: FileInfo;
}

const EXECUTABLE = 0o111;

/** How the name of a strategy's file ends, as the end of a sentence. */
export function fileEndings(os: Host["os"]): string {
  const modules = "a module ends in .js, .mjs or .ts";
  return os === "windows" ? `${modules}, a program in .exe, .com, .cmd or .bat` : modules;
}

/**
 * The kind of a file by its name and mode; `undefined` for files next to strategies: types, tests,
 * settings, notes, backups, hidden files, and whatever else a repository holds.
 *
 * @throws {EacError} `strategy_failed` for a script that is not executable
 */
export function strategyFile(
  host: Pick<Host, "os" | "stat" | "readFile">,
  path: string,
): StrategyFile | undefined {
  const name = path.replaceAll("\\", "/").split("/").at(-1) ?? "";
  if (/^[._]|~$|\.(d\.ts|json|jsonc|lock|md|txt|bak|orig|swp)$/i.test(name)) return undefined;
  const info = host.stat(path);
  if (info === undefined || info.kind !== "file") return undefined;
  if (/\.(ts|js|mjs)$/.test(name)) return { path, realPath: path, kind: "module", info };
  if (host.os === "windows") {
    return /\.(exe|com|bat|cmd)$/i.test(name)
      ? { path, realPath: path, kind: "executable", info }
      : undefined;
  }
  if (((info.mode ?? 0) & EXECUTABLE) !== 0) {
    return { path, realPath: path, kind: "executable", info };
  }
  if (!isScript(host, path)) return undefined;
  throw new EacError("strategy_failed", `${path} is neither a module nor executable`, {
    hint: `chmod u+x ${shellWord(path)}, or move it elsewhere`,
  });
}

/** True for a file that names its interpreter, and so was meant to be run. */
function isScript(host: Pick<Host, "readFile">, path: string): boolean {
  const [first, second] = host.readFile(path) ?? [];
  return first === 0x23 && second === 0x21; // "#!"
}
