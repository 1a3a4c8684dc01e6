/**
 * Cleanup before this process ends, for whatever reason: what has to be restored, stopped or
 * removed is registered here.
 *
 * @module
 */

const tasks = new Set<() => void>();

/** Registers `task` for the end; registering it again has no effect. */
export function beforeLeaving(task: () => void): void {
  tasks.add(task);
}

/** Runs all tasks. One that throws does not prevent the others. */
export function leave(): void {
  for (const task of tasks) {
    try {
      task();
    } catch {
      // The process ends anyway.
    }
  }
  tasks.clear();
}
