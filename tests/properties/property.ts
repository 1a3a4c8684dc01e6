/**
 * Properties that hold for any input: tested briefly in the suite (fuzz_test.ts), and for any time
 * by `deno task fuzz`.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import type fc from "fast-check";
import type { Host, HttpAnswer, HttpRequest, Outcome } from "../../lib/host/host.ts";
import { EacError, EXIT_CODES } from "../../lib/errors.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert } from "../support/assert.ts";
import { isInside, type TestHost, testHost } from "../support/fakes.ts";

/** A property and its generator. */
export interface Property {
  /** `arguments: any command line ends in one of the exit codes`. */
  readonly name: string;
  /** The number of tries in the suite. */
  readonly runs: number;
  readonly property: fc.IRawProperty<unknown>;
  /** Why it cannot be tested here. */
  readonly skip?: string;
  /** Ends what it started. */
  readonly end?: () => Promise<void>;
}

/** What surrounds a run. */
export interface Surroundings {
  readonly home?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The response to every HTTP request. */
  readonly answer?: HttpAnswer | ((request: HttpRequest) => HttpAnswer);
  readonly outcome?: Outcome;
}

/** The result of a run. */
export interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const REFUSED: HttpAnswer = {
  status: 403,
  headers: {},
  body: new TextEncoder().encode("<E><Code>AccessDenied</Code><Message>no</Message></E>"),
};

/** Runs a command line on a machine without a network and without other programs. */
export async function tryRun(
  argv: readonly string[],
  { home = {}, env = {}, answer = REFUSED, outcome }: Surroundings,
  look: (host: TestHost) => void = () => {},
): Promise<Ended> {
  using host = testHost({ env });
  host.env.PATH = "/nowhere";
  for (const [path, content] of Object.entries(home)) {
    host.write(path, "");
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(host.path(path), bytes);
  }
  const ended: Outcome = outcome ??
    { code: 1, stdout: new Uint8Array(), stderr: new Uint8Array() };
  const at: Host = {
    ...host,
    now: () => host.time,
    ...own(host),
    http: (request) => Promise.resolve(typeof answer === "function" ? answer(request) : answer),
    capture: () => Promise.resolve(ended),
    replace: () => Promise.resolve(0),
  };
  // Processor time, since a busy machine takes any time by the clock.
  const began = cpuUsage();
  const exit = await run(argv, at, strategies);
  const { user, system } = cpuUsage(began);
  const took = (user + system) / 1000;
  const { stdout, stderr } = host.printed;
  checkSound({ exit, stdout, stderr });
  const size = Object.values(home).reduce((sum, { length }) => sum + length, 0) +
    (typeof answer === "function" ? 0 : answer.body.length) + ended.stdout.length +
    ended.stderr.length;
  assert(took < 2000 + 1000 * size / 1_000_000, `it took ${Math.round(took)} ms for ${size} bytes`);
  look(host);
  return { exit, stdout, stderr };
}

/** Files may be changed in the test's own folder; elsewhere the system refuses it. */
function own(host: TestHost): Partial<Host> {
  const guarded = <T extends unknown[], R>(work: (path: string, ...rest: T) => R) =>
  (
    path: string,
    ...rest: T
  ): R => {
    if (isInside(path, host.home)) return work(path, ...rest);
    throw new EacError("io", `cannot change ${path}: permission denied`);
  };
  return {
    createFile: guarded(host.createFile),
    appendFile: guarded(host.appendFile),
    makeFolder: guarded(host.makeFolder),
    rename: guarded(host.rename),
    remove: guarded(host.remove),
    setMode: guarded(host.setMode),
    lock: guarded(host.lock),
  };
}

const SOUND: ReadonlySet<number> = new Set([0, 127, ...Object.values(EXIT_CODES)]);

/** No defect, no stack trace, no control characters. */
function checkSound({ exit, stdout, stderr }: Ended): void {
  assert(SOUND.has(exit) && exit !== EXIT_CODES.internal, `exit ${exit}: ${stderr}`);
  assert(!/\n {4}at |unexpected failure/.test(stderr), stderr);
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(stderr), JSON.stringify(stderr));
  // With --json several profiles tell their errors on stdout.
  assert(exit === 0 || stderr + stdout !== "", `exit ${exit} without a word`);
}
