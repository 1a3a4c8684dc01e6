/**
 * The tests under Deno for Windows, in wine: a few files at a time, so that a file that stalls ends alone.
 * A failure for which wine is the cause is listed here with that cause; any other fails the task.
 *
 * @module
 */

/** A chunk without any output for so long has stalled, in milliseconds. */
const SILENCE = 180_000;
const CHUNK = 6;

/** Tests that fail because of wine: a part of `file: name`, and the cause. */
const CAUSES: readonly (readonly [test: string, cause: string])[] = [
  ["tests/scripts/bundle_test.ts", "wine has no junctions, by which Deno lays out packages"],
  [
    "tests/program/warm_path_test.ts: the bundle loads few files",
    "wine has no junctions, by which Deno lays out packages",
  ],
];

/** The result of the tests. */
export interface Suite {
  readonly passed: number;
  /** The ignored tests: `file: name`. */
  readonly ignored: readonly string[];
  /** Failed tests with their cause in wine. */
  readonly explained: readonly (readonly [test: string, cause: string])[];
  /** Failed tests without a known cause. */
  readonly unexplained: readonly string[];
}

/** What the tests run in. */
export interface Place {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends the Windows programs that are still running. */
  stop(): void;
}

/** Runs all tests; `through` is the command that starts Deno for Windows. */
export async function testOnWindows(through: readonly string[], place: Place): Promise<Suite> {
  let passed = 0;
  const ignored: string[] = [];
  const failed: string[] = [];
  /** Counts the result of some files; false if they are to be run again, one by one. */
  const count = async (files: readonly string[], isLast: boolean): Promise<boolean> => {
    const output = await runFiles(through, files, place);
    const found = resultOf(output);
    if (!isLast && found?.failed.length !== 0) return false;
    if (found === undefined) {
      failed.push(`${files.join(" ")}: it did not end`);
      console.log(output.split("\n").slice(-20).join("\n"));
      return true;
    }
    passed += found.passed;
    ignored.push(...found.ignored);
    failed.push(...found.failed);
    console.log(`${files.join(" ")}: ${found.passed} passed, ${found.failed.length} failed`);
    if (found.failed.length > 0) console.log(output.slice(output.indexOf(" ERRORS ")));
    return true;
  };
  // On a busy machine wine is too slow for some tests, such as of the 10 s that a strategy has to describe
  // itself: files among which one fails or stalls are run again by themselves.
  for (const files of chunks(testFiles(`${place.root}/tests`, "tests"), CHUNK)) {
    if (await count(files, false)) continue;
    for (const file of files) await count([file], true);
  }
  return judged({ passed, failed, ignored });
}

/** Separates the failures that wine explains; a test that is ignored must have its reason in its name. */
export function judged({ passed, failed, ignored }: Result): Suite {
  const causeOf = (test: string) => CAUSES.find(([part]) => test.includes(part))?.[1];
  return {
    passed,
    ignored,
    explained: failed.flatMap((test) => {
      const cause = causeOf(test);
      return cause === undefined ? [] : [[test, cause] as const];
    }),
    unexplained: [
      ...failed.filter((test) => causeOf(test) === undefined),
      ...ignored.filter((test) => reasonOf(test) === undefined)
        .map((test) => `${test}: it is ignored without a reason in its name`),
    ],
  };
}

/** Why a test is ignored, from the end of its name: `(ignored on Windows: no signals)`. */
function reasonOf(test: string): string | undefined {
  return / \((?:(?:ignored|skipped)[^:]*: |(?=only ))(.+)\)$/.exec(test)?.[1];
}

/** How many tests each reason ignores, most first. */
function ignoredLine(ignored: readonly string[]): string {
  const reasons = Map.groupBy(ignored, (test) => reasonOf(test) ?? "no reason");
  const counts = [...reasons].map(([reason, tests]) => [reason, tests.length] as const)
    .sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1));
  return `Ignored: ${counts.map(([reason, count]) => `${count} (${reason})`).join(", ")}.`;
}

/** The result as Markdown. */
export function suiteLines(suite: Suite, runtime: string): string {
  const { passed, ignored, explained, unexplained } = suite;
  const count = explained.length + unexplained.length;
  const date = new Date().toISOString().slice(0, 10);
  const summary = `${date}, ${runtime}: ${passed} passed, ${count} failed, ` +
    `${ignored.length} ignored.`;
  const causes = [
    ...explained.map(([test, cause]) => `- ${test}: ${cause}`),
    ...unexplained.map((test) => `- ${test}: FAILED, cause unknown`),
  ];
  const reasons = ignored.length > 0 ? [ignoredLine(ignored), ""] : [];
  return [summary, "", ...reasons, ...causes].join("\n").trim();
}

/** The result of some files; failed and ignored tests as `file: name`. */
interface Result {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly ignored: readonly string[];
}

/** Reads the output of `deno test`; `undefined` if it did not reach its last lines. */
export function resultOf(output: string): Result | undefined {
  const text = output.replaceAll("\r", "");
  const summary = [...text.matchAll(
    /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?/gm,
  )].at(-1);
  if (summary === undefined) return undefined;
  const list = text.slice(text.lastIndexOf("\n FAILURES "));
  // `name ... step => ./tests/x_test.ts:1:2`, once for each failed step and once for the test.
  const failed = [...list.matchAll(/^(.+?) => (?:\.\/)?(tests\/\S+?):\d+:\d+$/gm)]
    .map(([, name, file]) => `${file}: ${name}`);
  return {
    passed: Number(summary[1]),
    ignored: ignoredIn(text),
    failed: summary[2] === "0" ? [] : failed,
  };
}

function ignoredIn(text: string): string[] {
  let file = "";
  return text.split("\n").flatMap((line) => {
    file = /^running \d+ tests? from \.\/(\S+)/.exec(line)?.[1] ?? file;
    const name = /^(\S.*) \.\.\. ignored/.exec(line)?.[1];
    return name === undefined ? [] : [`${file}: ${name}`];
  });
}

/** Returns the output, also of a run that was killed since it had stalled. */
async function runFiles(
  through: readonly string[],
  files: readonly string[],
  { root, env, stop }: Place,
): Promise<string> {
  const [program, ...args] = through as [string, ...string[]];
  const child = new Deno.Command(program, {
    args: [...args, "test", "-A", "--no-check", ...files],
    cwd: root,
    clearEnv: true,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const onSilence = () => {
    stop(); // ends the Windows programs, and with them the pipes
    child.kill("SIGKILL");
  };
  let timer = setTimeout(onSilence, SILENCE);
  const read = async (stream: ReadableStream<Uint8Array>) => {
    let text = "";
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer);
      timer = setTimeout(onSilence, SILENCE);
      text += piece;
    }
    return text;
  };
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
  await child.status;
  clearTimeout(timer);
  return stdout + stderr;
}

function testFiles(folder: string, name: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = `${name}/${entry.name}`;
    if (entry.isDirectory) return testFiles(`${folder}/${entry.name}`, path);
    return entry.name.endsWith("_test.ts") ? [path] : [];
  }).sort();
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, at) => all.slice(at * size, (at + 1) * size));
}
