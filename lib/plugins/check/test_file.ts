/**
 * `NAME.test.json`: what a strategy is tried with, and what has to come of it.
 *
 * @module
 */

import { InvalidField, listOf, membersOf, textOf } from "../validate.ts";
import type { Described } from "../description.ts";

/** The MFA device of the profile `user`. */
export const DEVICE = "arn:aws:iam::123456789012:mfa/user";

/** One test. */
export interface Test {
  readonly name: string;
  /** The keys of the profile; `{server}` in a value is the address of `serve`. */
  readonly profile: Readonly<Record<string, string>>;
  /** The calls that STS has to get: action, role, and ` with a code` where one goes with it. */
  readonly calls?: readonly string[] | undefined;
  /** Words of the error, where it is to fail. */
  readonly fails?: string | undefined;
  /** What the person answers to its questions. Codes are typed without. */
  readonly answers?: readonly string[] | undefined;
  /** A server of its own: answers by `GET /path`. */
  readonly serve?: Readonly<Record<string, Served>> | undefined;
  /** Programs in its PATH: scripts, by name. `{code}` in one is the device's code. */
  readonly programs?: Readonly<Record<string, string>> | undefined;
}

/** What the server answers. */
export interface Served {
  /** 200 without. */
  readonly status?: number | undefined;
  /** `{AccessKeyId}`, `{SecretAccessKey}`, `{SessionToken}`, `{Expiration}` in a text are replaced. */
  readonly json?: unknown | undefined;
}

/**
 * Reads the tests of a file.
 *
 * @throws {InvalidField} for what is no test, or has a field that is misspelt
 */
export function readTests(text: string): readonly Test[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new InvalidField(`it is not JSON: ${(thrown as Error).message}`);
  }
  return listOf(value, "the file").map((entry) => {
    const fields = ["name", "profile", "calls", "fails", "answers", "serve", "programs"];
    const { name, profile, calls, fails, answers, serve, programs } = membersOf(
      entry,
      "a test",
      fields,
    );
    const what = textOf(name, '"name" of a test');
    const of = (field: string) => `"${field}" of "${what}"`;
    return {
      name: what,
      profile: textsOf(profile, of("profile")),
      ...(calls === undefined ? {} : { calls: listOfTexts(calls, of("calls")) }),
      ...(fails === undefined ? {} : { fails: textOf(fails, of("fails")) }),
      ...(answers === undefined ? {} : { answers: listOfTexts(answers, of("answers")) }),
      ...(serve === undefined ? {} : { serve: servedOf(serve, of("serve")) }),
      ...(programs === undefined ? {} : { programs: scriptsOf(programs, of("programs")) }),
    };
  });
}

function listOfTexts(value: unknown, what: string): string[] {
  return listOf(value, what).map((entry) => textOf(entry, `an entry of ${what}`));
}

function entriesOf(value: unknown, what: string): [string, unknown][] {
  const known = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return Object.entries(membersOf(value, what, known));
}

function textsOf(value: unknown, what: string): Record<string, string> {
  const entries = entriesOf(value, what);
  return Object.fromEntries(entries.map(([key, text]) => [key, textOf(text, `${key} in ${what}`)]));
}

function scriptsOf(value: unknown, what: string): Record<string, string> {
  return Object.fromEntries(
    entriesOf(value, what).map(([name, script]) => {
      if (typeof script === "string" && /^[\w.-]+$/.test(name)) return [name, script];
      throw new InvalidField(`${what} has ${JSON.stringify(name)}, which is not a script name`);
    }),
  );
}

function servedOf(value: unknown, what: string): Record<string, Served> {
  return Object.fromEntries(
    entriesOf(value, what).map(([request, answer]) => {
      const { status, json } = membersOf(answer, `${request} in ${what}`, ["status", "json"]);
      return [request, { ...(status === undefined ? {} : { status: Number(status) }), json }];
    }),
  );
}

/** Keys that may do for a strategy that nobody wrote a test for. */
export function madeUpTest({ needs, reads, wants }: Described): Test {
  const keys = [
    ...needs[0] ?? [],
    ...reads.filter((key) => key === "mfa_serial"),
    ...(wants.includes("source") ? ["source_profile"] : []),
  ];
  const values: Record<string, string> = {
    source_profile: "user",
    mfa_serial: DEVICE,
    role_arn: "arn:aws:iam::123456789012:role/example",
    region: "us-east-1",
  };
  const profile = Object.fromEntries(
    keys.filter((key) => !/^!|\./.test(key)).map((key) => [key, values[key] ?? "example"]),
  );
  return { name: "returns credentials for made-up keys", profile };
}
