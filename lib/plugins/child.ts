/**
 * The process in which a strategy of the user's own runs: an executable, or this program itself
 * around a module. One JSON object a line goes in, one comes out.
 *
 * @module
 */

import { lastWords } from "../credentials/providers/command_line.ts";
import { EacError } from "../errors.ts";
import type { Conversation, Host } from "../host/host.ts";
import type { Described } from "./description.ts";
import { InvalidField } from "./validate.ts";
import type { StrategyFile } from "./strategy_file.ts";

/** The hidden command under which this program runs a module. */
export const MODULE_COMMAND = "__strategy";

/** The pieces of the Host that talking with a strategy takes. */
export type ChildHost = Pick<Host, "converse" | "env" | "executable">;

/** Bytes of stdout at most: credentials and calls are some kilobytes. */
const LIMIT = 1024 * 1024;

/** How a child is to run. */
export interface ChildOptions {
  /** Seconds. */
  readonly timeout: number;
  /** What to do about it when they were too few. */
  readonly tooSlow: string;
  readonly env: Readonly<Record<string, string>>;
  /** Told what it says on stderr. */
  readonly heard?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A child that was started, and all it takes to say how it failed. */
export interface Child extends Conversation {
  /**
   * Waits for its end; its answer, once all lines are read.
   *
   * @throws {EacError} `strategy_failed` unless it ended well with JSON
   */
  finish(lines: readonly string[]): Promise<unknown>;
  /** An error that names the file. */
  failure(problem: string, hint?: string): EacError;
}

/**
 * Starts the file.
 *
 * @throws {EacError} `strategy_failed` when it cannot be started
 */
export async function startChild(
  host: ChildHost,
  file: StrategyFile,
  { timeout, tooSlow, env, heard, signal }: ChildOptions,
): Promise<Child> {
  const failure = (problem: string, hint?: string) => failureOf(file.path, problem, hint);
  const [command = "", ...args] = file.kind === "module"
    ? [...host.executable, MODULE_COMMAND, file.realPath]
    : [file.path];
  let conversation: Conversation;
  try {
    conversation = await host.converse({
      command,
      args,
      env,
      timeout: timeout * 1000,
      limit: LIMIT,
      heard,
      signal,
    });
  } catch (thrown) {
    if (!(thrown instanceof EacError) || thrown.code !== "exec_failed") throw thrown;
    throw failure(`cannot be started: ${thrown.message}`, "its first line names its interpreter");
  }
  return { ...conversation, failure, finish: (lines) => finish(conversation, lines) };

  async function finish(conversation: Conversation, lines: readonly string[]): Promise<unknown> {
    const { code, stderr, killed } = await conversation.end();
    if (killed === "aborted") throw new EacError("interrupted", "interrupted");
    const last = lastWords(stderr, host.env);
    const said = last === "" ? "" : `: ${last}`;
    if (killed === "timeout") {
      throw failure(`took longer than ${timeout} s${said}`, tooSlow);
    }
    if (killed === "limit") throw failure("printed more than 1 MiB on stdout", STDOUT);
    const text = lines.join("\n").trim();
    const answer = parse(text);
    const error = errorIn(answer);
    if (error !== undefined) throw failure(`failed: ${error}`);
    if (code > 128) throw failure(`was ended by signal ${code - 128}${said}`);
    if (code !== 0) throw failure(`failed with exit code ${code}${said}`);
    if (text === "") throw failure(`ended without an answer${said}`);
    if (answer === undefined) throw failure("answered with what is not JSON", STDOUT);
    return answer;
  }
}

const STDOUT = "stdout takes the answer alone; what is for the person goes to stderr";

/** A failure of the strategy in this file. */
export function failureOf(file: string, problem: string, hint?: string): EacError {
  const details = hint === undefined ? {} : { hint };
  return new EacError("strategy_failed", `your strategy ${problem}`, {
    ...details,
    place: { file },
  });
}

/** What the parser would say repeats a piece of the text, and the text may be a secret. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `{"error": "..."}` is how a strategy says in words of its own that it failed. */
function errorIn(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return undefined;
  const text = typeof answer.error === "string" ? answer.error : JSON.stringify(answer.error);
  return text.replace(/\p{Cc}+/gu, " ").trim().slice(0, 1000);
}

/** Asks the file one thing, and reads its answer. */
export async function askChild(
  host: ChildHost,
  file: StrategyFile,
  request: unknown,
  options: ChildOptions,
): Promise<unknown> {
  const child = await startChild(host, file, options);
  child.write(`${JSON.stringify(request)}\n`);
  child.hangUp();
  const lines: string[] = [];
  for (let line = await child.read(); line !== undefined; line = await child.read()) {
    lines.push(line);
  }
  return await child.finish(lines);
}

/** Reads an answer; what is wrong with it is said of the file. */
export function accept<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof InvalidField)) throw thrown;
    throw failureOf(file, `breaks the contract: ${thrown.message}`, "docs/strategies.md has it");
  }
}

/**
 * The environment for a strategy: without the variables `AWS_*` that it does not declare, and without
 * MFA codes, which it gets from eac.
 */
export function strategyEnv(
  env: Host["env"],
  { wants, env: declared }: Pick<Described, "wants" | "env">,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const passed = Object.entries(env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    if (value === undefined || /^EAC_MFA_/.test(name)) return false;
    return !/^AWS_/i.test(name) || wants.includes("env") || declared.includes(name);
  });
  return { ...Object.fromEntries(passed), ...more };
}
