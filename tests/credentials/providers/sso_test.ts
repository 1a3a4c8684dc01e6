/** IAM Identity Center: the token of `aws sso login`, its renewal, and where the calls go. */

import { ssoCredentials, type SsoSource } from "../../../lib/credentials/providers/sso.ts";
import { EacError, type ErrorCode } from "../../../lib/errors.ts";
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

const SOURCE: SsoSource = {
  profile: "p",
  startUrl: "https://acme.awsapps.com/start",
  region: "eu-west-1",
  accountId: "123456789012",
  roleName: "admin",
};
const IN_SESSION: SsoSource = { ...SOURCE, session: "corp" };

const TOKEN = { accessToken: "sso-token", expiresAt: "2099-01-01T00:00:00Z", region: "eu-west-1" };
const LATER = Date.parse("2026-11-23T14:00:00Z");
const GIVEN = {
  roleCredentials: {
    accessKeyId: "ASIAIOSFODNN7EXAMPLE",
    secretAccessKey: "s",
    sessionToken: "t",
    expiration: LATER,
  },
};
/** What renews a token. */
const CLIENT = {
  clientId: "c",
  clientSecret: "client-secret",
  refreshToken: "refresh-token",
  registrationExpiresAt: "2099-01-01T00:00:00Z",
};
const EXPIRED = { ...TOKEN, ...CLIENT, expiresAt: "2020-01-01T00:00:00Z" };
const RENEWED = { accessToken: "new-token", expiresIn: 3600, refreshToken: "r2" };

async function tokenFile(name = SOURCE.startUrl): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(name)));
  return `.aws/sso/cache/${hash.toHex()}.json`;
}

const where = (
  values: Record<string, string> = {},
  env: Record<string, string> = {},
  services: EndpointInput["services"] = new Map(),
): EndpointInput => ({ profile: { name: "p", values, places: {} }, services, env });

const get = (host: TestHost, source = SOURCE, input = where()) =>
  ssoCredentials(host, source, input, {});

async function failure(work: Promise<unknown>): Promise<EacError> {
  return await assertRejects(() => work, EacError) as EacError;
}

Deno.test("SSO gets the role's credentials with the token of aws sso login", async () => {
  using host = testHost();
  host.write(await tokenFile(), JSON.stringify(TOKEN));
  const requests = answering(host, [[200, GIVEN]]);
  const credentials = await get(host);
  assertEquals(credentials.accessKeyId, "ASIAIOSFODNN7EXAMPLE");
  assertEquals(credentials.expiration, LATER);
  assertEquals(requests.map(({ method, url }) => `${method} ${url}`), [
    "GET https://portal.sso.eu-west-1.amazonaws.com/federation/credentials" +
    "?role_name=admin&account_id=123456789012",
  ]);
  assertEquals(requests[0]!.headers["x-amz-sso_bearer_token"], "sso-token");
});

Deno.test("SSO finds the token of an sso-session with any characters in its name", async () => {
  for (const session of ["corp", "My Corp", "Ä/b", "[x]"]) {
    using host = testHost();
    host.write(await tokenFile(session), JSON.stringify(TOKEN));
    answering(host, [[200, GIVEN]]);
    await get(host, { ...SOURCE, session });
  }
});

Deno.test("SSO reads expiresAt in the formats of the AWS tools", async () => {
  for (
    const expiresAt of [
      "2026-11-23T14:00:00Z",
      "2026-11-23T14:00:00UTC",
      "2026-11-23T14:00:00.123456+00:00",
      "2026-11-23T15:00:00+0100",
      "2026-11-23 14:00:00Z",
    ]
  ) {
    using host = testHost();
    host.write(await tokenFile(), JSON.stringify({ ...TOKEN, expiresAt }));
    answering(host, [[200, GIVEN]]);
    await get(host);
    host.time += 2 * 3_600_000;
    assertEquals((await failure(get(host))).code, "input_required", expiresAt);
  }
});

Deno.test("SSO renews the token of an sso-session, and preserves the other fields of its file", async () => {
  using host = testHost();
  host.write(await tokenFile("corp"), JSON.stringify({ ...EXPIRED, foreign: [1] }));
  const requests = answering(host, [[200, RENEWED], [200, GIVEN]]);
  await get(host, IN_SESSION);
  assertEquals(requests[0]!.url, "https://oidc.eu-west-1.amazonaws.com/token");
  assertEquals(JSON.parse(String(requests[0]!.body)), {
    clientId: "c",
    clientSecret: "client-secret",
    refreshToken: "refresh-token",
    grantType: "refresh_token",
  });
  assertEquals(requests[1]!.headers["x-amz-sso_bearer_token"], "new-token");
  assertEquals(JSON.parse(host.text(await tokenFile("corp"))!), {
    ...EXPIRED,
    foreign: [1],
    accessToken: "new-token",
    expiresAt: "2026-11-23T14:00:00Z",
    refreshToken: "r2",
  });
  await get(host, IN_SESSION);
  assertEquals(requests.length, 3);
});

Deno.test("SSO renews a token once for simultaneous runs", async () => {
  using host = testHost();
  host.write(await tokenFile("corp"), JSON.stringify(EXPIRED));
  const requests: string[] = [];
  host.http = ({ url }) => {
    requests.push(new URL(url).hostname);
    const value = url.endsWith("/token") ? RENEWED : GIVEN;
    const body = new TextEncoder().encode(JSON.stringify(value));
    return Promise.resolve({ status: 200, headers: {}, body });
  };
  await Promise.all([1, 2, 3].map(() => get(host, IN_SESSION)));
  assertEquals(requests.filter((name) => name.startsWith("oidc")).length, 1);
});

Deno.test("SSO uses an expiring token if it cannot be renewed", async () => {
  const soon = { ...EXPIRED, expiresAt: "2026-11-23T13:01:00Z" };
  const table: readonly [name: string, token: object, source: SsoSource, answers: Answer[]][] = [
    ["refused", soon, IN_SESSION, [[400, { error: "invalid_grant" }], [200, GIVEN]]],
    ["no refresh token", { ...soon, refreshToken: undefined }, IN_SESSION, [[200, GIVEN]]],
    [
      "a client that expired",
      { ...soon, registrationExpiresAt: "2020-01-01T00:00:00Z" },
      IN_SESSION,
      [
        [200, GIVEN],
      ],
    ],
    ["no sso-session", soon, SOURCE, [[200, GIVEN]]],
  ];
  for (const [name, token, source, answers] of table) {
    using host = testHost();
    host.write(await tokenFile(source.session), JSON.stringify(token));
    const requests = answering(host, answers);
    await get(host, source);
    assertEquals(requests.length, answers.length, name);
    host.time += 120_000;
    requests.length = 0;
    assertEquals((await failure(get(host, source))).code, "input_required", name);
  }
});

Deno.test("SSO without a usable token says how to sign in", async (t) => {
  const table: readonly [
    name: string,
    token: unknown,
    source: SsoSource,
    answers: readonly Answer[],
    ErrorCode,
    hint: string,
  ][] = [
    ["no token", undefined, SOURCE, [], "input_required", "run eac login p"],
    ["no JSON", "{", SOURCE, [], "input_required", "run eac login p"],
    [
      "a token of another kind",
      { ...TOKEN, accessToken: 1 },
      SOURCE,
      [],
      "input_required",
      "run eac login p",
    ],
    [
      "a line break",
      { ...TOKEN, accessToken: "a\nb" },
      SOURCE,
      [],
      "input_required",
      "run eac login p",
    ],
    [
      "no token of the session",
      undefined,
      IN_SESSION,
      [],
      "input_required",
      "run eac login p",
    ],
    [
      "a name with a blank",
      undefined,
      { ...SOURCE, profile: "my p" },
      [],
      "input_required",
      "run eac login 'my p'",
    ],
    [
      "an old token",
      { ...TOKEN, expiresAt: "2020-01-01T00:00:00Z" },
      SOURCE,
      [],
      "input_required",
      "run eac login p",
    ],
    [
      "a revoked token",
      TOKEN,
      SOURCE,
      [[401, { message: "Session token not found or invalid" }]],
      "input_required",
      "run eac login p",
    ],
    [
      "a renewal that is refused",
      EXPIRED,
      IN_SESSION,
      [[400, { error: "invalid_grant" }]],
      "input_required",
      "run eac login p",
    ],
  ];
  for (const [name, token, source, answers, code, hint] of table) {
    await t.step(name, async () => {
      using host = testHost();
      const text = typeof token === "string" ? token : JSON.stringify(token);
      if (token !== undefined) host.write(await tokenFile(source.session), text);
      const requests = answering(host, answers);
      const error = await failure(get(host, source));
      assertEquals([error.code, error.profile, error.hint], [code, source.profile, hint]);
      assertEquals(requests.length, answers.length);
    });
  }
});

Deno.test("SSO reports an error of Identity Center without a secret", async () => {
  const table: readonly [Answer, ErrorCode, message: RegExp, attempts: number][] = [
    [[403, { message: "No access" }], "access_denied", /admin in account 123456789012$/, 1],
    [[404, { message: "gone sso-token" }], "invalid_parameter", /has no role admin/, 1],
    [[400, { message: "what" }], "invalid_parameter", /"what"$/, 1],
    [[429], "throttled", /throttled/, 3],
    [[503, { message: "sso-token" }], "service", /HTTP 503/, 3],
    [new EacError("network", "cannot reach portal.sso: it is down"), "network", /portal/, 3],
    [
      new EacError("network", "cannot reach portal.sso: its certificate is not valid"),
      "network",
      /cert/,
      1,
    ],
    [[200, {}], "service", /incomplete/, 1],
    [
      [200, { roleCredentials: { ...GIVEN.roleCredentials, expiration: "x" } }],
      "service",
      /incomplete/,
      1,
    ],
  ];
  for (const [answer, code, message, attempts] of table) {
    using host = testHost();
    host.write(await tokenFile(), JSON.stringify(TOKEN));
    const requests = answering(host, [answer]);
    const error = await failure(get(host));
    assertEquals(error.code, code, error.message);
    assertMatch(error.message, message);
    assert(!`${error.message} ${error.hint}`.includes("sso-token"), error.message);
    assertEquals(requests.length, attempts, error.message);
  }
});

Deno.test("SSO calls go to the configured endpoint, with the profile's CA bundle", async () => {
  const services = new Map([[
    "local",
    new Map([
      ["sso", { value: "\nendpoint_url = http://127.0.0.1:3" }],
      ["sso_oidc", { value: "\nendpoint_url = http://127.0.0.1:4" }],
    ]),
  ]]);
  const table: readonly [EndpointInput, region: string, oidc: string, portal: string][] = [
    [
      where(),
      "cn-north-1",
      "https://oidc.cn-north-1.amazonaws.com.cn",
      "https://portal.sso.cn-north-1.amazonaws.com.cn",
    ],
    [
      where({ use_fips_endpoint: "true" }),
      "us-east-1",
      "https://oidc-fips.us-east-1.amazonaws.com",
      "https://portal.sso-fips.us-east-1.amazonaws.com",
    ],
    [
      where({ use_fips_endpoint: "true" }),
      "us-gov-west-1",
      "https://oidc.us-gov-west-1.amazonaws.com",
      "https://portal.sso.us-gov-west-1.amazonaws.com",
    ],
    [
      where({ use_dualstack_endpoint: "true" }),
      "eu-west-1",
      "https://oidc.eu-west-1.api.aws",
      "https://portal.sso.eu-west-1.api.aws",
    ],
    [
      where({}, { AWS_ENDPOINT_URL: "http://127.0.0.1:1/" }),
      "eu-west-1",
      "http://127.0.0.1:1",
      "http://127.0.0.1:1",
    ],
    [
      where({}, {
        AWS_ENDPOINT_URL_SSO: "http://127.0.0.1:1",
        AWS_ENDPOINT_URL_SSO_OIDC: "http://127.0.0.1:2",
      }),
      "eu-west-1",
      "http://127.0.0.1:2",
      "http://127.0.0.1:1",
    ],
    [
      where({ services: "local" }, {}, services),
      "eu-west-1",
      "http://127.0.0.1:4",
      "http://127.0.0.1:3",
    ],
  ];
  for (const [input, region, oidc, portal] of table) {
    using host = testHost();
    host.write(await tokenFile("corp"), JSON.stringify(EXPIRED));
    const requests = answering(host, [[200, RENEWED], [200, GIVEN]]);
    await get(host, { ...IN_SESSION, region }, input);
    assertEquals(requests.map(({ url }) => url.split(/\/token|\/federation/)[0]), [oidc, portal]);
  }
  const bundles: readonly [
    values: Record<string, string>,
    env: Record<string, string>,
    used?: string,
  ][] = [
    [{}, {}],
    [{ ca_bundle: "/profile.pem" }, {}, "/profile.pem"],
    [{ ca_bundle: "/profile.pem" }, { AWS_CA_BUNDLE: "/env.pem" }, "/env.pem"],
  ];
  for (const [values, env, used] of bundles) {
    using host = testHost();
    host.write(await tokenFile("corp"), JSON.stringify(EXPIRED));
    const requests = answering(host, [[200, RENEWED], [200, GIVEN]]);
    await get(host, IN_SESSION, where(values, env));
    assertEquals(requests.map(({ caBundle }) => caBundle), [used, used]);
  }
});

Deno.test("SSO refuses a region that would lead to another host", async () => {
  using host = testHost();
  host.write(await tokenFile(), JSON.stringify(TOKEN));
  const requests = answering(host, [[200, GIVEN]]);
  for (const region of ["example.com/", "x@example.com", "eu-west-1.example.com", ""]) {
    const error = await failure(get(host, { ...SOURCE, region }));
    assertEquals(error.code, "config_invalid");
    assertStringIncludes(error.message, "sso_region");
  }
  assertEquals(requests, []);
});

Deno.test("SSO requests end at their time limit, and with the run", async () => {
  using host = testHost();
  host.write(await tokenFile(), JSON.stringify(TOKEN));
  host.http = () => new Promise(() => {});
  const stop = new AbortController();
  host.deadline = () => stop.signal;
  const late = failure(get(host));
  stop.abort();
  assertEquals((await late).code, "timeout");
  host.deadline = () => new AbortController().signal;
  const interrupted = ssoCredentials(host, SOURCE, where(), { signal: AbortSignal.abort() });
  assertEquals((await failure(interrupted)).code, "interrupted");
});
