/** `eac activate` and `eac use`, in the shells that they are for. */

import { COMMANDS } from "../../lib/commands/mod.ts";
import { ACTIVATED, ACTIVATION } from "../../lib/sinks/activation.ts";
import { CARRIERS, COMPETITORS } from "../../lib/sinks/variables.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { installEac, isInstalled } from "../support/program.ts";

const keys = (name: string, id: string, token: string) =>
  `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = s\naws_session_token = ${token}\n`;

const HOME = {
  ".aws/config": "[profile prod]\nregion = eu-west-1\n",
  ".aws/credentials": keys("prod", "ASIAPROD", `it's"one"\\$HOME`) + keys("dev", "ASIADEV", "t"),
};

/** A shell, and its syntax for "$?" and for a variable. */
interface Shell {
  readonly program: string;
  readonly activate: string;
  readonly args: (script: string) => readonly string[];
  readonly status: string;
}

const posix = (program: string, name: string, args: readonly string[] = []): Shell => ({
  program,
  activate: `eval "$(eac activate ${name})"`,
  args: (script) => [...args, "-c", script],
  status: "$?",
});

const SHELLS: readonly Shell[] = [
  posix("bash", "bash", ["--norc"]),
  posix("zsh", "zsh", ["-f"]),
  posix("dash", "sh"),
  posix("ksh", "ksh"),
  {
    program: "fish",
    activate: "eac activate fish | source",
    args: (script) => ["--no-config", "-c", script],
    status: "$status",
  },
];

/** Prints the key, the token, the profile and AWS_PROFILE of the shell itself, and of its children. */
const SHOW = `sh -c 'echo "$AWS_ACCESS_KEY_ID/$AWS_SESSION_TOKEN/$EAC_PROFILE/$AWS_PROFILE"'`;

for (const { program, activate, args, status } of SHELLS) {
  const installed = isInstalled(program);
  Deno.test({
    name: `eac use switches ${program} between profiles, and back${
      installed ? "" : ` (ignored: ${program} is not installed)`
    }`,
    ignore: !installed,
    async fn() {
      using host = testHost({ home: HOME });
      const script = [
        activate,
        "eac use prod",
        SHOW,
        "eac use dev",
        SHOW,
        "eac use nobody",
        `echo "status ${status}"`,
        SHOW,
        "eac use --help",
        "eac exec prod -- sh -c 'exit 7'",
        `echo "status ${status}"`,
        "eac use --unset",
        SHOW,
        `eac`,
        `echo "status ${status}"`,
      ].join("\n");
      const env = { ...installEac(host), AWS_PROFILE: "nobody" };
      const outcome = await host.capture({ command: program, args: args(script), env });
      const [stdout, stderr] = [outcome.stdout, outcome.stderr].map((bytes) =>
        new TextDecoder().decode(bytes)
      );
      const lines = stdout!.split("\n");
      const help = lines.findIndex((line) => line.includes("eac use prod"));
      assertEquals(lines.slice(0, 4), [
        `ASIAPROD/it's"one"\\$HOME/prod/`,
        "ASIADEV/t/dev/",
        "status 3",
        "ASIADEV/t/dev/",
      ], stderr);
      assertEquals(help > 0, true, stdout);
      assertEquals(lines.slice(-4), ["status 7", "///", "status 4", ""]);
      assertMatch(
        stderr!,
        /^prod -> this shell, expir.*\r?\ndev -> this shell, .*no profile "nobody"/s,
      );
    },
  });
}

Deno.test("eac use without the shell function says how to install it", async () => {
  const powershell = "eac activate powershell | Out-String | Invoke-Expression";
  for (
    const [shell, line] of Deno.build.os === "windows" ? [["", powershell] as const] : [
      ["/bin/bash", 'eval "$(eac activate bash)"'],
      ["/usr/bin/zsh", 'eval "$(eac activate zsh)"'],
      ["/usr/bin/fish", "eac activate fish | source"],
      ["/bin/tcsh", 'eval "$(eac activate sh)"'],
    ] as const
  ) {
    using host = testHost({ home: HOME, env: { SHELL: shell } });
    assertEquals(await run(["use", "prod"], host, strategies), 2);
    assertStringIncludes(host.printed.stderr, line);
    assertEquals(host.printed.stdout, "");
  }
});

Deno.test("the help and the completion of activate name every shell that it accepts", () => {
  const [{ complete, help }] = COMMANDS.activate.arguments;
  assertEquals([...complete], [...ACTIVATED]);
  assertEquals(help, `${ACTIVATED.slice(0, -1).join(", ")} or ${ACTIVATED.at(-1)}`);
});

Deno.test("the shell function of every shell calls the program, and Nushell's unsets each variable separately", () => {
  for (const shell of ACTIVATED) assertMatch(ACTIVATION[shell], /\beac(\.exe)?\b.*format|--format/);
  for (const name of [...CARRIERS, ...COMPETITORS]) {
    assertStringIncludes(ACTIVATION.nu, `hide-env --ignore-errors ${name}\n`);
  }
});

for (const [program, args] of [["nu", ["--no-config-file"]], ["pwsh", ["-NoProfile"]]] as const) {
  const installed = isInstalled(program);
  Deno.test({
    name: `eac use switches ${program}${
      installed ? "" : ` (ignored: ${program} is not installed)`
    }`,
    ignore: !installed,
    async fn() {
      using host = testHost({ home: HOME });
      const script = program === "nu"
        ? `source eac.nu\neac use prod\n^sh -c '${SHOW.slice(7, -1)}'\neac use --unset\n^sh -c '${
          SHOW.slice(7, -1)
        }'\n`
        : `eac activate powershell | Out-String | Invoke-Expression\neac use prod\n${SHOW}\neac use --unset\n${SHOW}\n`;
      host.write("run.nu", script);
      host.write("run.ps1", script);
      const env = installEac(host);
      const file = program === "nu" ? "run.nu" : "run.ps1";
      const line = `cd ~ && eac activate ${program} > eac.nu && ${program} ${
        args.join(" ")
      } ${file}`;
      const { stdout, stderr } = await host.capture({ command: "sh", args: ["-c", line], env });
      assertEquals(
        new TextDecoder().decode(stdout),
        `ASIAPROD/it's"one"\\$HOME/prod/\n///\n`,
        new TextDecoder().decode(stderr),
      );
    },
  });
}
