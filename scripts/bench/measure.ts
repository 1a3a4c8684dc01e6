/**
 * Times whole runs of programs, interleaved, and compares their medians with goals.
 *
 * @module
 */

/** A run to time. */
export interface Case {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How many of them run at once (default: 1); the time is measured until all have exited. */
  readonly atOnce?: number;
  /** Runs before each run, untimed. */
  readonly prepare?: () => void;
  /** The case by whose median this one's is divided (default: the first of the group). */
  readonly against?: string;
  /** A factor of that divisor (default: 1). */
  readonly times?: number;
  /** Milliseconds added to the divisor, such as the latency of a network. */
  readonly allowance?: number;
  /** The ratio may be at most this. */
  readonly goal?: number;
}

/** A goal, and what was measured. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly goal: number;
}

/** Whether a goal is met. */
export function isMet({ value, goal }: Result): boolean {
  return value <= goal;
}

/** `met: at most 1.3` or `MISSED: at most 1.3`. */
export function verdict(result: Result): string {
  return `${isMet(result) ? "met" : "MISSED"}: at most ${result.goal}`;
}

/** The medians of a group of cases in milliseconds, by their names. */
export type Medians = ReadonlyMap<string, number>;

/**
 * The medians of all cases. Each round runs every case in random order, so that other load and the
 * aftereffects of a run affect all cases alike.
 */
export async function measure(cases: readonly Case[], runs: number): Promise<Medians> {
  const times = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (const one of cases) await time(one); // Warms caches and the page cache.
  for (let run = 0; run < runs; run++) {
    for (const one of shuffled(cases)) times.get(one.name)!.push(await time(one));
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

/** Runs a case once; returns milliseconds. */
export async function time(one: Case): Promise<number> {
  one.prepare?.();
  const start = performance.now();
  await Promise.all(Array.from({ length: one.atOnce ?? 1 }, () => run(one)));
  return performance.now() - start;
}

async function run({ name, command, env }: Case): Promise<void> {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, {
    args,
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await child.output();
  if (!success) throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
}

/** Prints a group of cases with their ratios; returns the goals among them. */
export function report(cases: readonly Case[], medians: Medians): Result[] {
  const results: Result[] = [];
  for (const { name, against = cases[0]!.name, times = 1, allowance = 0, goal } of cases) {
    const milliseconds = medians.get(name)!;
    const value = milliseconds / (times * medians.get(against)! + allowance);
    const factor = times === 1 ? against : `${times} x ${against}`;
    const compared = allowance === 0 ? factor : `(${factor} + ${Math.round(allowance)} ms)`;
    const line = `${name.padEnd(42)} ${milliseconds.toFixed(1).padStart(8)} ms ${
      value.toFixed(2).padStart(6)
    } x ${compared.padEnd(30)}`;
    if (goal === undefined) {
      console.log(line.trimEnd());
      continue;
    }
    const result = { name: `${name}, compared with ${compared}`, value, goal };
    console.log(`${line} ${verdict(result)}`);
    results.push(result);
  }
  return results;
}

/** The cost of a run: user and system time in milliseconds, and peak memory in KiB. */
export interface Usage {
  readonly milliseconds: number;
  readonly kibibytes: number;
}

/**
 * Measures a command with Python's wait4; `undefined` without Python.
 *
 * @throws {Error} if the command fails
 */
export async function usage(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Usage | undefined> {
  const script = "import os,subprocess,sys\n" +
    "p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)\n" +
    "_, status, used = os.wait4(p.pid, 0)\n" +
    "print(status, used.ru_utime + used.ru_stime, used.ru_maxrss)";
  let output;
  try {
    output = await new Deno.Command("python3", {
      args: ["-c", script, ...command],
      env: { ...env },
    }).output();
  } catch {
    return undefined; // Python is not installed.
  }
  const decoder = new TextDecoder();
  const [status, seconds, kibibytes] = decoder.decode(output.stdout).trim().split(" ").map(Number);
  if (!output.success || status !== 0) {
    throw new Error(`${command[0]}: ${decoder.decode(output.stderr).trim()}`);
  }
  return { milliseconds: seconds! * 1000, kibibytes: kibibytes! };
}

/** The median; of an even number of values the upper one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function shuffled<T>(values: readonly T[]): T[] {
  const keyed = values.map((value) => [Math.random(), value] as const);
  return keyed.toSorted(([a], [b]) => a - b).map(([, value]) => value);
}
