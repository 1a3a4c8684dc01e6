/** `scripts/compile.ts` and its parts: the base binary, the archives, the same bytes twice. */

import { type Entry, sha256, tarGz, zip } from "../../scripts/archive.ts";
import { findDenort, knows, machineOf, refuseDenort, TARGETS } from "../../scripts/denort.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const LINUX = TARGETS[0]!;

function bytes(...parts: (number | string)[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : [part]),
  );
}

/** The start of an executable for Linux on x86_64, with these words in it. */
function elf(...words: string[]): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(64);
  header.set(bytes("\x7fELF"));
  header[0x12] = 62;
  return Uint8Array.from([...header, ...bytes(...words)]);
}

const COMPILER = { path: "deno", version: "2.9.6" };
const EMPTY = "Could not find standalone binary section";

Deno.test("compile refuses a DENORT_BIN for another machine", () => {
  const reason = refuseDenort(elf(EMPTY, "Deno/2.9.6"), TARGETS[3]!, COMPILER);
  assertEquals(reason, "is for linux x86_64, not for macos aarch64");
});

Deno.test("compile refuses a DENORT_BIN that is not an executable", () => {
  assertEquals(
    refuseDenort(bytes("#!/bin/sh\n".padEnd(80)), LINUX, COMPILER),
    "is no executable, not for linux x86_64",
  );
});

Deno.test("compile refuses a DENORT_BIN that is the deno executable", () => {
  assertEquals(refuseDenort(elf("Deno/2.9.6"), LINUX, COMPILER), "is not a denort");
});

Deno.test("compile refuses a DENORT_BIN of another version than the deno that compiles", () => {
  assertEquals(
    refuseDenort(elf(EMPTY, "Deno/2.6.10"), LINUX, COMPILER),
    "is not of Deno 2.9, which compiles (deno)",
  );
});

Deno.test("compile accepts a matching DENORT_BIN", () => {
  assertEquals(refuseDenort(elf(EMPTY, "Deno/2.9.2"), LINUX, COMPILER), undefined);
});

Deno.test("compile distinguishes executables of Linux, macOS and Windows", () => {
  const macho = new Uint8Array(64);
  macho.set([0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1]);
  const pe = new Uint8Array(256);
  pe.set(bytes("MZ"));
  pe[0x3c] = 0x80;
  pe.set([...bytes("PE\0\0"), 0x64, 0x86], 0x80);
  assertEquals(machineOf(macho), { os: "macos", arch: "aarch64" });
  assertEquals(machineOf(pe), { os: "windows", arch: "x86_64" });
  assertEquals(machineOf(elf("")), { os: "linux", arch: "x86_64" });
});

Deno.test("compile offers Windows on aarch64 from Deno 2.9.3", () => {
  const arm = TARGETS.find((one) => one.triple === "aarch64-pc-windows-msvc")!;
  const at = (version: string) => knows({ path: "deno", version }, arm);
  assertEquals([at("2.6.8"), at("2.9.2"), at("2.9.3"), at("2.10.0"), at("3.0.0")], [
    false,
    false,
    true,
    true,
    true,
  ]);
});

const ENTRIES: Entry[] = [
  { path: "eac-1/eac", bytes: bytes("a program"), executable: true },
  { path: "eac-1/README.md", bytes: bytes("x".repeat(1000)) },
];
const EPOCH = 1_700_000_000; // 2023-11-14 22:13:20 UTC

/** What an archive holds, as another program reads it. */
async function unpack(name: string, archive: Uint8Array, ...command: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${name}`, archive);
    const [program, ...args] = command;
    const { stdout } = await new Deno.Command(program!, {
      args,
      cwd: folder,
      env: { TZ: "UTC", LC_ALL: "C" },
    }).output();
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const has = (program: string, ...args: string[]) => {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
};

testUnless(
  has("tar", "--version") ? undefined : "no tar",
  "tarGz writes archives that tar reads: paths, modes, times, content",
  async () => {
    const archive = await tarGz(ENTRIES, EPOCH);
    const listing = await unpack("a.tar.gz", archive, "tar", "tvzf", "a.tar.gz");
    assertMatch(listing, /^-rwxr-xr-x \S+\s+.*9 .*2023.* eac-1\/eac$/m);
    assertMatch(listing, /^-rw-r--r-- \S+\s+.*1000 .*2023.* eac-1\/README\.md$/m);
    const content = await unpack("a.tar.gz", archive, "tar", "xzOf", "a.tar.gz", "eac-1/eac");
    assertEquals(content, "a program");
  },
);

const READ_ZIP = `
import zipfile
archive = zipfile.ZipFile("a.zip")
assert archive.testzip() is None
for one in archive.infolist():
    print(one.filename, oct(one.external_attr >> 16), one.date_time, len(archive.read(one)))
`;
import { testUnless } from "../support/ignored.ts";

testUnless(
  has("python3", "--version") ? undefined : "no Python",
  "zip writes archives that other programs read: paths, modes, times, checksums, content",
  async () => {
    assertEquals(
      await unpack("a.zip", await zip(ENTRIES, EPOCH), "python3", "-c", READ_ZIP),
      "eac-1/eac 0o100755 (2023, 11, 14, 22, 13, 20) 9\n" +
        "eac-1/README.md 0o100644 (2023, 11, 14, 22, 13, 20) 1000\n",
    );
  },
);

Deno.test("archives of the same files are identical", async () => {
  assertEquals(await tarGz(ENTRIES, EPOCH), await tarGz(ENTRIES, EPOCH));
  assertEquals(await zip(ENTRIES, EPOCH), await zip(ENTRIES, EPOCH));
});

Deno.test("sha256 prints the same as sha256sum", async () => {
  assertEquals(
    await sha256(bytes("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

const COMPILE = new URL("../../scripts/compile.ts", import.meta.url).href;

async function compile(args: string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", COMPILE, ...args],
    env: { NO_COLOR: "1", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("compile lists its targets in one line", async () => {
  const { code, stderr } = await compile(["--target", "sparc-sun-solaris"], {});
  assertEquals(code, 1);
  assertEquals(stderr.trim().split("\n").length, 1);
  assertStringIncludes(stderr, "x86_64-unknown-linux-gnu");
  assertStringIncludes(stderr, "not sparc-sun-solaris");
});

const means = findDenort();

Deno.test({
  name: "compile is reproducible, and its checksums are right" +
    ("reason" in means ? ` (ignored: ${means.reason})` : ""),
  ignore: "reason" in means,
  fn: async () => {
    assert("env" in means);
    const sums: string[] = [];
    for (let run = 0; run < 2; run++) {
      const out = await Deno.makeTempDir();
      try {
        const { code, stdout, stderr } = await compile(["--out", out], means.env);
        assertEquals(code, 0, stderr);
        const list = await Deno.readTextFile(`${out}/SHA256SUMS`);
        const [sum, name] = list.trim().split("  ");
        assertEquals(stdout.trim(), `${out}/${name}`);
        assertEquals(await sha256(await Deno.readFile(`${out}/${name}`)), sum);
        sums.push(list);
      } finally {
        await Deno.remove(out, { recursive: true });
      }
    }
    assertEquals(sums[0], sums[1]);
  },
});
