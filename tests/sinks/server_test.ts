/** `exec --serve`: what SDKs can fetch from it, and nothing else can. */

import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import { Secret } from "../../lib/plan/credentials.ts";
import { run } from "../../lib/run.ts";
import { serveCredentials } from "../../lib/sinks/server.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { identityAt, NO_AWS } from "../support/aws_cli.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { PRIVATE_FILE } from "../support/posix.ts";
import { WORLD } from "../support/world.ts";

const CONFIG = `[profile alice]
region = eu-west-1
[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
region = eu-west-1
`;
const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

type Env = Readonly<Record<string, string | undefined>>;

/** Runs `eac exec open --serve` with a function in place of the child. */
async function served(
  child: (env: Env, host: TestHost, emulator: Emulator) => Promise<void>,
  now?: number,
): Promise<TestHost["printed"]> {
  using host = testHost({
    home: { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS },
    env: { AWS_SECRET_KEY: "left over" },
    ...(now === undefined ? {} : { now }),
  });
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    const code = await run(["exec", "open", "--serve", "--", "child"], {
      ...host,
      now: () => host.time,
      // The test controls the time: nothing is renewed before it is requested.
      sleep: (_, signal) =>
        new Promise((resolve) => signal?.addEventListener("abort", () => resolve())),
      async replace({ env }) {
        await child(env!, host, emulator);
        return 3;
      },
    }, strategies);
    assertEquals(code, 3, host.printed.stderr);
    return host.printed;
  } finally {
    await emulator.stop();
  }
}

async function fetched(env: Env, token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN!) {
  const response = await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI!, {
    headers: { authorization: token },
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("exec --serve serves the JavaScript SDK's container provider", async () => {
  const { fromHttp } = await import("@aws-sdk/credential-providers");
  await served(async (env, host, emulator) => {
    assertEquals(env.AWS_ACCESS_KEY_ID, undefined);
    assertEquals(env.AWS_SECRET_KEY, undefined);
    assertEquals(env.AWS_REGION, "eu-west-1");
    assertEquals(env.EAC_PROFILE, "open");
    const credentials = await fromHttp({
      awsContainerCredentialsFullUri: env.AWS_CONTAINER_CREDENTIALS_FULL_URI!,
      awsContainerAuthorizationToken: env.AWS_CONTAINER_AUTHORIZATION_TOKEN!,
    })();
    const [session] = emulator.world.sessions;
    assertEquals(credentials.accessKeyId, session?.id);
    assertEquals(credentials.secretAccessKey, session?.secret);
    assertEquals(credentials.sessionToken, session?.token);
    assertEquals(credentials.expiration?.getTime(), host.time + 3_600_000);
  });
});

Deno.test("exec --serve serves valid credentials while it renews them, and renews with one call", async () => {
  await served(async (env, host, emulator) => {
    const answers = await Promise.all([fetched(env), fetched(env), fetched(env)]);
    assertEquals(new Set(answers.map(({ body }) => body.AccessKeyId)).size, 1);
    assertEquals(emulator.calls.length, 1);
    host.time += 50 * 60_000;
    const old = await fetched(env);
    assertEquals(old.body.AccessKeyId, answers[0]!.body.AccessKeyId);
    let renewed = await fetched(env);
    while (renewed.body.AccessKeyId === old.body.AccessKeyId) renewed = await fetched(env);
    assertEquals(emulator.calls.length, 2);
    assertEquals(Date.parse(renewed.body.Expiration), host.time + 3_600_000);
    host.time += 60 * 60_000;
    const ended = await Promise.all([fetched(env), fetched(env)]);
    assertEquals(ended[0]!.body.AccessKeyId, ended[1]!.body.AccessKeyId);
    assert(ended[0]!.body.AccessKeyId !== renewed.body.AccessKeyId);
    assertEquals(emulator.calls.length, 3);
  });
});

Deno.test("exec --serve reports once why it could not renew, to the program and to the user", async () => {
  const { stderr } = await served(async (env, host, emulator) => {
    host.time += 60 * 60_000;
    emulator.world.users[0]!.accessKeys[0]!.active = false;
    for (let count = 0; count < 3; count++) {
      const { status, body } = await fetched(env);
      assertEquals([status, body.code], [400, "invalid_credentials"]);
    }
    assertEquals(emulator.calls.length, 2);
  });
  assertEquals(stderr.match(/warning: the credentials of "open" could not be renewed/g)?.length, 1);
  assertStringIncludes(stderr, "error: AWS does not know the access key AKIAIOSFODNN7EXAMPLE");
});

Deno.test("exec --serve selects an existing profile without credentials, and keeps the user's profiles", async () => {
  await served(async (env, host) => {
    assertEquals(env.AWS_PROFILE, "eac-serve");
    assertEquals(env.AWS_CONFIG_FILE, undefined);
    const config = host.text(".aws/config")!;
    assertStringIncludes(config, CONFIG);
    assertMatch(config, /\[profile eac-serve\]\nmanaged_by = eac\n$/);
    const token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE!;
    assertEquals(host.stat(token)?.mode, PRIVATE_FILE);
    assertEquals(
      new TextDecoder().decode(host.readFile(token)),
      env.AWS_CONTAINER_AUTHORIZATION_TOKEN,
    );
    await Promise.resolve();
  });
});

Deno.test("serveCredentials requires the token, and serves only one path", async () => {
  using host = testHost();
  const credentials = {
    accessKeyId: "ASIAIOSFODNN7EXAMPLE",
    secretAccessKey: new Secret("s3cret"),
    sessionToken: new Secret("t0ken"),
    expiration: Date.UTC(2026, 10, 23, 14),
  };
  const server = serveCredentials(host, () => Promise.resolve(credentials));
  const ask = async (path: string, init: RequestInit) => {
    const response = await fetch(new URL(path, server.url), init);
    assertEquals(response.headers.get("cache-control"), "no-store");
    return { status: response.status, text: await response.text() };
  };
  try {
    assertMatch(server.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assertMatch(server.token, /^[\w-]{43}$/);
    const right = { headers: { authorization: server.token } };
    for (const headers of [{}, { authorization: "" }, { authorization: `${server.token}x` }]) {
      const { status, text } = await ask("/", { headers });
      assertEquals(status, 403);
      assert(!text.includes("s3cret"));
    }
    assertEquals((await ask("/", { ...right, method: "POST" })).status, 404);
    assertEquals((await ask("/other", right)).status, 404);
    const { status, text } = await ask("/", right);
    assertEquals(status, 200);
    assertEquals(JSON.parse(text), {
      AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
      SecretAccessKey: "s3cret",
      Token: "t0ken",
      Expiration: "2026-11-23T14:00:00Z",
    });
  } finally {
    await server.stop();
  }
});

Deno.test({
  name: `exec --serve serves the AWS CLI${NO_AWS ? ` (ignored: ${NO_AWS})` : ""}`,
  ignore: NO_AWS !== undefined,
  async fn() {
    // It looks at the end of what it gets, and at the clock.
    await served(async (env, host, emulator) => {
      const { stdout, stderr } = await host.capture({
        command: "aws",
        args: identityAt(emulator.url),
        env,
      });
      const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assertMatch(output, /^arn:aws:sts::123456789012:assumed-role\/Open\/eac-\d+\n$/);
    }, Date.now());
  },
});

Deno.test({
  name: `exec --serve: aws configure set writes to the user's own file${
    NO_AWS ? ` (ignored: ${NO_AWS})` : ""
  }`,
  ignore: NO_AWS !== undefined,
  async fn() {
    await served(async (env, host) => {
      const args = ["configure", "set", "region", "eu-north-1", "--profile", "other"];
      await host.capture({ command: "aws", args, env });
      assertStringIncludes(host.text(".aws/config")!, "[profile other]\nregion = eu-north-1\n");
    });
  },
});
