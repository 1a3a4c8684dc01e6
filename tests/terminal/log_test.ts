/** eac's log and its colors. */

import { EacError } from "../../lib/errors.ts";
import { createLog } from "../../lib/terminal/log.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const ERROR = new EacError("usage", "error: of hint: kinds", { hint: "look\x1b[2J" });

/** The log on a terminal, or elsewhere. */
function said(isTerminal: boolean, color?: "always" | "never", env: Record<string, string> = {}) {
  using host = testHost({ env });
  const stderr = { ...host.stderr, isTerminal };
  const talk = createLog({ ...host, stderr }, {
    quiet: false,
    verbose: false,
    ...(color === undefined ? {} : { color }),
  });
  talk.done("done");
  talk.warn("twice");
  talk.warn("twice");
  talk.detail("only with --verbose");
  talk.error(ERROR);
  return host.printed.stderr;
}

const PLAIN = "done\nwarning: twice\nerror: error: of hint: kinds\nhint: look\\x1b[2J\n";
const COLOURED = "done\n\x1b[33mwarning:\x1b[39m twice\n" +
  "\x1b[31merror:\x1b[39m error: of hint: kinds\n\x1b[36mhint:\x1b[39m look\\x1b[2J\n";

Deno.test("log colors the first word on a terminal, and escapes control characters", () => {
  assertEquals(said(true), COLOURED);
  assertEquals(said(false), PLAIN);
  assertEquals(said(true, "never"), PLAIN);
  assertEquals(said(false, "always"), COLOURED);
  assertEquals(said(true, undefined, { NO_COLOR: "1" }), PLAIN);
});
