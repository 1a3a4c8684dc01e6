/**
 * What has to be put back, ended or removed before this process ends, for whatever reason it does.
 * Who changes something says so here.
 *
 * @module
 */

const tasks = new Set<() => void>();

/** Has `task` done at the end, once, however often it is said. */
export function beforeLeaving(task: () => void): void {
  tasks.add(task);
}

/** Runs all tasks. One that throws does not prevent the others. */
export function leave(): void {
  for (const task of tasks) {
    try {
      task();
    } catch {
      // The process ends all the same.
    }
  }
  tasks.clear();
}
