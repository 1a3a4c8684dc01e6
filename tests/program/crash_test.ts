/**
 * Whatever happens to the process, the disk or the files while eac writes: a shared file is either
 * the old one or the new one, and no foreign byte changes.
 */

import { EditableIni } from "../../lib/config/ini_edit.ts";
import { rewriteFile } from "../../lib/config/rewrite.ts";
import { startEmulator } from "../../lib/emulator/emulator.ts";
import { EacError } from "../../lib/errors.ts";
import type { Host } from "../../lib/host/host.ts";
import { ioError } from "../../lib/host/files.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { WORLD } from "../support/world.ts";
import { isWine, posixTest } from "../support/posix.ts";
import { testUnless } from "../support/ignored.ts";

const windows = Deno.build.os === "windows";

/**
 * A file with much foreign content: comments, odd bytes, both line endings, no final line break.
 */
const FOREIGN = new Uint8Array([
  ...new TextEncoder().encode(
    "# keys of the team; do not sort\r\n[alice]\r\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\r\n" +
      "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\r\n\n# latin-1: caf",
  ),
  0xe9,
  ...new TextEncoder().encode(
    "\n[bob]\ns3 =\n  max_queue = 10\n  # why\nregion=eu-west-1   \n\n" +
      Array.from({ length: 200 }, (_, n) => `[team-${n}]\nregion = eu-west-${n}\n`).join("\n") +
      "[last]\nregion = x",
  ),
]);

/** The edit of the writer, for the child and for the test. */
function edit(document: EditableIni, count: number): void {
  if (count % 5 === 0) return document.removeSection("dest");
  document.setProperties("dest", {
    aws_access_key_id: `ASIA${count}`,
    aws_secret_access_key: `secret-${count}`.repeat(1 + count % 7),
    aws_session_token: `token-${count}`.repeat(20),
    expiration: `${count}`,
  });
}

/** A program that rewrites one file forever, and reports when it has started. */
const WRITER = `
  import { rewriteFile } from ${url("../../lib/config/rewrite.ts")};
  import { realHost } from ${url("../../lib/host/real.ts")};
  const edit = ${edit};
  const host = realHost();
  const [file, start] = Deno.args;
  for (let count = Number(start);; count++) {
    await rewriteFile(host, file, (document) => edit(document, count));
    if (count === Number(start)) Deno.stdout.writeSync(new Uint8Array(1));
  }`;

function url(path: string): string {
  return JSON.stringify(new URL(path, import.meta.url).href);
}

/** In wine a start takes a second. */
const KILLS = isWine() ? 60 : 500;

Deno.test(`a writer killed with -9, ${KILLS} times, leaves the old file or the new one`, async () => {
  using host = testHost();
  host.write("writer.ts", WRITER);
  // Bundled, it starts in half the time, and it is started five hundred times.
  const program = host.path("writer.js");
  const bundled = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "-q", host.path("writer.ts"), "-o", program],
    cwd: new URL("../../", import.meta.url),
  }).output();
  assert(bundled.success, new TextDecoder().decode(bundled.stderr));
  const files = ["one", "two"].map((name) => host.path(`${name}/credentials`));
  for (const file of files) {
    host.makeFolder(file.replace(/[/\\][^/\\]*$/, ""), 0o700);
    host.createFile(file, FOREIGN, 0o600);
  }

  let kills = 0;
  let next = 0;
  const seen = { without: 0, with: 0 };
  /** Starts a writer and kills it a moment after its first write. */
  const killWriter = async (file: string) => {
    const start = 1000 * next + next++ % 5;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", "--no-lock", "--no-check", program, file, `${start}`],
      env: { HOME: host.home, EAC_HOME: host.path("eac") },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    const first = await reader.read();
    assert(!first.done, "the writer could not write");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    child.kill("SIGKILL");
    await Promise.all([child.status, reader.cancel()]);
    kills++;
    seen[checkWhole(host, file)]++;
  };
  // Two writers per file: the lock of a killed one must be free for the other.
  const lanes = [...files, ...files].map(async (file) => {
    while (next < KILLS) await killWriter(file);
  });
  await Promise.all(lanes);

  assertEquals(kills, KILLS);
  assert(seen.without > 0 && seen.with > 0, "every kill came at the same point");
  // A writer removes what an earlier one left, so only the last kill of a file can show it: some are
  // killed before the rename, else this test would show nothing.
  for (let more = 0; more < KILLS && files.every((file) => leftovers(host, file).length === 0);) {
    await killWriter(files[more++ % files.length]!);
  }
  // In wine, which kills more slowly than a write takes, hardly any kill comes within one.
  const isLeft = files.some((file) => leftovers(host, file).length > 0);
  assert(isLeft || isWine(), "no kill came within a write");
  for (const file of files) {
    const at: TestHost = { ...host, now: () => host.time };
    await rewriteFile(at, file, (document) => document.setProperty("after", "region", "x"));
    assertEquals(leftovers(host, file), []);
  }
});

/** Asserts that the file is the result of `edit` on the foreign bytes, with or without a count. */
function checkWhole(host: Host, file: string): "without" | "with" {
  const bytes = host.readFile(file)!;
  const document = EditableIni.parse(bytes, file);
  const count = document.get("dest", "expiration");
  const expected = EditableIni.parse(FOREIGN, file);
  // The first write ends the last line, and an emptied section leaves that behind.
  edit(expected, 1);
  edit(expected, Number(count ?? 0));
  if (count === undefined && bytes.length === FOREIGN.length) assertEquals(bytes, FOREIGN);
  else assertEquals(new TextDecoder().decode(bytes), new TextDecoder().decode(expected.toBytes()));
  return count === undefined ? "without" : "with";
}

function leftovers(host: Host, file: string): string[] {
  const folder = file.replace(/\/[^/]*$/, "");
  return host.list(folder).filter((name) => name.endsWith(".tmp"))
    .map((name) => `${folder}/${name}`);
}

// Errors of the system at each point of a write.

const KEYS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
# mine
`;
const CONFIG = `[profile p]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
destination_profile = p-temp
`;

/** Everything under HOME except caches, locks and similar files. */
function tree({ home }: TestHost): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (folder: string, prefix: string) => {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
      const path = `${prefix}${name}`;
      if (["eac", ".aws/eac", ".aws/cli"].includes(path)) continue;
      if (isDirectory) look(`${folder}/${name}`, `${path}/`);
      else if (isSymlink) found[path] = `-> ${Deno.readLinkSync(`${folder}/${name}`)}`;
      else found[path] = Deno.readTextFileSync(`${folder}/${name}`);
    }
  };
  look(home, "");
  return found;
}

/** Runs `eac get p` on a machine with those faults. */
async function getOn(
  host: TestHost,
  faults: Partial<Host> = {},
  argv: readonly string[] = ["get", "p"],
): Promise<number> {
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    return await run(argv, { ...host, now: () => host.time, ...faults }, strategies);
  } finally {
    await emulator.stop();
  }
}

function machine(): TestHost {
  return testHost({ home: { ".aws/config": CONFIG, ".aws/credentials": KEYS } });
}

/** An operation of the Host that fails on the shared files with Deno's error. */
function failing(host: TestHost, operation: keyof Host, code: string, action: string) {
  const work = host[operation] as (...args: unknown[]) => unknown;
  return {
    [operation]: (path: string, ...rest: unknown[]) => {
      const cause = Object.assign(new Error(`${code} (os error 0)`), { code });
      const ours = /credentials[^/\\]*$|[/\\]locks[/\\][^/\\]*$/.test(path);
      if (ours) throw ioError(action, path, cause);
      return work(path, ...rest);
    },
  } as Partial<Host>;
}

const FAILURES: readonly [operation: keyof Host, action: string, codes: readonly string[]][] = [
  ["createFile", "create", [
    "ENOSPC",
    "EDQUOT",
    "EROFS",
    "EACCES",
    "EIO",
    "EMFILE",
    "ENAMETOOLONG",
  ]],
  ["createFile", "write", ["ENOSPC", "EDQUOT", "EIO", "EFBIG"]],
  ["rename", "replace", ["EACCES", "EPERM", "EXDEV", "EBUSY", "ENOSPC", "EROFS", "ESTALE"]],
  ["lock", "take the lock", ["ENOLCK", "ENOTSUP", "EIO", "ESTALE"]],
  ["lock", "open the lock", ["EACCES", "EROFS", "ENOSPC"]],
  ["readFile", "read", ["EACCES", "EIO", "ESTALE", "EISDIR"]],
  ["stat", "look at", ["EACCES", "EIO", "ELOOP"]],
  ["realPath", "follow", ["EACCES", "ELOOP"]],
];

for (const [operation, action, codes] of FAILURES) {
  Deno.test(`get loses nothing when the system refuses to ${action}: ${codes.join(", ")}`, async () => {
    for (const code of codes) {
      using host = machine();
      const before = tree(host);
      const exit = await getOn(host, failing(host, operation, code, action));
      const { stdout, stderr } = host.printed;
      assertEquals([exit, stdout, tree(host)], [7, "", before], `${code}: ${stderr}`);
      assertMatch(
        stderr,
        new RegExp(`error: cannot ${action} .*[/\\\\](credentials|\\.credentials|locks[/\\\\])`),
      );
      assert(!/os error|unexpected failure/.test(stderr), stderr);
    }
  });
}

Deno.test("get prints credentials that it cannot cache, with a warning", async () => {
  for (const code of ["ENOSPC", "EROFS", "EACCES"]) {
    using host = machine();
    const refuse = (action: string) => (path: string) => {
      throw ioError(action, path, Object.assign(new Error(code), { code }));
    };
    const faults = { makeFolder: refuse("make the folder"), createFile: refuse("create") };
    assertEquals(await getOn(host, faults, ["get", "p", "--print"]), 0, host.printed.stderr);
    assertMatch(host.printed.stdout, /export AWS_SESSION_TOKEN='/);
    assertMatch(host.printed.stderr, /warning: .*could not be cached/);
  }
});

const NO_MOUNT: string | undefined = (() => {
  if (Deno.build.os !== "linux") return "tmpfs is Linux's";
  if (Deno.uid() !== 0) return "only root mounts a small disk";
  const folder = Deno.makeTempDirSync({ prefix: "eac-test-" });
  try {
    if (!mount(folder)) return "mounting is not allowed here";
    new Deno.Command("umount", { args: [folder] }).outputSync();
    return undefined;
  } finally {
    Deno.removeSync(folder);
  }
})();

function mount(folder: string, options = "size=16k"): boolean {
  const args = ["-t", "tmpfs", "-o", options, "tmpfs", folder];
  try {
    return new Deno.Command("mount", { args }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "get loses nothing on a disk that is full" + (NO_MOUNT ? ` (ignored: ${NO_MOUNT})` : ""),
  ignore: NO_MOUNT !== undefined,
  async fn() {
    using host = machine();
    const disk = host.path("disk");
    host.makeFolder(disk, 0o700);
    assert(mount(disk));
    try {
      // Space for the existing file, and for nothing more.
      const file = `${disk}/credentials`;
      const text = KEYS + "# and more\n".repeat(800);
      Deno.writeTextFileSync(file, text, { mode: 0o600 });
      host.env.AWS_SHARED_CREDENTIALS_FILE = file;
      assertEquals(
        await getOn(host, {
          createFile: (path, bytes, mode) =>
            // The real operation, though the test's host guards its folder.
            host.createFile(path, bytes, mode),
        }),
        7,
      );
      assertMatch(host.printed.stderr, /error: cannot write .*: the disk is full/);
      assertMatch(host.printed.stderr, /hint: free some space, then run the command again/);
      assertEquals(Deno.readTextFileSync(file), text);
      assertEquals([...Deno.readDirSync(disk)].map(({ name }) => name), ["credentials"]);
    } finally {
      new Deno.Command("umount", { args: [disk] }).outputSync();
    }
  },
});

Deno.test({
  name: "get loses nothing on a file system that is read-only" +
    (NO_MOUNT ? ` (ignored: ${NO_MOUNT})` : ""),
  ignore: NO_MOUNT !== undefined,
  async fn() {
    using host = machine();
    const disk = host.path("disk");
    host.makeFolder(disk, 0o700);
    assert(mount(disk, "size=1m"));
    try {
      const file = `${disk}/credentials`;
      Deno.writeTextFileSync(file, KEYS, { mode: 0o600 });
      const args = ["-o", "remount,ro", disk];
      assert(new Deno.Command("mount", { args }).outputSync().success);
      host.env.AWS_SHARED_CREDENTIALS_FILE = file;
      assertEquals(await getOn(host), 7);
      assertMatch(host.printed.stderr, /the file system is read-only/);
      assertEquals(Deno.readTextFileSync(file), KEYS);
    } finally {
      new Deno.Command("umount", { args: [disk] }).outputSync();
    }
  },
});

testUnless(
  windows ? "no file modes" : Deno.uid() === 0 ? "root may write there" : undefined,
  "get loses nothing in a read-only folder",
  async () => {
    using host = machine();
    host.makeFolder(host.path("eac"), 0o700);
    host.env.EAC_HOME = host.path("eac");
    const before = tree(host);
    Deno.chmodSync(host.path(".aws"), 0o500);
    const exit = await getOn(host);
    Deno.chmodSync(host.path(".aws"), 0o700);
    assertEquals([exit, tree(host)], [7, before], host.printed.stderr);
  },
);

posixTest("no file modes", "get does not change a read-only file", async () => {
  using host = machine();
  const path = host.path(".aws/credentials");
  Deno.chmodSync(path, 0o400);
  assertEquals(await getOn(host), 7);
  assertMatch(host.printed.stderr, /error: cannot write .*: it is read-only/);
  assertMatch(host.printed.stderr, /hint: .*chmod u\+w /);
  assertEquals([host.text(".aws/credentials"), host.stat(path)?.mode], [KEYS, 0o400]);
});

// What may be in place of the files.

posixTest(
  "links need privileges",
  "get writes through a .aws that is a symbolic link, and keeps the link",
  async () => {
    using host = machine();
    Deno.renameSync(host.path(".aws"), host.path("dotfiles"));
    Deno.symlinkSync("dotfiles", host.path(".aws"));
    assertEquals(await getOn(host), 0, host.printed.stderr);
    assertEquals(Deno.readLinkSync(host.path(".aws")), "dotfiles");
    const text = host.text("dotfiles/credentials")!;
    assert(text.startsWith(KEYS));
    assertMatch(text, /\[p-temp\]/);
    assertEquals(host.list(host.path("dotfiles")), ["config", "credentials", "eac"]);
  },
);

posixTest(
  "links need privileges",
  "get reports a folder, a loop or a broken path in place of the credentials file",
  async () => {
    const places: readonly [make: (path: string) => void, error: RegExp][] = [
      [(path) => Deno.mkdirSync(path), /cannot read .*credentials: it is a folder/],
      [(path) => Deno.symlinkSync("credentials", path), /its symbolic links form a loop/],
    ];
    for (const [make, error] of places) {
      using host = machine();
      const path = host.path(".aws/credentials");
      Deno.removeSync(path);
      make(path);
      assertEquals(await getOn(host), 7, host.printed.stderr);
      assertMatch(host.printed.stderr, error);
      assertEquals(host.list(host.path(".aws")), ["config", "credentials"]);
    }
    using host = machine();
    Deno.removeSync(host.path(".aws"), { recursive: true });
    Deno.writeTextFileSync(host.path(".aws"), "not a folder");
    // No files, as without a home; the file that is there stays.
    assertEquals(await getOn(host), 3, host.printed.stderr);
    assertMatch(host.printed.stderr, /there is no profile "p"/);
    assertEquals(host.text(".aws"), "not a folder");
  },
);

Deno.test("get keeps what another program wrote during the call to AWS", async () => {
  using host = machine();
  const theirs = `${KEYS}[theirs]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n`;
  const exit = await getOn(host, {
    http: (request) => {
      host.write(".aws/credentials", theirs);
      return host.http(request);
    },
  });
  assertEquals(exit, 0, host.printed.stderr);
  assert(host.text(".aws/credentials")!.startsWith(theirs));
});

Deno.test("get stores in the new file if another program replaced it meanwhile", async () => {
  using host = machine();
  const theirs = `# another file altogether\n${KEYS}`;
  let once = true;
  const exit = await getOn(host, {
    createFile: (path, bytes, mode) => {
      host.createFile(path, bytes, mode);
      if (!path.includes("credentials.eac-") || !once) return;
      once = false;
      host.write("theirs", theirs);
      Deno.renameSync(host.path("theirs"), host.path(".aws/credentials"));
    },
  });
  assertEquals(exit, 0, host.printed.stderr);
  const text = host.text(".aws/credentials")!;
  assert(text.startsWith(theirs));
  assertMatch(text, /\[p-temp\]/);
});

Deno.test("get stores nothing in a file that another program damaged meanwhile", async () => {
  using host = machine();
  const broken = `${KEYS}[half`;
  const exit = await getOn(host, {
    http: (request) => {
      host.write(".aws/credentials", broken);
      return host.http(request);
    },
  });
  assertEquals(exit, 3);
  assertMatch(host.printed.stderr, /this section line does not end with "\]" \(.*credentials:5\)/);
  assertEquals(host.text(".aws/credentials"), broken);
});

Deno.test("a lock held by another process is an error after a time limit, and nothing is written", async () => {
  using host = machine();
  const before = tree(host);
  const blocked: Partial<Host> = { lock: () => Promise.resolve(undefined) };
  const path = host.path(".aws/credentials");
  const error = await assertRejects(
    () =>
      rewriteFile({ ...host, ...blocked }, path, (document) => {
        document.setProperty("x", "region", "y");
      }),
    EacError,
  );
  assertEquals(error.code, "io");
  assertMatch(error.message, /has been writing .* for more than 10 s/);
  assertEquals(tree(host), before);
});
