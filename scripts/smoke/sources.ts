/**
 * Checks of credential sources: a vault, IAM Identity Center, accounts.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../../tests/support/assert.ts";
import { CI_SYSTEMS, jobEnv } from "../../tests/support/ci.ts";
import { startPortal, tokenFile } from "../../tests/support/identity_center.ts";
import { CORP_SESSION, corpProfile } from "../../tests/support/sign_in_services.ts";
import { type Check, CONFIG, type Home, KEY, WINDOWS } from "./home.ts";

const ACCOUNT = "123456789012";

/** `eac roles`, and the profiles that `eac init --sso` writes. */
export async function checkRoles({ folder, eacWith }: Home): Promise<void> {
  await using portal = startPortal(
    [{ id: ACCOUNT, name: "Prod", roles: ["Reader", "Admin"] }],
    Date.now() + 3_600_000,
  );
  for (const [path, text] of Object.entries(await tokenFile("corp"))) {
    Deno.mkdirSync(`${folder}/.aws/sso/cache`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, text);
  }
  Deno.writeTextFileSync(
    `${folder}/.aws/config`,
    `${CONFIG}\n${CORP_SESSION}`,
  );
  const eac = (...args: string[]) => eacWith({ AWS_ENDPOINT_URL_SSO: portal.url }, ...args);
  const listed = await eac("roles", "corp", "--json");
  assertEquals(listed.code, 0, listed.stderr);
  assertEquals(
    JSON.parse(listed.stdout).map(({ role_name }: { role_name: string }) => role_name),
    ["Admin", "Reader"],
  );
  const written = await eac("init", "--sso", "corp", "--yes");
  assertEquals(written.code, 0, written.stderr);
  const got = await eac("process", "Prod.Reader");
  assertEquals(got.code, 0, got.stderr);
  assertEquals(JSON.parse(got.stdout).AccountId, ACCOUNT);
  assertMatch((await eac("roles", "corp")).stdout, /Reader +Prod\.Reader/);
}

const USER = `arn:aws:iam::${ACCOUNT}:user/alice`;
const KEYS = { accessKeyId: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: "s", sessionToken: "t" };
const EXPIRED = "2020-01-01T00:00:00Z";

/** A token that is due for renewal: its file, the profile that uses it, and the server that renews it. */
interface DueToken {
  readonly name: string;
  readonly config: string;
  readonly variables: (url: string) => Readonly<Record<string, string>>;
  readonly file: () => Promise<readonly [path: string, content: unknown]>;
  /** What the server answers; the first renewal makes the old refresh token invalid. */
  readonly answer: (path: string) => unknown;
  readonly renews: string;
}

async function hex(algorithm: string, text: string): Promise<string> {
  const digest = await crypto.subtle.digest(algorithm, new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

const DUE_TOKENS: readonly DueToken[] = [
  {
    name: "IAM Identity Center",
    config: CORP_SESSION + corpProfile("p"),
    variables: (url) => ({ AWS_ENDPOINT_URL_SSO: url, AWS_ENDPOINT_URL_SSO_OIDC: url }),
    file: async () => [`.aws/sso/cache/${await hex("SHA-1", "corp")}.json`, {
      accessToken: "old",
      expiresAt: EXPIRED,
      clientId: "c",
      clientSecret: "c",
      refreshToken: "r",
      registrationExpiresAt: "2099-01-01T00:00:00Z",
    }],
    renews: "/token",
    answer: (path) =>
      path === "/token"
        ? { accessToken: "new", expiresIn: 3600, refreshToken: "r2" }
        : { roleCredentials: { ...KEYS, expiration: Date.now() + 3_600_000 } },
  },
  {
    name: "aws login",
    config: `[profile p]\nlogin_session = ${USER}\nregion = us-east-1\n`,
    variables: (url) => ({ AWS_ENDPOINT_URL_SIGNIN: url }),
    async file() {
      const curve = { name: "ECDSA", namedCurve: "P-256" };
      const { privateKey } = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
      const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey)).toBase64();
      return [`.aws/login/cache/${await hex("SHA-256", USER)}.json`, {
        accessToken: { ...KEYS, accountId: ACCOUNT, expiresAt: EXPIRED },
        clientId: "arn:aws:signin:::devtools/same-device",
        refreshToken: "r",
        dpopKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
      }];
    },
    renews: "/v1/token",
    answer: () => ({ accessToken: KEYS, expiresIn: 900, refreshToken: "r2" }),
  },
];

/** Twenty processes that need the same due token. */
async function checkSingleRenewal(due: DueToken, { folder, eacWith }: Home): Promise<void> {
  let renewals = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === due.renews && renewals++ > 0) {
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    return Response.json(due.answer(pathname));
  });
  try {
    const [path, content] = await due.file();
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, JSON.stringify(content));
    Deno.writeTextFileSync(`${folder}/.aws/config`, due.config);
    const variables = due.variables(`http://127.0.0.1:${server.addr.port}`);
    const runs = Array.from({ length: 20 }, () => eacWith(variables, "process", "p"));
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      assertEquals(code, 0, stderr);
      assertEquals(JSON.parse(stdout).AccessKeyId, KEYS.accessKeyId);
    }
    assertEquals(renewals, 1);
    assertEquals(JSON.parse(Deno.readTextFileSync(`${folder}/${path}`)).refreshToken, "r2");
  } finally {
    await server.shutdown();
  }
}

/** The checks. */
export function sourceChecks(): Check[] {
  const noShell = WINDOWS ? "there is no POSIX shell on Windows" : undefined;
  return [
    {
      name:
        "roles from a vault need one code, and with mfa_serial the vault's own keys are not passed on",
      skip: noShell,
      async run({ folder, eac, eacWithCode, emulator, read }) {
        const keys = { Version: 1, AccessKeyId: KEY.id, SecretAccessKey: KEY.secret };
        Deno.writeTextFileSync(`${folder}/.aws/vault.json`, JSON.stringify(keys));
        const vault = `credential_process = cat ${folder}/.aws/vault.json`;
        const serial = /^mfa_serial = .*$/m.exec(CONFIG)![0];
        Deno.writeTextFileSync(
          `${folder}/.aws/config`,
          `[profile alice]\n${vault}\n${serial}\n\n${CONFIG}`,
        );
        Deno.writeTextFileSync(`${folder}/.aws/credentials`, "");
        for (const argv of [["process", "alice"], ["env", "alice"], ["exec", "alice", "env"]]) {
          const { code, stdout, stderr } = await eac(...argv);
          assertEquals([code, stdout], [4, ""], stderr);
        }
        assertEquals((await eacWithCode("process", "deploy")).code, 0);
        for (const name of ["alice", "audit", "deploy"]) {
          const { code, stdout, stderr } = await eac("process", name);
          assertEquals(code, 0, stderr);
          assertMatch(stdout, /"AccessKeyId":"ASIA/);
        }
        const sessions = emulator.calls.filter(({ action }) => action === "GetSessionToken");
        assertEquals(sessions.length, 1);
        assertMatch((await eac("explain", "alice")).stdout, /long-lived keys/);
        const { code, stderr } = await eac("rotate", "alice");
        assertEquals(code, 3);
        assertMatch(stderr, /credential_process/);
        assertEquals(read(".aws/credentials"), "");
      },
    },
    ...DUE_TOKENS.map((due): Check => ({
      name: `one of 20 concurrent processes renews the token of ${due.name}`,
      run: (home) => checkSingleRenewal(due, home),
    })),
    ...CI_SYSTEMS.map((system): Check => ({
      name: `in ${system.name}, a role ARN and keys in variables are enough`,
      async run({ folder, eacWith, emulator }) {
        Deno.removeSync(`${folder}/.aws`, { recursive: true });
        const { code, stdout, stderr } = await eacWith(
          {
            ...jobEnv(system, `${folder}/.aws`),
            AWS_ACCESS_KEY_ID: KEY.id,
            AWS_SECRET_ACCESS_KEY: KEY.secret,
          },
          "env",
          `arn:aws:iam::${ACCOUNT}:role/audit`,
        );
        assertEquals(code, 0, stderr);
        assertMatch(stdout, /^export AWS_ACCESS_KEY_ID='ASIA/m);
        assertEquals(stderr.split("::add-mask::").length - 1, system.masks ? 3 : 0);
        assertEquals(emulator.calls.map(({ action }) => action), ["AssumeRole"]);
      },
    })),
    {
      name: "credentials of the wrong account are an error, and are stored nowhere",
      async run({ folder, eac, read, emulator }) {
        const before = read(".aws/credentials");
        Deno.writeTextFileSync(
          `${folder}/.aws/config`,
          `[profile alice]\naws_account_id = 210987654321\n`,
        );
        for (const argv of [["get", "-o", "t"], ["process"], ["whoami"]]) {
          const { code, stdout, stderr } = await eac(...argv, "alice");
          assertEquals([code, stdout], [3, ""], stderr);
          assertMatch(stderr, /210987654321.*123456789012/);
        }
        assertEquals(read(".aws/credentials"), before);
        assert(emulator.calls.some(({ action }) => action === "GetCallerIdentity"));
      },
    },
    {
      name: "console signs in a user without a role",
      async run({ eac, emulator }) {
        const { code, stdout, stderr } = await eac("console", "alice", "--print");
        assertEquals(code, 0, stderr);
        assert(new URL(stdout.trim()).searchParams.has("SigninToken"));
        assertEquals(emulator.calls[0]?.action, "GetFederationToken");
      },
    },
  ];
}
