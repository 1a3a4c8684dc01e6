/**
 * Single flight: of many processes that need the same thing, one does the work and the others wait for it.
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

/** How a value is read from the cache, and how it is made. */
interface CachedWork<T> {
  readonly cached: () => T | undefined;
  readonly work: () => Promise<T>;
}

/** The cached value; otherwise only one of the processes that need it now does the work. */
export async function cachedOrOnce<T>(
  key: string,
  doing: string,
  context: ExecutorContext,
  { cached, work }: CachedWork<T>,
): Promise<T> {
  const found = cached();
  if (found !== undefined) return found;
  const lock = context.policy.use ? await lockFor(key, doing, context) : undefined;
  try {
    return cached() ?? await work();
  } finally {
    lock?.release();
  }
}

/** Writes to the cache. If that fails, what was to be cached is still valid. */
export async function tryToCache(
  what: string,
  { policy, warn }: ExecutorContext,
  write: () => void | Promise<void>,
): Promise<void> {
  if (!policy.use) return;
  try {
    await write();
  } catch (error) {
    warn(`${what} could not be cached: ${asEacError(error).message}`);
  }
}
