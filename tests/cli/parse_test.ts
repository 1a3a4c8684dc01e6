import {
  type Command,
  type CommandSpec,
  plainCommand,
  wantsJson,
} from "../../lib/cli/declaration.ts";
import type { Options } from "../../lib/cli/options.ts";
import { parseCommand } from "../../lib/cli/parse.ts";
import { COMMANDS } from "../../lib/commands/mod.ts";
import { EacError } from "../../lib/errors.ts";
import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

/** The command of a line that runs one. */
function runOf(line: string | readonly string[]): Extract<Command, { kind: "run" }> {
  const command = parseCommand(COMMANDS, typeof line === "string" ? line.split(" ") : line);
  assert(command.kind === "run", `${line} is ${command.kind}`);
  return command;
}

/** What the line sets, in addition to the defaults. */
function settingsOf(line: string | readonly string[]): Partial<Options> {
  const defaults: Record<string, unknown> = { ...runOf("get p").options };
  const { options } = runOf(line);
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => defaults[key] !== value),
  );
}

function usageOf(line: string): string {
  const error = assertThrows(() => parseCommand(COMMANDS, line.split(" ")), EacError);
  assertEquals(error.code, "usage", line);
  return `${error.message}; ${error.hint}`;
}

const SPELLINGS: readonly (readonly [line: string, Partial<Options>])[] = [
  ["get p -o d", { outputProfile: "d" }],
  ["get -o=d p", { outputProfile: "d" }],
  ["get -od p", { outputProfile: "d" }],
  ["-o d get p", { outputProfile: "d" }],
  ["get --output-profile d p", { outputProfile: "d" }],
  ["get --output-profile=d p", { outputProfile: "d" }],
  ["get --to d p", { outputProfile: "d" }],
  ["get --temp_profile=d p", { outputProfile: "d" }],
  ["get p -o a -o b", { outputProfile: "b" }],
  ["get p --mfa-token 012345", { mfaToken: "012345" }],
  ["get p --mfa_token=012345", { mfaToken: "012345" }],
  ["get p --token-code 012345", { mfaToken: "012345" }],
  ["get p --otp 012345", { mfaToken: "012345" }],
  ["get p -d15m", { duration: 900 }],
  ["get p --duration 1h30m", { duration: 5400 }],
  ["get p -rn", { refresh: true, session: false }],
  ["get p --no-cache --no-input", { cache: false, input: false }],
  ["get p --min-ttl 0", { minTtl: 0 }],
  ["get p --source a=b", { source: "a=b" }],
];

Deno.test("parseCommand takes options anywhere, in every spelling", async (t) => {
  for (const [line, settings] of SPELLINGS) {
    await t.step(line, () => {
      assertEquals(settingsOf(line), settings);
      assertEquals(runOf(line).names, ["p"]);
    });
  }
});

Deno.test("parseCommand does not change names and values", () => {
  const { names, options } = runOf("get 012345 1e3 0x10 true - -o 007");
  assertEquals([...names, options.outputProfile], ["012345", "1e3", "0x10", "true", "-", "007"]);
});

Deno.test("parseCommand passes everything after the first -- to the child", () => {
  const { names, child, options } = runOf("exec p -d 1h -- ls --json -h -- -x");
  assertEquals([names, child, options.json], [["p"], ["ls", "--json", "-h", "--", "-x"], false]);
  assertEquals(runOf(["exec", "p", "--", "a b", ""]).child, ["a b", ""]);
  assertEquals(wantsJson(COMMANDS, ["exec", "p", "--", "x", "--json"]), false);
  assertEquals(wantsJson(COMMANDS, ["get", "p", "--json"]), true);
});

Deno.test("the first word after exec's profile begins the command, also after options", () => {
  for (
    const line of ["exec p ls -l --json", "exec -d 1h p ls -l --json", "exec p -d 1h ls -l --json"]
  ) {
    const { names, child, options } = runOf(line);
    assertEquals([names, child, options.json], [["p"], ["ls", "-l", "--json"], false], line);
  }
  assertEquals(runOf("exec p").child, []);
  assertEquals(wantsJson(COMMANDS, ["exec", "p", "x", "--json"]), false);
});

Deno.test("an option that takes several values keeps all of them in order", () => {
  const { options } = runOf(
    "get p --tag a=1 --tag b=2 --policy-arn x --policy-arn y --set region=r",
  );
  assertEquals([options.tag, options.policyArn, options.set], [
    ["a=1", "b=2"],
    ["x", "y"],
    ["region=r"],
  ]);
});

Deno.test("parseCommand accepts the first release's command line, and no profile for the picker", () => {
  const { name, names, options } = runOf("--profile p --temp_profile d --mfa_token 123456");
  assertEquals([name, names, options.outputProfile], ["get", ["p"], "d"]);
  assertEquals(settingsOf("--profile p --temp_profile none"), { print: true });
  assertEquals(runOf("--all").options.all, true);
  assertEquals(parseCommand(COMMANDS, []).kind, "pick");
  assertEquals(parseCommand(COMMANDS, ["--no-input"]).kind, "pick");
});

Deno.test("parseCommand finds --help and --version before it reports an error", () => {
  for (const line of ["get --help", "help get", "-h get", "get -h p q r"]) {
    assertEquals(parseCommand(COMMANDS, line.split(" ")), { kind: "help", command: "get" });
  }
  for (const line of ["--help", "-h", "help"]) {
    assertEquals(parseCommand(COMMANDS, [line]), { kind: "help", command: undefined });
  }
  for (const line of ["--version", "-V", "list -V"]) {
    assertEquals(parseCommand(COMMANDS, line.split(" ")), { kind: "version" });
  }
});

/** Lines, and the facts in their errors: the value, and what to type next. */
const MISTAKES: readonly (readonly [line: string, message: RegExp])[] = [
  ["gte p", /"gte".*; did you mean get\?$/],
  ["prod", /"prod".*; .*eac get prod/],
  ["__proto__", /"__proto__"/],
  ["get p --mfa-tokn 1", /did you mean .*--mfa-token/],
  ["get p --cache", /--cache; did you mean --no-cache\?$/],
  ["get p --constructor", /--constructor; usage: eac get/],
  ["--constructor", /--constructor; eac --help/],
  ["get p -x", / -x; usage: eac get/],
  ["get p -5", / -5; /],
  ["get p --secret=hunter2", /--secret; /],
  ["get p --force=no", /--force.*; .*--force/],
  ["get p --no-input=false", /--no-input.*; /],
  ["get p -o", /--output-profile.*; usage: eac get/],
  ["get p -o --print", /--output-profile.*; /],
  ["get p --region=", /--region.*; /],
  ["list --print", /eac list.*--print; usage: eac list/],
  ["list --jsn", /--jsn; did you mean --json\?$/],
  ["explain p --mfa-token 123456", /eac explain.*--mfa-token; /],
  ["exec p --json -- x", /eac exec.*--json; /],
  ["get --profile p", /--profile; .*: eac get p$/],
  ["--mfa-token 12345", /six digits; --mfa-token /],
  ["get p --mfa-token 12345a", /six digits; /],
  ["get p -d 1.5h", /--duration 1.5h.*; .*1h30m/],
  ["get p --min-ttl -1", / -1; /],
  ["get p --color blue", /--color blue.*; .*auto, always, never$/],
  ["env p --format fissh", /--format fissh.*; did you mean fish\?$/],
  ["get p --mfa-prompt window", /--mfa-prompt window.*; .*terminal, dialog/],
  ["get p --print -o d", /--print and --output-profile.*; /],
  ["demo p", /eac demo.*"p"; usage: eac demo$/],
  ["process a b", /eac process.*"a", "b"; usage: eac process/],
  ["link a", /eac link.*NAME; usage: eac link PROFILE NAME/],
  ["get p -- ls", /eac get.*--; usage: eac get/],
  ["--profile p -- ls", /; eac exec PROFILE -- CMD/],
  ["help gte", /"gte".*; did you mean get\?$/],
];

Deno.test("a usage error has the value and what to type next", async (t) => {
  for (const [line, expected] of MISTAKES) {
    await t.step(line, () => assert(expected.test(usageOf(line)), usageOf(line)));
  }
});

Deno.test("parseCommand never shows what could be a secret", () => {
  assert(!usageOf("get p --secret=hunter2").includes("hunter2"));
  assert(!usageOf("get p --mfa-token 12345x").includes("12345x"));
});

Deno.test("every command rejects an option that it does not have", () => {
  for (const [name, { options, arguments: specs }] of Object.entries<CommandSpec>(COMMANDS)) {
    if (options.includes("settings")) continue;
    const names = specs.filter(({ count }) => count === 1).map(() => "x");
    assert(
      /has no option --settings/.test(usageOf([name, ...names, "--settings"].join(" "))),
      name,
    );
  }
});

Deno.test("plainCommand parses every valid command line without option values, as parseCommand does", () => {
  const lines = [
    ...["process p", "env", "list", "exec p -- sh -c x", "get a b c", "link a b"],
    ...["process p --no-cache", "list --json --settings", "get --all --quiet --refresh"],
    ...[
      "exec --verbose p --serve -- x --json",
      "exec p",
      "exec p ls -l --json",
      "exec p --serve ls --",
      "explain p --no-session --no-input",
    ],
  ];
  for (const line of lines) {
    assertEquals(
      plainCommand(COMMANDS, line.split(" ")),
      parseCommand(COMMANDS, line.split(" ")),
      line,
    );
  }
  const others = ["", "prod", "-v list", "env a b", "list --", "link a", "help get"];
  for (const line of [...others, "list --all", "get --help", "list --color=auto"]) {
    assertEquals(plainCommand(COMMANDS, line.split(" ")), undefined, line);
  }
  const switches = ["--no-cache", "--json", "--quiet", "--all", "--print", "--force", "--serve"];
  const words = [...Object.keys(COMMANDS), ...switches, "--", "p", "", "-v", "012345", "toString"];
  fc.assert(fc.property(fc.array(fc.constantFrom(...words), { maxLength: 6 }), (argv) => {
    const plain = plainCommand(COMMANDS, argv);
    let whole: Command | undefined;
    try {
      whole = parseCommand(COMMANDS, argv);
    } catch (thrown) {
      assert(thrown instanceof EacError);
    }
    if (plain !== undefined) assertEquals(plain, whole);
    else if (!argv.some((word) => word.startsWith("-"))) assert(whole?.kind !== "run");
  }));
});
