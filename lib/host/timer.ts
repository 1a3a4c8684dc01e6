/**
 * Timers without `setTimeout`: since Deno 2.9 its first use loads Node's timers, which takes 6 ms.
 *
 * @module
 */

/** Calls `run` after `milliseconds`, unless the returned function is called before. */
export function after(milliseconds: number, run: () => void): () => void {
  const time = AbortSignal.timeout(milliseconds);
  time.addEventListener("abort", run);
  return () => time.removeEventListener("abort", run);
}

/** Resolves after `milliseconds`, or immediately when `signal` aborts (it never rejects). */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = after(milliseconds, done);
    signal?.addEventListener("abort", done);
  });
}
