/**
 * Whole runs as data: each folder under `cases/` is a home and what happens in it.
 *
 * `case.json` says what is typed at the shell and at the terminal, and all that may be seen of it
 * afterwards: exit code, stdout, stderr, the calls that STS got, the files that changed. Every case
 * also asserts that no secret is in stderr, on the terminal or in a file that it does not name.
 */

import { startEmulator } from "../lib/emulator/emulator.ts";
import { totp } from "../lib/emulator/totp.ts";
import type { Fault } from "../lib/emulator/faults.ts";
import { run } from "../lib/run.ts";
import { strategies } from "../strategies/mod.ts";
import { assert, assertEquals } from "./assert.ts";
import { type TestHost, testHost } from "./fakes.ts";
import { DEVICE, WORLD } from "./world.ts";

/** One run of eac in the case's home. */
interface Run {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed, an entry a read; `{code}` is the device's code, `{code+1}` its next. */
  readonly typed?: readonly string[];
  /** Milliseconds that pass before it. */
  readonly later?: number;
  readonly exit: number;
  readonly stdout?: string | readonly string[];
  readonly stderr?: string | readonly string[];
  readonly terminal?: string | readonly string[];
  /** The calls that STS gets: the action, and the parameters that are worth a look. */
  readonly calls?: readonly Readonly<Record<string, string>>[];
}

interface Case {
  readonly about: string;
  readonly runs: readonly Run[];
  readonly faults?: readonly Fault[];
  /** The home's files afterwards, by their path, where they differ from before. */
  readonly files?: Readonly<Record<string, string | readonly string[]>>;
}

const CASES = new URL("./cases/", import.meta.url);

for (const { name } of [...Deno.readDirSync(CASES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  const folder = new URL(`${name}/`, CASES);
  const test: Case = JSON.parse(Deno.readTextFileSync(new URL("case.json", folder)));
  Deno.test(`${name}: ${test.about}`, () => play(test, new URL("home/", folder)));
}

async function play(test: Case, home: URL): Promise<void> {
  const before = readTree(home);
  using host = testHost({ home: Object.fromEntries(before) });
  const emulator = startEmulator(host, WORLD, { random: counting() });
  emulator.faults.push(...test.faults ?? []);
  try {
    for (const step of test.runs) await playRun(step, host, emulator);
  } finally {
    await emulator.stop();
  }
  checkFiles(test, host, before, emulator.world.sessions);
}

async function playRun(
  step: Run,
  host: TestHost,
  emulator: ReturnType<typeof startEmulator>,
): Promise<void> {
  host.time += step.later ?? 0;
  const fill = async (text: string) =>
    text.replaceAll("{code}", await totp(DEVICE.secret, host.time))
      .replaceAll("{code+1}", await totp(DEVICE.secret, host.time + 30_000))
      .replaceAll("{code+2}", await totp(DEVICE.secret, host.time + 60_000));
  const typed = step.typed && await Promise.all(step.typed.map(fill));
  const argv = await Promise.all(step.argv.map(fill));
  const env: Record<string, string> = { AWS_ENDPOINT_URL_STS: emulator.url, TZ: "UTC" };
  for (const [key, value] of Object.entries(step.env ?? {})) env[key] = await fill(value);
  const printed = { stdout: "", stderr: "", terminal: "" };
  const called = emulator.calls.length;
  const at: TestHost = {
    ...host,
    now: () => host.time,
    env: { ...host.env, ...env },
    stdout: { isTerminal: false, write: (text) => void (printed.stdout += text) },
    stderr: { isTerminal: false, write: (text) => void (printed.stderr += text) },
    openTerminal: () =>
      typed && {
        read: () => Promise.resolve(encode(typed.shift())),
        write: (text) => void (printed.terminal += text),
        setRaw() {},
        size: () => ({ columns: 80, rows: 24 }),
        close() {},
      },
  };
  const exit = await run(argv, at, strategies);

  const { sessions } = emulator.world;
  const said = `exit ${exit}\n--- stderr\n${printed.stderr}--- stdout\n${printed.stdout}`;
  assertEquals(exit, step.exit, said);
  const plain = (text: string) =>
    named(text, sessions).replaceAll(emulator.url, "<STS>").replaceAll(host.home, "<HOME>");
  for (const stream of ["stdout", "stderr", "terminal"] as const) {
    const wanted = step[stream];
    if (wanted !== undefined) assertText(plain(printed[stream]), wanted, `${stream} of ${argv}`);
    if (stream === "stdout") continue;
    for (const secret of secretsOf(sessions)) assert(!printed[stream].includes(secret), stream);
  }
  if (step.calls === undefined) return;
  const calls = emulator.calls.slice(called);
  assertEquals(
    calls.map(({ action }) => action),
    step.calls.map(({ action }) => action),
    said,
  );
  for (const [index, { action: _, signed_with, ...parameters }] of step.calls.entries()) {
    const call = calls[index]!;
    if (signed_with) assertEquals(named(call.signedWith ?? "", sessions), signed_with);
    for (const [key, value] of Object.entries(parameters)) {
      // An empty string: it must not be sent.
      assertEquals(call.parameters[key] ?? "", value, `${key} of call ${index}`);
    }
  }
}

/** Lines that must all be there, each anywhere; or the whole text. */
function assertText(got: string, wanted: string | readonly string[], what: string): void {
  if (typeof wanted === "string") return assertEquals(got, wanted, what);
  for (const line of wanted) assert(got.includes(line), `${what} lacks ${line}\n${got}`);
}

type Sessions = ReturnType<typeof startEmulator>["world"]["sessions"];

function secretsOf(sessions: Sessions): string[] {
  const keys = WORLD.users.flatMap(({ accessKeys }) => accessKeys.map(({ secret }) => secret));
  return [...keys, ...sessions.flatMap(({ secret, token }) => [secret, token])];
}

/** Credentials that STS made, by their number: `<KEY 1>`, `<SECRET 1>`, `<TOKEN 1>`. */
function named(text: string, sessions: Sessions): string {
  for (const [index, { id, secret, token }] of sessions.entries()) {
    text = text.replaceAll(id, `<KEY ${index + 1}>`).replaceAll(secret, `<SECRET ${index + 1}>`)
      .replaceAll(token, `<TOKEN ${index + 1}>`);
  }
  return text;
}

function checkFiles(
  test: Case,
  host: TestHost,
  before: ReadonlyMap<string, string>,
  sessions: Sessions,
): void {
  const root = new URL(`file://${host.home}/`);
  const after = readTree(root);
  const owns = (path: string) => path.startsWith(".aws/eac/") || path.startsWith(".aws/cli/cache/");
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    if (owns(path) && !(path in (test.files ?? {}))) {
      const mode = Deno.statSync(new URL(path, root)).mode! & 0o777;
      assertEquals(mode, 0o600, path);
      continue;
    }
    const wanted = test.files?.[path] ?? before.get(path);
    assert(wanted !== undefined, `${path} came into being:\n${after.get(path)}`);
    assertText(named(after.get(path) ?? "", sessions), wanted, path);
  }
}

function readTree(folder: URL, prefix = ""): Map<string, string> {
  const tree = new Map<string, string>();
  for (const entry of [...Deno.readDirSync(folder)]) {
    const path = prefix + entry.name;
    if (entry.isDirectory) {
      const inner = readTree(new URL(`${entry.name}/`, folder), `${path}/`);
      for (const [name, text] of inner) tree.set(name, text);
    } else tree.set(path, Deno.readTextFileSync(new URL(entry.name, folder)));
  }
  return tree;
}

function encode(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

/** Bytes that differ from call to call, and not from run to run. */
function counting() {
  let next = 1;
  return (bytes: Uint8Array) => {
    for (let index = 0; index < bytes.length; index++) {
      bytes[index] = (next = next * 48271 % 0x7fffffff) & 0xff;
    }
  };
}
