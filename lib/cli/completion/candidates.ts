/**
 * What the word that is being typed could become. Pure: the same tables that read the command line
 * say it, and profiles and strategies arrive as functions, so that they are looked up only if needed.
 *
 * @module
 */

import {
  COMMANDS,
  type CommandSpec,
  COMMON,
  FORMATS,
  type OptionName,
  OPTIONS,
  type OptionSpec,
} from "../parse.ts";
import type { CommandName } from "../declaration.ts";

/** A word, and what to say of it. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/**
 * What could stand in the place of the last word: some words, the name of a file, or a command line
 * of its own, which the shell completes by its own means.
 */
export type Candidates = readonly Candidate[] | "files" | "command";

/** What is not known from the tables. */
export interface CompletionSources {
  readonly profiles: () => readonly Candidate[];
  /** The user's own among them: these may have to be started. */
  readonly strategies: () => Promise<readonly Candidate[]>;
}

/** Completes the last of the words after `eac`; the others are whole. */
export async function candidatesFor(
  words: readonly string[],
  sources: CompletionSources,
): Promise<Candidates> {
  const current = words.at(-1) ?? "";
  const { command, names, open, dashes } = read(words.slice(0, -1));
  const spec = command === undefined ? undefined : COMMANDS[command] as CommandSpec;
  if (dashes) return spec?.child ? "command" : [];
  if (open !== undefined) return beginning(current, await valuesOf(open, sources));

  const assigned = /^--([a-z-]+)=(.*)$/s.exec(current);
  const option = assigned?.[1] === undefined ? undefined : optionOf(`--${assigned[1]}`);
  if (assigned && option !== undefined) {
    const values = beginning(assigned[2]!, await valuesOf(option, sources));
    if (typeof values === "string") return values;
    return values.map(({ word, about }) => ({ word: `--${option}=${word}`, about }));
  }
  if (current.startsWith("-")) return beginning(current, optionsOf(spec, names));
  if (command !== undefined) return beginning(current, namesOf(command, names, sources));
  if (names[0] === "help") return names.length > 1 ? [] : beginning(current, commands());
  const help = { word: "help", about: "how to use a command" };
  return beginning(current, [...commands(), help]);
}

interface Read {
  readonly command?: CommandName;
  /** The words that are neither the command nor options. */
  readonly names: readonly string[];
  /** The option whose value comes next. */
  readonly open?: OptionName;
  readonly dashes: boolean;
}

function read(words: readonly string[]): Read {
  const names: string[] = [];
  let command: CommandName | undefined;
  let open: OptionName | undefined;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (word === "--") return { names, dashes: true, ...(command ? { command } : {}) };
    else if (word.startsWith("-")) open = optionOf(word);
    else if (command === undefined && names.length === 0 && Object.hasOwn(COMMANDS, word)) {
      command = word as CommandName;
    } else names.push(word);
  }
  return { names, dashes: false, ...(command ? { command } : {}), ...(open ? { open } : {}) };
}

/** The option that `-o` or `--temp_profile` means, if it takes a value. */
function optionOf(word: string): OptionName | undefined {
  const name = word.replace(/^--?/, "");
  for (const [long, spec] of Object.entries<OptionSpec>(OPTIONS)) {
    if (spec.value === undefined) continue;
    if ([long, spec.short, ...spec.aliases ?? []].includes(name)) return long as OptionName;
  }
  return undefined;
}

function commands(): Candidate[] {
  return Object.entries(COMMANDS).map(([word, { summary }]) => ({ word, about: summary }));
}

/** Without a command the options are those of `get`, as the first release had them. */
function optionsOf(spec: CommandSpec | undefined, names: readonly string[]): Candidate[] {
  const options = [...(spec ?? COMMANDS.get).options, ...COMMON];
  const words = options.map((name) => ({ word: `--${name}`, about: OPTIONS[name].help }));
  const dashes = { word: "--", about: "then the command to run" };
  return spec?.child && names.length > 0 ? [dashes, ...words] : words;
}

function namesOf(
  command: CommandName,
  names: readonly string[],
  sources: CompletionSources,
): Candidates {
  const spec: CommandSpec = COMMANDS[command];
  if (names.length >= spec.names[1]) {
    return spec.child ? optionsOf(spec, names).slice(0, 1) : [];
  }
  if (spec.words !== undefined) {
    return names.length > 0 ? "files" : spec.words.map((word) => ({ word, about: "" }));
  }
  // The second name of `link` is a new one.
  const once = spec.names[1] !== Infinity;
  if (once && names.length > 0) return [];
  return sources.profiles().filter(({ word }) => !names.includes(word));
}

async function valuesOf(
  option: OptionName,
  { profiles, strategies }: CompletionSources,
): Promise<Candidates> {
  switch (option) {
    case "output-profile":
    case "source":
      return profiles();
    case "strategy":
      return await strategies();
    case "format":
      return FORMATS.map((word) => ({ word, about: "" }));
    case "csv":
      return "files";
    case "color":
      return ["auto", "always", "never"].map((word) => ({ word, about: "" }));
    default:
      return [];
  }
}

function beginning(current: string, all: Candidates): Candidates {
  if (typeof all === "string") return all;
  return all.filter(({ word }) => word.startsWith(current));
}
