/**
 * Many real processes at once with a real HOME: one prompts and calls, the others wait and read its
 * result; and the AWS CLI, if it is installed, uses what eac cached for it.
 */

import { fromFileUrl } from "../support/fakes.ts";
import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import type { Fault } from "../../lib/emulator/faults.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { Host } from "../../lib/host/host.ts";
import { realHost } from "../../lib/host/real.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { identityAt, NO_AWS, NO_AWS_ENDPOINT } from "../support/aws_cli.ts";
import { manyProcessesTest, posixShellTest } from "../support/posix.ts";
import { denoDir } from "../support/program.ts";
import { DEVICE, DEVICES, WORLD } from "../support/world.ts";

const ROLE = "arn:aws:iam::123456789012:role";
const MFA =
  `mfa_serial = ${DEVICE.serial}\nmfa_process = sh -c 'echo >>$HOME/asked; cat $HOME/code'`;

const CONFIG = `[profile open]
role_arn = ${ROLE}/Open
source_profile = alice

[profile mfa]
role_arn = ${ROLE}/Mfa
source_profile = alice
${MFA}

[profile mfa2]
role_arn = ${ROLE}/Mfa2
source_profile = alice
${MFA}

[profile closed]
role_arn = ${ROLE}/Closed
source_profile = bob
mfa_serial = ${DEVICES.bob.serial}
mfa_process = sh -c 'echo >>$HOME/asked; cat $HOME/code-bob'
`;

const CREDENTIALS = `# mine; do not sort
[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

[bob]\r
aws_access_key_id=AKIA111111111EXAMPLE
aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY
`;

/** The result of a process. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that may still be running. */
interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: Deno.Signal): void;
}

/** A home, an STS, and the program. */
interface Machine {
  readonly home: string;
  readonly emulator: Emulator;
  eac(...args: string[]): Started;
  /** The same with the emulator as AWS itself, which is what the AWS CLI's cache is shared for. */
  eacWithAws(...args: string[]): Started;
  /** Another program in that home. */
  start(command: string, ...args: string[]): Started;
  /** Makes STS delay all responses until the returned function is called. */
  hold(): () => void;
  /** Resolves when all these processes wait for a lock or hold one. */
  atLock(processes: readonly Started[]): Promise<void>;
  /** What was called: `AssumeRole 200`. */
  calls(): string[];
  /** How often a code was asked for. */
  asked(): number;
  read(path: string): string;
}

/** Sets a machine up for one test. */
async function onMachine(test: (machine: Machine) => Promise<void>): Promise<void> {
  const home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "eac-processes-" }));
  const write = (path: string, text: string) => Deno.writeTextFileSync(`${home}/${path}`, text);
  Deno.mkdirSync(`${home}/.aws`, { mode: 0o700 });
  write(".aws/config", CONFIG);
  write(".aws/credentials", CREDENTIALS);
  write("code", await totp(DEVICE.secret, Date.now()));
  write("code-bob", await totp(DEVICES.bob.secret, Date.now()));
  const real = realHost();
  let gate: Promise<void> = Promise.resolve();
  const serve: Host["serve"] = (answer) =>
    real.serve(async (request, peer) => {
      await gate;
      return await answer(request, peer);
    });
  const emulator = startEmulator({ ...real, serve }, WORLD);
  const env = {
    ...own(),
    HOME: home,
    DENO_DIR: denoDir(),
    AWS_ENDPOINT_URL_STS: emulator.url,
    AWS_DEFAULT_REGION: "eu-central-1",
    NO_COLOR: "1",
  };
  const main = fromFileUrl(new URL("../../main.ts", import.meta.url));
  const awsEndpoint = fromFileUrl(new URL("../support/aws_endpoint.ts", import.meta.url));
  const running = new Set<Started>();
  const start = (command: string, ...args: string[]) => {
    const started = spawn(command, args, env);
    running.add(started);
    return started;
  };
  try {
    await test({
      home,
      emulator,
      start,
      eac: (...args) => start(Deno.execPath(), "run", "-A", "--quiet", main, ...args),
      eacWithAws: (...args) =>
        start(Deno.execPath(), "run", "-A", "--quiet", "--preload", awsEndpoint, main, ...args),
      hold() {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate = promise;
        return resolve;
      },
      atLock: (processes) => until(() => processes.every(({ pid }) => holdsLockFile(pid))),
      calls: () => emulator.calls.map(({ action, status }) => `${action} ${status}`),
      asked: () => Deno.readTextFileSync(`${home}/asked`).length,
      read: (path) => Deno.readTextFileSync(`${home}/${path}`),
    });
  } finally {
    gate = Promise.resolve();
    for (const process of running) process.kill("SIGKILL");
    await Promise.all([...running].map(({ ended }) => ended));
    await emulator.stop();
    Deno.removeSync(home, { recursive: true });
  }
}

/** This process's own environment, without what AWS tools and eac would read in it. */
function own(): Record<string, string> {
  const kept = Object.entries(Deno.env.toObject())
    .filter(([name]) => !/^(AWS_|EAC_|CI$|GITHUB_)/.test(name));
  return Object.fromEntries(kept);
}

function spawn(command: string, args: readonly string[], env: Record<string, string>): Started {
  const child = new Deno.Command(command, {
    args: [...args],
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    pid: child.pid,
    ended: child.output().then(({ code, stdout, stderr }) => ({
      code,
      stdout: text(stdout),
      stderr: text(stderr),
    })),
    kill(signal) {
      try {
        child.kill(signal);
      } catch {
        // It has ended.
      }
    },
  };
}

/** True when the process has opened a lock of eac's. */
function holdsLockFile(pid: number): boolean {
  const folder = `/proc/${pid}/fd`;
  return [...Deno.readDirSync(folder)].some(({ name }) => {
    try {
      return Deno.readLinkSync(`${folder}/${name}`).endsWith(".lock");
    } catch {
      return false; // closed since then
    }
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** All of them, after each has exited 0. */
async function succeeded(processes: readonly Started[]): Promise<Ended[]> {
  const all = await Promise.all(processes.map(({ ended }) => ended));
  for (const { code, stderr } of all) {
    assertEquals([code, stderr.includes("error")], [0, false], stderr);
  }
  return all;
}

const NO_PROC = Deno.build.os === "linux" ? "" : " (only where /proc shows who waits for a lock)";

posixShellTest(
  "50 processes at once on one profile ask for one code, get one session and assume the role once",
  () =>
    onMachine(async ({ eac, calls, asked }) => {
      const all = await succeeded(times(50, () => eac("process", "mfa")));
      assertEquals(new Set(all.map(({ stdout }) => stdout)).size, 1);
      assertEquals(calls(), ["GetSessionToken 200", "AssumeRole 200"]);
      assertEquals(asked(), 1);
    }),
);

manyProcessesTest(
  "50 processes at once on 50 destinations store them all, and change no other byte",
  () =>
    onMachine(async ({ eac, calls, read }) => {
      await succeeded(times(50, (n) => eac("get", "open", "-o", `to-${n}`)));
      assertEquals(calls(), ["AssumeRole 200"]);
      const stored = read(".aws/credentials");
      assert(stored.startsWith(CREDENTIALS));
      const sections = stored.slice(CREDENTIALS.length).split(/^\[/m).filter(Boolean);
      assertEquals(
        sections.map((section) => section.split("]")[0]).sort(),
        times(50, (n) => `to-${n}`).sort(),
      );
      const bodies = new Set(sections.map((section) => section.split("]\n")[1]?.trimEnd()));
      assertEquals(bodies.size, 1);
    }),
);

Deno.test(`a waiting process continues when the lock's holder is killed with -9${NO_PROC}`, {
  ignore: NO_PROC !== "",
}, () =>
  onMachine(async ({ eac, hold, atLock, calls }) => {
    const release = hold();
    const holder = eac("process", "open");
    await atLock([holder]);
    const waiters = times(4, () => eac("process", "open"));
    await atLock(waiters);
    holder.kill("SIGKILL");
    assertEquals((await holder.ended).stdout, "");
    release();
    const all = await succeeded(waiters);
    assertEquals(new Set(all.map(({ stdout }) => stdout)).size, 1);
    // The holder's call may have come in before it died; otherwise only the follower made one.
    assert(calls().length <= 2, calls().join());
  }));

Deno.test(`a waiting process continues when the lock's holder fails${NO_PROC}`, {
  ignore: NO_PROC !== "",
}, () =>
  onMachine(async ({ eac, emulator, hold, atLock, calls }) => {
    const denied: Fault = {
      answer: {
        status: 403,
        body:
          "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
      },
    };
    emulator.faults.push(denied);
    const release = hold();
    const processes = times(5, () => eac("process", "open"));
    await atLock(processes);
    release();
    const all = await Promise.all(processes.map(({ ended }) => ended));
    assertEquals(all.map(({ code }) => code).sort(), [0, 0, 0, 0, 5]);
    assertEquals(calls(), ["AssumeRole 403", "AssumeRole 200"]);
  }));

Deno.test(`simultaneous runs with --refresh share one call${NO_PROC}`, {
  ignore: NO_PROC !== "",
}, () =>
  onMachine(async ({ eac, hold, atLock, calls }) => {
    const [before] = await succeeded([eac("process", "open")]);
    const release = hold();
    const processes = times(8, () => eac("process", "open", "--refresh"));
    await atLock(processes);
    release();
    const all = await succeeded(processes);
    assertEquals(new Set(all.map(({ stdout }) => stdout)).size, 1);
    assert(all[0]?.stdout !== before?.stdout);
    assertEquals(calls(), ["AssumeRole 200", "AssumeRole 200"]);
  }));

posixShellTest(
  "two devices at once take one code each",
  () =>
    onMachine(async ({ eac, calls, asked }) => {
      const profiles = ["mfa", "closed", "mfa2", "closed", "mfa", "mfa2"];
      const all = await succeeded(profiles.map((profile) => eac("process", profile)));
      assertEquals(new Set(all.map(({ stdout }) => stdout)).size, 3);
      assertEquals(calls().sort(), [
        ...times(3, () => "AssumeRole 200"),
        ...times(2, () => "GetSessionToken 200"),
      ]);
      assertEquals(asked(), 2);
    }),
);

function awsTest(
  name: string,
  test: (machine: Machine) => Promise<void>,
  why: string | undefined = NO_AWS,
): void {
  const ignore = why !== undefined;
  Deno.test(ignore ? `${name} (skipped: ${why})` : name, { ignore }, () => onMachine(test));
}

awsTest("after eac get the AWS CLI uses a role with MFA without a question or AssumeRole", async (
  { eacWithAws, start, calls, emulator },
) => {
  const identity = identityAt(emulator.url);
  await succeeded([eacWithAws("get", "mfa", "-o", "stored")]);
  const [role, stored] = await succeeded([
    start("aws", "--profile", "mfa", ...identity),
    start("aws", "--profile", "stored", ...identity),
  ]);
  assertStringIncludes(role!.stdout, ":assumed-role/Mfa/eac-");
  assertEquals(stored!.stdout, role!.stdout);
  assertEquals(calls(), [
    "GetSessionToken 200",
    "AssumeRole 200",
    "GetCallerIdentity 200",
    "GetCallerIdentity 200",
  ]);
});

awsTest("what the AWS CLI has assumed eac need not assume again", async (
  { eacWithAws, start, calls, emulator },
) => {
  await succeeded([start("aws", "--profile", "open", ...identityAt(emulator.url))]);
  const [{ stdout } = { stdout: "" }] = await succeeded([eacWithAws("whoami", "open", "--json")]);
  assertStringIncludes(stdout, ":assumed-role/Open/botocore-session-");
  assertEquals(calls(), ["AssumeRole 200", "GetCallerIdentity 200", "GetCallerIdentity 200"]);
}, NO_AWS_ENDPOINT);

awsTest("eac process gives the AWS CLI its credentials through a linked profile", async (
  { eac, start, calls, asked, read, emulator },
) => {
  const identity = identityAt(emulator.url);
  await succeeded([eac("link", "mfa", "auto")]);
  assertStringIncludes(read(".aws/config"), "[profile auto]\ncredential_process = ");
  const all = await succeeded(times(3, () => start("aws", "--profile", "auto", ...identity)));
  for (const { stdout } of all) assertStringIncludes(stdout, ":assumed-role/Mfa/eac-");
  assertEquals(calls().filter((call) => !call.startsWith("GetCaller")), [
    "GetSessionToken 200",
    "AssumeRole 200",
  ]);
  assertEquals(asked(), 1);
});
