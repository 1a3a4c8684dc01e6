/**
 * Where it begins, and the only exit.
 *
 * @module
 */

import { VERSION } from "./lib/version.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(argv: readonly string[]): Promise<number> {
  // The version alone needs nothing else, and scripts ask for it before they do anything.
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    try {
      console.log(`eac ${VERSION}`);
      return 0;
    } catch {
      // It cannot be written: the program tells why.
    }
  }
  const { program } = await import("./lib/program.ts");
  return await program(argv);
}
