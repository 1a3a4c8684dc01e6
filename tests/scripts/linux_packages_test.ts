/** The .deb and .rpm, as Debian's and Red Hat's own tools read and install them. */

import { LINUX_FORMATS, linuxPackageName } from "../../scripts/assets.ts";
import { TARGETS } from "../../scripts/denort.ts";
import { makeLinuxPackage } from "../../scripts/package.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const RELEASE = { version: "1.2.3", homepage: "https://github.com/example/eac", epoch: 1.7e9 };
const TARGET = TARGETS.find((one) => one.os === "linux" && one.arch === Deno.build.arch)!;

/** The files of an archive that go into a package. */
const FILES = {
  "eac": '#!/bin/sh\necho "eac 1.2.3"\n',
  "eac.1": ".TH EAC 1\n",
  "LICENSE": "MIT License\n",
  "README.md": "# eac\n",
  "completions/eac.bash": "complete -F _eac eac\n",
  "completions/_eac": "#compdef eac\n",
  "completions/eac.fish": "complete -c eac\n",
};

/** Where both packages put them. */
const INSTALLED = [
  "/usr/bin/eac",
  "/usr/share/bash-completion/completions/eac",
  "/usr/share/fish/vendor_completions.d/eac.fish",
  "/usr/share/man/man1/eac.1.gz",
];

function run(program: string, ...args: string[]) {
  const { code, stdout, stderr } = new Deno.Command(program, {
    args,
    env: { LC_ALL: "C", TZ: "UTC" },
  }).outputSync();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function has(program: string): boolean {
  try {
    return run(program, "--version").code === 0;
  } catch {
    return false;
  }
}

/** A test with the packages in a folder; ignored, with the reason in its name, without the tools. */
function packageTest(name: string, tools: string[], fn: (folder: string) => Promise<void> | void) {
  const missing = Deno.build.os === "linux"
    ? ["nfpm", ...tools].find((tool) => tool === "root" ? Deno.uid() !== 0 : !has(tool))
    : "Linux";
  Deno.test({
    name: missing === undefined ? name : `${name} (ignored: needs ${missing})`,
    ignore: missing !== undefined,
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        makePackages(folder);
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

function makePackages(folder: string): void {
  Deno.mkdirSync(`${folder}/unpacked/completions`, { recursive: true });
  for (const [path, content] of Object.entries(FILES)) {
    Deno.writeTextFileSync(`${folder}/unpacked/${path}`, content);
  }
  for (const format of LINUX_FORMATS) {
    const out = `${folder}/eac.${format}`;
    makeLinuxPackage(format, RELEASE, TARGET, `${folder}/unpacked`, out);
  }
}

packageTest("the .deb names what it needs and has a manual, completions, license", [
  "dpkg-deb",
], (folder) => {
  const control = run("dpkg-deb", "--field", `${folder}/eac.deb`).stdout;
  const { arch } = TARGET;
  assertMatch(control, /^Package: eac$/m);
  assertMatch(control, /^Version: 1\.2\.3$/m);
  assertMatch(control, /^Depends: libc6 \(>= 2\.27\), libgcc-s1/m);
  assertMatch(control, arch === "x86_64" ? /^Architecture: amd64$/m : /^Architecture: arm64$/m);
  const listing = run("dpkg-deb", "--contents", `${folder}/eac.deb`).stdout;
  for (
    const path of [
      ...INSTALLED,
      "/usr/share/zsh/vendor-completions/_eac",
      "/usr/share/doc/eac/copyright",
      "/usr/share/doc/eac/changelog.gz",
    ]
  ) {
    assertMatch(listing, new RegExp(`^-rw.r-.r-. root/root .* \\.${path}$`, "m"));
  }
  assertMatch(listing, /^-rwxr-xr-x .* \.\/usr\/bin\/eac$/m);
});

packageTest("the .rpm names what it needs and has a manual, completions, license", [
  "rpm",
], (folder) => {
  // Debian's rpm would keep its database in HOME.
  const query = (...args: string[]) =>
    run("rpm", "--dbpath", `${folder}/db`, "-qp", ...args, `${folder}/eac.rpm`).stdout;
  assertEquals(
    query("--queryformat", "%{NAME} %{VERSION}-%{RELEASE} %{ARCH} %{LICENSE}"),
    `eac 1.2.3-1 ${TARGET.arch} MIT`,
  );
  assertStringIncludes(query("--requires"), "libc.so.6(GLIBC_2.27)(64bit)\n");
  const listing = query("--list");
  for (
    const path of [
      ...INSTALLED,
      "/usr/share/zsh/site-functions/_eac",
      "/usr/share/licenses/eac/LICENSE",
    ]
  ) {
    assertStringIncludes(listing, `${path}\n`);
  }
});

packageTest("dpkg installs the .deb, which runs, and removes it", ["dpkg", "root"], (folder) => {
  const root = `${folder}/root`;
  Deno.mkdirSync(`${root}/var/lib/dpkg/info`, { recursive: true });
  Deno.mkdirSync(`${root}/var/lib/dpkg/updates`);
  Deno.writeTextFileSync(`${root}/var/lib/dpkg/status`, "");
  const dpkg = (...args: string[]) => run("dpkg", `--root=${root}`, "--force-depends", ...args);
  const installed = dpkg("--install", `${folder}/eac.deb`);
  assertEquals(installed.code, 0, installed.stderr);
  assertEquals(run(`${root}/usr/bin/eac`).stdout, "eac 1.2.3\n");
  assertEquals(dpkg("--verify", "eac").stdout, "");
  assertEquals(dpkg("--remove", "eac").code, 0);
  assertEquals(run("find", root, "-name", "*eac*").stdout, "");
});

packageTest("rpm installs the .rpm, which runs, and removes it", ["rpm", "root"], (folder) => {
  const rpm = (...args: string[]) => run("rpm", "--root", `${folder}/root`, ...args);
  Deno.mkdirSync(`${folder}/root`);
  const installed = rpm("--install", "--nodeps", `${folder}/eac.rpm`);
  assertEquals(installed.code, 0, installed.stderr);
  assertEquals(run(`${folder}/root/usr/bin/eac`).stdout, "eac 1.2.3\n");
  assertEquals(rpm("--verify", "--nodeps", "eac").stdout, "");
  assertEquals(rpm("--erase", "eac").code, 0);
  assertEquals(run("find", `${folder}/root`, "-type", "f", "-name", "*eac*").stdout, "");
});

packageTest("Linux packages of the same files are the same bytes", [], (folder) => {
  const before = LINUX_FORMATS.map((format) => Deno.readFileSync(`${folder}/eac.${format}`));
  makePackages(folder);
  for (const [index, format] of LINUX_FORMATS.entries()) {
    assertEquals(Deno.readFileSync(`${folder}/eac.${format}`), before[index]!);
  }
});

Deno.test("Linux packages have the names that apt and dnf users expect", () => {
  const names = TARGETS.filter((one) => one.os === "linux").flatMap((target) =>
    LINUX_FORMATS.map((format) => linuxPackageName(format, "1.2.3", target))
  );
  assertEquals(names, [
    "eac_1.2.3_amd64.deb",
    "eac-1.2.3-1.x86_64.rpm",
    "eac_1.2.3_arm64.deb",
    "eac-1.2.3-1.aarch64.rpm",
  ]);
});
