/**
 * Runs a `credential_process` as the AWS CLI does, and reads what it prints.
 *
 * The SDK for JavaScript would read the profile again by another grammar and hand the line to a
 * shell; the AWS CLI and boto3 split it and start the program, so that is what users have tried.
 *
 * @module
 */

import { EacError, type ErrorCode } from "../errors.ts";
import type { Host, Outcome } from "../host.ts";
import { splitArguments } from "./arguments.ts";
import { type Credentials, parseTimestamp, Secret, toTimestamp } from "./credentials.ts";

/** The pieces of the Host that a process needs. */
export type ProcessHost = Pick<Host, "capture" | "env" | "executable" | "now" | "os">;

/** Milliseconds until the program is killed. The SDKs have no limit; one that hangs helps nobody. */
const TIMEOUT = 60_000;

/** Bytes of stdout at most, as in the SDK for JavaScript. */
const LIMIT = 1024 * 1024;

/**
 * The credentials that a profile's `credential_process` prints.
 *
 * @throws {EacError} `process_failed`, `config_invalid` where the line cannot be run at all
 */
export async function runCredentialProcess(
  host: ProcessHost,
  profile: string,
  line: string,
  signal?: AbortSignal,
): Promise<Credentials> {
  const fail = (problem: string, hint: string, code: ErrorCode = "process_failed") =>
    new EacError(code, `credential_process of profile "${profile}" ${problem}`, { hint, profile });

  const words = wordsOf(line, host.os, fail);
  if (callsItself(words, host.executable, profile)) {
    throw fail(
      "runs eac for the same profile, without end",
      `eac link ${profile} NAME writes such a line into a profile of another name`,
      "config_invalid",
    );
  }
  const [command = "", ...args] = words;
  let outcome: Outcome;
  try {
    outcome = await host.capture({
      command,
      args,
      timeout: TIMEOUT,
      limit: LIMIT,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (thrown) {
    if (!(thrown instanceof EacError) || thrown.code !== "exec_failed") throw thrown;
    throw fail(`cannot be started: ${thrown.message}`, shellHint(line));
  }
  if (outcome.killed === "aborted") throw new EacError("interrupted", "interrupted");
  if (outcome.killed === "timeout") {
    throw fail(
      `did not end within ${TIMEOUT / 1000} s`,
      "it is started without stdin: a question of its own has to go to the terminal",
    );
  }
  if (outcome.killed === "limit") throw fail("printed more than 1 MiB", PRINTS);
  if (outcome.code !== 0) {
    const words = lastWords(outcome.stderr, host.env);
    throw fail(`failed with exit code ${outcome.code}${words && `: ${words}`}`, shellHint(line));
  }
  return read(outcome.stdout, host.now(), (problem) => fail(problem, PRINTS));
}

type Fail = (problem: string, hint: string, code?: ErrorCode) => EacError;

const PRINTS = 'it has to print {"Version": 1, "AccessKeyId": ..., "SecretAccessKey": ...} alone';

function wordsOf(line: string, os: Host["os"], fail: Fail): string[] {
  try {
    const words = splitArguments(line, os);
    if (words[0]) return words;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw fail(
      `cannot be split into words: ${thrown.message}`,
      "mend its quotes",
      "config_invalid",
    );
  }
  throw fail("names no program", "write the path of a program", "config_invalid");
}

/** True for `eac process PROFILE` in the profile of that name: each would start the next. */
function callsItself(
  words: readonly string[],
  executable: readonly string[],
  profile: string,
): boolean {
  const isOurs = executable.every((word, index) => words[index] === word);
  const isNamed = /(^|[/\\])eac(\.exe)?$/i.test(words[0] ?? "");
  const rest = words.slice(isOurs ? executable.length : 1);
  return (isOurs || isNamed) && rest.includes(profile) &&
    rest.find((word) => !word.startsWith("-")) === "process";
}

function shellHint(line: string): string {
  return /(^|\s)~|[|&;<>$`]/.test(line)
    ? "no shell runs it: ~, $NAME, | and && stand for nothing; write whole paths, or a script"
    : "run the line in a terminal to see what it says";
}

/** The end of what the program said on stderr, on one line, without what looks like a secret. */
function lastWords(stderr: Uint8Array, env: ProcessHost["env"]): string {
  let text = new TextDecoder().decode(stderr);
  for (const name of ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]) {
    if (env[name]) text = text.replaceAll(env[name], "***");
  }
  return text
    .replace(/((?:secret|token|password)[\w ]*["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, "$1***")
    // deno-lint-ignore no-control-regex -- the sequences that colour a terminal
    .replace(/\x1b\[[\d;?]*[A-Za-z]/g, "")
    .split(/[\r\n]+/)
    .map((line) => line.replace(/\p{Cc}/gu, " ").trim())
    .filter((line) => line !== "")
    .slice(-3)
    .join(" / ")
    .slice(-500);
}

function read(
  stdout: Uint8Array,
  now: number,
  fail: (problem: string) => EacError,
): Credentials {
  let value: unknown;
  try {
    // A byte order mark stays in and is refused, as in the AWS CLI.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    value = JSON.parse(decoder.decode(stdout));
  } catch {
    // What the parser says repeats a piece of the text, and the text may be a secret.
    throw fail(stdout.length === 0 ? "printed nothing" : "printed what is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fail("printed JSON that is no object");
  }
  const members: Record<string, unknown> = { ...value };
  if (members.Version !== 1) throw fail("did not print Version 1");
  const text = (name: string): string => {
    const member = members[name];
    if (typeof member === "string" && member !== "" && !/\p{Cc}/u.test(member)) return member;
    throw fail(member == null || member === "" ? `printed no ${name}` : `printed a bad ${name}`);
  };
  const { SessionToken, Expiration } = members;
  const token = SessionToken == null || SessionToken === "" ? undefined : text("SessionToken");
  return {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: new Secret(text("SecretAccessKey")),
    ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
    ...(Expiration == null ? {} : { expiration: expirationOf(Expiration, now, fail) }),
  };
}

function expirationOf(
  value: unknown,
  now: number,
  fail: (problem: string) => EacError,
): number {
  const expiration = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (expiration === undefined) {
    throw fail("printed an Expiration that is no time with a zone, such as 2026-11-23T14:00:00Z");
  }
  if (expiration <= now) throw fail(`printed credentials that ended at ${toTimestamp(expiration)}`);
  return expiration;
}
