/**
 * Finds the cached part of a plan: the steps whose credentials an earlier run stored.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { sha256 } from "../../text/hash.ts";
import type { Base } from "../../plan/base.ts";
import { type CacheEntry, isFresh, isUsable, readCache } from "./cache.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";

/** How a run uses the caches. */
export interface CachePolicy {
  /** False with `--no-cache`. */
  readonly use: boolean;
  /**
   * Credentials from before this time, in milliseconds since 1970, are ignored: with `--refresh`
   * the run's start, else 0. A process with `--refresh` that waits for another one uses its result.
   */
  readonly since: number;
  /** `--min-ttl`, in seconds. */
  readonly minTtl?: number | undefined;
  /** `--duration`, in seconds. */
  readonly durationSeconds?: number | undefined;
  /** Whether roles are read from the AWS CLI's cache. */
  readonly readsCliCache: boolean;
  /** Whether roles are also written to the AWS CLI's cache. */
  readonly writesCliCache: boolean;
}

/** The cached part of a plan: the number of its steps that are done, and their credentials. */
export interface CachedPrefix {
  readonly done: number;
  readonly entry: CacheEntry | undefined;
}

/**
 * The keys of all prefixes of the plan: the hash of everything that affects the result. The region
 * does not: an MFA session of one region serves the roles in all of them, and so does one code.
 *
 * @param issuer the server that issues the credentials
 */
export async function prefixKeys(
  plan: Plan,
  issuer: string,
  env: Host["env"],
): Promise<string[]> {
  const keys: string[] = [];
  for (let length = 1; length <= plan.steps.length; length++) {
    const steps = plan.steps.slice(0, length).map(shapeOf);
    const shape = [1, baseId(plan.base, env), issuer, steps];
    keys.push(await sha256(JSON.stringify(shape)));
  }
  return keys;
}

/**
 * The parts of a step that affect the key. The duration of an MFA session does not: any valid
 * session of the same keys and device is used.
 */
function shapeOf(step: Step): unknown {
  if (step.call !== "GetSessionToken" || step.mfaSerial === undefined) return step;
  return { call: step.call, mfaSerial: step.mfaSerial };
}

/** Identifies a base without its secrets. */
function baseId(base: Base, env: Host["env"]): unknown {
  if (base.kind === "static") return { kind: "static", accessKeyId: base.credentials.accessKeyId };
  if (base.kind === "custom") return { kind: "custom" }; // the step identifies it
  if (base.kind === "sign-in") { // profiles with the same keys share it
    const { kind, strategy, keys, version } = base;
    return { kind, strategy, keys, version };
  }
  if (base.kind === "environment") return { ...base, accessKeyId: env.AWS_ACCESS_KEY_ID };
  return base;
}

/**
 * The longest prefix of the plan with valid cached credentials. Those of the last step must be
 * fresh (see `isFresh`); those of an earlier step only have to last for the next call.
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
    const step = plan.steps[done - 1]!;
    for (const entry of await entriesOf(host, keys[done - 1]!, step)) {
      if (serves(entry, step, last, host.now(), policy)) return { done, entry };
    }
    const entry = await readShared(host, plan, done, policy);
    if (entry !== undefined && serves(entry, step, last, host.now(), policy)) {
      return { done, entry };
    }
  }
  return { done: 0, entry: undefined };
}

/** True if a step's cached credentials are valid: fresh for the last step, usable for others. */
export function serves(
  entry: CacheEntry,
  step: Step,
  last: boolean,
  now: number,
  { since, minTtl, durationSeconds }: CachePolicy,
): boolean {
  if (entry.receivedAt < since) return false;
  if (step.call === "GetSessionToken" && step.mfaSerial !== undefined) {
    const { maxAgeSeconds } = step;
    if (maxAgeSeconds !== undefined && now - entry.receivedAt > maxAgeSeconds * 1000) return false;
    if (last && durationSeconds !== undefined && !lasts(entry, durationSeconds, now)) return false;
  }
  return last ? isFresh(entry, now, minTtl) : isUsable(entry, now);
}

/**
 * Whether a session has the time left that `--duration` requests, or was requested with that
 * duration.
 */
function lasts({ credentials, receivedAt }: CacheEntry, seconds: number, now: number): boolean {
  const lifetime = credentials.expiration - receivedAt;
  return credentials.expiration - now >= seconds * 1000 ||
    Math.abs(lifetime - seconds * 1000) < 60_000;
}

/**
 * The cached entries of a step. An MFA session may have two: the longest one of any command, and
 * the one with this duration.
 */
export async function entriesOf(
  host: Pick<Host, "env" | "os" | "readFile">,
  key: string,
  step: Step,
): Promise<readonly CacheEntry[]> {
  const entry = readCache(host, key);
  if (step.call !== "GetSessionToken" || step.mfaSerial === undefined) {
    return entry === undefined ? [] : [entry];
  }
  const requested = readCache(host, await sessionKey(key, step.durationSeconds));
  return [entry, requested].filter((one) => one !== undefined);
}

/** The key of the MFA sessions with one duration. */
export async function sessionKey(key: string, durationSeconds: number): Promise<string> {
  return await sha256(`${key} ${durationSeconds}`);
}

/** The AWS CLI's cached credentials of the role that step number `done` assumes. */
async function readShared(
  host: Pick<Host, "env" | "os" | "now" | "readFile">,
  plan: Plan,
  done: number,
  policy: CachePolicy,
): Promise<CacheEntry | undefined> {
  if (!policy.readsCliCache || policy.since > 0) return undefined;
  const { cliCacheFile, readCliCache, sharedArguments } = await import("./cli_cache.ts");
  const hashed = sharedArguments(plan, done);
  if (hashed === undefined) return undefined;
  const credentials = readCliCache(host, await cliCacheFile(host, hashed));
  return credentials && { credentials, receivedAt: host.now() };
}
