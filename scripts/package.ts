/**
 * `deno task package [DIR]`: makes packages of the archives that `deno task compile` put in DIR (default:
 * dist): npm packages in `DIR/npm`, and a .deb and an .rpm for each Linux. Needs tar, unzip and nfpm. The
 * same archives give the same bytes.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { sha256 } from "./archive.ts";
import {
  LINUX_FORMATS,
  type LinuxFormat,
  linuxPackageName,
  parseArchiveName,
  programName,
} from "./assets.ts";
import { sourceDateEpoch } from "./compile.ts";
import { type Target } from "./denort.ts";
import { homepage } from "./packages/about.ts";
import { debianChangelog, type LinuxRelease, NFPM_VERSION, nfpmConfig } from "./packages/linux.ts";
import { npmPlatformTarball, type NpmRelease, npmTarball } from "./packages/npm.ts";

const ROOT = new URL("../", import.meta.url);

/** An archive, unpacked. */
interface Unpacked {
  readonly version: string;
  readonly target: Target;
  /** The folder with the program. */
  readonly folder: string;
}

function read(path: string | URL): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(path);
}

/** Runs a program; throws what it printed if it fails. */
function run(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
  }).outputSync();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr).trim()}`);
}

function unpack(dist: string, archive: string, work: string): Unpacked | undefined {
  const parsed = parseArchiveName(archive);
  if (!parsed) return undefined;
  const path = `${dist}/${archive}`;
  if (archive.endsWith(".zip")) run("unzip", "-q", path, "-d", work);
  else run("tar", "-xzf", path, "-C", work);
  return { ...parsed, folder: `${work}/${archive.replace(/\.(tar\.gz|zip)$/, "")}` };
}

async function makeNpm(all: readonly Unpacked[], release: NpmRelease, out: string) {
  Deno.mkdirSync(out, { recursive: true });
  const write = ({ name, bytes }: { name: string; bytes: Uint8Array }) => {
    Deno.writeFileSync(`${out}/${name}`, bytes);
    console.log(`${out}/${name}`);
  };
  for (const { target, folder } of all) {
    const program = read(`${folder}/${programName(target)}`);
    write(await npmPlatformTarball(release, target, program));
  }
  const launcher = read(new URL("packages/launcher.mjs", import.meta.url));
  write(await npmTarball(release, launcher, read(new URL("README.md", ROOT))));
}

/**
 * Makes the .deb or .rpm of a Linux target from its unpacked archive.
 *
 * @throws {Error} if nfpm is not installed or fails
 */
export function makeLinuxPackage(
  format: LinuxFormat,
  release: LinuxRelease,
  target: Target,
  folder: string,
  out: string,
): void {
  // Debian's policy asks for the highest level, which CompressionStream does not offer.
  const gzip = (file: string, bytes: string | Uint8Array) =>
    Deno.writeFileSync(`${folder}/${file}.gz`, gzipSync(bytes, { level: 9 }));
  gzip("eac.1", read(`${folder}/eac.1`));
  gzip("changelog", debianChangelog(release));
  const config = `${folder}/${format}.json`;
  Deno.writeTextFileSync(config, nfpmConfig(format, release, target, folder));
  try {
    run("nfpm", "package", "-f", config, "-p", format, "-t", out);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const version = Deno.readTextFileSync(new URL(NFPM_VERSION, ROOT)).trim();
    throw new Error(`nfpm is not on the PATH; to install it: go install ${version}`);
  }
}

async function main([dist = "dist"]: readonly string[]): Promise<void> {
  const work = Deno.makeTempDirSync({ prefix: "eac-package-" });
  try {
    const names = [...Deno.readDirSync(dist)].map((entry) => entry.name).sort();
    const all = names.flatMap((name) => unpack(dist, name, work) ?? []);
    const version = all[0]?.version;
    if (version === undefined) throw new Error(`${dist} has no archives; run: deno task compile`);
    if (all.some((one) => one.version !== version)) {
      throw new Error(`${dist} has archives of several versions`);
    }
    const release = { version, homepage: homepage(), epoch: sourceDateEpoch() };
    const license = read(new URL("LICENSE", ROOT));
    await makeNpm(all, { ...release, license }, `${dist}/npm`);
    const sums: string[] = [];
    for (const { target, folder } of all.filter((one) => one.target.os === "linux")) {
      for (const format of LINUX_FORMATS) {
        const name = linuxPackageName(format, version, target);
        makeLinuxPackage(format, release, target, folder, `${dist}/${name}`);
        sums.push(`${await sha256(read(`${dist}/${name}`))}  ${name}\n`);
        console.log(`${dist}/${name}`);
      }
    }
    addSums(`${dist}/SHA256SUMS`, sums);
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}

/** Adds lines to SHA256SUMS in place of older ones for the same files. */
function addSums(path: string, added: readonly string[]): void {
  const names = new Set(added.map((line) => line.split("  ")[1]));
  const kept = Deno.readTextFileSync(path).match(/.+\n/g) ?? [];
  const lines = kept.filter((line) => !names.has(line.split("  ")[1]));
  Deno.writeTextFileSync(path, [...lines, ...added].join(""));
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(`package: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
