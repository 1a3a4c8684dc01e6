/** `eac get --keep`: renewals over simulated hours, on the emulator. */

import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { Host, SignalName } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { DEVICE, WORLD } from "../support/world.ts";

const HOME = {
  ".aws/config": `[profile mfa]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = ${DEVICE.serial}
destination_profile = mfa-temp

[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
destination_profile = open-temp
duration_seconds = 900
`,
  ".aws/credentials": "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
};

const MINUTE = 60_000;

/** The stored credentials of a destination: key ID and expiration. */
function stored(host: TestHost, name: string): { id: string; expiration: number } | undefined {
  const section = host.text(".aws/credentials")!.split(/^\[/m).find((text) =>
    text.startsWith(`${name}]`)
  );
  const value = (key: string) => new RegExp(`^${key} = (.*)$`, "m").exec(section ?? "")?.[1] ?? "";
  const id = value("aws_access_key_id");
  return id === "" ? undefined : { id, expiration: Date.parse(value("expiration")) };
}

/** Runs `eac get ... --keep`; `onTick` is called at each tick; `from` is true once,
 * when this many minutes have passed. */
async function keep(
  argv: readonly string[],
  onTick: (
    from: (minutes: number) => boolean,
    host: TestHost,
    emulator: Emulator,
  ) => void,
  { typed, minutes = 180 }: { readonly typed?: readonly string[]; readonly minutes?: number } = {},
): Promise<{ code: number; output: string[]; calls: string[]; terminal: string }> {
  using host = testHost({ home: HOME, ...(typed === undefined ? {} : { typed }) });
  const emulator = startEmulator(host, WORLD);
  Object.assign(host.env, { AWS_ENDPOINT_URL_STS: emulator.url });
  const began = host.time;
  const done = new Set<number>();
  let interrupt: ((name: SignalName) => void) | undefined;
  const at: Host = {
    ...host,
    now: () => host.time,
    onSignal(names, handler) {
      if (names.length === 3) interrupt = handler;
      return host.onSignal(names, handler);
    },
    async sleep(milliseconds, signal) {
      host.time += milliseconds;
      if (milliseconds !== 30_000) return;
      // Other profiles continue during a prompt.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const passed = (host.time - began) / MINUTE;
      if (passed >= minutes) interrupt!("SIGINT");
      else if (!signal?.aborted) {
        onTick(
          (minutes) => passed >= minutes && !done.has(minutes) && done.add(minutes) === done,
          host,
          emulator,
        );
      }
    },
  };
  try {
    const code = await totp(DEVICE.secret, host.time);
    const exit = await run(["get", ...argv, "--keep", "--mfa-token", code], at, strategies);
    return {
      code: exit,
      output: host.printed.stderr.trimEnd().split("\n"),
      calls: emulator.calls.map(({ action }) => action),
      terminal: host.printed.terminal,
    };
  } finally {
    await emulator.stop();
  }
}

Deno.test("get --keep renews each destination before it expires, with one MFA code", async () => {
  let least = Infinity;
  const { code, output, calls } = await keep(["mfa", "open"], (_, host) => {
    for (const name of ["mfa-temp", "open-temp"]) {
      least = Math.min(least, stored(host, name)!.expiration - host.time);
    }
  });
  assertEquals(code, 130);
  assertEquals(least > 4 * MINUTE, true, `${least}`);
  assertEquals(calls.filter((action) => action === "GetSessionToken").length, 1);
  assertMatch(output[2]!, /mfa-temp, open-temp until Ctrl-C/);
  assertMatch(output.at(-1)!, /^(mfa|open) -> (mfa|open)-temp, expires/);
});

Deno.test("get --keep survives network failures, changed and broken files, and a suspended machine", async () => {
  let restored = false;
  const broken = HOME[".aws/config"].replace("[profile mfa]", "[profile mfa");
  const { code, output } = await keep(["mfa", "open"], (from, host, emulator) => {
    if (from(10)) host.write(".aws/credentials", HOME[".aws/credentials"]); // all removed
    if (from(10.5)) restored = stored(host, "mfa-temp") !== undefined;
    if (from(20)) host.write(".aws/config", broken);
    if (from(25)) host.write(".aws/config", HOME[".aws/config"]);
    if (from(40)) emulator.faults.push({ answer: "closed", times: 12 });
    if (from(90)) host.time += 5 * 60 * MINUTE;
    if (from(400)) {
      assertEquals(stored(host, "mfa-temp")!.expiration > host.time, true);
      assertEquals(stored(host, "open-temp")!.expiration > host.time, true);
    }
  }, { minutes: 420 });
  assertEquals([code, restored], [130, true]);
  const all = output.join("\n");
  assertMatch(all, /suspended for 5 h/);
  assertMatch(all, /could not be renewed: .*; retrying every minute/);
  assertStringIncludes(all, "config:1");
  assertMatch(all, /"mfa-temp" was changed/);
});

Deno.test("get --keep asks for one code when the session expires, and meanwhile renews other profiles", async () => {
  const { code, output, terminal } = await keep(["mfa", "open"], () => {}, {
    typed: ["\x03"],
    minutes: 13 * 60,
  });
  assertEquals(code, 130);
  assertMatch(output.at(-2)!, /(mfa|open) -> /);
  assertStringIncludes(terminal, DEVICE.serial);
  assertMatch(output.join("\n"), /open -> open-temp/);
});

Deno.test("get --keep requires a destination", async () => {
  using host = testHost({ home: HOME });
  assertEquals(await run(["get", "alice", "--keep"], host, strategies), 2);
  assertStringIncludes(host.printed.stderr, "-o");
  assertEquals(await run(["get", "open", "--keep", "--print"], host, strategies), 2);
  assertEquals(await run(["get", "open", "--keep", "--json"], host, strategies), 2);
});

Deno.test("get --keep refuses a destination of another get --keep process before it asks for a code", async () => {
  let second: number | undefined;
  let output = "";
  using host = testHost({ home: HOME });
  const emulator = startEmulator(host, WORLD);
  Object.assign(host.env, { AWS_ENDPOINT_URL_STS: emulator.url });
  let interrupt: ((name: SignalName) => void) | undefined;
  const at: Host = {
    ...host,
    now: () => host.time,
    deadline: (milliseconds) => AbortSignal.timeout(Math.min(milliseconds, 50)),
    onSignal(names, handler) {
      if (names.length === 3) interrupt = handler;
      return () => {};
    },
    async sleep(milliseconds) {
      host.time += milliseconds;
      if (milliseconds !== 30_000) return;
      host.printed.stderr = "";
      second = await run(["get", "mfa", "open", "--keep", "--no-input"], at, strategies);
      output = host.printed.stderr;
      interrupt!("SIGINT");
    },
  };
  try {
    assertEquals(await run(["get", "open", "--keep"], at, strategies), 130);
    assertMatch(output, /open: another eac process keeps "open-temp"|another eac .*"open-temp"/);
    assertEquals(second !== 0, true);
  } finally {
    await emulator.stop();
  }
});
