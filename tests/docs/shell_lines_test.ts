/** The lines for each shell that `eac env --help` begins with, typed into those shells. */

import { COMMANDS } from "../../lib/commands/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { installEac, isInstalled } from "../support/program.ts";
import { posixShellTest } from "../support/posix.ts";

const HOME = {
  ".aws/config": "[profile prod]\nregion = eu-west-1\n",
  ".aws/credentials": `[prod]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
aws_session_token = it's"one"\\$HOME
`,
};

/** What every shell has to end up with. */
const WANTED = {
  AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: `it's"one"\\$HOME`,
  AWS_REGION: "eu-west-1",
  AWS_DEFAULT_REGION: "eu-west-1",
};

/** The example of `eac env --help` that is meant for a shell. */
function example(meaning: string): string {
  const found = COMMANDS.env.examples.find(([, about]) => about.split(", ").includes(meaning));
  assert(found, `eac env --help has no example for ${meaning}`);
  return found[0];
}

interface Shell {
  readonly program: string;
  /** What its example is for. */
  readonly meaning: string;
  readonly args: (line: string) => readonly string[];
}

const SHELLS: readonly Shell[] = [
  ...["sh", "bash", "zsh"].map((program) => ({
    program,
    meaning: program,
    args: (line: string) => ["-c", `${line}\nenv`],
  })),
  { program: "fish", meaning: "fish", args: (line) => ["--no-config", "-c", `${line}\nenv`] },
  {
    program: "nu",
    meaning: "Nushell",
    args: (line) => ["--no-config-file", "-c", `${line}; ^env`],
  },
  {
    program: "pwsh",
    meaning: "PowerShell",
    args: (line) => [
      "-NoProfile",
      "-Command",
      `${line}; Get-ChildItem Env: | ForEach-Object { "$($_.Name)=$($_.Value)" }`,
    ],
  },
];

for (const { program, meaning, args } of SHELLS) {
  const installed = isInstalled(program);
  Deno.test({
    name: `env --help's line for ${meaning} sets the credentials in ${program}${
      installed ? "" : ` (ignored: ${program} is not installed)`
    }`,
    ignore: !installed,
    async fn() {
      using host = testHost({ home: HOME });
      const env = installEac(host);
      const { stdout, stderr, code } = await host.capture({
        command: program,
        args: args(example(meaning)),
        env,
      });
      assertEquals(new TextDecoder().decode(stderr), "");
      assertEquals(code, 0);
      const set = new TextDecoder().decode(stdout).split(/\r?\n/)
        .filter((line) => line.startsWith("AWS_"))
        .map((line) => line.split(/=(.*)/s).slice(0, 2));
      assertEquals(Object.fromEntries(set), WANTED);
    },
  });
}

posixShellTest("env --help's last line takes the credentials away again", async () => {
  using host = testHost({ home: HOME });
  const line = `${example("sh")}\n${example("Unset them")}\nenv`;
  const outcome = await host.capture({ command: "sh", args: ["-c", line], env: installEac(host) });
  const { stdout } = outcome;
  assert(!new TextDecoder().decode(stdout).includes("\nAWS_"), new TextDecoder().decode(stdout));
});
