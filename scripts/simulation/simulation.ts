/**
 * Runs the real program, `lib/run.ts`, in several processes at once on one simulated machine: a
 * disk in memory, a clock, locks, and an STS that records its requests.
 *
 * Only one process runs at a time. At each asynchronous call of the Host the scheduler decides
 * which process continues. Synchronous calls cannot be interleaved with those of another process,
 * since JavaScript runs them to completion; but a crash, an error or another program's write can occur
 * at each of them.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Emulator } from "../../lib/emulator/emulator.ts";
import type { WorldDescription } from "../../lib/emulator/world.ts";
import type { Host, HttpAnswer, HttpRequest, Lock, Program } from "../../lib/host/host.ts";
import { seedRandomValues } from "./determinism.ts";
import type { Chooser, FaultKind } from "./chooser.ts";
import { Disk } from "./disk.ts";

/** The modules of the program under test. They may be of another checkout. */
export interface ProgramUnderTest {
  run(argv: readonly string[], host: Host, strategies: readonly unknown[]): Promise<number>;
  readonly strategies: readonly unknown[];
  startEmulator(
    host: Pick<Host, "serve" | "now" | "sleep">,
    world: WorldDescription,
  ): Emulator;
  readonly EacError: new (code: "io" | "network", message: string) => Error;
  totp(secret: string, time: number): Promise<string>;
}

/**
 * Loads the program of a checkout, with every module that it imports later: loading one takes a time
 * that differs from run to run.
 */
export async function loadProgram(root: URL): Promise<ProgramUnderTest> {
  const load = (path: string) => import(new URL(path, root).href);
  for (const path of modulesBelow(root, "lib")) await load(path);
  const [{ run }, { strategies }, { startEmulator }, { EacError }, { totp }] = await Promise.all([
    load("lib/run.ts"),
    load("strategies/mod.ts"),
    load("lib/emulator/emulator.ts"),
    load("lib/errors.ts"),
    load("lib/emulator/totp.ts"),
  ]);
  return { run, strategies, startEmulator, EacError, totp };
}

function* modulesBelow(root: URL, folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, root))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* modulesBelow(root, path);
    // The picker's prompts need a terminal, and take long to load.
    else if (/(?<!\.d)\.ts$/.test(path) && !/\/terminal\/(prompts|inquirer)/.test(path)) yield path;
  }
}

/** The result of one process. */
export interface Exit {
  readonly argv: readonly string[];
  /** 137 for a process that was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that the scheduler may continue. */
interface Process {
  readonly id: number;
  readonly name: string;
  dead: boolean;
  readonly killed: PromiseWithResolvers<void>;
}

/** A pending call of the Host, or a step of another program. */
interface Waiting {
  readonly process: Process;
  readonly label: string;
  readonly ready: () => boolean;
  /** When `ready` becomes true by itself, in milliseconds of the monotonic clock. */
  readonly at?: number | undefined;
  readonly resume: () => void;
}

/** A violated invariant. */
export class Violation extends Error {
  override name = "Violation";
}

/** Thrown into a process that was killed; nothing it does afterwards has an effect. */
class Killed extends Error {}

/** How many steps a history may take before it counts as endless. */
const STEP_LIMIT = 20_000;

/** After this many turns of the event loop without a call of the Host, every process is waiting. */
const IDLE_TURNS = 4;

/** How far the wall clock jumps, in milliseconds. */
const CLOCK_JUMP = 90_000;

/** The home folder of every simulated process. */
export const HOME = "/home/user";

/** A simulated machine, and everything that happens on it. */
export class Simulation {
  readonly disk: Disk;
  readonly emulator: Emulator;
  readonly exits: Exit[] = [];
  readonly trace: string[] = [];
  /** How many faults have occurred in this history. */
  faults = 0;
  /** How often the wall clock has jumped. */
  clockJumps = 0;
  /** No faults occur while this is set. */
  faultless = false;
  /** Called by the fault "another program writes". */
  foreignWrite: (() => void) | undefined;
  /** Checks what must hold after each step. */
  check: () => void = () => {};

  /** The wall clock at the start, in milliseconds since 1970. */
  readonly started = Date.UTC(2026, 10, 23, 13);

  /** What all processes have written to stderr so far. */
  errors = "";

  #monotonic = 0;
  #wall = this.started;
  #waiting: Waiting[] = [];
  #deadlines: { at: number; controller: AbortController }[] = [];
  #locks = new Map<string, Process>();
  #activity = 0;
  #busy = 0;
  #processes = 0;
  #handler: Parameters<Host["serve"]>[0] | undefined;
  #failure: unknown;

  constructor(
    readonly program: ProgramUnderTest,
    world: WorldDescription,
    readonly chooser: Chooser,
    seed: number,
    readonly mfaSecrets: Readonly<Record<string, string>> = {},
  ) {
    seedRandomValues(seed);
    this.disk = new Disk(
      () => this.now(),
      (message) => new program.EacError("io", message),
    );
    this.emulator = program.startEmulator({
      now: () => this.now(),
      sleep: () => Promise.resolve(),
      serve: (handler) => {
        this.#handler = handler;
        return { url: "http://127.0.0.1:4566", stop: () => Promise.resolve() };
      },
    }, world);
  }

  /** The wall clock, in milliseconds since 1970. */
  now(): number {
    return this.#wall + this.#monotonic;
  }

  /** Runs all actors to their end, in the scheduler's order. */
  async play(actors: readonly (() => Promise<void>)[]): Promise<void> {
    let left = actors.length;
    for (const actor of actors) {
      actor().catch((error) => this.#failure ??= error).finally(() => left--);
    }
    for (let step = 0; left > 0; step++) {
      await this.#quiet();
      this.#throwFailure();
      if (left === 0) break;
      if (step >= STEP_LIMIT) throw new Violation(`a run does not finish: ${this.#waitingFor()}`);
      const ready = this.#waiting.filter((one) => one.ready());
      if (ready.length === 0) {
        this.#skipTime();
        continue;
      }
      const chosen = ready[this.chooser.next(ready.map(({ process }) => process.id))]!;
      this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
      this.#passTime(this.#monotonic + this.chooser.duration());
      this.#continueOrFault(chosen);
    }
    await this.#quiet();
    this.#throwFailure();
  }

  /** Runs one process of the program; to be called by an actor. */
  async eac(
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Exit> {
    const process: Process = this.#newProcess(`eac ${argv.join(" ")}`);
    const printed = { stdout: "", stderr: "" };
    const host = this.#host(process, env, printed);
    const code = await Promise.race([
      this.#wait(process, "starts")
        .then(() => this.program.run(argv, host, this.program.strategies)),
      process.killed.promise.then(() => 137),
    ]);
    if (!process.dead) this.#end(process);
    this.#note(process, `exits with ${code}`);
    const exit = { argv, code, ...printed };
    this.exits.push(exit);
    return exit;
  }

  /** Performs a step of a program that is not eac, when the scheduler decides. */
  async step<T>(label: string, act: () => T): Promise<T> {
    const process = this.#newProcess(label);
    await this.#wait(process, "continues");
    const result = act();
    this.#note(process, "done");
    this.#checkNow();
    return result;
  }

  #newProcess(name: string): Process {
    const killed = Promise.withResolvers<void>();
    return { id: ++this.#processes, name, dead: false, killed };
  }

  /** Waits until the scheduler chooses this call. A process that is killed meanwhile never resumes. */
  #wait(
    process: Process,
    label: string,
    ready: () => boolean = () => true,
    at?: number,
  ): Promise<void> {
    if (process.dead) return new Promise(() => {});
    this.#activity++;
    return new Promise((resolve) => {
      const resume = () => {
        this.#note(process, label);
        resolve();
      };
      this.#waiting.push({ process, label, ready, resume, at });
    });
  }

  /** Continues a call, unless a fault occurs. */
  #continueOrFault(chosen: Waiting): void {
    const isEac = chosen.process.name.startsWith("eac ");
    const fault = isEac ? this.#fault(["crash before", "clock jump"]) : undefined;
    if (fault === "clock jump") {
      this.#note(chosen.process, "clock jump");
      this.#wall += CLOCK_JUMP;
      this.clockJumps++;
    }
    if (fault === "crash before") this.#kill(chosen.process, `before ${chosen.label}`);
    else chosen.resume();
  }

  #fault(kinds: readonly FaultKind[]): FaultKind | undefined {
    if (this.faultless) return undefined;
    const possible = this.foreignWrite === undefined
      ? kinds.filter((kind) => kind !== "another program writes")
      : kinds;
    const fault = this.chooser.fault(possible);
    if (fault !== undefined) this.faults++;
    return fault;
  }

  #kill(process: Process, where: string): void {
    this.#note(process, `killed ${where}`);
    this.#end(process);
    process.killed.resolve();
  }

  #end(process: Process): void {
    process.dead = true;
    this.#waiting = this.#waiting.filter((one) => one.process !== process);
    for (const [path, holder] of this.#locks) if (holder === process) this.#locks.delete(path);
  }

  /** A synchronous change, at which a fault may occur. */
  #change(process: Process, label: string, act: () => void, torn?: () => void): void {
    if (process.dead) throw new Killed();
    const fault = this.#fault([
      "crash before",
      "crash after",
      "fails",
      "another program writes",
    ]);
    if (fault === "crash before") {
      torn?.();
      this.#kill(process, `in ${label}`);
      throw new Killed();
    }
    if (fault === "fails") {
      this.#note(process, `${label} fails`);
      throw new this.program.EacError("io", `cannot ${label}: the disk is full`);
    }
    if (fault === "another program writes") {
      this.#note(process, `another program writes before ${label}`);
      this.foreignWrite!();
    }
    act();
    this.#note(process, label);
    if (fault === "crash after") this.#kill(process, `after ${label}`);
    this.#checkNow();
    if (process.dead) throw new Killed();
  }

  #checkNow(): void {
    try {
      this.check();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until every process is waiting or has exited. */
  async #quiet(): Promise<void> {
    for (let idle = 0; idle < IDLE_TURNS;) {
      const before = this.#activity;
      await nextTurn();
      idle = this.#busy === 0 && this.#activity === before ? idle + 1 : 0;
    }
  }

  /** Advances the clock to the next event. */
  #skipTime(): void {
    const events = [
      ...this.#waiting.flatMap(({ at }) => at ?? []),
      ...this.#deadlines.map(({ at }) => at),
    ].filter((at) => at > this.#monotonic);
    if (events.length === 0) throw new Violation(`a deadlock: ${this.#waitingFor()}`);
    this.#passTime(Math.min(...events));
  }

  #passTime(to: number): void {
    this.#monotonic = to;
    const due = this.#deadlines.filter(({ at }) => at <= to);
    this.#deadlines = this.#deadlines.filter(({ at }) => at > to);
    for (const { controller } of due) controller.abort();
  }

  #waitingFor(): string {
    return this.#waiting.map(({ process, label }) => `${process.name} (${label})`).join(", ");
  }

  #note(process: Process, text: string): void {
    this.trace.push(
      `${String(this.#monotonic).padStart(7)} [${process.id} ${process.name}] ${text}`,
    );
  }

  #host(
    process: Process,
    env: Readonly<Record<string, string>>,
    printed: { stdout: string; stderr: string },
  ): Host {
    const { disk } = this;
    const look = <T>(read: () => T): T => {
      if (process.dead) throw new Killed();
      return read();
    };
    const unsupported = () => {
      throw new Error("the simulation does not support this");
    };
    const output = (stream: "stdout" | "stderr") => ({
      isTerminal: false,
      write: (text: string) => {
        if (process.dead) return;
        printed[stream] += text;
        if (stream === "stderr") this.errors += text;
      },
    });
    return {
      os: "linux",
      env: {
        HOME,
        PATH: "/usr/bin",
        AWS_ENDPOINT_URL: this.emulator.url,
        AWS_MAX_ATTEMPTS: "2",
        ...env,
      },
      executable: () => ["/usr/bin/eac"],
      stdout: output("stdout"),
      stderr: output("stderr"),
      now: () => this.now(),
      sleep: async (milliseconds, signal) => {
        const at = this.#monotonic + milliseconds;
        const ready = () => this.#monotonic >= at || signal?.aborted === true;
        await this.#wait(process, `sleeps ${milliseconds} ms`, ready, at);
      },
      deadline: (milliseconds) => {
        const controller = new AbortController();
        this.#deadlines.push({ at: this.#monotonic + milliseconds, controller });
        return controller.signal;
      },
      readFile: (path) => look(() => disk.read(path)),
      createFile: (path, bytes, mode) =>
        this.#change(process, `creates ${path}`, () => disk.create(path, bytes, mode), () => {
          disk.write(path, bytes.slice(0, bytes.length / 2), mode);
        }),
      appendFile: (path, bytes) =>
        this.#change(process, `appends to ${path}`, () => disk.append(path, bytes)),
      rename: (from, to) => this.#change(process, `replaces ${to}`, () => disk.rename(from, to)),
      checkReplaceable: () => look(() => {}),
      remove: (path) => {
        // A missing file needs no fault.
        if (!process.dead && !disk.files.has(path)) return;
        this.#change(process, `removes ${path}`, () => disk.remove(path));
      },
      stat: (path) => look(() => disk.stat(path)),
      realPath: (path) => look(() => disk.stat(path) && path),
      readLink: () => look(() => undefined),
      list: (path) => look(() => disk.list(path)),
      makeFolder: (path) => look(() => disk.makeFolder(path)),
      syncFolder: () => look(() => {}),
      setMode: (path, mode) => look(() => void Object.assign(disk.files.get(path) ?? {}, { mode })),
      setOwner: () => look(() => {}),
      makeTempFolder: unsupported,
      removeFolder: unsupported,
      lock: (path, signal) => this.#lock(process, path, signal),
      openTerminal: () => undefined,
      http: (request) => this.#http(process, request),
      capture: (program) => this.#capture(process, program),
      converse: unsupported,
      readLine: unsupported,
      replace: unsupported,
      launch: unsupported,
      onSignal: () => () => {},
      serve: unsupported,
      narrow: () => {},
      importFile: unsupported,
      fetcher: unsupported,
      parentProgram: () => Promise.resolve(undefined),
      inForeground: () => Promise.resolve(true),
      parentId: () => 1,
      userId: () => 1000,
    };
  }

  async #lock(process: Process, path: string, signal?: AbortSignal): Promise<Lock | undefined> {
    const ready = () => !this.#locks.has(path) || signal?.aborted === true;
    await this.#wait(process, `locks ${path}`, ready);
    if (signal?.aborted) return undefined;
    if (this.#locks.has(path)) throw new Violation(`two processes hold ${path}`);
    if (!this.disk.files.has(path)) this.disk.write(path, "");
    this.#locks.set(path, process);
    return {
      isHeld: () => this.#locks.get(path) === process,
      release: () => {
        if (this.#locks.get(path) === process) this.#locks.delete(path);
        this.#activity++;
      },
    };
  }

  async #http(process: Process, request: HttpRequest): Promise<HttpAnswer> {
    const action = /(?:^|&)Action=(\w+)/.exec(String(request.body))?.[1] ?? request.url;
    const broken = () => {
      const message = `cannot reach ${new URL(request.url).host}: the connection was interrupted`;
      return new this.program.EacError("network", message);
    };
    await this.#wait(process, `sends ${action}`);
    const fault = this.#fault(["request lost", "response lost", "server error", "crash after"]);
    if (fault !== undefined) this.#note(process, `${action}: ${fault}`);
    if (fault === "request lost" || fault === "server error") {
      await this.#wait(process, `gets no response to ${action}`);
      if (fault === "request lost") throw broken();
      return { status: 503, headers: {}, body: new Uint8Array() };
    }
    const answer = await this.#deliver(request);
    this.#checkNow();
    if (fault === "crash after") this.#kill(process, `after sending ${action}`);
    await this.#wait(process, `receives the response to ${action}`);
    if (fault === "response lost") throw broken();
    return answer;
  }

  async #deliver(request: HttpRequest): Promise<HttpAnswer> {
    this.#busy++;
    try {
      const { method, url, body } = request;
      // A real Request would drop `host`, which is signed and which HTTP clients add.
      const received = {
        method,
        url,
        headers: new Headers({ ...request.headers, host: new URL(url).host }),
        arrayBuffer: () => Promise.resolve(new TextEncoder().encode(String(body)).buffer),
      };
      const response = await this.#handler!(received as unknown as Request, {
        port: 0,
        serverPort: 0,
      });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: new Uint8Array(await response.arrayBuffer()),
      };
    } finally {
      this.#busy--;
      this.#activity++;
    }
  }

  /** Runs a program: `code DEVICE` prints the MFA code that a device shows. */
  async #capture(process: Process, { command, args }: Program) {
    const device = [command, ...args].join(" ").match(/code (\w+)/)?.[1] ?? "";
    await this.#wait(process, `runs ${command}`);
    const code = await this.program.totp(this.mfaSecrets[device]!, this.now());
    return {
      code: 0,
      stdout: new TextEncoder().encode(`${code}\n`),
      stderr: new Uint8Array(),
    };
  }
}

/** One turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
