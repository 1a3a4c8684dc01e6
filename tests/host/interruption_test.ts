/**
 * Ctrl-C, TERM and HUP at every point of a run: at a prompt, waiting for a lock, during a call or a
 * write, with a child. The terminal is restored, locks are released, and the exit code is right.
 */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { interruptible } from "../../lib/host/interruption.ts";
import type { SignalName } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { installEac } from "../support/program.ts";
import { NO_PTY, onTerminal, type Session, word } from "../support/pty.ts";
import { rawServer } from "../support/raw_server.ts";
import { DEVICE, WORLD } from "../support/world.ts";
import { posixTest } from "../support/posix.ts";

const HOME = {
  ".aws/config": `[profile p]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = ${DEVICE.serial}
destination_profile = p-temp
[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
destination_profile = open-temp
`,
  ".aws/credentials": `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`,
};

const CODES: readonly (readonly [name: SignalName, code: number])[] = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

Deno.test("interruptible ends a run at a signal, with the shell's exit code for it", async () => {
  for (const [name, exitCode] of [...CODES, ["SIGQUIT", 131] as const]) {
    using host = testHost();
    const { host: own, interrupted } = interruptible(host);
    await own.sleep(1);
    host.signal(name);
    const error = await assertRejects(() => interrupted) as { code?: string; exitCode?: number };
    assertEquals([error.code, error.exitCode], ["interrupted", exitCode]);
  }
});

Deno.test("interruptible does not listen for signals while a run only reads", () => {
  using host = testHost();
  const listened: string[][] = [];
  const { host: own } = interruptible({
    ...host,
    onSignal(names) {
      listened.push([...names]);
      return () => {};
    },
  });
  own.readFile(host.path("config"));
  own.list(host.home);
  own.stdout.write("product");
  assertEquals(listened.length, 0);
  own.createFile(host.path("new"), new Uint8Array(), 0o600);
  own.rename(host.path("new"), host.path("newer"));
  assertEquals(listened.length, 1);
});

Deno.test("interruptible leaves a signal to another listener while there is one", async () => {
  using host = testHost();
  const { host: own, interrupted } = interruptible(host);
  const heard: string[] = [];
  const stop = own.onSignal(["SIGTERM"], (name) => heard.push(name));
  host.signal("SIGTERM");
  stop();
  assertEquals(heard, ["SIGTERM"]);
  host.signal("SIGHUP");
  const error = await assertRejects(() => interrupted) as { exitCode?: number };
  assertEquals(error.exitCode, 129);
});

Deno.test("interruptible lets a replacing program decide how the run ends, however late a signal is", async () => {
  using host = testHost();
  const { host: own, interrupted } = interruptible({
    ...host,
    replace(_, begun) {
      begun?.();
      return Promise.resolve(7);
    },
  });
  const ended = own.replace({ command: "x", args: [] });
  await ended;
  host.signal("SIGINT");
  assertEquals(await Promise.race([ended, interrupted]), 7);
  // A cleanup that hangs does not keep the run alive.
  assertEquals(await interrupted, 7);
});

Deno.test("a signal during a write ends the run when the file is complete", async () => {
  for (const [name, exitCode] of CODES) {
    using host = testHost({ home: HOME });
    const emulator = startEmulator(host, WORLD);
    host.env.AWS_ENDPOINT_URL_STS = emulator.url;
    const exit = await run(["get", "open"], {
      ...host,
      now: () => host.time,
      createFile(path, bytes, mode) {
        host.createFile(path, bytes, mode);
        // The first such file only tests whether there is space.
        if (/[/\\]\.credentials\.eac-/.test(path) && emulator.calls.length > 0) host.signal(name);
      },
    }, strategies);
    await emulator.stop();
    assertEquals(exit, exitCode, host.printed.stderr);
    const text = host.text(".aws/credentials")!;
    assert(text.startsWith(HOME[".aws/credentials"]));
    assertMatch(text, /\[open-temp\]\n(.+\n){6}$/);
    assertEquals(host.list(host.path(".aws")).filter((name) => name.endsWith(".tmp")), []);
  }
});

const NO_TERMINAL = NO_PTY ? ` (ignored: ${NO_PTY})` : "";

/**
 * Runs eac on a terminal, then shows the terminal's state; `pid` is a file with eac's process ID.
 */
function onTty(
  host: TestHost,
  args: string,
  env: Readonly<Record<string, string>>,
  turns: Parameters<typeof onTerminal>[1],
): Promise<Session> {
  const eac = word(host.path("bin/eac"));
  const started = `sh -c ${word(`echo $$ >${host.home}/pid; exec ${eac} ${args}`)}`;
  const after = "echo code $?; stty -a | grep -Eo '[ -](icanon|echo)\\b'";
  // The outer shell must survive a Ctrl-C, and forward it.
  return onTerminal(`trap : INT; ${started}; ${after}`, turns, { ...installEac(host), ...env });
}

function kill(host: TestHost, name: SignalName): () => void {
  return () => Deno.kill(Number(host.text("pid")), name as Deno.Signal);
}

Deno.test({
  name: `a prompt ends at Ctrl-C, TERM and HUP, and the terminal is restored${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    const way: readonly (readonly [string, number])[] = [["\x03", 130], ...CODES];
    for (const [how, exitCode] of way) {
      using host = testHost({ home: HOME });
      const act = how === "\x03" ? how : kill(host, how as SignalName);
      const { screen } = await onTty(host, "get p", {}, [["MFA code for alice", act]]);
      assertMatch(screen, new RegExp(`error: (interrupted|ended by ${how})\r?\n`));
      assertMatch(screen, new RegExp(`code ${exitCode}\r\n icanon\r\n echo\r\n`));
      assertEquals(host.text(".aws/credentials"), HOME[".aws/credentials"]);
    }
  },
});

Deno.test({
  name: `the picker ends at TERM, and shows the cursor again${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost({ home: HOME });
    const { screen } = await onTty(host, "", {}, [["Profile", kill(host, "SIGTERM")]]);
    assertMatch(screen, /code 143\r\n icanon\r\n echo\r\n/);
    const hidden = screen.lastIndexOf("\x1b[?25l");
    assert(hidden < 0 || screen.indexOf("\x1b[?25h", hidden) > 0, "the cursor is gone");
  },
});

Deno.test({
  name: `a prompt ends when the terminal's window is closed${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost({ home: HOME });
    // It is the session leader: the system sends the signal to it, not to a shell.
    const inside = `exec ${word(host.path("bin/eac"))} get p 2>${host.home}/stderr`;
    const window = new Deno.Command("script", {
      args: ["-qec", inside, "/dev/null"],
      env: { TERM: "xterm", SHELL: "/bin/sh", ...installEac(host) },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const decoder = new TextDecoder();
    let screen = "";
    for await (const bytes of window.stdout) {
      screen += decoder.decode(bytes, { stream: true });
      if (screen.includes("MFA code for alice")) break;
    }
    window.kill("SIGKILL");
    await Promise.all([window.status, window.stdin.close().catch(() => {})]);
    await until(() => host.text("stderr")?.endsWith("\n") === true);
    assertEquals(host.text("stderr"), "error: ended by SIGHUP\n");
  },
});

/** Starts eac without a terminal, and does not wait for it. */
function start(host: TestHost, args: readonly string[], env: Readonly<Record<string, string>>) {
  return new Deno.Command(host.path("bin/eac"), {
    args: [...args],
    clearEnv: true,
    env: { ...installEac(host), EAC_MFA_PROCESS: `sh ${host.home}/code.sh`, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(child: Deno.ChildProcess): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await child.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Polls until a condition holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 2000) throw new Error("it never came");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

posixTest(
  "no signals",
  "a call ends at Ctrl-C, TERM and HUP, at once, and nothing is stored",
  async () => {
    for (const [name, exitCode] of CODES) {
      using host = testHost({ home: HOME });
      const server = rawServer((connection) => connection.gone());
      const child = start(host, ["get", "open"], {
        AWS_ENDPOINT_URL_STS: `http://${server.address}`,
      });
      await until(() => server.heads.length === 1);
      child.kill(name as Deno.Signal);
      const { code, stderr } = await ended(child);
      await server.stop();
      assertEquals([code, server.heads.length], [exitCode, 1], stderr);
      assertMatch(stderr, /^error: (interrupted|ended by SIG\w+)\n$/);
      assertEquals(host.text(".aws/credentials"), HOME[".aws/credentials"]);
      assertEquals(host.list(host.path(".aws/eac/cache")), []);
    }
  },
);

posixTest(
  "no signals",
  "a process that holds or waits for a lock ends at TERM, and releases it",
  async () => {
    using host = testHost({ home: HOME });
    const emulator = startEmulator({ ...host, now: () => Date.now() }, WORLD);
    const env = { AWS_ENDPOINT_URL_STS: emulator.url };
    // The first runs a program that does not exit; the second waits for the first.
    host.write("code.sh", `echo $$ >>${host.home}/asked\nexec sleep 600\n`);
    const first = start(host, ["get", "p"], env);
    await until(() => host.text("asked") !== undefined);
    const second = start(host, ["get", "p"], env);
    await until(() => openFiles(second.pid).some((path) => /\/locks\/.*\.lock$/.test(path)));
    second.kill("SIGTERM");
    assertEquals((await ended(second)).code, 143);
    first.kill("SIGTERM");
    assertEquals((await ended(first)).code, 143);
    // The program that would print the code ended with it.
    const asked = Number(host.text("asked")!.trim());
    await until(() => !isRunning(asked));

    host.write("code.sh", "echo 000000\n");
    const { code, stderr } = await ended(start(host, ["get", "p"], env));
    await emulator.stop();
    assertEquals(code, 5, stderr);
    assertMatch(stderr, /MFA code/);
  },
);

/** The files that a process has open; without Linux's /proc the process is assumed to wait. */
function openFiles(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
      } catch {
        return "";
      }
    });
  } catch {
    return Deno.build.os === "linux" ? [] : ["/locks/x.lock"];
  }
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, 0 as unknown as Deno.Signal);
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: `a child handles Ctrl-C itself, and eac ends with its status${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost({ home: HOME });
    const emulator = startEmulator({ ...host, now: () => Date.now() }, WORLD);
    const env = { AWS_ENDPOINT_URL_STS: emulator.url };
    const child = `sh -c ${word("trap 'echo caught; exit 7' INT; echo ready; sleep 600 & wait")}`;
    const { screen } = await onTty(host, `exec open -- ${child}`, env, [["ready", "\x03"]]);
    assertMatch(screen, /caught\r\ncode 7\r\n/);
    for (const [name, exitCode] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      const sleep = `exec open -- sh -c ${word("echo ready; exec sleep 600")}`;
      const { screen } = await onTty(host, sleep, env, [["ready", kill(host, name)]]);
      assertMatch(screen, new RegExp(`code ${exitCode}\r\n`));
    }
    await emulator.stop();
  },
});

Deno.test({
  name: `demo leaves nothing behind at Ctrl-C${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost();
    host.makeFolder(host.path("tmp"), 0o700);
    const turns: Parameters<typeof onTerminal>[1] = [["This home folder has", "\x03"]];
    const { screen } = await onTty(host, "demo", { TMPDIR: host.path("tmp") }, turns);
    assertMatch(screen, /code 130\r\n/);
    assertEquals(host.list(host.path("tmp")), []);
  },
});
