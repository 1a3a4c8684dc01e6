/**
 * The long-lived keys that a custom strategy reads from a vault.
 *
 * @module
 */

import type { KeysBase } from "../../plan/base.ts";
import type { Credentials } from "../../plan/credentials.ts";
import { sha256 } from "../../text/hash.ts";
import type { ExecutorContext } from "../executor_context.ts";
import { lockFor } from "../single_flight.ts";
import { withCalls } from "./calls.ts";

/**
 * Reads a custom strategy's long-lived keys once per run, and in only one process at a time: a
 * vault would otherwise ask for its password twice. They are never cached.
 */
export async function keysOfStrategy(
  base: KeysBase,
  context: ExecutorContext,
): Promise<Credentials> {
  const { steps } = context.shared;
  const key = await sha256(JSON.stringify([1, base]));
  const begun = steps.get(key) ?? readKeys(base, key, context);
  steps.set(key, begun);
  return begun;
}

async function readKeys(
  { strategy, summary, keys }: KeysBase,
  key: string,
  context: ExecutorContext,
): Promise<Credentials> {
  const lock = await lockFor(key, "reads the same keys", context);
  try {
    const step = { call: "Custom", strategy, summary, keys, cacheKey: key } as const;
    return await withCalls(context, (calls) => context.custom(step, {}, calls));
  } finally {
    lock?.release();
  }
}
