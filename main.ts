/**
 * The composition root: the real Host, the strategies, and the only exit.
 *
 * @module
 */

import { removeTempFolders } from "./lib/host/files.ts";
import { endPrograms } from "./lib/host/processes.ts";
import { realHost } from "./lib/host/real.ts";
import { restoreTerminal } from "./lib/host/terminal.ts";
import { run } from "./lib/run.ts";
import { strategies } from "./strategies/mod.ts";

if (import.meta.main) {
  const host = realHost();
  const code = await run(Deno.args, host, strategies);
  // Of a run that was interrupted nobody else cleans up.
  restoreTerminal();
  endPrograms();
  removeTempFolders();
  Deno.exit(code);
}
