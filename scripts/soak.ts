/**
 * `deno task soak`: runs many eac processes in one home against an STS that sometimes fails, and
 * kills some. Exits 1 unless every file is intact afterwards.
 *
 * `--for 10m` sets the time (default: one minute), `--processes N` the number of processes (16).
 *
 * @module
 */

import { IniDocument } from "../lib/config/ini.ts";
import { parseDuration } from "../lib/text/duration.ts";
import { startEmulator } from "../lib/emulator/emulator.ts";
import type { Fault } from "../lib/emulator/faults.ts";
import { totp } from "../lib/emulator/totp.ts";
import type { WorldDescription } from "../lib/emulator/world.ts";
import { realHost } from "../lib/host/real.ts";

const { seconds, processes } = readOptions();
const host = realHost();
const home = host.makeTempFolder();
const emulator = startEmulator(host, world(), { serverDelay: 5 });
const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** Content that is not eac's: these bytes must survive. */
const FOREIGN = "# mine, and nobody else's\r\n[work]\nregion = eu-west-1\n\n; the end\n";

const PROFILES: Readonly<Record<string, { role: string; source: string; calls: number }>> = {
  one: { role: "One", source: "alice", calls: 1 },
  two: { role: "Two", source: "alice", calls: 1 },
  three: { role: "Three", source: "alice", calls: 1 },
  behind: { role: "Behind", source: "one", calls: 2 },
  mfa: { role: "Mfa", source: "alice", calls: 2 },
};

let knownDenoDir: string | undefined;

const count = {
  operations: 0,
  done: 0,
  refused: 0,
  killed: 0,
  faults: 0,
  naive: 0,
  checks: 0,
  torn: 0,
  lost: 0,
  defects: 0,
};
const problems: string[] = [];

await writeHome();
const end = Date.now() + seconds * 1000;
const clock = setInterval(() => void showCode(), 1000);
await Promise.all(Array.from({ length: processes }, soak));
clearInterval(clock);
await finish();

/** Runs one process after another until the end. */
async function soak(): Promise<void> {
  while (Date.now() < end) {
    const [argv, calls] = command();
    maybeFault();
    await operate(argv, calls);
    checkFiles();
  }
}

/** A command line, and the STS calls that it would need without a cache. */
function command(): [argv: string[], calls: number] {
  const name = pick(Object.keys(PROFILES));
  const { calls } = PROFILES[name]!;
  const all = Object.values(PROFILES).reduce((sum, { calls }) => sum + calls, 0);
  const lines: readonly (readonly [argv: string[], calls: number])[] = [
    [["get", name], calls],
    [["get", name], calls],
    [["get", name, "-o", `${name}-${pick(["x", "y", "z"])}`], calls],
    [["get", "--all"], all],
    [["process", name], calls],
    [["env", name], calls],
    [["exec", name, "--", "true"], calls],
    [["get", pick(["one", "two"]), "--refresh"], 1],
    [["list", "--json"], 0],
    [["explain", name], 0],
    [["link", name, `linked-${pick(["x", "y", "z"])}`], 0],
    [["clear", pick(["one", "two", "three"])], 0],
  ];
  const [argv, needed] = pick(lines);
  return [argv, needed];
}

function maybeFault(): void {
  if (Math.random() > 0.25) return;
  const answers: readonly Fault[] = [
    { answer: 500 },
    { answer: 503 },
    { answer: "throttled" },
    { answer: "closed" },
    { answer: "closed", late: true },
    { delay: 300 },
    { answer: { status: 200, body: "<html>sign in</html>" } },
  ];
  emulator.faults.push(pick(answers));
  count.faults++;
}

async function operate(argv: readonly string[], calls: number): Promise<void> {
  count.operations++;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN, ...argv],
    clearEnv: true,
    env: {
      HOME: home,
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: denoDir(),
      AWS_ENDPOINT_URL_STS: emulator.url,
      EAC_NO_INPUT: "1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const kill = (name: Deno.Signal, after: number) =>
    setTimeout(() => {
      try {
        child.kill(name);
      } catch {
        // It had already exited.
      }
    }, after);
  const timers = [
    // A process may wait half a minute for the next code, but not past the end.
    kill("SIGKILL", Math.max(0, end - Date.now()) + 3000),
    // Once the time is up, nothing is killed: what the last runs write must be complete.
    ...Date.now() < end && Math.random() < 0.15
      ? [kill(pick(["SIGKILL", "SIGKILL", "SIGTERM", "SIGINT"] as const), Math.random() * 250)]
      : [],
  ];
  const { code, signal, stderr } = await child.output();
  timers.forEach(clearTimeout);
  const errors = new TextDecoder().decode(stderr);
  if (signal !== null || code === 143 || code === 130) count.killed++;
  else if (code === 0) {
    count.done++;
    count.naive += calls;
  } else if (code === 6 || code === 5) count.refused++;
  else {
    count.defects++;
    problems.push(`eac ${argv.join(" ")} exited with ${code}: ${errors.trim()}`);
  }
  if (/unexpected failure|\n {4}at /.test(errors)) {
    count.defects++;
    problems.push(errors.trim());
  }
}

/** Checks that every file is intact and that foreign content is still there. */
function checkFiles(): void {
  const credentials = document("credentials");
  document("config");
  if (credentials !== undefined) {
    const text = new TextDecoder().decode(credentials.toBytes());
    if (!text.startsWith(FOREIGN) || !text.includes("wJalrXUtnFEMI/K7MDENG")) {
      count.lost++;
      problems.push(`the credentials file lost what was in it:\n${text}`);
    }
    for (const { header } of credentials.sections) {
      if (credentials.get(header, "managed_by") === "eac") checkSection(credentials, header);
    }
  }
  for (const folder of [".aws/eac/cache", ".aws/cli/cache", ".aws/eac/mfa"]) {
    for (const name of host.list(`${home}/${folder}`)) {
      if (name.endsWith(".json")) checkJson(`${home}/${folder}/${name}`);
    }
  }
}

function document(name: string): IniDocument | undefined {
  count.checks++;
  try {
    return IniDocument.parse(host.readFile(`${home}/.aws/${name}`)!, name);
  } catch (thrown) {
    count.torn++;
    problems.push(`${name} cannot be read: ${thrown}`);
    return undefined;
  }
}

/** The three keys of a section belong to one session. */
function checkSection(document: IniDocument, header: string): void {
  const [id, secret, token] = ["access_key_id", "secret_access_key", "session_token"]
    .map((key) => document.get(header, `aws_${key}`));
  const session = emulator.world.sessions.find((session) => session.id === id);
  if (
    session?.secret === secret && session?.token === token && document.get(header, "expiration")
  ) {
    return;
  }
  count.torn++;
  problems.push(`[${header}] holds keys that do not belong together`);
}

function checkJson(path: string): void {
  count.checks++;
  try {
    const bytes = host.readFile(path);
    if (bytes === undefined) return; // cleared meanwhile
    const entry = JSON.parse(new TextDecoder().decode(bytes));
    const keys = entry.Credentials ?? entry;
    if (keys.AccessKeyId === undefined) return;
    const session = emulator.world.sessions.find(({ id }) => id === keys.AccessKeyId);
    if (session?.secret === keys.SecretAccessKey && session?.token === keys.SessionToken) return;
    problems.push(`${path} holds keys that do not belong together`);
  } catch (thrown) {
    problems.push(`${path} cannot be read: ${thrown}`);
  }
  count.torn++;
}

async function finish(): Promise<void> {
  checkFiles();
  const survived = count.faults - emulator.faults.length + count.killed;
  const calls = emulator.calls.length;
  emulator.faults.length = 0;
  // The next write removes what killed writers left behind.
  const old = (Date.now() - 120_000) / 1000;
  for (const path of leftovers()) Deno.utimeSync(path, old, old);
  const before = leftovers().length;
  // A destination and a role that are not cached yet, so both are written.
  for (
    const argv of [["clear", "--all"], ["get", "one", "-o", "after"], ["link", "one", "after-link"]]
  ) {
    await operate(argv, 0);
  }
  const after = leftovers();
  if (after.length > 0) {
    count.lost++;
    problems.push(`left behind: ${after.join(", ")}`);
  }
  await emulator.stop();
  host.removeFolder(home);

  const saved = Math.max(0, count.naive - calls);
  console.log(`${seconds} s, ${processes} processes at once
operations       ${count.operations}: ${count.done} done, ${count.refused} refused, ${count.killed} killed
faults survived  ${survived}
calls of STS     ${calls}, and ${saved} saved by the cache
files            ${count.checks} checks, ${before} leftovers removed, ${count.torn} torn, ${count.lost} lost
defects          ${count.defects}`);
  for (const problem of problems.slice(0, 20)) console.error(problem);
  Deno.exit(count.torn + count.lost + count.defects > 0 ? 1 : 0);
}

function leftovers(): string[] {
  return [".aws", ".aws/eac/cache", ".aws/cli/cache", ".aws/eac/mfa"].flatMap((folder) =>
    host.list(`${home}/${folder}`).filter((name) => name.endsWith(".tmp"))
      .map((name) => `${home}/${folder}/${name}`)
  );
}

function world(): WorldDescription {
  const alice = "arn:aws:iam::123456789012:user/alice";
  const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
  return {
    users: [{
      arn: alice,
      accessKeys: [{
        id: "AKIAIOSFODNN7EXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      }],
      mfaDevices: [{
        serial: "arn:aws:iam::123456789012:mfa/alice",
        secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
      }],
    }],
    roles: [
      ...["One", "Two", "Three"].map((name) => ({
        arn: role(name),
        trust: { principals: [alice] },
      })),
      { arn: role("Behind"), trust: { principals: [role("One")] } },
      { arn: role("Mfa"), trust: { principals: [alice], mfa: true } },
    ],
  };
}

async function writeHome(): Promise<void> {
  host.makeFolder(`${home}/.aws`, 0o700);
  const sections = Object.entries(PROFILES).map(([name, { role, source }]) =>
    `[profile ${name}]
role_arn = arn:aws:iam::123456789012:role/${role}
source_profile = ${source}
destination_profile = ${name}-temp
${
      name === "mfa"
        ? `mfa_serial = arn:aws:iam::123456789012:mfa/alice\nmfa_process = cat ${home}/code\n`
        : ""
    }`
  );
  write(".aws/config", sections.join("\n"));
  write(
    ".aws/credentials",
    `${FOREIGN}[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n` +
      "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
  );
  await showCode();
}

/** Writes the device's current code, for mfa_process. */
async function showCode(): Promise<void> {
  const code = await totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Date.now());
  host.remove(`${home}/code.new`);
  write("code.new", `${code}\n`);
  host.rename(`${home}/code.new`, `${home}/code`);
}

function write(path: string, text: string): void {
  host.createFile(`${home}/${path}`, new TextEncoder().encode(text), 0o600);
}

function pick<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)]!;
}

/** Deno's package cache: with another HOME, Deno would look elsewhere. */
function denoDir(): string {
  return knownDenoDir ??= String(
    JSON.parse(
      new TextDecoder().decode(
        new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync().stdout,
      ),
    ).denoDir,
  );
}

function readOptions(): { seconds: number; processes: number } {
  const options = new Map<string, string>();
  for (let index = 0; index < Deno.args.length; index += 2) {
    options.set(Deno.args[index]!, Deno.args[index + 1] ?? "");
  }
  const seconds = parseDuration(options.get("--for") ?? "1m");
  const processes = Number(options.get("--processes") ?? 16);
  const known = [...options.keys()].every((name) => name === "--for" || name === "--processes");
  if (known && seconds !== undefined && processes > 0) return { seconds, processes };
  console.error("usage: deno task soak [--for 10m] [--processes 16]");
  Deno.exit(2);
}
