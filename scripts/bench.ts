/**
 * `deno task bench [--runs N] [--only GROUP]...`: times whole runs of the program, interleaved, prints
 * their ratios to other runs, and exits with 1 if a goal is missed. docs/performance.md has the goals.
 *
 * Compiled where a base binary is available, otherwise from source.
 *
 * @module
 */

import { type Emulator, startEmulator } from "../lib/emulator/emulator.ts";
import { realHost } from "../lib/host/real.ts";
import {
  chain,
  KEY,
  makeHome,
  mixedProfiles,
  removeCache,
  replaceFolder,
  roleArn,
  ROLES,
  roles,
  ssoProfiles,
  writeExpired,
} from "./bench/homes.ts";
import { NO_PTY, onTerminal, word } from "../tests/support/pty.ts";
import {
  type Case,
  isMet,
  measure,
  median,
  report,
  type Result,
  time,
  usage,
  verdict,
} from "./bench/measure.ts";
import { instructions } from "./bench/instructions.ts";
import { bundlePrograms, compilePrograms, type Programs } from "./bench/programs.ts";
import { compareRuntimes } from "./bench/runtimes.ts";
import { startTlsFront } from "./bench/tls_front.ts";

/** How many roles `get --all` assumes at once (lib/commands/get.ts). */
const AT_ONCE = 16;

/** What every group of the benchmark gets. */
interface Bench extends Programs {
  /** A temporary folder. */
  readonly folder: string;
  readonly runs: number;
  /** Starts an STS that delays its answers by this many milliseconds. */
  readonly sts: (delay?: number) => Emulator;
}

type Group = (bench: Bench) => Promise<Result[]>;

/** One profile: the commands that other programs wait for. */
const one: Group = async ({ folder, runs, eac, line, sts }) => {
  const { url } = sts();
  const env = makeHome(`${folder}/one`, url, roles(1));
  const thousand = makeHome(`${folder}/one-thousand`, url, roles(1000));
  const delay = 200;
  const away = makeHome(`${folder}/one-away`, sts(delay).url, roles(1));
  const cold = [...eac, "process", "role-0", "--no-cache"];
  const cases: Case[] = [
    { name: "one line", command: line, env },
    { name: "--version", command: [...eac, "--version"], env, goal: 1.1 },
    { name: "process, warm", command: [...eac, "process", "role-0"], env, goal: 1.3 },
    {
      name: "process, warm, 1,000 profiles",
      command: [...eac, "process", "role-0"],
      env: thousand,
      against: "process, warm",
      goal: 1.1,
    },
    { name: "env, warm", command: [...eac, "env", "role-0"], env },
    { name: "exec, warm", command: [...eac, "exec", "role-0", "--", "true"], env, goal: 1.4 },
    { name: "explain", command: [...eac, "explain", "role-0"], env },
    { name: "process, one AssumeRole", command: cold, env, goal: 2 },
    {
      name: `process, one AssumeRole ${delay} ms away`,
      command: cold,
      env: away,
      against: "process, one AssumeRole",
      allowance: delay,
      goal: 1.1,
    },
    { name: "get, stored", command: [...eac, "get", "role-0", "-o", "x", "--refresh"], env },
  ];
  return report(cases, await measure(cases, runs));
};

/** Lists of many profiles. */
const lists: Group = async ({ folder, runs, eac, sts }) => {
  const { url } = sts();
  const command = [...eac, "list"];
  const home = (name: string, config: string) => makeHome(`${folder}/list-${name}`, url, config);
  const expired = home("expired", roles(10));
  writeExpired(expired.HOME!, 1000);
  const cases: Case[] = [
    { name: "list of 10 roles", command, env: home("10", roles(10)) },
    { name: "list of 1,000 roles", command, env: home("1000", roles(1000)) },
    { name: "list of 10,000 roles", command, env: home("roles", roles(10_000)), goal: 3.5 },
    {
      name: "list of 10,000 SSO profiles",
      command,
      env: home("sso", ssoProfiles(10_000)),
      goal: 3.5,
    },
    { name: "list of 10,000 mixed", command, env: home("mixed", mixedProfiles(10_000)), goal: 3.5 },
    { name: "list with 1,000 expired entries", command, env: expired, goal: 1.2 },
  ];
  return report(cases, await measure(cases, runs));
};

/** All profiles at once: `get --all` and `clear --all`. */
const all: Group = async ({ folder, runs, eac, sts }) => {
  const delay = 50;
  const away = makeHome(`${folder}/all-away`, sts(delay).url, roles(ROLES, { stored: true }));
  const { url } = sts();
  const cached = [100, ROLES].map((count) => ({
    count,
    env: makeHome(`${folder}/all-${count}`, url, roles(count, { stored: true })),
  }));
  for (const { env } of cached) {
    await time({ name: "get --all", command: [...eac, "get", "--all"], env });
  }
  const cleared = `${folder}/cleared`;
  const first = `get of one role ${delay} ms away`;
  const cases: Case[] = [
    { name: first, command: [...eac, "get", "role-0", "--refresh"], env: away },
    {
      name: `get --all of ${ROLES} roles ${delay} ms away`,
      command: [...eac, "get", "--all", "--refresh"],
      env: away,
      // The minimum: one call that loads the SDK, then rounds of concurrent calls.
      allowance: (Math.ceil(ROLES / AT_ONCE) - 1) * delay,
      goal: 1.3,
    },
    ...cached.map(({ count, env }): Case => ({
      name: `get --all of ${count} cached roles`,
      command: [...eac, "get", "--all"],
      env,
      against: "get --all of 100 cached roles",
      ...(count === 100 ? {} : { goal: 3 }),
    })),
    ...cached.map(({ count, env }): Case => ({
      name: `clear --all of ${count} cached roles`,
      command: [...eac, "clear", "--all"],
      env: { ...env, HOME: cleared },
      prepare: () => replaceFolder(env.HOME!, cleared),
      against: "clear --all of 100 cached roles",
      ...(count === 100 ? {} : { goal: 6 }),
    })),
  ];
  return report(cases, await measure(cases, Math.ceil(runs / 3)));
};

/** Many processes that need the same credentials, with an empty cache. */
const herd: Group = async ({ folder, runs, eac, line, sts }) => {
  const near = sts();
  const delay = 200;
  const away = sts(delay);
  const few = 12;
  const many = 50;
  const command = [...eac, "process", "role-0"];
  const home = (name: string, { url }: Emulator) => makeHome(`${folder}/${name}`, url, roles(1));
  const [nearEnv, awayEnv] = [home("herd", near), home("herd-away", away)];
  let rounds = 0;
  const cases: Case[] = [
    { name: "one line", command: line, env: nearEnv },
    {
      name: `process, ${many} at once`,
      command,
      env: nearEnv,
      atOnce: many,
      prepare() {
        removeCache(nearEnv);
        rounds++;
      },
      times: many,
      goal: 1.3,
    },
    {
      name: `process, ${few} at once, ${delay} ms away`,
      command,
      env: awayEnv,
      atOnce: few,
      prepare: () => removeCache(awayEnv),
      times: few,
      allowance: delay / 1.3, // 1.3 times 12 lines, plus the delay once
      goal: 1.3,
    },
  ];
  const results = report(cases, await measure(cases, Math.ceil(runs / 3)));
  return [
    ...results,
    counted(`calls of ${many} processes at once`, near.calls.length / rounds, 1),
  ];
};

/** Calls to STS and TLS handshakes. */
const network: Group = async ({ folder, eac, sts }) => {
  const emulator = sts();
  const front = startTlsFront(folder, emulator.url);
  if (front === undefined) {
    console.log("TLS handshakes: not counted (openssl cannot make a certificate)");
    return [];
  }
  try {
    const env = {
      ...makeHome(`${folder}/network`, front.url, chain(3)),
      AWS_CA_BUNDLE: front.authority,
    };
    await time({ name: "chain", command: [...eac, "process", "link-3", "--no-cache"], env });
    return [
      counted("calls of a chain of three roles", emulator.calls.length, 3),
      counted("TLS handshakes of a chain of three roles", front.connections(), 1),
    ];
  } finally {
    await front.stop();
  }
};

/**
 * What eac adds to the runtime that releases are made with: to its start, and for `exec` and a call to
 * the smallest program that starts another one, or makes a request. On Deno 2.9 these two load a large
 * part of the runtime.
 */
const own: Group = async ({ folder, runs, sts }) => {
  const { how, eac, line, minimal } = await bundlePrograms(`${folder}/bundle`);
  const env = makeHome(`${folder}/own`, sts().url, roles(1));
  const least = { "one line": line, "one spawn": minimal.spawn, "one fetch": minimal.fetch };
  const goals = [
    { name: "process, warm", argv: ["process", "role-0"], beside: "one line", goal: 5 },
    { name: "env, warm", argv: ["env", "role-0"], beside: "one line", goal: 5 },
    { name: "exec, warm", argv: ["exec", "role-0", "--", "true"], beside: "one spawn", goal: 6 },
    {
      name: "process, one AssumeRole",
      argv: ["process", "role-0", "--no-cache"],
      beside: "one fetch",
      goal: 25,
    },
  ] as const;
  const medians = await measure([
    ...Object.entries(least).map(([name, command]): Case => ({ name, command, env })),
    ...goals.map(({ name, argv }): Case => ({ name, command: [...eac, ...argv], env })),
  ], runs);
  console.log(`milliseconds that eac adds ${how}`);
  for (const name of Object.keys(least)) {
    console.log(`${name.padEnd(42)} ${medians.get(name)!.toFixed(1).padStart(8)} ms`);
  }
  return goals.map(({ name, beside, goal }) => {
    const value = medians.get(name)! - medians.get(beside)!;
    const result = { name: `milliseconds that eac adds to ${name}, beside ${beside}`, value, goal };
    console.log(
      `${name.padEnd(42)} ${value.toFixed(1).padStart(8)} ms beside ${beside}  ${verdict(result)}`,
    );
    return result;
  });
};

/** The picker on a terminal: until it is drawn, and until a key has taken effect. */
const picker: Group = async ({ folder, runs, eac, sts }) => {
  if (NO_PTY !== undefined) {
    console.log(`picker: not measured (${NO_PTY})`);
    return [];
  }
  const { url } = sts();
  const homes = [10, 1000, 10_000].map((count) => ({
    count,
    env: { ...makeHome(`${folder}/picker-${count}`, url, roles(count)), CI: "" },
    drawn: [] as number[],
    answered: [] as number[],
  }));
  for (let run = 0; run < Math.ceil(runs / 3); run++) {
    for (const { env, drawn, answered } of homes) {
      const times = await timePicker([...eac, "explain"], env);
      drawn.push(times.drawn);
      answered.push(times.answered);
    }
  }
  const [few, many, most] = homes.map(({ count, drawn, answered }) => {
    const medians = { drawn: median(drawn), answered: median(answered) };
    console.log(
      `picker of ${count.toLocaleString("en")} roles: drawn after ${
        medians.drawn.toFixed(0)
      } ms, ` +
        `a key takes ${medians.answered.toFixed(0)} ms`,
    );
    return medians;
  });
  const results = [
    { name: "picker of 1,000 roles, compared with 10", value: many!.drawn / few!.drawn, goal: 1.5 },
    { name: "milliseconds of a key at 10,000 roles", value: most!.answered, goal: 50 },
  ];
  for (const result of results) {
    console.log(
      `${result.name.padEnd(42)} ${result.value.toFixed(2).padStart(8)}  ${verdict(result)}`,
    );
  }
  return results;
};

/** Opens the picker, types a digit, and leaves it. */
async function timePicker(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ drawn: number; answered: number }> {
  const start = performance.now();
  let drawn = 0;
  let answered = 0;
  await onTerminal(command.map(word).join(" "), [
    ["❯ role-0", () => void (drawn = performance.now())],
    ["", "7"],
    ["❯ role-7", () => void (answered = performance.now())],
    ["", "\x03"],
  ], env);
  return { drawn: drawn - start, answered: answered - drawn };
}

/** Peak memory. */
const memory: Group = async ({ folder, eac, line, sts }) => {
  const { url } = sts();
  const env = makeHome(`${folder}/memory`, url, roles(1));
  const many = makeHome(`${folder}/memory-many`, url, roles(10_000));
  const goals = [
    { name: "process, warm", command: [...eac, "process", "role-0"], env, goal: 1.15 },
    { name: "list of 10,000 roles", command: [...eac, "list"], env: many, goal: 2.2 },
  ];
  await time({ name: "process", command: [...eac, "process", "role-0"], env });
  const least = await usage(line, env);
  const results: Result[] = [];
  for (const { name, command, env, goal } of goals) {
    const used = await usage(command, env);
    if (least === undefined || used === undefined) {
      console.log("peak memory: not measured (Python is not installed)");
      return [];
    }
    const value = used.kibibytes / least.kibibytes;
    const result = { name: `peak memory of ${name}`, value, goal };
    console.log(
      `${result.name.padEnd(42)} ${(used.kibibytes / 1024).toFixed(1).padStart(8)} MiB ${
        value.toFixed(2).padStart(5)
      } x one line  ${verdict(result)}`,
    );
    results.push(result);
  }
  return results;
};

/** The versions of Deno: the start, a warm run, and a first call through TLS. */
const runtimes: Group = async ({ folder, runs, sts }) => {
  const emulator = sts();
  const front = startTlsFront(folder, emulator.url);
  if (front === undefined) {
    console.log("runtimes: not compared (openssl cannot make a certificate)");
    return [];
  }
  try {
    const { eac, line } = await bundlePrograms(`${folder}/runtimes`);
    const env = makeHome(`${folder}/runtimes-home`, emulator.url, roles(1));
    const tlsEnv = {
      ...makeHome(`${folder}/runtimes-tls`, front.url, roles(1)),
      AWS_CA_BUNDLE: front.authority,
    };
    Deno.mkdirSync(`${folder}/versions`);
    await compareRuntimes(`${folder}/versions`, [
      { name: "one line", args: line.slice(1), env },
      { name: "process, warm", args: [...eac.slice(1), "process", "role-0"], env },
      {
        name: "process, one AssumeRole through TLS",
        args: [...eac.slice(1), "process", "role-0", "--no-cache"],
        env: tlsEnv,
      },
    ], runs);
    return [];
  } finally {
    await front.stop();
  }
};

/** Instructions, which show what a change costs on a busy machine too. */
const counts: Group = async ({ folder, eac, line, sts }) => {
  const { url } = sts();
  const env = makeHome(`${folder}/counts`, url, roles(1));
  const many = makeHome(`${folder}/counts-many`, url, roles(10_000));
  await time({ name: "process", command: [...eac, "process", "role-0"], env });
  const least = await instructions(line, env);
  if (least === undefined) {
    console.log("instructions: not counted (valgrind is not installed)");
    return [];
  }
  const cases = [
    { argv: ["--version"], env },
    { argv: ["process", "role-0"], env },
    { argv: ["process", "role-0"], env: many, of: "of 10,000 profiles" },
    { argv: ["env", "role-0"], env },
    { argv: ["exec", "role-0", "--", "true"], env },
    { argv: ["explain", "role-0"], env },
    { argv: ["process", "role-0", "--no-cache"], env },
    { argv: ["list"], env },
    { argv: ["list"], env: many, of: "of 10,000 profiles" },
  ];
  console.log(`one line: ${least.toFixed(1)} million instructions`);
  for (const { argv, env, of = "" } of cases) {
    const count = (await instructions([...eac, ...argv], env))!;
    console.log(
      `${[...argv, of].join(" ").trim().padEnd(42)} ${count.toFixed(1).padStart(8)} million ${
        (count / least).toFixed(3).padStart(6)
      } x one line`,
    );
  }
  return [];
};

/** Other tools, where they are installed and work: the AWS CLI 1 cannot export credentials. */
const peers: Group = async ({ folder, runs, eac, line, sts }) => {
  const { url } = sts();
  const env = { ...makeHome(`${folder}/peers`, url, roles(1)), AWS_PROFILE: "ci" };
  const others = [
    ["awsumepy", "role-0"], // awsume without its shell function; warm from the second run on
    ["aws", "--version"],
    ["aws", "configure", "export-credentials"],
    ["aws", "sts", "get-caller-identity", "--endpoint-url", url],
  ].map((command): Case => ({ name: command.slice(0, 3).join(" "), command, env }));
  const works = await Promise.all(others.map((one) => time(one).then(() => true, () => false)));
  const cases: Case[] = [
    { name: "one line", command: line, env },
    { name: "process, warm", command: [...eac, "process", "role-0"], env },
    {
      name: "process, one AssumeRole",
      command: [...eac, "process", "role-0", "--no-cache"],
      env,
    },
    ...others.filter((_, index) => works[index]),
  ];
  return report(cases, await measure(cases, Math.ceil(runs / 3)));
};

const GROUPS: Readonly<Record<string, Group>> = {
  one,
  lists,
  all,
  herd,
  network,
  own,
  picker,
  memory,
  peers,
  runtimes,
  counts,
};

/** Only run by name: they download what they compare, or take long. */
const ON_REQUEST = ["runtimes", "counts"];

/** A count with an upper limit. */
function counted(name: string, value: number, goal: number): Result {
  const result = { name, value, goal };
  console.log(`${name.padEnd(42)} ${String(value).padStart(8)}     ${verdict(result)}`);
  return result;
}

async function bench(folder: string, runs: number, names: readonly string[]): Promise<Result[]> {
  const programs = await compilePrograms(folder);
  console.log(
    `eac ${programs.how}, ${Deno.build.target}, ${navigator.hardwareConcurrency} processors; ` +
      `medians of ${runs} runs`,
  );
  const description = {
    users: [{ arn: "arn:aws:iam::123456789012:user/ci", accessKeys: [KEY] }],
    roles: Array.from({ length: ROLES }, (_, index) => ({
      arn: roleArn(index),
      trust: { principals: ["123456789012"] },
    })),
  };
  const started: Emulator[] = [];
  const sts = (serverDelay = 0) => {
    const emulator = startEmulator(realHost(), description, { serverDelay });
    started.push(emulator);
    return emulator;
  };
  try {
    const results: Result[] = [];
    for (const name of names) {
      console.log(`\n${name}`);
      results.push(...await GROUPS[name]!({ ...programs, folder, runs, sts }));
    }
    return results;
  } finally {
    for (const emulator of started) await emulator.stop();
  }
}

/** Exits with 2 if the command line is invalid. */
function readArguments(args: readonly string[]): { runs: number; names: readonly string[] } {
  let runs = 25;
  const names: string[] = [];
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1] ?? "";
    if (args[at] === "--runs" && Number(value) >= 1) runs = Number(value);
    else if (args[at] === "--only" && Object.hasOwn(GROUPS, value)) names.push(value);
    else {
      console.error(
        "usage: deno task bench [--runs N] [--only GROUP]...\n" +
          `groups: ${Object.keys(GROUPS).join(", ")}`,
      );
      Deno.exit(2);
    }
  }
  return {
    runs,
    names: names.length > 0
      ? names
      : Object.keys(GROUPS).filter((name) => !ON_REQUEST.includes(name)),
  };
}

if (import.meta.main) {
  const { runs, names } = readArguments(Deno.args);
  const folder = Deno.makeTempDirSync({ prefix: "eac-bench-" });
  try {
    const results = await bench(folder, runs, names);
    const missed = results.filter((result) => !isMet(result));
    if (results.length > 0) {
      console.log(`\n${results.length - missed.length} of ${results.length} goals met`);
    }
    for (const { name, value, goal } of missed) {
      console.log(`missed: ${name}: ${value.toFixed(2)}, goal ${goal}`);
    }
    if (missed.length > 0) Deno.exitCode = 1;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
