/** The rules in `scripts/lint_plugin.ts`: what each refuses and what it allows. */

import { fromFileUrl } from "../support/fakes.ts";
import plugin from "../../scripts/lint_plugin.ts";
import { assertEquals } from "../support/assert.ts";

/** The rules that a source in a file of that name breaks, each as often as it is reported. */
function broken(file: string, source: string, head = "/** What it is. @module */\n"): string[] {
  const path = fromFileUrl(new URL(`../../${file}`, import.meta.url));
  return Deno.lint.runPlugin(plugin, path, head + source).map((one) => one.id.replace("eac/", ""));
}

const REACHING_OUT = [
  "Deno.env.get('HOME')",
  "const { env } = Deno",
  "globalThis.Deno.exit(1)",
  "let a: Deno.FsFile",
  "Date.now()",
  "new Date()",
  "Date()",
  "setTimeout(() => {}, 1)",
  "setInterval(() => {}, 1)",
  "fetch('http://a')",
  "globalThis.fetch('http://a')",
  "const send = fetch",
  "({ fetch })",
  "performance.now()",
  "console.log(1)",
];

Deno.test("only-host refuses the clock, the network and Deno outside the Host", () => {
  for (const source of REACHING_OUT) {
    assertEquals(broken("lib/config/ini.ts", source), ["only-host"], source);
    assertEquals(broken("strategies/mine.ts", source), ["only-host"], source);
  }
});

Deno.test("only-host allows the Host, the composition root, scripts and tests to use Deno", () => {
  for (const file of ["lib/host/host.ts", "lib/host/terminal.ts", "main.ts", "scripts/bench.ts"]) {
    for (const source of REACHING_OUT) assertEquals(broken(file, source), [], `${file}: ${source}`);
  }
});

Deno.test("only-host allows a file's own names and a given instant", () => {
  for (
    const source of [
      "new Date(0).toISOString()",
      "Date.parse('2026-01-01')",
      "host.fetch('http://a')",
      "commands.console",
      "const table = { console: 1, fetch: 2 }",
      "function send(fetch: (url: string) => void) { fetch('http://a') }",
      "const send = ({ fetch }: Handler) => fetch('http://a')",
      "import { console } from './commands/console.ts'; console(1)",
      "interface Handler { fetch(url: string): void }",
    ]
  ) assertEquals(broken("lib/config/ini.ts", source), [], source);
});

Deno.test("lazy-packages refuses static imports of packages and node modules", () => {
  for (
    const source of [
      "import { STSClient } from '@aws-sdk/client-sts'",
      "import * as fs from 'node:fs'",
      "import 'npm:chalk'",
      "import { select, type Choice } from '@inquirer/prompts'",
      "export { fromSSO } from '@aws-sdk/credential-providers'",
      "export * from '@aws-sdk/credential-providers'",
    ]
  ) {
    assertEquals(broken("lib/aws/sts.ts", source), ["lazy-packages"], source);
    assertEquals(broken("strategies/mine.ts", source), ["lazy-packages"], source);
  }
});

Deno.test("lazy-packages allows types, lazy imports, our own files and parseArgs", () => {
  for (
    const source of [
      "import type { STSClient } from '@aws-sdk/client-sts'",
      "import { type STSClient } from '@aws-sdk/client-sts'",
      "export type { STSClient } from '@aws-sdk/client-sts'",
      "const { STSClient } = await import('@aws-sdk/client-sts')",
      "import { parseArgs } from '@std/cli/parse-args'",
      "import { step } from './step.ts'",
      "import type { Strategy } from 'eac/strategy'",
    ]
  ) assertEquals(broken("lib/aws/sts.ts", source), [], source);
});

Deno.test("lazy-packages allows two files to name parts of the SDK, and no file to import those statically", () => {
  const part = "export { STSClient } from '@aws-sdk/client-sts'";
  assertEquals(broken("lib/aws/sts_sdk.ts", part), []);
  assertEquals(broken("lib/terminal/prompts.ts", part), []);
  assertEquals(broken("lib/aws/sts_sdk.ts", part.replace("export", "import")), [
    "lazy-packages",
  ]);
  assertEquals(broken("lib/aws/sts.ts", "import { STSClient } from './sts_sdk.ts'"), [
    "lazy-packages",
  ]);
  assertEquals(broken("lib/aws/sts.ts", "await import('./sts_sdk.ts')"), []);
});

Deno.test("floors refuses an import that is not downward, also of a type, a lazy one and a re-export", () => {
  const upward = [
    ["lib/plan/plan.ts", "import { strategies } from '../../strategies/mod.ts'"],
    ["lib/plan/plan.ts", "import type { Strategy } from '../../strategies/strategy.ts'"],
    ["lib/plan/plan.ts", "export * from '../session/plan_profile.ts'"],
    ["lib/session/run_plan.ts", "await import('../commands/get.ts')"],
    ["lib/run.ts", "import '../main.ts'"],
    ["lib/host/host.ts", "import '../cli/parse.ts'"], // beside it, on the same floor
    ["lib/errors.ts", "import './text/width.ts'"],
  ] as const;
  for (const [file, source] of upward) {
    assertEquals(broken(file, source).includes("floors"), true, source);
  }
});

Deno.test("floors allows imports from lower floors and from the same package", () => {
  const downward = [
    ["main.ts", "import { program } from './lib/program.ts'"],
    ["lib/run.ts", "await import('./commands/get.ts')"],
    ["lib/commands/list/list.ts", "import { pick } from '../pick/pick.ts'"],
    ["lib/plan/plan.ts", "import type { Step } from './step.ts'"],
    ["strategies/mod.ts", "import { role } from './assume_role.ts'"],
    ["strategies/mod.ts", "import { pickStrategy } from '../lib/plan/strategy.ts'"],
  ] as const;
  for (const [file, source] of downward) assertEquals(broken(file, source), [], source);
});

Deno.test("floors refuses a file without a floor", () => {
  assertEquals(broken("lib/somewhere.ts", "export {}"), ["floors"]);
});

Deno.test("no-cycle refuses an import cycle, and prints its path", () => {
  // lib/program.ts imports lib/run.ts.
  assertEquals(broken("lib/run.ts", "import type { program } from './program.ts'"), [
    "floors",
    "no-cycle",
  ]);
  assertEquals(broken("lib/program.ts", "import { run } from './run.ts'"), []);
});

Deno.test("named-for-content refuses meaningless file names", () => {
  for (const file of ["lib/text/utils.ts", "lib/config/types.ts", "strategies/helpers.ts"]) {
    assertEquals(broken(file, "export {}"), ["named-for-content"], file);
  }
  assertEquals(broken("lib/config/profile.ts", "export {}"), []);
});

Deno.test("documented refuses a file without a module comment, and an export without a doc comment", () => {
  for (const head of ["", "// What it is. @module\n", "/** What it is. */\n"]) {
    assertEquals(broken("lib/config/ini.ts", "/** It. */\nexport const a = 1", head), [
      "documented",
    ]);
  }
  for (
    const source of ["export const a = 1", "// It.\nexport function f() {}", "export type T = 1"]
  ) {
    assertEquals(broken("lib/config/ini.ts", `const b = 1;\n${source}`), ["documented"], source);
  }
});

Deno.test("documented allows documented exports, and private declarations without a comment", () => {
  for (
    const source of [
      "/** It. */\nexport const a = 1",
      "const a = 1",
      "export { a } from './errors.ts'",
    ]
  ) assertEquals(broken("lib/config/ini.ts", source), [], source);
  assertEquals(broken("tests/ini_test.ts", "export const a = 1", ""), []);
});
