/** eac's log and its colors. */

import { EacError } from "../../lib/errors.ts";
import { createLog } from "../../lib/terminal/log.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const ERROR = new EacError("usage", "error: of hint: kinds", { hint: "look\x1b[2J" });

/** The log on a terminal, or elsewhere. */
function logged(isTerminal: boolean, color?: "always" | "never", env: Record<string, string> = {}) {
  using host = testHost({ env });
  const stderr = { ...host.stderr, isTerminal };
  const log = createLog({ ...host, stderr }, {
    quiet: false,
    verbose: false,
    ...(color === undefined ? {} : { color }),
  });
  log.done("done");
  log.warn("twice");
  log.warn("twice");
  log.detail("only with --verbose");
  log.error(ERROR);
  return host.printed.stderr;
}

const PLAIN = "done\nwarning: twice\nerror: error: of hint: kinds\nhint: look\\x1b[2J\n";
const COLORED = "done\n\x1b[33mwarning:\x1b[39m twice\n" +
  "\x1b[31merror:\x1b[39m error: of hint: kinds\n\x1b[36mhint:\x1b[39m look\\x1b[2J\n";

Deno.test("log colors the first word on a terminal, and escapes control characters", () => {
  assertEquals(logged(true), COLORED);
  assertEquals(logged(false), PLAIN);
  assertEquals(logged(true, "never"), PLAIN);
  assertEquals(logged(false, "always"), COLORED);
  assertEquals(logged(true, undefined, { NO_COLOR: "1" }), PLAIN);
});
