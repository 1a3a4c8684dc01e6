/**
 * The decisions of a simulated history: which process continues, and where a fault occurs. A seed
 * or a schedule determines all of them, so that a history can be replayed.
 *
 * @module
 */

/** What can go wrong at one operation. */
export type FaultKind =
  | "crash before"
  | "crash after"
  | "fails"
  | "request lost"
  | "response lost"
  | "server error"
  | "clock jump"
  | "another program writes";

/** Makes the decisions of one history. */
export interface Chooser {
  /** The index of the option that continues; `owners` has the owner of each option. */
  next(owners: readonly number[]): number;
  /** The fault of an operation, from those that can occur; `undefined` for none. */
  fault(kinds: readonly FaultKind[]): FaultKind | undefined;
  /** A number of milliseconds that the next step takes. */
  duration(): number;
}

/** A generator of pseudo-random numbers from 0 to below 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Decides at random. */
export function randomChooser(seed: number, maxFaults: number): Chooser {
  const random = randomNumbers(seed);
  let left = maxFaults;
  // Some histories switch between processes at every step, others rarely.
  const stay = random();
  let last = -1;
  return {
    next(owners) {
      const same = owners.indexOf(last);
      const index = same >= 0 && random() < stay ? same : Math.floor(random() * owners.length);
      last = owners[index]!;
      return index;
    },
    fault(kinds) {
      if (left === 0 || kinds.length === 0 || random() > 0.04) return undefined;
      left--;
      return kinds[Math.floor(random() * kinds.length)];
    },
    duration: () => Math.floor(random() * 20),
  };
}

/** One preemption and one fault, each at a numbered step. */
export interface Schedule {
  /** The step at which another process continues; a process runs until it waits otherwise. */
  readonly preemptAt: number;
  /** The operation with the fault; -1 for none. */
  readonly faultAt: number;
  /** Which of that operation's possible faults. */
  readonly faultIndex: number;
}

/** What an enumeration needs to know about a finished history. */
export interface ScheduleExtent {
  /** How many steps there were at which another process could have continued. */
  steps: number;
  /** How many kinds of fault could occur at each operation. */
  readonly faults: number[];
}

/** Decides by a schedule. */
export function scheduledChooser(schedule: Schedule): { chooser: Chooser; extent: ScheduleExtent } {
  const extent: ScheduleExtent = { steps: 0, faults: [] };
  let last = -1;
  const chooser: Chooser = {
    next(owners) {
      const same = owners.indexOf(last);
      const other = owners.findIndex((owner) => owner !== last);
      let index = same >= 0 ? same : 0;
      if (same >= 0 && other >= 0 && extent.steps++ === schedule.preemptAt) index = other;
      last = owners[index]!;
      return index;
    },
    fault(kinds) {
      const at = extent.faults.push(kinds.length) - 1;
      return at === schedule.faultAt ? kinds[schedule.faultIndex] : undefined;
    },
    duration: () => 5,
  };
  return { chooser, extent };
}
