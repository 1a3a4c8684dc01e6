/** Completion: the candidates, and how real shells use them. */

import { type CommandSpec, optionHelp } from "../../lib/cli/declaration.ts";
import { SHELLS } from "../../lib/cli/completion/shells.ts";
import { FORMATS } from "../../lib/cli/options.ts";
import { COMMANDS } from "../../lib/commands/mod.ts";
import { candidatesFor } from "../../lib/cli/completion/candidates.ts";
import { run } from "../../lib/run.ts";
import { newFiles } from "../../lib/plugins/check/templates.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { installEac, isInstalled } from "../support/program.ts";
import { NO_PTY, onTerminal } from "../support/pty.ts";
import { posixShellTest } from "../support/posix.ts";

const SOURCES = {
  profiles: () => ["prod", "prod-temp", "sandbox"].map((word) => ({ word, about: "" })),
  strategies: () => Promise.resolve(strategies.map(({ name: word }) => ({ word, about: "" }))),
};

/** The candidates for this line, whose last word is unfinished. */
async function after(...words: string[]): Promise<string[] | string> {
  const found = await candidatesFor(COMMANDS, words, SOURCES);
  return typeof found === "string" ? found : found.map(({ word }) => word);
}

/** The candidates follow from the declarations, so that a new command or format breaks no test. */
function startingWith(prefix: string, words: readonly string[]): string[] {
  const found = words.filter((word) => word.startsWith(prefix));
  assert(found.length > 1, `only one word starts with ${prefix}`);
  return found;
}

Deno.test("completion knows commands, their options, and their options' values", async () => {
  const formats = startingWith("po", FORMATS);
  const table: [words: string[], found: string[] | string][] = [
    [["ex"], startingWith("ex", Object.keys(COMMANDS))],
    [["help", "exe"], ["exec"]],
    [["get", "--no-"], ["--no-cache", "--no-session", "--no-input"]],
    [["link", "--fo"], ["--force"]],
    [["--ref"], ["--refresh"]],
    [["get", "--format", "po"], formats],
    [["get", "--format=po"], formats.map((format) => `--format=${format}`)],
    [["explain", "--strategy", "assume-r"], ["assume-role"]],
    [["list", "--color", ""], ["auto", "always", "never"]],
    [["completion", "f"], ["fish"]],
    [["get", "--mfa-token", ""], []],
  ];
  for (const [words, found] of table) assertEquals(await after(...words), found, `${words}`);
});

Deno.test("completion describes each option by the command's own help, without one by that of get", async () => {
  const about = async (...words: string[]) => {
    const found = await candidatesFor(COMMANDS, words, SOURCES);
    return typeof found === "string" ? undefined : found[0]?.about;
  };
  for (const [name, spec] of Object.entries<CommandSpec<unknown>>(COMMANDS)) {
    for (const option of spec.options) {
      assertEquals(await about(name, `--${option}`), optionHelp(spec, option), option);
    }
  }
  for (const option of COMMANDS.get.options) {
    assertEquals(await about(`--${option}`), optionHelp(COMMANDS.get, option), option);
  }
});

Deno.test("completion offers profiles where a profile is expected, each once", async () => {
  assertEquals(await after("get", ""), ["prod", "prod-temp", "sandbox"]);
  assertEquals(await after("get", "prod", "-q", "prod"), ["prod-temp"]);
  assertEquals(await after("get", "sandbox", "-o", "prod"), ["prod", "prod-temp"]);
  assertEquals(await after("get", "-d", "1h", "sa"), ["sandbox"]);
  assertEquals(await after("env", "--source=pr"), ["--source=prod", "--source=prod-temp"]);
  assertEquals(await after("env", "prod", ""), []);
  assertEquals(await after("link", "prod", ""), []);
  assertEquals(await after("list", ""), ["prod", "prod-temp", "sandbox"]);
});

Deno.test("completion offers nothing after --, where the child's command begins", async () => {
  assertEquals(await after("exec", "prod", ""), "command");
  assertEquals(await after("exec", "prod", "ls", "-"), "command");
  assertEquals(await after("exec", "prod", "--", ""), "command");
  assertEquals(await after("exec", "prod", "--", "ls", "-"), "command");
  assertEquals(await after("get", "prod", "--", ""), []);
});

posixShellTest("completion names the strategies of the user too", async () => {
  using host = testHost();
  for (const { name, text, mode } of newFiles("vault.sh")) {
    host.write(`.aws/eac/strategies/${name}`, text);
    Deno.chmodSync(host.path(`.aws/eac/strategies/${name}`), mode);
  }
  assertEquals(await run(["__complete", "=get", "=--strategy", "="], host, strategies), 0);
  const words = host.printed.stdout.split("\n").map((line) => line.split("\t")[0]);
  assertEquals(words, ["vault", ...strategies.map(({ name }) => name), ""]);
});

Deno.test("completion shows what distinguishes each profile", async () => {
  const about: Readonly<Record<string, readonly [keys: string, about: string]>> = {
    stored: ["managed_by = eac\neac_source = prod\nregion = a", "credentials of prod"],
    role: ["role_arn = arn:x\nmfa_serial = s\nregion = a", "arn:x"],
    sso: ["sso_account_id = 123456789012\nregion = a", "123456789012"],
    device: ["mfa_serial = s\nregion = a", "s"],
    region: ["region = a", "a"],
    foreign: ["managed_by = other\neac_source = prod\nregion = a", "a"],
    bare: ["output = json", ""],
  };
  const config = Object.entries(about).map(([name, [keys]]) => `[profile ${name}]\n${keys}\n`);
  using host = testHost({ home: { ".aws/config": config.join("") } });
  assertEquals(await run(["__complete", "=list", "="], host, strategies), 0);
  const lines = Object.entries(about).map(([name, [, shown]]) => `${name}\t${shown}\n`);
  assertEquals(host.printed.stdout, lines.join(""));
});

Deno.test("completion prints nothing, and no error, where the files cannot be read", async () => {
  using host = testHost({ home: { ".aws/config": "[profile a\n" } });
  assertEquals(await run(["__complete", "=get", "="], host, strategies), 0);
  assertEquals(host.printed, { stdout: "", stderr: "", terminal: "" });
});

Deno.test("completion rejects an unknown shell and suggests the nearest name", async () => {
  using host = testHost();
  assertEquals(await run(["completion", "fihs"], host, strategies), 2);
  assertStringIncludes(host.printed.stderr, "hint: did you mean fish?");
  assertEquals(await run(["completion", "pwsh"], host, strategies), 0);
});

const CONFIG = `[profile alice]
[profile alibi]
role_arn = arn:aws:iam::123456789012:role/A
[profile bob:x]
[profile carol]
`;

/** A home with profiles, eac, and the startup file that the help shows. */
function shellHome(startup: Readonly<Record<string, string>>) {
  const host = testHost({ home: { ".aws/config": CONFIG, ...startup } });
  const env = installEac(host);
  // Prints its arguments, except for the calls of the completion.
  host.write("bin/eac-real", host.text("bin/eac")!);
  host.write(
    "bin/eac",
    `#!/bin/sh\ncase $1 in\n__complete|completion|activate) exec sh "$HOME/bin/eac-real" "$@" ;;\nesac\n` +
      `printf 'RAN:'\nprintf ' <%s>' "$@"\necho\n`,
  );
  Deno.chmodSync(host.path("bin/eac"), 0o700);
  return { host, env };
}

/** How a shell is started on a terminal, with a prompt that its startup file sets. */
const INTERACTIVE: Record<string, { readonly startup: [string, string]; readonly start: string }> =
  {
    bash: {
      startup: [
        ".bashrc",
        `PS1='READY''> '\nbind 'set bell-style none'\neval "$(eac completion bash)"\n`,
      ],
      start: 'bash --rcfile "$HOME/.bashrc" -i',
    },
    zsh: {
      startup: [
        ".zshrc",
        `PS1='READY''> '\nunsetopt zle_bracketed_paste beep\nautoload -Uz compinit && compinit -u\neval "$(eac completion zsh)"\n`,
      ],
      start: 'ZDOTDIR="$HOME" zsh -i',
    },
    fish: {
      startup: [
        ".config/fish/config.fish",
        `function fish_prompt; echo -n 'READY''> '; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\neac completion fish | source\n`,
      ],
      start: "XDG_CONFIG_HOME= fish -i",
    },
  };

const STARTS = Object.entries(INTERACTIVE).flatMap(([shell, start]) =>
  ["completion", "activate"].map((by) => ({ shell, by, ...start }))
);

for (const { shell, by, startup: [file, text], start } of STARTS) {
  const why = NO_PTY ?? (isInstalled(shell) ? undefined : `${shell} is not installed`);
  Deno.test({
    name: `${by} completes words at Tab in ${shell}${why ? ` (ignored: ${why})` : ""}`,
    ignore: why !== undefined,
    async fn() {
      const { host, env } = shellHome({ [file]: text.replace("eac completion", `eac ${by}`) });
      using _ = host;
      // In a new home fish reads all manual pages, and continues after the shell has exited.
      host.makeFolder(host.path(".local/share/fish/generated_completions"), 0o700);
      const { screen } = await onTerminal(start, [
        ["READY> ", "eac expla\tcar\t\r"],
        ["<carol>", ""],
        ["READY> ", "eac get --format=posi\tbob\t\r"],
        ["bob:x", ""],
        ["READY> ", "eac exec carol -- basena\tx\r"],
        ["<x>", ""],
        ["READY> ", "exit\r"],
      ], { ...env, TERM: "xterm" });
      assertStringIncludes(screen, "RAN: <explain> <carol>");
      assertStringIncludes(screen, "RAN: <get> <--format=posix> <bob:x>");
      assertStringIncludes(screen, "RAN: <exec> <carol> <--> <basename> <x>");
    },
  });
}

const NO_NU = isInstalled("nu") ? undefined : "nu is not installed";
Deno.test({
  name: `completion gives Nushell's external completer words and descriptions${
    NO_NU ? ` (ignored: ${NO_NU})` : ""
  }`,
  ignore: NO_NU !== undefined,
  async fn() {
    const { host, env } = shellHome({});
    using _ = host;
    host.write(
      "complete.nu",
      `$env.config.completions.external.completer = {|spans| [before] }
source eac.nu
let completer = $env.config.completions.external.completer
print (do $completer [eac get al] | to json --raw)
print (do $completer [eac exec alice -- ""] | to json --raw)
print (do $completer [git ""] | to json --raw)
`,
    );
    const made = await host.capture({
      command: "sh",
      args: ["-c", "eac completion nu >~/eac.nu"],
      env,
    });
    assertEquals(made.code, 0);
    const { stdout, stderr } = await host.capture({
      command: "sh",
      args: ["-c", "cd ~ && nu --no-config-file complete.nu"],
      env,
    });
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(
      new TextDecoder().decode(stdout),
      '[{"value":"alice","description":""},' +
        '{"value":"alibi","description":"arn:aws:iam::123456789012:role/A"}]\nnull\n["before"]\n',
    );
  },
});

const NO_PWSH = isInstalled("pwsh") ? undefined : "pwsh is not installed";
Deno.test({
  name: `completion gives PowerShell words${NO_PWSH ? ` (ignored: ${NO_PWSH})` : ""}`,
  ignore: NO_PWSH !== undefined,
  async fn() {
    const { host, env } = shellHome({});
    using _ = host;
    const { stdout } = await host.capture({
      command: "pwsh",
      args: [
        "-NoProfile",
        "-Command",
        "eac completion powershell | Out-String | Invoke-Expression; " +
        "foreach ($line in 'eac get al', 'eac get --format=pos') { " +
        "(TabExpansion2 $line $line.Length).CompletionMatches.CompletionText }",
      ],
      env,
    });
    assertEquals(new TextDecoder().decode(stdout).split(/\r?\n/).filter(Boolean), [
      "alice",
      "alibi",
      "--format=posix",
    ]);
  },
});

Deno.test("completion has a script for every shell in the help", async () => {
  for (const shell of SHELLS) {
    using host = testHost();
    assertEquals(await run(["completion", shell], host, strategies), 0);
    assert(host.printed.stdout.includes("eac __complete"), shell);
  }
});
