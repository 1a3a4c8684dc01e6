/**
 * The files that a user's module loads: itself, its relative imports, and theirs. All of them
 * run as the user, so all of them are checked; and a change in any of them is a change of the strategy.
 *
 * Imports are found in the text, not by a parser. What only looks like one (in a comment, say) is
 * treated as one, which does no harm. An import whose specifier is computed at run time is not found.
 *
 * @module
 */

import { folderOf, isAbsolute, join } from "../config/locations.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { checkSafety, type SafetyHost } from "./safety.ts";

/** White space and comments, between the words of an import. */
const GAP = String.raw`(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n)*`;
const TEXT = String
  .raw`(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|\x60((?:[^\x60\\$]|\\.)*)\x60)`;

/**
 * `import "x"`, `import ... from "x"`, `export ... from "x"`, `import("x")`, `require("x")`, and the
 * first argument of `new URL("x", import.meta.url)`.
 */
const IMPORT = new RegExp(
  String.raw`(?:\b(?:from|import|require|URL)${GAP}(?:\(${GAP})?)${TEXT}`,
  "g",
);

/** A limit for huge graphs: each run checks every file. */
const MOST_FILES = 1000;

/**
 * Every file of the graph, the module first. Relative specifiers are resolved as the runtime does:
 * from the path by which a file was imported, which may be a link.
 *
 * @throws {EacError} `strategy_failed` for a file that others can change; `io`
 */
export function filesOf(
  host: SafetyHost & Pick<Host, "readFile">,
  module: string,
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const open = [module];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path)) continue;
    if (files.size === MOST_FILES) {
      throw new EacError("strategy_failed", `${module} imports more than ${MOST_FILES} files`, {
        hint: "bundle it into one file",
      });
    }
    checkSafety(host, path);
    if (host.stat(path)?.kind !== "file") continue; // the import itself will fail
    const bytes = host.readFile(path);
    if (bytes === undefined) continue;
    files.set(path, bytes);
    if (/\.json$|\.wasm$/i.test(path)) continue;
    open.push(...importsOf(host, path, new TextDecoder().decode(bytes)));
  }
  return files;
}

/** The paths that a text imports, as far as they are paths. */
export function importsOf(host: Pick<Host, "os">, path: string, text: string): readonly string[] {
  const folder = folderOf(host.os, path);
  const found = new Set<string>();
  for (const match of text.matchAll(IMPORT)) {
    const specifier = unescaped(match[1] ?? match[2] ?? match[3] ?? "");
    const target = pathOf(host, folder, specifier);
    if (target !== undefined) found.add(target);
  }
  return [...found];
}

function pathOf({ os }: Pick<Host, "os">, folder: string, specifier: string): string | undefined {
  const isUrl = /^file:/i.test(specifier);
  if (!isUrl && !/^\.{0,2}\//.test(specifier)) return undefined; // node:, eac/strategy, a package
  try {
    // A URL's own rules: `%20`, `?query`, `#fragment`, `a/../b`.
    const base = `file://${encodeFolder(os, folder)}/`;
    const url = new URL(specifier, base);
    const path = decodeURIComponent(url.pathname);
    if (os !== "windows") return path;
    return path.replace(/^\/(?=[A-Za-z]:)/, "").replaceAll("/", "\\");
  } catch {
    return isAbsolute(os, specifier) ? specifier : join(os, folder, specifier);
  }
}

function encodeFolder(os: Host["os"], folder: string): string {
  const path = os === "windows" ? `/${folder.replaceAll("\\", "/")}` : folder;
  return path.split("/").map(encodeURIComponent).join("/").replaceAll("%3A", ":");
}

/** The text of a string literal: `\x2f`, `\u002f`, `\u{2f}`, `\/`. */
function unescaped(literal: string): string {
  return literal.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|u\{([\da-f]{1,6})\}|(.))/gi,
    (_, two?: string, four?: string, any?: string, other?: string) => {
      const code = two ?? four ?? any;
      return code === undefined ? other ?? "" : String.fromCodePoint(parseInt(code, 16) % 0x110000);
    },
  );
}
