/** The help, and the pages generated from the declarations. */

import type { CommandSpec } from "../../lib/cli/declaration.ts";
import { optionSyntax, showHelp } from "../../lib/cli/help.ts";
import { COMMANDS } from "../../lib/commands/mod.ts";
import { run } from "../../lib/run.ts";
import { manPage, readmeWithCommands, referencePage } from "../../scripts/reference.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const PAGES = [undefined, ...Object.keys(COMMANDS)];

Deno.test("help fits 80 columns and has a summary, usage, options and examples", () => {
  for (const name of PAGES) {
    const help = showHelp(COMMANDS, name);
    const title = `eac ${name ?? ""} --help`;
    for (const line of help.split("\n")) assert(line.length <= 80, `${title}: ${line}`);
    assertMatch(help, /^[A-Z][^\n]*\.\n\nUsage: eac/, title);
    for (const heading of ["\nGlobal options:\n", "\nExamples:\n"]) {
      assertStringIncludes(help, heading, title);
    }
  }
});

Deno.test("help on Windows has no example that only a POSIX shell can read", () => {
  for (const name of PAGES) {
    const help = showHelp(COMMANDS, name, true);
    assert(!/eval "|\| source|\/usr\//.test(help), help);
  }
  const shells = [["env", "| Invoke-Expression"], ["activate", "In $PROFILE"]] as const;
  for (const [name, line] of shells) assertStringIncludes(showHelp(COMMANDS, name, true), line);
  assertStringIncludes(showHelp(COMMANDS, "env"), 'eval "$(eac env --unset)"');
});

Deno.test("help names every argument and every option of a command", () => {
  for (const [name, spec] of Object.entries<CommandSpec>(COMMANDS)) {
    const help = showHelp(COMMANDS, name);
    for (const option of spec.options) assertStringIncludes(help, optionSyntax(option), name);
    for (const argument of spec.arguments) {
      assertStringIncludes(help, `\n  ${argument.name} `, name);
    }
  }
});

Deno.test("help describes --force and --all for each command", () => {
  for (
    const [command, option, fact] of [
      ["get", "--force", /long-lived keys/],
      ["init", "--force", /existing profile/],
      ["link", "--force", /credential_process/],
      ["rotate", "--force", /second key/],
      ["get", "--all", /destination_profile/],
      ["clear", "--all", /everything cached/],
    ] as const
  ) {
    const line = showHelp(COMMANDS, command).split("\n").find((line) =>
      line.startsWith(`      ${option} `)
    );
    assertMatch(line ?? "", fact, `eac ${command} ${option}`);
  }
});

Deno.test("a usage error shows the usage line of its command", async () => {
  for (const argv of [["link", "a"], ["exec", "a", "--nope"], ["completion"], ["demo", "x"]]) {
    using host = testHost();
    assertEquals(await run(argv, host, strategies), 2);
    assertStringIncludes(host.printed.stderr, `hint: usage: eac ${argv[0]}`);
  }
});

Deno.test("--help, -h and the help command print the same help", async () => {
  const printed = async (...argv: string[]) => {
    using host = testHost();
    assertEquals(await run(argv, host, strategies), 0);
    return host.printed.stdout;
  };
  assertEquals(await printed("--help"), showHelp(COMMANDS, undefined));
  assertEquals(await printed("help"), showHelp(COMMANDS, undefined));
  assertEquals(await printed("help", "get"), showHelp(COMMANDS, "get"));
  assertEquals(await printed("get", "-h", "nobody"), showHelp(COMMANDS, "get"));
});

Deno.test("an error for a misspelled command, option or profile suggests the nearest name", async () => {
  for (
    const [argv, hint] of [
      [["explian"], "did you mean explain?"],
      [["get", "--refesh"], "did you mean --refresh?"],
      [["get", "prdo"], "did you mean prod?"],
      [["get", "prod", "--format", "powreshell", "--print"], "did you mean powershell?"],
    ] as const
  ) {
    using host = testHost({ home: { ".aws/config": "[profile prod]\n" } });
    assert(await run(argv, host, strategies) !== 0);
    assertStringIncludes(host.printed.stderr, hint);
  }
});

Deno.test("the manual page, the reference and the README's commands are up to date", () => {
  const page = (path: string) =>
    Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url)).replaceAll("\r\n", "\n");
  const stale = "is stale: run deno task reference";
  assert(page("docs/eac.1") === manPage(), `docs/eac.1 ${stale}`);
  assert(page("docs/reference.md") === referencePage(), `docs/reference.md ${stale}`);
  assert(page("README.md") === readmeWithCommands(page("README.md")), `README.md ${stale}`);
});

const MAN = ["mandoc", "groff"].find((program) => {
  try {
    return new Deno.Command(program, { args: ["-V"], stdout: "null", stderr: "null" }).outputSync();
  } catch {
    return false;
  }
});
Deno.test({
  name: `docs/eac.1 is read without a warning${
    MAN ? ` by ${MAN}` : " (ignored: neither mandoc nor groff is installed)"
  }`,
  ignore: MAN === undefined,
  async fn() {
    using host = testHost();
    const args = MAN === "mandoc"
      ? ["-T", "lint", "-W", "warning"]
      : ["-man", "-ww", "-Tutf8", "-z"];
    host.write("eac.1", manPage());
    const outcome = await host.capture({ command: MAN!, args: [...args, host.path("eac.1")] });
    const output = new TextDecoder().decode(outcome.stdout) +
      new TextDecoder().decode(outcome.stderr);
    assertEquals(output, "");
  },
});
