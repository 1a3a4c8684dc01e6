/**
 * `deno task compile [--target T...] [--all] [--out DIR]`: compiles one executable per target and packs
 * it with its license and checksum. The same commit gives the same bytes.
 *
 * Environment: `DENO_FOR_COMPILE` names another Deno to compile with; `DENORT_BIN` the base binary, if
 * it cannot be downloaded; `SOURCE_DATE_EPOCH` the time of every file (default: the last commit's);
 * `EAC_SIGN` a script that signs a binary before packing.
 *
 * @module
 */

import { VERSION } from "../lib/version.ts";
import { type Entry, sha256, tarGz, zip } from "./archive.ts";
import { archiveName, folderName, programName } from "./assets.ts";
import { bundle } from "./bundle.ts";
import {
  type Compiler,
  findCompiler,
  findDenort,
  knows,
  refuseDenort,
  type Target,
  TARGETS,
} from "./denort.ts";

const ROOT = new URL("../", import.meta.url);

/** The program's permissions, and why it needs each. */
export const PERMISSIONS = [
  "--no-prompt", // a missing permission is an error, never a question
  "--allow-read", // variables can move the AWS files anywhere; custom strategies are files
  "--allow-write", // the same files, through symbolic links
  "--allow-env", // exec passes the environment to its child
  "--allow-net", // endpoint_url, private endpoints and proxies can have any name
  "--allow-run", // exec, console, mfa_process, credential_process
  "--allow-sys=uid,homedir", // who owns a custom strategy; os.homedir() in one
];

/** On Windows, opening the console device (CONIN$) needs all permissions. */
const WINDOWS_PERMISSIONS = ["--no-prompt", "--allow-all"];

/** The parsed command line. */
interface Request {
  readonly targets: readonly Target[];
  readonly out: string;
}

/** The inputs of a compilation that do not depend on the target. */
export interface Build {
  readonly compiler: Compiler;
  /** The time of every embedded file, in seconds since 1970. */
  readonly epoch: number;
  /** The base binary; absent: `DENORT_BIN`, or what Deno downloads. */
  readonly denort?: string | undefined;
}

function readRequest(args: readonly string[], compiler: Compiler): Request {
  const triples: string[] = [];
  let all = false;
  let out = "dist";
  for (let at = 0; at < args.length; at++) {
    const [option, joined] = args[at]!.split("=", 2);
    const value = () => joined ?? args[++at] ?? refuse(`${option} needs a value`);
    if (option === "--all") all = true;
    else if (option === "--target") triples.push(value());
    else if (option === "--out") out = value();
    else refuse(`unknown option ${option}; the options are --target T, --all and --out DIR`);
  }
  const known = TARGETS.filter((target) => knows(compiler, target));
  if (all) return { targets: known, out };
  if (triples.length === 0) triples.push(Deno.build.target);
  const targets = triples.map((triple) =>
    known.find((target) => target.triple === triple) ??
      refuse(
        `Deno ${compiler.version} compiles ${known.map((one) => one.triple).join(", ")}; ` +
          `not ${triple}`,
      )
  );
  return { targets, out };
}

function refuse(message: string): never {
  throw new Error(message);
}

/** The time of the last commit, in seconds since 1970. */
export function sourceDateEpoch(): number {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  if (given !== undefined) return Number(given);
  const { success, stdout } = new Deno.Command("git", {
    args: ["log", "-1", "--format=%ct"],
    cwd: ROOT,
  }).outputSync();
  if (!success) refuse("no git history; set SOURCE_DATE_EPOCH to the time of the sources");
  return Number(new TextDecoder().decode(stdout));
}

/**
 * Compiles a folder of JavaScript into one executable; `files` are embedded, `entry` runs first.
 *
 * @throws {Error} with a one-line message if no base binary matches
 */
export function compile(
  folder: string,
  files: readonly string[],
  entry: string,
  target: Target,
  binary: string,
  { compiler, epoch, denort = Deno.env.get("DENORT_BIN") }: Build,
): void {
  if (denort !== undefined) {
    const wrong = refuseDenort(Deno.readFileSync(denort), target, compiler);
    if (wrong) refuse(`DENORT_BIN ${denort} ${wrong}`);
  }
  // File times become part of the executable.
  for (const file of files) Deno.utimeSync(`${folder}/${file}`, epoch, epoch);
  const env: Record<string, string> = { NO_COLOR: "1" };
  if (denort !== undefined) env.DENORT_BIN = denort;
  const { success, stderr } = new Deno.Command(compiler.path, {
    args: [
      "compile",
      "--quiet",
      "--no-check",
      "--no-lock",
      "--no-remote",
      "--no-code-cache", // Deno would run bytecode from the temp folder without checking its owner
      // A run ends before code compiled on another thread could help, yet waits for that thread.
      "--v8-flags=--no-concurrent-sparkplug",
      "--config=deno.json",
      ...(target.os === "windows" ? WINDOWS_PERMISSIONS : PERMISSIONS),
      ...files.map((file) => `--include=${file}`),
      `--target=${target.triple}`,
      `--output=${binary}`,
      entry,
    ],
    cwd: folder,
    env,
    stdin: "null",
    stdout: "null",
  }).outputSync();
  if (success) return;
  const words = new TextDecoder().decode(stderr).trim();
  if (!/\/denort-\S+\.zip/.test(words)) refuse(words);
  refuse(
    `the base binary for ${target.triple} cannot be downloaded; ` +
      `put a denort of Deno ${compiler.version} here and name it in DENORT_BIN`,
  );
}

/**
 * Compiles a program of this repository, by default for this machine, for tests of the executable.
 *
 * @throws {Error} with a one-line message if no base binary is available
 */
export async function compileHere(
  entry: string,
  binary: string,
  target: Target = here(),
): Promise<void> {
  const chunks = Deno.makeTempDirSync({ prefix: "eac-compile-" });
  try {
    const files = await bundle(entry, chunks);
    compile(chunks, files, entry.replace(/\.ts$/, ".js"), target, binary, hereBuild(target));
  } finally {
    Deno.removeSync(chunks, { recursive: true });
  }
}

/** Compiles one line of JavaScript for this machine: the cost of any program. */
export function compileLine(line: string, binary: string, target: Target = here()): void {
  const folder = Deno.makeTempDirSync({ prefix: "eac-compile-" });
  try {
    Deno.writeTextFileSync(`${folder}/line.js`, line);
    Deno.writeTextFileSync(`${folder}/deno.json`, "{}");
    compile(folder, ["line.js"], "line.js", target, binary, hereBuild(target));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The target for this machine. */
export function here(): Target {
  return TARGETS.find((target) => target.triple === Deno.build.target) ??
    refuse(`${Deno.build.target} is not a target`);
}

function hereBuild(target: Target): Build {
  const means = findDenort(true, target.triple);
  if ("reason" in means) refuse(means.reason);
  const { DENO_FOR_COMPILE, DENORT_BIN } = means.env;
  return { compiler: findCompiler(DENO_FOR_COMPILE), epoch: sourceDateEpoch(), denort: DENORT_BIN };
}

/** Signs a binary with the bash script that `EAC_SIGN` names, if it is set. */
function sign(binary: string): void {
  const script = Deno.env.get("EAC_SIGN");
  if (!script) return;
  const { success } = new Deno.Command("bash", {
    args: [script, binary],
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  if (!success) refuse(`${script} did not sign ${binary}`);
}

/** Packs a binary with its license, README, manual page and completions; returns the bytes of the archive. */
function pack(
  name: string,
  binary: string,
  target: Target,
  { epoch }: Build,
): Promise<Uint8Array<ArrayBuffer>> {
  const entries: Entry[] = [
    {
      path: `${name}/${programName(target)}`,
      bytes: Deno.readFileSync(binary),
      executable: true,
    },
    ...["LICENSE", "README.md", "docs/eac.1"].map((file) => ({
      path: `${name}/${file.replace("docs/", "")}`,
      bytes: Deno.readFileSync(new URL(file, ROOT)),
    })),
    ...completions().map((one) => ({ ...one, path: `${name}/completions/${one.path}` })),
  ];
  return (target.os === "windows" ? zip : tarGz)(entries, epoch);
}

/** The completion scripts that the program prints. */
function completions(): Entry[] {
  try {
    Deno.statSync(new URL("lib/commands/completion.ts", ROOT));
  } catch {
    return [];
  }
  const files = {
    bash: "eac.bash",
    zsh: "_eac",
    fish: "eac.fish",
    powershell: "eac.ps1",
    nu: "eac.nu",
  };
  return Object.entries(files).map(([shell, path]) => {
    const { success, stdout } = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "main.ts", "completion", shell],
      cwd: ROOT,
    }).outputSync();
    if (!success) refuse(`completion ${shell} failed`);
    return { path, bytes: stdout };
  });
}

async function main(args: readonly string[]): Promise<void> {
  const compiler = findCompiler();
  const { targets, out } = readRequest(args, compiler);
  const build: Build = { compiler, epoch: sourceDateEpoch() };
  const chunks = Deno.makeTempDirSync({ prefix: "eac-compile-" });
  try {
    const files = await bundle("main.ts", chunks);
    const sums: string[] = [];
    for (const target of targets) {
      Deno.mkdirSync(`${out}/${target.triple}`, { recursive: true });
      const folder = Deno.realPathSync(`${out}/${target.triple}`);
      const binary = `${folder}/${programName(target)}`;
      compile(chunks, files, "main.js", target, binary, build);
      sign(binary);
      const archive = archiveName(VERSION, target);
      const packed = await pack(folderName(VERSION, target), binary, target, build);
      await Deno.writeFile(`${out}/${archive}`, packed);
      sums.push(`${await sha256(packed)}  ${archive}\n`);
      console.log(`${out}/${archive}`);
    }
    Deno.writeTextFileSync(`${out}/SHA256SUMS`, sums.join(""));
  } finally {
    Deno.removeSync(chunks, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(`compile: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
