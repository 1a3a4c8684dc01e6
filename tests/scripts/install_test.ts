/** `scripts/install.sh`, `install.ps1` and `manifests.ts`, against a server on loopback. */

import { sha256, tarGz, zip } from "../../scripts/archive.ts";
import { manifests } from "../../scripts/manifests.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const SCRIPTS = new URL("../../scripts/", import.meta.url);
const OS = Deno.build.os === "darwin" ? "macos" : Deno.build.os;
const ARCH = Deno.build.arch;
const EPOCH = 1_700_000_000;

/** Files by path, served on loopback like a GitHub release. */
type Release = Map<string, Uint8Array<ArrayBuffer>>;

const text = (value: string) => new TextEncoder().encode(value);

/** A release whose program is a script that prints its version. */
async function release(version: string): Promise<Release> {
  const name = `eac-${version}-${OS}-${ARCH}`;
  const archive = await tarGz([
    {
      path: `${name}/eac`,
      bytes: text(`#!/bin/sh\n[ "$1" = --version ] && echo "eac ${version}"\n`),
      executable: true,
    },
  ], EPOCH);
  const others = ["linux-sparc", "plan9-x86_64"].map((one) =>
    `${"0".repeat(64)}  eac-${version}-${one}.tar.gz\n`
  );
  const sums = `${others.join("")}${await sha256(archive)}  ${name}.tar.gz\n`;
  return new Map([["/SHA256SUMS", text(sums)], [`/${name}.tar.gz`, archive]]);
}

interface Attempt {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Every file in the home folder afterwards. */
  readonly files: string[];
  readonly home: string;
  /** The content of `~/.local/bin/eac`. */
  readonly program: string | undefined;
}

/** Runs the installer in an empty home folder, against this release. */
async function install(
  served: Release,
  options: {
    env?: Record<string, string>;
    /** Executable files by path. */
    before?: Record<string, string>;
    /** Symbolic links by path, to folders in the home folder. */
    links?: Record<string, string>;
  } = {},
): Promise<Attempt> {
  const home = await Deno.makeTempDir();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const bytes = served.get(new URL(request.url).pathname);
    return bytes ? new Response(bytes) : new Response("not found", { status: 404 });
  });
  try {
    for (const [path, content] of Object.entries(options.before ?? {})) {
      await Deno.mkdir(`${home}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${home}/${path}`, content, { mode: 0o755 });
    }
    for (const [path, target] of Object.entries(options.links ?? {})) {
      await Deno.symlink(`${home}/${target}`, `${home}/${path}`);
    }
    await Deno.mkdir(`${home}/tmp`);
    const path = `${home}/fakes:${Deno.env.get("PATH")}`;
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: [new URL("install.sh", SCRIPTS).pathname],
      clearEnv: true,
      env: {
        HOME: home,
        PATH: path,
        TMPDIR: `${home}/tmp`,
        EAC_BASE_URL: `http://127.0.0.1:${server.addr.port}`,
        ...options.env,
      },
    }).output();
    const decoder = new TextDecoder();
    const files = filesBelow(home).filter((file) => !file.startsWith("fakes/"));
    const program = files.includes(".local/bin/eac") && !options.links
      ? await Deno.readTextFile(`${home}/.local/bin/eac`)
      : undefined;
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
      files,
      home,
      program,
    };
  } finally {
    await server.shutdown();
    await Deno.remove(home, { recursive: true });
  }
}

function filesBelow(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${below}`)].flatMap((entry) =>
    entry.isDirectory ? filesBelow(folder, `${below}${entry.name}/`) : [below + entry.name]
  ).sort();
}

const ignore = Deno.build.os === "windows";
/** Why a test is ignored, for its name. */
const IGNORED = ignore ? " (ignored on Windows: no POSIX shell)" : "";

Deno.test({
  name: "install.sh installs the latest release in ~/.local/bin and prints the path" + IGNORED,
  ignore,
  fn: async () => {
    const done = await install(await release("1.2.3"));
    assertEquals(done.code, 0, done.stderr);
    assertStringIncludes(done.stdout, `eac 1.2.3 in ${done.home}/.local/bin/eac\n`);
    assertStringIncludes(done.stdout, "not in your PATH");
    assertEquals(done.files, [".local/bin/eac"]);
  },
});

Deno.test({
  name: "install.sh does not mention PATH when it contains the folder" + IGNORED,
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const env = { EAC_INSTALL_DIR: folder, PATH: `${Deno.env.get("PATH")}:${folder}` };
    try {
      const done = await install(await release("1.2.3"), { env });
      assertStringIncludes(done.stdout, `eac 1.2.3 in ${folder}/eac\n`);
      assert(!done.stdout.includes("PATH"), done.stdout);
      assertEquals(done.files, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "install.sh refuses an archive with a wrong checksum, and keeps the old program" + IGNORED,
  ignore,
  fn: async () => {
    const served = await release("1.2.3");
    const [name] = [...served.keys()].filter((path) => path.endsWith(".tar.gz"));
    served.set(name!, Uint8Array.from([...served.get(name!)!, 0]));
    const done = await install(served, { before: { ".local/bin/eac": "old" } });
    assertEquals(done.code, 1);
    assertMatch(
      done.stderr,
      /^install: the checksum of eac-1\.2\.3-\S+ is [0-9a-f]{64}, [^\n]*\n$/,
    );
    assertEquals([done.files, done.program], [[".local/bin/eac"], "old"]);
  },
});

Deno.test({
  name: "install.sh replaces an older program" + IGNORED,
  ignore,
  fn: async () => {
    const done = await install(await release("2.0.0"), { before: { ".local/bin/eac": "old" } });
    assertEquals(done.code, 0, done.stderr);
    assertStringIncludes(done.program!, "eac 2.0.0");
    assertEquals(done.files, [".local/bin/eac"]);
  },
});

Deno.test({
  name: "install.sh installs the version in EAC_VERSION" + IGNORED,
  ignore,
  fn: async () => {
    const served = await release("1.2.3");
    const done = await install(served, { env: { EAC_VERSION: "v1.2.3" } });
    assertEquals(done.code, 0, done.stderr);
    const other = await install(served, { env: { EAC_VERSION: "1.2.30" } });
    assertEquals(other.code, 1);
    assertStringIncludes(other.stderr, `no archive for ${OS} ${ARCH}, version 1.2.30`);
    assertEquals(other.files, []);
  },
});

Deno.test({
  name: "install.sh names an unsupported system or architecture" + IGNORED,
  ignore,
  fn: async () => {
    const uname = (machine: string) =>
      `#!/bin/sh\n[ "$1" = -s ] && echo ${machine.split(" ")[0]} || echo ${
        machine.split(" ")[1]
      }\n`;
    const served = await release("1.2.3");
    for (const [machine, words] of [["FreeBSD amd64", "FreeBSD"], ["Linux riscv64", "riscv64"]]) {
      const done = await install(served, { before: { "fakes/uname": uname(machine!) } });
      assertEquals([done.code, done.files], [1, []]);
      assertStringIncludes(done.stderr, `does not support ${words}`);
    }
  },
});

Deno.test({
  name: "install.sh says that eac does not run on a Linux with musl" + IGNORED,
  ignore: ignore || OS !== "linux",
  fn: async () => {
    const ldd = "#!/bin/sh\necho 'musl libc (x86_64)' >&2\nexit 1\n";
    const done = await install(await release("1.2.3"), { before: { "fakes/ldd": ldd } });
    assertEquals([done.code, done.files, done.stdout], [1, [], ""]);
    assertMatch(done.stderr, /^install: eac needs glibc, but this system has musl/);
  },
});

Deno.test({
  name: "install.sh installs nothing if the download fails or the program does not run" + IGNORED,
  ignore,
  fn: async () => {
    const served = await release("1.2.3");
    const [name] = [...served.keys()].filter((path) => path.endsWith(".tar.gz"));
    const broken = await tarGz([
      { path: `${name!.slice(1, -7)}/eac`, bytes: text("#!/nowhere\n"), executable: true },
    ], EPOCH);
    const sums = text(`${await sha256(broken)}  ${name!.slice(1)}\n`);
    const done = await install(new Map([["/SHA256SUMS", sums], [name!, broken]]));
    assertEquals([done.code, done.files], [1, []]);
    assertStringIncludes(done.stderr, "does not run on this system");

    served.delete(name!);
    const missing = await install(served);
    assertEquals([missing.code, missing.files], [1, []]);
    assertStringIncludes(missing.stderr, `install: cannot download http://`);
  },
});

Deno.test({
  name: "install.sh fails if the program's path is a folder, also through a symbolic link" +
    IGNORED,
  ignore,
  fn: async () => {
    const served = await release("1.2.3");
    const folder = await install(served, { before: { ".local/bin/eac/notes": "mine" } });
    assertEquals([folder.code, folder.files], [1, [".local/bin/eac/notes"]]);
    assertStringIncludes(folder.stderr, "/.local/bin/eac is a folder");
    const before = { "checkout/notes": "mine", ".local/bin/other": "" };
    const linked = await install(served, { before, links: { ".local/bin/eac": "checkout" } });
    assertEquals([linked.code, linked.files], [1, [
      ".local/bin/eac",
      ".local/bin/other",
      "checkout/notes",
    ]]);
  },
});

Deno.test({
  name: "install.sh removes its temp file if the program cannot be written" + IGNORED,
  ignore,
  fn: async () => {
    // A cp that fails halfway, as on a full disk; an mv that fails.
    for (const [tool, script] of [["cp", 'echo half >"$2"; exit 1'], ["mv", "exit 1"]] as const) {
      const before = { [`fakes/${tool}`]: `#!/bin/sh\n${script}\n`, ".local/bin/eac": "old" };
      const done = await install(await release("1.2.3"), { before });
      assert(done.code !== 0);
      assertEquals([done.files, done.program, done.stdout], [[".local/bin/eac"], "old", ""]);
    }
  },
});

const powershell = ["pwsh", "powershell"].find((program) => {
  try {
    // A stub, such as wine's, ends with 0.
    return new Deno.Command(program, { args: ["-NoProfile", "-Command", "exit 7"] })
      .outputSync().code === 7;
  } catch {
    return false;
  }
});

Deno.test({
  name: "install.ps1 installs an archive that matches SHA256SUMS, and refuses any other" +
    (powershell && Deno.build.os === "windows" ? "" : " (ignored: no PowerShell on Windows here)"),
  ignore: powershell === undefined || Deno.build.os !== "windows",
  fn: async () => {
    assert(powershell !== undefined);
    const folder = await Deno.makeTempDir();
    const name = `eac-1.2.3-windows-${ARCH}`;
    // Any program that accepts --version will do, such as the one that runs this test.
    const archive = await zip([
      { path: `${name}/eac.exe`, bytes: await Deno.readFile(Deno.execPath()) },
    ], EPOCH);
    let sum = await sha256(archive);
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const path = new URL(request.url).pathname;
      return new Response(path === "/SHA256SUMS" ? `${sum}  ${name}.zip\n` : archive);
    });
    const run = () =>
      new Deno.Command(powershell, {
        args: ["-NoProfile", "-File", new URL("install.ps1", SCRIPTS).pathname.slice(1)],
        env: {
          EAC_BASE_URL: `http://127.0.0.1:${server.addr.port}`,
          EAC_INSTALL_DIR: `${folder}\\bin`,
        },
      }).output();
    try {
      const done = await run();
      assertEquals(done.code, 0, new TextDecoder().decode(done.stderr));
      assertEquals(filesBelow(folder), ["bin/eac.exe"]);
      await Deno.remove(`${folder}\\bin\\eac.exe`);
      sum = "0".repeat(64);
      const refused = await run();
      assert(refused.code !== 0);
      assertEquals(filesBelow(folder), []);
    } finally {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

const SUMS = ["linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-aarch64"]
  .map((one, index) => `${String(index).repeat(64)}  eac-1.2.3-${one}.tar.gz\n`).join("") +
  `${"a".repeat(64)}  eac-1.2.3-windows-x86_64.zip\n` +
  `${"b".repeat(64)}  eac-1.2.3-windows-aarch64.zip\n`;

Deno.test("manifests have the checksum of every archive", () => {
  const made = manifests(SUMS, "https://github.com/example/eac");
  const base = "https://github.com/example/eac/releases/download/v1.2.3/eac-1.2.3-";
  const formula = made["homebrew/eac.rb"]!;
  for (const [index, one] of ["linux-x86_64", "linux-aarch64", "macos-x86_64"].entries()) {
    assertMatch(
      formula,
      new RegExp(`"${base}${one}.tar.gz"\\s+sha256 "${String(index).repeat(64)}"`),
    );
  }
  const scoop = JSON.parse(made["scoop/eac.json"]!);
  assertEquals(scoop.version, "1.2.3");
  assertEquals(scoop.architecture["64bit"], {
    url: `${base}windows-x86_64.zip`,
    hash: "a".repeat(64),
    extract_dir: "eac-1.2.3-windows-x86_64",
  });
  const winget = made["winget/eac-cli.eac.installer.yaml"]!;
  assertStringIncludes(winget, `InstallerUrl: ${base}windows-aarch64.zip`);
  assertStringIncludes(winget, `InstallerSha256: ${"B".repeat(64)}`);
});

Deno.test("manifests refuse checksums that are not of one complete release", () => {
  for (
    const [sums, words] of [
      ["", "archive"],
      [SUMS.replace("1.2.3-linux-x86_64", "1.2.4-linux-x86_64"), "1.2.4"],
      [SUMS.replace(/.*macos-aarch64.*\n/, ""), "macos-aarch64"],
    ] as const
  ) {
    let message = "";
    try {
      manifests(sums, "https://github.com/example/eac");
    } catch (error) {
      message = String(error);
    }
    assertStringIncludes(message, words);
  }
});

const RUBY = (() => {
  try {
    return new Deno.Command("ruby", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
})();

Deno.test({
  name: "the Homebrew formula is valid Ruby" + (RUBY ? "" : " (ignored: ruby is not installed)"),
  ignore: !RUBY,
  fn: async () => {
    const child = new Deno.Command("ruby", { args: ["-c"], stdin: "piped", stdout: "null" })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(text(manifests(SUMS, "https://github.com/example/eac")["homebrew/eac.rb"]!));
    await writer.close();
    assert((await child.status).success);
  },
});
