/**
 * Command lines in a profile (`credential_process`, `mfa_process`): split and run without a shell,
 * as the AWS CLI does it.
 *
 * @module
 */

import { EacError, type ErrorCode } from "../../errors.ts";
import type { Host, Outcome } from "../../host/host.ts";
import { type LiveHost, showLive } from "../../terminal/live_output.ts";
import { splitArguments } from "./arguments.ts";

/** The parts of the Host that running a line needs. */
export type LineHost = LiveHost & Pick<Host, "capture" | "env" | "os">;

/** A command line and its origin. */
export interface Line {
  /** As the subject of a sentence: `credential_process of profile "a"`. */
  readonly what: string;
  readonly text: string;
  readonly profile: string;
}

/** The limits of the program. */
export interface LineLimits {
  /** Bytes of stdout. */
  readonly limit: number;
  /** Its whole environment; if absent, the one of this run. */
  readonly env?: Host["env"] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds until the program is killed. The SDKs have no limit and may hang. */
const TIMEOUT = 60_000;

/**
 * What the program prints on stdout. Its stderr is shown on the terminal while it runs, and its
 * stdin is the terminal if eac's is: it may prompt the user to touch a key or type a PIN.
 *
 * @throws {EacError} `process_failed`, `config_invalid` if the line cannot be run at all
 */
export async function runLine(
  host: LineHost,
  line: Line,
  { limit, env = host.env, signal }: LineLimits,
): Promise<Uint8Array> {
  const [command = "", ...args] = wordsOf(host, line);
  let outcome: Outcome;
  const live = showLive(
    host,
    `waiting for ${line.what}`,
    (text) => withoutSecrets(text, env),
  );
  try {
    outcome = await host.capture({
      command,
      args,
      env,
      timeout: TIMEOUT,
      limit,
      signal,
      sharesTerminal: true,
      heard: live.heard,
    });
  } catch (thrown) {
    if (!(thrown instanceof EacError) || thrown.code !== "exec_failed") throw thrown;
    throw failure(line, `cannot be started: ${thrown.message}`, shellHint(line.text));
  } finally {
    live.end();
  }
  if (outcome.killed === "aborted") throw new EacError("interrupted", "interrupted");
  if (outcome.killed === "timeout") {
    throw failure(
      line,
      `is still running after ${TIMEOUT / 1000} s`,
      shellHint(line.text),
    );
  }
  if (outcome.killed === "limit") {
    throw failure(
      line,
      `printed more than ${limit / 1024} KiB`,
      "it must print only the answer",
    );
  }
  if (outcome.code !== 0) {
    const words = lastWords(outcome.stderr, env);
    const detail = words === "" ? "" : `: ${words}`;
    throw failure(line, `failed with exit code ${outcome.code}${detail}`, shellHint(line.text));
  }
  return outcome.stdout;
}

/**
 * The line's words, the program first.
 *
 * @throws {EacError} `config_invalid` for an unclosed quote or an empty line
 */
function wordsOf(host: Pick<Host, "os">, line: Line): string[] {
  try {
    const words = splitArguments(line.text, host.os);
    if (words[0]) return words;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    const problem = `cannot be split into words: ${thrown.message}`;
    throw failure(line, problem, "fix its quotes", "config_invalid");
  }
  throw failure(line, "names no program", "use the path of a program", "config_invalid");
}

function failure(
  { what, profile }: Line,
  problem: string,
  hint: string,
  code: ErrorCode = "process_failed",
): EacError {
  return new EacError(code, `${what} ${problem}`, { hint, profile });
}

function shellHint(line: string): string {
  return /(^|\s)~|[|&;<>$`]/.test(line)
    ? "it does not run in a shell, so ~, $NAME, | and && do not work: use full paths, or a script"
    : "run the command in a terminal to see its messages";
}

/** A text without color sequences, the secrets of an environment, and what looks like a secret. */
function withoutSecrets(text: string, env: LineHost["env"]): string {
  for (const name of ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]) {
    if (env[name]) text = text.replaceAll(env[name], "***");
  }
  return text
    .replace(/((?:secret|token|password)[\w ]{0,40}["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, "$1***")
    // deno-lint-ignore no-control-regex -- the sequences that color a terminal
    .replace(/\x1b\[[\d;?]*[A-Za-z]/g, "");
}

/** Bytes of stderr that are stored: the relevant part is at the end. */
const TAIL = 4096;

/** The last part of the program's stderr, on one line, without what looks like a secret. */
export function lastWords(stderr: Uint8Array, env: LineHost["env"]): string {
  let text = new TextDecoder().decode(stderr.subarray(-TAIL));
  // A cut word could be part of a secret.
  if (stderr.length > TAIL) text = text.replace(/^\S*/, "");
  return withoutSecrets(text, env)
    .split(/[\r\n]+/)
    .map((line) => line.replace(/\p{Cc}/gu, " ").trim())
    .filter((line) => line !== "")
    .slice(-3)
    .join(" / ")
    .slice(-500);
}
