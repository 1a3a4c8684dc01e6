/**
 * Locks between processes: flock on a file of its own. The system frees it when its process dies,
 * however it dies, so there is no stale lock and no age to guess.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Lock } from "./host.ts";
import { files, ioError } from "./files.ts";

/** Waits for the lock; `undefined` once `signal` aborts. Makes the lock's folder, 0700. */
export async function lock(path: string, signal?: AbortSignal): Promise<Lock | undefined> {
  if (signal?.aborted) return undefined;
  const folder = path.replace(/[/\\][^/\\]*$/, "");
  if (folder !== path && folder !== "") files.makeFolder(folder, 0o700);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
  } catch (thrown) {
    throw lockError("open", path, thrown);
  }

  const aborted = Promise.withResolvers<undefined>();
  const abort = () => aborted.resolve(undefined);
  signal?.addEventListener("abort", abort);
  const locked = file.lock(true).then(() => true as const);
  try {
    if (await Promise.race([locked, aborted.promise])) return { release: () => file.close() };
    // A wait in the kernel cannot be called off: a lock that comes now is let go at once.
    locked.then(() => file.close(), () => file.close());
    return undefined;
  } catch (thrown) {
    file.close();
    throw lockError("take", path, thrown);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Some network file systems have no locks. Without one nothing is written that others share. */
function lockError(action: string, path: string, thrown: unknown): EacError {
  const { message } = ioError(`${action} the lock`, path, thrown);
  return new EacError("io", message, {
    hint: "locks are in EAC_HOME: set it to your own folder on a local disk",
    cause: thrown,
  });
}
