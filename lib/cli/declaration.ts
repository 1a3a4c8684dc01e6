/**
 * What eac is asked to do, and the plain way to ask it: a line with no more options than switches in
 * full. Other programs call eac by such lines, and wait for it; args.ts, which reads all others, takes
 * longer to load.
 *
 * @module
 */

/** What a command takes beside options that have a value. */
export interface Shape {
  /** How many names. */
  readonly names: readonly [least: number, most: number];
  /** True when what follows `--` is a command to run. */
  readonly child?: boolean;
  /** Beside those that all commands know. */
  readonly switches: readonly Switch[];
}

/** What each switch says of the options. */
const SWITCHES = {
  print: { print: true },
  all: { all: true },
  refresh: { refresh: true },
  "no-cache": { cache: false },
  "no-session": { session: false },
  force: { force: true },
  unset: { unset: true },
  serve: { serve: true },
  fix: { fix: true },
  yes: { yes: true },
  watch: { watch: true },
  settings: { settings: true },
  json: { json: true },
  "no-input": { input: false },
  quiet: { quiet: true },
  verbose: { verbose: true },
} as const satisfies Record<string, Partial<Options>>;

type Switch = keyof typeof SWITCHES;

/** The switches of every command; but for help and version, which make it another one. */
const COMMON: readonly Switch[] = ["no-input", "quiet", "verbose"];

/** Those of every command that obtains credentials. */
const OBTAIN = ["refresh", "no-cache", "no-session"] as const;

/** Every command, in the order of the help. */
export const SHAPES = {
  get: { names: [0, Infinity], switches: ["print", "all", ...OBTAIN, "force", "json"] },
  exec: { names: [0, 1], child: true, switches: ["serve", ...OBTAIN] },
  env: { names: [0, 1], switches: ["unset", ...OBTAIN] },
  process: { names: [0, 1], switches: OBTAIN },
  list: { names: [0, 0], switches: ["watch", "json", "settings"] },
  explain: { names: [0, 1], switches: ["json", ...OBTAIN] },
  whoami: { names: [0, 1], switches: [...OBTAIN, "json"] },
  console: { names: [0, 1], switches: ["print", ...OBTAIN] },
  link: { names: [2, 2], switches: ["force"] },
  clear: { names: [0, Infinity], switches: ["all"] },
  init: { names: [0, 1], switches: ["yes", "force"] },
  rotate: { names: [0, 1], switches: ["force"] },
  doctor: { names: [0, 0], switches: ["fix", "yes", "json"] },
  strategies: { names: [0, 2], switches: ["json"] },
  completion: { names: [1, 1], switches: [] },
  demo: { names: [0, 0], switches: [] },
} as const satisfies Record<string, Shape>;

/** The name of a command. */
export type CommandName = keyof typeof SHAPES;

/** What the options say, checked. Durations are in seconds. */
export interface Options {
  readonly outputProfile?: string;
  readonly print: boolean;
  readonly all: boolean;
  readonly mfaToken?: string;
  readonly duration?: number;
  readonly refresh: boolean;
  readonly cache: boolean;
  readonly minTtl?: number;
  readonly session: boolean;
  readonly source?: string;
  readonly strategy?: string;
  readonly region?: string;
  readonly force: boolean;
  readonly format?: string;
  readonly unset: boolean;
  readonly serve: boolean;
  readonly fix: boolean;
  readonly yes: boolean;
  readonly roleArn?: string;
  readonly mfaSerial?: string;
  readonly externalId?: string;
  readonly csv?: string;
  readonly service?: string;
  readonly watch: boolean;
  readonly settings: boolean;
  readonly json: boolean;
  readonly input: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: "auto" | "always" | "never";
}

/** What was asked for. */
export type Command =
  | { readonly kind: "help"; readonly command: CommandName | undefined }
  | { readonly kind: "version" }
  /** What a shell asks while somebody types: the words so far, the last of them unfinished. */
  | { readonly kind: "complete"; readonly words: readonly string[] }
  /** How eac starts itself around a module of the user's own. */
  | { readonly kind: "strategy"; readonly file: string }
  | { readonly kind: "pick"; readonly options: Options }
  | {
    readonly kind: "run";
    readonly name: CommandName;
    readonly names: readonly string[];
    readonly child: readonly string[];
    readonly options: Options;
  };

/** What holds where no option says otherwise. */
const NO_OPTIONS: Options = {
  print: false,
  all: false,
  refresh: false,
  cache: true,
  session: true,
  force: false,
  unset: false,
  serve: false,
  fix: false,
  yes: false,
  watch: false,
  settings: false,
  json: false,
  input: true,
  quiet: false,
  verbose: false,
  color: "auto",
};

/** What the options are with these switches, by their full names, and nothing else. */
export function optionsWith(switches: Iterable<string>): Options {
  let options = NO_OPTIONS;
  for (const name of switches) if (isSwitch(name)) options = { ...options, ...SWITCHES[name] };
  return options;
}

function isSwitch(name: string): name is Switch {
  return Object.hasOwn(SWITCHES, name);
}

/** The words before the first `--`, and those behind it: `undefined` where there is none. */
export function atDashes(
  argv: readonly string[],
): { readonly own: readonly string[]; readonly child?: readonly string[] } {
  const dashes = argv.indexOf("--");
  return dashes < 0 ? { own: argv } : { own: argv.slice(0, dashes), child: argv.slice(dashes + 1) };
}

/** Reads a plain line; `undefined` for any other, and for one that is not right. */
export function plainCommand(argv: readonly string[]): Command | undefined {
  const { own, child } = atDashes(argv);
  const name = own[0] ?? "";
  if (!isCommand(name)) return undefined;
  const { names: [least, most], child: runs = false, switches }: Shape = SHAPES[name];
  const names: string[] = [];
  const given: Switch[] = [];
  for (const word of own.slice(1)) {
    if (!word.startsWith("-")) names.push(word);
    else {
      const found = [...switches, ...COMMON].find((one) => word === `--${one}`);
      if (found === undefined) return undefined;
      given.push(found);
    }
  }
  const isRight = names.length >= least && names.length <= most && !names.includes("") &&
    (runs ? child !== undefined && child.length > 0 : child === undefined);
  if (!isRight) return undefined;
  return { kind: "run", name, names, child: child ?? [], options: optionsWith(given) };
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(SHAPES, word);
}

/** True when the answer, errors too, is to be JSON: asked before the line is known to be right. */
export function wantsJson(argv: readonly string[]): boolean {
  return atDashes(argv).own.includes("--json");
}
