/** `eac roles` and `eac init --sso`: the roles of an IAM Identity Center session, and profiles for them. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { type PortalAccount, startPortal, tokenFile } from "../support/identity_center.ts";
import { machineWith } from "../support/machine.ts";
import { CORP_SESSION, corpProfile } from "../support/sign_in_services.ts";

const ACCOUNTS: readonly PortalAccount[] = [
  { id: "333333333333", name: "Sandbox", roles: ["Admin"] },
  { id: "111111111111", name: "Prod EU", roles: ["Reader", "Admin", "Billing"] },
  { id: "222222222222", name: "Sandbox", roles: ["Admin"] },
];

const CONFIG = `# keep this comment
${CORP_SESSION}
${corpProfile("admin", { account: "111111111111", role: "Admin" }, "region = eu-central-1")}`;

/** A machine that is signed in, and its portal. */
async function signedIn(accounts = ACCOUNTS, config = CONFIG) {
  const portal = startPortal(accounts);
  const on = machineWith({
    home: { ".aws/config": config, ...await tokenFile("corp") },
    env: { AWS_ENDPOINT_URL_SSO: portal.url },
  });
  return {
    ...on,
    portal,
    config: () => on.host.text(".aws/config")!,
    async [Symbol.asyncDispose]() {
      await on[Symbol.asyncDispose]();
      await portal[Symbol.asyncDispose]();
    },
  };
}

Deno.test("roles lists every page of accounts and roles, with the profiles that have them", async () => {
  await using on = await signedIn();
  for (const name of [["admin"], ["corp"], []]) {
    const { exit, stdout, stderr } = await on.eac("roles", ...name);
    assertEquals(exit, 0, stderr);
    assertEquals(
      stdout.split("\n").map((line) => line.trimEnd()),
      [
        "ACCOUNT       NAME     ROLE     PROFILE",
        "111111111111  Prod EU  Admin    admin",
        "111111111111  Prod EU  Billing  -",
        "111111111111  Prod EU  Reader   -",
        "222222222222  Sandbox  Admin    -",
        "333333333333  Sandbox  Admin    -",
        "",
      ],
    );
    assertMatch(stderr, /4 without a profile.*eac init --sso/);
  }
  const json = JSON.parse((await on.eac("roles", "corp", "--json")).stdout);
  assertEquals(json[0], {
    account_id: "111111111111",
    account_name: "Prod EU",
    role_name: "Admin",
    profile: "admin",
  });
  assertEquals(json.length, 5);
});

Deno.test("roles waits if AWS throttles", async () => {
  await using on = await signedIn();
  on.portal.throttled = 5;
  const { exit, stdout, stderr } = await on.eac("roles", "corp");
  assertEquals(exit, 0, stderr);
  assertStringIncludes(stdout, "333333333333");
});

Deno.test("roles shows what to do if there is no session", async () => {
  await using on = await signedIn();
  on.host.write(
    ".aws/config",
    CONFIG +
      "\n[profile web]\nrole_arn = arn:aws:iam::123456789012:role/Open\nweb_identity_token_file = /t\n",
  );
  const other = await on.eac("roles", "web");
  assertEquals(other.exit, 3);
  assertMatch(other.stderr, /"web".*IAM Identity Center/);
  on.host.write(".aws/config", CONFIG.replaceAll("corp", "other"));
  const signedOut = await on.eac("roles", "other", "--no-input");
  assertEquals(signedOut.exit, 4, signedOut.stderr);
  assertMatch(signedOut.stderr, /eac login/);
  on.host.write(".aws/config", "");
  assertEquals((await on.eac("roles")).exit, 3);
  assertEquals((await on.eac("roles", "nothing")).exit, 3);
});

Deno.test("roles reports an endless list, and one in another format, as an error", async () => {
  for (
    const body of [
      { accountList: [], nextToken: "again" },
      { accountList: "all" },
      { accountList: [{ accountId: "12" }] },
      { accountList: Array(200_000).fill({}) },
      {},
    ]
  ) {
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => Response.json(body),
    );
    await using on = await signedIn();
    on.host.env.AWS_ENDPOINT_URL_SSO = `http://127.0.0.1:${server.addr.port}`;
    const { exit, stdout } = await on.eac("roles", "corp");
    await server.shutdown();
    assertEquals([exit, stdout], [6, ""]);
  }
});

Deno.test("roles gives up after 1000 pages with different tokens", async () => {
  let requests = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => Response.json({ accountList: [], nextToken: `${++requests}` }),
  );
  await using on = await signedIn();
  on.host.env.AWS_ENDPOINT_URL_SSO = `http://127.0.0.1:${server.addr.port}`;
  const { exit } = await on.eac("roles", "corp");
  await server.shutdown();
  assertEquals([exit, requests], [6, 1000]);
});

Deno.test("init --sso shows and writes a profile for each role without one", async () => {
  await using on = await signedIn();
  const { exit, stderr } = await on.eac("init", "--sso", "admin", "--yes");
  assertEquals(exit, 0, stderr);
  assert(on.config().startsWith(CONFIG));
  const added = on.config().slice(CONFIG.length);
  assertEquals([...added.matchAll(/^\[profile (.*)\]$/gm)].map(([, name]) => name), [
    "Prod-EU.Billing",
    "Prod-EU.Reader",
    "Sandbox-222222222222.Admin",
    "Sandbox-333333333333.Admin",
  ]);
  assertStringIncludes(
    added,
    "[profile Prod-EU.Reader]\nsso_session = corp\nsso_account_id = 111111111111\n" +
      "sso_role_name = Reader\nregion = eu-central-1\n",
  );
  assertStringIncludes(stderr, "+ [profile Prod-EU.Reader]");
  const got = await on.eac("process", "Prod-EU.Reader");
  assertEquals(got.exit, 0, got.stderr);
  assertEquals(JSON.parse(got.stdout).AccountId, "111111111111");
  const before = on.config();
  const again = await on.eac("init", "--sso", "corp", "--yes");
  assertEquals([again.exit, on.config()], [0, before]);
  assertStringIncludes(again.stderr, "5 of 5 roles");
});

Deno.test("init --sso writes nothing without an answer, and never over another profile", async () => {
  await using on = await signedIn();
  const asked = await on.eac("init", "--sso", "corp");
  assertEquals([asked.exit, on.config()], [4, CONFIG]);
  const taken = `${CONFIG}\n[profile Prod-EU.Reader]\nregion = us-east-1\n`;
  on.host.write(".aws/config", taken);
  const { exit, stderr } = await on.eac("init", "--sso", "corp", "--yes");
  assertEquals(exit, 0, stderr);
  assert(on.config().startsWith(taken));
  assertMatch(stderr, /warning: "Prod-EU\.Reader" exists/);
  assert(!on.config().slice(taken.length).includes("Prod-EU.Reader"));
});

Deno.test("init --sso names profiles by --template, and uses --region", async () => {
  await using on = await signedIn();
  const argv = ["init", "--sso", "corp", "--yes", "--region", "us-west-2", "--template"];
  const { exit, stderr } = await on.eac(...argv, "{role}.{account_id}");
  assertEquals(exit, 0, stderr);
  assertStringIncludes(on.config(), "[profile Reader.111111111111]\n");
  assertStringIncludes(on.config(), "region = us-west-2\n");
  for (const wrong of ["{role}", "{account}", "x", "{account}/{role}", "{account} {role}", ""]) {
    assertEquals((await on.eac(...argv, wrong)).exit, 2, wrong);
  }
  assertEquals((await on.eac("init", "x", "--template", "{account}.{role}", "--yes")).exit, 2);
});

Deno.test("init --sso makes plain names of any account's name", async () => {
  const name = ' Köln] #1 \u202e"; rm\n';
  await using on = await signedIn([{ id: "111111111111", name, roles: ["Reader"] }]);
  const { exit, stderr } = await on.eac("init", "--sso", "corp", "--yes");
  assertEquals(exit, 0, stderr);
  assertStringIncludes(on.config(), "[profile Koln-1-rm.Reader]\n");
});

Deno.test("init --sso gives each role a profile, even if names differ only in replaced characters", async () => {
  await using on = await signedIn([
    { id: "111111111111", name: "main", roles: ["a+b", "a=b", "a@b"] },
    { id: "222222222222", name: "x", roles: ["Admin"] },
    { id: "333333333333", name: "x", roles: ["Admin"] },
    { id: "444444444444", name: "x-222222222222", roles: ["Admin"] },
  ]);
  const { exit, stderr } = await on.eac("init", "--sso", "corp", "--yes");
  assertEquals(exit, 0, stderr);
  assertStringIncludes(stderr, "6 profiles written");
  const added = on.config().slice(CONFIG.length);
  const names = [...added.matchAll(/^\[profile (.*)\]$/gm)].map(([, name]) => name);
  assertEquals(new Set(names).size, 6, added);
  for (const role of ["a+b", "a=b", "a@b"]) assertStringIncludes(added, `role_name = ${role}\n`);
  assertEquals([...added.matchAll(/_account_id = (2|3|4)/g)].length, 3, added);
});

Deno.test("init --sso counts only roles of the session among those that have a profile", async () => {
  await using on = await signedIn([{ id: "222222222222", name: "x", roles: ["Admin"] }]);
  on.host.write(".aws/config", `${CONFIG}\n[profile x.Admin]\nregion = us-east-1\n`);
  const { exit, stderr } = await on.eac("init", "--sso", "corp", "--yes");
  assertEquals(exit, 0, stderr);
  assertStringIncludes(stderr, "0 of 1 roles");
});

Deno.test("init --sso writes profiles for thousands of roles in seconds", async () => {
  const roles = Array.from({ length: 50 }, (_, index) => `role${index}`);
  const accounts = Array.from({ length: 60 }, (_, index) => {
    const id = String(index + 1).padStart(12, "0");
    return { id, name: `account${id}`, roles };
  });
  await using on = await signedIn(accounts);
  const began = performance.now();
  const { exit, stderr } = await on.eac("init", "--sso", "corp", "--yes");
  const seconds = (performance.now() - began) / 1000;
  assertEquals(exit, 0, stderr);
  assertStringIncludes(stderr, "3000 profiles written");
  assert(seconds < 15, `${seconds} s`);
});
