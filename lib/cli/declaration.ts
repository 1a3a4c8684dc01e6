/**
 * How a command is declared, and the fast path for plain command lines: switches by their full
 * names and no options with a value. Other programs run eac with such lines and wait for it;
 * parse.ts, which reads all others, takes longer to load.
 *
 * @module
 */

import {
  GLOBAL,
  isSwitch,
  type OptionName,
  OPTIONS,
  type Options,
  optionsWith,
} from "./options.ts";

/** A positional argument. */
export interface ArgumentSpec {
  /** The name in the usage line: `PROFILE`. */
  readonly name: string;
  /** How many: `1`, `?` (at most one) or `*` (any number). */
  readonly count: 1 | "?" | "*";
  readonly help: string;
  /** What a shell completes: profiles, files, a new name (nothing), or these words. */
  readonly complete: "profiles" | "files" | "nothing" | readonly string[];
}

/** The groups of commands in the help, in their order. */
export const COMMAND_GROUPS = {
  use: "Get and use credentials",
  look: "Look at profiles",
  manage: "Set up and maintain",
  more: "More",
} as const;

/** A command: everything that its parser, help, completion and reference need. */
export interface CommandSpec<Run = unknown> {
  readonly group: keyof typeof COMMAND_GROUPS;
  /** One line that begins with a verb. */
  readonly summary: string;
  /** The part of the usage line after `eac NAME`. */
  readonly usage: string;
  readonly arguments: readonly ArgumentSpec[];
  /** True if a command line of another program may follow. */
  readonly child?: boolean | undefined;
  /** In addition to the global options. */
  readonly options: readonly OptionName[];
  /** The help of options that mean something else for this command. */
  readonly meanings?: { readonly [name in OptionName]?: string } | undefined;
  /** `posix`: a line for a shell that Windows does not have; the help on Windows omits it. */
  readonly examples: readonly (readonly [command: string, meaning: string, shell?: "posix"])[];
  /** Paragraphs below the options. */
  readonly notes?: string | undefined;
  /** Loads the command's code, only when it runs. */
  readonly run: Run;
}

/** The commands by name, in the order of the help. */
export type Commands<Run = unknown> = Readonly<Record<string, CommandSpec<Run>>>;

/** A parsed command line. */
export type Command =
  | { readonly kind: "help"; readonly command: string | undefined }
  | { readonly kind: "version" }
  /** A shell completes a line: the words so far, the last of them unfinished. */
  | { readonly kind: "complete"; readonly words: readonly string[] }
  /** eac runs itself as the process of a custom strategy. */
  | { readonly kind: "strategy"; readonly file: string }
  | { readonly kind: "pick"; readonly options: Options }
  | {
    readonly kind: "run";
    readonly name: string;
    readonly names: readonly string[];
    readonly child: readonly string[];
    readonly options: Options;
  };

/** What an option does, in the help of a command. */
export function optionHelp(spec: CommandSpec | undefined, name: OptionName): string {
  return spec?.meanings?.[name] ?? OPTIONS[name].help;
}

/** The least and the greatest number of positional arguments. */
export function namesOf({ arguments: specs }: CommandSpec): readonly [least: number, most: number] {
  let least = 0;
  let most = 0;
  for (const { count } of specs) {
    least += count === 1 ? 1 : 0;
    most += count === "*" ? Infinity : 1;
  }
  return [least, most];
}

/** Parses a plain line; `undefined` for any other, and for an invalid one. */
export function plainCommand(commands: Commands, argv: readonly string[]): Command | undefined {
  const name = argv[0] ?? "";
  if (!Object.hasOwn(commands, name)) return undefined;
  const spec = commands[name]!;
  const [least, most] = namesOf(spec);
  const names: string[] = [];
  const switches: OptionName[] = [];
  let child: readonly string[] | undefined;
  for (let at = 1; at < argv.length && child === undefined; at++) {
    const word = argv[at]!;
    if (word === "--") child = argv.slice(at + 1);
    else if (!word.startsWith("-")) {
      if (spec.child && names.length === most) child = argv.slice(at);
      else names.push(word);
    } else {
      const option = [...spec.options, ...GLOBAL].find((one) => word === `--${one}`);
      if (option === undefined || !isSwitch(option)) return undefined;
      if (option === "help" || option === "version") return undefined;
      switches.push(option);
    }
  }
  const isRight = names.length >= least && names.length <= most && !names.includes("") &&
    (spec.child || child === undefined);
  if (!isRight) return undefined;
  return { kind: "run", name, names, child: child ?? [], options: optionsWith(switches) };
}

/** The start of the error message for an unknown command. */
export const UNKNOWN_COMMAND = "unknown command ";

/** The words before the first `--`. */
export function beforeDashes(argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf("--");
  return dashes < 0 ? argv : argv.slice(0, dashes);
}

/** True if the output, also errors, must be JSON; needed before the line is parsed. */
export function wantsJson(commands: Commands, argv: readonly string[]): boolean {
  const name = argv.find((word) => !word.startsWith("-")) ?? "";
  const runsChild = Object.hasOwn(commands, name) && commands[name]!.child === true;
  return !runsChild && beforeDashes(argv).includes("--json");
}
