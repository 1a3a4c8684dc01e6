/**
 * Reads and checks the credentials that a custom strategy returns.
 *
 * @module
 */

import {
  type Credentials,
  type ExpiringCredentials,
  isKeyText,
  parseTimestamp,
  Secret,
  type SignIn,
  toTimestamp,
} from "../plan/credentials.ts";
import { InvalidField, membersOf, textOf } from "./validate.ts";

/** Milliseconds that credentials may last longer than declared, since clocks differ. */
const SLACK = 15 * 60_000;

/** The fields of credentials. */
export const CREDENTIAL_FIELDS = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];

/**
 * Reads an answer.
 *
 * @param maxDuration the longest lifetime, in seconds
 * @throws {InvalidField} whose message contains no secret
 */
export function readAnswer(value: unknown, now: number, maxDuration: number): ExpiringCredentials {
  const members = membersOf(value, "the answer", ["Version", ...CREDENTIAL_FIELDS]);
  if (members.Version !== undefined && members.Version !== 1) {
    throw new InvalidField("the answer's Version is not 1");
  }
  const missing = CREDENTIAL_FIELDS.filter((name) =>
    members[name] === undefined || members[name] === null
  );
  if (missing.length > 0) throw new InvalidField(`the answer has no ${missing.join(", no ")}`);
  return {
    accessKeyId: wordOf(members.AccessKeyId, "AccessKeyId"),
    secretAccessKey: new Secret(wordOf(members.SecretAccessKey, "SecretAccessKey")),
    sessionToken: new Secret(wordOf(members.SessionToken, "SessionToken")),
    expiration: expirationOf(members.Expiration, now, maxDuration),
  };
}

/**
 * Reads the long-lived keys of a strategy that gives keys.
 *
 * @throws {InvalidField} whose message contains no secret
 */
export function readKeys(value: unknown): Credentials {
  const members = membersOf(value, "the answer", ["Version", ...CREDENTIAL_FIELDS]);
  for (const name of ["SessionToken", "Expiration"]) {
    if (members[name] === undefined || members[name] === null) continue;
    throw new InvalidField(
      `the answer has ${name}, but "gives" is "keys"; for temporary credentials remove "gives"`,
    );
  }
  return {
    accessKeyId: wordOf(members.AccessKeyId, "AccessKeyId"),
    secretAccessKey: new Secret(wordOf(members.SecretAccessKey, "SecretAccessKey")),
  };
}

/**
 * Reads the token of a sign-in.
 *
 * @param maxDuration the longest lifetime, in seconds
 * @throws {InvalidField} whose message contains no secret
 */
export function readSignInAnswer(value: unknown, now: number, maxDuration: number): SignIn {
  const { Token, Expiration, Version } = membersOf(value, "the answer", [
    "Version",
    "Token",
    "Expiration",
  ]);
  if (Version !== undefined && Version !== 1) {
    throw new InvalidField("the answer's Version is not 1");
  }
  if (typeof Token !== "string" || Token === "") {
    throw new InvalidField("Token in the answer is not a non-empty string");
  }
  const expiration = expirationOf(Expiration, now, maxDuration, "the sign-in");
  return { token: new Secret(Token), expiration };
}

/** Reads the credentials that a strategy passes for an STS call. */
export function readGivenCredentials(value: unknown): Credentials {
  const members = membersOf(value, "credentials", CREDENTIAL_FIELDS);
  const token = members.SessionToken;
  return {
    accessKeyId: wordOf(members.AccessKeyId, "AccessKeyId"),
    secretAccessKey: new Secret(wordOf(members.SecretAccessKey, "SecretAccessKey")),
    sessionToken: token === undefined ? undefined : new Secret(wordOf(token, "SessionToken")),
  };
}

function wordOf(value: unknown, what: string): string {
  const text = textOf(value, what);
  if (isKeyText(text)) return text;
  throw new InvalidField(`${what} has spaces or other invalid characters`);
}

function expirationOf(
  value: unknown,
  now: number,
  maxDuration: number,
  what = "the credentials",
): number {
  const expiration = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (expiration === undefined) {
    throw new InvalidField(
      "Expiration has no time zone or an unknown format; it should look like 2026-11-23T14:00:00Z",
    );
  }
  if (expiration <= now) {
    throw new InvalidField(
      `Expiration of ${what} is in the past: ${toTimestamp(expiration)}`,
    );
  }
  if (expiration > now + maxDuration * 1000 + SLACK) {
    throw new InvalidField(
      `Expiration of ${what} is ${toTimestamp(expiration)}, later than the ${maxDuration} s ` +
        `that the strategy allows ("maxDuration")`,
    );
  }
  return expiration;
}

/** Credentials with AWS's field names. */
export function spell(credentials: Credentials): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === undefined ? {} : { SessionToken: sessionToken.reveal() }),
    ...(expiration === undefined ? {} : { Expiration: toTimestamp(expiration) }),
  };
}
