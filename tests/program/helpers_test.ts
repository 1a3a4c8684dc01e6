/**
 * Programs that eac runs for a profile, on a real terminal: their messages and prompts.
 */

import { testHost } from "../support/fakes.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { installEac } from "../support/program.ts";
import { NO_PTY, onTerminal } from "../support/pty.ts";

/** Why a test is ignored, for its name. */
const IGNORED = NO_PTY === undefined ? "" : ` (ignored: ${NO_PTY})`;

const KEYS = `{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s","SessionToken":"t"}`;

/** Runs `eac process p` with a helper of these shell lines as its credential_process. */
async function withHelper(
  lines: string,
  turns: (home: string) => Parameters<typeof onTerminal>[1],
  stderr = "",
) {
  using host = testHost();
  host.write("helper", `#!/bin/sh\n${lines.replaceAll("HOME", host.home)}\necho '${KEYS}'\n`);
  Deno.chmodSync(host.path("helper"), 0o700);
  host.write(".aws/config", `[profile p]\ncredential_process = ${host.home}/helper\n`);
  const env = installEac(host);
  return await onTerminal(`eac process p ${stderr}`, turns(host.home), env);
}

Deno.test({
  name: "a credential_process that prompts on stderr and reads stdin reaches the user" + IGNORED,
  ignore: NO_PTY !== undefined,
  async fn() {
    const { code, screen } = await withHelper(
      "printf 'Touch your key\\nPIN: ' >&2; read pin; echo \"thanks for $pin\" >&2",
      () => [["PIN: ", "1234\n"]],
    );
    assertEquals(code, 0);
    assertStringIncludes(screen, "Touch your key\r\n");
    assertStringIncludes(screen, "thanks for 1234");
    assertStringIncludes(screen, "ASIAEXAMPLE");
  },
});

Deno.test({
  name: "a credential_process reaches the terminal also when stderr is a file, without secrets" +
    IGNORED,
  ignore: NO_PTY !== undefined,
  async fn() {
    const { code, screen } = await withHelper(
      "echo 'Touch your key, session token: abcdefgh' >&2",
      () => [["Touch your key, session token: ***", ""]],
      "2>/dev/null",
    );
    assertEquals(code, 0);
    assertEquals(screen.includes("abcdefgh"), false);
  },
});

Deno.test({
  name: "eac shows what it waits for when a credential_process is silent for a second" + IGNORED,
  ignore: NO_PTY !== undefined,
  async fn() {
    const { code, screen } = await withHelper(
      "mkfifo HOME/go; read line < HOME/go",
      (home) => [[
        'waiting for credential_process of profile "p"',
        () => Deno.writeTextFileSync(`${home}/go`, "go\n"),
      ]],
    );
    assertEquals(code, 0);
    assertStringIncludes(screen, "ASIAEXAMPLE");
  },
});
