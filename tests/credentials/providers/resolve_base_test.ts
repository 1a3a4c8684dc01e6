import type { Profile } from "../../../lib/config/profile.ts";
import { type Base, type BaseConfig, baseOf } from "../../../lib/plan/base.ts";
import { type Credentials, Secret } from "../../../lib/plan/credentials.ts";
import {
  resolveBase,
  type ResolveContext,
} from "../../../lib/credentials/providers/resolve_base.ts";
import { createSts } from "../../../lib/aws/sts.ts";
import { EacError, type ErrorCode } from "../../../lib/errors.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { posixShellTest } from "../../support/posix.ts";

const CONFIG = "/home/alice/.aws/config";
const CREDENTIALS = "/home/alice/.aws/credentials";
const ROLE = "arn:aws:iam::123456789012:role/deploy";
const ID = "AKIAIOSFODNN7EXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

type Values = Record<string, string>;

function profileWith(values: Values, credentials: Values = {}): Profile {
  const places = (keys: Values, file: string) =>
    Object.fromEntries(Object.keys(keys).map((key, index) => [key, { file, line: index + 2 }]));
  return {
    name: "p",
    values: { ...values, ...credentials },
    places: { ...places(values, CONFIG), ...places(credentials, CREDENTIALS) },
  };
}

const sections = (all: Record<string, Values>): BaseConfig["ssoSessions"] =>
  new Map(
    Object.entries(all).map(([name, values]) => [
      name,
      new Map(Object.entries(values).map(([key, value]) => [key, { value }])),
    ]),
  );

const SESSIONS = sections({
  whole: { sso_start_url: "https://acme.awsapps.com/start", sso_region: "eu-west-1" },
  "no-url": { sso_region: "eu-west-1" },
  "no-region": { sso_start_url: "https://acme.awsapps.com/start" },
});

const of = (profile: Profile) =>
  baseOf(profile, { ssoSessions: SESSIONS, credentialsFile: CREDENTIALS });

const keys = { aws_access_key_id: ID, aws_secret_access_key: SECRET };
const webIdentity = { role_arn: ROLE, web_identity_token_file: "/token" };
const ssoRole = { sso_account_id: "123456789012", sso_role_name: "admin" };
const sso = {
  ...ssoRole,
  sso_start_url: "https://acme.awsapps.com/start",
  sso_region: "eu-west-1",
};
const command = { credential_process: "/bin/creds" };
const login = { login_session: "arn:aws:iam::123456789012:user/alice" };

Deno.test("baseOf checks a profile's credential sources in the order of the AWS CLI", async (t) => {
  const cases: readonly [string, Profile, Base["kind"] | undefined][] = [
    ["nothing", profileWith({ region: "eu-west-1" }), undefined],
    ["all", profileWith({ ...webIdentity, ...sso, ...command, ...keys }), "web-identity"],
    ["sso, process, keys", profileWith({ ...sso, ...command }, keys), "sso"],
    ["sso, login", profileWith({ ...sso, ...login }), "sso"],
    ["login, process, keys in config", profileWith({ ...login, ...command, ...keys }), "login"],
    ["login, keys in credentials", profileWith(login, keys), "static"],
    ["process, keys in credentials", profileWith(command, keys), "static"],
    ["process, keys in config", profileWith({ ...command, ...keys }), "process"],
    [
      "process, half a pair in config",
      profileWith({ ...command, aws_access_key_id: ID }),
      "process",
    ],
    ["keys in config", profileWith(keys), "static"],
    ["keys and a remnant of SSO", profileWith({ ...keys, sso_start_url: "https://x" }), "static"],
    ["empty values", profileWith({ aws_access_key_id: "", credential_process: "" }), undefined],
    [
      "source and web identity",
      profileWith({ ...webIdentity, credential_source: "Environment" }),
      "web-identity",
    ],
    [
      "credential_source without role_arn",
      profileWith({ credential_source: "Environment" }),
      undefined,
    ],
    [
      "Environment",
      profileWith({ role_arn: ROLE, credential_source: "Environment" }),
      "environment",
    ],
    [
      "Ec2InstanceMetadata",
      profileWith({ role_arn: ROLE, credential_source: "Ec2InstanceMetadata", ...keys }),
      "instance",
    ],
    [
      "EcsContainer",
      profileWith({ role_arn: ROLE, credential_source: "EcsContainer" }),
      "container",
    ],
  ];
  for (const [name, profile, kind] of cases) {
    await t.step(name, () => assertEquals(of(profile)?.kind, kind));
  }
});

Deno.test("baseOf returns the settings of each kind of source and no others", () => {
  assertEquals(
    of(profileWith({ ...webIdentity, role_session_name: "ci", duration_seconds: "900" })),
    {
      kind: "web-identity",
      profile: "p",
      tokenFile: "/token",
      roleArn: ROLE,
      sessionName: "ci",
      durationSeconds: 900,
    },
  );
  assertEquals(of(profileWith(sso)), {
    kind: "sso",
    profile: "p",
    startUrl: "https://acme.awsapps.com/start",
    region: "eu-west-1",
    accountId: "123456789012",
    roleName: "admin",
  });
  assertEquals(of(profileWith({ ...ssoRole, sso_session: "whole", sso_region: "eu-west-1" })), {
    kind: "sso",
    profile: "p",
    startUrl: "https://acme.awsapps.com/start",
    region: "eu-west-1",
    accountId: "123456789012",
    roleName: "admin",
    session: "whole",
  });
  assertEquals(of(profileWith({ sso_session: "whole" })), {
    kind: "sso",
    profile: "p",
    startUrl: "https://acme.awsapps.com/start",
    region: "eu-west-1",
    session: "whole",
  });
  const { credentials } = of(profileWith(keys)) as { credentials: Credentials };
  assertEquals([credentials.accessKeyId, credentials.secretAccessKey.reveal()], [ID, SECRET]);
  assertEquals("sessionToken" in credentials, false);
});

Deno.test("baseOf reads the session token, also by its legacy name, and its expiration", () => {
  const at = "2026-11-23T14:00:00Z";
  for (const name of ["aws_session_token", "aws_security_token"]) {
    const base = of(profileWith({}, { ...keys, [name]: "token", expiration: at }));
    assert(base?.kind === "static");
    assertEquals(base.credentials.sessionToken?.reveal(), "token");
    assertEquals(base.credentials.expiration, Date.parse(at));
  }
});

Deno.test("baseOf reports an invalid setting with its place", async (t) => {
  const role = { role_arn: ROLE };
  const cases: readonly [string, Values, RegExp, key: string][] = [
    ["no secret", { aws_access_key_id: ID }, /but no aws_secret_access_key$/, "aws_access_key_id"],
    [
      "no key id",
      { aws_secret_access_key: SECRET },
      /but no aws_access_key_id$/,
      "aws_secret_access_key",
    ],
    [
      "web identity without role",
      { web_identity_token_file: "/t" },
      /but no role_arn$/,
      "web_identity_token_file",
    ],
    ["duration", { ...webIdentity, duration_seconds: "60" }, /= 60,/, "duration_seconds"],
    [
      "source",
      { ...role, credential_source: "environment" },
      /"environment"$/,
      "credential_source",
    ],
    [
      "inherited name",
      { ...role, credential_source: "toString" },
      /"toString"$/,
      "credential_source",
    ],
    ["no account", { ...sso, sso_account_id: "" }, /no sso_account_id$/, "sso_account_id"],
    ["no role", { ...sso, sso_role_name: "" }, /no sso_role_name$/, "sso_account_id"],
    ["no url", { ...sso, sso_start_url: "" }, /no sso_start_url$/, "sso_account_id"],
    ["no region", { ...sso, sso_region: "" }, /no sso_region$/, "sso_account_id"],
    [
      "account alone, next to another source",
      { sso_account_id: "123456789012", credential_process: "/bin/vault" },
      /no sso_role_name/,
      "sso_account_id",
    ],
    [
      "role alone, next to keys",
      { sso_role_name: "admin", ...keys },
      /no sso_account_id/,
      "sso_role_name",
    ],
    ["neither", ssoRole, /no sso_start_url, no sso_region$/, "sso_account_id"],
    ["url alone", { sso_start_url: "https://x" }, /no sso_region, no sso_acc/, "sso_start_url"],
    ["no session", { ...ssoRole, sso_session: "oops" }, /"oops", which does not/, "sso_session"],
    [
      "session without url",
      { ...ssoRole, sso_session: "no-url" },
      /no sso_start_url$/,
      "sso_account_id",
    ],
    [
      "session without region",
      { ...ssoRole, sso_session: "no-region" },
      /no sso_region$/,
      "sso_account_id",
    ],
    [
      "region not in the session",
      { sso_session: "no-region", sso_region: "eu-west-1" },
      /sso_region/,
      "sso_region",
    ],
    [
      "another region",
      { ...ssoRole, sso_session: "whole", sso_region: "us-east-1" },
      /sso_region/,
      "sso_region",
    ],
  ];
  for (const [name, values, message, key] of cases) {
    await t.step(name, () => {
      const profile = profileWith(values);
      const error = assertThrows(() => of(profile), EacError);
      assertEquals([error.code, error.profile], ["config_invalid", "p"]);
      assertMatch(error.message, message);
      assertEquals(error.place, profile.places[key]);
      assert(!error.message.includes(SECRET));
    });
  }
});

const nobody: ResolveContext = {
  where: { profile: profileWith({}), services: new Map(), env: {} },
  sts: { assumeRoleWithWebIdentity: () => Promise.reject(new Error("not asked for")) },
};

/** The error that getting a base gives. */
async function failure(
  host: TestHost,
  base: Base,
  context: ResolveContext = nobody,
): Promise<EacError> {
  return await assertRejects(() => resolveBase(host, base, context), EacError);
}

Deno.test("credential_source = Environment uses only the static keys of the environment", async () => {
  const base = { kind: "environment", profile: "p" } as const;
  using host = testHost({
    env: { AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: "token" },
  });
  const credentials = await resolveBase(host, base, nobody);
  assertEquals(credentials.accessKeyId, ID);
  assertEquals(credentials.sessionToken?.reveal(), "token");

  host.env.AWS_CREDENTIAL_EXPIRATION = "2026-11-23T12:00:00Z";
  assertEquals((await failure(host, base)).code, "expired");

  using empty = testHost({
    env: { AWS_ACCESS_KEY_ID: " ", AWS_WEB_IDENTITY_TOKEN_FILE: "/t", AWS_ROLE_ARN: ROLE },
  });
  const error = await failure(empty, base);
  assertEquals(error.code, "missing_credentials");
  assertMatch(error.message, /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set$/);
});

Deno.test("stored credentials that expired name the command that renews them, if eac stored them", async () => {
  const expired = {
    ...keys,
    aws_session_token: "token",
    expiration: "2026-11-23T12:59:59Z",
    eac_source: "prod",
  };
  const cases: readonly (readonly [Values, string])[] = [
    [{ ...expired, managed_by: "eac" }, "run eac get prod -o p"],
    [{ ...expired, managed_by: "other" }, "with the tool that stored them"],
    [expired, "with the tool that stored them"],
    [{ ...expired, managed_by: "eac", eac_source: "" }, "with the tool that stored them"],
  ];
  using host = testHost();
  for (const [values, hint] of cases) {
    const { code, hint: given } = await failure(host, of(profileWith({}, values))!);
    assertEquals(code, "expired");
    assertStringIncludes(given ?? "", hint);
  }
});

// credential_process

const NOW = "2026-11-23T13:00:00Z";
const LATER = "2026-11-23T14:00:00Z";

/** A host with a program that prints this, and the base that runs it. */
function withProgram(script: string): { host: TestHost; base: Base } {
  const host = testHost({ now: NOW, home: { "creds": `#!/bin/sh\n${script}\n` } });
  Deno.chmodSync(host.path("creds"), 0o700);
  return { host, base: { kind: "process", profile: "p", command: `"${host.home}/creds" a 'b c'` } };
}

function printing(members: Record<string, unknown>): string {
  const whole = { Version: 1, AccessKeyId: ID, SecretAccessKey: SECRET, ...members };
  return `cat <<'END'\n${JSON.stringify(whole)}\nEND`;
}

posixShellTest("credential_process gives the credentials that it prints", async (t) => {
  const cases: readonly [
    string,
    Record<string, unknown>,
    token?: string | undefined,
    expiration?: string,
  ][] = [
    ["long-lived", {}],
    ["with a token", { SessionToken: "t", Expiration: LATER }, "t", LATER],
    ["with a null token", { SessionToken: null, Expiration: null }],
    ["with an empty token", { SessionToken: "" }],
    ["with a zone", { Expiration: "2026-11-23T15:00:00+01:00" }, undefined, LATER],
    ["as Python prints it", { Expiration: "2026-11-23 14:00:00UTC" }, undefined, LATER],
    ["with unknown members", { AccountId: "1", Extra: [] }],
  ];
  for (const [name, members, token, expiration] of cases) {
    await t.step(name, async () => {
      const { host, base } = withProgram(`echo noise >&2\n${printing(members)}`);
      using _ = host;
      const credentials = await resolveBase(host, base, nobody);
      assertEquals(credentials.accessKeyId, ID);
      assertEquals(credentials.secretAccessKey.reveal(), SECRET);
      assertEquals(credentials.sessionToken?.reveal(), token);
      assertEquals(credentials.expiration, expiration && Date.parse(expiration));
    });
  }
});

posixShellTest(
  "credential_process is started without a shell, with its arguments and the environment",
  async () => {
    const { host, base } = withProgram(
      `printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}' "$#:$1:$2" "$AWS_PROFILE$(cat)" | tr ' ' _`,
    );
    using _ = host;
    host.env.AWS_PROFILE = "inherited";
    const credentials = await resolveBase(host, base, nobody);
    assertEquals(credentials.accessKeyId, "2:a:b_c");
    assertEquals(credentials.secretAccessKey.reveal(), "inherited");
  },
);

posixShellTest(
  "credential_process that fails is an error that says why, and shows no secret",
  async (t) => {
    const cases: readonly [string, script: string, message: RegExp][] = [
      [
        "exit code",
        "echo one >&2; echo 'log in again' >&2; exit 3",
        /code 3: one \/ log in again$/,
      ],
      ["exit code with JSON", `${printing({})}\nexit 1`, /failed with exit code 1$/],
      ["secret on stderr", `echo 'SecretAccessKey: "${SECRET}"' >&2; exit 1`, /: \*\*\*|: "\*\*\*/],
      ["colors on stderr", `printf '\\033[31mred\\033[0m\\a' >&2; exit 1`, /code 1: red$/],
      ["nothing", "true", /printed nothing$/],
      ["text", `echo "hello ${SECRET}"`, /JSON$/],
      ["byte order mark", `printf '\\357\\273\\277'\n${printing({})}`, /JSON$/],
      ["not UTF-8", `printf '\\377'\n${printing({})}`, /JSON$/],
      ["a list", "echo '[]'", /not an object$/],
      ["no version", printing({ Version: undefined }), /Version 1$/],
      ["version as text", printing({ Version: "1" }), /Version 1$/],
      ["version 2", printing({ Version: 2 }), /Version 1$/],
      ["no key id", printing({ AccessKeyId: undefined }), /no AccessKeyId$/],
      ["an empty secret", printing({ SecretAccessKey: "" }), /no SecretAccessKey$/],
      ["a secret that is a number", printing({ SecretAccessKey: 1 }), /invalid SecretAccessKey$/],
      ["a line break", printing({ SessionToken: "a\nb" }), /invalid SessionToken$/],
      ["no zone", printing({ Expiration: "2026-11-23T14:00:00" }), /time zone/],
      ["a number", printing({ Expiration: 1795442400 }), /time zone/],
      ["an empty expiration", printing({ Expiration: "" }), /time zone/],
      ["expired", printing({ Expiration: NOW }), /expired at 2026-11-23T13:00:00Z$/],
      ["too much", "head -c 1100000 /dev/zero", /more than 1024 KiB$/],
    ];
    for (const [name, script, message] of cases) {
      await t.step(name, async () => {
        const { host, base } = withProgram(script);
        using _ = host;
        const error = await failure(host, base);
        assertEquals([error.code, error.profile], ["process_failed", "p"]);
        assertMatch(error.message, message);
        assert(!`${error.message}${error.hint}`.includes(SECRET), error.message);
        // The form of credentials that are too old is right.
        if (name === "expired") assert(!error.hint?.includes("must print"), error.hint);
      });
    }
  },
);

Deno.test("a credential_process that cannot be started is reported before anything runs", async (t) => {
  using host = testHost();
  const cases: readonly [string, line: string, ErrorCode, message: RegExp, hint: RegExp][] = [
    ["missing", "/no/such/program", "process_failed", /not found/, /terminal/],
    ["tilde", "~/creds", "process_failed", /not found/, /not run in a shell/],
    ["pipe", "/no/such/program | jq", "process_failed", /not found/, /not run in a shell/],
    ["open quote", `creds "a`, "config_invalid", /quote is not closed/, /quotes/],
    ["blank", "  ", "config_invalid", /names no program/, /path/],
  ];
  for (const [name, line, code, message, hint] of cases) {
    await t.step(name, async () => {
      const error = await failure(host, { kind: "process", profile: "p", command: line });
      assertEquals(error.code, code);
      assertMatch(error.message, message);
      assertMatch(error.hint ?? "", hint);
    });
  }
});

Deno.test("a credential_process that takes too long is killed", async () => {
  const { host, base } = withProgram("true");
  using _ = host;
  const empty = new Uint8Array();
  let limits: unknown;
  host.capture = ({ timeout, limit, input }) => {
    limits = { timeout, limit, input };
    return Promise.resolve({ code: 143, stdout: empty, stderr: empty, killed: "timeout" });
  };
  const error = await failure(host, base);
  assertEquals([error.code, limits], [
    "process_failed",
    { timeout: 60_000, limit: 1024 * 1024, input: undefined },
  ]);
  assertMatch(error.message, /60 s$/);
});

// Web identity

Deno.test("web identity sends the file's token to STS, at eac's endpoint", async () => {
  using host = testHost({ home: { token: "a.b.c\n" } });
  const bodies: string[] = [];
  const server = host.serve(async (request) => {
    bodies.push(await request.text());
    return new Response(
      `<R><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE` +
        `</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>` +
        `<Expiration>${LATER}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></R>`,
    );
  });
  try {
    const sts = createSts(host, { region: "eu-west-1", url: server.url });
    const tokenFile = host.path("token");
    const base = { kind: "web-identity", profile: "p", tokenFile, roleArn: ROLE } as const;
    const credentials = await resolveBase(host, base, { ...nobody, sts });
    assertEquals(credentials.accessKeyId, "ASIAIOSFODNN7EXAMPLE");
    assertEquals(Object.fromEntries(new URLSearchParams(bodies[0])), {
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: `eac-${host.time / 1000}`,
      WebIdentityToken: "a.b.c",
    });
    host.write("token", " \n");
    assertMatch((await failure(host, base)).message, /is empty: /);
    const none = await failure(host, { ...base, tokenFile: host.path("none") });
    assertEquals(none.code, "missing_credentials");
    assertMatch(none.message, /does not exist: .*[/\\]none$/);
  } finally {
    await server.stop();
  }
});

Deno.test("SSO without account and role provides no credentials", async () => {
  using host = testHost();
  const base = { kind: "sso", profile: "p", startUrl: "https://x", region: "eu-west-1" } as const;
  assertEquals((await failure(host, { ...base, session: "corp" })).code, "config_invalid");
});

Deno.test("static keys are used without a call", async () => {
  using host = testHost();
  const credentials = { accessKeyId: ID, secretAccessKey: new Secret(SECRET) };
  const base = { kind: "static", profile: "p", credentials } as const;
  assertEquals(await resolveBase(host, base, nobody), credentials);
});
