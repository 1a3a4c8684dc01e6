/**
 * `login_session` through the whole program: alone and as the source of roles, renewed at a sign-in
 * server, and in the output of `explain`, `list` and `doctor`.
 */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { WORLD } from "../support/world.ts";

const SESSION = "arn:aws:iam::123456789012:user/alice";
const HOME = {
  ".aws/config": `[default]
login_session = ${SESSION}
region = us-east-1

[profile dep]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = default

[profile far]
role_arn = arn:aws:iam::123456789012:role/Chained
source_profile = dep

[profile alice]
mfa_session = off
`,
  ".aws/credentials": `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`,
};

/** A machine whose login session has expired, with a server that renews it once. */
async function signedIn() {
  const host = testHost({ home: HOME });
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  const at = { ...host, now: () => host.time };
  const eac = async (...argv: string[]) => {
    host.printed.stdout = host.printed.stderr = "";
    const exit = await run(argv, at, strategies);
    return { exit, ...host.printed };
  };
  // Credentials of the user that the emulator knows: those that the sign-in server gives.
  const { exit, stdout, stderr } = await eac("process", "alice");
  assertEquals(exit, 0, stderr);
  const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(stdout);
  const keys = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
  const requests: { path: string; dpop: string | null; body: Record<string, unknown> }[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    if (request.method !== "POST") return new Response(); // doctor
    const body = await request.json();
    const path = new URL(request.url).pathname;
    requests.push({ path, dpop: request.headers.get("dpop"), body });
    if (body.refreshToken !== "refresh-1") {
      return Response.json({ error: "TOKEN_EXPIRED" }, { status: 400 });
    }
    return Response.json({ accessToken: keys, expiresIn: 900, refreshToken: "refresh-2" });
  });
  host.env.AWS_ENDPOINT_URL_SIGNIN = `http://127.0.0.1:${server.addr.port}`;
  const key = await crypto.subtle
    .generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key.privateKey));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(SESSION));
  const file = `.aws/login/cache/${new Uint8Array(hash).toHex()}.json`;
  const token = {
    accessToken: { ...keys, accountId: "123456789012", expiresAt: "2020-01-01T00:00:00Z" },
    clientId: "arn:aws:signin:::devtools/same-device",
    refreshToken: "refresh-1",
    dpopKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8.toBase64()}\n-----END PRIVATE KEY-----\n`,
  };
  host.write(file, JSON.stringify(token));
  return {
    host,
    eac,
    emulator,
    requests,
    file,
    keys,
    async [Symbol.asyncDispose]() {
      await Promise.all([emulator.stop(), server.shutdown()]);
      host.dispose();
    },
  };
}

Deno.test("a profile of aws login provides credentials, and its roles share the session", async () => {
  await using machine = await signedIn();
  const { eac, requests, keys, host, file } = machine;
  const alone = await eac("process", "default");
  assertEquals(alone.exit, 0, alone.stderr);
  assertEquals(JSON.parse(alone.stdout).AccessKeyId, keys.accessKeyId);
  for (const name of ["dep", "far"]) {
    const role = await eac("process", name);
    assertEquals(role.exit, 0, role.stderr);
    assertMatch(JSON.parse(role.stdout).AccessKeyId, /^ASIA/);
  }
  assertEquals((await eac("whoami", "default")).exit, 0);
  assertEquals(requests.length, 1);
  assertEquals(requests[0]!.path, "/v1/token");
  assert(requests[0]!.dpop);
  assertEquals(JSON.parse(host.text(file)!).refreshToken, "refresh-2");
});

Deno.test("a cached role of an aws login profile needs no login session", async () => {
  await using machine = await signedIn();
  const { eac, requests, host, file } = machine;
  assertEquals((await eac("get", "dep", "-o", "temp")).exit, 0);
  host.write(file, "{}");
  assertEquals((await eac("process", "dep")).exit, 0);
  assertEquals(requests.length, 1);
  const refused = await eac("process", "default");
  assertEquals(refused.exit, 4, refused.stderr);
  assertStringIncludes(refused.stderr, "eac login default");
});

Deno.test("explain, list and doctor support a profile of aws login", async () => {
  await using machine = await signedIn();
  const { eac, requests } = machine;
  const alone = await eac("explain", "default", "--json");
  const { strategy, base } = JSON.parse(alone.stdout);
  assertEquals([strategy, base.kind, base.login_session], ["pass-through", "login", SESSION]);
  const role = await eac("explain", "dep");
  assertStringIncludes(role.stdout, 'aws login session of "default"');
  const { stdout } = await eac("list", "--json");
  const rows = JSON.parse(stdout).profiles ?? JSON.parse(stdout);
  const row = rows.find(({ name, profile }: Record<string, string>) =>
    (name ?? profile) === "default"
  );
  assertEquals(row.strategy, "pass-through");
  const doctor = await eac("doctor", "--json");
  assert(!doctor.stdout.includes("no_strategy"), doctor.stdout);
  assertEquals(requests.filter(({ path }) => path === "/v1/token"), []);
});

Deno.test("nothing is stored in, or linked to, a profile of aws login", async () => {
  await using machine = await signedIn();
  const { eac } = machine;
  for (const argv of [["get", "alice", "-o", "default", "--force"], ["link", "dep", "default"]]) {
    const { exit, stderr } = await eac(...argv);
    assert(exit !== 0, argv.join(" "));
    assertStringIncludes(stderr, "login_session");
  }
});
