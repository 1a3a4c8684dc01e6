/** Custom strategies that give long-lived keys: a base as keys in a file are, but never stored. */

import { totp } from "../../lib/emulator/totp.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { eac, obtainModule, script, strategyHost, withSts } from "../support/own_strategies.ts";
import { DEVICE } from "../support/world.ts";
import { posixShellTest } from "../support/posix.ts";

const KEYS = JSON.stringify({
  AccessKeyId: "AKIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
});

const CONFIG = `[profile user]
box = blue
mfa_serial = ${DEVICE.serial}

[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = user
mfa_serial = ${DEVICE.serial}

[profile strict]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = user
mfa_serial = ${DEVICE.serial}

[profile plain]
box = blue
`;

const KINDS: Readonly<Record<string, Record<string, string>>> = {
  module: {
    "box.js": obtainModule(
      `const { appendFileSync } = await import("node:fs");
       appendFileSync(process.env.HOME + "/reads", "read\\n"); return ${KEYS}`,
      'gives: "keys", wants: ["files"],',
    ),
  },
  program: {
    box: script({ gives: "keys" }, `echo read >> "$HOME/reads"; echo '${KEYS}'`),
  },
};

for (const [kind, files] of Object.entries(KINDS)) {
  posixShellTest(`one MFA session of a ${kind}'s keys serves the user and two roles`, async () => {
    using host = strategyHost(files, CONFIG);
    await withSts(host, async (calls) => {
      const code = await totp(DEVICE.secret, host.time);
      for (const argv of [["open", "--mfa-token", code], ["strict"], ["user"], ["open"]]) {
        const { code, stdout, stderr } = await eac(host, "process", ...argv);
        assertEquals([code, stderr], [0, ""], argv.join(" "));
        assert(JSON.parse(stdout).SessionToken, argv.join(" "));
      }
      const actions = calls.map(({ action, parameters }) =>
        action + (parameters.TokenCode ? " with a code" : "")
      );
      assertEquals(actions, ["GetSessionToken with a code", "AssumeRole", "AssumeRole"]);
    });
    assertEquals(host.text("reads"), "read\n");
  });
}

posixShellTest(
  "a strategy's keys are read once for the profiles of one run, and stored nowhere",
  async () => {
    using host = strategyHost(
      KINDS.program!,
      `[profile user]
box = blue
[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = user
destination_profile = open-keys
[profile short]
role_arn = arn:aws:iam::123456789012:role/Short
source_profile = user
destination_profile = short-keys
`,
    );
    Deno.writeTextFileSync(`${host.home}/.aws/credentials`, "");
    await withSts(host, async () => {
      const { code, stderr } = await eac(host, "get", "open", "short", "-q");
      assertEquals(code, 0, stderr);
    });
    assertEquals(host.text("reads"), "read\n");
    assertStringIncludes(host.text(".aws/credentials") ?? "", "[short-keys]");
    const stored = [...filesBelow(`${host.home}/.aws`)].filter((path) =>
      !path.includes("/strategies/") &&
      Deno.readTextFileSync(path).includes("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    );
    assertEquals(stored, []);
  },
);

function* filesBelow(folder: string): Iterable<string> {
  for (const { name, isFile, isDirectory } of Deno.readDirSync(folder)) {
    if (isFile) yield `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(`${folder}/${name}`);
  }
}

posixShellTest(
  "a profile with keys of a strategy but no device gets a session, never the keys",
  async () => {
    using host = strategyHost(KINDS.program!, CONFIG);
    await withSts(host, async (calls) => {
      const { code, stdout } = await eac(host, "process", "plain");
      assertEquals(code, 0);
      assert(!stdout.includes("AKIAIOSFODNN7EXAMPLE"));
      assertEquals(calls.map(({ action }) => action), ["GetSessionToken"]);
    });
  },
);

posixShellTest("explain names the strategy of the keys, and does not read them", async () => {
  using host = strategyHost(KINDS.program!, CONFIG);
  const { code, stdout } = await eac(host, "explain", "open", "--json");
  assertEquals(code, 0);
  const { base, steps, calls } = JSON.parse(stdout);
  assertEquals([base.kind, base.strategy, base.profile], ["keys", "box", "user"]);
  assert((steps ?? calls).length === 2, stdout);
  assertStringIncludes((await eac(host, "explain", "open")).stdout, "keys from a custom strategy");
  assertEquals(host.text("reads"), undefined);
});

Deno.test("rotate reports that a strategy's keys are not in an AWS file", async () => {
  using host = strategyHost(KINDS.program!, CONFIG);
  const { code, stderr } = await eac(host, "rotate", "plain");
  assert(code !== 0);
  assertStringIncludes(stderr, "plain");
  assertEquals(host.text("reads"), undefined);
});

for (
  const [answer, problem] of [
    [{ ...JSON.parse(KEYS), SessionToken: "t" }, "SessionToken"],
    [{ ...JSON.parse(KEYS), Expiration: "2026-11-23T14:00:00Z" }, "Expiration"],
    [{ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" }, "SecretAccessKey"],
  ] as const
) {
  posixShellTest(`keys with a wrong ${problem} are refused by its name`, async () => {
    const text = JSON.stringify(answer);
    using host = strategyHost({ box: script({ gives: "keys" }, `echo '${text}'`) }, CONFIG);
    const { code, stderr } = await eac(host, "process", "plain");
    assertEquals(code, 8);
    assertStringIncludes(stderr, problem);
    assert(!stderr.includes("wJalrXUtnFEMI"));
  });
}

for (
  const [description, problem] of [
    [{ gives: "keys", wants: ["sts"] }, "sts"],
    [{ gives: "keys", wants: ["source"] }, "source"],
    [{ gives: "keys", keep: false }, "keep"],
    [{ gives: "keys", maxDuration: 3600 }, "maxDuration"],
    [{ gives: "passwords" }, "passwords"],
  ] as const
) {
  posixShellTest(`a description with ${JSON.stringify(description)} is refused`, async () => {
    using host = strategyHost({ box: script(description, `echo '${KEYS}'`) }, CONFIG);
    const { code, stderr } = await eac(host, "process", "plain");
    assertEquals(code, 8);
    assertStringIncludes(stderr, `"${problem}"`);
  });
}

posixShellTest(
  "an invalid setting of a profile whose strategy gives keys is an error with its place",
  async () => {
    for (const setting of ["duration_seconds = 5", "session_duration = long"]) {
      using host = strategyHost(KINDS.program!, `[profile plain]\nbox = blue\n${setting}\n`);
      for (
        const argv of [["process", "plain"], ["explain", "plain"], ["console", "plain", "--print"]]
      ) {
        const { code, stderr } = await eac(host, ...argv);
        assertEquals(code, 3, stderr);
        assertStringIncludes(stderr, "config:3");
      }
    }
  },
);
