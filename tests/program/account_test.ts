/**
 * Accounts: `aws_account_id` is checked before anything is stored, and an `AccountId` that a source
 * provides is forwarded.
 */

import { totp } from "../../lib/emulator/totp.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { machineWith } from "../support/machine.ts";
import { posixShellTest } from "../support/posix.ts";
import { DEVICE } from "../support/world.ts";

const RIGHT = "123456789012";
const WRONG = "210987654321";
const KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

function machine(accountId: string) {
  return machineWith({
    home: {
      ".aws/credentials": `[alice]\n${KEYS}`,
      ".aws/config": `[profile alice]
aws_account_id = ${accountId}

[profile role]
role_arn = arn:aws:iam::${RIGHT}:role/Open
source_profile = alice
aws_account_id = ${accountId}

[profile device]
source_profile = alice
mfa_serial = ${DEVICE.serial}
aws_account_id = ${accountId}

[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = ${RIGHT}
sso_role_name = Reader
aws_account_id = ${accountId}

[profile login]
login_session = arn:aws:iam::${RIGHT}:user/alice
aws_account_id = ${accountId}

[profile web]
role_arn = arn:aws:iam::${RIGHT}:role/Open
web_identity_token_file = /nowhere
aws_account_id = ${accountId}
`,
    },
  });
}

for (const name of ["role", "device", "sso", "login", "web"]) {
  Deno.test(`the wrong account of a profile (${name}) is an error before any call or question`, async () => {
    await using on = machine(WRONG);
    for (const argv of [["process"], ["get", "-o", "t"], ["whoami"], ["exec"], ["explain"]]) {
      const child = argv[0] === "exec" ? ["--", "true"] : [];
      const { exit, stdout, stderr } = await on.eac(...argv, name, ...child);
      assertEquals([exit, stdout], [3, ""], stderr);
      assertMatch(stderr, new RegExp(`"${name}".*${WRONG}.*${RIGHT}.*config:\\d+`));
    }
    const [{ problem }] = JSON.parse((await on.eac("list", name, "--json")).stdout);
    assertStringIncludes(problem, WRONG);
    assertEquals(on.calls(), []);
    await using right = machine(RIGHT);
    assertEquals((await right.eac("explain", name)).exit, 0);
  });
}

Deno.test("the wrong account of keys is an error before they are stored", async () => {
  await using on = machine(WRONG);
  const uses = [
    "get alice -o t",
    "process alice",
    "whoami alice",
    "env alice",
    "exec alice -- true",
  ];
  for (const line of [...uses, "exec alice --serve -- true", "console alice --print"]) {
    const { exit, stdout, stderr } = await on.eac(...line.split(" "));
    assertEquals([exit, stdout], [3, ""], stderr);
    assertMatch(stderr, new RegExp(`${WRONG}.*config:2`));
  }
  assert(!on.host.text(".aws/credentials")!.includes("[t]"));
  const json = await on.eac("whoami", "alice", "--json");
  assertEquals(JSON.parse(json.stderr.slice(json.stderr.indexOf("{"))).error.code, "wrong_account");
});

Deno.test("the right account of keys is looked up once, with one call", async () => {
  await using on = machine(RIGHT);
  for (const _ of ["first", "again"]) {
    const { exit, stderr } = await on.eac("get", "alice", "-o", "t");
    assertEquals(exit, 0, stderr);
  }
  assertEquals(on.calls(), ["GetSessionToken", "GetCallerIdentity"]);
});

for (
  const [what, serial] of [["an ARN", `arn:aws:iam::${WRONG}:mfa/alice`], [
    "a serial",
    "GAHT12345678",
  ]]
) {
  Deno.test(`keys of the wrong account use up no MFA code of ${what}`, async () => {
    await using on = machineWith({
      home: {
        ".aws/credentials": `[alice]\n${KEYS}`,
        ".aws/config": `[profile alice]\nmfa_serial = ${serial}\naws_account_id = ${WRONG}\n`,
      },
    });
    for (const line of ["process alice", "get alice -o t", "process alice --refresh"]) {
      const { exit, stdout, stderr } = await on.eac(...line.split(" "), "--mfa-token", "123456");
      assertEquals([exit, stdout], [3, ""], stderr);
      assertMatch(stderr, new RegExp(`"alice".*${WRONG}.*${RIGHT}.*config:3`));
    }
    assertEquals(on.calls(), ["GetCallerIdentity", "GetCallerIdentity", "GetCallerIdentity"]);
  });
}

Deno.test("the right account is looked up before the MFA code, and once per session", async () => {
  await using on = machineWith({
    home: {
      ".aws/credentials": `[alice]\n${KEYS}`,
      ".aws/config": `[profile alice]\nmfa_serial = ${DEVICE.serial}\naws_account_id = ${RIGHT}\n`,
    },
  });
  for (const _ of ["first", "again"]) {
    const code = await totp(DEVICE.secret, on.host.time);
    const { exit, stdout, stderr } = await on.eac("process", "alice", "--mfa-token", code);
    assertEquals(exit, 0, stderr);
    assertEquals(JSON.parse(stdout).AccountId, RIGHT);
  }
  assertEquals(on.calls(), ["GetCallerIdentity", "GetSessionToken"]);
});

Deno.test("an invalid aws_account_id is an error with its place", async () => {
  await using on = machine("12345");
  const { exit, stderr } = await on.eac("process", "alice");
  assertEquals(exit, 3);
  assertMatch(stderr, /aws_account_id = 12345.*config:2/);
});

posixShellTest("the AccountId of a credential_process is checked, and passed on", async () => {
  const printed = {
    Version: 1,
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: "secret",
    SessionToken: "token",
    Expiration: "2026-11-23T14:00:00Z",
    AccountId: RIGHT,
  };
  await using on = machineWith({
    home: {
      "printed.json": JSON.stringify(printed),
      ".aws/config": `[profile p]\ncredential_process = sh -c 'cat $HOME/printed.json'\n` +
        `[profile wrong]\ncredential_process = sh -c 'cat  $HOME/printed.json'\naws_account_id = ${WRONG}\n`,
    },
  });
  for (const _ of ["printed", "cached"]) {
    assertEquals(JSON.parse((await on.eac("process", "p")).stdout), printed);
  }
  const { exit, stderr } = await on.eac("process", "wrong");
  assertEquals(exit, 3, stderr);
  assertEquals(on.calls(), []);
});
