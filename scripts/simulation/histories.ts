/**
 * Histories: a scenario played once, under the decisions of a seed or a schedule.
 *
 * @module
 */

import {
  type Chooser,
  randomChooser,
  type Schedule,
  scheduledChooser,
  type ScheduleExtent,
} from "./chooser.ts";
import { checkEnd, checkStep, MFA_SECRETS, prepare, type Scenario, WORLD } from "./scenarios.ts";
import { type ProgramUnderTest, Simulation } from "./simulation.ts";

/** The outcome of a history. */
export interface History {
  /** Why it is wrong; `undefined` for a good one. */
  readonly error?: unknown;
  /** The events, one per line. */
  readonly trace: readonly string[];
}

/** Plays a history decided by a seed. */
export function playSeed(
  program: ProgramUnderTest,
  scenario: Scenario,
  seed: number,
  processes: number,
): Promise<History> {
  return play(program, scenario, randomChooser(seed, seed % 4), seed, processes);
}

/** Plays a history decided by a schedule, with two processes; also returns its extent. */
export async function playSchedule(
  program: ProgramUnderTest,
  scenario: Scenario,
  schedule: Schedule,
): Promise<History & { readonly extent: ScheduleExtent }> {
  const { chooser, extent } = scheduledChooser(schedule);
  return { ...await play(program, scenario, chooser, 1, 2), extent };
}

/**
 * Plays every schedule of two processes with at most one preemption and one fault. A preemption is
 * tried at every step that any history had, a fault at every operation of the history without faults.
 */
export async function* playAllSchedules(
  program: ProgramUnderTest,
  scenario: Scenario,
): AsyncGenerator<History & { readonly schedule: Schedule }> {
  let steps = 0;
  for (let preemptAt = -1; preemptAt < steps; preemptAt++) {
    const schedule = { preemptAt, faultAt: -1, faultIndex: 0 };
    const calm = await playSchedule(program, scenario, schedule);
    steps = Math.max(steps, calm.extent.steps);
    yield { ...calm, schedule };
    for (const [faultAt, kinds] of calm.extent.faults.entries()) {
      for (let faultIndex = 0; faultIndex < kinds; faultIndex++) {
        const schedule = { preemptAt, faultAt, faultIndex };
        const history = await playSchedule(program, scenario, schedule);
        steps = Math.max(steps, history.extent.steps);
        yield { ...history, schedule };
      }
    }
  }
}

async function play(
  program: ProgramUnderTest,
  scenario: Scenario,
  chooser: Chooser,
  seed: number,
  processes: number,
): Promise<History> {
  const simulation = new Simulation(program, structuredClone(WORLD), chooser, seed, MFA_SECRETS);
  try {
    prepare(simulation);
    simulation.check = () => checkStep(simulation);
    await simulation.play(scenario.actors(simulation, processes));
    if (scenario.recover !== undefined) {
      const { recover } = scenario;
      simulation.faultless = true;
      await simulation.play([() => recover(simulation)]);
    }
    checkEnd(simulation);
    scenario.outcome?.(simulation);
    return { trace: simulation.trace };
  } catch (error) {
    return { error, trace: simulation.trace };
  }
}
