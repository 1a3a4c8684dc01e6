/**
 * Checks of where credentials come from: a vault, IAM Identity Center, accounts.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../../tests/support/assert.ts";
import { CI_SYSTEMS, jobEnv } from "../../tests/support/ci.ts";
import { startPortal, tokenFile } from "../../tests/support/identity_center.ts";
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
    `${CONFIG}\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n`,
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

/** The checks. */
export function sourceChecks(): Check[] {
  const noShell = WINDOWS ? "there is no POSIX shell on Windows" : undefined;
  return [
    {
      name: "a vault's roles cost one code, and its keys are not passed on with mfa_serial",
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
    ...CI_SYSTEMS.map((system): Check => ({
      name: `in ${system.name}, a role's ARN and keys in variables are enough`,
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
