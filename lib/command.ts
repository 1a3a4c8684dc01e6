/**
 * What eac is asked to do, and the plain way to ask it: a line without options. Other programs call
 * eac by such lines, and wait for it; args.ts, which reads all others, takes longer to load.
 *
 * @module
 */

/** What a command takes beside options. */
export interface Shape {
  /** How many names. */
  readonly names: readonly [least: number, most: number];
  /** True when what follows `--` is a command to run. */
  readonly child?: boolean;
}

/** Every command, in the order of the help. */
export const SHAPES = {
  get: { names: [0, Infinity] },
  exec: { names: [0, 1], child: true },
  env: { names: [0, 1] },
  process: { names: [0, 1] },
  list: { names: [0, 0] },
  explain: { names: [0, 1] },
  whoami: { names: [0, 1] },
  console: { names: [0, 1] },
  link: { names: [2, 2] },
  clear: { names: [0, Infinity] },
  init: { names: [0, 1] },
  rotate: { names: [0, 1] },
  doctor: { names: [0, 0] },
  strategies: { names: [0, 2] },
  completion: { names: [1, 1] },
  demo: { names: [0, 0] },
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

/** Reads a line without options; `undefined` for any other, and for one that is not right. */
export function plainCommand(argv: readonly string[]): Command | undefined {
  const dashes = argv.indexOf("--");
  const own = dashes < 0 ? argv : argv.slice(0, dashes);
  const child = dashes < 0 ? [] : argv.slice(dashes + 1);
  const [name = "", ...names] = own;
  if (!isCommand(name) || names.some((word) => word === "" || word.startsWith("-"))) {
    return undefined;
  }
  const { names: [least, most], child: runs = false }: Shape = SHAPES[name];
  const isRight = names.length >= least && names.length <= most &&
    (runs ? child.length > 0 : dashes < 0);
  return isRight ? { kind: "run", name, names, child, options: NO_OPTIONS } : undefined;
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(SHAPES, word);
}

/** True when the answer, errors too, is to be JSON: asked before the line is known to be right. */
export function wantsJson(argv: readonly string[]): boolean {
  const dashes = argv.indexOf("--");
  return (dashes < 0 ? argv : argv.slice(0, dashes)).includes("--json");
}
