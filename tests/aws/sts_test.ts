import { fromFileUrl } from "../support/fakes.ts";
import { Secret } from "../../lib/plan/credentials.ts";
import type { Credentials } from "../../lib/plan/credentials.ts";
import { createSts } from "../../lib/aws/sts.ts";
import { EacError, type ErrorCode } from "../../lib/errors.ts";
import type { HttpAnswer, HttpRequest } from "../../lib/host/host.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../support/assert.ts";
import { ALICE, KEY, OPEN, ROLE, SERIAL, stage, withRole } from "../support/emulator_stage.ts";
import { realHost } from "../../lib/host/real.ts";

const NOW = Date.UTC(2026, 10, 23, 13);
const USER: Credentials = {
  accessKeyId: KEY.id,
  secretAccessKey: new Secret(KEY.secret),
};
const STEP = {
  call: "AssumeRole",
  roleArn: ROLE,
  sessionName: "test",
  durationSeconds: 3600,
} as const;
const SESSION = { call: "GetSessionToken", durationSeconds: 3600, mfaSerial: SERIAL } as const;
const TARGET = { region: "eu-west-1", url: "https://sts.eu-west-1.amazonaws.com" };

type Reply = Partial<HttpAnswer> | string | Error;

/** A Host whose network returns these responses in order; the last one repeats. */
function hostWith(replies: readonly Reply[], env: Record<string, string> = {}) {
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const log: string[] = [];
  let time = NOW;
  return {
    requests,
    waits,
    log,
    env,
    now: () => time,
    sleep(milliseconds: number) {
      waits.push(milliseconds);
      time += milliseconds;
      return Promise.resolve();
    },
    http(request: HttpRequest): Promise<HttpAnswer> {
      const reply = replies[Math.min(requests.length, replies.length - 1)]!;
      requests.push(request);
      if (reply instanceof Error) return Promise.reject(reply);
      const given = typeof reply === "string" ? { body: encode(reply) } : reply;
      return Promise.resolve({ status: 200, headers: {}, body: encode(""), ...given });
    },
  };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function credentialsXml(change: Record<string, string | undefined> = {}): string {
  const members = {
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: "secret",
    SessionToken: "token",
    Expiration: "2026-11-23T14:00:00Z",
    ...change,
  };
  return Object.entries(members)
    .map(([name, value]) => value === undefined ? "" : `<${name}>${value}</${name}>`).join("");
}

function roleXml(change: Record<string, string | undefined> = {}): string {
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>` +
    `<Credentials>${credentialsXml(change)}</Credentials><AssumedRoleUser><AssumedRoleId>A:t` +
    `</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/deploy/test</Arn></AssumedRoleUser>` +
    `</AssumeRoleResult></AssumeRoleResponse>`;
}

function refusal(status: number, code: string, message = "no"): Partial<HttpAnswer> {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: encode(`<ErrorResponse>${error}</ErrorResponse>`) };
}

const refusedConnection = new EacError("network", "cannot reach x: the connection was refused");
const brokenConnection = new EacError("network", "cannot reach x: the connection was interrupted");
const untrusted = new EacError("network", "cannot reach x: its certificate is not valid");
const late = new EacError("timeout", "x did not answer within 10 s");

/** The fields of a request as STS reads them. */
function fieldsOf(request: HttpRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(String(request?.body)));
}

Deno.test("assumeRole sends the parameters of the step and no others", async () => {
  const host = hostWith([roleXml()]);
  const result = await createSts(host, TARGET).assumeRole(USER, {
    ...STEP,
    durationSeconds: 900,
    externalId: "x:1",
    policy: '{"Version":"2012-10-17"}',
    policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    tags: { team: "a & b" },
    transitiveTagKeys: ["team"],
    sourceIdentity: "alice",
    mfaSerial: SERIAL,
  }, "012345");
  assertEquals(fieldsOf(host.requests[0]), {
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: "test",
    DurationSeconds: "900",
    ExternalId: "x:1",
    Policy: '{"Version":"2012-10-17"}',
    "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "Tags.member.1.Key": "team",
    "Tags.member.1.Value": "a & b",
    "TransitiveTagKeys.member.1": "team",
    SourceIdentity: "alice",
    SerialNumber: SERIAL,
    TokenCode: "012345",
  });
  assertEquals(result.credentials.accessKeyId, "ASIAIOSFODNN7EXAMPLE");
  assertEquals(result.credentials.secretAccessKey.reveal(), "secret");
  assertEquals(result.credentials.sessionToken?.reveal(), "token");
  assertEquals(result.credentials.expiration, NOW + 3_600_000);
  assertEquals(result.assumedRoleArn, "arn:aws:sts::1:assumed-role/deploy/test");

  await createSts(host, TARGET).assumeRole(USER, { ...STEP, mfaSerial: SERIAL });
  assertEquals(Object.keys(fieldsOf(host.requests[1])).sort(), [
    "Action",
    "DurationSeconds",
    "RoleArn",
    "RoleSessionName",
    "Version",
  ]);
});

Deno.test("a call goes to the endpoint, signed for its region at the host's time", async () => {
  const host = hostWith([roleXml()]);
  const target = {
    region: "eu-west-1",
    signingRegion: "us-east-1",
    url: "https://sts.amazonaws.com",
    caBundle: "/ca.pem",
  };
  await createSts(host, target).assumeRole(USER, STEP);
  const [request] = host.requests;
  assertEquals(request?.url, "https://sts.amazonaws.com/");
  assertEquals(request?.caBundle, "/ca.pem");
  assertEquals(request?.timeout, 10_000);
  assertEquals(request?.headers["x-amz-date"], "20261123T130000Z");
  assertStringIncludes(
    request?.headers.authorization ?? "",
    `Credential=${KEY.id}/20261123/us-east-1/sts/aws4_request`,
  );
});

Deno.test("STS calls pass a server that checks signatures", async () => {
  await stage(withRole({ ...OPEN, mfa: true }), async ({ host, emulator, code }) => {
    // Wrong by more than AWS allows, were it not for the host's clock.
    host.time = Date.UTC(2031, 0, 1);
    const sts = createSts(host, { region: "eu-west-1", url: emulator.url });
    const { TokenCode } = await code();
    const session = await sts.getSessionToken(USER, SESSION, TokenCode);
    const role = await sts.assumeRole(session.credentials, STEP);
    assertEquals(role.credentials.expiration, host.time + 3_600_000);
    assertMatch(role.assumedRoleArn ?? "", /:assumed-role\/deploy\/test$/);
    assertEquals((await sts.getCallerIdentity(role.credentials)).Arn, role.assumedRoleArn);
    assertEquals((await sts.getCallerIdentity(USER)).Arn, ALICE);
    assertEquals(emulator.calls.map((call) => call.region), Array(4).fill("eu-west-1"));
  });
});

Deno.test("a wrong clock is reported, not silently corrected", async () => {
  await stage(withRole(OPEN), async ({ host, emulator }) => {
    emulator.clockOffset = 20 * 60_000;
    const sts = createSts(host, { region: "eu-west-1", url: emulator.url });
    for (let again = 0; again < 2; again++) {
      const error = await assertRejects(() => sts.assumeRole(USER, STEP), EacError);
      assertEquals(error.code, "clock_skew");
      assertStringIncludes(error.message, "clock is 1200 s behind");
    }
    assertEquals(emulator.calls.length, 2);
  });
});

Deno.test("assumeRoleWithWebIdentity sends the token, unsigned", async () => {
  const xml = roleXml().replaceAll("AssumeRoleRes", "AssumeRoleWithWebIdentityRes");
  const host = hostWith([xml]);
  const result = await createSts(host, TARGET).assumeRoleWithWebIdentity({
    roleArn: ROLE,
    sessionName: "ci",
    token: new Secret("a.b.c"),
  });
  assertEquals(fieldsOf(host.requests[0]), {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: "ci",
    WebIdentityToken: "a.b.c",
  });
  assertEquals(host.requests[0]?.headers.authorization, undefined);
  assertEquals(result.credentials.accessKeyId, "ASIAIOSFODNN7EXAMPLE");
});

Deno.test("a response without a namespace and with nanoseconds is parsed", async () => {
  const xml = roleXml({ Expiration: "2026-11-23T14:00:00.123456789Z" });
  const host = hostWith([xml.replace(/ xmlns="[^"]*"/, "")]);
  const { credentials } = await createSts(host, TARGET).assumeRole(USER, STEP);
  assertEquals(credentials.expiration, NOW + 3_600_123);
});

Deno.test("an unusable response is a service error, never credentials", async (t) => {
  const answers: Record<string, Reply> = {
    "no session token": roleXml({ SessionToken: undefined }),
    "an empty secret": roleXml({ SecretAccessKey: "" }),
    "a key with a line break": roleXml({ AccessKeyId: "ASIA&#10;X" }),
    "no expiration": roleXml({ Expiration: undefined }),
    "an expiration that is no time": roleXml({ Expiration: "soon" }),
    "an expiration in the past": roleXml({ Expiration: "2026-11-23T12:59:59Z" }),
    "an expiration too far": roleXml({ Expiration: "2026-11-24T01:16:00Z" }),
    "no credentials": "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>",
    "an HTML page": "<!doctype html><html><body>Please sign in<br></body></html>",
    "broken XML": "<AssumeRoleResponse><Assume",
    "nothing": "",
    "JSON": '{"Credentials":{}}',
    "a redirect": { status: 302, headers: { location: "https://x.example.com/" } },
  };
  for (const [name, reply] of Object.entries(answers)) {
    await t.step(name, async () => {
      const host = hostWith([reply]);
      const error = await assertRejects(
        () => createSts(host, TARGET).assumeRole(USER, STEP),
        EacError,
      );
      assertEquals(error.code, "service");
      assertEquals(host.requests.length, 1);
    });
  }
});

Deno.test("getSessionToken accepts 36 hours", async () => {
  const xml = (expiration: string) =>
    roleXml({ Expiration: expiration }).replaceAll("AssumeRoleRes", "GetSessionTokenRes");
  const good = hostWith([xml("2026-11-25T01:00:00Z")]);
  const { credentials } = await createSts(good, TARGET).getSessionToken(USER, SESSION, "012345");
  assertEquals(credentials.expiration, NOW + 36 * 3_600_000);
  const bad = hostWith([xml("2026-11-25T01:16:00Z")]);
  await assertRejects(() => createSts(bad, TARGET).getSessionToken(USER, SESSION), EacError);
});

Deno.test("a failed call is retried where that can help, but never if its MFA code may be used", async (t) => {
  const cases: readonly [string, Reply, plain: number, withCode: number, ErrorCode][] = [
    ["throttled", refusal(400, "Throttling", "Rate exceeded"), 3, 3, "throttled"],
    ["throttled by status", refusal(429, "TooManyRequestsException"), 3, 3, "throttled"],
    ["refused connection", refusedConnection, 3, 3, "network"],
    ["broken connection", brokenConnection, 3, 1, "network"],
    ["bad certificate", untrusted, 1, 1, "network"],
    ["time-out", late, 3, 1, "timeout"],
    ["HTTP 500", refusal(500, "InternalFailure"), 3, 1, "service"],
    ["HTML with 502", { status: 502, body: encode("<html>") }, 3, 1, "service"],
    ["denied", refusal(403, "AccessDenied"), 1, 1, "access_denied"],
    ["invalid", refusal(400, "ValidationError"), 1, 1, "invalid_parameter"],
  ];
  for (const [name, reply, plain, withCode, code] of cases) {
    for (const [token, times] of [[undefined, plain], ["012345", withCode]] as const) {
      await t.step(`${name}${token ? ", with a code" : ""}: ${times}`, async () => {
        const host = hostWith([reply]);
        const sts = createSts(host, TARGET);
        const error = await assertRejects(
          () => sts.getSessionToken(USER, SESSION, token),
          EacError,
        );
        assertEquals([error.code, host.requests.length], [code, times]);
        assertEquals(host.waits.length, times - 1);
      });
    }
  }
});

Deno.test("a throttled call succeeds when the throttling ends", async () => {
  const host = hostWith([refusal(400, "Throttling"), refusal(503, "SlowDown"), roleXml()]);
  await createSts(host, TARGET).assumeRole(USER, STEP);
  const [first = 0, second = 0] = host.waits;
  assert(first >= 500 && first <= 1000, `${first}`);
  assert(second >= 1000 && second <= 2000, `${second}`);
});

Deno.test("AWS_MAX_ATTEMPTS sets the number of attempts", async () => {
  const tries = async (AWS_MAX_ATTEMPTS: string) => {
    const host = hostWith([late], { AWS_MAX_ATTEMPTS });
    await assertRejects(() => createSts(host, TARGET).assumeRole(USER, STEP), EacError);
    return host.requests.length;
  };
  assertEquals(await tries("1"), 1);
  assertEquals(await tries("5"), 5);
  assertEquals(await tries(""), 3);
  const host = hostWith([roleXml()], { AWS_MAX_ATTEMPTS: "many" });
  const error = await assertRejects(() => createSts(host, TARGET).assumeRole(USER, STEP), EacError);
  assertEquals([error.code, host.requests.length], ["config_invalid", 0]);
});

Deno.test("a call is canceled with the run", async () => {
  const stop = new AbortController();
  const host = hostWith([late]);
  host.sleep = () => (stop.abort(), Promise.resolve());
  const sts = createSts(host, TARGET, { signal: stop.signal });
  const error = await assertRejects(() => sts.assumeRole(USER, STEP), EacError);
  assertEquals([error.code, host.requests.length], ["interrupted", 1]);
  assert(host.requests[0]?.signal === stop.signal);
});

Deno.test("the log of a call names the call and the endpoint, and no secret", async () => {
  const log: string[] = [];
  const token = new Secret("SESSIONTOKEN");
  const host = hostWith([refusal(500, "X", `SESSIONTOKEN 012345 ${KEY.secret}`)]);
  const sts = createSts(host, TARGET, { log: (text) => log.push(text) });
  const error = await assertRejects(
    () => sts.assumeRole({ ...USER, sessionToken: token }, STEP),
    EacError,
  );
  const messages = [...log, error.message, error.hint].join("\n");
  assertStringIncludes(messages, `AssumeRole ${ROLE} at ${TARGET.url}`);
  for (const secret of ["SESSIONTOKEN", KEY.secret]) assert(!messages.includes(secret), messages);
});

Deno.test("a code is sent again over the real network only if the connection was refused", async () => {
  const host = { ...realHost(), env: {}, sleep: () => Promise.resolve() };
  const server = host.serve(() => new Response(null, { status: 500 }));
  await server.stop();
  const log: string[] = [];
  const sts = createSts(host, { region: "eu-west-1", url: server.url }, {
    log: (text) => log.push(text),
  });
  const error = await assertRejects(() => sts.getSessionToken(USER, SESSION, "012345"), EacError);
  assertEquals(error.code, "network");
  assertEquals(log.filter((text) => text.startsWith("GetSessionToken at")).length, 3);
});

Deno.test("a call reads no files, and no variables that only the SDK would read", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "eac-test-" });
  try {
    const root = new URL("../../", import.meta.url);
    Deno.writeTextFileSync(
      `${folder}/call.ts`,
      `import { createSts } from "${root}lib/aws/sts.ts";
       import { Secret } from "${root}lib/plan/credentials.ts";
       const body = new TextEncoder().encode(${
        JSON.stringify(
          "<R><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult></R>",
        )
      });
       const http = () => Promise.resolve({ status: 200, headers: {}, body });
       const host = { env: {}, now: () => 0, sleep: () => Promise.resolve(), http };
       const key = { accessKeyId: "A", secretAccessKey: new Secret("s") };
       const sts = createSts(host, { region: "eu-west-1", url: "https://x.example.com" });
       console.log(JSON.stringify(await sts.getCallerIdentity(key)));`,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--no-prompt",
        "--allow-env=AWS_*",
        `--config=${fromFileUrl(new URL("deno.json", root))}`,
        `${folder}/call.ts`,
      ],
      stdin: "null",
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(decode(stdout), '{"UserId":"u","Account":"1","Arn":"a"}\n', decode(stderr));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
