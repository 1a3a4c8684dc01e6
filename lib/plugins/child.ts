/**
 * The process in which a custom strategy runs: an executable, or this program itself around a module.
 * Requests and answers are lines of JSON.
 *
 * @module
 */

import { lastWords } from "../credentials/providers/command_line.ts";
import { EacError, type ErrorCode } from "../errors.ts";
import type { Conversation, Host } from "../host/host.ts";
import type { Described } from "./description.ts";
import { InvalidField } from "./validate.ts";
import type { StrategyFile } from "./strategy_file.ts";

/** The hidden command under which this program runs a module. */
export const MODULE_COMMAND = "__strategy";

/** The parts of the Host that a child takes. */
export type ChildHost = Pick<Host, "converse" | "env" | "executable">;

/** The limit of stdout in bytes: credentials and calls are a few kilobytes. */
const LIMIT = 1024 * 1024;

/** How to run a child. */
export interface ChildOptions {
  /** Seconds. */
  readonly timeout: number;
  /** The hint for a timeout. */
  readonly tooSlow: string;
  readonly env: Readonly<Record<string, string>>;
  /** Called with each piece of its stderr. */
  readonly heard?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A running child, and how to report its failure. */
export interface Child extends Conversation {
  /**
   * Waits until it has exited and all lines are read, and returns its answer.
   *
   * @throws {EacError} `strategy_failed` unless it ended with exit code 0 and valid JSON
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
    ? [...host.executable(), MODULE_COMMAND, file.realPath]
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
    throw failure(
      `cannot be started: ${thrown.message}`,
      "check that its first line names its interpreter",
    );
  }
  return { ...conversation, failure, finish: (lines) => finish(conversation, lines) };

  async function finish(conversation: Conversation, lines: readonly string[]): Promise<unknown> {
    const { code, stderr, killed } = await conversation.end();
    if (killed === "aborted") throw new EacError("interrupted", "interrupted");
    const last = lastWords(stderr, host.env);
    const detail = last === "" ? "" : `: ${last}`;
    if (killed === "timeout") {
      throw failure(`took longer than ${timeout} s${detail}`, tooSlow);
    }
    if (killed === "limit") throw failure("printed more than 1 MiB on stdout", STDOUT);
    const text = lines.join("\n").trim();
    const answer = parse(text);
    const error = errorIn(answer, failure);
    if (error !== undefined) throw error;
    if (code > 128) throw failure(`was ended by signal ${code - 128}${detail}`);
    if (code !== 0) throw failure(`failed with exit code ${code}${detail}`);
    if (text === "") throw failure(`ended without an answer${detail}`);
    if (answer === undefined) throw failure("answered with what is not JSON", STDOUT);
    return answer;
  }
}

const STDOUT = "print only the answer on stdout, and messages to the user on stderr";

/** An error of the strategy in this file. */
export function failureOf(file: string, problem: string, hint?: string): EacError {
  return new EacError("strategy_failed", `your strategy ${problem}`, { hint, place: { file } });
}

/** Parses JSON. The parser's own error would repeat a part of the text, which may be a secret. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Codes that a strategy may give its error: those whose cause can be outside eac. */
const ERROR_CODES = [
  "input_required",
  "access_denied",
  "mfa_rejected",
  "invalid_credentials",
  "expired",
  "config_invalid",
  "missing_credentials",
  "network",
  "timeout",
  "throttled",
  "service",
  "strategy_failed",
] as const satisfies readonly ErrorCode[];

/** The error in `{"error": "...", "code": "...", "hint": "..."}`: code and hint are optional. */
function errorIn(answer: unknown, failure: Child["failure"]): EacError | undefined {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return undefined;
  const { error, code, hint } = answer as Readonly<Record<string, unknown>>;
  const message = oneLine(typeof error === "string" ? error : JSON.stringify(error));
  const advice = typeof hint === "string" && hint !== "" ? oneLine(hint) : undefined;
  const failed = failure(`failed: ${message}`, advice);
  const known = ERROR_CODES.find((one) => one === code);
  if (known === undefined) return failed;
  return new EacError(known, failed.message, { hint: failed.hint, place: failed.place });
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim().slice(0, 1000);
}

/** Sends one request, and reads the answer. */
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
  return child.finish(lines);
}

/** Reads an answer; an invalid field becomes an error that names the file. */
export function accept<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof InvalidField)) throw thrown;
    throw failureOf(file, `breaks the contract: ${thrown.message}`, "see docs/strategies.md");
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
