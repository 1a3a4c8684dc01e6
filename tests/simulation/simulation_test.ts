/** The simulation: it runs the real program, and detects violations. */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import { EacError } from "../../lib/errors.ts";
import type { Host } from "../../lib/host/host.ts";
import { playSeed } from "../../scripts/simulation/histories.ts";
import { SCENARIOS } from "../../scripts/simulation/scenarios.ts";
import { HOME, type ProgramUnderTest, Violation } from "../../scripts/simulation/simulation.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const SCRIPT = new URL("../../scripts/simulate.ts", import.meta.url);

/** Runs the script in a separate process, because it replaces the runtime's sources of randomness. */
async function simulate(...args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT.href, ...args],
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("random schedules of four processes with faults violate no invariant (deno task simulate, shortly)", async () => {
  const { code, text } = await simulate("--for", "4s");
  assertEquals(code, 0, text);
  assertMatch(text, /^[1-9]\d+ histories, nothing wrong\n$/);
});

Deno.test("every schedule of two processes of get, link and clear with one preemption and one fault violates no invariant", async () => {
  const { code, text } = await simulate("--exhaustive", "--only", "get,link-clear");
  assertEquals(code, 0, text);
});

Deno.test("a seed always gives the same schedule", async () => {
  const args = ["--once", "--processes", "4"];
  const [first, again, other] = [
    await simulate(...args, "--seed", "5"),
    await simulate(...args, "--seed", "5"),
    await simulate(...args, "--seed", "6"),
  ];
  assertEquals(first.text, again.text);
  assert(first.text !== other.text);
  assertStringIncludes(first.text, "sends CreateAccessKey");
});

/** A program that does this instead of eac. */
function program(run: ProgramUnderTest["run"]): ProgramUnderTest {
  return { run, strategies: [], startEmulator, EacError, totp };
}

const CREDENTIALS = `${HOME}/.aws/credentials`;

function rewrite(host: Host, change: (text: string) => string): number {
  const text = change(new TextDecoder().decode(host.readFile(CREDENTIALS)));
  host.createFile(`${CREDENTIALS}.tmp`, new TextEncoder().encode(text), 0o600);
  host.rename(`${CREDENTIALS}.tmp`, CREDENTIALS);
  return 0;
}

async function send(host: Host, parameters: Record<string, string>): Promise<number> {
  const body = new URLSearchParams(parameters).toString();
  await host.http({ method: "POST", url: "http://127.0.0.1/", headers: {}, body, timeout: 1000 });
  return 0;
}

const code = { Action: "GetSessionToken", SerialNumber: "arn", TokenCode: "123456" };

const DEFECTS: readonly [what: string, scenario: string, run: ProgramUnderTest["run"]][] = [
  ["a code is sent twice", "mfa", (_, host) => send(host, code)],
  [
    "foreign bytes",
    "link-clear",
    (_, host) => Promise.resolve(rewrite(host, (text) => text.replace("; the end", ""))),
  ],
  [
    "foreign bytes",
    "link-clear",
    (_, host) => Promise.resolve(rewrite(host, (text) => text.replace("\r\n", "\n"))),
  ],
  [
    "no active key",
    "rotate",
    (_, host) => Promise.resolve(rewrite(host, (text) => text.replace(/\[alice\][^]*/, ""))),
  ],
  [
    "a run does not finish",
    "get",
    async (_, host) => {
      for (;;) await host.sleep(1000);
    },
  ],
  [
    "a deadlock",
    "get",
    async (_, host) => {
      await host.lock("/lock");
      await host.lock("/lock");
      return 0;
    },
  ],
  ["calls of AssumeRole", "get", async (argv, host) => {
    await send(host, { Action: "AssumeRole" });
    return argv[0] === "process" ? 1 : 0;
  }],
  ["STS did not issue", "mfa", (_, host) => {
    host.stdout.write('{"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T"}');
    return Promise.resolve(0);
  }],
  ["a temp file is left", "rotate-leftovers", (_, host) => {
    const file = `${HOME}/.aws/.credentials.eac-${crypto.randomUUID()}.tmp`;
    host.createFile(file, new Uint8Array(), 0o600);
    return Promise.resolve(0);
  }],
  ["fails without a fault", "rotate", () => Promise.resolve(1)],
];

for (const [index, [what, name, run]] of DEFECTS.entries()) {
  Deno.test(`the simulation finds that ${what} (${index + 1})`, async () => {
    const scenario = SCENARIOS.find((one) => one.name === name)!;
    // A seed that is a multiple of 4 has no faults.
    const { error } = await playSeed(program(run), scenario, 4, 2);
    assert(error instanceof Violation, String(error));
    assertStringIncludes(error.message, what);
  });
}
