/**
 * Without a profile: the credentials of the machine, in the order of the AWS CLI's default chain, with
 * `--source`, and for a role's ARN. `explain` and `whoami` name the source.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { machineWith } from "../support/machine.ts";
import { ipv6Works, startMetadata } from "../support/metadata.ts";

const ROLE = "arn:aws:iam::123456789012:role/Open";
const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const WEB = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: "/token" };
const CONTAINER = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/1" };
const INSTANCE = { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" };
const DEFAULT = {
  ".aws/credentials":
    `[default]\naws_access_key_id = ${KEYS.AWS_ACCESS_KEY_ID}\naws_secret_access_key = secret\n`,
};
const GIVEN = {
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "secret",
  Token: "token",
  Expiration: "2026-11-23T14:00:00Z",
  AccountId: "123456789012",
};

/** The machine's sources from the first to the last of the chain, by the kind that explain shows. */
const CHAIN: readonly (readonly [kind: string, env: Record<string, string>, home: object])[] = [
  ["environment", KEYS, {}],
  ["web-identity", WEB, {}],
  ["static", {}, DEFAULT],
  ["container", CONTAINER, {}],
  ["instance", INSTANCE, {}],
];

for (const [at, [kind]] of CHAIN.entries()) {
  Deno.test(`without a name, eac uses ${kind} if no earlier source is available`, async () => {
    const there = CHAIN.slice(at);
    await using on = machineWith({
      env: { CI: "true", ...Object.assign({}, ...there.map(([, env]) => env)) },
      home: Object.assign({}, ...there.map(([, , home]) => home)),
    });
    for (const name of [[], [ROLE]]) {
      const { exit, stdout, stderr } = await on.eac("explain", ...name, "--json");
      assertEquals(exit, 0, stderr);
      assertEquals(JSON.parse(stdout).base.kind, kind, String(name));
    }
  });
}

Deno.test("--source names a source of the machine, with and without a role", async () => {
  await using on = machineWith({
    env: { ...KEYS, ...WEB, ...CONTAINER, ...INSTANCE },
    home: DEFAULT,
  });
  for (const source of ["environment", "web-identity", "container", "instance"]) {
    for (const name of [[], [ROLE]]) {
      const { exit, stdout, stderr } = await on.eac(
        "explain",
        ...name,
        "--source",
        source,
        "--json",
      );
      assertEquals(exit, 0, stderr);
      assertEquals(JSON.parse(stdout).base.kind, source);
    }
  }
  for (
    const argv of [["--source", "default"], ["--source", "nowhere"], [
      "default",
      "--source",
      "instance",
    ]]
  ) {
    assertEquals((await on.eac("explain", ...argv)).exit, 2, String(argv));
  }
});

Deno.test("--source environment gives a session, never the keys, and names what is missing", async () => {
  await using on = machineWith({ env: KEYS });
  const { exit, stdout, stderr } = await on.eac("process", "--source", "environment");
  assertEquals(exit, 0, stderr);
  assertMatch(stdout, /"AccessKeyId":"ASIA.*"SessionToken"/);
  delete on.host.env.AWS_SECRET_ACCESS_KEY;
  const half = await on.eac("process", "--source", "environment");
  assertEquals(half.exit, 3);
  assertStringIncludes(half.stderr, "AWS_SECRET_ACCESS_KEY");
  delete on.host.env.AWS_ACCESS_KEY_ID;
  assertEquals((await on.eac("process", "--source", "environment")).exit, 3);
});

Deno.test("--source web-identity names the variables that are missing, with and without a role", async () => {
  for (const name of [[], [ROLE]]) {
    await using on = machineWith({ env: {} });
    const none = await on.eac("process", ...name, "--source", "web-identity");
    assertEquals(none.exit, 3);
    assertMatch(none.stderr, /: AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are not set\n/);
    on.host.env.AWS_ROLE_ARN = ROLE;
    const half = await on.eac("process", ...name, "--source", "web-identity");
    assertMatch(half.stderr, /: AWS_WEB_IDENTITY_TOKEN_FILE is not set\n/);
  }
});

Deno.test("whoami names the source of credentials without a profile", async () => {
  await using on = machineWith({ env: KEYS });
  const { exit, stdout, stderr } = await on.eac("whoami");
  assertEquals(exit, 0, stderr);
  assertMatch(stderr, /^credentials: keys in the environment$/m);
  assertMatch((await on.eac("explain")).stdout, /base {2}keys in the environment\n/);
  on.host.env.EAC_PROFILE = "alice";
  assertStringIncludes(
    (await on.eac("whoami")).stderr,
    'credentials: keys in the environment, exported for EAC_PROFILE "alice"\n',
  );
  assertStringIncludes(stdout, "arn:aws:iam::123456789012:user/alice");
  await using file = machineWith({
    env: { CI: "true" },
    home: {
      ".aws/credentials": DEFAULT[".aws/credentials"].replace(
        "secret\n",
        `${KEYS.AWS_SECRET_ACCESS_KEY}\n`,
      ),
    },
  });
  const named = await file.eac("whoami");
  assertEquals(named.exit, 0, named.stderr);
  assertStringIncludes(named.stderr, 'keys of "default"');
});

for (const hostname of ["127.0.0.1", ...(ipv6Works() ? ["::1"] : [])]) {
  Deno.test(`an instance and a container at ${hostname} provide their credentials and AccountId`, async () => {
    await using server = startMetadata(GIVEN, hostname);
    await using on = machineWith({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url } });
    const { Token: SessionToken, ...rest } = GIVEN;
    const instance = await on.eac("process");
    assertEquals(instance.exit, 0, instance.stderr);
    assertEquals(JSON.parse(instance.stdout), { Version: 1, ...rest, SessionToken });
    on.host.write("token", "container-token\n");
    on.host.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${server.url}/container`;
    on.host.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = on.host.path("token");
    const container = await on.eac("process", "--source", "container");
    assertEquals(container.exit, 0, container.stderr);
    assertEquals(container.stdout, instance.stdout);
  });
}

Deno.test("without any source eac reports that there are no profiles, and requests no metadata", async () => {
  await using on = machineWith({ env: { CI: "true" } });
  const { exit, stderr } = await on.eac("process");
  assertEquals(exit, 3);
  assertMatch(stderr, /there are no profiles yet.*\n?hint: /);
});

Deno.test("temporary credentials of the environment keep their expiration, and are refused after it", async () => {
  await using on = machineWith({
    env: { ...KEYS, AWS_SESSION_TOKEN: "t", AWS_CREDENTIAL_EXPIRATION: "2026-11-23T14:00:00Z" },
  });
  const { exit, stdout, stderr } = await on.eac("process");
  assertEquals(exit, 0, stderr);
  assertEquals(JSON.parse(stdout).Expiration, "2026-11-23T14:00:00Z");
  on.host.time += 2 * 3_600_000;
  const expired = await on.eac("process");
  assertEquals(expired.exit, 5, expired.stderr);
});
