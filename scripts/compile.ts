/**
 * `deno task compile [--target T...] [--all] [--out DIR]`: one file per operating system, packed
 * with its licence and its checksum. The same commit gives the same bytes.
 *
 * Environment: `DENO_FOR_COMPILE` another Deno to compile with; `DENORT_BIN` the base binary, where
 * it cannot be downloaded; `SOURCE_DATE_EPOCH` the time on every file (the last commit's, without);
 * `EAC_SIGN` a script that signs a binary before it is packed.
 *
 * @module
 */

import { type Entry, sha256, tarGz, zip } from "./archive.ts";
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

/** What the program may do, and why; the README says it to those who run it. */
export const PERMISSIONS = [
  "--no-prompt", // a missing permission is an error, never a question
  "--allow-read", // variables move the files of AWS anywhere, and strategies are files of the user's
  "--allow-write", // the same files, through symbolic links
  "--allow-env", // exec hands the environment on to its child
  "--allow-net", // endpoint_url, private endpoints and proxies may have any name
  "--allow-run", // exec, console, mfa_process, credential_process
];

/** Windows lets nobody open the console device (CONIN$) with less than all. */
const WINDOWS_PERMISSIONS = ["--no-prompt", "--allow-all"];

/** What the command line asks for. */
interface Request {
  readonly targets: readonly Target[];
  readonly out: string;
}

/** What a compilation needs, whatever the target. */
export interface Build {
  readonly compiler: Compiler;
  /** The time on every file that is embedded, in seconds since 1970. */
  readonly epoch: number;
}

function readRequest(args: readonly string[], compiler: Compiler): Request {
  const triples: string[] = [];
  let all = false;
  let out = "dist";
  for (let at = 0; at < args.length; at++) {
    const [option, joined] = args[at]!.split("=", 2);
    const value = () => joined ?? args[++at] ?? refuse(`${option} wants a value`);
    if (option === "--all") all = true;
    else if (option === "--target") triples.push(value());
    else if (option === "--out") out = value();
    else refuse(`unknown option ${option}; there are --target T, --all and --out DIR`);
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

/** When the last commit was made, in seconds since 1970. */
export function sourceDateEpoch(): number {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  if (given !== undefined) return Number(given);
  const { success, stdout } = new Deno.Command("git", {
    args: ["log", "-1", "--format=%ct"],
    cwd: ROOT,
  }).outputSync();
  if (!success) refuse("no git history here; give the time of the sources as SOURCE_DATE_EPOCH");
  return Number(new TextDecoder().decode(stdout));
}

/**
 * Compiles a folder of JavaScript into one binary; `files` are embedded, `entry` is the first to run.
 *
 * @throws in one line, when there is no base binary that fits
 */
export function compile(
  folder: string,
  files: readonly string[],
  entry: string,
  target: Target,
  binary: string,
  { compiler, epoch }: Build,
): void {
  const denort = Deno.env.get("DENORT_BIN");
  if (denort !== undefined) {
    const wrong = refuseDenort(Deno.readFileSync(denort), target, compiler);
    if (wrong) refuse(`DENORT_BIN ${denort} ${wrong}`);
  }
  // The time of every file becomes a part of the binary.
  for (const file of files) Deno.utimeSync(`${folder}/${file}`, epoch, epoch);
  const { success, stderr } = new Deno.Command(compiler.path, {
    args: [
      "compile",
      "--quiet",
      "--no-check",
      "--no-lock",
      "--no-remote",
      "--no-code-cache", // bytecode from the temp folder would be run without a look at its owner
      // A run is over before code that another thread compiles meanwhile could serve it, and that
      // thread is waited for at the end; and, mostly, before its garbage is worth collecting.
      "--v8-flags=--no-concurrent-sparkplug,--min-semi-space-size=32",
      "--config=deno.json",
      ...(target.os === "windows" ? WINDOWS_PERMISSIONS : PERMISSIONS),
      ...files.map((file) => `--include=${file}`),
      `--target=${target.triple}`,
      `--output=${binary}`,
      entry,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
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
 * Compiles a program of this repository for this machine, for tests of what was compiled.
 *
 * @throws in one line, when there is no base binary and none can be had
 */
export async function compileHere(entry: string, binary: string): Promise<void> {
  const chunks = Deno.makeTempDirSync({ prefix: "eac-compile-" });
  try {
    const files = await bundle(entry, chunks);
    compile(chunks, files, entry.replace(/\.ts$/, ".js"), here(), binary, hereBuild());
  } finally {
    Deno.removeSync(chunks, { recursive: true });
  }
}

/** Compiles one line of JavaScript for this machine: what any program costs. */
export function compileLine(line: string, binary: string): void {
  const folder = Deno.makeTempDirSync({ prefix: "eac-compile-" });
  try {
    Deno.writeTextFileSync(`${folder}/line.js`, line);
    Deno.writeTextFileSync(`${folder}/deno.json`, "{}");
    compile(folder, ["line.js"], "line.js", here(), binary, hereBuild());
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** This machine, as a target. */
export function here(): Target {
  return TARGETS.find((target) => target.triple === Deno.build.target) ??
    refuse(`nothing is compiled for ${Deno.build.target}`);
}

function hereBuild(): Build {
  const means = findDenort(true);
  if ("reason" in means) refuse(means.reason);
  for (const [name, value] of Object.entries(means.env)) Deno.env.set(name, value);
  return { compiler: findCompiler(), epoch: sourceDateEpoch() };
}

/** Has `EAC_SIGN` sign a binary: a script of bash's that takes its path. Nothing without it. */
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

/** Packs a binary with what belongs beside it: the archive's bytes. */
function pack(
  name: string,
  binary: string,
  target: Target,
  { epoch }: Build,
): Promise<Uint8Array<ArrayBuffer>> {
  const windows = target.os === "windows";
  const entries: Entry[] = [
    {
      path: `${name}/${windows ? "eac.exe" : "eac"}`,
      bytes: Deno.readFileSync(binary),
      executable: true,
    },
    ...["LICENSE", "README.md"].map((file) => ({
      path: `${name}/${file}`,
      bytes: Deno.readFileSync(new URL(file, ROOT)),
    })),
    ...completions().map((one) => ({ ...one, path: `${name}/completions/${one.path}` })),
  ];
  return (windows ? zip : tarGz)(entries, epoch);
}

/** What the shells complete, as the source prints it; nothing while there is no such command. */
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
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const build: Build = { compiler, epoch: sourceDateEpoch() };
  const chunks = Deno.makeTempDirSync({ prefix: "eac-compile-" });
  try {
    const files = await bundle("main.ts", chunks);
    const sums: string[] = [];
    for (const target of targets) {
      const windows = target.os === "windows";
      Deno.mkdirSync(`${out}/${target.triple}`, { recursive: true });
      const folder = Deno.realPathSync(`${out}/${target.triple}`);
      const binary = `${folder}/${windows ? "eac.exe" : "eac"}`;
      compile(chunks, files, "main.js", target, binary, build);
      sign(binary);
      const name = `eac-${version}-${target.os}-${target.arch}`;
      const archive = `${name}${windows ? ".zip" : ".tar.gz"}`;
      const packed = await pack(name, binary, target, build);
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
