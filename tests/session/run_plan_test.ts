/** The run of a plan: what ends it before it waits for another process. */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { sharedFiles } from "../../lib/config/locations.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { WORLD } from "../support/world.ts";

const CONFIG = `[profile program]
credential_process = /usr/bin/eac process role
[profile role]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = program
[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
`;
const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** Runs eac as the credential_process of this profile, and counts the locks that it waits for. */
async function calledBy(caller: string, ...argv: string[]) {
  using host = testHost({ home: { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS } });
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL = emulator.url;
  host.env.EAC_CALLERS = JSON.stringify([[sharedFiles(host.env, host.os).config, caller]]);
  let locks = 0;
  const { lock } = host;
  host.lock = (path, signal) => {
    locks++;
    return lock(path, signal);
  };
  try {
    const code = await run(argv, host, strategies);
    return { code, locks, stderr: host.printed.stderr };
  } finally {
    await emulator.stop();
  }
}

Deno.test("a credential_process that leads back to its profile fails before it waits for a lock", async () => {
  for (const profile of ["program", "role"]) {
    const { code, locks, stderr } = await calledBy("program", "process", profile);
    assertEquals([code, locks], [3, 0], stderr);
    assertMatch(stderr, /: program -> program\n/);
  }
});

Deno.test("static keys of a profile further up are no cycle", async () => {
  const { code, locks, stderr } = await calledBy("alice", "process", "open");
  assertEquals(code, 0, stderr);
  assert(locks > 0);
});
