/**
 * Taking turns: one thing after the other, whoever wants it.
 *
 * @module
 */

/** Does the work when all that was wanted before it is done. */
export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue of its own. */
export function createMutex(): Mutex {
  let before: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = before.then(work);
    before = turn.catch(() => {});
    return turn;
  };
}
