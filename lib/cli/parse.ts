/**
 * Parses command lines by the declarations of commands and options. Plain lines are parsed faster
 * by declaration.ts.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import { parseDuration } from "../text/duration.ts";
import { didYouMean, nearest } from "../text/nearest.ts";
import {
  type Command,
  type Commands,
  type CommandSpec,
  namesOf,
  UNKNOWN_COMMAND,
} from "./declaration.ts";
import { usageOf } from "./help.ts";
import {
  GLOBAL,
  isSwitch,
  type OptionName,
  OPTIONS,
  type Options,
  type OptionSpec,
  optionsWith,
  propertyOf,
} from "./options.ts";
import { parseArgs } from "./parse_args.ts";

const NAMES = Object.keys(OPTIONS) as OptionName[];

/**
 * Parses the command line. Options may be anywhere; everything after the first `--`, or from the
 * first word after `exec`'s profile, belongs to the child.
 *
 * @throws {EacError} `usage`, with the nearest valid spelling and the usage line
 */
export function parseCommand(commands: Commands, argv: readonly string[]): Command {
  if (argv[0] === "__strategy") return { kind: "strategy", file: argv[1] ?? "" };
  // Each word has a "=" prefix, because PowerShell drops empty arguments.
  if (argv[0] === "__complete") {
    return { kind: "complete", words: argv.slice(1).map((word) => word.replace(/^=/, "")) };
  }
  const { own, child } = splitChild(commands, argv);
  const given = readOptions(own, helpHint(commands, own));
  const [word, ...names] = given.words;

  if (word === undefined) return withoutCommand(commands, given, child ?? []);
  if (word === "help") {
    const command = names[0] === undefined ? undefined : commandNamed(commands, names[0]);
    return { kind: "help", command };
  }
  const name = commandNamed(commands, word);
  if (given.switches.includes("help")) return { kind: "help", command: name };
  if (given.switches.includes("version")) return { kind: "version" };
  const spec = commands[name]!;
  checkOptions(name, spec, given);
  checkNames(name, spec, names);
  if (!spec.child && child !== undefined) {
    throw usage(
      `eac ${name} does not run a command, so it cannot have --`,
      `usage: ${usageOf(name, spec)}`,
    );
  }
  return { kind: "run", name, names, child: child ?? [], options: optionsOf(given) };
}

/** Bare `eac`, `eac --help`, and the first release's `eac --profile P --temp_profile D`. */
function withoutCommand(commands: Commands, given: Given, child: readonly string[]): Command {
  if (given.switches.includes("help")) return { kind: "help", command: undefined };
  if (given.switches.includes("version")) return { kind: "version" };
  const { profile } = given;
  if (commands.get !== undefined) {
    checkOptions("get", commands.get, { ...given, profile: undefined });
  }
  if (child.length > 0) {
    throw usage("the command before -- is missing", "eac exec PROFILE -- CMD ARG...");
  }
  const options = optionsOf(given);
  if (profile !== undefined) {
    const isNone = options.outputProfile?.toUpperCase() === "NONE";
    const legacy = isNone ? { ...options, outputProfile: undefined, print: true } : options;
    return { kind: "run", name: "get", names: [profile], child, options: legacy };
  }
  if (options.all) return { kind: "run", name: "get", names: [], child, options };
  return { kind: "pick", options };
}

/** The words and options of a line, before they are checked against a command. */
interface Given {
  readonly words: readonly string[];
  readonly switches: readonly OptionName[];
  readonly values: ReadonlyMap<OptionName, readonly string[]>;
  /** The first release's `--profile`. */
  readonly profile: string | undefined;
}

/**
 * Splits the line where the child's command begins: at `--`, or after the names that the command
 * takes.
 */
function splitChild(
  commands: Commands,
  argv: readonly string[],
): { readonly own: readonly string[]; readonly child?: readonly string[] } {
  let spec: CommandSpec | undefined;
  let names = 0;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === "--") return { own: argv.slice(0, at), child: argv.slice(at + 1) };
    if (word.startsWith("-") && word !== "-") {
      const option = optionNamed(word.replace(/^--?/, ""));
      if (option !== undefined && !isSwitch(option)) at++;
    } else if (spec === undefined) {
      if (!Object.hasOwn(commands, word) || !commands[word]!.child) {
        const dashes = argv.indexOf("--", at);
        return dashes < 0
          ? { own: argv }
          : { own: argv.slice(0, dashes), child: argv.slice(dashes + 1) };
      }
      spec = commands[word];
    } else if (names++ === namesOf(spec)[1]) {
      return { own: argv.slice(0, at), child: argv.slice(at) };
    }
  }
  return { own: argv };
}

/** The option of this name, short name or alias. */
function optionNamed(word: string): OptionName | undefined {
  return NAMES.find((name) => {
    const { short, aliases = [] }: OptionSpec = OPTIONS[name];
    return name === word || short === word || aliases.includes(word);
  });
}

function readOptions(argv: readonly string[], hint: string): Given {
  const alias: Record<string, string[]> = {};
  for (const name of NAMES) {
    const { short, aliases = [] }: OptionSpec = OPTIONS[name];
    alias[name] = [...(short ? [short] : []), ...aliases];
  }
  const valued = NAMES.filter((name) => !isSwitch(name));
  const parsed = parseArgs(separated(argv), {
    string: [...valued, "profile", "_"],
    boolean: NAMES.filter(isSwitch),
    alias,
    collect: valued,
    unknown: (argument, key) => {
      if (key === undefined) return true;
      throw unknownOption(argument, hint);
    },
  });
  const values = new Map<OptionName, readonly string[]>();
  for (const name of valued) {
    const found = [parsed[name] ?? []].flat().map(String);
    if (found.includes("")) throw usage(`--${name} needs a value`, hint);
    if (found.length > 0) values.set(name, found);
  }
  const profile = parsed.profile === undefined ? undefined : String([parsed.profile].flat().at(-1));
  if (profile === "") throw usage("--profile needs a value", hint);
  return {
    words: parsed._.map(String),
    switches: NAMES.filter((name) => isSwitch(name) && parsed[name] === true),
    values,
    profile,
  };
}

/** `-d15m` as `-d 15m`. A switch takes no value: `--force=no` would otherwise mean yes. */
function separated(argv: readonly string[]): string[] {
  return argv.flatMap((argument) => {
    const [, short, value] = /^-(\w)([^=].*)$/s.exec(argument) ?? [];
    const option = short === undefined ? undefined : optionNamed(short);
    if (value !== undefined && option !== undefined && !isSwitch(option)) {
      return [`-${short}`, value];
    }
    const [, long] = /^--([^=]+)=/.exec(argument) ?? [];
    if (NAMES.some((name) => name === long && isSwitch(name))) {
      throw usage(`--${long} does not take a value`, `write --${long} alone`);
    }
    return [argument];
  });
}

function unknownOption(argument: string, otherwise: string): EacError {
  const name = argument.replace(/^-+/, "").replace(/=.*$/s, "");
  const long = new Map<string, OptionName>();
  for (const option of NAMES) {
    const { aliases = [] }: OptionSpec = OPTIONS[option];
    for (const word of [option, option.replace(/^no-/, ""), ...aliases]) long.set(word, option);
  }
  const found = new Set(nearest(name, long.keys()).map((word) => `--${long.get(word)}`));
  const hint = found.size > 0 ? `did you mean ${[...found].join(" or ")}?` : otherwise;
  return usage(`unknown option ${argument.replace(/=.*$/s, "")}`, hint);
}

function commandNamed(commands: Commands, word: string): string {
  if (Object.hasOwn(commands, word)) return word;
  const hint = didYouMean(word, Object.keys(commands)) ||
    `if "${word}" is a profile: eac get ${word}; eac --help lists the commands`;
  throw usage(`${UNKNOWN_COMMAND}"${word}"`, hint);
}

function checkOptions(name: string, spec: CommandSpec, given: Given): void {
  if (given.profile !== undefined) {
    throw usage(
      `eac ${name} has no option --profile`,
      `name the profile without an option: eac ${name} ${given.profile}`,
    );
  }
  const known: readonly OptionName[] = [...spec.options, ...GLOBAL];
  for (const option of [...given.switches, ...given.values.keys()]) {
    if (known.includes(option)) continue;
    const hint = didYouMean(option, spec.options.map((other) => `--${other}`)) ||
      `usage: ${usageOf(name, spec)}; eac ${name} --help lists the options`;
    throw usage(`eac ${name} has no option --${option}`, hint);
  }
}

function checkNames(name: string, spec: CommandSpec, names: readonly string[]): void {
  const [least, most] = namesOf(spec);
  if (names.length > most) {
    const takes = most === 0
      ? "takes no arguments"
      : `takes ${most === 1 ? "one argument" : `${most} arguments`}`;
    const got = names.map((word) => `"${word}"`).join(", ");
    throw usage(`eac ${name} ${takes}, but got ${got}`, `usage: ${usageOf(name, spec)}`);
  }
  if (names.length < least) {
    const missing = spec.arguments.filter(({ count }) => count === 1)[names.length]!;
    throw usage(`eac ${name} needs ${missing.name}`, `usage: ${usageOf(name, spec)}`);
  }
  if (names.includes("")) throw usage("an argument is empty", `usage: ${usageOf(name, spec)}`);
}

function optionsOf({ switches, values }: Given): Options {
  if (switches.includes("print") && values.has("output-profile")) {
    throw usage("--print and --output-profile cannot be used together", "choose one of them");
  }
  const options: Record<string, unknown> = { ...optionsWith(switches) };
  for (const [name, texts] of values) options[propertyOf(name)] = valueOf(name, texts);
  return options as unknown as Options;
}

/** The value of an option; the last one counts where an option that is not a list is repeated. */
function valueOf(name: OptionName, texts: readonly string[]): unknown {
  const { type }: OptionSpec = OPTIONS[name];
  const text = texts.at(-1)!;
  switch (type) {
    case undefined:
      return text;
    case "list":
      return texts;
    case "duration": {
      const seconds = parseDuration(text);
      if (seconds !== undefined) return seconds;
      throw usage(`--${name} ${text} is not a valid duration`, "use seconds, or 15m, 1h, 1h30m");
    }
    case "code":
      if (/^\d{6}$/.test(text)) return text;
      throw usage("an MFA code has six digits", `--${name} 123456`);
    default: {
      if (type.includes(text)) return text;
      const hint = didYouMean(text, type) || `use one of ${type.join(", ")}`;
      throw usage(`--${name} ${text} is not valid`, hint);
    }
  }
}

/** The hint with the usage line, if the line names a command, and where the help is. */
function helpHint(commands: Commands, argv: readonly string[]): string {
  const name = argv.find((word) => !word.startsWith("-")) ?? "";
  if (!Object.hasOwn(commands, name)) {
    return "eac --help lists the commands, eac COMMAND --help their options";
  }
  return `usage: ${usageOf(name, commands[name]!)}; eac ${name} --help lists the options`;
}

function usage(message: string, hint: string): EacError {
  return new EacError("usage", message, { hint });
}
