/**
 * A mutex: asynchronous work runs one at a time, in the order of the calls.
 *
 * @module
 */

/** Runs the work once all earlier work is done. */
export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Creates a mutex. */
export function createMutex(): Mutex {
  let before: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = before.then(work);
    before = result.catch(() => {});
    return result;
  };
}
