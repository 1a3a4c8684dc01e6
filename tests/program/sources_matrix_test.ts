/**
 * Every source of credentials, alone and below one role, two roles and a role with MFA, through every command
 * that gets or explains credentials. Each provides the right credentials, or is refused with the reason.
 */

import { createIdToken } from "../../lib/emulator/proofs.ts";
import type { WorldDescription } from "../../lib/emulator/world.ts";
import { totp } from "../../lib/emulator/totp.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { startPortal, tokenFile } from "../support/identity_center.ts";
import { type Machine, machineWith } from "../support/machine.ts";
import { CONTAINER_TOKEN, ipv6Works, startMetadata } from "../support/metadata.ts";
import { DEVICE, WORLD } from "../support/world.ts";

const ACCOUNT = "123456789012";
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
const KEY = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const NOON = Date.UTC(2026, 10, 23, 13);
const END = NOON + 3_600_000;
const ENDS = "2026-11-23T14:00:00Z";

const ANYONE = { principals: ["*"] };
const ACCOUNTS: WorldDescription = {
  users: WORLD.users,
  roles: [
    { arn: role("Node"), trust: ANYONE },
    { arn: role("First"), trust: ANYONE },
    { arn: role("Second"), trust: { principals: [role("First")] } },
    { arn: role("Mfa"), trust: { principals: [ALICE], mfa: true } },
  ],
};

/** Temporary credentials of a source, which STS knows: as those of a role, or of the user. */
const GIVEN = {
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "sso-secret",
  Token: "sso-session",
  Expiration: ENDS,
};

/** A source of credentials: a profile, or one that the machine provides. */
interface Source {
  readonly name: string;
  /** Settings of the profile `alone`; absent: the machine provides it, without a profile. */
  readonly profile?: string | undefined;
  /** Settings of the profile `one` in place of its `source_profile`. */
  readonly below?: string;
  readonly keys?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: Readonly<Record<string, string>>;
  /** The kind of the base that `explain` names. */
  readonly kind: string;
  readonly gives: "keys of a user" | "session of a user" | "credentials of a role";
  /** Starts the servers, and returns the variables that point to them. */
  serve?(use: AsyncDisposableStack): Record<string, string>;
}

const serveMetadata = (use: AsyncDisposableStack, hostname?: string) => {
  const { url } = use.use(startMetadata(GIVEN, hostname));
  return {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`,
  };
};

const ENV_KEYS = { AWS_ACCESS_KEY_ID: KEY.id, AWS_SECRET_ACCESS_KEY: KEY.secret };
const printed = (json: unknown) => ({ "printed.json": JSON.stringify(json) });
const PROCESS = `credential_process = ${
  Deno.build.os === "windows" ? "cmd /c type HOME\\printed.json" : "cat HOME/printed.json"
}`;
const ID_TOKEN = createIdToken({
  iss: "https://idp.example.com",
  sub: "ci",
  aud: "sts.amazonaws.com",
  exp: END / 1000,
});

/** The token of `aws login`, valid for as long as the credentials. */
async function loginToken(): Promise<Record<string, string>> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ALICE));
  const accessToken = {
    accessKeyId: GIVEN.AccessKeyId,
    secretAccessKey: GIVEN.SecretAccessKey,
    sessionToken: GIVEN.Token,
    accountId: ACCOUNT,
    expiresAt: ENDS,
  };
  const token = { accessToken, clientId: "c", refreshToken: "r", dpopKey: "k" };
  return { [`.aws/login/cache/${new Uint8Array(hash).toHex()}.json`]: JSON.stringify(token) };
}

const SOURCES: readonly Source[] = [
  {
    name: "static keys",
    profile: "region = eu-west-1",
    keys: true,
    kind: "static",
    gives: "keys of a user",
  },
  {
    name: "a credential_process without a session token",
    profile: PROCESS,
    home: printed({ Version: 1, AccessKeyId: KEY.id, SecretAccessKey: KEY.secret }),
    kind: "process",
    gives: "keys of a user",
  },
  {
    name: "a credential_process with a session token",
    profile: PROCESS,
    home: printed({
      Version: 1,
      AccessKeyId: GIVEN.AccessKeyId,
      SecretAccessKey: GIVEN.SecretAccessKey,
      SessionToken: GIVEN.Token,
      Expiration: ENDS,
    }),
    kind: "process",
    gives: "credentials of a role",
  },
  {
    name: "keys in the environment",
    below: "credential_source = Environment",
    env: ENV_KEYS,
    kind: "environment",
    gives: "keys of a user",
  },
  {
    name: "temporary credentials in the environment",
    below: "credential_source = Environment",
    env: {
      AWS_ACCESS_KEY_ID: GIVEN.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: GIVEN.SecretAccessKey,
      AWS_SESSION_TOKEN: GIVEN.Token,
      AWS_CREDENTIAL_EXPIRATION: ENDS,
    },
    kind: "environment",
    gives: "credentials of a role",
  },
  {
    name: "a web identity",
    profile: `role_arn = ${role("Node")}\nweb_identity_token_file = HOME/token`,
    home: { token: ID_TOKEN },
    kind: "web-identity",
    gives: "credentials of a role",
  },
  {
    name: "a web identity in the environment",
    below: "source_profile = web",
    env: { AWS_ROLE_ARN: role("Node"), AWS_WEB_IDENTITY_TOKEN_FILE: "HOME/token" },
    home: { token: ID_TOKEN },
    kind: "web-identity",
    gives: "credentials of a role",
  },
  {
    name: "IAM Identity Center",
    profile: `sso_session = corp\nsso_account_id = ${ACCOUNT}\nsso_role_name = Node`,
    kind: "sso",
    gives: "credentials of a role",
    serve: (use) => {
      const portal = startPortal([{ id: ACCOUNT, name: "Prod", roles: ["Node"] }], END);
      return { AWS_ENDPOINT_URL_SSO: use.use(portal).url };
    },
  },
  {
    name: "aws login",
    profile: `login_session = ${ALICE}`,
    kind: "login",
    gives: "session of a user",
  },
  {
    name: "an EC2 instance",
    below: "credential_source = Ec2InstanceMetadata",
    kind: "instance",
    gives: "credentials of a role",
    serve(use) {
      const { AWS_EC2_METADATA_SERVICE_ENDPOINT } = serveMetadata(use);
      return { AWS_EC2_METADATA_SERVICE_ENDPOINT };
    },
  },
  {
    name: "an ECS container",
    below: "credential_source = EcsContainer",
    env: { AWS_CONTAINER_AUTHORIZATION_TOKEN: CONTAINER_TOKEN },
    kind: "container",
    gives: "credentials of a role",
    serve: (use) => serveMetadata(use),
  },
  {
    name: "an EKS pod identity",
    below: "credential_source = EcsContainer",
    env: { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "HOME/token" },
    home: { token: `${CONTAINER_TOKEN}\n` },
    kind: "container",
    gives: "credentials of a role",
    serve: (use) => serveMetadata(use, ipv6Works() ? "::1" : undefined),
  },
];

/** A machine with the source, and roles below it. */
async function machineOf(source: Source, use: AsyncDisposableStack): Promise<Machine> {
  const on = machineWith({
    now: NOON,
    home: { ...source.home, ...await tokenFile("corp"), ...await loginToken() },
  }, ACCOUNTS);
  use.use(on);
  const { host, emulator } = on;
  const here = (text: string) => text.replaceAll("HOME", host.home.replaceAll("\\", "/"));
  const below = source.below ?? "source_profile = alone";
  const alone = source.profile === undefined ? "" : `[profile alone]\n${here(source.profile)}\n`;
  host.write(
    ".aws/config",
    `${alone}
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1

[profile web]
role_arn = ${role("Node")}
web_identity_token_file = ${host.home.replaceAll("\\", "/")}/token

[profile one]
role_arn = ${role("First")}
${below}

[profile two]
role_arn = ${role("Second")}
source_profile = one

[profile mfa]
role_arn = ${role("Mfa")}
mfa_serial = ${DEVICE.serial}
${below}
`,
  );
  if (source.keys) {
    host.write(
      ".aws/credentials",
      `[alone]\naws_access_key_id = ${KEY.id}\naws_secret_access_key = ${KEY.secret}\n`,
    );
  }
  const isUser = source.gives === "session of a user";
  emulator.world.sessions.push({
    id: GIVEN.AccessKeyId,
    secret: GIVEN.SecretAccessKey,
    token: GIVEN.Token,
    expiration: END,
    principal: isUser ? ALICE : role("Node"),
    arn: isUser ? ALICE : `arn:aws:sts::${ACCOUNT}:assumed-role/Node/i-1`,
    userId: "AROAEXAMPLE:i-1",
    chained: false,
  });
  const env = { ...source.env, ...source.serve?.(use) };
  for (const [name, value] of Object.entries(env)) host.env[name] = here(value);
  return on;
}

/** The role or user to which these credentials belong, according to STS. */
function principalOf({ emulator }: Machine, accessKeyId: string): string | undefined {
  return emulator.world.sessions.find(({ id }) => id === accessKeyId)?.principal;
}

const SHAPES = ["alone", "one", "two", "mfa"] as const;

for (const source of SOURCES) {
  Deno.test(`${source.name}: alone and below roles, in every command`, async (t) => {
    for (const shape of SHAPES) {
      await t.step(shape, async () => {
        await using use = new AsyncDisposableStack();
        const on = await machineOf(source, use);
        const isMachine = shape === "alone" && source.profile === undefined;
        const names = isMachine ? [] : [shape];
        const code = async () => {
          if (shape !== "mfa") return [];
          on.host.time += 30_000;
          return ["--mfa-token", await totp(DEVICE.secret, on.host.time)];
        };
        const expected = shape === "alone"
          ? source.gives === "credentials of a role" ? role("Node") : ALICE
          : role({ one: "First", two: "Second", mfa: "Mfa" }[shape]);

        const explained = await on.eac("explain", ...names, "--json");
        assertEquals(explained.exit, 0, explained.stderr);
        const { base, calls } = JSON.parse(explained.stdout);
        assertEquals(base.kind, source.kind);
        assertEquals(on.calls(), []);
        const sent = calls.map(({ call }: { call: string }) => call);
        if (shape === "two") {
          assertEquals(sent.filter((call: string) => call === "AssumeRole").length, 2);
        }

        const refuses = shape === "mfa" && source.gives === "credentials of a role";
        const gotten = async (...argv: string[]) => {
          const { exit, stdout, stderr } = await on.eac(...argv);
          if (!refuses) {
            assertEquals(exit, 0, stderr);
            return stdout;
          }
          assertEquals([exit, stdout], [5, ""], stderr);
          assertMatch(stderr, /error: .*MFA.*\nhint: /);
        };
        const json = await gotten("process", ...names, ...await code());
        const key = json && JSON.parse(json);
        if (key) {
          assert(key.SessionToken, "long-lived keys were passed on");
          assertEquals(principalOf(on, key.AccessKeyId), expected);
          assert(key.Expiration);
        }
        await gotten("get", ...names, "-o", "stored", ...await code());
        const stored = on.host.text(".aws/credentials") ?? "";
        assertEquals(stored.includes("[stored]"), !refuses);
        if (!refuses) {
          const id = /\[stored\]\naws_access_key_id = (.*)/.exec(stored)![1]!;
          assertEquals(principalOf(on, id), expected);
        }
        await gotten("exec", ...names, ...await code(), "--", Deno.execPath(), "--version");

        const listed = JSON.parse((await on.eac("list", "--json")).stdout);
        const line = listed.find(({ name }: { name: string }) => name === shape);
        if (isMachine) return;
        assertEquals(line.problem, undefined);
        assertStringIncludes("pass-through session-token assume-role chained-role", line.strategy);
        assertEquals(line.mfa, shape === "mfa" ? DEVICE.serial : null);
      });
    }
  });
}
