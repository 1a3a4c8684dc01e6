/** The help: a screen each, examples first, and the pages that are made of it. */

import { COMMANDS } from "../../lib/cli/parse.ts";
import type { CommandName } from "../../lib/cli/declaration.ts";
import { showHelp } from "../../lib/cli/help.ts";
import { run } from "../../lib/run.ts";
import { commandsPage, manPage } from "../../scripts/man.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const PAGES = [undefined, ...Object.keys(COMMANDS) as CommandName[]];

Deno.test("help fits a screen of 24 lines and 80 columns, and begins with examples", () => {
  for (const name of PAGES) {
    const lines = showHelp(name).trimEnd().split("\n");
    assert(lines.length <= 24, `eac ${name ?? ""} --help has ${lines.length} lines`);
    for (const line of lines) assert(line.length <= 80, `${line.length} columns: ${line}`);
    assert(/^ {2}\S/.test(lines[0] ?? ""), `eac ${name ?? ""} --help begins with ${lines[0]}`);
  }
});

Deno.test("help is the same by --help, -h and the word help", async () => {
  const printed = async (...argv: string[]) => {
    using host = testHost();
    assertEquals(await run(argv, host, strategies), 0);
    return host.printed.stdout;
  };
  assertEquals(await printed("--help"), showHelp(undefined));
  assertEquals(await printed("help"), showHelp(undefined));
  assertEquals(await printed("help", "get"), showHelp("get"));
  assertEquals(await printed("get", "-h", "nobody"), showHelp("get"));
});

Deno.test("a misspelt command, option or profile gets the nearest one", async () => {
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

Deno.test("docs/eac.1 and docs/commands.md are what deno task man makes", () => {
  const docs = (name: string) =>
    Deno.readTextFileSync(new URL(`../../docs/${name}`, import.meta.url)).replaceAll("\r\n", "\n");
  assert(docs("eac.1") === manPage(), "docs/eac.1 is old: run deno task man");
  assert(docs("commands.md") === commandsPage(), "docs/commands.md is old: run deno task man");
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
    const outcome = await host.capture({ command: MAN!, args: [...args, `${host.home}/eac.1`] });
    const said = new TextDecoder().decode(outcome.stdout) +
      new TextDecoder().decode(outcome.stderr);
    assertEquals(said, "");
  },
});
