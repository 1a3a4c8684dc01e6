/**
 * A vault as the base of profiles: a `credential_process` that prints long-lived keys, through the whole
 * program. Its keys are those of a user: they get sessions, and are never passed on where MFA is required.
 */

import { totp } from "../../lib/emulator/totp.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { machineWith } from "../support/machine.ts";
import { posixShellTest } from "../support/posix.ts";
import { DEVICE } from "../support/world.ts";

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const PRINTS = "credential_process = sh -c 'echo >> $HOME/ran; cat $HOME/printed.json'";

const CONFIG = `[profile vault]
${PRINTS}
mfa_serial = ${DEVICE.serial}

[profile bare]
${PRINTS}

${
  ["Open", "Short", "Mfa", "Mfa2"].map((name) =>
    `[profile ${name}]\nrole_arn = ${
      role(name)
    }\nsource_profile = bare\nmfa_serial = ${DEVICE.serial}\n`
  ).join("\n")
}
[profile Chained]
role_arn = ${role("Chained")}
source_profile = Mfa

[profile plain]
role_arn = ${role("Open")}
source_profile = bare
duration_seconds = 7200

[profile loose]
${PRINTS}
eac_strategy = pass-through

[profile by-source]
source_profile = bare
mfa_serial = ${DEVICE.serial}

[profile strict]
${PRINTS}
mfa_serial = ${DEVICE.serial}
eac_strategy = pass-through
`;

const LONG_LIVED = {
  Version: 1,
  AccessKeyId: "AKIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** A machine whose vault prints these keys. */
function machine() {
  const on = machineWith({
    home: { ".aws/config": CONFIG, "printed.json": JSON.stringify(LONG_LIVED) },
  });
  return {
    ...on,
    code: () => totp(DEVICE.secret, on.host.time),
    runs: () => on.host.text("ran")?.length ?? 0,
  };
}

posixShellTest("five roles on a vault need one code", async () => {
  await using on = machine();
  const first = await on.eac("process", "Open", "--mfa-token", await on.code());
  assertEquals(first.exit, 0, first.stderr);
  for (const name of ["Short", "Mfa", "Mfa2", "Chained"]) {
    const { exit, stdout, stderr } = await on.eac("process", name, "--no-input");
    assertEquals(exit, 0, `${name}: ${stderr}`);
    assert(JSON.parse(stdout).SessionToken);
  }
  assertEquals(on.calls().filter((call) => call === "GetSessionToken").length, 1);
  assertEquals(on.runs(), 1);
});

posixShellTest("a vault with mfa_serial gives a session with MFA, never its keys", async () => {
  await using on = machine();
  for (const argv of [["process", "vault"], ["env", "vault"], ["exec", "vault", "--", "env"]]) {
    const { exit, stdout, stderr } = await on.eac(...argv, "--no-input");
    assertEquals(exit, 4, stderr);
    assertEquals(stdout, "");
  }
  const { exit, stdout, stderr } = await on.eac("process", "vault", "--mfa-token", await on.code());
  assertEquals(exit, 0, stderr);
  assertMatch(stdout, /"AccessKeyId":"ASIA.*"SessionToken":.*"Expiration":/);
  assertEquals(on.calls(), ["GetSessionToken"]);
  const again = await on.eac("process", "vault", "--no-input");
  assertEquals(again.stdout, stdout);
  assertEquals(on.calls().length, 1);
});

posixShellTest(
  "a vault without mfa_serial gives a session, cached without another run of it",
  async () => {
    await using on = machine();
    const first = await on.eac("process", "bare", "--no-input");
    assertEquals(first.exit, 0, first.stderr);
    assertMatch(first.stdout, /"AccessKeyId":"ASIA/);
    assertStringIncludes(first.stderr, "without MFA");
    assertEquals(on.calls(), ["GetSessionToken"]);
    const again = await on.eac("process", "bare");
    assertEquals(again.stdout, first.stdout);
    assertEquals([on.calls().length, on.runs()], [1, 1]);
    assertEquals((await on.eac("get", "bare", "-o", "bare-temp")).exit, 0);
    assertMatch(on.host.text(".aws/credentials")!, /aws_session_token/);
  },
);

posixShellTest("explain and list say whether a vault's keys are long-lived", async () => {
  await using on = machine();
  const base = async (name: string) =>
    JSON.parse((await on.eac("explain", name, "--json")).stdout).base.long_lived;
  assertEquals([await base("vault"), await base("bare"), await base("Open")], [null, null, null]);
  const before = await on.eac("explain", "vault");
  assertMatch(before.stdout, /credential_process of "vault".*long-lived or temporary/);
  assertMatch(before.stdout, /GetSessionToken/);
  assertMatch((await on.eac("explain", "Mfa")).stdout, /expects long-lived keys/);
  assertEquals((await on.eac("process", "bare")).exit, 0);
  assertEquals((await on.eac("process", "vault", "--mfa-token", await on.code())).exit, 0);
  assertEquals([await base("vault"), await base("bare")], [true, true]);
  const after = await on.eac("explain", "bare");
  assertMatch(after.stdout, /session-token.*\n.*credential_process of "bare": long-lived keys/);
  const listed = JSON.parse((await on.eac("list", "vault", "bare", "--json")).stdout);
  for (const { name, strategy, status } of listed) {
    assertEquals([name, strategy, status], [name, "session-token", "valid"]);
  }
  assertEquals(listed[0].mfa, DEVICE.serial);
  assertEquals(on.runs(), 2); // explain and list run nothing
});

posixShellTest(
  "temporary credentials of a vault are passed on, and roles send their code",
  async () => {
    await using on = machine();
    const { stdout } = await on.eac("process", "vault", "--mfa-token", await on.code(), "-d", "2h");
    on.host.write("printed.json", stdout);
    on.emulator.calls.length = 0;
    assertEquals((await on.eac("clear", "--all")).exit, 0);
    for (const name of ["vault", "bare"]) {
      const passed = await on.eac("process", name, "--no-input");
      assertEquals(passed.exit, 0, passed.stderr);
      assertEquals(JSON.parse(passed.stdout), JSON.parse(stdout));
    }
    assertEquals(on.calls(), []);
    const plain = await on.eac("process", "plain");
    assertEquals(plain.exit, 0, plain.stderr);
    assertEquals(on.emulator.calls.at(-1)!.parameters.DurationSeconds, "3600");
    const { base, calls } = JSON.parse((await on.eac("explain", "Mfa", "--json")).stdout);
    assertEquals(base.long_lived, false);
    assertEquals(calls.map(({ call }: { call: string }) => call), ["AssumeRole"]);
  },
);

posixShellTest("a role longer than an hour on a vault is assumed with its keys", async () => {
  await using on = machine();
  const { exit, stderr } = await on.eac("process", "plain");
  assertEquals(exit, 0, stderr);
  assertEquals(on.emulator.calls.at(-1)!.parameters.DurationSeconds, "7200");
});

posixShellTest(
  "only a profile that names pass-through gives a vault's keys, and not with mfa_serial",
  async () => {
    await using on = machine();
    const loose = await on.eac("process", "loose");
    assertEquals(loose.exit, 0, loose.stderr);
    assertEquals(JSON.parse(loose.stdout), LONG_LIVED);
    for (
      const argv of [["process", "strict"], ["exec", "strict", "--", "env"], ["env", "strict"]]
    ) {
      const { exit, stdout, stderr } = await on.eac(...argv);
      assertEquals([exit, stdout], [3, ""], stderr);
      assertStringIncludes(stderr, "mfa_serial");
    }
  },
);

posixShellTest("exec --serve refuses credentials without an expiration", async () => {
  await using on = machine();
  const refused = await on.eac("exec", "loose", "--serve", "--", "true");
  assertEquals(refused.exit, 3, refused.stderr);
  assertMatch(refused.stderr, /loose.*\n?hint: .*without --serve/s);
  on.host.write("printed.json", JSON.stringify({ ...LONG_LIVED, SessionToken: "token" }));
  const endless = await on.eac("exec", "bare", "--serve", "--", "true");
  assertEquals(endless.exit, 3, endless.stderr);
});

posixShellTest("rotate reports that it cannot replace a vault's keys", async () => {
  await using on = machine();
  for (const name of ["vault", "bare"]) {
    const { exit, stderr } = await on.eac("rotate", name, "--no-input");
    assertEquals(exit, 3, stderr);
    assertMatch(stderr, /credential_process/);
  }
  assertEquals([on.calls(), on.runs()], [[], 0]);
});

posixShellTest(
  "a profile gets a session with MFA for the vault of its source_profile",
  async () => {
    await using on = machine();
    assertMatch((await on.eac("explain", "by-source")).stdout, /GetSessionToken.*with a code/);
    const asked = await on.eac("exec", "by-source", "--no-input", "--", "env");
    assertEquals([asked.exit, asked.stdout], [4, ""]);
    const first = await on.eac("process", "by-source", "--mfa-token", await on.code());
    assertEquals(first.exit, 0, first.stderr);
    assertMatch(first.stdout, /"AccessKeyId":"ASIA/);
    assertEquals((await on.eac("process", "by-source", "--no-input")).stdout, first.stdout);
    assertEquals(on.calls(), ["GetSessionToken"]);
    on.host.write("printed.json", first.stdout);
    on.host.time += 60_000;
    const other = await on.eac("process", "by-source", "-r", "--mfa-token", await on.code());
    assertEquals([other.exit, other.stdout], [3, ""], other.stderr);
    assertStringIncludes(other.stderr, "only for long-lived keys");
  },
);
