/**
 * The credentials and tokens that strategies return: which ones are accepted, and the errors for the
 * others.
 */

import {
  readAnswer,
  readGivenCredentials,
  readKeys,
  readSignInAnswer,
} from "../../lib/plugins/answer.ts";
import { InvalidField } from "../../lib/plugins/validate.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const NOW = Date.parse("2026-11-23T13:00:00Z");
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEYS = { AccessKeyId: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: SECRET };
const ANSWER = {
  ...KEYS,
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SessionToken: "IQoJb3JpZ2luX2IQoJb3JpZ2luX2",
  Expiration: "2026-11-23T14:00:00Z",
};

/** The reported problem. */
function problem(read: () => unknown): string {
  const { message } = assertThrows(read, InvalidField);
  assert(!message.includes(SECRET), message);
  return message;
}

const answer = (more: object, maxDuration = 3600) =>
  readAnswer({ ...ANSWER, ...more }, NOW, maxDuration);

Deno.test("an answer with all four fields is accepted, with or without Version 1", () => {
  for (const more of [{}, { Version: 1 }, { Version: undefined }]) {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = answer(more);
    assertEquals(
      [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal(), expiration],
      [ANSWER.AccessKeyId, SECRET, ANSWER.SessionToken, NOW + 3_600_000],
    );
  }
});

Deno.test("the problem of an incomplete answer names every missing field", () => {
  assertStringIncludes(problem(() => answer({ Expiration: undefined })), "no Expiration");
  assertStringIncludes(
    problem(() => answer({ AccessKeyId: null, SessionToken: undefined })),
    "no AccessKeyId, no SessionToken",
  );
});

Deno.test("an answer is refused with the field that is wrong", () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ Version: 2 }, "Version"],
    [{ Version: "1" }, "Version"],
    [{ Extra: 1 }, '"Extra"'],
    [{ AccessKeyId: "" }, "AccessKeyId"],
    [{ AccessKeyId: 5 }, "AccessKeyId"],
    [{ SecretAccessKey: `${SECRET} x` }, "SecretAccessKey"],
    [{ SessionToken: "a\nb" }, "SessionToken"],
    [{ Expiration: "tomorrow" }, "Expiration"],
    [{ Expiration: NOW + 60_000 }, "Expiration"],
    [{ Expiration: "2026-11-23T14:00:00" }, "time zone"],
  ];
  for (const [more, named] of cases) assertStringIncludes(problem(() => answer(more)), named);
  for (const value of [undefined, null, 5, "text", [ANSWER]]) {
    assertStringIncludes(problem(() => readAnswer(value, NOW, 3600)), "not an object");
  }
});

Deno.test("credentials may last from now to 15 minutes longer than declared, and no second more", () => {
  const at = (milliseconds: number) => ({ Expiration: new Date(NOW + milliseconds).toISOString() });
  const longest = 3_600_000 + 15 * 60_000;
  assertEquals(answer(at(longest)).expiration, NOW + longest);
  assertStringIncludes(problem(() => answer(at(longest + 1000))), "3600 s");
  assertEquals(answer(at(1000)).expiration, NOW + 1000);
  assertStringIncludes(problem(() => answer(at(0))), "in the past");
});

Deno.test("a strategy that gives keys returns neither a token nor an expiration", () => {
  const { accessKeyId, secretAccessKey, ...others } = readKeys({
    ...KEYS,
    SessionToken: null,
    Expiration: undefined,
  });
  assertEquals([accessKeyId, secretAccessKey.reveal()], [KEYS.AccessKeyId, SECRET]);
  assertEquals(others, {});
  for (const name of ["SessionToken", "Expiration"] as const) {
    assertStringIncludes(problem(() => readKeys({ ...KEYS, [name]: ANSWER[name] })), name);
  }
});

Deno.test("a sign-in returns a token and when it expires, with or without Version 1", () => {
  const signIn = { Token: "a b", Expiration: ANSWER.Expiration };
  for (const value of [signIn, { ...signIn, Version: 1 }]) {
    const { token, expiration } = readSignInAnswer(value, NOW, 3600);
    assertEquals([token.reveal(), expiration], ["a b", NOW + 3_600_000]);
  }
  const cases: readonly (readonly [object, string])[] = [
    [{ Version: 2 }, "Version"],
    [{ Token: "" }, "Token"],
    [{ Token: 5 }, "Token"],
    [{ Expiration: "2026-11-23T12:00:00Z" }, "the sign-in is in the past"],
    [{ Expiration: undefined }, "Expiration"],
  ];
  for (const [more, named] of cases) {
    assertStringIncludes(problem(() => readSignInAnswer({ ...signIn, ...more }, NOW, 3600)), named);
  }
});

Deno.test("credentials for an STS call need no token, but a token that is one", () => {
  assertEquals(readGivenCredentials(KEYS).sessionToken, undefined);
  assertEquals(readGivenCredentials(ANSWER).sessionToken?.reveal(), ANSWER.SessionToken);
  for (const SessionToken of [null, "", "a b"]) {
    assertStringIncludes(
      problem(() => readGivenCredentials({ ...KEYS, SessionToken })),
      "SessionToken",
    );
  }
});
