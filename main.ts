/**
 * The entry point, and the only call of `Deno.exit`.
 *
 * @module
 */

import { VERSION } from "./lib/version.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(argv: readonly string[]): Promise<number> {
  // Scripts often call this first, so nothing else is loaded for it.
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    try {
      console.log(`eac ${VERSION}`);
      return 0;
    } catch {
      // stdout cannot be written: the program reports why.
    }
  }
  const { program } = await import("./lib/program.ts");
  return await program(argv);
}
