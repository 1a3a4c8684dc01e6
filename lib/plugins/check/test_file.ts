/**
 * `NAME.test.json`: the tests of a strategy.
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
  /** The keys of the profile; `{server}` in a value is the URL of `serve`. */
  readonly profile: Readonly<Record<string, string>>;
  /** More profiles by name, such as a source. */
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** More strategy files next to this one, such as the sign-in of its source. */
  readonly strategies?: readonly string[] | undefined;
  /** Environment variables; `{server}` in a value is the URL of `serve`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Files by their path below the home; `{server}` in a text is the URL of `serve`. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** The roles in the `{SAMLResponse}` of the server: `ROLE_ARN,PROVIDER_ARN` each. */
  readonly saml?: readonly string[] | undefined;
  /** The calls that STS must get: action, role, and ` with a code` after those that carry one. */
  readonly calls?: readonly string[] | undefined;
  /** Text of the error, if it must fail. */
  readonly fails?: string | undefined;
  /** What the user types at its questions, in order. MFA codes are typed automatically. */
  readonly answers?: readonly string[] | undefined;
  /** False for a run without a terminal. */
  readonly terminal?: boolean | undefined;
  /** A server for the test: answers by `GET /path`. */
  readonly serve?: Readonly<Record<string, Served>> | undefined;
  /** Programs in its PATH: scripts, by name. `{code}` in one is the device's code. */
  readonly programs?: Readonly<Record<string, string>> | undefined;
}

const TEST_FIELDS = [
  "name",
  "profile",
  "profiles",
  "strategies",
  "env",
  "files",
  "saml",
  "calls",
  "fails",
  "answers",
  "terminal",
  "serve",
  "programs",
];

/** An answer of the server: `json` or `text`. */
export interface Served {
  /** 200 if absent. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * `{AccessKeyId}`, `{SecretAccessKey}`, `{SessionToken}`, `{Expiration}`, `{SAMLResponse}` and `{IdToken}`
   * in it are replaced.
   */
  readonly json?: unknown | undefined;
  /** The same, for a body that is not JSON. */
  readonly text?: string | undefined;
}

/**
 * Reads the tests of a file.
 *
 * @throws {InvalidField} for an invalid test or an unknown field
 */
export function readTests(text: string): readonly Test[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new InvalidField(`it is not JSON: ${(thrown as Error).message}`);
  }
  return listOf(value, "the file").map((entry) => {
    const members = membersOf(entry, "a test", TEST_FIELDS);
    const { name, profile, profiles, strategies, env, files, terminal, ...rest } = members;
    const { saml, calls, fails, answers, serve, programs } = rest;
    const what = textOf(name, '"name" of a test');
    const of = (field: string) => `"${field}" of "${what}"`;
    return {
      name: what,
      profile: textsOf(profile, of("profile")),
      profiles: optional(profiles, (value) => profilesOf(value, of("profiles"))),
      strategies: optional(strategies, (value) => filesOf(value, of("strategies"))),
      env: optional(env, (value) => stringsOf(value, of("env"), /^[A-Za-z_]\w*$/)),
      files: optional(files, (value) => stringsOf(value, of("files"), RELATIVE)),
      saml: optional(saml, (value) => listOfTexts(value, of("saml"))),
      calls: optional(calls, (value) => listOfTexts(value, of("calls"))),
      fails: optional(fails, (value) => textOf(value, of("fails"))),
      answers: optional(answers, (value) => listOfTexts(value, of("answers"))),
      terminal: optional(terminal, (value) => booleanOf(value, of("terminal"))),
      serve: optional(serve, (value) => servedOf(value, of("serve"))),
      programs: optional(programs, (value) => stringsOf(value, of("programs"), /^[\w.-]+$/)),
    };
  });
}

/** A path below a folder. */
const RELATIVE = /^(?!\.{0,2}(?:\/|$))(?!.*\/\.\.(?:\/|$))[^\\:]+$/;

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function booleanOf(value: unknown, what: string): boolean {
  if (typeof value === "boolean") return value;
  throw new InvalidField(`${what} is neither true nor false`);
}

function profilesOf(value: unknown, what: string): Record<string, Record<string, string>> {
  return Object.fromEntries(
    entriesOf(value, what).map(([name, keys]) => {
      if (/^[\w.-]+$/.test(name) && name !== "test" && name !== "user") {
        return [name, textsOf(keys, `${name} in ${what}`)];
      }
      throw new InvalidField(`${what} has ${JSON.stringify(name)}, which is taken or not a name`);
    }),
  );
}

function filesOf(value: unknown, what: string): string[] {
  return listOfTexts(value, what).map((name) => {
    if (/^[^/\\]+$/.test(name)) return name;
    throw new InvalidField(`${what} has ${JSON.stringify(name)}: name files next to this one`);
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

function stringsOf(value: unknown, what: string, names: RegExp): Record<string, string> {
  return Object.fromEntries(
    entriesOf(value, what).map(([name, text]) => {
      if (!names.test(name)) {
        throw new InvalidField(`${what} has ${JSON.stringify(name)}, which is not a valid name`);
      }
      if (typeof text === "string") return [name, text];
      throw new InvalidField(`${JSON.stringify(name)} in ${what} is not a string`);
    }),
  );
}

function servedOf(value: unknown, what: string): Record<string, Served> {
  return Object.fromEntries(
    entriesOf(value, what).map(([request, answer]) => {
      const of = `${request} in ${what}`;
      const members = membersOf(answer, of, ["status", "headers", "json", "text"]);
      const { status, headers, json, text } = members;
      return [request, {
        status: optional(status, Number),
        headers: optional(headers, (value) => stringsOf(value, of, /^[\w-]+$/)),
        json,
        text: optional(text, (value) => textOf(value, `"text" of ${of}`)),
      }];
    }),
  );
}

/** Made-up keys, for a strategy without tests. They may not work. */
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
