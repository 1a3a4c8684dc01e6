/**
 * argv to a Command: the commands and their options, with the help beside them. Lines without options
 * do not come here (see command.ts).
 *
 * @module
 */

import {
  atDashes,
  type Command,
  type CommandName,
  type Options,
  optionsWith,
  type Shape,
  SHAPES,
} from "./declaration.ts";
import { parseArgs } from "./parse_args.ts";
import { parseDuration } from "../text/duration.ts";
import { EacError } from "../errors.ts";
import { didYouMean, nearest } from "../text/nearest.ts";

/** How an option is written, and what its help says. */
export interface OptionSpec {
  readonly short?: string;
  readonly aliases?: readonly string[];
  /** What its value is called; absent for a switch. */
  readonly value?: string;
  readonly help: string;
}

/** Every option, by its long name. */
export const OPTIONS = {
  "output-profile": {
    short: "o",
    aliases: ["to", "temp_profile"],
    value: "DEST",
    help: "store in this profile",
  },
  print: { help: "print, instead of storing or of opening a browser" },
  all: { help: "every profile that has a destination_profile" },
  "mfa-token": {
    aliases: ["mfa_token", "token-code", "otp"],
    value: "CODE",
    help: "the MFA code",
  },
  duration: { short: "d", value: "D", help: "seconds, or 15m, 1h, 1h30m" },
  refresh: { short: "r", help: "ignore what is cached" },
  "no-cache": { help: "neither read nor write a cache" },
  "min-ttl": { value: "D", help: "renew what has less than this left" },
  "no-session": { short: "n", help: "send the code with AssumeRole, share no session" },
  source: { value: "PROFILE", help: "whose credentials assume a role given by ARN" },
  strategy: { value: "NAME", help: "that strategy, not the first that matches" },
  region: { value: "R", help: "region of the call and of what is exported" },
  force: { help: "allow replacing long-lived keys (a backup is kept)" },
  format: {
    value: "F",
    help: "posix, fish, powershell, cmd, nu, json, dotenv, ...",
  },
  service: { value: "S", help: "the page of a service, such as s3 or lambda" },
  "role-arn": { value: "ARN", help: "the role; without one: an IAM user's own keys" },
  "mfa-serial": { value: "SERIAL", help: "the MFA device whose codes are asked for" },
  "external-id": { value: "ID", help: "what the role's owner wants to be told" },
  csv: { value: "FILE", help: "the access key, as downloaded from the IAM console" },
  yes: { short: "y", help: "ask nothing" },
  unset: { help: "print lines that unset what env sets" },
  serve: { help: "hand them out by a server on loopback, and renew them" },
  fix: { help: "mend what is safe to mend; shows the changes first" },
  watch: { help: "keep it up to date until Ctrl-C" },
  settings: { help: "with --json: each profile's settings too" },
  json: { help: "JSON on stdout, errors as JSON on stderr" },
  "no-input": { help: "never ask; fail instead" },
  quiet: { short: "q", help: "errors only" },
  verbose: { short: "v", help: "say what is done" },
  color: { value: "WHEN", help: "auto, always or never" },
  help: { short: "h", help: "this text" },
  version: { short: "V", help: "the version" },
} as const satisfies Record<string, OptionSpec>;

/** The name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** Options that every command knows. */
export const COMMON = ["no-input", "quiet", "verbose", "color", "help", "version"] as const;

/** Options of every command that obtains credentials. */
const OBTAIN = [
  "mfa-token",
  "duration",
  "refresh",
  "no-cache",
  "min-ttl",
  "no-session",
  "source",
  "strategy",
  "region",
] as const;

/** The shells that can complete eac's words. */
export const SHELLS = ["bash", "zsh", "fish", "powershell", "nu"] as const;

/** What `eac strategies` can do. */
export const STRATEGY_VERBS = ["list", "new", "check"] as const;

/** What a command takes, and what its help says. */
export interface CommandSpec extends Shape {
  readonly synopsis: string;
  readonly summary: string;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  readonly options: readonly OptionName[];
  /** The words that its name can be, where that is no profile. */
  readonly words?: readonly string[];
  /** A line or two below the options. */
  readonly more?: string;
}

/** Every command, in the order of the help. */
export const COMMANDS = {
  get: {
    ...SHAPES.get,
    synopsis: "get [PROFILE...] [--all] [-o DEST | --print]",
    summary: "get temporary credentials; store, or print them",
    examples: [
      ["eac get prod", "store in prod's destination_profile"],
      ["eac get prod -o prod-temp", "store in the profile prod-temp"],
      ["eac get --all", "all that have a destination, one code per device"],
    ],
    options: ["output-profile", "print", "format", "all", ...OBTAIN, "force", "json"],
    more: "PROFILE may also be a role's ARN; --source says whose credentials assume it.",
  },
  exec: {
    ...SHAPES.exec,
    synopsis: "exec PROFILE [--serve] -- CMD ARG...",
    summary: "run a command with the credentials",
    examples: [
      ["eac exec prod -- terraform plan", "credentials in its environment only"],
      ["eac exec prod -d 4h -- bash", "a shell with four hours"],
      ["eac exec prod --serve -- ./run-all-day", "renewed for as long as it runs"],
    ],
    options: ["serve", ...OBTAIN],
    more: "Ends as the command does. Everything after -- belongs to the command.",
  },
  env: {
    ...SHAPES.env,
    synopsis: "env PROFILE [--format F]",
    summary: "print them for a shell",
    examples: [
      ['eval "$(eac env prod)"', "bash, zsh, sh"],
      ["eac env prod --format fish | source", "fish"],
      ["eac env prod --format powershell | Invoke-Expression", "PowerShell"],
      ["eac env prod --format json | from json | load-env", "nushell"],
      ['eval "$(eac env --unset)"', "and away again"],
    ],
    options: ["format", "unset", ...OBTAIN],
    more: "Formats also: github; the AWS CLI's env, env-no-export, windows-cmd, process.",
  },
  process: {
    ...SHAPES.process,
    synopsis: "process PROFILE",
    summary: "print them as credential_process JSON",
    examples: [["credential_process = /usr/local/bin/eac process prod", "a line of ~/.aws/config"]],
    options: [...OBTAIN],
    more: "eac link PROFILE NAME writes such a profile.",
  },
  list: {
    ...SHAPES.list,
    synopsis: "list",
    summary: "profiles, their strategy, what is fresh",
    examples: [
      ["eac list", "a table: each profile below its source"],
      ["eac list --watch", "kept up to date"],
      ["eac list --json", "for scripts"],
    ],
    options: ["watch", "json", "settings"],
  },
  explain: {
    ...SHAPES.explain,
    synopsis: "explain PROFILE",
    summary: "what would happen, and why; calls nobody",
    examples: [["eac explain prod", "base, MFA, each hop, what is cached"]],
    options: [
      "json",
      "strategy",
      "source",
      "region",
      "duration",
      "no-session",
      "min-ttl",
      "refresh",
      "no-cache",
    ],
  },
  whoami: {
    ...SHAPES.whoami,
    synopsis: "whoami [PROFILE]",
    summary: "whose credentials they are (GetCallerIdentity)",
    examples: [["eac whoami prod", "account, ARN and id"]],
    options: [...OBTAIN, "json"],
  },
  console: {
    ...SHAPES.console,
    synopsis: "console PROFILE [--service S] [--print]",
    summary: "sign in to the AWS console in a browser",
    examples: [
      ["eac console prod", "the console's home in prod's region"],
      ["eac console prod --service s3", "the page of a service"],
      ["eac console prod --print", "the address, good for 15 minutes"],
    ],
    options: ["service", "print", ...OBTAIN],
    more: "The console takes a role's credentials, not those of a user's own session.",
  },
  link: {
    ...SHAPES.link,
    synopsis: "link PROFILE NAME",
    summary: "write a profile that refreshes itself through eac",
    examples: [["eac link prod prod-auto", "then: aws --profile prod-auto s3 ls"]],
    options: ["force"],
  },
  clear: {
    ...SHAPES.clear,
    synopsis: "clear [PROFILE...] [--all]",
    summary: "drop cached and stored temporary credentials",
    examples: [["eac clear prod", "of one profile"], ["eac clear --all", "of all"]],
    options: ["all"],
    more: "Only what eac wrote is dropped; long-lived keys never are.",
  },
  init: {
    ...SHAPES.init,
    synopsis: "init [NAME]",
    summary: "write a profile, by questions",
    examples: [
      ["eac init", "shows what it writes, before"],
      ["eac init alice --csv accessKeys.csv", "the key from the IAM console"],
      ["eac init x --yes --role-arn ARN --source alice", "for scripts"],
    ],
    options: [
      "role-arn",
      "source",
      "mfa-serial",
      "external-id",
      "csv",
      "region",
      "output-profile",
      "mfa-token",
      "yes",
      "force",
    ],
    words: [],
    more: "With --yes and without --csv, the keys are those of AWS_ACCESS_KEY_ID and\n" +
      "AWS_SECRET_ACCESS_KEY. --force changes a profile that is there already.",
  },
  rotate: {
    ...SHAPES.rotate,
    synopsis: "rotate PROFILE",
    summary: "replace the long-lived access key",
    examples: [
      ["eac rotate alice", "a new key, tried and stored; then the old one goes"],
    ],
    options: ["mfa-token", "region", "force"],
    more: "What failed halfway is gone on with by the same command. The user has to be\n" +
      "allowed ListAccessKeys, CreateAccessKey, UpdateAccessKey and DeleteAccessKey.\n" +
      "--force deletes a second key that is inactive: IAM allows no third.",
  },
  doctor: {
    ...SHAPES.doctor,
    synopsis: "doctor [--fix]",
    summary: "check files, clock, keys and the way to AWS",
    examples: [
      ["eac doctor", "what is wrong, and what to do about it"],
      ["eac doctor --fix", "mends what is safe, once you agree"],
      ["eac doctor --json", "for scripts"],
    ],
    options: ["fix", "yes", "json"],
    more: "Ends with 0 for notes at most, with 3 for warnings, and for errors as a command\n" +
      "does that fails for the first of them.",
  },
  strategies: {
    ...SHAPES.strategies,
    synopsis: "strategies [list | new FILE | check FILE]",
    summary: "the ways in that eac knows, and those of your own",
    examples: [
      ["eac strategies", "all of them, your own first"],
      ["eac strategies new vault.js", "write one that works, and its test"],
      ["eac strategies check vault.js", "try it on a built-in STS"],
    ],
    options: ["json"],
    words: STRATEGY_VERBS,
  },
  completion: {
    ...SHAPES.completion,
    synopsis: "completion SHELL",
    summary: "let a shell complete eac's commands and profiles",
    examples: [
      ['eval "$(eac completion bash)"', "in ~/.bashrc"],
      ['eval "$(eac completion zsh)"', "in ~/.zshrc"],
      ["eac completion fish | source", "in config.fish"],
      ["eac completion powershell | Out-String | Invoke-Expression", "in $PROFILE"],
      ["eac completion nu | save -f eac.nu", "and: source eac.nu"],
    ],
    options: [],
    words: SHELLS,
  },
  demo: {
    ...SHAPES.demo,
    synopsis: "demo",
    summary: "the whole tour on a built-in STS",
    examples: [["eac demo", "touches none of your files"]],
    options: [],
  },
} as const satisfies Record<CommandName, CommandSpec>;

/**
 * Reads the command line. Options may stand anywhere; all after the first `--` is the child's.
 *
 * @throws {EacError} `usage`, with the nearest thing that was probably meant
 */
export function parseCommand(argv: readonly string[]): Command {
  if (argv[0] === "__strategy") return { kind: "strategy", file: argv[1] ?? "" };
  // Each word has a "=" before it: an empty one would get lost in PowerShell.
  if (argv[0] === "__complete") {
    return { kind: "complete", words: argv.slice(1).map((word) => word.replace(/^=/, "")) };
  }
  const { own, child } = atDashes(argv);
  const given = readOptions(own);
  const [word, ...names] = given.words;

  if (word === undefined) return withoutCommand(given, child ?? []);
  if (word === "help") {
    return { kind: "help", command: names[0] ? commandNamed(names[0]) : undefined };
  }
  const name = commandNamed(word);
  if (given.switches.has("help")) return { kind: "help", command: name };
  if (given.switches.has("version")) return { kind: "version" };
  const spec: CommandSpec = COMMANDS[name];
  checkOptions(name, spec, given);
  checkNames(name, spec, names);
  if (spec.child && child === undefined) {
    throw usage(`eac ${name} needs -- before the command to run`, `eac ${spec.synopsis}`);
  }
  if (spec.child && child?.length === 0) {
    throw usage(`no command follows --`, `eac ${spec.synopsis}`);
  }
  if (!spec.child && child !== undefined) {
    throw usage(`eac ${name} runs no command: nothing may follow --`, `eac ${spec.synopsis}`);
  }
  return { kind: "run", name, names, child: child ?? [], options: optionsOf(given) };
}

/** Bare `eac`, `eac --help`, and the first release's `eac --profile P --temp_profile D`. */
function withoutCommand(given: Given, child: readonly string[]): Command {
  if (given.switches.has("help")) return { kind: "help", command: undefined };
  if (given.switches.has("version")) return { kind: "version" };
  const profile = given.values.get("profile");
  given.values.delete("profile");
  checkOptions("get", COMMANDS.get, given);
  if (child.length > 0) {
    throw usage("which command is to run it?", "eac exec PROFILE -- CMD ARG...");
  }
  const options = optionsOf(given);
  if (profile !== undefined) {
    const { outputProfile, ...rest } = options;
    const legacy = outputProfile?.toUpperCase() === "NONE"
      ? { ...rest, print: true }
      : { ...rest, ...(outputProfile === undefined ? {} : { outputProfile }) };
    return { kind: "run", name: "get", names: [profile], child, options: legacy };
  }
  if (options.all) return { kind: "run", name: "get", names: [], child, options };
  return { kind: "pick", options };
}

interface Given {
  readonly words: string[];
  readonly switches: Set<OptionName>;
  readonly values: Map<OptionName | "profile", string>;
}

function readOptions(argv: readonly string[]): Given {
  const names = Object.keys(OPTIONS) as OptionName[];
  const spec = (name: OptionName): OptionSpec => OPTIONS[name];
  const alias: Record<string, string[]> = {};
  for (const name of names) {
    const { short, aliases = [] } = spec(name);
    alias[name] = [...(short ? [short] : []), ...aliases];
  }
  const parsed = parseArgs(spelledOut(argv), {
    string: [...names.filter((name) => spec(name).value), "profile", "_"],
    boolean: names.filter((name) => !spec(name).value),
    alias,
    collect: names.filter((name) => spec(name).value),
    unknown: (argument, key) => {
      if (key === undefined) return true;
      throw unknownOption(argument);
    },
  });
  const switches = new Set(names.filter((name) => !spec(name).value && parsed[name] === true));
  const values = new Map<OptionName | "profile", string>();
  for (const name of [...names.filter((name) => spec(name).value), "profile"] as const) {
    const found = [parsed[name] ?? []].flat().map(String);
    if (found.length === 0) continue;
    const value = found.at(-1)!;
    if (value === "") throw usage(`--${name} needs a value`, helpHint());
    values.set(name as OptionName | "profile", value);
  }
  return { words: parsed._.map(String), switches, values };
}

/** `-d15m` as `-d 15m`. A switch is there or not: `--force=no` would be taken for a yes. */
function spelledOut(argv: readonly string[]): string[] {
  const all: readonly [string, OptionSpec][] = Object.entries(OPTIONS);
  return argv.flatMap((argument) => {
    const [, short, value] = /^-(\w)([^=].*)$/s.exec(argument) ?? [];
    if (value !== undefined && all.some(([, spec]) => spec.value && spec.short === short)) {
      return [`-${short}`, value];
    }
    const [, long] = /^--([^=]+)=/.exec(argument) ?? [];
    if (all.some(([name, spec]) => !spec.value && name === long)) {
      throw usage(`--${long} takes no value`, "write it alone, or leave it out");
    }
    return [argument];
  });
}

function unknownOption(argument: string): EacError {
  const name = argument.replace(/^-+/, "").replace(/=.*$/s, "");
  const long = new Map(
    Object.entries(OPTIONS).flatMap(([option, spec]: [string, OptionSpec]) =>
      [option, option.replace(/^no-/, ""), ...(spec.aliases ?? [])].map((word) => [word, option])
    ),
  );
  const found = new Set(nearest(name, long.keys()).map((word) => `--${long.get(word)}`));
  const hint = found.size > 0 ? `did you mean ${[...found].join(" or ")}?` : helpHint();
  return usage(`there is no option ${argument.replace(/=.*$/s, "")}`, hint);
}

function commandNamed(word: string): CommandName {
  if (Object.hasOwn(COMMANDS, word)) return word as CommandName;
  const hint = didYouMean(word, Object.keys(COMMANDS)) ||
    `eac get ${word} gets a profile of that name; eac --help shows all commands`;
  throw usage(`there is no command "${word}"`, hint);
}

function checkOptions(name: CommandName, spec: CommandSpec, given: Given): void {
  const known: readonly string[] = [...spec.options, ...COMMON];
  for (const option of [...given.switches, ...given.values.keys()]) {
    if (known.includes(option)) continue;
    const hint = option === "profile"
      ? `name the profile without an option: eac ${name} ${given.values.get("profile")}`
      : didYouMean(option, spec.options.map((other) => `--${other}`)) ||
        `eac ${name} --help shows its options`;
    throw usage(`eac ${name} knows no option --${option}`, hint);
  }
}

function checkNames(name: CommandName, spec: CommandSpec, names: readonly string[]): void {
  const [least, most] = spec.names;
  if (names.length > most) {
    const what = most === 0
      ? "takes no name"
      : `takes ${most === 1 ? "one name" : `${most} names`}`;
    const hint = spec.child
      ? `put -- before the command: eac ${spec.synopsis}`
      : `eac ${spec.synopsis}`;
    throw usage(`eac ${name} ${what}, and got ${names.map((n) => `"${n}"`).join(", ")}`, hint);
  }
  if (names.length < least) throw usage(`eac ${name} needs ${least} names`, `eac ${spec.synopsis}`);
  if (names.includes("")) throw usage("a profile's name cannot be empty", `eac ${spec.synopsis}`);
}

function optionsOf({ switches, values }: Given): Options {
  const text = <K extends string>(key: K, option: OptionName) =>
    values.has(option) ? { [key]: values.get(option) } as { readonly [P in K]?: string } : {};
  const seconds = <K extends string>(key: K, option: OptionName) => {
    const value = values.get(option);
    if (value === undefined) return {};
    const parsed = parseDuration(value);
    if (parsed === undefined) {
      throw usage(`--${option} ${value} is no duration`, "write seconds, or 15m, 1h, 1h30m");
    }
    return { [key]: parsed } as { readonly [P in K]?: number };
  };
  const color = values.get("color") ?? "auto";
  if (color !== "auto" && color !== "always" && color !== "never") {
    throw usage(`--color ${color} is unknown`, "it can be auto, always or never");
  }
  const token = values.get("mfa-token");
  if (token !== undefined && !/^\d{6}$/.test(token)) {
    throw usage("an MFA code has six digits", "--mfa-token 123456");
  }
  if (switches.has("print") && values.has("output-profile")) {
    throw usage("--print and --output-profile exclude each other", "print, or store: choose one");
  }
  if (values.has("format") && switches.has("unset") === false) checkFormat(values.get("format")!);
  return {
    ...optionsWith(switches),
    ...text("outputProfile", "output-profile"),
    ...text("mfaToken", "mfa-token"),
    ...seconds("duration", "duration"),
    ...seconds("minTtl", "min-ttl"),
    ...text("source", "source"),
    ...text("strategy", "strategy"),
    ...text("region", "region"),
    ...text("format", "format"),
    ...text("roleArn", "role-arn"),
    ...text("mfaSerial", "mfa-serial"),
    ...text("externalId", "external-id"),
    ...text("csv", "csv"),
    ...text("service", "service"),
    color,
  };
}

/** The formats of `--format`: eac's own, then the AWS CLI's names for some of them. */
export const FORMATS = [
  "posix",
  "fish",
  "powershell",
  "cmd",
  "nu",
  "dotenv",
  "json",
  "github",
  "env",
  "env-no-export",
  "windows-cmd",
  "process",
] as const;

/** The name of a format. */
export type Format = typeof FORMATS[number];

function checkFormat(format: string): void {
  if ((FORMATS as readonly string[]).includes(format)) return;
  const hint = didYouMean(format, FORMATS) || `it can be ${FORMATS.join(", ")}`;
  throw usage(`there is no format "${format}"`, hint);
}

function helpHint(): string {
  return "eac --help shows commands, eac COMMAND --help their options";
}

function usage(message: string, hint: string): EacError {
  return new EacError("usage", message, { hint });
}
