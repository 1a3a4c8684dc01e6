/** The environment that a child of `eac exec` gets. */

import { assertEquals } from "../support/assert.ts";
import { type Credentials, Secret } from "../../lib/plan/credentials.ts";
import { childEnv, servedChildEnv } from "../../lib/sinks/child.ts";

const TEMPORARY: Credentials = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
  sessionToken: new Secret("token"),
  expiration: Date.parse("2026-11-23T14:00:00Z"),
};

const REGION = { value: "eu-west-1", from: "profile", name: "prod" } as const;

/**
 * Everything from which some tool takes credentials or a profile, with values of another account.
 */
const COMPETING = Object.fromEntries([
  "AWS_ACCESS_KEY_ID",
  "AWS_ACCESS_KEY",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SECRET_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_SESSION_EXPIRATION",
  "AWS_CREDENTIAL_FILE",
  "AWS_ACCOUNT_ID",
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_MFA_TOKEN",
  "AWS_MFA_SERIAL",
  "EAC_MFA_TOKEN",
  "EAC_PROFILE",
].map((name) => [name, "other"]));

const KEPT = {
  PATH: "/bin",
  HOME: "/home/alice",
  AWS_CONFIG_FILE: "/home/alice/config",
  AWS_CA_BUNDLE: "/ca.pem",
  AWS_PAGER: "",
};

Deno.test("childEnv sets the credentials, and removes variables that compete", () => {
  assertEquals(
    childEnv({ ...COMPETING, ...KEPT, AWS_REGION: "us-east-1", UNSET: undefined }, TEMPORARY, {
      profile: "prod",
      region: REGION,
    }),
    {
      ...KEPT,
      AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      AWS_SESSION_TOKEN: "token",
      AWS_CREDENTIAL_EXPIRATION: "2026-11-23T14:00:00Z",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      EAC_PROFILE: "prod",
      EAC_REGION: "eu-west-1",
    },
  );
});

Deno.test("childEnv sets no token, expiration or region if there is none", () => {
  const { sessionToken: _, expiration: __, ...forever } = TEMPORARY;
  assertEquals(childEnv({ ...COMPETING, ...KEPT }, forever, { profile: "prod" }), {
    ...KEPT,
    AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    EAC_PROFILE: "prod",
  });
});

Deno.test("servedChildEnv selects a profile without credentials, and sets the container endpoint", () => {
  const served = {
    url: "http://127.0.0.1:4000/",
    token: "secret",
    name: "eac-serve",
    configFile: undefined,
    tokenFile: "/tmp/x/token",
  };
  assertEquals(
    servedChildEnv({ ...COMPETING, ...KEPT }, served, { profile: "prod", region: REGION }),
    {
      ...KEPT,
      AWS_PROFILE: "eac-serve",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:4000/",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "secret",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/tmp/x/token",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      NO_PROXY: "127.0.0.1,localhost",
      no_proxy: "127.0.0.1,localhost",
      EAC_PROFILE: "prod",
      EAC_REGION: "eu-west-1",
    },
  );
  const copied = servedChildEnv(KEPT, { ...served, configFile: "/tmp/x/config" }, {
    profile: "prod",
  });
  assertEquals(copied.AWS_CONFIG_FILE, "/tmp/x/config");
});

Deno.test("servedChildEnv adds loopback to NO_PROXY", () => {
  const served = { url: "", token: "", name: "", configFile: undefined, tokenFile: "" };
  const cases: [Record<string, string>, string][] = [
    [{ NO_PROXY: "corp.example" }, "corp.example,127.0.0.1,localhost"],
    [{ no_proxy: " a , b" }, "a,b,127.0.0.1,localhost"],
    [{ NO_PROXY: "localhost" }, "localhost,127.0.0.1"],
    [{ NO_PROXY: "*" }, "*"],
  ];
  for (const [env, hosts] of cases) {
    const child = servedChildEnv(env, served, { profile: "prod" });
    assertEquals([child.NO_PROXY, child.no_proxy], [hosts, hosts]);
  }
});

Deno.test("childEnv drops a region that eac exported for another profile, not the user's own", () => {
  const child = (env: Record<string, string>) => childEnv(env, TEMPORARY, { profile: "prod" });
  const exported = { AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-1" };
  assertEquals(child({ ...exported, EAC_REGION: "us-east-1" }).AWS_REGION, undefined);
  assertEquals(child({ ...exported, EAC_REGION: "us-east-1" }).EAC_REGION, undefined);
  assertEquals(child(exported).AWS_REGION, "us-east-1");
  assertEquals(child({ ...exported, EAC_REGION: "us-west-2" }).AWS_DEFAULT_REGION, "us-east-1");
});
