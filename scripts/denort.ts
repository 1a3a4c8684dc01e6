/**
 * The two programs that a compilation needs: a Deno that compiles, and the base binary (denort) to
 * which it appends the program.
 *
 * @module
 */

import { cachedBaseBinary } from "./base_binary.ts";
import { exists } from "./exists.ts";

/** A platform to compile for. */
export interface Target {
  readonly triple: string;
  /** The name in our archives. */
  readonly os: "linux" | "macos" | "windows";
  readonly arch: "x86_64" | "aarch64";
  /** The first Deno version that supports it. */
  readonly since?: readonly [major: number, minor: number, patch: number];
}

/** All targets of a release. */
export const TARGETS: readonly Target[] = [
  { triple: "x86_64-unknown-linux-gnu", os: "linux", arch: "x86_64" },
  { triple: "aarch64-unknown-linux-gnu", os: "linux", arch: "aarch64" },
  { triple: "x86_64-apple-darwin", os: "macos", arch: "x86_64" },
  { triple: "aarch64-apple-darwin", os: "macos", arch: "aarch64" },
  { triple: "x86_64-pc-windows-msvc", os: "windows", arch: "x86_64" },
  { triple: "aarch64-pc-windows-msvc", os: "windows", arch: "aarch64", since: [2, 9, 3] },
];

/** A Deno to compile with. */
export interface Compiler {
  readonly path: string;
  /** `2.9.6` */
  readonly version: string;
}

/** Finds the compiler and its version: `DENO_FOR_COMPILE`, otherwise the Deno that runs this script. */
export function findCompiler(
  path = Deno.env.get("DENO_FOR_COMPILE") ?? Deno.execPath(),
): Compiler {
  const { stdout } = new Deno.Command(path, { args: ["--version"] }).outputSync();
  const version = /^deno (\d+\.\d+\.\d+)/.exec(new TextDecoder().decode(stdout))?.[1];
  if (version === undefined) throw new Error(`not a Deno executable: ${path}`);
  return { path, version };
}

/** True if this compiler supports the target. */
export function knows(compiler: Compiler, target: Target): boolean {
  const have = compiler.version.split(".").map(Number);
  const want = target.since ?? [0, 0, 0];
  for (const [index, number] of want.entries()) {
    if (have[index] !== number) return have[index]! > number;
  }
  return true;
}

/** The platform of an executable; `undefined` for an unknown format. */
export function machineOf(bytes: Uint8Array): Pick<Target, "os" | "arch"> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 0x40) return undefined;
  const of = (os: Target["os"], code: number, x86_64: number, aarch64: number) =>
    code === x86_64
      ? { os, arch: "x86_64" as const }
      : code === aarch64
      ? { os, arch: "aarch64" as const }
      : undefined;
  // ELF: e_machine. Mach-O, 64 bits: cputype. PE: the machine behind the "PE" signature.
  if (view.getUint32(0) === 0x7f454c46) return of("linux", view.getUint16(0x12, true), 62, 183);
  if (view.getUint32(0, true) === 0xfeedfacf) {
    return of("macos", view.getUint32(4, true), 0x01000007, 0x0100000c);
  }
  const pe = view.getUint32(0x3c, true);
  if (view.getUint16(0) === 0x4d5a && pe + 6 <= bytes.length && view.getUint32(pe) === 0x50450000) {
    return of("windows", view.getUint16(pe + 4, true), 0x8664, 0xaa64);
  }
  return undefined;
}

/**
 * Why a file cannot be the base binary for this target and compiler; `undefined` if it can. Deno does
 * not check `DENORT_BIN`, and a program on the wrong base fails at start.
 */
export function refuseDenort(
  bytes: Uint8Array,
  target: Target,
  compiler: Compiler,
): string | undefined {
  const machine = machineOf(bytes);
  if (machine?.os !== target.os || machine.arch !== target.arch) {
    const is = machine ? `is for ${machine.os} ${machine.arch}` : "is no executable";
    return `${is}, not for ${target.os} ${target.arch}`;
  }
  if (indexOf(bytes, "Could not find standalone binary section") < 0) return "is not a denort";
  const line = compiler.version.split(".").slice(0, 2).join(".");
  if (denoLineOf(bytes) !== line) {
    return `is not of Deno ${line}, which compiles (${compiler.path})`;
  }
  return undefined;
}

/** The Deno release line, such as `2.9`, of a denort or a compiled program. */
export function denoLineOf(bytes: Uint8Array): string | undefined {
  const at = indexOf(bytes, "Deno/");
  const text = new TextDecoder().decode(bytes.subarray(at, at + 20));
  return /^Deno\/(\d+\.\d+)\.\d/.exec(text)?.[1];
}

/** The index of a text in the bytes, or -1. */
function indexOf(bytes: Uint8Array, text: string): number {
  const wanted = new TextEncoder().encode(text);
  let at = bytes.indexOf(wanted[0]!);
  while (at >= 0 && !wanted.every((byte, index) => bytes[at + index] === byte)) {
    at = bytes.indexOf(wanted[0]!, at + 1);
  }
  return at;
}

/** The environment that `deno compile` needs on this machine, or the reason it cannot work. */
export type Means = { readonly env: Readonly<Record<string, string>> } | {
  readonly reason: string;
};

/**
 * Looks for a base binary for a target: `DENORT_BIN`, one of npm's that `base_binary.ts` has fetched, or
 * one that Deno has downloaded. Nothing is fetched, unless `prepare` is true: then Deno may download.
 */
export function findDenort(prepare = false, triple: string = Deno.build.target): Means {
  if (Deno.env.has("DENORT_BIN")) return { env: {} };
  const cached = cachedBaseBinary(triple);
  if (cached !== undefined) return { env: cached };
  const { path, version } = findCompiler();
  const cache = /^\s*DENO_DIR location:\s*(.*)$/m.exec(
    new TextDecoder().decode(
      new Deno.Command(path, { args: ["info"], env: { NO_COLOR: "1" } }).outputSync().stdout,
    ),
  )?.[1];
  const archive = `${cache}/dl/release/v${version}/denort-${triple}.zip`;
  if (prepare || exists(archive)) return { env: {} };
  return { reason: `no base binary of Deno ${version} here, and DENORT_BIN names none` };
}
