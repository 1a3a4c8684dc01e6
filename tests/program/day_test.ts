/**
 * A day with twenty roles of one MFA device: one code in the morning is enough until the evening.
 */

import { type Call, type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { WorldDescription } from "../../lib/emulator/world.ts";
import type { Host, TerminalDevice } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { identityAt, NO_AWS } from "../support/aws_cli.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { sendAs } from "../support/send_as.ts";
import { DEVICE } from "../support/world.ts";

const ALICE = "arn:aws:iam::123456789012:user/alice";
const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** A profile of the day, with its role. */
interface DayRole {
  readonly name: string;
  /** Has `mfa_serial`. */
  readonly serial: boolean;
  readonly trust: WorldDescription["roles"][number]["trust"];
  readonly source: string;
  readonly seconds?: number | undefined;
}

/**
 * Ten with `mfa_serial` and ten without, three durations, two chained, one that requires the code
 * in its own call.
 */
const ROLES: readonly DayRole[] = Array.from({ length: 20 }, (_, index): DayRole => {
  const name = `r${index}`;
  const seconds = [undefined, 900, 1800][index % 3];
  const user = { name, source: "alice", seconds };
  if (index === 8) {
    return { ...user, source: "r3", serial: true, trust: { principals: [arn("r3")] } };
  }
  if (index === 18) {
    return { ...user, source: "r13", serial: false, trust: { principals: [arn("r13")] } };
  }
  const mfa = index === 9 ? "direct" as const : index % 4 !== 2;
  return { ...user, serial: index < 10, trust: { principals: [ALICE], mfa } };
});

const WORLD: WorldDescription = {
  users: [{
    arn: ALICE,
    accessKeys: [{
      id: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }],
    mfaDevices: [DEVICE],
  }],
  roles: ROLES.map(({ name, trust }) => ({ arn: arn(name), trust })),
};

const CONFIG = `[eac]
destination_profile = {profile}-temp

[profile alice]
region = eu-west-1
mfa_serial = ${DEVICE.serial}

` + ROLES.map(({ name, serial, source, seconds }) =>
  `[profile ${name}]\nrole_arn = ${arn(name)}\nsource_profile = ${source}\n` +
  (serial ? `mfa_serial = ${DEVICE.serial}\n` : "") +
  (seconds === undefined ? "" : `duration_seconds = ${seconds}\n`)
).join("\n");

const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** The role that requires the code in its own call. */
const DIRECT = "r9";

const MINUTE = 60_000;

/** Random numbers from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A command that does nothing. */
const NOTHING = Deno.build.os === "windows" ? "hostname" : "true";

/** The commands of the day, for a profile and another one. */
const COMMANDS: readonly ((name: string, other: string) => string)[] = [
  (name) => `get ${name}`,
  (name, other) => `get ${name} ${other}`,
  (name) => `get ${name} --print --format json`,
  (name) => `env ${name} --format fish`,
  (name) => `use ${name} --format posix`,
  (name) => `process ${name}`,
  (name) => `whoami ${name} --json`,
  (name) => `exec ${name} -- ${NOTHING}`,
  (name) => `exec ${name} -d 15m -- ${NOTHING}`,
  (name) => `process ${name} --min-ttl 5m`,
  (name) => `explain ${name} --json`,
  () => "list --json",
  (name) => `process ${name} --no-input`,
];

/** The user, who answers every prompt with the device's current code, or waits for the next one. */
function userAt(host: TestHost): { readonly asked: string[]; terminal(): TerminalDevice } {
  const asked: string[] = [];
  let typed = "";
  return {
    asked,
    terminal: () => {
      let question = "";
      return {
        async read() {
          asked.push(question);
          let code = await totp(DEVICE.secret, host.time);
          while (code === typed) {
            host.time += 10_000;
            code = await totp(DEVICE.secret, host.time);
          }
          typed = code;
          return new TextEncoder().encode(`${code}\r`);
        },
        write: (text) => void (question += text),
        setRaw() {},
        size: () => ({ columns: 80, rows: 24 }),
        close() {},
      };
    },
  };
}

/** One of the day's processes: its own output, and AWS itself at the emulator. */
function processOf(host: TestHost, emulator: Emulator, openTerminal: Host["openTerminal"]) {
  const printed = { stdout: "", stderr: "" };
  const at: Host = {
    ...host,
    now: () => host.time,
    stdout: { isTerminal: false, write: (text) => void (printed.stdout += text) },
    stderr: { isTerminal: false, write: (text) => void (printed.stderr += text) },
    openTerminal,
    http(request) {
      const { hostname } = new URL(request.url);
      if (!/^sts\.([\w-]+\.)?amazonaws\.com$/.test(hostname)) return host.http(request);
      return sendAs(hostname, request, emulator);
    },
  };
  return { at, printed };
}

/** A call as `explain --json` predicts it. */
interface Predicted {
  readonly call: string;
  readonly role_arn?: string | undefined;
  readonly serial?: string | undefined;
}

const shown = ({ call, role_arn, serial }: Predicted) =>
  [call, role_arn ?? "", serial === undefined ? "" : "with a code"].join(" ");

const sent = ({ action, parameters }: Call) =>
  shown({ call: action, role_arn: parameters.RoleArn, serial: parameters.SerialNumber });

for (const seed of [1, 2]) {
  Deno.test(`twenty roles of one device need one code in eleven hours (seed ${seed})`, async () => {
    using host = testHost({
      home: { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS },
      now: Date.now(),
    });
    const emulator = startEmulator(host, WORLD);
    const user = userAt(host);
    const random = randomFrom(seed);
    const any = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)]!;
    const began = host.time;
    let others = NO_AWS === undefined && seed === 1 ? 1 : 0;
    /** True once, in the afternoon. */
    const isTimeForOthers = () => others > 0 && host.time - began > 7 * 60 * MINUTE && others-- > 0;
    const eac = async (line: string) => {
      const { at, printed } = processOf(host, emulator, user.terminal);
      const code = await run(line.split(" "), at, strategies);
      return { line, code, ...printed };
    };
    try {
      while (host.time - began < 11 * 60 * MINUTE) {
        // Eight processes at once.
        const all = await Promise.all(Array.from({ length: 8 }, () => {
          const name = any(ROLES).name;
          return eac(any(COMMANDS)(name, any(ROLES).name));
        }));
        for (const { line, code, stderr } of all) {
          // Only the role that requires the code in its own call may need one while prompts are
          // disabled.
          const mayNeedCode = line.includes("--no-input") &&
            (line.includes(`${DIRECT} `) || host.time - began < 5 * MINUTE);
          if (!mayNeedCode) assertEquals([line, code], [line, 0], stderr);
        }
        await predicts(any(ROLES).name);
        if (isTimeForOthers()) await otherToolsAskNothing(host, emulator, eac);
        host.time += Math.floor(random() * 25 * MINUTE);
      }
      const withCode = emulator.calls.filter(({ parameters }) =>
        parameters.TokenCode !== undefined
      );
      const taken = withCode.filter(({ status }) => status === 200);
      assertEquals(taken.filter(({ action }) => action === "GetSessionToken").length, 1);
      const unexpected = taken.filter(({ action, parameters }) =>
        action !== "GetSessionToken" && parameters.RoleArn !== arn(DIRECT)
      );
      assertEquals(unexpected, []);
      assertEquals(withCode.length, taken.length, "no code is refused");
      assertEquals(user.asked.length, taken.length, "every question is for a code that is sent");
    } finally {
      await emulator.stop();
    }

    /** Compares the calls with what explain predicted. */
    async function predicts(name: string): Promise<void> {
      const { stdout } = await eac(`explain ${name} --json`);
      const { calls, notes }: { calls: Predicted[]; notes: string[] } = JSON.parse(stdout);
      const before = emulator.calls.length;
      await eac(`process ${name}`);
      const out = emulator.calls.slice(before);
      const refused = out.findIndex(({ status }) => status !== 200);
      if (refused < 0) assertEquals(out.map(sent), calls.map(shown));
      else {
        // Only a role with explain's note may be refused, and then the call in the note follows.
        assertEquals(out.slice(0, refused + 1).map(sent), calls.slice(0, refused + 1).map(shown));
        if (name !== DIRECT) assertStringIncludes(notes.join("\n"), "if AWS refuses");
      }
    }
  });
}

const BOTO3 = `import boto3, sys
session = boto3.Session(profile_name=sys.argv[1])
sts = session.client("sts", endpoint_url=sys.argv[2], region_name="us-east-1")
print(sts.get_caller_identity()["Arn"])`;

/**
 * Starts the AWS CLI and boto3 on roles that eac assumed and stored: a prompt would fail, since
 * they have no terminal.
 */
async function otherToolsAskNothing(
  host: TestHost,
  emulator: Emulator,
  eac: (line: string) => Promise<{ readonly code: number }>,
): Promise<void> {
  assertEquals((await eac("get r0 r12")).code, 0);
  // Their clock is the real one.
  emulator.clockOffset = Date.now() - host.time;
  const before = emulator.calls.length;
  const env = { ...host.env, AWS_DEFAULT_REGION: "eu-west-1" };
  const start = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await host.capture({ command, args, env });
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  const hasBoto3 = await host.capture({
    command: "python3",
    args: ["-c", "import boto3"],
    env: host.env,
  });
  for (const name of ["r0", "r12"]) {
    const role = await start("aws", "--profile", name, ...identityAt(emulator.url));
    assertStringIncludes(role, `:assumed-role/${name}/`);
    if (hasBoto3.code !== 0) continue;
    const boto3 = await start("python3", "-c", BOTO3, `${name}-temp`, emulator.url);
    assertStringIncludes(boto3, `:assumed-role/${name}/`);
  }
  const actions = new Set(emulator.calls.slice(before).map(({ action }) => action));
  assertEquals([...actions], ["GetCallerIdentity"]);
  emulator.clockOffset = 0;
}
