/**
 * `deno task mutate`: makes small changes to `lib/` and `strategies/`, one at a time, and shows which the
 * tests do not notice.
 *
 * `--count 40` changes, `--seed N` chooses them, `--only lib/sinks` limits them to paths that begin so,
 * `--for 30m` ends early. The tests that mirror the changed file run first, then all. Exits 1 if a change
 * survives; it may be one that changes nothing.
 *
 * @module
 */

import { parseDuration } from "../lib/text/duration.ts";

/** A change of one place in a line. */
type Rule = readonly [from: RegExp, to: string];

const RULES: readonly Rule[] = [
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/ \+ 1\b/g, " + 2"],
  [/ - 1\b/g, " - 2"],
  [/ \?\? /g, " && "],
  [/\bawait (?=\w)/g, ""],
  [/\bif \((?=[\w.]+\))/g, "if (!"],
  [/\bthrow new /g, "new "],
  [/\breturn;/g, ";"],
];

/** Lines that are no code that runs, and files whose words no test can pin. */
const NO_CODE = /^\s*(\/\/|\*|\/\*|import |export type |type |readonly |\||export \{)/;
const LEFT_OUT = /\.d\.ts$|\/templates\.ts$|\/style\.ts$/;

/** One change that can be made. */
interface Mutation {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

function* filesIn(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesIn(path);
    else if (name.endsWith(".ts") && !LEFT_OUT.test(path)) yield path;
  }
}

function* mutationsOf(file: string, text: string): Iterable<Mutation> {
  for (const [index, before] of text.split("\n").entries()) {
    if (NO_CODE.test(before)) continue;
    for (const [from, to] of RULES) {
      for (const { index: at, 0: found } of before.matchAll(from)) {
        const after = before.slice(0, at) + to + before.slice(at + found.length);
        yield { file, line: index + 1, before, after };
      }
    }
  }
}

/** A sequence that a seed determines (a linear congruential generator). */
function shuffled<T>(all: readonly T[], seed: number): T[] {
  const rest = [...all];
  let state = seed >>> 0;
  for (let index = rest.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor(state / 2 ** 32 * (index + 1));
    [rest[index], rest[other]] = [rest[other]!, rest[index]!];
  }
  return rest;
}

const options = new Map<string, string>();
for (let index = 0; index < Deno.args.length; index += 2) {
  options.set(Deno.args[index]!, Deno.args[index + 1] ?? "");
}
const count = Number(options.get("--count") ?? "40");
const seed = Number(options.get("--seed") ?? Date.now() & 0x7fffffff);
const seconds = parseDuration(options.get("--for") ?? "24h");
const only = options.get("--only") ?? "";
const known = [...options.keys()].every((name) => /^--(count|seed|for|only)$/.test(name));
if (!known || !(count > 0) || Number.isNaN(seed) || seconds === undefined) {
  console.error("usage: deno task mutate [--count 40] [--seed N] [--only lib/sinks] [--for 30m]");
  Deno.exit(2);
}

const root = new URL("..", import.meta.url).pathname;
const copy = Deno.makeTempDirSync({ prefix: "eac-mutate-" });
await new Deno.Command("cp", { args: ["-R", `${root}.`, copy] }).output();

/** Whether Deno ends with 0; a run that does not end within five minutes has noticed the change. */
async function succeeds(...args: string[]): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: copy,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(300_000),
  }).spawn();
  return (await child.status).success;
}

/** The tests that mirror a file, then all of them. */
function suitesFor(file: string): string[] {
  const mirror = file.replace(/^lib\//, "tests/").replace(/\/[^/]*$/, "");
  const there = mirror !== "tests" && [...Deno.readDirSync(`${copy}/tests`)]
    .some(({ name }) => mirror.startsWith(`tests/${name}`));
  return [...(there ? [`tests/${mirror.split("/")[1]}`] : []), "tests/"];
}

async function isNoticed(file: string): Promise<boolean> {
  for (const suite of suitesFor(file)) {
    if (!await succeeds("test", "-A", "--no-check", "--fail-fast", suite)) return true;
  }
  return false;
}

const all = ["lib", "strategies"].flatMap((folder) => [...filesIn(`${copy}/${folder}`)])
  .map((path) => path.slice(copy.length + 1)).filter((file) => file.startsWith(only)).sort()
  .flatMap((file) => [...mutationsOf(file, Deno.readTextFileSync(`${copy}/${file}`))]);
const end = Date.now() + seconds * 1000;
let noticed = 0;
let survived = 0;
for (const { file, line, before, after } of shuffled(all, seed)) {
  if (noticed + survived >= count || Date.now() >= end) break;
  const path = `${copy}/${file}`;
  const text = Deno.readTextFileSync(path);
  const lines = text.split("\n");
  lines[line - 1] = after;
  Deno.writeTextFileSync(path, lines.join("\n"));
  if (await succeeds("check", "-q", "main.ts")) {
    if (await isNoticed(file)) noticed++;
    else {
      survived++;
      console.log(`survived: ${file}:${line}\n  - ${before.trim()}\n  + ${after.trim()}`);
    }
  }
  Deno.writeTextFileSync(path, text);
}
Deno.removeSync(copy, { recursive: true });
console.log(`${noticed} of ${noticed + survived} changes noticed, seed ${seed}`);
Deno.exit(survived === 0 ? 0 : 1);
