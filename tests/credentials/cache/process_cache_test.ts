/** The cache of what a `credential_process` prints, over whole runs. */

import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { posixShellTest } from "../../support/posix.ts";

/** A home whose helper prints these members, and counts how often it ran. */
function homeWith(members: string): TestHost {
  const host = testHost();
  host.write(
    "helper",
    `#!/bin/sh\necho x >> ${host.home}/ran\nn=$(grep -c x ${host.home}/ran)\n` +
      `echo '{"Version":1,"AccessKeyId":"ASIA'$n'","SecretAccessKey":"s"${members}}'\n`,
  );
  Deno.chmodSync(host.path("helper"), 0o700);
  host.write(".aws/config", `[profile p]\ncredential_process = ${host.home}/helper\n`);
  return host;
}

/** The key that `eac process` prints. */
async function keyOf(host: TestHost, ...options: string[]): Promise<string> {
  host.printed.stdout = "";
  const at = { ...host, now: () => host.time };
  assertEquals(await run(["process", "p", ...options], at, strategies), 0, host.printed.stderr);
  return JSON.parse(host.printed.stdout).AccessKeyId;
}

const MINUTE = 60_000;
const EXPIRES = ',"SessionToken":"t","Expiration":"2026-11-23T14:00:00Z"';

posixShellTest(
  "a credential_process runs again only when what it printed is no longer fresh",
  async () => {
    using host = homeWith(EXPIRES);
    assertEquals(await keyOf(host), "ASIA1");
    host.time += 44 * MINUTE;
    assertEquals(await keyOf(host), "ASIA1");
    host.time += 2 * MINUTE;
    assertEquals(await keyOf(host), "ASIA2");
  },
);

posixShellTest(
  "a credential_process runs again with --refresh, --no-cache, --min-ttl and after clear",
  async () => {
    using host = homeWith(EXPIRES);
    assertEquals(await keyOf(host), "ASIA1");
    assertEquals(await keyOf(host, "--no-cache"), "ASIA2");
    assertEquals(await keyOf(host), "ASIA1");
    host.time += MINUTE;
    assertEquals(await keyOf(host, "--refresh"), "ASIA3");
    assertEquals(await keyOf(host), "ASIA3");
    assertEquals(await keyOf(host, "--min-ttl", "2h"), "ASIA4");
    assertEquals(await run(["clear", "p"], host, strategies), 0);
    assertEquals(await keyOf(host), "ASIA5");
  },
);

posixShellTest("a changed command is another credential_process", async () => {
  using host = homeWith(EXPIRES);
  assertEquals(await keyOf(host), "ASIA1");
  host.write(".aws/config", `[profile p]\ncredential_process = ${host.home}/helper --other\n`);
  assertEquals(await keyOf(host), "ASIA2");
});

for (
  const [what, members] of [["expiration", ',"SessionToken":"t"'], ["token", ""]] as const
) {
  posixShellTest(`a credential_process that prints no ${what} runs each time`, async () => {
    using host = homeWith(members);
    const options = what === "token" ? ["--strategy", "pass-through"] : [];
    assertEquals(await keyOf(host, ...options), "ASIA1");
    assertEquals(await keyOf(host, ...options), "ASIA2");
  });
}

posixShellTest("runs at the same time share one run of a credential_process", async () => {
  using host = homeWith(',"SessionToken":"t","Expiration":"2026-11-23T14:00:00Z"');
  host.write(
    ".aws/config",
    `[profile p]\ncredential_process = ${host.home}/helper\ndestination_profile = p-temp\n`,
  );
  const at = { ...host, now: () => host.time };
  const runs = await Promise.all([1, 2, 3].map(() => run(["get", "p"], at, strategies)));
  assertEquals(runs, [0, 0, 0], host.printed.stderr);
  assertEquals(host.text("ran"), "x\n");
});
