/**
 * Runs a `credential_process` like the AWS CLI, and parses its output.
 *
 * The SDK for JavaScript passes the line to a shell; the AWS CLI and boto3 split it and start the
 * program, and users have tested their lines with these.
 *
 * @module
 */

import { asEacError, EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { CALLERS, callersWith, reportedCycle } from "./callers.ts";
import { type LineHost, runLine } from "./command_line.ts";
import {
  type Credentials,
  isAccountId,
  isKeyText,
  parseTimestamp,
  Secret,
  toTimestamp,
} from "../../plan/credentials.ts";

/** The parts of the Host that a process needs. */
export type ProcessHost = LineHost & Pick<Host, "now">;

/** The limit of stdout in bytes, as in the SDK for JavaScript. */
const LIMIT = 1024 * 1024;

/**
 * The credentials that a profile's `credential_process` prints.
 *
 * @throws {EacError} `process_failed`, `cycle`, `config_invalid` if the line cannot be run at all
 */
export async function runCredentialProcess(
  host: ProcessHost,
  profile: string,
  text: string,
  signal?: AbortSignal,
): Promise<Credentials> {
  const line = { what: `credential_process of profile "${profile}"`, text, profile };
  const env = { ...host.env, [CALLERS]: callersWith(host, profile) };
  let stdout: Uint8Array;
  try {
    stdout = await runLine(host, line, { limit: LIMIT, env, signal });
  } catch (thrown) {
    throw reportedCycle(asEacError(thrown).message, profile) ?? thrown;
  }
  return read(
    stdout,
    host.now(),
    (problem, hint = PRINTS) =>
      new EacError("process_failed", `${line.what} ${problem}`, { hint, profile }),
  );
}

/** Creates an error; by default its hint is {@linkcode PRINTS}. */
type Fail = (problem: string, hint?: string) => EacError;

const PRINTS = 'it must print only {"Version": 1, "AccessKeyId": ..., "SecretAccessKey": ...}';

function read(
  stdout: Uint8Array,
  now: number,
  fail: Fail,
): Credentials {
  let value: unknown;
  try {
    // A byte order mark is an error, as in the AWS CLI.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    value = JSON.parse(decoder.decode(stdout));
  } catch {
    // The parser's message repeats part of the text, which may be a secret.
    throw fail(stdout.length === 0 ? "printed nothing" : "printed invalid JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fail("printed JSON that is not an object");
  }
  const members: Record<string, unknown> = { ...value };
  if (members.Version !== 1) throw fail("did not print Version 1");
  const text = (name: string): string => {
    const member = members[name];
    if (typeof member === "string" && isKeyText(member)) return member;
    throw fail(
      member == null || member === "" ? `printed no ${name}` : `printed an invalid ${name}`,
    );
  };
  const { SessionToken, Expiration, AccountId } = members;
  const token = SessionToken == null || SessionToken === "" ? undefined : text("SessionToken");
  return {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: new Secret(text("SecretAccessKey")),
    ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
    ...(Expiration == null ? {} : { expiration: expirationOf(Expiration, now, fail) }),
    ...(isAccountId(AccountId) ? { accountId: AccountId } : {}),
  };
}

function expirationOf(
  value: unknown,
  now: number,
  fail: Fail,
): number {
  const expiration = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (expiration === undefined) {
    throw fail(
      "printed an Expiration without a time zone or in an unknown format; it should look like 2026-11-23T14:00:00Z",
    );
  }
  if (expiration <= now) {
    throw fail(
      `printed credentials that expired at ${toTimestamp(expiration)}`,
      "that program must get new ones: sign in to it again, or clear its cache",
    );
  }
  return expiration;
}
