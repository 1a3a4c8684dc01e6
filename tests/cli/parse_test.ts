import { COMMANDS, type CommandSpec, OPTIONS, parseCommand } from "../../lib/cli/parse.ts";
import { type Command, type Options, plainCommand, wantsJson } from "../../lib/cli/declaration.ts";
import { EacError } from "../../lib/errors.ts";
import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

/** The command of a line that runs one. */
function runOf(line: string | readonly string[]): Extract<Command, { kind: "run" }> {
  const command = parseCommand(typeof line === "string" ? line.split(" ") : line);
  assert(command.kind === "run", `${line} is ${command.kind}`);
  return command;
}

/** What the line sets, beside the defaults. */
function settingsOf(line: string | readonly string[]): Partial<Options> {
  const defaults: Record<string, unknown> = { ...runOf("get p").options };
  const { options } = runOf(line);
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => defaults[key] !== value),
  );
}

function usageOf(line: string): string {
  const error = assertThrows(() => parseCommand(line.split(" ")), EacError);
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

Deno.test("parseCommand keeps names and values as they were typed", () => {
  const { names, options } = runOf("get 012345 1e3 0x10 true - -o 007");
  assertEquals([...names, options.outputProfile], ["012345", "1e3", "0x10", "true", "-", "007"]);
});

Deno.test("parseCommand leaves all after the first -- to the child", () => {
  const { names, child, options } = runOf("exec p -d 1h -- ls --json -h -- -x");
  assertEquals([names, child, options.json], [["p"], ["ls", "--json", "-h", "--", "-x"], false]);
  assertEquals(runOf(["exec", "p", "--", "a b", ""]).child, ["a b", ""]);
  assertEquals(wantsJson(["exec", "p", "--", "x", "--json"]), false);
  assertEquals(wantsJson(["get", "p", "--json"]), true);
});

Deno.test("parseCommand takes the first release's call, and no name at all for the picker", () => {
  const { name, names, options } = runOf("--profile p --temp_profile d --mfa_token 123456");
  assertEquals([name, names, options.outputProfile], ["get", ["p"], "d"]);
  assertEquals(settingsOf("--profile p --temp_profile none"), { print: true });
  assertEquals(runOf("--all").options.all, true);
  assertEquals(parseCommand([]).kind, "pick");
  assertEquals(parseCommand(["--no-input"]).kind, "pick");
});

Deno.test("parseCommand finds a call for help or the version before any mistake in what is asked", () => {
  for (const line of ["get --help", "help get", "-h get", "get -h p q r"]) {
    assertEquals(parseCommand(line.split(" ")), { kind: "help", command: "get" });
  }
  for (const line of ["--help", "-h", "help"]) {
    assertEquals(parseCommand([line]), { kind: "help", command: undefined });
  }
  for (const line of ["--version", "-V", "list -V"]) {
    assertEquals(parseCommand(line.split(" ")), { kind: "version" });
  }
});

const MISTAKES: readonly (readonly [line: string, said: RegExp])[] = [
  ["gte p", /^there is no command "gte"; did you mean get\?$/],
  ["prod", /^there is no command "prod"; eac get prod gets a profile of that name/],
  ["__proto__", /^there is no command "__proto__"/],
  ["get p --mfa-tokn 1", /^there is no option --mfa-tokn; did you mean --mfa-token\?$/],
  ["get p --cache", /^there is no option --cache; did you mean --no-cache\?$/],
  ["get p --constructor", /^there is no option --constructor; eac --help/],
  ["get p -x", /^there is no option -x; /],
  ["get p -5", /^there is no option -5; /],
  ["get p --secret=hunter2", /^there is no option --secret; /],
  ["get p --force=no", /^--force takes no value; write it alone, or leave it out$/],
  ["get p --no-input=false", /^--no-input takes no value; /],
  ["get p -o", /^--output-profile needs a value; /],
  ["get p -o --print", /^--output-profile needs a value; /],
  ["get p --region=", /^--region needs a value; /],
  ["list --print", /^eac list knows no option --print; /],
  ["list --jsn", /^there is no option --jsn; did you mean --json\?$/],
  ["explain p --mfa-token 123456", /^eac explain knows no option --mfa-token; /],
  ["exec p --json -- x", /^eac exec knows no option --json; /],
  ["get --profile p", /^eac get knows no option --profile; .*: eac get p$/],
  ["--mfa-token 12345", /^an MFA code has six digits; /],
  ["get p --mfa-token 12345a", /^an MFA code has six digits; /],
  ["get p -d 1.5h", /^--duration 1.5h is no duration; /],
  ["get p --min-ttl -1", /^there is no option -1; /],
  ["get p --color blue", /^--color blue is unknown; it can be auto, always or never$/],
  ["env p --format fsh", /^there is no format "fsh"; did you mean fish\?$/],
  ["get p --print -o d", /^--print and --output-profile exclude each other; /],
  ["list p", /^eac list takes no name, and got "p"; /],
  ["process a b", /^eac process takes one name, and got "a", "b"; /],
  ["link a", /^eac link needs 2 names; /],
  ["exec p", /^eac exec needs -- before the command to run; /],
  ["exec p --", /^no command follows --; /],
  ["exec p ls -- -l", /; put -- before the command: /],
  ["get p -- ls", /^eac get runs no command: nothing may follow --; /],
  ["--profile p -- ls", /^which command is to run it\?; /],
  ["help gte", /^there is no command "gte"; did you mean get\?$/],
];

Deno.test("parseCommand says of each mistake what was probably meant", async (t) => {
  for (const [line, said] of MISTAKES) {
    await t.step(line, () => assert(said.test(usageOf(line)), usageOf(line)));
  }
});

Deno.test("parseCommand never repeats what could be a secret", () => {
  assert(!usageOf("get p --secret=hunter2").includes("hunter2"));
  assert(!usageOf("get p --mfa-token 12345x").includes("12345x"));
});

Deno.test("parseCommand refuses an option that its command does not know, for every command", () => {
  for (const [name, { options }] of Object.entries(COMMANDS)) {
    const known: readonly string[] = options;
    if (known.includes("settings")) continue;
    assert(/knows no option --settings|needs -- before/.test(usageOf(`${name} --settings`)), name);
  }
});

Deno.test("plainCommand knows the switches of every command", () => {
  for (const [name, { options, switches }] of Object.entries<CommandSpec>(COMMANDS)) {
    const plain = options.filter((option) => !("value" in OPTIONS[option]));
    assertEquals([...switches].sort(), [...plain].sort(), name);
  }
});

Deno.test("plainCommand reads every right line without values, and reads it as parseCommand does", () => {
  const lines = [
    ...["process p", "env", "list", "exec p -- sh -c x", "get a b c", "link a b"],
    ...["process p --no-cache", "list --json --settings", "get --all --quiet --refresh"],
    ...["exec --verbose p --serve -- x --json", "explain p --no-session --no-input"],
  ];
  for (const line of lines) {
    assertEquals(plainCommand(line.split(" ")), parseCommand(line.split(" ")), line);
  }
  const others = ["", "prod", "-v list", "env a b", "exec p", "list --", "link a", "help get"];
  for (const line of [...others, "list --all", "get --help", "list --color=auto"]) {
    assertEquals(plainCommand(line.split(" ")), undefined, line);
  }
  const switches = ["--no-cache", "--json", "--quiet", "--all", "--print", "--force", "--serve"];
  const words = [...Object.keys(COMMANDS), ...switches, "--", "p", "", "-v", "012345", "toString"];
  fc.assert(fc.property(fc.array(fc.constantFrom(...words), { maxLength: 6 }), (argv) => {
    const plain = plainCommand(argv);
    let whole: Command | undefined;
    try {
      whole = parseCommand(argv);
    } catch (thrown) {
      assert(thrown instanceof EacError);
    }
    if (plain !== undefined) assertEquals(plain, whole);
    else if (!argv.some((word) => word.startsWith("-"))) assert(whole?.kind !== "run");
  }));
});
