/**
 * Uses cached credentials that have not expired if renewal fails: a program that continues with
 * them is better than one that fails.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { isUsable } from "../credentials/cache/cache.ts";
import { findCachedPrefix } from "../credentials/cache/cached_prefix.ts";
import type { PlanResult } from "../credentials/executor.ts";
import type { EacError } from "../errors.ts";
import { showSpan } from "../text/duration.ts";
import { cachePolicy, type PlannedProfile } from "./plan_profile.ts";

/**
 * The cached credentials of a plan that failed, with a warning; `undefined` if they are about to expire, or
 * the user canceled or asked for new ones (`--refresh`, `--no-cache`, `--min-ttl`).
 */
export async function stillValid(
  context: Context,
  { plan, keys, where }: PlannedProfile,
  error: EacError,
): Promise<PlanResult | undefined> {
  const { host, log } = context;
  const policy = cachePolicy(context, where);
  if (error.code === "interrupted" || policy.since > 0 || policy.minTtl !== undefined) {
    return undefined;
  }
  const { done, entry } = await findCachedPrefix(host, plan, keys, { ...policy, minTtl: 1 });
  if (entry === undefined || done < plan.steps.length) return undefined;
  if (!isUsable(entry, host.now())) return undefined;
  const { credentials } = entry;
  const left = showSpan(credentials.expiration - host.now());
  log.warn(
    `the credentials of "${plan.profile.name}" could not be renewed; they still last ${left}: ` +
      error.message,
  );
  return { credentials, cached: true };
}
