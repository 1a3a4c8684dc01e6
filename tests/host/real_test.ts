/** The real Host: files, locks, HTTP, processes and the terminal, on a real machine. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "../support/assert.ts";
import { EacError } from "../../lib/errors.ts";
import { files, giveTo, ioError } from "../../lib/host/files.ts";
import { realHost, toFileUrl } from "../../lib/host/real.ts";
import { testHost } from "../support/fakes.ts";
import { posixShellTest, posixTest } from "../support/posix.ts";
import { NO_PTY, onTerminal, word } from "../support/pty.ts";
import { testUnless } from "../support/ignored.ts";

const REAL = new URL("../../lib/host/real.ts", import.meta.url).href;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);
const windows = Deno.build.os === "windows";

/** The deno arguments of a short program that uses the real Host. */
function program(code: string): string[] {
  return ["eval", `const { realHost } = await import("${REAL}"); const host = realHost(); ${code}`];
}

function io(run: () => unknown): string {
  const error = assertThrows(run, EacError) as EacError;
  assertEquals(error.code, "io");
  return error.message;
}

Deno.test("syncFolder accepts a folder, and ignores one that it cannot flush", () => {
  const host = realHost();
  const folder = host.makeTempFolder();
  host.syncFolder(folder);
  host.syncFolder(`${folder}/missing`);
  host.removeFolder(folder);
});

Deno.test({
  name: "a file that another program holds briefly is read and replaced once it is released" +
    (windows ? "" : " (ignored: only Windows locks open files)"),
  ignore: !windows,
  async fn() {
    using host = testHost({ home: { file: "old", other: "new" } });
    const [file, other] = [host.path("file"), host.path("other")];
    for (
      const [sharing, act] of [
        ["nothing", () => host.readFile(file)],
        ["read", () => host.rename(other, file)],
      ] as const
    ) {
      const worker = new Worker(import.meta.resolve("../support/held_file_worker.ts"), {
        type: "module",
      });
      const message = () => new Promise((done) => worker.onmessage = done);
      worker.postMessage({ path: file, sharing, milliseconds: 150 });
      await message();
      act();
      await message();
      worker.terminate();
    }
    assertEquals(host.text("file"), "new");
  },
});

Deno.test("a missing file is not an error, and a folder in place of a file is one", () => {
  using host = testHost({ home: { "a file": "x" } });
  const { home } = host;
  assertEquals(host.readFile(`${home}/none`), undefined);
  assertEquals(host.stat(`${home}/none/none`), undefined);
  assertEquals(host.realPath(`${home}/none`), undefined);
  assertEquals(host.list(`${home}/none`), []);
  host.remove(`${home}/none`);
  host.removeFolder(`${home}/none`);
  assertEquals(io(() => host.readFile(home)), `cannot read ${home}: it is a folder`);
  // A path below a file or a device does not exist, and cannot be created.
  for (const file of [`${home}/a file`, ...(windows ? [] : ["/dev/null"])]) {
    assertEquals(host.readFile(`${file}/x`), undefined);
    assertEquals(host.stat(`${file}/x/y`), undefined);
    assertEquals(host.list(`${file}/x`), []);
    if (windows) continue;
    assertEquals(
      io(() => files.makeFolder(`${file}/x`, 0o700)),
      `cannot make the folder ${file}/x: ${file} is not a folder`,
    );
  }
  assertEquals(host.list(`${home}/a file`), []);
});

posixTest(
  "no device files",
  "HOME=/dev/null is an empty home for the program, which has no permission for devices",
  async () => {
    using host = testHost();
    const url = JSON.stringify(new URL("../../lib/host/files.ts", import.meta.url).href);
    host.write(
      "looks.ts",
      `import { files } from ${url};
       const path = "/dev/null/.aws/config";
       console.log(files.readFile(path), files.stat(path), files.list("/dev/null/.aws"));
       try { files.readFile("/dev/mem"); } catch ({ message }) { console.log(message); }`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", host.path("looks.ts")],
      env: { NO_COLOR: "1" },
    }).output();
    const [looks, refused] = text(stdout).split("\n");
    assertEquals(looks, "undefined undefined []");
    assertEquals(
      refused,
      "cannot read /dev/mem: eac can open almost no file in /dev, /proc and /sys",
    );
  },
);

testUnless(
  windows ? "no file owners" : Deno.uid() === 0 ? undefined : "only root can give a file away",
  "files that root creates in another user's folder belong to that user, and no other owner changes",
  async () => {
    using host = testHost({ home: { "roots": "x" } });
    const folder = host.path("theirs");
    host.makeFolder(folder, 0o700);
    Deno.chownSync(folder, 65_534, 65_533);
    const owner = (path: string) => {
      const { uid, gid } = Deno.lstatSync(path);
      return [uid, gid];
    };
    host.makeFolder(`${folder}/a/b`, 0o700);
    host.createFile(`${folder}/a/b/file`, bytes("x"), 0o600);
    (await host.lock(`${folder}/locks/one`))!.release();
    for (const made of ["a", "a/b", "a/b/file", "locks", "locks/one"]) {
      assertEquals(owner(`${folder}/${made}`), [65_534, 65_533], made);
    }
    // The owner of the folder puts a link, or another name of root's file, in the new file's place.
    Deno.symlinkSync(host.path("roots"), `${folder}/link`);
    Deno.linkSync(host.path("roots"), `${folder}/name`);
    assertThrows(() => giveTo(`${folder}/link`, { uid: 65_534, gid: 65_534 }), EacError);
    giveTo(`${folder}/name`, { uid: 65_534, gid: 65_534 });
    assertEquals(owner(host.path("roots")), [0, 0]);
    host.createFile(host.path("mine"), bytes("x"), 0o600);
    assertEquals(owner(host.path("mine")), [0, 0]);
  },
);

Deno.test("createFile creates a private file and never replaces one", () => {
  using host = testHost();
  const path = host.path("new");
  host.createFile(path, bytes("one"), 0o600);
  assertEquals(host.text("new"), "one");
  if (!windows) assertEquals(host.stat(path)?.mode, 0o600);
  assertEquals(
    io(() => host.createFile(path, bytes("two"), 0o600)),
    `cannot create ${path}: it exists already`,
  );
  assertEquals(host.text("new"), "one");
});

Deno.test("makeFolder sets the mode of the folders that it creates, and of no others", () => {
  using host = testHost();
  host.makeFolder(host.path("open"), 0o755);
  host.makeFolder(host.path("open/a/b"), 0o700);
  host.makeFolder(host.path("open"), 0o700);
  if (windows) return;
  assertEquals(host.stat(host.path("open"))?.mode, 0o755);
  assertEquals(host.stat(host.path("open/a"))?.mode, 0o700);
  assertEquals(host.stat(host.path("open/a/b"))?.mode, 0o700);
});

Deno.test("makeFolder creates the folders of a relative path", async () => {
  using host = testHost();
  host.makeFolder(host.path("work"), 0o700);
  // In a process of its own, which has its own working folder, and which a timeout can end.
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: program(`host.makeFolder("relative/a/b", 0o700)`),
    cwd: host.path("work"),
    signal: AbortSignal.timeout(20_000),
  }).output();
  assert(success);
  assertEquals(host.stat(host.path("work/relative/a/b"))?.kind, "folder");
});

Deno.test("ioError explains system error codes in plain words", () => {
  const errorOf = (code: string) =>
    ioError("write", "/p", Object.assign(new Error("Xyz (os error 5): open '/p'"), { code }));
  assertEquals(errorOf("EACCES").message, "cannot write /p: permission denied");
  assertMatch(errorOf("EACCES").hint ?? "", windows ? /close the program/ : /who owns it/);
  assertMatch(errorOf("EBUSY").hint ?? "", /close the program/);
  assertEquals(errorOf("ENOSPC").message, "cannot write /p: the disk is full");
  assertEquals(errorOf("EROFS").message, "cannot write /p: the file system is read-only");
  assertEquals(errorOf("EWHATEVER").message, "cannot write /p: xyz");
});

Deno.test("lock admits one holder at a time and gives up when its signal aborts", async () => {
  using host = testHost();
  const path = host.path("locks/one");
  const first = await host.lock(path);
  if (!windows) assertEquals(host.stat(host.path("locks"))?.mode, 0o700);
  const stop = new AbortController();
  const second = host.lock(path, stop.signal);
  stop.abort();
  assertEquals(await second, undefined);
  const third = host.lock(path);
  first?.release();
  // The canceled wait is first in the queue: it must not keep the lock.
  const held = await third;
  assert(held);
  held.release();
});

posixTest(
  "an open file cannot be removed",
  "lock starts over on the new file when the file it waited for was removed",
  async () => {
    using host = testHost();
    for (const replaced of [false, true]) {
      const path = host.path(`locks/${replaced}`);
      const first = (await host.lock(path))!;
      assert(first.isHeld());
      const second = host.lock(path);
      host.remove(path);
      const other = replaced ? await host.lock(path) : undefined;
      assert(!first.isHeld());
      first.release();
      other?.release();
      const held = (await second)!;
      assert(held.isHeld(), "the lock is on the file that is there");
      const stop = new AbortController();
      const third = host.lock(path, stop.signal);
      stop.abort();
      assertEquals(await third, undefined, "it keeps others out");
      held.release();
      held.release(); // repeatedly is fine
      assert(!held.isHeld());
    }
  },
);

Deno.test("lock is released when its holder is killed", async () => {
  using host = testHost();
  const path = host.path("one");
  const holder = new Deno.Command(Deno.execPath(), {
    args: program(`await host.lock(${JSON.stringify(path)}); host.stdout.write("held");
      setInterval(() => {}, 1000);`),
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  assertEquals(text((await reader.read()).value ?? new Uint8Array()), "held");
  const mine = host.lock(path);
  holder.kill("SIGKILL");
  const held = await mine;
  assert(held);
  held.release();
  await reader.cancel();
  await holder.status;
});

posixShellTest("capture gives both outputs, the code, and the input to the program", async () => {
  using host = testHost({ env: { WHO: "eac" } });
  const outcome = await host.capture({
    command: "sh",
    args: ["-c", 'read line; echo "$line $WHO"; echo talk >&2; exit 3'],
    input: "hello\n",
  });
  assertEquals([outcome.code, text(outcome.stdout), text(outcome.stderr)], [
    3,
    "hello eac\n",
    "talk\n",
  ]);
  assertEquals(outcome.killed, undefined);
});

posixShellTest("capture does not mind a program that reads nothing of a long input", async () => {
  using host = testHost();
  const input = "x".repeat(1_000_000);
  assertEquals((await host.capture({ command: "true", args: [], input })).code, 0);
});

posixShellTest(
  "capture kills a program that takes too long, or writes too much, or is called off",
  async () => {
    using host = testHost();
    const late = await host.capture({ command: "sleep", args: ["60"], timeout: 1 });
    assertEquals([late.killed, late.code], ["timeout", 143]);
    const loud = await host.capture({
      command: "sh",
      args: ["-c", "while :; do echo y; done"],
      limit: 4,
    });
    assertEquals([loud.killed, text(loud.stdout)], ["limit", "y\ny\n"]);
    const off = await host.capture({ command: "sleep", args: ["60"], signal: AbortSignal.abort() });
    assertEquals(off.killed, "aborted");
  },
);

posixShellTest(
  "capture does not wait for what a killed program left behind on its pipes",
  async () => {
    using host = testHost();
    const outcome = await host.capture({
      command: "sh",
      args: ["-c", "sleep 5 & echo $!; wait"],
      timeout: 300,
    });
    assertEquals(outcome.killed, "timeout");
    Deno.kill(Number(text(outcome.stdout)), "SIGKILL");
  },
);

posixShellTest(
  "capture does not wait for what a program that has exited left behind on its pipes",
  async () => {
    using host = testHost();
    const begun = performance.now();
    const outcome = await host.capture({ command: "sh", args: ["-c", "sleep 30 & echo $!"] });
    Deno.kill(Number(text(outcome.stdout)), "SIGKILL");
    assertEquals([outcome.code, outcome.killed], [0, undefined]);
    assert(performance.now() - begun < 20_000);
  },
);

posixShellTest("replace and capture say like a shell why a program does not start", async () => {
  using host = testHost({ home: { "bin/plain": "x", "bin/broken": "#!/no/such/interpreter\n" } });
  host.setMode(host.path("bin/broken"), 0o755);
  const env = { PATH: host.path("bin") };
  const fails = async (command: string) => {
    const error = await assertRejects(() => host.replace({ command, args: [], env }), EacError);
    return [(error as EacError).exitCode, error.message];
  };
  assertEquals(await fails("eac-no-such"), [127, "eac-no-such: command not found"]);
  assertEquals(await fails(""), [127, "(no name): command not found"]);
  assertEquals(await fails("ls"), [127, "ls: command not found"]);
  assertEquals(await fails("plain"), [126, "plain is not executable"]);
  assertEquals(await fails(host.home), [126, `${host.home} is a folder, not a program`]);
  assertEquals(await fails("broken"), [
    126,
    "broken cannot be run: the interpreter that its first line names is missing",
  ]);
});

/** Runs `sh -c script` with `replace` in a separate process, which prints the code. */
async function replaced(script: string, signal?: Deno.Signal): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    // A run listens until its end: a Ctrl-C may arrive after the child has exited.
    args: program(`
      host.onSignal(["SIGINT"], () => {});
      const code = await host.replace({ command: "sh", args: ["-c", ${JSON.stringify(script)}] });
      host.stdout.write("code " + code);
      Deno.exit();`),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  let out = "";
  for await (const chunk of child.stdout) {
    out += text(chunk);
    if (signal && out === "ready\n") {
      child.kill(signal);
      await child.stdin.close();
    }
  }
  if (!signal) await child.stdin.close();
  const { signal: killedBy } = await child.status;
  return killedBy === null ? out : `${out}(killed by ${killedBy})`;
}

posixShellTest("replace returns the child's code, and 128+N for a signal", async () => {
  assertEquals(await replaced("exit 7"), "code 7");
  assertEquals(await replaced("kill -9 $$"), "code 137");
});

posixTest("no signals", "replace forwards SIGTERM, and leaves Ctrl-C to the child", async () => {
  const script = (trapped: string) =>
    `trap 'kill $!; echo ${trapped}; exit 9' TERM; sleep 5 >&2 & echo ready; wait`;
  assertEquals(await replaced(script("got it"), "SIGTERM"), "ready\ngot it\ncode 9");
  // SIGINT only to eac: neither dies; the child exits by itself.
  assertEquals(await replaced("echo ready; read line; exit 4", "SIGINT"), "ready\ncode 4");
});

posixShellTest("stdout that nobody reads any more is no error", async () => {
  const script = `${word(Deno.execPath())} ${
    program(
      `for (let i = 0; i < 9999; i++) host.stdout.write("line\\n"); host.stderr.write("done");`,
    ).map(word).join(" ")
  } | head -n 1`;
  const { stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  assertEquals([text(stdout), text(stderr)], ["line\n", "done"]);
});

Deno.test("serve stops within a second, even with open requests", async () => {
  // A subprocess: the open request outlives the server.
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: program(`const never = host.serve(() => new Promise(() => {}));
      const half = host.serve(() => new Response());
      fetch(never.url).catch(() => {});
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: new URL(half.url).port });
      await connection.write(new TextEncoder().encode("GET / HTTP/1.1\\r\\nhost: x\\r\\n"));
      await host.sleep(50);
      const began = performance.now();
      await Promise.all([never.stop(), half.stop()]);
      console.log(performance.now() - began < 1000);
      Deno.exit();`),
  }).output();
  assertEquals([code, text(stdout)], [0, "true\n"]);
});

Deno.test("http returns status, headers and body, and follows no redirect", async () => {
  using host = testHost();
  const server = host.serve(async (request) =>
    new Response(`${request.method} ${await request.text()}`, {
      status: 302,
      headers: { location: "http://192.0.2.1/", "x-amzn-requestid": "r" },
    })
  );
  const answer = await host.http({
    method: "POST",
    url: server.url,
    headers: {},
    body: "Action=X",
    timeout: 5000,
  });
  await server.stop();
  assertEquals([answer.status, text(answer.body)], [302, "POST Action=X"]);
  assertEquals(answer.headers["x-amzn-requestid"], "r");
});

Deno.test("http refuses a response larger than 1 MiB", async () => {
  using host = testHost();
  const server = host.serve(() => new Response(new Uint8Array(1024 * 1024 + 1)));
  const error = await assertRejects(
    () => host.http({ method: "GET", url: server.url, headers: {}, timeout: 5000 }),
    EacError,
    "sent more than 1 MiB",
  );
  assertEquals((error as EacError).code, "network");
  await server.stop();
});

Deno.test("http names the server that did not answer, without the query", async () => {
  using host = testHost();
  const failure = async (url: string, timeout = 5000) => {
    const request = host.http({
      method: "POST",
      url,
      headers: {},
      body: "TokenCode=123456",
      timeout,
    });
    const error = await assertRejects(() => request, EacError) as EacError;
    assert(!/secret|123456/.test(`${error.message} ${error.hint} ${Deno.inspect(error)}`));
    return error;
  };
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const late = await failure(`http://127.0.0.1:${port}/?q=secret`, 1);
  assertEquals([late.code, late.message], [
    "timeout",
    `127.0.0.1:${port} did not answer within 0 s`,
  ]);
  (await silent.accept()).close();
  silent.close();
  const refused = await failure(`http://127.0.0.1:${port}/?q=secret`);
  assertEquals(refused.message, `cannot reach 127.0.0.1:${port}: the connection was refused`);
  assertEquals(refused.code, "network");
});

Deno.test("http trusts the certificates of a CA bundle, and reports an invalid bundle", async () => {
  using host = testHost({ home: { "empty.pem": "no certificate here" } });
  for (
    const [name, problem] of [["none.pem", "cannot be read"], [
      "empty.pem",
      "contains no certificate",
    ]]
  ) {
    const caBundle = host.path(name!);
    const error = await assertRejects(
      () =>
        host.http({
          method: "GET",
          url: "https://localhost/",
          headers: {},
          timeout: 1000,
          caBundle,
        }),
      EacError,
      `the CA bundle ${caBundle} ${problem}`,
    );
    assertEquals((error as EacError).code, "config_invalid");
  }
});

Deno.test("http bypasses the proxy for loopback only", async () => {
  using host = testHost();
  const proxy = host.serve((request) => new Response(`proxy saw ${new URL(request.url).hostname}`));
  const direct = host.serve(() => new Response("direct"));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: program(`for (const url of ["${direct.url}", "http://sts.example.invalid/"]) {
      const answer = await host.http({ method: "GET", url, headers: {}, timeout: 5000 });
      host.stdout.write(new TextDecoder().decode(answer.body) + "\\n");
    }`),
    env: { HTTP_PROXY: proxy.url, NO_PROXY: "", no_proxy: "" },
  }).output();
  await Promise.all([proxy.stop(), direct.stop()]);
  assertEquals(text(stdout), "direct\nproxy saw sts.example.invalid\n");
});

Deno.test("narrow drops the network and program permissions permanently", async () => {
  using host = testHost();
  const server = host.serve(() => new Response());
  const tries = (needs: string) =>
    new Deno.Command(Deno.execPath(), {
      args: program(`host.narrow(${needs});
        for (const run of [
          () => host.http({ method: "GET", url: "${server.url}", headers: {}, timeout: 5000 }),
          () => host.capture({ command: "${windows ? "hostname" : "true"}", args: [] }),
        ]) host.stdout.write(await run().then(() => "ran ", () => "refused "));
        Deno.exit();`),
    }).output();
  const none = await tries("{ net: false, run: false }");
  const both = await tries("{ net: true, run: true }");
  await server.stop();
  assertEquals([text(none.stdout), text(both.stdout)], ["refused refused ", "ran ran "]);
});

Deno.test("importFile accepts a path with special characters", async () => {
  const name = windows ? "a #%41 é.mjs" : "a #?%41 é.mjs";
  using host = testHost({ home: { [name]: "export default 7;" } });
  const path = host.path(name);
  assertEquals(((await host.importFile(path)) as { default: number }).default, 7);
  if (!windows) assertEquals(toFileUrl("/a%b\\c"), "file:///a%25b%5Cc");
});

Deno.test("sleep ends immediately when its signal aborts", async () => {
  const stop = new AbortController();
  const asleep = realHost().sleep(60_000, stop.signal);
  stop.abort();
  await asleep;
});

const NO_TERMINAL = NO_PTY ? ` (ignored: ${NO_PTY})` : "";
const asks = program(`const terminal = host.openTerminal();
  if (!terminal) { host.stdout.write("no terminal"); Deno.exit(); }
  terminal.setRaw(true);
  terminal.write("question? ");
  const typed = await terminal.read();
  terminal.close();
  host.stdout.write("typed " + JSON.stringify(new TextDecoder().decode(typed)) + "\\n");
  Deno.exit();`);

Deno.test({
  name: `openTerminal finds the terminal when all three streams are piped${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost();
    const command = [Deno.execPath(), ...asks].map(word).join(" ");
    const { screen } = await onTerminal(
      `: | ${command} 2>/dev/null | cat >${word(host.path("out"))}; stty -a | grep -o ' icanon'`,
      [["question? ", "\x03"]],
    );
    assertEquals(host.text("out"), 'typed "\\u0003"\n');
    assertEquals(screen, "question?  icanon\r\n");
  },
});

Deno.test({
  name: `openTerminal works without Deno's permission to write to the terminal${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost();
    const path = host.path("asks.ts");
    host.write("asks.ts", asks[1] ?? "");
    const command = `${word(Deno.execPath())} run --no-prompt --allow-read --allow-env --allow-run`;
    const { screen } = await onTerminal(
      `${command} ${word(path)} 2>${word(host.path("err"))} | cat`,
      [["question? ", "x"]],
    );
    assertEquals(host.text("err"), "");
    assertEquals(screen, 'question? typed "x"\r\n');
  },
});

Deno.test({
  name: `replace outlives Ctrl-C at the terminal, which ends the child${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    const code = `const code = await host.replace({
        command: "sh",
        args: ["-c", "echo ready; exec sleep 60"],
      });
      host.stdout.write("code " + code);`;
    const command = [Deno.execPath(), ...program(code)].map(word).join(" ");
    const { screen } = await onTerminal(command, [["ready", "\x03"]]);
    assertEquals(screen, "ready\r\n^Ccode 130");
  },
});

Deno.test({
  name: `openTerminal still prompts, more than once, after narrow${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    const code = `host.narrow({ net: false, run: false });
      for (const question of ["one? ", "two? "]) {
        const device = host.openTerminal();
        device.write(question);
        await device.read();
        device.close();
      }
      Deno.exit();`;
    const command = [Deno.execPath(), ...program(code)].map(word).join(" ");
    const { code: ended } = await onTerminal(`${command} 2>/dev/null`, [
      ["one? ", "\n"],
      ["two? ", "\n"],
    ]);
    assertEquals(ended, 0);
  },
});

Deno.test({
  name: `narrow drops the program permission on any terminal without a prompt${NO_TERMINAL}`,
  ignore: NO_PTY !== undefined,
  async fn() {
    using host = testHost();
    host.write(
      "narrows.ts",
      `import { realHost } from ${JSON.stringify(import.meta.resolve("../../lib/host/real.ts"))};
       const host = realHost();
       for (const ask of [true, false]) {
         host.narrow({ net: false, run: false, ask });
         console.log(Deno.permissions.querySync({ name: "run" }).state === "granted");
       }`,
    );
    // With less than all permissions, and stderr redirected, a program shows the prompt.
    const allowed = "--no-prompt --allow-read --allow-env --allow-net --allow-run";
    const path = word(host.path("narrows.ts"));
    const { screen } = await onTerminal(
      `${word(Deno.execPath())} run ${allowed} ${path} 2>/dev/null`,
      [],
    );
    assertEquals(screen, "true\r\nfalse\r\n");
  },
});

testUnless(
  Deno.build.os === "linux" ? undefined : "no setsid",
  "openTerminal reports that there is no terminal",
  async () => {
    // setsid removes the controlling terminal, if the tests have one.
    const { stdout } = await new Deno.Command("setsid", {
      args: ["-w", Deno.execPath(), ...asks],
      stdin: "null",
    }).output();
    assertMatch(text(stdout), /^no terminal$/);
  },
);

posixTest(
  "variables are UTF-16",
  "replace forwards variables that are not UTF-8, except those that the program must not have",
  () => {
    const shown = 'printf "%s,%s,%s" "$FOO" "$GONE" "$UNREADABLE" | od -An -tx1';
    const code = `Deno.exit(await host.replace({ command: "sh", args: ["-c", ${
      JSON.stringify(shown)
    }], env: { PATH: host.env.PATH }, unset: ["UNREADABLE"] }));`;
    const line = [Deno.execPath(), ...program(code)].map(word).join(" ");
    const { stdout } = new Deno.Command("sh", {
      args: [
        "-c",
        `GONE=x FOO="$(printf '\\377')" UNREADABLE="$(printf '\\376')" exec ${line}`,
      ],
    }).outputSync();
    assertEquals(text(stdout), " ff 2c 2c\n");
  },
);
