/**
 * The executor: runs the steps of a plan from the longest prefix that is still fresh.
 *
 * Of many processes that want the same step one does it, under the lock of the step's key; the
 * others wait and read what it kept.
 *
 * @module
 */

import { eacHome, join } from "../config/locations.ts";
import { asEacError, EacError } from "../errors.ts";
import type { Host, Lock } from "../host.ts";
import { type Base, resolveBase, type ResolveContext } from "./base.ts";
import { type CacheEntry, isFresh, isUsable, readCache, writeCache } from "./cache.ts";
import { cliCacheArguments, cliCacheFile, readCliCache, writeCliCache } from "./cli_cache.ts";
import type { Credentials } from "./credentials.ts";
import type { StsEndpoint } from "./endpoint.ts";
import { sha256 } from "../hash.ts";
import { type CodeSource, rememberSpent } from "./mfa.ts";
import type { Plan } from "./plan.ts";
import { type Circumstances, isMfaRefusal } from "./refusal.ts";
import type { AssumeRoleStep, GetSessionTokenStep, Step } from "./step.ts";
import type { Sts, StsResult } from "./sts.ts";

/** How a run treats what is cached. */
export interface CachePolicy {
  /** False with `--no-cache`. */
  readonly use: boolean;
  /** True with `--refresh`. */
  readonly refresh: boolean;
  /** `--min-ttl`, in seconds. */
  readonly minTtl?: number;
  /** False when `--duration` asks for what the AWS CLI's cache cannot promise. */
  readonly shareWithCli: boolean;
}

/** What the executor needs beside the plan. */
export interface ExecutorContext {
  readonly host: Host;
  readonly policy: CachePolicy;
  /** Who answers the calls: part of every key. */
  readonly target: Pick<StsEndpoint, "realm">;
  readonly sts: Sts;
  readonly codes: CodeSource;
  readonly resolve: ResolveContext;
  readonly circumstances: Circumstances;
  readonly warn: (text: string) => void;
  /** Does what may take its time, and shows it meanwhile. */
  readonly busy: <T>(text: string, work: () => Promise<T>) => Promise<T>;
}

/** Credentials, and whether a call was needed for them. */
export interface Obtained {
  readonly credentials: Credentials;
  readonly cached: boolean;
}

/** What is kept of a plan: how many of its steps are done, and what they gave. */
export interface Progress {
  readonly done: number;
  readonly entry: CacheEntry | undefined;
}

/** How long one process waits for another's call, in milliseconds: a person may be typing there. */
const LOCK_WAIT = 180_000;

/** How many codes a person may type until eac gives up. */
const TRIES = 3;

/**
 * The keys of all prefixes of the plan: the hash of everything that shapes the answer. The region
 * does not: an MFA session of one region serves the roles of all, and so does one code.
 */
export async function prefixKeys(
  plan: Plan,
  target: Pick<StsEndpoint, "realm">,
): Promise<string[]> {
  const keys: string[] = [];
  for (let length = 1; length <= plan.steps.length; length++) {
    const shape = [1, baseId(plan.base), target.realm, plan.steps.slice(0, length)];
    keys.push(await sha256(JSON.stringify(shape)));
  }
  return keys;
}

/** What tells one base from another, and is no secret. */
function baseId(base: Base): unknown {
  if (base.kind !== "static") return base;
  return { kind: "static", accessKeyId: base.credentials.accessKeyId };
}

/**
 * The longest prefix of the plan that is kept and still serves. The last step's answer has to be
 * fresh; a session that is only built upon has to live for the next call.
 */
export async function progressOf(
  host: Pick<Host, "env" | "os" | "now" | "readFile">,
  plan: Plan,
  keys: readonly string[],
  policy: CachePolicy,
): Promise<Progress> {
  if (!policy.use || policy.refresh) return { done: 0, entry: undefined };
  for (let done = plan.steps.length; done > 0; done--) {
    const last = done === plan.steps.length;
    const entry = readCache(host, keys[done - 1]!) ?? await readShared(host, plan, done, policy);
    if (entry === undefined) continue;
    if (last ? isFresh(entry, host.now(), policy.minTtl) : isUsable(entry, host.now())) {
      return { done, entry };
    }
  }
  return { done: 0, entry: undefined };
}

/** What the AWS CLI keeps of the role that step number `done` assumes. */
async function readShared(
  host: Pick<Host, "env" | "os" | "now" | "readFile">,
  plan: Plan,
  done: number,
  policy: CachePolicy,
): Promise<CacheEntry | undefined> {
  const hashed = sharedArguments(plan, done, policy);
  if (hashed === undefined) return undefined;
  const credentials = readCliCache(host, await cliCacheFile(host, hashed));
  return credentials && { credentials, obtained: host.now() };
}

function sharedArguments(plan: Plan, done: number, policy: CachePolicy): string | undefined {
  if (!policy.shareWithCli) return undefined;
  const hop = plan.hops[plan.hops.length - 1 - (plan.steps.length - done)];
  const step = plan.steps[done - 1];
  if (hop === undefined || step?.call !== "AssumeRole" || step.roleArn !== hop.values.role_arn) {
    return undefined;
  }
  return cliCacheArguments(hop);
}

/**
 * Obtains what the plan comes to.
 *
 * @throws {EacError} as CLI.md's table of exit codes says
 */
export async function obtain(plan: Plan, context: ExecutorContext): Promise<Obtained> {
  const { host, policy } = context;
  const steps = plan.steps;
  const keys = await prefixKeys(plan, context.target);
  const { done, entry } = await progressOf(host, plan, keys, policy);
  if (entry !== undefined && done === steps.length) {
    return { credentials: entry.credentials, cached: true };
  }
  let credentials: Credentials | undefined = entry?.credentials;
  let called = false;
  const from = () => resolveBase(host, plan.base, context.resolve);
  for (let index = done; index < steps.length; index++) {
    const before = credentials;
    const result = await once(plan, index, keys[index]!, () => {
      called = true;
      return before === undefined ? from() : Promise.resolve(before);
    }, context);
    credentials = result;
  }
  return { credentials: credentials ?? await from(), cached: !called && steps.length > 0 };
}

/** One step, done by one process of all that want it now. */
async function once(
  plan: Plan,
  index: number,
  key: string,
  from: () => Promise<Credentials>,
  context: ExecutorContext,
): Promise<Credentials> {
  const { host, policy } = context;
  const step = plan.steps[index]!;
  if (!policy.use) return (await send(step, await from(), context)).credentials;

  const began = host.now();
  const lock = await lockFor(key, context);
  try {
    const entry = readCache(host, key);
    const last = index === plan.steps.length - 1;
    const serves = entry !== undefined &&
      (last ? isFresh(entry, host.now(), policy.minTtl) : isUsable(entry, host.now())) &&
      (!policy.refresh || entry.obtained >= began);
    if (serves) return entry.credentials;
    const result = await send(step, await from(), context);
    await keep(plan, index, key, result, context);
    return result.credentials;
  } finally {
    lock?.release();
  }
}

/** Waits for the lock of a key; without a folder for locks goes on without one, and says so. */
async function lockFor(key: string, context: ExecutorContext): Promise<Lock | undefined> {
  const { host } = context;
  const folder = join(host.os, eacHome(host.env, host.os), "locks");
  let lock: Lock | undefined;
  try {
    host.makeFolder(folder, 0o700);
    lock = await context.busy(
      "waiting for another eac that asks for the same",
      () => host.lock(join(host.os, folder, `${key.slice(0, 32)}.lock`), host.deadline(LOCK_WAIT)),
    );
  } catch (error) {
    context.warn(`${asEacError(error).message}; going on without a lock`);
    return undefined;
  }
  if (lock !== undefined) return lock;
  throw new EacError("io", `another eac has been asking for the same for ${LOCK_WAIT / 1000} s`, {
    hint: "answer its question or end it, then try again",
  });
}

/** Keeps what a step gave. The credentials are good even where that fails. */
async function keep(
  plan: Plan,
  index: number,
  key: string,
  result: StsResult,
  context: ExecutorContext,
): Promise<void> {
  const { host, policy } = context;
  try {
    writeCache(host, key, { credentials: result.credentials, obtained: host.now() });
    const hashed = sharedArguments(plan, index + 1, { ...policy, shareWithCli: true });
    if (hashed === undefined) return;
    const file = await cliCacheFile(host, hashed);
    writeCliCache(host, file, result.credentials, result.assumedRoleArn);
  } catch (error) {
    context.warn(`the credentials could not be cached: ${asEacError(error).message}`);
  }
}

async function send(
  step: Step,
  credentials: Credentials,
  context: ExecutorContext,
): Promise<StsResult> {
  if (step.call === "Custom") {
    throw new EacError("internal", `step of strategy "${step.strategy}" cannot be sent`);
  }
  if (step.mfaSerial === undefined) return await call(step, credentials, undefined, context);
  return await withCode(step.mfaSerial, (code) => call(step, credentials, code, context), context);
}

/** A call that carries a code. Who typed a wrong one may type again; nothing else is tried twice. */
async function withCode(
  serial: string,
  call: (code: string) => Promise<StsResult>,
  context: ExecutorContext,
): Promise<StsResult> {
  let again: string | undefined;
  for (let left = TRIES;;) {
    const code = await context.codes.code(serial, again);
    try {
      const result = await call(code);
      await rememberCode(serial, code, context);
      return result;
    } catch (error) {
      left--;
      if (context.codes.origin !== "prompt" || left === 0 || !isMfaRefusal(error)) throw error;
      again = `AWS refused that code; a code works once (${left} ${
        left === 1 ? "try" : "tries"
      } left)`;
    }
  }
}

async function rememberCode(serial: string, code: string, context: ExecutorContext): Promise<void> {
  try {
    await rememberSpent(context.host, serial, code);
  } catch (error) {
    context.warn(`that the code is used could not be noted: ${asEacError(error).message}`);
  }
}

async function call(
  step: AssumeRoleStep | GetSessionTokenStep,
  credentials: Credentials,
  code: string | undefined,
  context: ExecutorContext,
): Promise<StsResult> {
  const what = step.call === "AssumeRole" ? `assuming ${step.roleArn}` : "getting a session";
  return await context.busy(what, () => {
    if (step.call === "GetSessionToken") {
      return context.sts.getSessionToken(credentials, step, code);
    }
    const sessionName = step.sessionName ?? `eac-${Math.floor(context.host.now() / 1000)}`;
    return context.sts.assumeRole(
      credentials,
      { ...step, sessionName },
      code,
      context.circumstances,
    );
  });
}
