/**
 * The profiles that the user used last: the picker shows them first.
 *
 * @module
 */

import { eacHome, join } from "../../config/locations.ts";
import { writeAtomically, type WriteHost } from "../../config/own_files.ts";
import type { Host } from "../../host/host.ts";

/** The number of profiles to remember. */
const MOST = 20;

/** The names, last used first; none if the file cannot be read. */
export function readRecent(host: Pick<Host, "env" | "os" | "readFile">): readonly string[] {
  try {
    const names: unknown = JSON.parse(new TextDecoder().decode(host.readFile(fileOf(host))));
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/**
 * Remembers that the user used these profiles. Use by scripts, without a terminal, does not count.
 */
export function noteRecent(
  host: WriteHost & Pick<Host, "env" | "readFile" | "makeFolder" | "stderr">,
  names: readonly string[],
): void {
  if (!host.stderr.isTerminal) return;
  const before = readRecent(host);
  const after = [...new Set([...names, ...before])].slice(0, MOST);
  if (after.every((name, index) => name === before[index])) return;
  try {
    host.makeFolder(eacHome(host.env, host.os), 0o700);
    writeAtomically(host, fileOf(host), new TextEncoder().encode(JSON.stringify(after)), {
      flush: false,
    });
  } catch {
    // A failure does not matter.
  }
}

function fileOf(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "recent.json");
}
