/**
 * The composition root: the real Host, the strategies, and the only exit.
 *
 * @module
 */

import { realHost } from "./lib/host/real.ts";
import { restoreTerminal } from "./lib/host/terminal.ts";
import { run } from "./lib/run.ts";
import { strategies } from "./strategies/mod.ts";

if (import.meta.main) {
  const host = realHost();
  const code = await run(Deno.args, host, strategies);
  restoreTerminal();
  Deno.exit(code);
}
