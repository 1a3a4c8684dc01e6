/** `aws login`: the session that it cached, its renewal with a DPoP proof, and what the AWS CLI finds then. */

import { loginCredentials } from "../../../lib/credentials/providers/login_session.ts";
import { EacError, type ErrorCode } from "../../../lib/errors.ts";
import type { HttpRequest } from "../../../lib/host/host.ts";
import type { EndpointInput } from "../../../lib/plan/region.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../../support/assert.ts";
import { type Answer, answering } from "../../support/answering.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";

const SESSION = "arn:aws:iam::123456789012:user/alice";
const BASE = { kind: "login", profile: "p", session: SESSION } as const;

/** The SHA-256 of {@linkcode SESSION}: botocore's `generate_login_cache_key`. */
const NAME = "b7d71d383b9557a9bad4c3346c50365819226484c6824a0fdef66637be339db0.json";
const FILE = `.aws/login/cache/${NAME}`;

/** A key as `openssl ecparam -genkey -name prime256v1` and the AWS CLI write it; only these tests use it. */
const PEM = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEII9TtNSi7itfmBjB2aUE2SeHP7bLt/0atw7YMI46JdTooAoGCCqGSM49
AwEHoUQDQgAEMFhdAqBGyZxEO4v/ima882h+gfKfpwroJqj/x4w28a8Hz2jpulGV
18Et61BKo7g25zy3xTQLyz9Fg1u9Z4STEg==
-----END EC PRIVATE KEY-----
`;

const KEYS = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: "session-token",
  accountId: "123456789012",
};
const MINUTE = 60_000;

/** A token whose credentials last so many minutes from now. */
function token(host: TestHost, minutes: number, more: Record<string, unknown> = {}) {
  const expiresAt = new Date(host.now() + minutes * MINUTE).toISOString();
  return {
    accessToken: { ...KEYS, expiresAt },
    tokenType: "aws_sigv4",
    clientId: "arn:aws:signin:::devtools/same-device",
    refreshToken: "refresh-1",
    idToken: "id-token",
    dpopKey: PEM,
    ...more,
  };
}

const RENEWED = {
  accessToken: {
    accessKeyId: "ASIAI44QH8DHBEXAMPLE",
    secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    sessionToken: "session-token-2",
  },
  tokenType: "aws_sigv4",
  expiresIn: 900,
  refreshToken: "refresh-2",
};

const where = (
  values: Record<string, string> = { region: "eu-west-1" },
  env: Record<string, string> = {},
): EndpointInput => ({ profile: { name: "p", values, places: {} }, services: new Map(), env });

const get = (host: TestHost, input = where()) => loginCredentials(host, BASE, input, {});

async function failure(work: Promise<unknown>): Promise<EacError> {
  return await assertRejects(() => work, EacError) as EacError;
}

Deno.test("a valid login session provides its credentials without a request", async () => {
  using host = testHost();
  host.write(FILE, JSON.stringify(token(host, 10)));
  const requests = answering(host, [[500]]);
  const { accessKeyId, sessionToken, expiration } = await get(host);
  assertEquals([accessKeyId, sessionToken?.reveal()], [KEYS.accessKeyId, KEYS.sessionToken]);
  assertEquals(expiration, host.now() + 10 * MINUTE);
  assertEquals(requests, []);
});

Deno.test("a login session is found in AWS_LOGIN_CACHE_DIRECTORY, with ~ and variables", async () => {
  for (const folder of ["~/elsewhere", "$HOME/elsewhere", "${HOME}/elsewhere"]) {
    using host = testHost({ env: { AWS_LOGIN_CACHE_DIRECTORY: folder } });
    host.write(`elsewhere/${NAME}`, JSON.stringify(token(host, 10)));
    assertEquals((await get(host)).accessKeyId, KEYS.accessKeyId, folder);
  }
});

Deno.test("an expiring login session is renewed for eac and the AWS CLI", async () => {
  for (const minutes of [-60, 0, 5]) {
    using host = testHost();
    const old = token(host, minutes);
    host.write(FILE, JSON.stringify(old));
    const requests = answering(host, [[200, RENEWED]]);
    const { accessKeyId, expiration } = await get(host);
    assertEquals(accessKeyId, RENEWED.accessToken.accessKeyId);
    assertEquals(expiration, host.now() + 900_000);
    const [{ method, url, body }] = requests as [HttpRequest];
    assertEquals(
      [method, url],
      ["POST", "https://eu-west-1.signin.aws.amazon.com/v1/token"],
    );
    assertEquals(JSON.parse(String(body)), {
      clientId: old.clientId,
      refreshToken: "refresh-1",
      grantType: "refresh_token",
    });
    const expiresAt = new Date(expiration!).toISOString().replace(".000Z", "Z");
    assertEquals(JSON.parse(host.text(FILE) ?? ""), {
      ...old,
      accessToken: { ...RENEWED.accessToken, accountId: KEYS.accountId, expiresAt },
      refreshToken: "refresh-2",
    });
    await get(host);
    assertEquals(requests.length, 1);
  }
});

Deno.test("a renewal has a DPoP proof: a JWT for this URL, signed with the session's key", async () => {
  const der = Uint8Array.fromBase64(PEM.replace(/-----[^-]*-----|\s/g, ""));
  const pkcs8 = [0x30, 0x81, 0x93, 2, 1, 0, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
  pkcs8.push(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 4, der.length, ...der);
  pkcs8[2] = pkcs8.length - 3;
  const other = `-----BEGIN PRIVATE KEY-----\n${
    new Uint8Array(pkcs8).toBase64()
  }\n-----END PRIVATE KEY-----`;
  for (const dpopKey of [PEM, PEM.replaceAll("\n", "\r\n"), other]) {
    using host = testHost();
    host.write(FILE, JSON.stringify(token(host, 0, { dpopKey })));
    const requests = answering(host, [[200, RENEWED]]);
    await get(host);
    const { url, headers } = requests[0]!;
    assertMatch(headers.dpop!, /^[\w-]+\.[\w-]+\.[\w-]+$/); // base64url has no padding in a JWT
    const [head, claims, signature] = headers.dpop!.split(".") as [string, string, string];
    const read = (part: string) => Uint8Array.fromBase64(part, { alphabet: "base64url" });
    const json = (part: string) => JSON.parse(new TextDecoder().decode(read(part)));
    const { typ, alg, jwk } = json(head);
    assertEquals([typ, alg, Object.keys(jwk)], ["dpop+jwt", "ES256", ["kty", "crv", "x", "y"]]);
    const { jti, ...others } = json(claims);
    assertMatch(jti, /^[0-9a-f-]{36}$/);
    assertEquals(others, { htm: "POST", htu: url, iat: Math.floor(host.now() / 1000) });
    const key = await crypto.subtle
      .importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    const signed = new TextEncoder().encode(`${head}.${claims}`);
    assert(
      await crypto.subtle.verify(
        { name: "ECDSA", hash: "SHA-256" },
        key,
        read(signature),
        signed,
      ),
    );
  }
});

Deno.test("a login session is renewed in the region where the user signed in", async () => {
  using host = testHost();
  const cases: readonly (readonly [Record<string, unknown>, EndpointInput, string])[] = [
    [{ signInRegion: "us-east-2" }, where(), "https://us-east-2.signin.aws.amazon.com"],
    [{}, where(), "https://eu-west-1.signin.aws.amazon.com"],
    [{}, where({}), "https://us-east-1.signin.aws.amazon.com"],
    [
      { signInRegion: "us-east-2" },
      where({}, { AWS_ENDPOINT_URL_SIGNIN: "http://127.0.0.1:9/x/" }),
      "http://127.0.0.1:9/x",
    ],
  ];
  for (const [more, input, url] of cases) {
    host.write(FILE, JSON.stringify(token(host, 0, more)));
    const requests = answering(host, [[200, RENEWED]]);
    await get(host, input);
    assertEquals(requests[0]!.url, `${url}/v1/token`);
  }
});

Deno.test("of many processes that renew a login session at once, one sends its refresh token", async () => {
  using host = testHost();
  host.write(FILE, JSON.stringify(token(host, 0)));
  const requests = answering(host, [[200, RENEWED], [400, { error: "TOKEN_EXPIRED" }]]);
  const all = await Promise.all(Array.from({ length: 20 }, () => get(host)));
  assertEquals(new Set(all.map((one) => one.accessKeyId)), new Set(["ASIAI44QH8DHBEXAMPLE"]));
  assertEquals(requests.length, 1);
});

Deno.test("valid credentials are used if they cannot be renewed", async () => {
  const answers: readonly Answer[] = [
    [500],
    [400, { error: "TOKEN_EXPIRED" }],
    [200, { ...RENEWED, refreshToken: undefined }],
    new EacError("network", "no route"),
  ];
  for (const answer of answers) {
    using host = testHost();
    host.write(FILE, JSON.stringify(token(host, 3)));
    answering(host, [answer]);
    assertEquals((await get(host)).accessKeyId, KEYS.accessKeyId);
  }
});

Deno.test("a login session that cannot be renewed fails with its cause and the next command", async () => {
  const cases: readonly (readonly [Answer, ErrorCode, string])[] = [
    [[400, { error: "TOKEN_EXPIRED", message: "m" }], "input_required", "eac login p"],
    [[400, { error: "USER_CREDENTIALS_CHANGED" }], "input_required", "eac login p"],
    [[403, { error: "INSUFFICIENT_PERMISSIONS" }], "access_denied", "signin:CreateOAuth2Token"],
    [[400, { error: "INVALID_REQUEST", message: "bad" }], "service", "eac login p"],
    [[429], "throttled", "try again"],
    [[503], "service", "try again"],
    [[200, { ...RENEWED, accessToken: {} }], "service", "eac login p"],
  ];
  for (const [answer, code, hint] of cases) {
    using host = testHost();
    const before = JSON.stringify(token(host, -1));
    host.write(FILE, before);
    answering(host, [answer]);
    const error = await failure(get(host));
    assertEquals(error.code, code);
    assertStringIncludes(error.hint ?? "", hint);
    assertEquals(host.text(FILE), before);
  }
});

Deno.test("no error of a login session shows its refresh token", async () => {
  using host = testHost();
  host.write(FILE, JSON.stringify(token(host, -1)));
  answering(host, [[400, { error: "INVALID_REQUEST", message: "refresh-1 is not known" }]]);
  const { message } = await failure(get(host));
  assertStringIncludes(message, "is not known");
  assert(!message.includes("refresh-1"));
});

Deno.test("without a usable login session the error says how to sign in", async () => {
  using host = testHost();
  const whole = token(host, -1);
  const files: (string | undefined)[] = [undefined, "", "[]", "{", JSON.stringify({})];
  for (const key of ["accessToken", "clientId", "refreshToken", "dpopKey"]) {
    files.push(JSON.stringify({ ...whole, [key]: undefined }));
  }
  for (const key of ["accessKeyId", "secretAccessKey", "sessionToken", "expiresAt"]) {
    const accessToken = { ...whole.accessToken, [key]: undefined };
    files.push(JSON.stringify({ ...whole, accessToken }));
  }
  files.push(JSON.stringify({ ...whole, dpopKey: "not a key" }));
  answering(host, [[200, RENEWED]]);
  for (const text of files) {
    if (text !== undefined) host.write(FILE, text);
    const error = await failure(get(host));
    assertEquals(error.code, "input_required", text);
    assertStringIncludes(error.hint ?? "", "eac login p");
  }
});
