/**
 * How far a plan is already: which of its steps some earlier run has done, and kept.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { sha256 } from "../../text/hash.ts";
import type { Base } from "../../plan/base.ts";
import { type CacheEntry, isFresh, isUsable, readCache } from "./cache.ts";
import type { Plan } from "../../plan/plan.ts";

/** How a run treats what is cached. */
export interface CachePolicy {
  /** False with `--no-cache`. */
  readonly use: boolean;
  /**
   * What was obtained before this instant, in milliseconds since 1970, does not count: with
   * `--refresh` the run's start, else 0. Who waits for another with `--refresh` takes its answer.
   */
  readonly since: number;
  /** `--min-ttl`, in seconds. */
  readonly minTtl?: number;
  /** False when `--duration` asks for what the AWS CLI's cache cannot promise. */
  readonly shareWithCli: boolean;
}

/** What is kept of a plan: how many of its steps are done, and what they gave. */
export interface CachedPrefix {
  readonly done: number;
  readonly entry: CacheEntry | undefined;
}

/**
 * The keys of all prefixes of the plan: the hash of everything that shapes the answer. The region
 * does not: an MFA session of one region serves the roles of all, and so does one code.
 *
 * @param realm who answers
 */
export async function prefixKeys(
  plan: Plan,
  realm: string,
  env: Host["env"],
): Promise<string[]> {
  const keys: string[] = [];
  for (let length = 1; length <= plan.steps.length; length++) {
    const shape = [1, baseId(plan.base, env), realm, plan.steps.slice(0, length)];
    keys.push(await sha256(JSON.stringify(shape)));
  }
  return keys;
}

/** What tells one base from another, and is no secret. */
function baseId(base: Base, env: Host["env"]): unknown {
  if (base.kind === "static") return { kind: "static", accessKeyId: base.credentials.accessKeyId };
  if (base.kind === "custom") return { kind: "custom" }; // the step says it all
  if (base.kind === "environment") return { ...base, accessKeyId: env.AWS_ACCESS_KEY_ID };
  return base;
}

/**
 * The longest prefix of the plan that is kept and still serves. The last step's answer has to be
 * fresh; a session that is only built upon has to live for the next call.
 */
export async function findCachedPrefix(
  host: Pick<Host, "env" | "os" | "now" | "readFile">,
  plan: Plan,
  keys: readonly string[],
  policy: CachePolicy,
): Promise<CachedPrefix> {
  if (!policy.use) return { done: 0, entry: undefined };
  for (let done = plan.steps.length; done > 0; done--) {
    const last = done === plan.steps.length;
    const entry = readCache(host, keys[done - 1]!) ?? await readShared(host, plan, done, policy);
    if (entry !== undefined && serves(entry, last, host.now(), policy)) return { done, entry };
  }
  return { done: 0, entry: undefined };
}

/** Whether what is kept of a step will do: the last one's has to be fresh, others' to be usable. */
export function serves(
  entry: CacheEntry,
  last: boolean,
  now: number,
  { since, minTtl }: CachePolicy,
): boolean {
  return entry.obtained >= since && (last ? isFresh(entry, now, minTtl) : isUsable(entry, now));
}

/** What the AWS CLI keeps of the role that step number `done` assumes. */
async function readShared(
  host: Pick<Host, "env" | "os" | "now" | "readFile">,
  plan: Plan,
  done: number,
  policy: CachePolicy,
): Promise<CacheEntry | undefined> {
  if (!policy.shareWithCli || policy.since > 0) return undefined;
  const { cliCacheFile, readCliCache, sharedArguments } = await import("./cli_cache.ts");
  const hashed = sharedArguments(plan, done);
  if (hashed === undefined) return undefined;
  const credentials = readCliCache(host, await cliCacheFile(host, hashed));
  return credentials && { credentials, obtained: host.now() };
}
