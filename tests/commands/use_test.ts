/** `eac use` without the shell function that gives it its meaning. */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

Deno.test("use without the shell function says how to activate it in the user's shell", async () => {
  const lines: Readonly<Record<string, string>> = {
    "/bin/bash": 'eval "$(eac activate bash)"',
    "/usr/bin/zsh": 'eval "$(eac activate zsh)"',
    "/bin/dash": 'eval "$(eac activate sh)"',
    "": 'eval "$(eac activate sh)"',
    "/usr/bin/fish": "eac activate fish | source",
  };
  for (const [SHELL, line] of Object.entries(lines)) {
    using host = testHost({ env: { SHELL } });
    assertEquals(await run(["use", "prod"], { ...host, os: "linux" }, strategies), 2);
    assertStringIncludes(host.printed.stderr, `run ${line},`, SHELL);
  }
  using host = testHost();
  assertEquals(await run(["use", "prod"], { ...host, os: "windows" }, strategies), 2);
  assertStringIncludes(host.printed.stderr, "eac activate powershell | Out-String |");
});
