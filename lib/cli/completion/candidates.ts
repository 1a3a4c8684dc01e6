/**
 * Completes the word that is being typed. Pure: it works on the declarations of commands and
 * options; profiles and strategies are passed as functions, so they are looked up only if needed.
 *
 * @module
 */

import { type Commands, type CommandSpec, namesOf, optionHelp } from "../declaration.ts";
import { GLOBAL, isSwitch, type OptionName, OPTIONS, type OptionSpec } from "../options.ts";

/** A word, and its description. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/**
 * What can complete the last word: these words, a file name, or another program's command line; the
 * shell completes the latter two itself.
 */
export type Candidates = readonly Candidate[] | "files" | "command";

/** What the declarations do not contain. */
export interface CompletionSources {
  readonly profiles: () => readonly Candidate[];
  /** All strategies, including custom ones, which may have to be started. */
  readonly strategies: () => Promise<readonly Candidate[]>;
}

/** Completes the last of the words after `eac`. */
export async function candidatesFor(
  commands: Commands,
  words: readonly string[],
  sources: CompletionSources,
): Promise<Candidates> {
  const current = words.at(-1) ?? "";
  const { command, names, open, dashes } = read(commands, words.slice(0, -1));
  const spec = command === undefined ? undefined : commands[command];
  if (dashes) return spec?.child ? "command" : [];
  if (open !== undefined) return startingWith(current, await valuesOf(open, sources));

  const assigned = /^--([a-z-]+)=(.*)$/s.exec(current);
  const option = assigned?.[1] === undefined ? undefined : valuedOption(`--${assigned[1]}`);
  if (assigned && option !== undefined) {
    const values = startingWith(assigned[2]!, await valuesOf(option, sources));
    if (typeof values === "string") return values;
    return values.map(({ word, about }) => ({ word: `--${option}=${word}`, about }));
  }
  if (current.startsWith("-")) return startingWith(current, optionsOf(commands, spec, names));
  if (spec !== undefined) return startingWith(current, argumentsOf(spec, names, sources));
  const all = Object.entries(commands).map(([word, { summary }]) => ({ word, about: summary }));
  if (names[0] === "help") return names.length > 1 ? [] : startingWith(current, all);
  return startingWith(current, [...all, { word: "help", about: "Show the help of a command" }]);
}

interface Read {
  readonly command?: string | undefined;
  /** The words that are neither the command nor options nor their values. */
  readonly names: readonly string[];
  /** The option whose value is expected next. */
  readonly open?: OptionName | undefined;
  /** True if the words belong to the child. */
  readonly dashes: boolean;
}

function read(commands: Commands, words: readonly string[]): Read {
  const names: string[] = [];
  let command: string | undefined;
  let open: OptionName | undefined;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (word === "--") return { command, names, dashes: true };
    else if (word.startsWith("-")) open = valuedOption(word);
    else if (command === undefined && names.length === 0 && Object.hasOwn(commands, word)) {
      command = word;
    } else {
      names.push(word);
      const spec = command === undefined ? undefined : commands[command]!;
      if (spec?.child && names.length > namesOf(spec)[1]) return { command, names, dashes: true };
    }
  }
  return { command, names, open, dashes: false };
}

/** The option of a word such as `-o` or `--temp_profile`, if it takes a value. */
function valuedOption(word: string): OptionName | undefined {
  const name = word.replace(/^--?/, "");
  for (const option of Object.keys(OPTIONS) as OptionName[]) {
    const { short, aliases = [] }: OptionSpec = OPTIONS[option];
    if (!isSwitch(option) && [option, short, ...aliases].includes(name)) return option;
  }
  return undefined;
}

/** Without a command, the options are those of `get`, as in the first release. */
function optionsOf(
  commands: Commands,
  spec: CommandSpec | undefined,
  names: readonly string[],
): Candidate[] {
  const options = [...(spec ?? commands.get)?.options ?? [], ...GLOBAL];
  const words = options.map((name) => ({
    word: `--${name}`,
    about: optionHelp(spec ?? commands.get, name),
  }));
  const dashes = { word: "--", about: "The command to run follows" };
  return spec?.child && names.length > 0 ? [dashes, ...words] : words;
}

function argumentsOf(
  spec: CommandSpec,
  names: readonly string[],
  sources: CompletionSources,
): Candidates {
  const [, most] = namesOf(spec);
  if (names.length >= most) return spec.child ? "command" : [];
  const { complete } = spec.arguments[Math.min(names.length, spec.arguments.length - 1)]!;
  switch (complete) {
    case "nothing":
      return [];
    case "files":
      return "files";
    case "profiles":
      return sources.profiles().filter(({ word }) => !names.includes(word));
    default:
      return complete.map((word) => ({ word, about: "" }));
  }
}

async function valuesOf(
  option: OptionName,
  { profiles, strategies }: CompletionSources,
): Promise<Candidates> {
  const { type, complete }: OptionSpec = OPTIONS[option];
  if (complete === "profiles") return profiles();
  if (complete === "strategies") return await strategies();
  if (complete === "files") return "files";
  return Array.isArray(type) ? type.map((word) => ({ word, about: "" })) : [];
}

function startingWith(start: string, all: Candidates): Candidates {
  if (typeof all === "string") return all;
  return all.filter(({ word }) => word.startsWith(start));
}
