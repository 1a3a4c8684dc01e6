/**
 * `eac strategies check FILE`: runs a strategy as eac will, with the tests next to it.
 *
 * @module
 */

import { folderOf, join, nameOf } from "../../config/locations.ts";
import { EacError, showPlace } from "../../errors.ts";
import type { RunLine } from "../../context.ts";
import type { Host } from "../../host/host.ts";
import { InvalidField } from "../validate.ts";
import type { Described } from "../description.ts";
import { loadFiles } from "../registry.ts";
import { fileEndings } from "../strategy_file.ts";
import { type Ended, type Sandbox, startSandbox, TOKEN_PROFILE } from "./sandbox.ts";
import { testName } from "./templates.ts";
import { madeUpTest, readTests, type Test } from "./test_file.ts";

/** The result of one check. */
export interface Checked {
  readonly name: string;
  readonly status: "ok" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly problem?: string | undefined;
}

/**
 * Checks a file, and yields each result as soon as it is known.
 *
 * @param runLine runs eac with the file's strategy before the built-in ones
 * @throws {EacError} `usage` for a missing file
 */
export async function* checkFile(
  host: Host,
  path: string,
  runLine: RunLine,
): AsyncGenerator<Checked> {
  const file = host.realPath(path);
  if (file === undefined) {
    throw new EacError("usage", `there is no file ${path}`, {
      hint: "create a strategy: eac strategies new NAME.js",
    });
  }
  const folder = host.makeTempFolder();
  try {
    const described = yield* checkContract(host, folder, file);
    if (described === undefined) return;
    const tests = join(host.os, folderOf(host.os, file), testName(nameOf(host.os, file)));
    const bytes = host.readFile(tests);
    const profile = described.gives === "sign-in" ? TOKEN_PROFILE : "test";
    const checkable = { file, profile, cached: described.keep !== false };
    let index = 0;
    const home = () => join(host.os, folder, String(index++));
    if (bytes === undefined) {
      yield* checkWithout(host, home(), checkable, madeUpTest(described), runLine, tests);
      return;
    }
    const read = reading(tests, new TextDecoder().decode(bytes));
    if ("status" in read) yield read;
    else {
      for (const test of read) yield* checkOne(host, home(), checkable, test, runLine);
    }
  } finally {
    host.removeFolder(folder);
  }
}

/** Checks that the file is safe, loads and describes itself. */
async function* checkContract(
  host: Host,
  folder: string,
  file: string,
): AsyncGenerator<Checked, Described | undefined> {
  const name = "keeps the contract";
  // Without the cache, so that the file is asked.
  const uncached = { ...host, env: { ...host.env, EAC_HOME: join(host.os, folder, "uncached") } };
  const { files: [own] } = await loadFiles(uncached, [file]);
  if (own?.described !== undefined && own.error === undefined) {
    yield { name, status: "ok" };
    return own.described;
  }
  const problem = own?.error !== undefined
    ? explained(own.error)
    : /^[._]/.test(nameOf(host.os, file))
    ? 'files whose name begins with "_" or "." are not strategies, but may be imported by one'
    : `this is not a strategy file name: ${fileEndings(host.os)}`;
  yield { name, status: "failed", problem };
}

function explained(error: EacError): string {
  const at = error.place ? ` (${showPlace(error.place)})` : "";
  return `${error.message}${at}${error.hint ? `\n${error.hint}` : ""}`;
}

function reading(file: string, text: string): readonly Test[] | Checked {
  try {
    return readTests(text);
  } catch (thrown) {
    if (!(thrown instanceof InvalidField)) throw thrown;
    return { name: `reads ${file}`, status: "failed", problem: thrown.message };
  }
}

/** A file, and the profile of the sandbox that needs it. */
interface Checkable {
  readonly file: string;
  readonly profile: string;
  /** False if its credentials must not be cached. */
  readonly cached: boolean;
}

/** Without tests, made-up keys are tried. If they do not work, that proves nothing. */
async function* checkWithout(
  host: Host,
  home: string,
  checkable: Checkable,
  test: Test,
  runLine: RunLine,
  tests: string,
): AsyncGenerator<Checked> {
  for await (const { name, problem } of checkOne(host, home, checkable, test, runLine)) {
    if (problem === undefined) yield { name, status: "ok" };
    else {
      const say = `${problem}\nwrite ${tests}: the keys to test it with, and the expected result`;
      yield { name, status: "skipped", problem: say };
    }
  }
}

/** Lines of a failed run that are shown. */
const MOST_LINES = 20;

function lastLines(text: string): string {
  const lines = text.trim().split("\n");
  const cut = lines.length - MOST_LINES;
  if (cut <= 0) return lines.join("\n");
  return [`[${cut} lines before]`, ...lines.slice(-MOST_LINES)].join("\n");
}

/** Checks credentials and calls; then that a second run uses the cache, unless it must not. */
async function* checkOne(
  host: Host,
  home: string,
  { file, profile, cached }: Checkable,
  test: Test,
  runLine: RunLine,
): AsyncGenerator<Checked> {
  const { name } = test;
  const stage = await startSandbox(host, home, file, test, runLine);
  try {
    const first = await stage.eac("process", profile);
    const problem = problemOf(test, first, stage);
    if (problem !== undefined) {
      yield { name, status: "failed", problem };
      return;
    }
    yield { name, status: "ok" };
    if (test.fails !== undefined || !cached) return;
    const calls = stage.calls().length;
    const again = await stage.eac("process", profile);
    const isCached = again.stdout === first.stdout && stage.calls().length === calls;
    yield {
      name: `${name}; asked again, from the cache`,
      status: isCached ? "ok" : "failed",
      problem: isCached
        ? undefined
        : lastLines(again.stderr) || "the second run did not use the cache",
    };
  } finally {
    await stage.close();
  }
}

function problemOf(test: Test, { code, stderr }: Ended, stage: Sandbox): string | undefined {
  if (test.fails !== undefined) {
    if (code === 0) return "it returned credentials, but should have failed";
    if (stderr.includes(test.fails)) return undefined;
    return `it failed, but without "${test.fails}":\n${lastLines(stderr)}`;
  }
  if (code !== 0) return `${lastLines(stderr)} [exit ${code}]`;
  if (test.calls === undefined) return undefined;
  const [wanted, got] = [test.calls, stage.calls()].map((calls) => calls.join("\n  ") || "none");
  return wanted === got ? undefined : `STS got these calls:\n  ${got}\nexpected:\n  ${wanted}`;
}
