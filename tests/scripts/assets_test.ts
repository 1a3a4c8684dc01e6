/** The names of a release's files: everything that finds a file by its name expects the one it has. */

import {
  archiveName,
  LINUX_FORMATS,
  linuxPackageName,
  NPM_PACKAGE,
  npmPlatformPackage,
  npmTarballName,
  parseArchiveName,
  platformOf,
} from "../../scripts/assets.ts";
import { TARGETS } from "../../scripts/denort.ts";
import { manifests } from "../../scripts/manifests.ts";
import { NFPM_VERSION } from "../../scripts/packages/linux.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { posixTest } from "../support/posix.ts";

const ROOT = new URL("../../", import.meta.url);
const VERSION = "1.2.3";
const LINUX = TARGETS.filter((one) => one.os === "linux");
const ARCHIVES = TARGETS.map((target) => archiveName(VERSION, target));
const PACKAGES = LINUX.flatMap((target) =>
  LINUX_FORMATS.map((format) => linuxPackageName(format, VERSION, target))
);
const NPM_TARBALLS = [NPM_PACKAGE, ...TARGETS.map(npmPlatformPackage)]
  .map((name) => npmTarballName(name, VERSION));

function page(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT)).replaceAll("\r\n", "\n");
}

/** The names that a shell's pattern matches. */
function matching(pattern: string, names: readonly string[]): string[] {
  const source = pattern.replaceAll(".", "\\.").replaceAll("*", ".*");
  return names.filter((name) => new RegExp(`^${source}$`).test(name));
}

Deno.test("an archive's name contains its version and target; other names are rejected", () => {
  for (const version of [VERSION, "0.10.0-rc.1", "2.0.0-linux-x86_64"]) {
    for (const target of TARGETS) {
      assertEquals(parseArchiveName(archiveName(version, target)), { version, target });
    }
  }
  const others = ["SHA256SUMS", "eac-1.2.3-linux-sparc.tar.gz", "eac-1.2.3-windows-x86_64.tar.gz"];
  for (const name of [...PACKAGES, ...NPM_TARBALLS, ...others]) {
    assertEquals(parseArchiveName(name), undefined);
  }
});

Deno.test("only archives have the name of a system, by which mise and others choose them", () => {
  for (const name of PACKAGES) assert(!/linux|macos|darwin|windows/.test(name), name);
});

Deno.test("the manifests have every archive's name", () => {
  const sums = ARCHIVES.map((name) => `${"0".repeat(64)}  ${name}\n`).join("");
  const all = Object.values(manifests(sums, "https://github.com/example/eac")).join("");
  for (const name of ARCHIVES) assertStringIncludes(all, `/v${VERSION}/${name}"`.slice(0, -1));
});

Deno.test("install.ps1 looks for the archives of Windows", () => {
  const script = page("scripts/install.ps1");
  for (const target of TARGETS.filter((one) => one.os === "windows")) {
    const name = archiveName("$wanted", target).replace(".zip", "\\.zip");
    assertStringIncludes(script, name.replace(target.arch, "$arch"));
    assertStringIncludes(script, `'${target.arch}'`);
  }
});

posixTest(
  "no POSIX shell",
  "install.sh downloads the archive of each system and architecture",
  async () => {
    const wanted: string[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const name = new URL(request.url).pathname.slice(1);
      if (name === "SHA256SUMS") {
        return new Response(
          [...PACKAGES, ...ARCHIVES].map((one) => `${"0".repeat(64)}  ${one}\n`).join(""),
        );
      }
      wanted.push(name);
      return new Response("not found", { status: 404 });
    });
    const folder = await Deno.makeTempDir();
    try {
      for (
        const [system, machine] of [
          ["Linux", "x86_64"],
          ["Linux", "aarch64"],
          ["Darwin", "x86_64"],
          ["Darwin", "arm64"],
        ]
      ) {
        const uname = `#!/bin/sh\n[ "$1" = -s ] && echo ${system} || echo ${machine}\n`;
        await Deno.writeTextFile(`${folder}/uname`, uname, { mode: 0o755 });
        await new Deno.Command("sh", {
          args: [new URL("scripts/install.sh", ROOT).pathname],
          env: {
            PATH: `${folder}:${Deno.env.get("PATH")}`,
            HOME: folder,
            TMPDIR: folder,
            EAC_BASE_URL: `http://127.0.0.1:${server.addr.port}`,
          },
          stderr: "null",
        }).output();
      }
    } finally {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    }
    assertEquals(wanted, ARCHIVES.filter((name) => !name.endsWith(".zip")));
  },
);

Deno.test("release.yml compiles every target, and tests each archive on its system", () => {
  const text = page(".github/workflows/release.yml");
  const triples = [...text.matchAll(/targets: (.+)/g)].flatMap((line) => line[1]!.split(" "));
  assertEquals(triples.toSorted(), TARGETS.map((one) => one.triple).sort());
  const tried = [...text.matchAll(/name: ((?:linux|macos|windows)-\w+) \}/g)].map((one) => one[1]!);
  assertEquals(tried.toSorted(), TARGETS.map(platformOf).sort());
  assertStringIncludes(text, "../dist/eac-*-${{ matrix.name }}.*");
  for (const [index, name] of TARGETS.map(platformOf).entries()) {
    assertEquals(matching(`eac-*-${name}.*`, [...ARCHIVES, ...PACKAGES]), [ARCHIVES[index]!]);
  }
});

Deno.test("release.yml installs and publishes the packages by their names", () => {
  const text = page(".github/workflows/release.yml");
  assertStringIncludes(text, 'dist/eac_*_"$(dpkg --print-architecture)".deb');
  assertEquals(matching("eac_*_arm64.deb", PACKAGES), ["eac_1.2.3_arm64.deb"]);
  assertStringIncludes(text, "/dist/eac-*.x86_64.rpm");
  assertEquals(matching("eac-*.x86_64.rpm", PACKAGES), ["eac-1.2.3-1.x86_64.rpm"]);
  assertStringIncludes(
    text,
    '../dist/npm/eac-cli-"$platform"-*.tgz ../dist/npm/eac-cli-[0-9]*.tgz',
  );
  assertEquals(matching("eac-cli-win32-x64-*.tgz", NPM_TARBALLS).length, 1);
  assertEquals(matching("eac-cli-[0-9]*.tgz", NPM_TARBALLS), ["eac-cli-1.2.3.tgz"]);
  assertStringIncludes(text, "dist/eac[-_]* ");
  assertEquals(matching("eac[-_]*", [...ARCHIVES, ...PACKAGES]), [...ARCHIVES, ...PACKAGES]);
});

Deno.test("the workflows and CI install the nfpm that the packages are made with", () => {
  for (const file of [".github/workflows/release.yml", ".github/workflows/ci.yml", ".ci/run"]) {
    assertMatch(page(file), new RegExp(`go install "\\$\\((cat |<)${NFPM_VERSION}\\)"`));
    assert(!/nfpm@/.test(page(file)), `${file} names a version of its own`);
  }
});

Deno.test("the container image takes the archives of Linux", () => {
  const pattern = /tar -xzf \/archives\/(\S+)/.exec(page("scripts/packages/Dockerfile"))?.[1];
  for (const target of LINUX) {
    const names = matching(pattern!.replace('"$arch"', target.arch), ARCHIVES);
    assertEquals(names, [archiveName(VERSION, target)]);
  }
});

Deno.test("docs/install.md names files that a release has", () => {
  const text = page("docs/install.md").replaceAll("VERSION", VERSION);
  const named = new Set(text.match(/\beac[-_]1\.2\.3[\w.-]*\.(?:tar\.gz|zip|deb|rpm)/g));
  assert(named.size >= 3, "docs/install.md names no files");
  for (const name of named) assert([...ARCHIVES, ...PACKAGES].includes(name), name);
  assertStringIncludes(text, `npm install -g ${NPM_PACKAGE}`);
});
