/**
 * The executor: runs the steps of a plan after its longest cached prefix.
 *
 * Of many processes that need the same step, one runs it under the lock of the step's key. The others wait
 * and read its cache entry.
 *
 * @module
 */

import type { StsResult } from "../aws/sts.ts";
import { placeOf } from "../config/profile.ts";
import { asEacError, EacError } from "../errors.ts";
import { checkAccount } from "../plan/account.ts";
import type { Credentials } from "../plan/credentials.ts";
import type { Plan } from "../plan/plan.ts";
import { type Step, subjectOf } from "../plan/step.ts";
import { shellWord } from "../text/printable.ts";
import { type CacheEntry, readCache } from "./cache/cache.ts";
import { writeCache } from "./cache/cache_write.ts";
import { type CachedPrefix, entriesOf, serves, sessionKey } from "./cache/cached_prefix.ts";
import { cliCacheFile, sharedArguments } from "./cache/cli_cache.ts";
import { writeCliCache } from "./cache/cli_cache_write.ts";
import { runCustomStep } from "./custom/calls.ts";
import { keysOfStrategy } from "./custom/keys.ts";
import { runWithSignIn } from "./custom/sign_in.ts";
import type { ExecutorContext } from "./executor_context.ts";
import { callWithMfa } from "./mfa/call.ts";
import { keysOfProcess } from "./process_keys.ts";
import { resolveBase } from "./providers/resolve_base.ts";
import { needsSignIn } from "./providers/sign_in_required.ts";
import { lockFor, tryToCache } from "./single_flight.ts";

/** Credentials, and whether a call was needed for them. */
export interface PlanResult {
  readonly credentials: Credentials;
  readonly cached: boolean;
}

/**
 * Gets the credentials of a plan, beginning after its cached prefix.
 *
 * @param keys of its prefixes
 * @throws {EacError} of STS, of the base source or of the MFA prompt
 */
export async function runSteps(
  plan: Plan,
  keys: readonly string[],
  { done, entry }: CachedPrefix,
  context: ExecutorContext,
): Promise<PlanResult> {
  const { steps } = plan;
  if (plan.base.kind === "sign-in" && steps.length === 0) throw onlySignsIn(plan);
  if (entry !== undefined && done === steps.length) {
    return { credentials: entry.credentials, cached: true };
  }
  let credentials: Credentials | undefined = entry?.credentials;
  let called = false;
  for (let index = done; index < steps.length; index++) {
    const before = credentials;
    credentials = await once(plan, index, keys[index]!, () => {
      called = true;
      return before === undefined ? baseCredentials(plan, context) : Promise.resolve(before);
    }, context);
  }
  const last = needed(credentials ?? await baseCredentials(plan, context));
  checkTemporary(plan, last);
  return { credentials: last, cached: !called && steps.length > 0 };
}

/** The credentials of the plan's base; `undefined` if a custom strategy begins the chain. */
function baseCredentials(plan: Plan, context: ExecutorContext): Promise<Credentials | undefined> {
  const { base } = plan;
  switch (base.kind) {
    case "custom":
    case "sign-in":
      return Promise.resolve(undefined);
    case "process":
      return keysOfProcess(plan, base, context);
    case "keys":
      return keysOfStrategy(base, context);
    default:
      return resolveBase(context.host, base, context.resolve);
  }
}

/**
 * Refuses to provide long-lived keys of a profile with `mfa_serial`: the user relies on MFA. STS
 * issues temporary ones, so only a base that is passed through (a `credential_process`, the
 * environment) can have them.
 */
function checkTemporary({ profile }: Plan, { sessionToken }: Credentials): void {
  if (sessionToken !== undefined || !profile.values.mfa_serial) return;
  throw new EacError(
    "config_invalid",
    `profile "${profile.name}" has mfa_serial, but its credentials are long-lived and without MFA`,
    {
      hint: "remove eac_strategy, or set it to session-token, to get a session with MFA",
      profile: profile.name,
      ...placeOf(profile, "mfa_serial"),
    },
  );
}

function onlySignsIn({ profile, strategy }: Plan): EacError {
  return new EacError(
    "config_invalid",
    `profile "${profile.name}" is a sign-in (strategy "${strategy}"): it gives other profiles a token, ` +
      "not credentials",
    {
      hint: `use a profile that has source_profile = ${profile.name}; eac login ${
        shellWord(profile.name)
      } only signs in`,
      profile: profile.name,
      ...placeOf(profile, "source_profile"),
    },
  );
}

/**
 * Runs a step once per run: profiles that share it share its result or its failure. A failure that a
 * sign-in can resolve is not final.
 */
function once(
  plan: Plan,
  index: number,
  key: string,
  getPrevious: () => Promise<Credentials | undefined>,
  context: ExecutorContext,
): Promise<Credentials> {
  const { steps } = context.shared;
  const name = `${key} ${context.codes.origin}`;
  const known = steps.get(name);
  if (known !== undefined) return known;
  const begun = onceOfAll(plan, index, key, getPrevious, context);
  steps.set(name, begun);
  begun.catch((error) => {
    if (needsSignIn(asEacError(error))) steps.delete(name);
  });
  return begun;
}

/** Runs a step in only one of the processes that need it now. */
async function onceOfAll(
  plan: Plan,
  index: number,
  key: string,
  getPrevious: () => Promise<Credentials | undefined>,
  context: ExecutorContext,
): Promise<Credentials> {
  const { host, policy } = context;
  const step = plan.steps[index]!;
  const run = async () => {
    const previous = await getPrevious();
    return plan.base.kind === "sign-in" && index === 0 && step.call === "Custom"
      ? await runWithSignIn(plan.base, step, context)
      : await send(step, await withAccount(plan, step, previous, context), context);
  };
  if (!policy.use) return (await run()).credentials;

  // Non-interactive runs never wait for another process's prompt.
  if (step.call !== "Custom" && step.mfaSerial !== undefined) {
    try {
      context.codes.check(step.mfaSerial);
    } catch (error) {
      // Temporary keys of a credential_process need no code.
      if (index === 0 && plan.expects === "long-lived") await getPrevious();
      throw error;
    }
  }
  const lock = await lockFor(key, "gets the same credentials", context);
  try {
    const last = index === plan.steps.length - 1;
    for (const entry of await entriesOf(host, key, step)) {
      if (serves(entry, step, last, host.now(), policy)) return entry.credentials;
    }
    const result = await run();
    await tryToCache(
      "the credentials",
      context,
      () => cacheResult(plan, index, key, result, context),
    );
    return result.credentials;
  } finally {
    lock?.release();
  }
}

/** Caches the credentials of a step. */
async function cacheResult(
  plan: Plan,
  index: number,
  key: string,
  { credentials, assumedRoleArn }: StsResult,
  { host, policy }: ExecutorContext,
): Promise<void> {
  const uncached = (step: Step) => step.call === "Custom" && step.keep === false;
  if (plan.steps.slice(0, index + 1).some(uncached)) return;
  const step = plan.steps[index]!;
  const entry: CacheEntry = { credentials, receivedAt: host.now(), subject: subjectOf(step) };
  if (step.call === "GetSessionToken" && step.mfaSerial !== undefined) {
    writeCache(host, await sessionKey(key, step.durationSeconds), entry);
    // A session that lasts longer stays the shared one.
    const longest = readCache(host, key)?.credentials.expiration ?? 0;
    if (longest > credentials.expiration && policy.since === 0) return;
  }
  writeCache(host, key, entry);
  if (!policy.writesCliCache) return;
  const hashed = sharedArguments(plan, index + 1);
  if (hashed === undefined) return;
  writeCliCache(host, await cliCacheFile(host, hashed), credentials, assumedRoleArn);
}

/**
 * The keys with their account, if the profile has `aws_account_id`: keys of another account are an
 * error before they use up an MFA code.
 *
 * @throws {EacError} `wrong_account`, and what GetCallerIdentity throws
 */
async function withAccount(
  { profile, steps }: Plan,
  step: Step,
  credentials: Credentials | undefined,
  context: ExecutorContext,
): Promise<Credentials | undefined> {
  // A role may be in another account than the keys.
  const isSession = steps.length === 1 && step.call === "GetSessionToken" &&
    step.mfaSerial !== undefined;
  if (!isSession || credentials === undefined || !profile.values.aws_account_id) return credentials;
  const accountId = credentials.accountId ??
    (await context.busy("checking the account", () => context.sts.getCallerIdentity(credentials)))
      .Account;
  checkAccount(profile, accountId);
  return { ...credentials, accountId };
}

async function send(
  step: Step,
  credentials: Credentials | undefined,
  context: ExecutorContext,
): Promise<StsResult> {
  return step.call === "Custom"
    ? await runCustomStep(step, { credentials }, context)
    : await callWithMfa(step, needed(credentials), context);
}

function needed(credentials: Credentials | undefined): Credentials {
  if (credentials !== undefined) return credentials;
  throw new EacError("internal", "a plan without base credentials continues with an STS call");
}
