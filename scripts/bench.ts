/**
 * `deno task bench [--runs N]`: times whole runs of the program, interleaved, and prints medians and
 * their ratios to a one-line program. Compiled where a base binary is available, otherwise from source.
 *
 * @module
 */

import { startEmulator } from "../lib/emulator/emulator.ts";
import { realHost } from "../lib/host/real.ts";
import { bundle } from "./bundle.ts";
import { compileHere, compileLine } from "./compile.ts";

const KEY = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const ROLES = 500;

/** The latency of the emulator that simulates a distant STS, in milliseconds. */
const DELAY = 50;

/** How many roles `get --all` assumes at once (lib/commands/get.ts). */
const AT_ONCE = 16;

/** A run to time. */
interface Case {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The case its median is divided by; the first case by default. */
  readonly against?: string;
  /** Runs before each run, untimed. */
  readonly prepare?: () => void;
  /** Milliseconds that the case it is divided by would take longer: the calls that it does not make. */
  readonly allowance?: number;
  /** The goal for its ratio: `[1.3]` is a maximum, `[3, "times as fast"]` a minimum. */
  readonly goal?: readonly [number] | readonly [number, "times as fast"];
}

/** The program under test, and a one-line program on the same runtime. */
interface Programs {
  readonly how: string;
  readonly eac: readonly string[];
  readonly line: readonly string[];
}

async function findPrograms(folder: string): Promise<Programs> {
  try {
    await compileHere("main.ts", `${folder}/eac`);
    compileLine(LINE, `${folder}/line`);
    // How a file came into the page cache changes its speed by up to a tenth: both come in alike.
    for (const file of ["eac", "line"]) {
      const bytes = Deno.readFileSync(`${folder}/${file}`);
      Deno.removeSync(`${folder}/${file}`);
      Deno.writeFileSync(`${folder}/${file}`, bytes, { mode: 0o755 });
    }
    return { how: "compiled", eac: [`${folder}/eac`], line: [`${folder}/line`] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    Deno.writeTextFileSync(`${folder}/line.js`, LINE);
    const deno = [Deno.execPath(), "run", "-A", "--no-check"];
    return {
      how: `from source (${reason})`,
      eac: [...deno, new URL("../main.ts", import.meta.url).href],
      line: [...deno, `${folder}/line.js`],
    };
  }
}

const LINE = 'console.log("eac 0.1.0");\n';

/** Creates a home folder with this config; returns the environment to use it. */
function makeHome(path: string, endpoint: string, config: string): Record<string, string> {
  Deno.mkdirSync(`${path}/.aws`, { recursive: true });
  Deno.writeTextFileSync(`${path}/.aws/config`, config);
  Deno.writeTextFileSync(
    `${path}/.aws/credentials`,
    `[ci]\naws_access_key_id = ${KEY.id}\naws_secret_access_key = ${KEY.secret}\n`,
  );
  const { PATH = "", DENO_DIR, HOME = "" } = Deno.env.toObject();
  return {
    HOME: path,
    PATH,
    DENO_DIR: DENO_DIR ?? `${HOME}/.cache/deno`,
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1", // what the AWS CLI 1 reads
    CI: "true",
  };
}

const roleArn = (index: number) => `arn:aws:iam::123456789012:role/role-${index}`;

/** Config text of `count` role profiles. */
function roles(count: number, { known = count, stored = false } = {}): string {
  return Array.from(
    { length: count },
    (_, index) =>
      `[profile role-${index}]\nrole_arn = ${roleArn(index % known)}\nsource_profile = ci\n` +
      (stored ? `destination_profile = role-${index}-temp\n` : ""),
  ).join("\n");
}

/** Config text of `count` SSO profiles. */
function ssoProfiles(count: number): string {
  return "[sso-session s]\nsso_start_url = https://example.awsapps.com/start\n" +
    "sso_region = us-east-1\n" +
    Array.from(
      { length: count },
      (_, index) =>
        `[profile sso-${index}]\nsso_session = s\nsso_account_id = ${100_000_000_000 + index}\n` +
        "sso_role_name = Admin\n",
    ).join("\n");
}

/** Config text of `count` profiles, a third each roles, SSO and `credential_process`. */
function mixedProfiles(count: number): string {
  const third = Math.ceil(count / 3);
  return roles(third, { known: ROLES }) + ssoProfiles(third) +
    Array.from(
      { length: count - 2 * third },
      (_, index) => `[profile p-${index}]\ncredential_process = /bin/tool ${index}\n`,
    ).join("\n");
}

/** A custom strategy that builds the ARN of a role from two keys. */
const TEAM_ROLE = `export default {
  api: 1,
  name: "team-role",
  summary: "assumes the role of a team, by the company's naming scheme",
  needs: [["account", "team", "source_profile"]],
  steps: ({ account, team }) => [
    { call: "AssumeRole", roleArn: \`arn:aws:iam::\${account}:role/\${team}\`, tags: { team } },
  ],
};
`;

/** Creates a home folder with `count` profiles that {@linkcode TEAM_ROLE} serves. */
function makeConvention(path: string, endpoint: string, count: number): Record<string, string> {
  const profiles = Array.from(
    { length: count },
    (_, index) =>
      `[profile team-${index}]\naccount = ${100_000_000_000 + index}\nteam = payments\n` +
      "source_profile = ci\n",
  );
  const env = makeHome(path, endpoint, profiles.join("\n"));
  const folder = `${path}/.aws/eac/strategies`;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(`${folder}/team-role.js`, TEAM_ROLE, { mode: 0o600 });
  // A file that has just changed is looked at again.
  Deno.utimeSync(`${folder}/team-role.js`, new Date(0), new Date(0));
  return env;
}

/** Writes `count` cached entries that expired long ago. */
function writeExpired(home: string, count: number): void {
  const cache = `${home}/.aws/eac/cache`;
  Deno.mkdirSync(cache, { recursive: true });
  const text = JSON.stringify({
    Version: 1,
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: KEY.secret,
    SessionToken: "token",
    Expiration: "2020-01-01T01:00:00Z",
    Obtained: "2020-01-01T00:00:00.000Z",
    Subject: roleArn(0),
  });
  for (let index = 0; index < count; index++) {
    Deno.writeTextFileSync(`${cache}/${index.toString(16).padStart(64, "0")}.json`, text);
  }
}

/** Removes a file or a folder, if there is one. */
function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // There is none yet.
  }
}

/** Copies a folder in place of another. */
function replaceFolder(from: string, to: string): void {
  removeQuietly(to);
  Deno.mkdirSync(to);
  for (const entry of Deno.readDirSync(from)) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory) replaceFolder(source, target);
    else Deno.copyFileSync(source, target);
  }
}

/** Runs a command once; returns milliseconds. */
async function time({ name, command, env, prepare }: Case): Promise<number> {
  prepare?.();
  const [program, ...args] = command;
  const child = new Deno.Command(program!, {
    args,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const start = performance.now();
  const { success, stderr } = await child.output();
  const taken = performance.now() - start;
  if (!success) throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
  return taken;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/**
 * The medians of all cases. Each round runs every case in random order, so that other load and what
 * one run leaves behind affect all cases alike.
 */
async function measure(cases: readonly Case[], runs: number): Promise<Map<string, number>> {
  const times = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (const one of cases) await time(one); // Warms caches and the page cache.
  for (let run = 0; run < runs; run++) {
    for (const one of shuffled(cases)) times.get(one.name)!.push(await time(one));
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

function shuffled<T>(values: readonly T[]): T[] {
  const keyed = values.map((value) => [Math.random(), value] as const);
  return keyed.toSorted(([a], [b]) => a - b).map(([, value]) => value);
}

function report(cases: readonly Case[], medians: ReadonlyMap<string, number>): void {
  const base = cases[0]!.name;
  for (const { name, against = base, allowance = 0, goal } of cases) {
    const milliseconds = medians.get(name)!;
    const ratio = milliseconds / (medians.get(against)! + allowance);
    console.log(row(name, milliseconds, ratio, against, goal));
  }
}

function row(
  name: string,
  milliseconds: number,
  ratio: number,
  against: string,
  goal: Case["goal"],
): string {
  const fast = goal?.[1] !== undefined;
  const value = fast ? 1 / ratio : ratio;
  const met = goal && (fast ? value >= goal[0] : value <= goal[0]);
  const said = goal
    ? `${met ? "met" : "MISSED"}: ${fast ? "at least" : "at most"} ${goal[0]}${
      fast ? " times as fast" : ""
    }`
    : "";
  return `${name.padEnd(44)} ${milliseconds.toFixed(1).padStart(8)} ms ${
    value.toFixed(2).padStart(6)
  } x ${against.padEnd(18)} ${said}`.trimEnd();
}

/** Peak memory of a command in KiB, through Python's wait4; `undefined` without Python. */
function peakMemory(command: readonly string[], env: Record<string, string>): number | undefined {
  const script = "import os,subprocess,sys\n" +
    "p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)\n" +
    "print(os.wait4(p.pid, 0)[2].ru_maxrss)";
  try {
    const { success, stdout } = new Deno.Command("python3", {
      args: ["-c", script, ...command],
      env,
    }).outputSync();
    if (success) return Number(new TextDecoder().decode(stdout)) || undefined;
  } catch {
    // not installed
  }
  return undefined;
}

/** The AWS CLI that is installed, if any: version 1 cannot export credentials. */
async function awsCases(env: Record<string, string>, endpoint: string): Promise<Case[]> {
  const wanted = [
    ["aws", "--version"],
    ["aws", "configure", "export-credentials"],
    ["aws", "sts", "get-caller-identity"],
  ].map((words): Case => ({
    name: words.join(" "),
    command: words[1] === "sts" ? [...words, "--endpoint-url", endpoint] : words,
    env: { ...env, AWS_PROFILE: "ci" },
  }));
  const works = await Promise.all(wanted.map((one) => time(one).then(() => true, () => false)));
  return wanted.filter((_, index) => works[index]);
}

/** What a release adds to the start of its runtime: the bundle under this Deno, beside one line. */
async function reportOwn(
  folder: string,
  env: Record<string, string>,
  runs: number,
): Promise<void> {
  const chunks = `${folder}/bundle`;
  Deno.mkdirSync(chunks);
  await bundle("main.ts", chunks);
  Deno.writeTextFileSync(`${chunks}/line.js`, LINE);
  const deno = (file: string) => [
    ...[Deno.execPath(), "run", "-A", "--no-check", "--v8-flags=--no-concurrent-sparkplug"],
    `${chunks}/${file}`,
  ];
  const goals: readonly (readonly [name: string, argv: readonly string[], goal: number])[] = [
    ["process, warm", ["process", "role-0"], 5],
    ["env, warm", ["env", "role-0"], 5],
    ["exec -- true, warm", ["exec", "role-0", "--", "true"], 6],
    ["process, cold", ["process", "role-0", "--no-cache"], 25],
  ];
  const medians = await measure([
    { name: "one line", command: deno("line.js"), env },
    ...goals.map(([name, argv]): Case => ({ name, command: [...deno("main.js"), ...argv], env })),
  ], runs);
  const floor = medians.get("one line")!;
  console.log(
    `own milliseconds under Deno ${Deno.version.deno} (one line: ${floor.toFixed(1)} ms)`,
  );
  for (const [name, , goal] of goals) {
    const own = medians.get(name)! - floor;
    console.log(
      `${name.padEnd(44)} ${own.toFixed(1).padStart(8)} ms  ${
        own <= goal ? "met" : "MISSED"
      }: at most ${goal}`,
    );
  }
}

function reportMemory(
  name: string,
  command: readonly string[],
  env: Record<string, string>,
  line: readonly string[],
  goal: number,
): void {
  const [one, peak] = [peakMemory(line, env), peakMemory(command, env)];
  if (one === undefined || peak === undefined) {
    console.log("peak memory: not measured (python3 is not installed)");
    return;
  }
  const ratio = peak / one;
  console.log(
    `peak memory of ${name}: ${Math.round(peak / 1024)} MiB, ${ratio.toFixed(2)} x ` +
      `one line  ${ratio <= goal ? "met" : "MISSED"}: at most ${goal}`,
  );
}

async function bench(folder: string, runs: number): Promise<void> {
  const { how, eac, line } = await findPrograms(folder);
  const description = {
    users: [{ arn: "arn:aws:iam::123456789012:user/ci", accessKeys: [KEY] }],
    roles: Array.from({ length: ROLES }, (_, index) => ({
      arn: roleArn(index),
      trust: { principals: ["123456789012"] },
    })),
  };
  const emulator = startEmulator(realHost(), description);
  const slow = startEmulator(realHost(), description, { serverDelay: DELAY });
  try {
    const env = makeHome(`${folder}/home`, emulator.url, roles(1));
    const lists = [10, 1000, 10_000].map((count) => ({
      count,
      env: makeHome(`${folder}/${count}`, emulator.url, roles(count, { known: ROLES })),
    }));
    const many = makeHome(`${folder}/many`, slow.url, roles(ROLES, { stored: true }));
    const stored = (count: number) =>
      makeHome(`${folder}/stored-${count}`, emulator.url, roles(count, { stored: true }));
    const cached = [100, ROLES].map((count) => ({ count, env: stored(count) }));
    for (const { env } of cached) {
      await time({ name: "prepare", command: [...eac, "get", "--all"], env });
    }
    const cleared = `${folder}/cleared`;
    const expired = makeHome(`${folder}/expired`, emulator.url, roles(10));
    writeExpired(`${folder}/expired`, 1000);
    const thousand = makeHome(`${folder}/thousand`, emulator.url, roles(1000, { known: ROLES }));
    const others = [["SSO", ssoProfiles], ["mixed", mixedProfiles]] as const;
    const [first, later] = ["first", "later"].map((name) =>
      makeConvention(`${folder}/${name}`, emulator.url, 200)
    );
    console.log(
      `eac ${how}, ${Deno.build.target}, ${navigator.hardwareConcurrency} processors; ` +
        `medians of ${runs} runs\n`,
    );

    const cases: Case[] = [
      { name: "one line", command: line, env },
      { name: "eac --version", command: [...eac, "--version"], env, goal: [1.1] },
      { name: "eac process, warm", command: [...eac, "process", "role-0"], env, goal: [1.3] },
      {
        name: "eac process, warm, 1,000 profiles",
        command: [...eac, "process", "role-0"],
        env: thousand,
        against: "eac process, warm",
        goal: [1.1],
      },
      { name: "eac env, warm", command: [...eac, "env", "role-0"], env },
      {
        name: "eac exec -- true, warm",
        command: [...eac, "exec", "role-0", "--", "true"],
        env,
        goal: [1.4],
      },
      { name: "eac explain", command: [...eac, "explain", "role-0"], env },
      {
        name: "eac process, cold (one AssumeRole)",
        command: [...eac, "process", "role-0", "--no-cache"],
        env,
        goal: [2],
      },
      {
        name: "eac get, cold (and stored)",
        command: [...eac, "get", "role-0", "-o", "stored", "--refresh"],
        env,
      },
      ...lists.map(({ count, env }, index): Case => ({
        name: `eac list, ${count} profiles`,
        command: [...eac, "list"],
        env,
        ...(index === 0 ? {} : { against: "eac list, 10 profiles" }),
        ...(index === 2 ? { goal: [3.5] as const } : {}),
      })),
      ...others.map(([kind, config]): Case => ({
        name: `eac list, 10000 ${kind} profiles`,
        command: [...eac, "list"],
        env: makeHome(`${folder}/${kind}`, emulator.url, config(10_000)),
        against: "eac list, 10 profiles",
        goal: [3.5],
      })),
      {
        name: "eac list, 1,000 expired entries",
        command: [...eac, "list"],
        env: expired,
        against: "eac list, 10 profiles",
        goal: [1.2],
      },
      {
        name: "eac list, 200 profiles",
        command: [...eac, "list"],
        env: makeHome(`${folder}/200`, emulator.url, roles(200, { known: ROLES })),
        against: "eac list, 10 profiles",
      },
      {
        name: "eac list, 200 by a custom strategy, first",
        command: [...eac, "list"],
        env: first!,
        prepare: () => removeQuietly(`${first!.HOME}/.aws/eac/cache/strategies.json`),
        against: "eac list, 200 profiles",
        goal: [5],
      },
      {
        name: "eac list, 200 by a custom strategy, later",
        command: [...eac, "list"],
        env: later!,
        against: "eac list, 200 profiles",
        goal: [1.3],
      },
    ];
    const aws = await awsCases(env, emulator.url);
    cases.push(...aws);
    const calling = aws.find(({ name }) => name.startsWith("aws sts"))?.name;
    if (calling !== undefined) {
      cases.push({
        name: "eac process, cold, against the AWS CLI",
        command: [...eac, "process", "role-0", "--no-cache"],
        env,
        against: calling,
        goal: [3, "times as fast"],
      });
    }
    const medians = await measure(cases, runs);
    report(cases, medians);

    const some: Case[] = [
      {
        name: "eac get of one role, 50 ms away",
        command: [...eac, "get", "role-0", "--refresh"],
        env: many,
      },
      {
        name: `eac get --all of ${ROLES} roles, 50 ms away`,
        command: [...eac, "get", "--all", "--refresh"],
        env: many,
        against: "eac get of one role, 50 ms away",
        // The least: a call that loads the SDK, then rounds of calls side by side.
        allowance: (Math.ceil(ROLES / AT_ONCE) - 1) * DELAY,
        goal: [1.3],
      },
      ...cached.map(({ count, env }, index): Case => ({
        name: `eac get --all, ${count} cached roles`,
        command: [...eac, "get", "--all"],
        env,
        ...(index === 0 ? {} : { against: "eac get --all, 100 cached roles", goal: [3] as const }),
      })),
      ...cached.map(({ count, env }, index): Case => ({
        name: `eac clear --all, ${count} cached roles`,
        command: [...eac, "clear", "--all"],
        env: { ...env, HOME: cleared },
        prepare: () => replaceFolder(`${folder}/stored-${count}`, cleared),
        ...(index === 0
          ? {}
          : { against: "eac clear --all, 100 cached roles", goal: [6] as const }),
      })),
    ];
    report(some, await measure(some, Math.ceil(runs / 3)));

    console.log("");
    await reportOwn(folder, env, Math.ceil(runs / 2));
    console.log("");
    reportMemory("a warm process", [...eac, "process", "role-0"], env, line, 1.15);
    reportMemory("list of 10,000 profiles", [...eac, "list"], lists[2]!.env, line, 2.2);
  } finally {
    await emulator.stop();
    await slow.stop();
  }
}

if (import.meta.main) {
  const [option, value = "25"] = Deno.args;
  const runs = Number(value);
  if ((option !== undefined && option !== "--runs") || !(runs >= 1)) {
    console.error("usage: deno task bench [--runs N]");
    Deno.exit(2);
  }
  const folder = Deno.makeTempDirSync({ prefix: "eac-bench-" });
  try {
    await bench(folder, runs);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
