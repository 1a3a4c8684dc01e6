/**
 * The npm packages: `eac-cli`, a launcher, and one package per platform with its program. npm installs
 * the one that matches `os`, `cpu` and `libc`; no script runs at installation.
 *
 * @module
 */

import { type Entry, tarGz } from "../archive.ts";
import {
  nodePlatform,
  NPM_PACKAGE,
  npmPlatformPackage,
  npmTarballName,
  programName,
} from "../assets.ts";
import { type Target, TARGETS } from "../denort.ts";
import { LICENSE, SUMMARY } from "./about.ts";

/** A tarball for `npm publish`. */
export interface Tarball {
  /** The file's name. */
  readonly name: string;
  /** Its `package.json`. */
  readonly manifest: { readonly name: string; readonly version: string };
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What all packages have in common. */
export interface NpmRelease {
  readonly version: string;
  readonly homepage: string;
  /** The time of every file, in seconds since 1970. */
  readonly epoch: number;
  readonly license: Uint8Array<ArrayBuffer>;
}

/** The package with the program of a target. */
export function npmPlatformTarball(
  release: NpmRelease,
  target: Target,
  program: Uint8Array<ArrayBuffer>,
): Promise<Tarball> {
  const { os, cpu } = nodePlatform(target);
  const manifest = {
    ...common(release, npmPlatformPackage(target)),
    description: `The program of ${NPM_PACKAGE} for ${os} on ${cpu}`,
    os: [os],
    cpu: [cpu],
    libc: target.os === "linux" ? ["glibc"] : undefined,
    preferUnplugged: true, // Yarn would leave the program in a zip file, where it cannot run
  };
  const file = { path: programName(target), bytes: program, executable: true };
  return tarball(release, manifest, [file]);
}

/** The package that users install, with the files `launcher.mjs` and `README.md`. */
export function npmTarball(
  release: NpmRelease,
  launcher: Uint8Array<ArrayBuffer>,
  readme: Uint8Array<ArrayBuffer>,
): Promise<Tarball> {
  const manifest = {
    ...common(release, NPM_PACKAGE),
    description: SUMMARY,
    keywords: ["aws", "credentials", "mfa", "sts", "cli"],
    bin: { eac: "launcher.mjs" },
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(
      TARGETS.map((target) => [npmPlatformPackage(target), release.version]),
    ),
  };
  return tarball(release, manifest, [
    { path: "launcher.mjs", bytes: launcher, executable: true },
    { path: "README.md", bytes: readme },
  ]);
}

function common({ version, homepage }: NpmRelease, name: string) {
  const repository = { type: "git", url: `git+${homepage}.git` };
  return { name, version, homepage, repository, license: LICENSE };
}

async function tarball(
  { epoch, license }: NpmRelease,
  manifest: Tarball["manifest"],
  files: readonly Entry[],
): Promise<Tarball> {
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  const entries: Entry[] = [
    { path: "package.json", bytes: json },
    { path: "LICENSE", bytes: license },
    ...files,
  ];
  return {
    name: npmTarballName(manifest.name, manifest.version),
    manifest,
    bytes: await tarGz(entries.map((one) => ({ ...one, path: `package/${one.path}` })), epoch),
  };
}
