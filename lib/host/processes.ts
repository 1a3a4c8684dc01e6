/**
 * Other programs: captured, run in place of this one, or detached. Never through a shell.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Outcome, Program } from "./host.ts";
import { joined } from "../text/bytes.ts";
import { beforeLeaving } from "./leaving.ts";
import { listen } from "./signals.ts";
import { after } from "./timer.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Milliseconds between SIGTERM and SIGKILL. */
export const GRACE = 2000;

/** The default limit of an output, in bytes. */
export const DEFAULT_LIMIT = 1024 * 1024;

const WINDOWS = Deno.build.os === "windows";

/**
 * Starts the program, or reports why it cannot, with a shell's exit codes: 127 not found, 126 not
 * executable.
 */
export function spawn(
  program: Program,
  ownEnv: Env,
  options: Deno.CommandOptions,
  inherits = program.env === undefined,
): Deno.ChildProcess {
  const { command } = program;
  const env = given(program.env ?? ownEnv);
  const start = (clearEnv: boolean) =>
    new Deno.Command(command, { args: [...program.args], env, clearEnv, ...options }).spawn();
  try {
    const child = inherits ? inOwnEnvironment(env, program.unset ?? [], start) : start(true);
    if (!options.detached) track(child);
    return child;
  } catch (thrown) {
    const found = locate(command, env);
    if (thrown instanceof Deno.errors.NotFound && found === undefined) {
      throw new EacError("exec_failed", `${command || "(no name)"}: command not found`, {
        exitCode: 127,
        hint: "check the spelling, and that its folder is in PATH",
        cause: thrown,
      });
    }
    const why = found?.isDirectory
      ? "is a folder, not a program"
      : thrown instanceof Deno.errors.NotCapable
      ? "cannot be run: eac itself has no permission to start programs"
      : thrown instanceof Deno.errors.NotFound && found?.executable
      ? "cannot be run: the interpreter that its first line names is missing"
      : thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.PermissionDenied
      ? "is not executable"
      : thrown instanceof TypeError
      ? "cannot be run: an argument holds a NUL byte"
      : /E2BIG|too long/.test(String(thrown))
      ? "cannot be run: its arguments or environment are too long"
      : "is not a program that this machine can run";
    throw new EacError("exec_failed", `${command} ${why}`, { cause: thrown });
  }
}

/**
 * Starts a program in this process's own environment, with these changes. Deno reads no variable
 * whose value is not UTF-8, so those reach a program only if it inherits them. Variables that it
 * must not have are removed from this process's environment while it starts; starting is
 * synchronous.
 */
function inOwnEnvironment(
  env: Readonly<Record<string, string>>,
  unset: readonly string[],
  start: (clearEnv: boolean) => Deno.ChildProcess,
): Deno.ChildProcess {
  if (WINDOWS) return start(true); // its variables are UTF-16
  const environment = Deno.env.toObject();
  const removed = [...Object.keys(environment), ...unset].filter((name) =>
    !Object.hasOwn(env, name)
  );
  try {
    for (const name of removed) Deno.env.delete(name);
    return start(false);
  } finally {
    for (const name of removed) {
      const value = environment[name];
      if (value !== undefined) Deno.env.set(name, value);
    }
  }
}

/** The programs that must not outlive this process. */
const running = new Set<Deno.ChildProcess>();

function track(child: Deno.ChildProcess): void {
  running.add(child);
  beforeLeaving(endPrograms);
  const forget = () => void running.delete(child);
  child.status.then(forget, forget);
}

/** Sends SIGTERM to every program that still runs. */
function endPrograms(): void {
  for (const child of running) send(child, "SIGTERM");
}

function given(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The file of the command, only to explain why it did not start. */
function locate(
  command: string,
  env: Env,
): { isDirectory: boolean; executable: boolean } | undefined {
  const folders = /[/\\]/.test(command)
    ? [""]
    : (env.PATH ?? "").split(WINDOWS ? ";" : ":").map((folder) => `${folder || "."}/`);
  for (const folder of command === "" ? [] : folders) {
    try {
      const info = Deno.statSync(folder + command);
      return { isDirectory: info.isDirectory, executable: ((info.mode ?? 0) & 0o111) !== 0 };
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** Runs a program and captures it; see {@linkcode Host.capture}. */
export async function capture(program: Program, ownEnv: Env): Promise<Outcome> {
  const child = spawn(program, ownEnv, {
    stdin: program.input !== undefined
      ? "piped"
      : program.sharesTerminal && Deno.stdin.isTerminal()
      ? "inherit"
      : "null",
    stdout: "piped",
    stderr: "piped",
  });
  const limit = program.limit ?? DEFAULT_LIMIT;
  const stop = new AbortController();
  let killed: Outcome["killed"];
  let cancelForce = () => {};
  // A program that has exited may have left a daemon, such as an agent, on its pipes. All that it
  // printed itself is in them by then.
  let cancelPipes = () => {};

  // It stays in our process group so that it can prompt on the terminal: only the program itself is
  // killed, and its children may keep the pipes open. So the pipes are closed here.
  const kill = (why: NonNullable<Outcome["killed"]>) => {
    if (killed !== undefined) return;
    killed = why;
    send(child, "SIGTERM");
    cancelForce = after(GRACE, () => send(child, "SIGKILL"));
    stop.abort();
  };
  const abort = () => kill("aborted");
  program.signal?.addEventListener("abort", abort);
  if (program.signal?.aborted) abort();
  const cancelLimit = program.timeout === undefined
    ? () => {}
    : after(program.timeout, () => kill("timeout"));

  try {
    const [status, stdout, stderr] = await Promise.all([
      child.status.finally(() => cancelPipes = after(GRACE, () => stop.abort())),
      collect(child.stdout, limit, stop.signal, () => kill("limit")),
      collect(child.stderr, limit, stop.signal, () => {}, program.heard),
      program.input === undefined ? undefined : feed(child.stdin, program.input),
    ]);
    return { code: status.code, stdout, stderr, killed };
  } finally {
    cancelLimit();
    cancelForce();
    cancelPipes();
    program.signal?.removeEventListener("abort", abort);
  }
}

/** A program may close its stdin without reading it all. */
async function feed(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // Unread input does not matter: the output shows whether it was enough.
  }
}

/** The first `limit` bytes; the rest is read and dropped, so that the program does not block. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  stop: AbortSignal,
  overflow: () => void,
  heard: (text: string) => void = () => {},
): Promise<Uint8Array> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  stop.addEventListener("abort", cancel);
  const chunks: Uint8Array[] = [];
  let room = limit;
  try {
    if (stop.aborted) cancel();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      heard(decoder.decode(next.value, { stream: true }));
      if (next.value.length > room) overflow();
      if (room > 0) chunks.push(next.value.subarray(0, room));
      room = Math.max(0, room - next.value.length);
    }
  } catch {
    // Canceled because the program was killed.
  } finally {
    stop.removeEventListener("abort", cancel);
  }
  return joined(chunks);
}

/** Sends a signal, if the program still runs. */
export function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has already exited.
  }
}

/** Signals to forward to the child. */
const FORWARDED: readonly Deno.Signal[] = WINDOWS
  ? ["SIGBREAK"]
  : ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"];

/** The terminal also sends these to the child, which decides what they mean. */
const LEFT_TO_CHILD: readonly Deno.Signal[] = WINDOWS ? ["SIGINT"] : ["SIGINT", "SIGQUIT"];

/** Runs a program in place of this one; see {@linkcode Host.replace}. */
export async function replace(
  program: Program,
  ownEnv: Env,
  begun: () => void = () => {},
): Promise<number> {
  // Listeners first: a signal that arrives while the child starts must not kill eac and leave the
  // child.
  let child: Deno.ChildProcess | undefined;
  const waiting: Deno.Signal[] = [];
  const remove = [
    ...LEFT_TO_CHILD.map((name) => listen(name, () => {})),
    ...FORWARDED.map((name) => listen(name, () => child ? send(child, name) : waiting.push(name))),
  ];
  begun();
  try {
    if (!WINDOWS && Deno.stdin.isTerminal()) {
      const { stopWith } = await import("./suspension.ts");
      remove.push(stopWith(() => child));
    }
    const streams = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
    child = spawn(program, ownEnv, streams, true);
    for (const name of waiting) send(child, name);
    return (await child.status).code;
  } finally {
    for (const stop of remove) stop();
  }
}

/** Starts a program and forgets it; see {@linkcode Host.launch}. */
export function launch(program: Program, ownEnv: Env): void {
  spawn(program, ownEnv, { stdin: "null", stdout: "null", stderr: "null", detached: true }).unref();
}
