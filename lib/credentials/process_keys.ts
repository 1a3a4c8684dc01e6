/**
 * The keys of a `credential_process`: the command runs once for all profiles and processes that need it.
 *
 * @module
 */

import type { ProcessBase } from "../plan/base.ts";
import type { Credentials } from "../plan/credentials.ts";
import type { Plan, ProcessKeys } from "../plan/plan.ts";
import { writeCache } from "./cache/cache_write.ts";
import { processEntry, processKey, readProcessCache } from "./cache/process_cache.ts";
import type { ExecutorContext } from "./executor_context.ts";
import { resolveBase } from "./providers/resolve_base.ts";
import { cachedOrOnce, tryToCache } from "./single_flight.ts";

/** A `credential_process` printed other keys than the plan expects: the profile must be planned again. */
export class UnexpectedKeys extends Error {
  constructor(readonly processKeys: ProcessKeys) {
    super(`the credential_process printed ${processKeys} keys`);
  }
}

/**
 * The credentials of a `credential_process`.
 *
 * @throws {UnexpectedKeys} if the plan is for the other kind of keys
 */
export async function keysOfProcess(
  { expects }: Plan,
  base: ProcessBase,
  context: ExecutorContext,
): Promise<Credentials> {
  const credentials = await onceOfProcess(base, context);
  const printed = credentials.sessionToken === undefined ? "long-lived" : "temporary";
  if (expects !== undefined && expects !== printed) throw new UnexpectedKeys(printed);
  return credentials;
}

/** Runs a `credential_process` once per run, and in only one of the processes that need it now. */
async function onceOfProcess(base: ProcessBase, context: ExecutorContext): Promise<Credentials> {
  const { host, shared } = context;
  const key = await processKey(host, base);
  const begun = shared.steps.get(key) ?? runProcess(base, key, context);
  shared.steps.set(key, begun);
  return begun;
}

function runProcess(
  base: ProcessBase,
  key: string,
  context: ExecutorContext,
): Promise<Credentials> {
  const { host, policy } = context;
  return cachedOrOnce(key, "runs the same command", context, {
    cached: () => readProcessCache(host, key, policy),
    async work() {
      const credentials = await resolveBase(host, base, context.resolve);
      const entry = processEntry(credentials, host.now());
      if (entry !== undefined) {
        await tryToCache("the credentials", context, () => writeCache(host, key, entry));
      }
      return credentials;
    },
  });
}
