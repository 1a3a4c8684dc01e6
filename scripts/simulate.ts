/**
 * `deno task simulate`: plays simulated histories of several eac processes, faults and other
 * programs, and exits 1 at the first one that violates an invariant, after printing the command
 * that replays it.
 *
 * `--for 10m` sets the time (default: one minute), `--seed N` the first seed (default: the time),
 * `--processes N` how many processes run at once (default: 4), `--only NAME,...` the scenarios. `--once`
 * plays only the seed and prints every event. `--exhaustive` plays every schedule of two processes with
 * at most one preemption and one fault instead. `--root DIR` uses the program of another checkout.
 *
 * @module
 */

import { parseDuration } from "../lib/text/duration.ts";
import { makeDeterministic } from "./simulation/determinism.ts";
import { type History, playAllSchedules, playSeed } from "./simulation/histories.ts";
import { type Scenario, SCENARIOS } from "./simulation/scenarios.ts";
import { loadProgram } from "./simulation/simulation.ts";

const options = readOptions();
const root = options.root === undefined
  ? new URL("../", import.meta.url)
  : new URL(`file://${Deno.realPathSync(options.root)}/`);
const program = await loadProgram(root);
makeDeterministic();

const end = performance.now() + options.seconds * 1000;
let played = 0;
if (options.exhaustive) await playExhaustively();
else await playAtRandom();
console.log(`${played} histories, nothing wrong`);

async function playAtRandom(): Promise<void> {
  for (let seed = options.seed;; seed++) {
    for (const scenario of options.scenarios) {
      if (!options.once && performance.now() > end) return;
      judge(
        await playSeed(program, scenario, seed, options.processes),
        scenario,
        `--once --seed ${seed} --processes ${options.processes}`,
      );
    }
    if (options.once) return;
  }
}

async function playExhaustively(): Promise<void> {
  for (const scenario of options.scenarios) {
    for await (const history of playAllSchedules(program, scenario)) {
      judge(history, scenario, `--exhaustive # ${JSON.stringify(history.schedule)}`);
    }
    console.log(`${scenario.name}: every schedule played`);
  }
}

function judge({ error, trace }: History, { name }: Scenario, replay: string): void {
  played++;
  if (options.once || error !== undefined) console.log(trace.join("\n"));
  if (error === undefined) return;
  console.error(`${name}: ${error instanceof Error ? error.stack : error}`);
  console.error(`replay: deno task simulate --only ${name} ${replay}`);
  Deno.exit(1);
}

function readOptions() {
  const found: Record<string, string> = {};
  const args = [...Deno.args];
  for (let name = args.shift(); name !== undefined; name = args.shift()) {
    const isSwitch = name === "--once" || name === "--exhaustive";
    const value = isSwitch ? "yes" : args.shift();
    if (!/^--(for|seed|processes|only|root|once|exhaustive)$/.test(name) || value === undefined) {
      throw new Error(`unknown option or missing value: ${name}`);
    }
    found[name.slice(2)] = value;
  }
  const scenarios = SCENARIOS.filter(({ name }) =>
    found.only === undefined || found.only.split(",").includes(name)
  );
  if (scenarios.length === 0) {
    throw new Error(`no scenario ${found.only}: ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  }
  return {
    seconds: parseDuration(found.for ?? "1m") ?? 60,
    seed: Number(found.seed ?? Date.now() % 1_000_000_000),
    processes: Number(found.processes ?? 4),
    once: found.once !== undefined,
    exhaustive: found.exhaustive !== undefined,
    root: found.root,
    scenarios,
  };
}
