/**
 * Shows one line on the terminal for a failure that the user would not see: the SDKs for
 * JavaScript, Java and C++, and the CDK, do not show the stderr of a `credential_process`.
 *
 * @module
 */

import { eacHome, join } from "../config/locations.ts";
import { writeAtomically, type WriteHost } from "../config/own_files.ts";
import type { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { printable } from "../text/printable.ts";

/** For how long the same line is not repeated, in milliseconds: an SDK starts eac up to seven times. */
const QUIET = 30_000;

/** The exit codes of failures that the user can resolve: input is needed, or AWS refused. */
const SHOWN: ReadonlySet<number> = new Set([4, 5]);

/** Shows the failure on the terminal, if there is one and stderr does not show it. */
export async function noticeOnTerminal(
  host:
    & WriteHost
    & Pick<Host, "env" | "readFile" | "makeFolder" | "stderr" | "openTerminal" | "now">,
  error: EacError,
): Promise<void> {
  if (host.stderr.isTerminal || !SHOWN.has(error.exitCode)) return;
  const device = host.openTerminal();
  if (device === undefined) return;
  try {
    const hint = error.hint === undefined ? "" : `; ${error.hint}`;
    const line = printable(`eac: ${error.message}${hint}`).replaceAll("\n", " ");
    if (!isNew(host, line)) return;
    device.write(`${line}\n`);
    await device.flushed?.();
  } finally {
    device.close();
  }
}

/** False for a line that was shown a moment ago. */
function isNew(
  host: WriteHost & Pick<Host, "env" | "readFile" | "makeFolder" | "now">,
  line: string,
): boolean {
  const file = join(host.os, eacHome(host.env, host.os), "last-notice.json");
  try {
    const last = JSON.parse(new TextDecoder().decode(host.readFile(file)));
    const age = host.now() - last.at;
    if (last.line === line && age >= 0 && age < QUIET) return false;
  } catch {
    // No line was shown yet, or the file is damaged.
  }
  try {
    host.makeFolder(eacHome(host.env, host.os), 0o700);
    const bytes = new TextEncoder().encode(JSON.stringify({ at: host.now(), line }));
    writeAtomically(host, file, bytes, { flush: false });
  } catch {
    // The line may then be shown again.
  }
  return true;
}
