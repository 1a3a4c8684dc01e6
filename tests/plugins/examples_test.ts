/** The documentation of strategies: its examples work, and its schema is the program's. */

import { CREDENTIAL_FIELDS } from "../../lib/plugins/answer.ts";
import { CALL_FIELDS } from "../../lib/plugins/calls.ts";
import { DESCRIPTION_FIELDS, WANTS } from "../../lib/plugins/description.ts";
import { testName } from "../../lib/plugins/check/templates.ts";
import { readTests } from "../../lib/plugins/check/test_file.ts";
import { type Call, startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import { createIdToken, createSamlResponse } from "../../lib/emulator/proofs.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import type { TestHost, TestHostOptions } from "../support/fakes.ts";
import { eac, FOLDER, strategyHost, withSts } from "../support/own_strategies.ts";
import { DEVICE, WORLD } from "../support/world.ts";

const ROOT = new URL("../../", import.meta.url);
const EXAMPLES = new URL("examples/strategies/", ROOT);

/** All files, and those that are strategies; `_NAME` is a file that others import. */
const names = [...Deno.readDirSync(EXAMPLES)].map(({ name }) => name).sort();
const examples = names.filter((name) => !/^_|\.json$/.test(name));

/** What an example needs, by its extension: a program, and arguments with which it succeeds. */
const TOOLS: Readonly<Record<string, readonly [tool: string, ...args: string[]]>> = {
  "": ["sh", "-c", "exit"],
  ".py": ["python3", "--version"],
  ".go": ["go", "version"],
};

/** The tool that this machine lacks to run an example. */
function missingTool(example: string): string | undefined {
  const [tool, ...args] = TOOLS[/(\.\w+)?$/.exec(example)?.[0] ?? ""] ?? [];
  if (tool === undefined) return undefined;
  if (Deno.build.os === "windows" && tool !== "go") return "a POSIX system";
  try {
    const env = { HOME: "/dev/null" }; // go would write its telemetry there
    const options = { args, env, stdout: "null", stderr: "null" } as const;
    return new Deno.Command(tool, options).outputSync().success ? undefined : tool;
  } catch {
    return tool;
  }
}

/** A machine with the examples as a user has them. A checkout may be in a folder that others can write. */
function machine(config: string, options: TestHostOptions = {}): TestHost {
  const files: Record<string, string> = {};
  for (const file of names) files[file] = Deno.readTextFileSync(new URL(file, EXAMPLES));
  // Strategies run in separate processes, on the real clock.
  const host = strategyHost(files, config, { now: Date.now(), ...options });
  Deno.chmodSync(host.path(`${FOLDER}/keepassxc.py`), 0o700);
  return host;
}

for (const name of examples) {
  const missing = missingTool(name);
  const ignored = missing === undefined ? "" : ` (ignored: needs ${missing})`;
  Deno.test({
    name: `examples/strategies/${name} passes its own tests${ignored}`,
    ignore: missing !== undefined,
    fn: async () => {
      using host = machine("");
      const strategy = name.endsWith(".go") ? buildGo(host, name) : name;
      const { code, stdout } = await eac(host, "strategies", "check", strategy, "--json");
      const checked: { status: string }[] = JSON.parse(stdout);
      assertEquals(code, 0, stdout);
      const tests = readTests(host.text(`${FOLDER}/${testName(strategy)}`) ?? "[]");
      assert(tests.length > 1 && checked.length > tests.length, stdout);
      assert(checked.every(({ status }) => status === "ok"), stdout);
    },
  });
}

const goPrograms = new Map<string, Uint8Array<ArrayBuffer>>();

/** Builds an example in Go once, and returns the name of the program. Go's own files stay out of HOME. */
function buildGo(host: TestHost, source: string): string {
  const program = source.replace(/\.go$/, Deno.build.os === "windows" ? ".exe" : "");
  const path = host.path(`${FOLDER}/${program}`);
  const built = goPrograms.get(source);
  if (built !== undefined) {
    Deno.writeFileSync(path, built, { mode: 0o700 });
    return program;
  }
  const GOCACHE = Deno.env.get("GOCACHE") ?? host.path("go-build");
  const { success, stderr } = new Deno.Command("go", {
    args: ["build", "-o", program, source],
    cwd: host.path(FOLDER),
    env: { HOME: host.home, GOCACHE, GOPATH: host.path("go"), GOENV: "off", GOTOOLCHAIN: "local" },
  }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
  goPrograms.set(source, Deno.readFileSync(path));
  return program;
}

Deno.test("docs/strategies.md lists every example", () => {
  const page = Deno.readTextFileSync(new URL("docs/strategies.md", ROOT));
  for (const name of examples) {
    assertStringIncludes(page, `[${name}](../examples/strategies/${name})`);
  }
});

const SAML_PROVIDER = "arn:aws:iam::123456789012:saml-provider/corp";
const OIDC_PROVIDER = "arn:aws:iam::123456789012:oidc-provider/login.example.com";
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** An STS whose roles trust the company's identity providers. */
async function withFederation(host: TestHost, work: (calls: readonly Call[]) => Promise<void>) {
  const trust = { principals: [SAML_PROVIDER, OIDC_PROVIDER], audiences: ["eac"] };
  const emulator = startEmulator({ ...host, now: () => host.time }, {
    users: [],
    roles: ["payments", "search"].map((name) => ({ arn: role(name), trust })),
  });
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    await work(emulator.calls);
  } finally {
    await emulator.stop();
  }
}

/** A server on loopback; the requests that it got, as `POST /login`. */
async function withServer(
  answer: (request: string, body: string, headers: Headers, url: string) => Response,
  work: (url: string, requests: string[]) => Promise<void>,
) {
  const requests: string[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { origin, pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname}`);
      return answer(requests.at(-1)!, await request.text(), request.headers, origin);
    },
  );
  await work(`http://127.0.0.1:${server.addr.port}`, requests);
}

/** An identity provider with forms, cookies, redirects, and a CSRF token. */
function samlServer(request: string, body: string, headers: Headers): Response {
  const form = new URLSearchParams(body);
  const cookie = headers.get("cookie") ?? "";
  const html = (text: string, init: ResponseInit = {}) => new Response(text, init);
  const login = `<FORM METHOD=post ACTION="/login?to=a&amp;b"><input type="hidden" name="csrf"
    value="x&#x2b;&quot;1"/><input name='username'><input name='password' type='password'></FORM>`;
  switch (request) {
    case "GET /login":
      return html(login, { headers: { "set-cookie": "visit=7; Path=/; HttpOnly" } });
    case "POST /login":
      if (form.get("csrf") !== 'x+"1' || cookie !== "visit=7") {
        return html("forged", { status: 403 });
      }
      if (form.get("username") !== "alice" || form.get("password") !== "a password") {
        return html(login);
      }
      return html(`<form action="/code"><input name="otp"></form>`);
    case "POST /code":
      if (form.get("otp") !== "123456") return html(`<form><input name="otp"></form>`);
      return html("", {
        status: 302,
        headers: { location: "/home", "set-cookie": "session=abc; Path=/; HttpOnly" },
      });
    case "GET /home":
      return html("<h1>Welcome</h1>");
    case "GET /app/aws": {
      if (!cookie.includes("session=abc")) {
        return html("", { status: 302, headers: { location: "/login" } });
      }
      const roles = ["payments", "search"].map((name) => `${role(name)},${SAML_PROVIDER}`);
      const value = createSamlResponse({ roles, notOnOrAfter: Date.now() + 300_000 });
      return html(`<form action="https://signin.aws.amazon.com/saml">
        <input type="hidden" name="SAMLResponse" value="${
        value.replaceAll("+", "&#x2b;")
      }"></form>`);
    }
  }
  return html("", { status: 404 });
}

const samlConfig = (url: string) =>
  `[profile corp]
saml_url = ${url}
saml_user = alice

[profile payments]
saml_role = ${role("payments")}
source_profile = corp

[profile chosen]
saml_role = choose
source_profile = corp
`;

Deno.test("the SAML examples sign in once at a site with cookies, for a role and a chosen one", async () => {
  await withServer(samlServer, async (url, requests) => {
    using host = machine(samlConfig(url), { typed: ["a password\r", "123456\r", "2\r"] });
    await withFederation(host, async (calls) => {
      for (const profile of ["payments", "chosen", "chosen"]) {
        const { code, stderr } = await eac(host, "process", profile);
        assertEquals(code, 0, stderr);
        assert(!stderr.includes("a password"));
      }
      assertEquals(calls.map(({ parameters }) => parameters.RoleArn), [
        role("payments"),
        role("search"),
      ]);
      assertEquals(requests.filter((request) => request === "POST /login").length, 1);
    });
  });
});

Deno.test("the SAML example reports a wrong password with exit code 5, and caches nothing", async () => {
  await withServer(samlServer, async (url) => {
    using host = machine(samlConfig(url), { typed: ["wrong\r", "wrong\r"] });
    for (let run = 0; run < 2; run++) {
      const { code, stderr } = await eac(host, "process", "payments");
      assertEquals(code, 5, stderr);
      assertStringIncludes(stderr, "rejected the sign-in of alice");
    }
  });
});

Deno.test("the OpenID Connect examples poll until the code is confirmed, once for two roles", async () => {
  const answers = ["authorization_pending", "authorization_pending"];
  const token = createIdToken({
    iss: "https://login.example.com",
    sub: "alice",
    aud: "eac",
    exp: Math.floor(Date.now() / 1000) + 3600,
  });
  await withServer((request, body, _headers, url) => {
    const form = new URLSearchParams(body);
    if (request === "GET /.well-known/openid-configuration") {
      return Response.json({
        device_authorization_endpoint: `${url}/device`,
        token_endpoint: `${url}/token`,
      });
    }
    if (form.get("client_id") !== "eac") {
      return Response.json({ error: "invalid_client" }, { status: 401 });
    }
    if (request === "POST /device") {
      return Response.json({
        device_code: "device-7",
        user_code: "WDJB-MJHT",
        verification_uri: `${url}/activate`,
        expires_in: 60,
        interval: 0,
      });
    }
    if (form.get("device_code") !== "device-7") return Response.json({ error: "invalid_grant" });
    const error = answers.shift();
    return error === undefined
      ? Response.json({ id_token: token })
      : Response.json({ error }, { status: 400 });
  }, async (url, requests) => {
    const config = `[profile corp]\noidc_issuer = ${url}\noidc_client = eac\n` +
      ["payments", "search"].map((name) =>
        `[profile ${name}]\nsource_profile = corp\noidc_role = ${role(name)}\n`
      ).join("");
    using host = machine(config, { typed: [] });
    await withFederation(host, async (calls) => {
      for (const profile of ["payments", "search"]) {
        const { code, stderr } = await eac(host, "process", profile);
        assertEquals(code, 0, stderr);
      }
      assertStringIncludes(host.printed.terminal, "WDJB-MJHT");
      assertEquals(calls.map(({ action }) => action), Array(2).fill("AssumeRoleWithWebIdentity"));
      assertEquals(requests.filter((request) => request === "POST /token").length, 3);
    });
  });
});

/** Vault with the userpass method and the AWS engine, of which Alice may use one role. */
function vaultServer(request: string, body: string, headers: Headers): Response {
  const refuse = (status: number, error: string) => Response.json({ errors: [error] }, { status });
  if (request === "POST /v1/auth/userpass/login/alice") {
    return JSON.parse(body).password === "a password"
      ? Response.json({ auth: { client_token: "hvs.example" } })
      : refuse(400, "invalid username or password");
  }
  if (headers.get("x-vault-token") !== "hvs.example" || request !== "GET /v1/aws/sts/deploy") {
    return refuse(403, "permission denied");
  }
  return Response.json({
    lease_duration: 3600,
    data: { access_key: "ASIAIOSFODNN7EXAMPLE", secret_key: "secret", security_token: "token" },
  });
}

const vaultConfig = (url: string) =>
  ["deploy", "admin"].map((name) =>
    `[profile ${name}]\nvault_role = ${name}\nvault_addr = ${url}\nvault_username = alice\n`
  ).join("");

/** How the user signs in to Vault, and the outcome: an exit code and what stderr names. */
const VAULT: readonly (readonly [
  how: string,
  profile: string,
  options: TestHostOptions,
  code: number,
  named: string,
])[] = [
  ["with a password", "deploy", { typed: "a password\r" }, 0, ""],
  ["with a token", "deploy", { env: { VAULT_TOKEN: "hvs.example" } }, 0, ""],
  ["with a wrong password", "deploy", { typed: "wrong\r" }, 5, "invalid username or password"],
  ["with a revoked token", "deploy", { env: { VAULT_TOKEN: "hvs.old" } }, 5, "permission denied"],
  ["for a role that is denied", "admin", { typed: "a password\r" }, 5, "permission denied"],
];

for (const [how, profile, options, code, named] of VAULT) {
  Deno.test(`the Vault example, ${how}, exits ${code}`, async () => {
    await withServer(vaultServer, async (url) => {
      using host = machine(vaultConfig(url), options);
      const ended = await eac(host, "process", profile);
      assertEquals(ended.code, code, ended.stderr);
      assertStringIncludes(ended.stderr, named);
      if (code === 0) assertEquals(JSON.parse(ended.stdout).AccessKeyId, "ASIAIOSFODNN7EXAMPLE");
    });
  });
}

const NO_GO = missingTool("break-glass.go");

Deno.test({
  name: `the break-glass example sends the reason and the user, and caches nothing${
    NO_GO === undefined ? "" : ` (ignored: needs ${NO_GO})`
  }`,
  ignore: NO_GO !== undefined,
  async fn() {
    const config = `[profile emergency]
source_profile = alice
mfa_serial = ${DEVICE.serial}
break_glass_role = ${role("Direct")}
break_glass_user = alice
`;
    using host = machine(config, { typed: ["INC-1234: <b>no payments\r"] });
    buildGo(host, "break-glass.go");
    await withSts(host, async (calls) => {
      const code = await totp(DEVICE.secret, host.time);
      const first = await eac(host, "process", "emergency", "--mfa-token", code);
      assertEquals(first.code, 0, first.stderr);
      const { parameters } = calls[0]!;
      assertEquals(parameters["Tags.member.1.Key"], "reason");
      assertEquals(parameters["Tags.member.1.Value"], "INC-1234:  b no payments");
      assertEquals([parameters.SourceIdentity, parameters.TokenCode], ["alice", code]);
      const again = await eac(host, "process", "emergency", "--no-input");
      assertEquals([again.code, again.stdout], [4, ""], again.stderr);
    });
  },
});

Deno.test("the example of a convention serves 200 profiles, each with its role and tags", async () => {
  const teams = Array.from({ length: 100 }, (_, index) => `team-${index}`);
  const accounts = Object.fromEntries(
    teams.map((team, index) => [
      `${team}-prod`,
      { id: String(100_000_000_000 + index), team, environment: "prod" },
    ]),
  );
  const config = "[profile alice]\n" +
    teams.flatMap((team) =>
      ["admin", "read"].map((access) =>
        `[profile ${team}-${access}]\naccount = ${team}-prod\naccess = ${access}\nsource_profile = alice\n`
      )
    ).join("");
  const files = {
    "accounts.js": Deno.readTextFileSync(new URL("accounts.js", EXAMPLES)),
    "_accounts.json": JSON.stringify(accounts),
  };
  using host = strategyHost(files, config);
  const listed: { strategy: string }[] = JSON.parse((await eac(host, "list", "--json")).stdout);
  assertEquals(listed.filter(({ strategy }) => strategy === "accounts").length, 200);
  const emulator = startEmulator({ ...host, now: () => host.time }, {
    ...WORLD,
    roles: [{
      arn: "arn:aws:iam::100000000042:role/ReadOnly",
      trust: { principals: WORLD.users.map(({ arn }) => arn) },
    }],
  });
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    const { code, stderr } = await eac(host, "process", "team-42-read");
    assertEquals(code, 0, stderr);
    const { parameters } = emulator.calls[0]!;
    assertEquals(parameters.RoleArn, "arn:aws:iam::100000000042:role/ReadOnly");
    const tags = [1, 2, 3].map((n) =>
      `${parameters[`Tags.member.${n}.Key`]}=${parameters[`Tags.member.${n}.Value`]}`
    );
    assertEquals(tags.sort(), ["access=read", "environment=prod", "team=team-42"]);
    assertEquals(parameters["TransitiveTagKeys.member.1"], "team");
  } finally {
    await emulator.stop();
  }
});

Deno.test("the declarative example is as short as the docs claim", () => {
  const text = Deno.readTextFileSync(new URL("team-role.js", EXAMPLES));
  const body = text.slice(text.indexOf("export default {\n"));
  assert(body.trim().split("\n").length <= 11, body);
});

type Schema = Readonly<Record<string, unknown>> & {
  readonly properties?: Readonly<Record<string, Schema>>;
};

const SCHEMA: Schema & { readonly $defs: Readonly<Record<string, Schema>> } = JSON.parse(
  Deno.readTextFileSync(new URL("docs/strategy.schema.json", ROOT)),
);

const keys = (schema: Schema | undefined) => Object.keys(schema?.properties ?? {}).sort();

Deno.test("the schema has the fields that the program accepts", () => {
  const { description, answer, credentials, call } = SCHEMA.$defs;
  assertEquals(keys(description), [...DESCRIPTION_FIELDS].sort());
  assertEquals(keys(answer), ["Version", ...CREDENTIAL_FIELDS].sort());
  assertEquals(keys(credentials), [...CREDENTIAL_FIELDS].sort());
  const wants = description?.properties?.wants as { items: { enum: string[] } };
  assertEquals(wants.items.enum, [...WANTS]);
  const [assumeRole, getSessionToken] = call?.oneOf as Schema[];
  const own = ["call", "code", "credentials"];
  assertEquals(keys(assumeRole), [...CALL_FIELDS.AssumeRole, ...own].sort());
  assertEquals(keys(getSessionToken), [...CALL_FIELDS.GetSessionToken, ...own].sort());
});

Deno.test("the JSON in docs/strategies.md is what the schema and the tests allow", () => {
  const text = Deno.readTextFileSync(new URL("docs/strategies.md", ROOT));
  const blocks = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
  assert(blocks.length > 8);
  for (const block of blocks) {
    const value: unknown = JSON.parse(block);
    if (Array.isArray(value)) assertEquals(readTests(block).length, value.length);
    else assert(fits(value, SCHEMA), block);
  }
  assert(!fits({ api: 1, request: "describe", more: 1 }, SCHEMA));
});

/** As much of JSON Schema as docs/strategy.schema.json uses. */
function fits(value: unknown, schema: Schema): boolean {
  if (typeof schema.$ref === "string") {
    return fits(value, SCHEMA.$defs[schema.$ref.split("/").at(-1)!]!);
  }
  if (Array.isArray(schema.oneOf)) {
    return schema.oneOf.filter((one) => fits(value, one)).length === 1;
  }
  if ("const" in schema) return value === schema.const;
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  switch (schema.type) {
    case "string":
      return typeof value === "string" &&
        (schema.pattern === undefined || new RegExp(String(schema.pattern)).test(value));
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isInteger(value) && Number(value) >= Number(schema.minimum) &&
        Number(value) <= Number(schema.maximum);
    case "array":
      return Array.isArray(value) && value.length >= Number(schema.minItems ?? 0) &&
        value.every((item) => fits(item, schema.items as Schema));
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      const { properties = {}, required = [], additionalProperties } = schema;
      return (required as string[]).every((name) => name in value) &&
        Object.entries(value).every(([name, member]) => {
          const known = properties[name] ?? additionalProperties;
          return known !== false && fits(member, known as Schema);
        });
    }
  }
  throw new Error(`the schema uses what this test does not know: ${JSON.stringify(schema)}`);
}

Deno.test("every strategy in docs/strategies.md loads and describes itself", async () => {
  const page = Deno.readTextFileSync(new URL("docs/strategies.md", ROOT));
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text!)
    .filter((text) => text.includes("export default"));
  assert(blocks.length >= 6, String(blocks.length));
  using host = strategyHost(
    Object.fromEntries(blocks.map((text, index) => [`${index}.js`, text])),
    "",
  );
  const listed = JSON.parse((await eac(host, "strategies", "--json")).stdout);
  const own = listed.slice(0, blocks.length) as { name: string; problem?: string }[];
  assertEquals(own.filter(({ problem }) => problem !== undefined), []);
  assertEquals(new Set(own.map(({ name }) => name)).size, blocks.length);
});

/** Tests for strategies of docs/strategies.md, by their names. */
const PAGE_TESTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "corp-sign-in": {
    name: "signs in",
    profile: { corp_idp: "{server}", corp_user: "alice" },
    answers: ["a password", "123456"],
    serve: { "POST /sessions": { json: { token: "session", seconds: 3600 } } },
  },
  "corp-role": {
    name: "gets a role with the sign-in",
    profile: { corp_role: "payments", source_profile: "corp" },
    profiles: { corp: { corp_idp: "{server}", corp_user: "alice" } },
    strategies: ["corp-sign-in.js"],
    answers: ["a password", "123456"],
    serve: {
      "POST /sessions": { json: { token: "session", seconds: 3600 } },
      "GET /roles/payments": {
        json: {
          AccessKeyId: "{AccessKeyId}",
          SecretAccessKey: "{SecretAccessKey}",
          SessionToken: "{SessionToken}",
          Expiration: "{Expiration}",
        },
      },
    },
  },
  "corp-saml": {
    name: "assumes the role of the assertion",
    profile: {
      saml_url: "{server}/sign-in",
      saml_role:
        "arn:aws:iam::123456789012:role/admin,arn:aws:iam::123456789012:saml-provider/corp",
    },
    answers: ["alice", "a password"],
    saml: ["arn:aws:iam::123456789012:role/admin,arn:aws:iam::123456789012:saml-provider/corp"],
    serve: {
      "POST /sign-in": { text: '<input name="SAMLResponse" value="{SAMLResponse}">' },
    },
    calls: ["AssumeRoleWithSAML arn:aws:iam::123456789012:role/admin"],
  },
};

Deno.test("the sign-in and the SAML strategy in docs/strategies.md work as they are written", async () => {
  const page = Deno.readTextFileSync(new URL("docs/strategies.md", ROOT));
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text!);
  const files: Record<string, string> = {};
  for (const [name, test] of Object.entries(PAGE_TESTS)) {
    files[`${name}.js`] = blocks.find((text) => text.includes(`name: "${name}"`)) ?? "";
    files[`${name}.test.json`] = JSON.stringify([test]);
  }
  using host = strategyHost(files, "", { now: Date.now() });
  const names = Object.keys(PAGE_TESTS).map((name) => `${name}.js`);
  const { code, stdout } = await eac(host, "strategies", "check", ...names);
  assertEquals(code, 0, stdout);
  assertEquals(stdout.match(/^ok /gm)?.length, 3 * names.length, stdout);
});
