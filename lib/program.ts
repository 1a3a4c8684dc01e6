/**
 * The composition root: the real Host, the strategies, and what has to be cleaned up after a run.
 *
 * @module
 */

import { leave } from "./host/leaving.ts";
import { realHost } from "./host/real.ts";
import { run } from "./run.ts";
import { strategies } from "../strategies/mod.ts";

/** The whole program: argv to exit code. */
export async function program(argv: readonly string[]): Promise<number> {
  const code = await run(argv, realHost(), strategies);
  // Nothing else cleans up after an interrupted run.
  leave();
  return code;
}
