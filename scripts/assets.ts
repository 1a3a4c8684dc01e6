/**
 * The names of a release's files. Installers, package managers and users find a file by its name,
 * so they are defined here once.
 *
 * @module
 */

import { type Target, TARGETS } from "./denort.ts";

/** The platform part of an archive's name. */
export function platformOf({ os, arch }: Target): string {
  return `${os}-${arch}`;
}

/** The archive of a target. */
export function archiveName(version: string, target: Target): string {
  return `${folderName(version, target)}${target.os === "windows" ? ".zip" : ".tar.gz"}`;
}

/** The folder inside the archive of a target. */
export function folderName(version: string, target: Target): string {
  return `eac-${version}-${platformOf(target)}`;
}

/** The program in the archive of a target. */
export function programName({ os }: Target): string {
  return os === "windows" ? "eac.exe" : "eac";
}

/** The target and version of an archive, from its name. */
export function parseArchiveName(
  name: string,
): { readonly version: string; readonly target: Target } | undefined {
  const version = /^eac-(.+)-[a-z]+-\w+\.(?:tar\.gz|zip)$/.exec(name)?.[1];
  if (version === undefined) return undefined;
  const target = TARGETS.find((one) => archiveName(version, one) === name);
  return target && { version, target };
}

/** The main npm package. */
export const NPM_PACKAGE = "eac-cli";

/** Node's `process.platform` and `process.arch`, which npm compares with `os` and `cpu`. */
export function nodePlatform({ os, arch }: Target): { readonly os: string; readonly cpu: string } {
  return {
    os: { linux: "linux", macos: "darwin", windows: "win32" }[os],
    cpu: { x86_64: "x64", aarch64: "arm64" }[arch],
  };
}

/** The npm package with the program of a target. */
export function npmPlatformPackage(target: Target): string {
  const { os, cpu } = nodePlatform(target);
  return `@eac-cli/${os}-${cpu}`;
}

/** The tarball of an npm package, as `npm pack` names it. */
export function npmTarballName(npmPackage: string, version: string): string {
  return `${npmPackage.replace("@", "").replace("/", "-")}-${version}.tgz`;
}

/** The formats of Linux packages. */
export const LINUX_FORMATS = ["deb", "rpm"] as const;
export type LinuxFormat = typeof LINUX_FORMATS[number];

/** The package of a Linux target, named as Debian and Red Hat name theirs. */
export function linuxPackageName(format: LinuxFormat, version: string, { arch }: Target): string {
  if (format === "rpm") return `eac-${version}-1.${arch}.rpm`;
  return `eac_${version}_${debArch(arch)}.deb`;
}

/** Debian's name of an architecture, which is also Go's and Docker's. */
export function debArch(arch: Target["arch"]): "amd64" | "arm64" {
  return arch === "x86_64" ? "amd64" : "arm64";
}
