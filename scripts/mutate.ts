/**
 * `deno task mutate`: makes small changes to `lib/` and `strategies/`, one at a time, and shows the
 * ones that the tests miss.
 *
 * `--count 40` changes, `--seed N` chooses them, `--start 20` skips the first 20 of the seed's list, `--at
 * 7,12` tries only these of it, `--only lib/sinks` limits the list to paths with this prefix, `--for 30m`
 * ends early, `--jobs 2` tries two at a time. A change that does not type-check is not counted.
 *
 * First, each test file runs once without a change; one that fails is left out. Each change is then tested
 * by the test files that import the changed file, those that mirror its folder, the cases, and all that take
 * less than three seconds. A change that they miss is tested by the slow ones at the end. A test file detects
 * a change if it fails twice with it and passes without it, because load can make a test fail too.
 *
 * Exits 1 if a change survives. A survivor may be equivalent to the original.
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

/** Lines without executable code, and files whose wording no test can pin. */
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
const start = Number(options.get("--start") ?? "0");
const at = options.get("--at")?.split(",").map(Number);
const jobs = Number(options.get("--jobs") ?? "1");
const seconds = parseDuration(options.get("--for") ?? "24h");
const only = options.get("--only") ?? "";
const known = [...options.keys()].every((name) =>
  /^--(count|seed|start|at|only|for|jobs)$/.test(name)
);
if (
  !known || !(count > 0) || Number.isNaN(seed) || !(start >= 0) || !(jobs > 0) ||
  seconds === undefined
) {
  console.error(
    "usage: deno task mutate [--count 40] [--seed N] [--start 20] [--at 7,12] [--only lib/sinks] [--for 30m] [--jobs 2]",
  );
  Deno.exit(2);
}
const deadline = Date.now() + seconds * 1000;

// Next to the repository, where the tests find `../shared`.
const root = new URL("..", import.meta.url).pathname;
const beside = new URL("../..", import.meta.url).pathname;
const copies: string[] = [];
for (let job = 0; job < jobs; job++) {
  const copy = Deno.makeTempDirSync({ dir: beside, prefix: "eac-mutate-" });
  await new Deno.Command("cp", { args: ["-R", `${root}.`, copy] }).output();
  copies.push(copy);
}

/** Processes each item once, one at a time in each copy, until the time is up. */
async function inCopies<T>(
  items: readonly T[],
  use: (item: T, copy: string) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  await Promise.all(copies.map(async (copy) => {
    for (const item of rest) {
      if (Date.now() >= deadline) break;
      await use(item, copy);
    }
  }));
}

/** The runs of Deno that have not exited. */
const running = new Set<number>();

/** Kills a run of Deno and everything that it started. */
function end(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // All of them have exited.
  }
}

function cleanUp(): void {
  running.forEach(end);
  for (const copy of copies) Deno.removeSync(copy, { recursive: true });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    cleanUp();
    Deno.exit(1);
  });
}

/**
 * Runs Deno.
 *
 * @param limit in milliseconds
 */
async function deno(
  copy: string,
  limit: number,
  ...args: string[]
): Promise<{ readonly success: boolean; readonly stdout: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: copy,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    detached: true,
  }).spawn();
  running.add(child.pid);
  const stdout = new Response(child.stdout).text();
  const timer = setTimeout(end, limit, child.pid);
  const { success } = await child.status;
  clearTimeout(timer);
  end(child.pid);
  running.delete(child.pid);
  return { success, stdout: await stdout };
}

const LIMIT = 300_000;

/** The first of these test files that fails, or that does not finish within five minutes. */
async function firstFailure(copy: string, files: readonly string[]): Promise<string | undefined> {
  if (files.length === 0) return undefined;
  const args = ["test", "-A", "--no-check", "--fail-fast", ...files];
  const { success, stdout } = await deno(copy, LIMIT, ...args);
  if (success) return undefined;
  const ran = [...stdout.matchAll(/^running \d+ tests? from \.\/(\S+)$/gm)];
  return ran.at(-1)?.[1] ?? files[0];
}

/** The test file that fails with the change, fails with it again, and passes without it. */
async function detectingTest(
  copy: string,
  { file, line, after }: Mutation,
  tests: readonly string[],
): Promise<string | undefined> {
  const path = `${copy}/${file}`;
  const text = Deno.readTextFileSync(path);
  const changed = text.split("\n").with(line - 1, after).join("\n");
  for (let rest = tests; rest.length > 0;) {
    Deno.writeTextFileSync(path, changed);
    const failed = await firstFailure(copy, rest);
    const again = failed === undefined ? undefined : await firstFailure(copy, [failed]);
    Deno.writeTextFileSync(path, text);
    if (failed === undefined) return undefined;
    if (again !== undefined && await firstFailure(copy, [failed]) === undefined) return failed;
    rest = rest.filter((test) => test !== failed);
  }
}

/** Whether the changed file type-checks. */
async function isTyped(copy: string, { file, line, after }: Mutation): Promise<boolean> {
  const path = `${copy}/${file}`;
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, text.split("\n").with(line - 1, after).join("\n"));
  const { success } = await deno(copy, LIMIT, "check", "-q", file);
  Deno.writeTextFileSync(path, text);
  return success;
}

const first = copies[0]!;
const paths = (folder: string) =>
  [...filesIn(`${first}/${folder}`)].map((path) => path.slice(first.length + 1)).sort();

/** The test files that pass without a change, and how long each takes, in milliseconds. */
const times = new Map<string, number>();
await inCopies(paths("tests").filter((file) => file.endsWith("_test.ts")), async (file, copy) => {
  const before = Date.now();
  if (await firstFailure(copy, [file]) === undefined) times.set(file, Date.now() - before);
  else console.log(`left out, fails without a change: ${file}`);
});
const tests = [...times.keys()].sort((a, b) => times.get(a)! - times.get(b)!);
const isQuick = (test: string) => times.get(test)! < 3000;
const texts = new Map(tests.map((test) => [test, Deno.readTextFileSync(`${first}/${test}`)]));

/** The tests to run first on a changed file, and those to run last; each entry is one run of Deno. */
function runsFor(file: string): { readonly first: string[][]; readonly last: string[][] } {
  const folder = `${file.replace(/^lib\//, "tests/").replace(/\/[^/]*$/, "")}/`;
  const isNear = (test: string) =>
    test === "tests/program/cases_test.ts" || texts.get(test)!.includes(`/${file}"`) ||
    folder.startsWith(test.replace(/[^/]*$/, ""));
  const near = tests.filter(isNear);
  const others = tests.filter((test) => !isNear(test));
  const isSlow = (test: string) => !isQuick(test);
  const alone = (test: string) => [test];
  return {
    first: [near.filter(isQuick), ...near.filter(isSlow).map(alone), others.filter(isQuick)],
    last: others.filter(isSlow).map(alone),
  };
}

const all = shuffled(
  ["lib", "strategies"].flatMap(paths).filter((file) => file.startsWith(only))
    .flatMap((file) => [...mutationsOf(file, Deno.readTextFileSync(`${first}/${file}`))]),
  seed,
).map((mutation, index) => ({ ...mutation, index }));

const show = (mutation: typeof all[number], outcome: string) =>
  console.log(`#${mutation.index} ${mutation.file}:${mutation.line} ${outcome}`);
const difference = ({ before, after }: Mutation) => `\n  - ${before.trim()}\n  + ${after.trim()}`;

/** The first test file of these runs that detects a change. */
async function firstDetectingTest(copy: string, mutation: Mutation, runs: readonly string[][]) {
  for (const run of runs) {
    const test = await detectingTest(copy, mutation, run);
    if (test !== undefined) return test;
  }
}

let tried = 0;
let detected = 0;
const missed: typeof all[number][] = [];
const chosen = at === undefined ? all.slice(start) : at.flatMap((index) => all[index] ?? []);
await inCopies(chosen, async (mutation, copy) => {
  if (tried >= count || !await isTyped(copy, mutation) || tried >= count) return;
  tried++;
  const test = await firstDetectingTest(copy, mutation, runsFor(mutation.file).first);
  if (test !== undefined) detected++;
  else missed.push(mutation);
  show(mutation, test ?? `missed so far${difference(mutation)}`);
});

let survived = 0;
await inCopies(missed, async (mutation, copy) => {
  const test = await firstDetectingTest(copy, mutation, runsFor(mutation.file).last);
  if (test !== undefined) detected++;
  else survived++;
  show(mutation, test ?? `survived${difference(mutation)}`);
});
cleanUp();
console.log(`${detected} of ${detected + survived} changes detected, seed ${seed}`);
Deno.exit(survived === 0 ? 0 : 1);
