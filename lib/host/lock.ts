/**
 * Locks between processes: `flock` on a separate file. The system releases it when its process
 * ends, for any reason, so there are no stale locks.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Lock } from "./host.ts";
import { files, giveTo, ioError, ownerFor } from "./files.ts";

/**
 * Waits for the lock; `undefined` once `signal` aborts. Creates the lock's folder with mode 0700. A
 * lock on a file that was removed while this process waited protects nothing: then it starts over.
 */
export async function lock(path: string, signal?: AbortSignal): Promise<Lock | undefined> {
  for (;;) {
    const held = await lockOnce(path, signal);
    if (held === undefined || held.isHeld()) return held;
    held.release();
  }
}

/** Whether the path still leads to the open file. On Windows, no name is reused while it is open. */
function isAt(path: string, file: Deno.FsFile): boolean {
  if (Deno.build.os === "windows") return true;
  try {
    const [open, there] = [file.statSync(), Deno.statSync(path)];
    return open.ino === there.ino && open.dev === there.dev;
  } catch {
    return false;
  }
}

async function lockOnce(path: string, signal?: AbortSignal): Promise<Lock | undefined> {
  if (signal?.aborted) return undefined;
  const folder = path.replace(/[/\\][^/\\]*$/, "");
  if (folder !== path && folder !== "") files.makeFolder(folder, 0o700);
  let file: Deno.FsFile;
  try {
    const isNew = files.stat(path) === undefined;
    file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
    if (isNew) giveTo(path, ownerFor(folder));
  } catch (thrown) {
    throw lockError("open", path, thrown);
  }

  const aborted = Promise.withResolvers<undefined>();
  const abort = () => aborted.resolve(undefined);
  signal?.addEventListener("abort", abort);
  const locked = file.lock(true).then(() => true as const);
  try {
    if (await Promise.race([locked, aborted.promise])) {
      let open = true;
      const release = () => {
        if (open) file.close();
        open = false;
      };
      return { isHeld: () => open && isAt(path, file), release };
    }
    // A wait in the kernel cannot be canceled: a lock acquired from now on is released immediately.
    locked.then(() => file.close(), () => file.close());
    return undefined;
  } catch (thrown) {
    file.close();
    throw lockError("take", path, thrown);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Some network file systems have no locks. Without a lock, no shared file is written. */
function lockError(action: string, path: string, thrown: unknown): EacError {
  const { message } = ioError(`${action} the lock`, path, thrown);
  return new EacError("io", message, {
    hint: "locks are in EAC_HOME: set it to your own folder on a local disk",
    cause: thrown,
  });
}
