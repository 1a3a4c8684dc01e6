/**
 * Responses of STS, programs and strategies.
 *
 * @module
 */

import fc from "fast-check";
import { EacError } from "../../lib/errors.ts";
import type { HttpAnswer, Outcome } from "../../lib/host/host.ts";
import { readAnswer, readGivenCredentials } from "../../lib/plugins/answer.ts";
import { readCall, readSteps } from "../../lib/plugins/calls.ts";
import { InvalidField } from "../../lib/plugins/validate.ts";
import { readDescription } from "../../lib/plugins/description.ts";
import { readTests } from "../../lib/plugins/check/test_file.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { type Property, tryRun } from "./property.ts";
import { bytesOf, damaged, oddText } from "./texts.ts";

const KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
const HOME = {
  ".aws/config": "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/Open\n" +
    "source_profile = alice\n[profile out]\ncredential_process = program\n",
  ".aws/credentials": `[alice]\n${KEYS}`,
};
/** STS is called only once: retries are not tested here. */
const ENV = { AWS_MAX_ATTEMPTS: "1" };

const ANSWER = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
  `<AssumeRoleResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>` +
  `<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>` +
  `<Expiration>2026-11-23T14:00:00Z</Expiration></Credentials></AssumeRoleResult>` +
  `</AssumeRoleResponse>`;
const REFUSAL = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>` +
  `<Message>User: x is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`;

const CODES = [
  "Throttling",
  "ExpiredToken",
  "SignatureDoesNotMatch",
  "InvalidClientTokenId",
  "ValidationError",
  "PackedPolicyTooLarge",
  "RegionDisabledException",
  "constructor",
] as const;

const bodies = fc.oneof(
  damaged(fc.constantFrom(ANSWER, REFUSAL)).map(bytesOf),
  fc.constantFrom(...CODES).map((code) => bytesOf(REFUSAL.replace("AccessDenied", code))),
  fc.uint8Array({ maxLength: 200 }),
);
const answers: fc.Arbitrary<HttpAnswer> = fc.record({
  status: fc.constantFrom(200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 429, 500, 503, 599),
  headers: fc.oneof(
    fc.constant({}),
    fc.record({ date: fc.oneof(oddText, fc.constant("Mon, 23 Nov 2026 12:00:00 GMT")) }),
    fc.record({ location: oddText, "content-type": oddText }),
  ),
  body: bodies,
});

/** Pieces of which a hostile answer is made, again and again. */
const PIECES = [
  "<",
  "<a",
  "<a>",
  "<Code ",
  "<Message>",
  "&lt;",
  "&#x41;",
  "<!--",
  "<![CDATA[",
  "<!ENTITY a 'b'>",
  '<a b="',
  "\n",
  " ",
  "\u202e",
  "]]>",
  "token ",
  "token=",
] as const;

const PRINTED = JSON.stringify({
  Version: 1,
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "secret",
  SessionToken: "token",
  Expiration: "2026-11-23T14:00:00Z",
});
const outcomes: fc.Arbitrary<Outcome> = fc.record({
  code: fc.constantFrom(0, 0, 0, 1, 127, 137),
  stdout: fc.oneof(
    damaged(fc.constant(PRINTED)).map(bytesOf),
    fc.uint8Array({ maxLength: 100 }),
    fc.json({ maxDepth: 3 }).map(bytesOf),
  ),
  stderr: fc.oneof(oddText.map(bytesOf), fc.uint8Array({ maxLength: 100 })),
});

/** JSON that looks like a strategy's answer, and other JSON. */
const member = fc.constantFrom(
  "Version",
  "AccessKeyId",
  "SecretAccessKey",
  "SessionToken",
  "Expiration",
  "call",
  "roleArn",
  "durationSeconds",
  "mfaSerial",
  "tags",
  "steps",
  "api",
  "name",
  "summary",
  "needs",
  "reads",
  "wants",
  "__proto__",
);
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom("AssumeRole", "GetSessionToken", "2026-11-23T14:00:00Z", 1, 3600, "eac"),
    oddText,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(member, tie("value"), { maxKeys: 8 }),
  ),
})).value;

const READERS: readonly ((value: unknown) => unknown)[] = [
  (value) => readAnswer(value, Date.UTC(2026, 10, 23, 13), 43_200),
  readGivenCredentials,
  readSteps,
  (value) => readDescription(value, "module"),
  (value) => readDescription(value, "executable"),
  (value) => readTests(JSON.stringify(value)),
  (value) => readCall("AssumeRole", value, "the step"),
  (value) => readCall("GetSessionToken", value, "the step"),
];

/** For answers of any kind. */
export const answerProperties: readonly Property[] = [
  {
    name: "answers: whatever STS says, the run ends well, and prints whole credentials or none",
    runs: 150,
    property: fc.asyncProperty(answers, async (answer) => {
      const { exit, stdout } = await tryRun(["process", "p"], { home: HOME, env: ENV, answer });
      if (exit !== 0) return assertEquals(stdout, "");
      const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = JSON.parse(
        stdout,
      );
      assertEquals(Version, 1);
      for (const text of [AccessKeyId, SecretAccessKey, SessionToken]) {
        assert(/^[!-~]+$/.test(text));
      }
      assert(Date.parse(Expiration) > Date.UTC(2026, 10, 23, 13));
    }),
  },
  {
    name: "answers: a megabyte of STS takes a second at most",
    runs: 6,
    property: fc.asyncProperty(
      fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(200, 403, 500),
      async (pieces, status) => {
        const unit = pieces.join("");
        const body = bytesOf(unit.repeat(Math.floor(1_000_000 / bytesOf(unit).length)));
        const answer: HttpAnswer = { status, headers: {}, body };
        await tryRun(["process", "p"], { home: HOME, env: ENV, answer });
      },
    ),
  },
  {
    name: "answers: whatever a credential_process does, the run ends well",
    runs: 100,
    property: fc.asyncProperty(outcomes, async (outcome) => {
      const { exit, stdout } = await tryRun(["process", "out"], { home: HOME, outcome });
      if (exit === 0) assertEquals(JSON.parse(stdout).Version, 1);
    }),
  },
  {
    name: "answers: a megabyte of a program's words takes a second at most",
    runs: 6,
    property: fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom(...PIECES), oddText), { minLength: 1, maxLength: 3 }),
      async (pieces) => {
        const unit = `${pieces.join("")} `;
        const stderr = bytesOf(unit.repeat(Math.floor(1_000_000 / bytesOf(unit).length)));
        const outcome: Outcome = { code: 1, stdout: stderr, stderr };
        await tryRun(["process", "out"], { home: HOME, outcome });
      },
    ),
  },
  {
    name: "answers: whatever a strategy says is taken or refused, and nothing else happens",
    runs: 500,
    property: fc.property(anyJson, fc.constantFrom(...READERS), (value, read) => {
      try {
        read(value);
      } catch (thrown) {
        assert(thrown instanceof InvalidField || thrown instanceof EacError, String(thrown));
      }
    }),
  },
];
