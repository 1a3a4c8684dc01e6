/**
 * Whole runs as data: each folder in `cases/` is a home folder and a list of runs.
 *
 * - `home/` is the home folder before the runs. The users, roles and MFA devices that STS knows are
 *   in `tests/support/world.ts`.
 * - `case.json` is a {@linkcode Case}: the runs, and everything observable. What it does not mention must not happen: no call, no output, no prompt.
 * - `after/` contains the files that the runs change or create, in their final state. All others must stay the same, byte for byte; only eac's own folder and the AWS CLI's cache may grow.
 *
 * In input, `{code}` is the current code of the MFA device (`{code+1}` the next one, `{code:bob}`
 * that of Bob's device, `{asked}` that of the device last asked for), `{home}` the home and `{sts}`
 * the emulator's URL. In expected output, `<KEY Open>`, `<SECRET Open>` and `<TOKEN Open>` are the
 * first credentials that STS issued for the role Open, `<KEY Open 2>` the second ones, `<KEY
 * alice>` those of a session of Alice's, `<SECRET key>` is a long-lived one; `<HOME>` and `<STS>`
 * stand for themselves, `<*>` is anything in a line, and a line `...` is any number of lines. The
 * first run starts at 2026-11-23T13:00:00Z, and times are shown in UTC. Messages are compared by
 * their facts (names, places, options, commands to type), never by their wording.
 *
 * Every case also asserts that secrets appear only where the case expects them.
 *
 * @module
 */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { Fault } from "../../lib/emulator/faults.ts";
import { parseDuration } from "../../lib/text/duration.ts";
import { capture, replace } from "../../lib/host/processes.ts";
import { toFileUrl } from "../../lib/host/real.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { asProcess, type TestHost, testHost } from "../support/fakes.ts";
import { sendAs } from "../support/send_as.ts";
import { DEVICES, WORLD } from "../support/world.ts";
import { posixShellTest } from "../support/posix.ts";

/** One run of eac in the case's home. */
interface Run {
  /** Words separated by spaces; an array if a word contains a space. */
  readonly argv: string | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed, one entry per read. If absent, there is no terminal. */
  readonly typed?: readonly string[];
  /** The time that passes before it: `50m`. */
  readonly later?: string;
  /** Files to write before it; the name `*` means all files of that folder. */
  readonly write?: Readonly<Record<string, string>>;
  readonly faults?: readonly Fault[];
  /** How far the server's clock is ahead, in milliseconds. */
  readonly serverClock?: number;
  /** The exit code; 0 if absent. */
  readonly exit?: number;
  readonly stdout?: Lines;
  /** stdout as JSON, instead of `stdout`. */
  readonly json?: unknown;
  readonly stderr?: Lines;
  /** Everything written to the terminal. */
  readonly terminal?: Lines;
  /**
   * The calls that STS receives, in any order (`signed_with` shows what came before): the action,
   * the key that signs (`signed_for` is the region), and the relevant parameters; an empty string
   * is a parameter that must not be sent.
   */
  readonly calls?: readonly Readonly<Record<string, string>>[];
}

type Lines = readonly string[];

interface Case {
  readonly about: string;
  /** True if no endpoint is configured: the emulator then acts as AWS's own STS in every region. */
  readonly awsEndpoint?: boolean;
  /** True if a run starts programs of a POSIX shell; Windows ignores the case. */
  readonly posixShell?: boolean;
  readonly runs: readonly Run[];
  /** Files that are gone afterwards. */
  readonly gone?: readonly string[];
}

const CASES = new URL("../cases/", import.meta.url);

// eac shows local times: the cases expect those of UTC.
Deno.env.set("TZ", "UTC");

for (const { name } of [...Deno.readDirSync(CASES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  const folder = new URL(`${name}/`, CASES);
  const test: Case = JSON.parse(Deno.readTextFileSync(new URL("case.json", folder)));
  const declare = test.posixShell ? posixShellTest : Deno.test;
  declare(`${name}: ${test.about}`, () => play(test, folder));
}

/** All long-lived keys. */
const KEYS = WORLD.users.flatMap(({ accessKeys }) => accessKeys);

type Emulator = ReturnType<typeof startEmulator>;

async function play(test: Case, folder: URL): Promise<void> {
  const before = readTree(new URL("home/", folder));
  using host = testHost({ home: Object.fromEntries(before) });
  const emulator = startEmulator(host, WORLD, { random: counting() });
  try {
    for (const step of test.runs) await playRun(step, test, host, emulator);
    const expected = new Map([...before, ...readTree(new URL("after/", folder))]);
    for (const path of test.gone ?? []) expected.delete(path);
    checkFiles(host, expected, emulator);
  } finally {
    await emulator.stop();
  }
}

async function playRun(
  step: Run,
  test: Case,
  host: TestHost,
  emulator: Emulator,
): Promise<void> {
  host.time += 1000 * (parseDuration(step.later ?? "0") ?? NaN);
  emulator.faults.push(...step.faults ?? []);
  emulator.clockOffset = step.serverClock ?? 0;
  const fill = await filler(host, emulator);
  for (const [path, text] of Object.entries(step.write ?? {})) {
    for (const file of matching(host, path)) host.write(file, fill(text));
  }
  const argv = (typeof step.argv === "string" ? step.argv.split(" ") : step.argv).map(fill);
  const printed = { stdout: "", stderr: "", terminal: "" };
  const called = emulator.calls.length;
  const exit = await run(argv, hostOf(step, test, host, emulator, fill, printed), strategies);

  const all = `exit ${exit}\n--- stderr\n${printed.stderr}--- stdout\n${printed.stdout}`;
  assertEquals(exit, step.exit ?? 0, all);
  const show = (text: string) =>
    KEYS.reduce(
      (shown, { secret }) => shown.replaceAll(secret, "<SECRET key>"),
      named(text, emulator),
    )
      .replaceAll(emulator.url, "<STS>")
      .replaceAll(host.home, "<HOME>").replaceAll(JSON.stringify(host.home).slice(1, -1), "<HOME>")
      .replaceAll(/<HOME>[^\s"]*/g, (path) => path.replaceAll(/\\+/g, "/"));
  if (step.json !== undefined) {
    assertEquals(fitted(JSON.parse(show(printed.stdout)), step.json), step.json, all);
  } else assertLines(show(printed.stdout), step.stdout ?? [], `stdout of ${argv.join(" ")}`);
  assertLines(show(printed.stderr), step.stderr ?? [], `stderr of ${argv.join(" ")}`);
  const written = printed.terminal.replaceAll("\b \b", "");
  assertLines(show(written), step.terminal ?? [], `terminal of ${argv.join(" ")}`);
  checkSecrets(step, printed, emulator);
  checkCalls(step, emulator, emulator.calls.slice(called), all);
}

/** The host of one run: its environment, its outputs and its input. */
function hostOf(
  step: Run,
  test: Case,
  host: TestHost,
  emulator: Emulator,
  fill: (text: string) => string,
  printed: { stdout: string; stderr: string; terminal: string },
): TestHost {
  const env: Record<string, string | undefined> = {
    ...host.env,
    AWS_ENDPOINT_URL_STS: test.awsEndpoint ? undefined : emulator.url,
    // Windows and macOS always have a desktop, where a dialog would wait for an answer.
    SSH_CONNECTION: host.os !== "linux" ? "127.0.0.1 1 127.0.0.1 22" : undefined,
  };
  for (const [key, value] of Object.entries(step.env ?? {})) env[key] = fill(value);
  const typed = step.typed?.map(fill);
  const asked = ({ terminal }: { terminal: string }) => {
    const last = Math.max(
      0,
      ...Object.values(DEVICES).map(({ serial }) => terminal.lastIndexOf(serial)),
    );
    const name = terminal.slice(last).startsWith(DEVICES.bob.serial) ? "{code:bob}" : "{code}";
    return fill(name);
  };
  return asProcess<TestHost>({
    ...host,
    env,
    executable: () => ["/usr/local/bin/eac"],
    now: () => host.time,
    http(request) {
      const { host: called } = new URL(request.url);
      if (!test.awsEndpoint || !/^sts\.([\w-]+\.)?amazonaws\.com$/.test(called)) {
        return host.http(request);
      }
      return sendAs(called, request, emulator);
    },
    capture: (program) => capture(program, env),
    replace: (program) => replace(program, env),
    stdout: { isTerminal: false, write: (text) => void (printed.stdout += text) },
    stderr: { isTerminal: false, write: (text) => void (printed.stderr += text) },
    openTerminal: () =>
      typed && {
        read: () =>
          Promise.resolve(encode(typed.shift()?.replace("{asked}", () => asked(printed)))),
        write: (text) => void (printed.terminal += text),
        setRaw() {},
        size: () => ({ columns: 80, rows: 24 }),
        close() {},
      },
  });
}

/** Substitutes `{code}`, `{code+1}`, `{code:bob}`, `{home}` and `{sts}`. */
async function filler(host: TestHost, emulator: Emulator): Promise<(text: string) => string> {
  const values = new Map([["{home}", host.home], ["{sts}", emulator.url]]);
  for (const [name, { secret }] of Object.entries(DEVICES)) {
    for (let ahead = 0; ahead <= 3; ahead++) {
      const code = await totp(secret, host.time + ahead * 30_000);
      const steps = ahead === 0 ? "" : `+${ahead}`;
      values.set(`{code${steps}${name === "alice" ? "" : `:${name}`}}`, code);
    }
  }
  return (text) => text.replace(/\{[\w+:]+\}/g, (name) => values.get(name) ?? name);
}

function matching(host: TestHost, path: string): string[] {
  if (!path.endsWith("/*")) return [path];
  const folder = path.slice(0, -1);
  const names = [...Deno.readDirSync(host.path(folder))].map(({ name }) => folder + name);
  assert(names.length > 0, `${path} is empty`);
  return names;
}

/** The JSON with each text that matches its pattern (with `<*>`) replaced by the pattern. */
function fitted(got: unknown, wanted: unknown): unknown {
  if (typeof got === "string" && typeof wanted === "string") {
    return patternOf(wanted).test(got) ? wanted : got;
  }
  if (Array.isArray(got) && Array.isArray(wanted)) {
    return got.map((one, index) => fitted(one, wanted[index]));
  }
  if (!isRecord(got) || !isRecord(wanted)) return got;
  return Object.fromEntries(
    Object.entries(got).map(([key, one]) => [key, fitted(one, wanted[key])]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function patternOf(wanted: string): RegExp {
  const pattern = wanted.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    .replaceAll("<\\*>", "[^\\n]*").replace(/^\\\.\\\.\\\.\n/gm, "(?:[^\\n]*\\n)*?");
  return new RegExp(`^${pattern}$`);
}

function assertLines(got: string, wanted: Lines, what: string): void {
  assertText(got, wanted.map((line) => `${line}\n`).join(""), what);
}

function assertText(got: string, wanted: string, what: string): void {
  if (!patternOf(wanted).test(got)) assertEquals(got, wanted, what);
}

/** Profiles run concurrently, so the order of their calls is not defined. */
function checkCalls(step: Run, emulator: Emulator, calls: Emulator["calls"], all: string): void {
  const wanted = step.calls ?? [];
  const actions = (list: readonly { action?: string }[]) => list.map(({ action }) => action).sort();
  assertEquals(actions(calls), actions(wanted), all);
  const left = [...calls];
  for (const want of wanted) {
    const index = left.findIndex((call) => differences(want, call, emulator) === 0);
    if (index >= 0) left.splice(index, 1);
    else {
      left.sort((a, b) => differences(want, a, emulator) - differences(want, b, emulator));
      assertEquals(shown(want, left[0]!, emulator), want, all);
    }
  }
}

function differences(
  want: Readonly<Record<string, string>>,
  call: Emulator["calls"][number],
  emulator: Emulator,
): number {
  const got = shown(want, call, emulator);
  return Object.keys(want).filter((key) => want[key] !== got[key]).length;
}

/** The parts of a call that a case compares. */
function shown(
  want: Readonly<Record<string, string>>,
  { action, signedWith, region, parameters }: Emulator["calls"][number],
  emulator: Emulator,
): Record<string, string> {
  const got: Record<string, string> = {
    ...parameters,
    action,
    signed_with: named(signedWith ?? "", emulator),
    signed_for: region ?? "",
  };
  return Object.fromEntries(Object.keys(want).map((key) => [key, got[key] ?? ""]));
}

/** Secrets may be on stdout where the case expects them, and nowhere else. */
function checkSecrets(
  step: Run,
  printed: { stdout: string; stderr: string; terminal: string },
  emulator: Emulator,
): void {
  const secrets = [
    ...KEYS.map(({ secret }) => ({ secret, name: "<SECRET key>" })),
    ...emulator.world.sessions.flatMap(({ secret, token }) =>
      [secret, token].map((one) => ({ secret: one, name: named(one, emulator) }))
    ),
  ];
  const expected = /<(SECRET|TOKEN) /.test(JSON.stringify([step.stdout, step.json]));
  for (const stream of ["stderr", "terminal", "stdout"] as const) {
    if (stream === "stdout" && expected) continue;
    for (const { secret, name } of secrets) {
      const hint = stream === "stdout" ? `; if that is right, name it in "stdout" of the case` : "";
      assert(!printed[stream].includes(secret), `${step.argv} shows ${name} on ${stream}${hint}`);
    }
  }
}

/** Credentials that STS issued, by their owner and number. */
function named(text: string, { world }: Emulator): string {
  const counts = new Map<string, number>();
  for (const { id, secret, token, principal } of world.sessions) {
    const owner = principal.split("/").at(-1)!;
    const count = (counts.get(owner) ?? 0) + 1;
    counts.set(owner, count);
    const name = count === 1 ? owner : `${owner} ${count}`;
    text = text.replaceAll(id, `<KEY ${name}>`).replaceAll(secret, `<SECRET ${name}>`)
      .replaceAll(token, `<TOKEN ${name}>`);
  }
  return text;
}

function checkFiles(
  host: TestHost,
  expected: ReadonlyMap<string, string>,
  emulator: Emulator,
): void {
  const root = new URL(`${toFileUrl(host.home)}/`);
  const after = readTree(root);
  for (const path of new Set([...expected.keys(), ...after.keys()])) {
    const wanted = expected.get(path);
    const got = after.get(path);
    if (got !== undefined && path.startsWith(".aws/") && Deno.build.os !== "windows") {
      assertEquals(Deno.statSync(new URL(path, root)).mode! & 0o777, 0o600, `mode of ${path}`);
    }
    const own = path.startsWith(".aws/eac/") || path.startsWith(".aws/cli/cache/");
    if (own && wanted === undefined) {
      assert(!path.endsWith(".tmp"), `${path} is left over`);
      continue;
    }
    if (got === undefined || wanted === undefined) assertEquals(got, wanted, path);
    else assertText(named(got, emulator).replaceAll(host.home, "<HOME>"), wanted, path);
  }
}

function readTree(folder: URL, prefix = ""): Map<string, string> {
  const tree = new Map<string, string>();
  for (const entry of entriesOf(folder)) {
    const path = prefix + entry.name;
    if (entry.isDirectory) {
      const inner = readTree(new URL(`${entry.name}/`, folder), `${path}/`);
      for (const [name, text] of inner) tree.set(name, text);
    } else tree.set(path, Deno.readTextFileSync(new URL(entry.name, folder)));
  }
  return tree;
}

/** A case without `after/`, or with an empty home, has no such folder in Git. */
function entriesOf(folder: URL): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function encode(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

/** Random bytes that differ between calls, but not between test runs. */
function counting() {
  let next = 1;
  return (bytes: Uint8Array) => {
    for (let index = 0; index < bytes.length; index++) {
      bytes[index] = (next = next * 48271 % 0x7fffffff) & 0xff;
    }
  };
}
