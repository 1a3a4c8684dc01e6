/**
 * The composition root: the real Host, the strategies, and what has to be cleaned up after a run.
 *
 * @module
 */

import { removeTempFolders } from "./lib/host/files.ts";
import { endPrograms } from "./lib/host/processes.ts";
import { realHost } from "./lib/host/real.ts";
import { restoreTerminal } from "./lib/host/terminal.ts";
import { run } from "./lib/run.ts";
import { strategies } from "./strategies/mod.ts";

/** The whole program: argv to exit code. */
export async function program(argv: readonly string[]): Promise<number> {
  const code = await run(argv, realHost(), strategies);
  // Of a run that was interrupted nobody else cleans up.
  restoreTerminal();
  endPrograms();
  removeTempFolders();
  return code;
}
