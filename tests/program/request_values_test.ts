/** Values that AWS would refuse are an error before an MFA code is used. */

import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { machineWith } from "../support/machine.ts";
import { DEVICE } from "../support/world.ts";

const READ = "arn:aws:iam::aws:policy/ReadOnlyAccess";

function machine(more = "") {
  return machineWith({
    home: {
      ".aws/credentials": `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`,
      ".aws/config": `[profile p]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = ${DEVICE.serial}
${more}`,
    },
  });
}

for (
  const [option, key, wrong] of [
    ["--role-session-name", "role_session_name", "a b"],
    ["--role-session-name", "role_session_name", "a"],
    ["--role-session-name", "role_session_name", "x".repeat(65)],
    ["--source-identity", "source_identity", "alice/ops"],
    ["--source-identity", "source_identity", "é".repeat(3)],
    ["--policy-arn", "session_policy_arns", "ReadOnlyAccess"],
    ["--policy-arn", "session_policy_arns", "arn:aws:iam::123456789012:role/Mfa"],
  ] as const
) {
  Deno.test(`${option} ${wrong} is refused before an MFA code is used`, async () => {
    await using on = machine();
    const given = await on.eac("process", "p", option, wrong, "--mfa-token", "123456");
    assertEquals([given.exit, given.stdout], [2, ""], given.stderr);
    assertStringIncludes(given.stderr, option);
    assertStringIncludes(given.stderr, wrong);
    await using by = machine(`${key} = ${wrong}\n`);
    const written = await by.eac("process", "p", "--mfa-token", "123456");
    assertEquals([written.exit, written.stdout], [3, ""], written.stderr);
    assertMatch(written.stderr, new RegExp(`${key} of profile "p".*config:5`));
    assertEquals([...on.calls(), ...by.calls()], []);
  });
}

Deno.test("more session policies than AWS accepts are refused before an MFA code is used", async () => {
  await using on = machine();
  const options = Array(11).fill(["--policy-arn", READ]).flat();
  const { exit, stderr } = await on.eac("process", "p", ...options, "--mfa-token", "123456");
  assertEquals([exit, on.calls()], [2, []], stderr);
  assertMatch(stderr, /11 policies[^]*10 at most/);
});

Deno.test("values at the limits of AWS's patterns are accepted", async () => {
  for (
    const options of [
      ["--role-session-name", "a_"],
      ["--role-session-name", "+=,.@-".padEnd(64, "x")],
      ["--source-identity", "alice@example.com"],
      ["--policy-arn", READ, "--policy-arn", "arn:aws-cn:iam::123456789012:policy/team/Own"],
    ]
  ) {
    await using on = machine();
    const { exit, stderr } = await on.eac("explain", "p", ...options);
    assertEquals(exit, 0, stderr);
  }
});
