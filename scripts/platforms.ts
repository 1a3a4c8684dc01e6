/**
 * `deno task platforms [--only PART] [--check NAME] [--write]`: compiles the program for every system whose base binary
 * can be had, and tries it as far as that is possible on Linux: for Windows under wine, for ARM under qemu,
 * for macOS by the layout of the file. Prints systems × checks; `--write` puts them into
 * docs/platforms.md, where the rows of other parts stay, each with its date. What a machine cannot do is
 * skipped, with the reason. Fails if a check fails.
 *
 * `--check NAME` runs one check, such as `smoke`; in the page the others then are "not run".
 *
 * `--only suite` runs the tests under Deno for Windows; it takes about 20 minutes, so no other call
 * includes it.
 *
 * Wine, grammars and npm's Deno for Windows are kept in `EAC_PLATFORMS_DIR` (`~/.cache/eac-platforms`).
 *
 * @module
 */

import { startEmulator } from "../lib/emulator/emulator.ts";
import { totp } from "../lib/emulator/totp.ts";
import { realHost } from "../lib/host/real.ts";
import { NO_PTY } from "../tests/support/pty.ts";
import { compileHere } from "./compile.ts";
import { TARGETS } from "./denort.ts";
import { checkExecutable } from "./macho.ts";
import { askOnConsole } from "./platforms/console.ts";
import { powershellSyntax } from "./platforms/powershell.ts";
import { type Suite, suiteLines, testOnWindows } from "./platforms/suite.ts";
import { DEVICE, WORLD } from "./smoke/home.ts";

const ROOT = new URL("../", import.meta.url).pathname.replace(/\/$/, "");
const PAGE = `${ROOT}/docs/platforms.md`;
const CACHE = Deno.env.get("EAC_PLATFORMS_DIR") ?? `${Deno.env.get("HOME")}/.cache/eac-platforms`;

/** The Deno that runs the checks on Windows: the one that runs the tests. */
const DENO_VERSION = Deno.version.deno;

/** The results of a system's checks, by the name of the check. */
type Results = Map<string, string>;

/** A check was not possible here; the message is the reason. */
class Skipped extends Error {}

function skip(reason: string): never {
  throw new Skipped(reason);
}

/** The checks, in the order of the table's columns. */
const CHECKS = ["compiles", "smoke", "16 at once", "console", "executable", "PowerShell"] as const;

type Check = typeof CHECKS[number];

const needsAMac = () => skip("needs a Mac");

const NEEDS_A_MAC = { smoke: needsAMac, "16 at once": needsAMac };

/** What each system is tried with: each function returns what it found. */
const SYSTEMS: Readonly<Record<string, Readonly<Partial<Record<Check, Run>>>>> = {
  "x86_64-unknown-linux-gnu": { smoke: () => smoke([]), "16 at once": () => many([]) },
  "aarch64-unknown-linux-gnu": { smoke: () => smoke(arm()), "16 at once": () => many(arm()) },
  "x86_64-apple-darwin": { ...NEEDS_A_MAC, executable: macExecutable },
  "aarch64-apple-darwin": { ...NEEDS_A_MAC, executable: macExecutable },
  "x86_64-pc-windows-msvc": {
    smoke: smokeOnWindows,
    "16 at once": manyOnWindows,
    console: consoleOnWindows,
    PowerShell: powershell,
  },
  "aarch64-pc-windows-msvc": {},
};

/** The targets that `--only` names. */
const ONLY: Readonly<Record<string, RegExp>> = {
  linux: /x86_64.*linux/,
  windows: /windows/,
  arm64: /aarch64.*linux/,
  macos: /apple/,
  suite: /^$/,
};

const USAGE = `usage: deno task platforms [--only PART] [--check NAME] [--write]
parts: ${Object.keys(ONLY).join(", ")}
checks: ${CHECKS.join(", ")}`;

/** The compiled programs of a system. */
interface Programs {
  readonly eac: string;
  readonly probe: string;
}

type Run = (programs: Programs) => Promise<string> | string;

let programs: Programs;

function isRoot(): boolean {
  return Deno.uid() === 0;
}

function has(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" })
    .outputSync().success;
}

/** False in most containers, also for root. */
function mayMount(): boolean {
  return new Deno.Command("unshare", { args: ["--mount", "true"], stderr: "null" })
    .outputSync().success;
}

/** The command that starts programs for ARM. */
function arm(): string[] {
  if (!isRoot()) skip("needs root");
  if (!mayMount()) skip("mounts are not allowed");
  if (!has("qemu-aarch64")) skip("qemu-user is not installed");
  try {
    Deno.statSync(Deno.env.get("QEMU_LD_PREFIX") ?? "/usr/aarch64-linux-gnu/lib");
  } catch {
    skip("libc6-arm64-cross is not installed");
  }
  return [`${ROOT}/scripts/platforms/arm.sh`];
}

let wineReady: string | undefined;

/** Prepares wine and Deno for Windows; returns the command that starts a Windows program. */
function wine(): string[] {
  const script = `${ROOT}/scripts/platforms/wine.sh`;
  if (wineReady === undefined) {
    if (!isRoot()) skip("needs root");
    if (!mayMount()) skip("mounts are not allowed");
    try {
      Deno.statSync(`${CACHE}/wine`);
    } catch {
      if (!has("mmdebstrap")) skip("mmdebstrap is not installed");
    }
    wineReady = run([script, "prepare"]).trim();
  }
  return [script, "run", ROOT];
}

/** Deno for Windows, from npm. */
function windowsDeno(): string {
  const path = `${CACHE}/deno-${DENO_VERSION}.exe`;
  try {
    Deno.statSync(path);
  } catch {
    Deno.mkdirSync(CACHE, { recursive: true });
    const work = Deno.makeTempDirSync({ dir: CACHE });
    try {
      const archive = run(["npm", "pack", "--silent", `@deno/win32-x64@${DENO_VERSION}`], work);
      run(["tar", "-xzf", archive.trim()], work);
      Deno.renameSync(`${work}/package/deno.exe`, path);
    } finally {
      Deno.removeSync(work, { recursive: true });
    }
  }
  // Programs are shared with wine below /tmp.
  const copy = `${shared}/deno.exe`;
  Deno.copyFileSync(path, copy);
  return copy;
}

/** This environment without AWS's variables, which would reach the program, and without the folder TMPDIR. */
function plainEnv(): Record<string, string> {
  const all = Object.entries(Deno.env.toObject());
  return Object.fromEntries(all.filter(([name]) => !/^(AWS_|EAC_(?!PLATFORMS)|TMP)/.test(name)));
}

/** Runs a command; returns its stdout. */
function run(command: readonly string[], cwd = ROOT, env: Record<string, string> = {}): string {
  const [program, ...args] = command as [string, ...string[]];
  const { success, stdout, stderr } = new Deno.Command(program, {
    args,
    cwd,
    clearEnv: true,
    env: { ...plainEnv(), ...env },
    stdin: "null",
  }).outputSync();
  const decoder = new TextDecoder();
  if (!success) throw new Error((decoder.decode(stdout) + decoder.decode(stderr)).trim());
  return decoder.decode(stdout);
}

/** The folder of this run, below /tmp: {@linkcode main} makes and removes it. */
let shared: string;

/** The environment of Deno for Windows: packages come from this machine's cache. */
function windowsEnv(): Record<string, string> {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { denoDir, npmCache } = JSON.parse(new TextDecoder().decode(stdout));
  const copy = `${shared}/deno-dir`;
  try {
    Deno.statSync(copy);
  } catch {
    Deno.mkdirSync(copy);
    run(["cp", "-r", npmCache ?? `${denoDir}/npm`, copy]);
  }
  const env = { DENO_DIR: windowsPath(copy), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  // Deno downloads its bundler; behind some proxies only an authority of this machine vouches for it.
  const authorities = Deno.env.get("NODE_EXTRA_CA_CERTS");
  if (!authorities) return env;
  Deno.copyFileSync(authorities, `${shared}/ca.crt`);
  return { ...env, NODE_EXTRA_CA_CERTS: windowsPath(`${shared}/ca.crt`) };
}

const windowsPath = (path: string) => `Z:${path.replaceAll("/", "\\")}`;

const SMOKE = ["run", "-A", "--no-check", "scripts/smoke.ts"];

function smoke(through: readonly string[]): Promise<string> {
  const { eac, probe } = programs;
  const command = [...through, Deno.execPath(), ...SMOKE, "--binary", eac, "--probe", probe];
  return summaryOf(command, through.length > 0 ? { EAC_SMOKE_EMULATED: "1" } : {});
}

function smokeOnWindows(): Promise<string> {
  const [eac, probe] = [windowsPath(programs.eac), windowsPath(programs.probe)];
  const command = [...wine(), windowsDeno(), ...SMOKE, "--binary", eac, "--probe", probe];
  return summaryOf(command, windowsEnv());
}

/**
 * Runs the smoke test, whose lines appear as they come: under qemu it takes minutes. Returns the last line,
 * without its first word. The exit code is sometimes lost by wine.
 */
async function summaryOf(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const [program, ...args] = command as [string, ...string[]];
  const child = new Deno.Command(program, {
    args,
    cwd: ROOT,
    clearEnv: true,
    env: { ...plainEnv(), ...env },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    Deno.stdout.writeSync(new TextEncoder().encode(piece));
  }
  await child.status;
  const summary = /^smoke: (.*?)\r?$/m.exec(text)?.[1];
  if (!summary?.includes(" 0 failed")) throw new Error(summary ?? "it did not end");
  return summary.replace(", 0 failed", "");
}

const MANY = ["run", "-A", "--no-check", "scripts/platforms/many.ts"];

/** Runs sixteen processes at once, through a command, against an STS in this process. */
async function sixteen(
  command: (url: string, code: string) => readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  // Its clock stands still: under qemu, sixteen starts may take longer than the code is valid.
  const now = Date.now();
  const emulator = startEmulator({ ...realHost(), now: () => now }, WORLD);
  try {
    const code = await totp(DEVICE, now);
    const [program, ...args] = command(emulator.url, code) as [string, ...string[]];
    const { stdout, stderr } = await new Deno.Command(program, {
      args,
      cwd: ROOT,
      clearEnv: true,
      env: { ...plainEnv(), ...env },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    const calls = emulator.calls.map(({ action, status }) => `${action} ${status}`).sort().join();
    const isOnce = calls === "AssumeRole 200,AssumeRole 200,GetSessionToken 200";
    if (!text.includes("many: 0 failed, 1 different") || !isOnce) {
      throw new Error(`${calls}\n${text}${new TextDecoder().decode(stderr)}`);
    }
    return "3 calls";
  } finally {
    await emulator.stop();
  }
}

function many(through: readonly string[]): Promise<string> {
  return sixteen((...given) => [...through, Deno.execPath(), ...MANY, programs.eac, ...given]);
}

function manyOnWindows(): Promise<string> {
  const command = [...wine(), windowsDeno(), ...MANY, windowsPath(programs.eac)];
  return sixteen((...given) => [...command, ...given], windowsEnv());
}

async function consoleOnWindows(): Promise<string> {
  if (NO_PTY !== undefined) skip(NO_PTY);
  return await askOnConsole(wine(), programs.eac, shared);
}

async function macExecutable(): Promise<string> {
  const { summary, problems } = await checkExecutable(Deno.readFileSync(programs.eac));
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return summary;
}

/** The syntax of every .ps1 file, and of what eac prints for PowerShell. */
async function powershell(): Promise<string> {
  if (!has("npm")) skip("npm is not installed");
  const check = await powershellSyntax(`${CACHE}/powershell`);
  const files = run(["git", "ls-files", "*.ps1"]).trim().split("\n");
  const keys = {
    AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    AWS_SESSION_TOKEN: "token's",
  };
  const eac = (...args: string[]) => {
    const command = [Deno.execPath(), "run", "-A", "--no-check", "main.ts", ...args];
    return run(command, ROOT, {
      ...keys,
      AWS_REGION: "eu-west-1",
      HOME: shared,
      DENO_DIR: denoDir(),
    });
  };
  const texts: Record<string, string> = {
    ...Object.fromEntries(files.map((file) => [file, Deno.readTextFileSync(`${ROOT}/${file}`)])),
    "eac activate powershell": eac("activate", "powershell"),
    "eac completion powershell": eac("completion", "powershell"),
    "eac env --unset": eac("env", "--unset", "--format", "powershell"),
    "eac env": eac("env", "--format", "powershell"),
  };
  for (const [name, text] of Object.entries(texts)) {
    const wrong = check(text);
    if (wrong !== undefined) throw new Error(`${name}: ${wrong}`);
  }
  if (check("if ($true) {") === undefined) throw new Error("the grammar accepts an open brace");
  return `${Object.keys(texts).length} scripts`;
}

function denoDir(): string {
  return JSON.parse(run([Deno.execPath(), "info", "--json"])).denoDir;
}

/** Compiles for a system. */
async function compiled(triple: string): Promise<Programs> {
  const target = TARGETS.find((one) => one.triple === triple)!;
  const suffix = target.os === "windows" ? ".exe" : "";
  const folder = `${shared}/${triple}`;
  Deno.mkdirSync(folder);
  const made = { eac: `${folder}/eac${suffix}`, probe: `${folder}/probe${suffix}` };
  try {
    await compileHere("main.ts", made.eac, target);
    await compileHere("scripts/permission_probe.ts", made.probe, target);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!/cannot be downloaded|no base binary|DENORT_BIN/.test(reason)) throw error;
    skip("no base binary");
  }
  return made;
}

/** Tries a system; the results hold what failed, too. */
async function trySystem(triple: string, only: string | undefined): Promise<Results> {
  const results: Results = new Map();
  const attempt = async (check: Check, work: Run) => {
    try {
      results.set(check, await work(programs));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Skipped)) console.log(`failed   ${triple}, ${check}\n${reason}`);
      results.set(check, error instanceof Skipped ? `skipped: ${reason}` : "FAILED");
    }
    console.log(`${triple}, ${check}: ${results.get(check)}`);
  };
  await attempt("compiles", async () => {
    programs = await compiled(triple);
    const { size } = Deno.statSync(programs.eac);
    return `${Math.round(size / 1e6)} MB`;
  });
  if (isCompiled(results)) {
    for (const [check, work] of Object.entries(SYSTEMS[triple]!)) {
      if (only === undefined || check === only) await attempt(check as Check, work);
    }
  }
  return results;
}

const COLUMNS = ["system", ...CHECKS, "date"];

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

function isCompiled(found: ReadonlyMap<string, string>): boolean {
  return found.get("compiles")?.endsWith("MB") ?? false;
}

/** The row of a system, with the date of its run; an empty cell is a check that does not concern it. */
export function row(triple: string, found: ReadonlyMap<string, string>): string {
  const date = new Date().toISOString().slice(0, 10);
  const cell = (check: Check) =>
    found.get(check) ?? (isCompiled(found) && SYSTEMS[triple]![check] ? "not run" : "");
  return line([`\`${triple}\``, ...CHECKS.map(cell), date]);
}

/**
 * The table of systems × checks, as Markdown. A system that was not tried keeps its row of the page, or
 * says so.
 */
export function tableOf(rows: ReadonlyMap<string, string>, page: string): string {
  const before = page.split("\n").map((text) => text.split("|").map((cell) => cell.trim()))
    .filter((cells) => cells.length === COLUMNS.length + 2)
    .map((cells) => cells.slice(1, -1));
  return [
    line(COLUMNS),
    line(COLUMNS.map(() => "---")),
    ...TARGETS.map(({ triple }) => {
      const kept = before.find(([system]) => system === `\`${triple}\``);
      return rows.get(triple) ??
        line(kept ?? [`\`${triple}\``, "not run", ...CHECKS.map(() => "")]);
    }),
  ].join("\n");
}

/** Replaces the part of the page between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function pageWith(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const [start, stop] = [page.indexOf(begin), page.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`docs/platforms.md has no place for ${name}`);
  return page.slice(0, start + begin.length) + "\n" + text + "\n" + page.slice(stop);
}

/** Puts a result into the page. */
function writePage(name: string, text: (page: string) => string): void {
  const page = Deno.readTextFileSync(PAGE);
  Deno.writeTextFileSync(PAGE, pageWith(page, name, text(page)));
  run([Deno.execPath(), "fmt", "--quiet", PAGE]);
}

/** Runs the tests under Deno for Windows. */
async function trySuite(write: boolean): Promise<boolean> {
  let suite: Suite;
  try {
    const stop = () => run([`${ROOT}/scripts/platforms/wine.sh`, "stop"]);
    suite = await testOnWindows([...wine(), windowsDeno()], {
      root: ROOT,
      env: { ...plainEnv(), ...windowsEnv() },
      stop,
    });
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    console.log(`platforms: the suite is skipped: ${error.message}`);
    return true;
  }
  const lines = suiteLines(suite, `Deno ${DENO_VERSION}, ${wineReady}`);
  console.log(`\n${lines}\n`);
  if (write) writePage("suite", () => lines);
  return suite.unexplained.length === 0;
}

async function trySystems(
  only: RegExp,
  check: string | undefined,
  write: boolean,
): Promise<boolean> {
  const results = new Map<string, Results>();
  for (const triple of Object.keys(SYSTEMS).filter((one) => only.test(one))) {
    results.set(triple, await trySystem(triple, check));
  }
  const rows = new Map([...results].map(([triple, found]) => [triple, row(triple, found)]));
  console.log(`\n${[line(COLUMNS), ...rows.values()].join("\n")}\n`);
  if (write) writePage("platforms", (page) => tableOf(rows, page));
  const all = [...results.values()].flatMap((found) => [...found.values()]);
  const failed = all.filter((found) => found === "FAILED").length;
  const skipped = all.filter((found) => found.startsWith("skipped")).length;
  console.log(
    `platforms: ${all.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`,
  );
  return failed === 0;
}

async function main(args: readonly string[]): Promise<boolean> {
  let part: string | undefined;
  let check: string | undefined;
  let write = false;
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "--write") write = true;
    else if (args[at] === "--only" && Object.hasOwn(ONLY, args[at + 1] ?? "")) part = args[++at];
    else if (args[at] === "--check" && CHECKS.some((name) => name === args[at + 1])) {
      check = args[++at];
    } else {
      console.error(USAGE);
      return false;
    }
  }
  if (check !== undefined && part === "suite") {
    console.error(USAGE);
    return false;
  }
  shared = Deno.makeTempDirSync({ dir: "/tmp", prefix: "eac-platforms-" });
  try {
    if (part === "suite") return await trySuite(write);
    return await trySystems(part === undefined ? /./ : ONLY[part]!, check, write);
  } finally {
    if (wineReady !== undefined) run([`${ROOT}/scripts/platforms/wine.sh`, "stop"]);
    Deno.removeSync(shared, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args) ? 0 : 1);
