/**
 * The lock of a key: of many processes that need the same thing, one works and the others wait.
 *
 * @module
 */

import { locksFolder } from "../config/locations.ts";
import { asEacError, EacError } from "../errors.ts";
import type { Lock } from "../host/host.ts";
import { lockFile } from "./cache/cache.ts";
import type { ExecutorContext } from "./executor_context.ts";

/**
 * How long a process waits for another one's call, in milliseconds: the user may be typing there.
 */
const LOCK_WAIT = 180_000;

/** Waits for the lock of a key. Without a folder for locks it continues without one, with a warning. */
export async function lockFor(
  key: string,
  doing: string,
  context: ExecutorContext,
): Promise<Lock | undefined> {
  const { host } = context;
  const folder = locksFolder(host);
  let lock: Lock | undefined;
  try {
    host.makeFolder(folder, 0o700);
    lock = await context.busy(
      `waiting for another eac process that ${doing}`,
      () => host.lock(lockFile(host, key), host.deadline(LOCK_WAIT)),
    );
  } catch (error) {
    context.warn(`${asEacError(error).message}; continuing without a lock`);
    return undefined;
  }
  if (lock !== undefined) return lock;
  throw new EacError(
    "io",
    `another eac process that ${doing} is still running after ${LOCK_WAIT / 1000} s`,
    { hint: "answer its prompt or stop it, then try again" },
  );
}
