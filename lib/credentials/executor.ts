/**
 * The executor: runs the steps of a plan after its longest cached prefix.
 *
 * Of many processes that need the same step, one runs it under the lock of the step's key. The others wait
 * and read its cache entry.
 *
 * @module
 */

import { locksFolder } from "../config/locations.ts";
import { placeOf } from "../config/profile.ts";
import { asEacError, EacError } from "../errors.ts";
import { sha256 } from "../text/hash.ts";
import { shellWord } from "../text/printable.ts";
import type { Host, Lock } from "../host/host.ts";
import { type CacheEntry, lockFile, readCache } from "./cache/cache.ts";
import { writeCache } from "./cache/cache_write.ts";
import { cliCacheFile, sharedArguments, writeCliCache } from "./cache/cli_cache.ts";
import { checkAccount } from "../plan/account.ts";
import type { Credentials, Secret, SignIn } from "../plan/credentials.ts";
import { claimCode, type CodeSource, noteRejected, releaseCode } from "./mfa.ts";
import type { KeysBase, ProcessBase, SignInBase } from "../plan/base.ts";
import type { Plan, ProcessKeys } from "../plan/plan.ts";
import { processEntry, processKey, readProcessCache } from "./cache/process_cache.ts";
import {
  type CachedPrefix,
  type CachePolicy,
  entriesOf,
  serves,
  sessionKey,
} from "./cache/cached_prefix.ts";
import type { Circumstances } from "../aws/refusal.ts";
import { isMfaRefusal, wasNotSent } from "../aws/refusal_kind.ts";
import { resolveBase, type ResolveContext } from "./providers/resolve_base.ts";
import { needsSignIn } from "./providers/sign_in_required.ts";
import type { FederatedCall, ServiceCall, Services } from "../plan/services.ts";
import {
  type AssumeRoleStep,
  type CustomStep,
  type GetSessionTokenStep,
  type Step,
  subjectOf,
} from "../plan/step.ts";
import type { Sts, StsResult } from "../aws/sts.ts";
import { tokenOf, type TokenOfRun } from "./custom_sign_in.ts";

/**
 * What the profiles of one run share in addition to the caches, so that no step runs or fails
 * twice.
 */
export interface Shared {
  /** Started steps, by their key and the origin of their code. */
  readonly steps: Map<string, Promise<Credentials>>;
  /** The last call with a code of each device: the next one waits for it. */
  readonly devices: Map<string, Promise<unknown>>;
  /** The sign-ins of custom strategies, by key. */
  readonly signIns: Map<string, Promise<TokenOfRun>>;
}

/** What the executor does for a custom strategy. */
export type StrategyCalls = Pick<Services, "call" | "federate" | "code">;

/** What a custom strategy gets of its source: credentials, or the token of a sign-in. */
export interface Source {
  readonly credentials?: Credentials | undefined;
  readonly token?: Secret | undefined;
}

/** What the executor needs in addition to the plan. */
export interface ExecutorContext {
  readonly host: Host;
  readonly shared: Shared;
  readonly policy: CachePolicy;
  readonly sts: Sts;
  readonly codes: CodeSource;
  /** The codes of the sign-in's profile, if the plan begins with one. */
  readonly signInCodes?: CodeSource | undefined;
  readonly resolve: ResolveContext;
  readonly circumstances: Circumstances;
  /** Runs the code of a custom strategy. */
  readonly custom: (
    step: CustomStep,
    source: Source,
    services: StrategyCalls,
  ) => Promise<Credentials>;
  /** Runs the code of a custom strategy that gives a sign-in. */
  readonly signIn: (
    step: CustomStep,
    services: StrategyCalls,
  ) => Promise<SignIn>;
  readonly warn: (text: string) => void;
  /** Runs work that may take a while, and shows progress. */
  readonly busy: <T>(text: string, work: () => Promise<T>) => Promise<T>;
}

/** Credentials, and whether a call was needed for them. */
export interface PlanResult {
  readonly credentials: Credentials;
  readonly cached: boolean;
}

/** A `credential_process` printed other keys than the plan needs: the profile has to be planned again. */
export class UnexpectedKeys extends Error {
  constructor(readonly processKeys: ProcessKeys) {
    super(`the credential_process printed ${processKeys} keys`);
  }
}

/**
 * How long a process waits for another one's call, in milliseconds: the user may be typing there.
 */
const LOCK_WAIT = 180_000;

/** How many codes the user may type before eac gives up. */
const TRIES = 3;

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
  const { host } = context;
  const steps = plan.steps;
  if (plan.base.kind === "sign-in" && steps.length === 0) throw onlySignsIn(plan);
  if (entry !== undefined && done === steps.length) {
    return { credentials: entry.credentials, cached: true };
  }
  let credentials: Credentials | undefined = entry?.credentials;
  let called = false;
  const from = () =>
    plan.base.kind === "custom" || plan.base.kind === "sign-in"
      ? Promise.resolve(undefined)
      : plan.base.kind === "process"
      ? expectedOfProcess(plan, plan.base, context)
      : plan.base.kind === "keys"
      ? onceOfKeys(plan.base, context)
      : resolveBase(host, plan.base, context.resolve);
  for (let index = done; index < steps.length; index++) {
    const before = credentials;
    const result = await once(plan, index, keys[index]!, () => {
      called = true;
      return before === undefined ? from() : Promise.resolve(before);
    }, context);
    credentials = result;
  }
  const last = needed(credentials ?? await from());
  checkTemporary(plan, last);
  return { credentials: last, cached: !called && steps.length > 0 };
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

/**
 * The credentials of a `credential_process`.
 *
 * @throws {UnexpectedKeys} where the plan is for other ones
 */
async function expectedOfProcess(
  { expects }: Plan,
  base: ProcessBase,
  context: ExecutorContext,
): Promise<Credentials> {
  const credentials = await onceOfProcess(base, context);
  const printed = credentials.sessionToken === undefined ? "long-lived" : "temporary";
  if (expects !== undefined && expects !== printed) throw new UnexpectedKeys(printed);
  return credentials;
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

/** Runs a `credential_process` once per run, and in only one of the processes that need it now. */
async function onceOfProcess(base: ProcessBase, context: ExecutorContext): Promise<Credentials> {
  const { host, shared } = context;
  const key = await processKey(host, base);
  const begun = shared.steps.get(key) ?? runProcess(base, key, context);
  shared.steps.set(key, begun);
  return await begun;
}

async function runProcess(
  base: ProcessBase,
  key: string,
  context: ExecutorContext,
): Promise<Credentials> {
  const { host, policy } = context;
  const cached = () => readProcessCache(host, key, policy);
  const found = cached();
  if (found !== undefined) return found;
  const lock = policy.use ? await lockFor(key, "runs the same command", context) : undefined;
  try {
    const meanwhile = cached();
    if (meanwhile !== undefined) return meanwhile;
    const credentials = await resolveBase(host, base, context.resolve);
    const entry = processEntry(credentials, host.now());
    if (policy.use && entry !== undefined) {
      try {
        writeCache(host, key, entry);
      } catch (error) {
        context.warn(`the credentials could not be cached: ${asEacError(error).message}`);
      }
    }
    return credentials;
  } finally {
    lock?.release();
  }
}

/**
 * Reads a custom strategy's long-lived keys once per run, and in only one process at a time: a
 * vault would otherwise ask for its password twice. They are never cached.
 */
async function onceOfKeys(base: KeysBase, context: ExecutorContext): Promise<Credentials> {
  const { steps } = context.shared;
  const key = await sha256(JSON.stringify([1, base]));
  const begun = steps.get(key) ?? readKeys(base, key, context);
  steps.set(key, begun);
  return await begun;
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

/**
 * Runs a strategy with the token of its sign-in. A cached token may have been revoked: when the strategy
 * says that it has expired, the user signs in again, once.
 */
async function sendSignedIn(
  base: SignInBase,
  step: CustomStep,
  context: ExecutorContext,
): Promise<StsResult> {
  const first = await signInBy(base, context);
  try {
    return await sendCustom(step, { token: first.token }, context);
  } catch (error) {
    if (!first.isCached || asEacError(error).code !== "expired") throw error;
    const { token } = await signInBy(base, context, first.token);
    return await sendCustom(step, { token }, context);
  }
}

/**
 * The token of a custom sign-in: cached, or from the strategy.
 *
 * @param refused a token that is no longer accepted
 */
export async function signInBy(
  base: SignInBase,
  context: ExecutorContext,
  refused?: Secret,
): Promise<TokenOfRun> {
  const { strategy, summary, keys } = base;
  const run = () => {
    const step = { call: "Custom", strategy, summary, keys, cacheKey: "" } as const;
    const own = { ...context, codes: context.signInCodes ?? context.codes };
    return withCalls(own, (calls) => context.signIn(step, calls));
  };
  const lock = (key: string) => lockFor(key, "signs in", context);
  return await tokenOf(base, { ...context, signIns: context.shared.signIns, lock, run }, refused);
}

/**
 * Runs a step once per run: profiles that share it share its result or its failure. A failure that
 * ends with a sign-in is not final.
 */
function once(
  plan: Plan,
  index: number,
  key: string,
  from: () => Promise<Credentials | undefined>,
  context: ExecutorContext,
): Promise<Credentials> {
  const { steps } = context.shared;
  const name = `${key} ${context.codes.origin}`;
  const known = steps.get(name);
  if (known !== undefined) return known;
  const begun = onceOfAll(plan, index, key, from, context);
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
  from: () => Promise<Credentials | undefined>,
  context: ExecutorContext,
): Promise<Credentials> {
  const { host, policy } = context;
  const step = plan.steps[index]!;
  const run = async () =>
    plan.base.kind === "sign-in" && index === 0 && step.call === "Custom"
      ? await sendSignedIn(plan.base, step, context)
      : await send(step, await withAccount(plan, step, await from(), context), context);
  if (!policy.use) return (await run()).credentials;

  // Non-interactive runs never wait for another process's prompt.
  if (step.call !== "Custom" && step.mfaSerial !== undefined) {
    try {
      context.codes.check(step.mfaSerial);
    } catch (error) {
      // Temporary keys of a credential_process need no code.
      if (index === 0 && plan.expects === "long-lived") await from();
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
    await cacheResult(plan, index, key, result, context);
    return result.credentials;
  } finally {
    lock?.release();
  }
}

/** Waits for the lock of a key. Without a folder for locks it continues without one, with a warning. */
async function lockFor(
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
    {
      hint: "answer its prompt or stop it, then try again",
    },
  );
}

/** Caches the credentials of a step. They are valid even if that fails. */
async function cacheResult(
  plan: Plan,
  index: number,
  key: string,
  result: StsResult,
  context: ExecutorContext,
): Promise<void> {
  const { host } = context;
  const uncached = (step: Step) => step.call === "Custom" && step.keep === false;
  if (plan.steps.slice(0, index + 1).some(uncached)) return;
  try {
    const { credentials, assumedRoleArn } = result;
    const step = plan.steps[index]!;
    const subject = subjectOf(step);
    const entry: CacheEntry = {
      credentials,
      receivedAt: host.now(),
      subject,
    };
    if (step.call === "GetSessionToken" && step.mfaSerial !== undefined) {
      writeCache(host, await sessionKey(key, step.durationSeconds), entry);
      // A session that lasts longer stays the shared one.
      const longest = readCache(host, key)?.credentials.expiration ?? 0;
      if (longest > credentials.expiration && context.policy.since === 0) return;
    }
    writeCache(host, key, entry);
    if (!context.policy.writesCliCache) return;
    const hashed = sharedArguments(plan, index + 1);
    if (hashed === undefined) return;
    const file = await cliCacheFile(host, hashed);
    writeCliCache(host, file, credentials, assumedRoleArn);
  } catch (error) {
    context.warn(`the credentials could not be cached: ${asEacError(error).message}`);
  }
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
  from: Credentials | undefined,
  context: ExecutorContext,
): Promise<StsResult> {
  if (step.call === "Custom") return await sendCustom(step, { credentials: from }, context);
  const credentials = needed(from);
  if (step.mfaSerial === undefined) return await call(step, credentials, undefined, context);
  return await withCode(step.mfaSerial, (code) => call(step, credentials, code, context), context);
}

function needed(credentials: Credentials | undefined): Credentials {
  if (credentials !== undefined) return credentials;
  throw new EacError("internal", "a plan without base credentials continues with an STS call");
}

async function sendCustom(
  step: CustomStep,
  source: Source,
  context: ExecutorContext,
): Promise<StsResult> {
  const credentials = await withCalls(context, (calls) => context.custom(step, source, calls));
  const { expiration } = credentials;
  if (expiration !== undefined) return { credentials: { ...credentials, expiration } };
  throw new EacError("internal", `strategy "${step.strategy}" returned no expiration`);
}

/** Runs a custom strategy, which may call STS and take codes through eac. */
async function withCalls<T>(
  context: ExecutorContext,
  run: (calls: StrategyCalls) => Promise<T>,
): Promise<T> {
  const { devices } = context.shared;
  const lent = new Map<string, string>();
  const done = Promise.withResolvers<void>();
  try {
    const result = await run({
      async call(wanted, by, given) {
        const serial = wanted.mfaSerial;
        const sent = given !== undefined
          ? withGivenCode(wanted, by, given, context)
          : serial !== undefined && lent.has(serial) // this strategy already holds the device's queue
          ? tryCodes(serial, (code) => call(wanted, by, code, context), context)
          : send(wanted, by, context);
        return (await sent).credentials;
      },
      async federate(wanted) {
        return (await federate(wanted, context)).credentials;
      },
      async code(serial) {
        if (!lent.has(serial)) {
          const before = devices.get(serial);
          devices.set(serial, Promise.all([before, done.promise]));
          await before;
        }
        const code = await context.codes.code(serial);
        lent.set(serial, code);
        return code;
      },
    });
    // Only the strategy knows whether it sent them; with a result it did.
    for (const [serial, code] of lent) await claim(serial, code, context);
    return result;
  } finally {
    done.resolve();
  }
}

/** A call with a code that the strategy supplies, from a hardware key for example. */
async function withGivenCode(
  step: ServiceCall,
  credentials: Credentials,
  code: string,
  context: ExecutorContext,
): Promise<StsResult> {
  const { mfaSerial } = step;
  const send = () => call(step, credentials, code, context);
  if (mfaSerial === undefined) return await send();
  const claimed = await claim(mfaSerial, code, context);
  if (claimed !== "claimed") throw sentCode(claimed);
  return await withClaim(mfaSerial, code, send, context);
}

/** A call with a code. A device shows one code at a time, so its calls are sequential. */
function withCode(
  serial: string,
  call: (code: string) => Promise<StsResult>,
  context: ExecutorContext,
): Promise<StsResult> {
  const { devices } = context.shared;
  const turn = (devices.get(serial) ?? Promise.resolve()).then(() =>
    tryCodes(serial, call, context)
  );
  devices.set(serial, turn.catch(() => {}));
  return turn;
}

/** The user may type another code after a wrong one; nothing else is retried. */
async function tryCodes(
  serial: string,
  call: (code: string) => Promise<StsResult>,
  context: ExecutorContext,
): Promise<StsResult> {
  const { codes } = context;
  let again: string | undefined;
  for (let left = TRIES;;) {
    // A command prints the same code to every process: the next one must know that it is used.
    const lock = codes.origin === "process"
      ? await lockFor(await sha256(serial), "uses the same MFA device", context)
      : undefined;
    try {
      const code = await codes.code(serial, again);
      const claimed = await claim(serial, code, context);
      if (claimed !== "claimed") {
        // A command is run again when its code has changed; the user is asked again immediately.
        const asksAgain = codes.origin === "prompt" ||
          (codes.origin === "process" && claimed === "used");
        if (!asksAgain || (claimed === "rejected" && --left === 0)) throw sentCode(claimed);
        again = `that code was already ${claimed}; each code works only once`;
        continue;
      }
      return await withClaim(serial, code, () => call(code), context);
    } catch (error) {
      left--;
      if (codes.origin !== "prompt" || left === 0 || !isMfaRefusal(error)) throw error;
      again = `AWS rejected the code; each code works only once (${left} ${
        left === 1 ? "try" : "tries"
      } left)`;
    } finally {
      lock?.release();
    }
  }
}

/**
 * Makes a call with a claimed code; the claim is released if AWS rejects the code or the call was
 * not sent.
 */
async function withClaim(
  serial: string,
  code: string,
  call: () => Promise<StsResult>,
  { host, warn }: ExecutorContext,
): Promise<StsResult> {
  try {
    return await call();
  } catch (error) {
    const note = isMfaRefusal(error) ? noteRejected : wasNotSent(error) ? releaseCode : undefined;
    await note?.(host, serial, code).catch((thrown: unknown) =>
      warn(`could not record that the code is unused: ${asEacError(thrown).message}`)
    );
    throw error;
  }
}

/**
 * Claims a code, with a second try if the first fails. If nothing can be written, no other run can
 * have claimed it either: the code is used anyway, with a warning.
 *
 * @throws {EacError} `io` if another process claims a code of this device for too long
 */
async function claim(
  serial: string,
  code: string,
  context: ExecutorContext,
): Promise<"claimed" | "used" | "rejected"> {
  const attempt = () => claimCode(context.host, serial, code);
  const claimed = await attempt().catch(attempt).catch((error: unknown) => {
    context.warn(`could not record that the code is used: ${asEacError(error).message}`);
    return "claimed" as const;
  });
  if (claimed !== "busy") return claimed;
  throw new EacError(
    "io",
    `another eac process is still recording an MFA code of ${serial}; this code was not sent`,
    { hint: "stop the other process, then run the command again with the next code" },
  );
}

function sentCode(how: "used" | "rejected"): EacError {
  return new EacError("mfa_rejected", `this MFA code was already ${how}`, {
    hint: "each code works only once: wait for the next one",
  });
}

/** A call with the proof of an identity provider: no credentials sign it. */
async function federate(wanted: FederatedCall, context: ExecutorContext): Promise<StsResult> {
  const circumstances = { byStrategy: true };
  return await context.busy(`assuming ${wanted.roleArn}`, () => {
    if (wanted.call === "AssumeRoleWithSAML") {
      return context.sts.assumeRoleWithSaml(wanted, circumstances);
    }
    const sessionName = wanted.sessionName ?? newSessionName(context);
    return context.sts.assumeRoleWithWebIdentity({ ...wanted, sessionName }, circumstances);
  });
}

function newSessionName({ host }: ExecutorContext): string {
  return `eac-${Math.floor(host.now() / 1000)}`;
}

async function call(
  step: AssumeRoleStep | GetSessionTokenStep,
  credentials: Credentials,
  code: string | undefined,
  context: ExecutorContext,
): Promise<StsResult> {
  const what = step.call === "AssumeRole" ? `assuming ${step.roleArn}` : "getting a session";
  return await context.busy(what, async () => {
    if (step.call === "GetSessionToken") {
      const result = await context.sts.getSessionToken(credentials, step, code);
      const { accountId } = credentials; // a session is of the same user
      return accountId === undefined
        ? result
        : { ...result, credentials: { ...result.credentials, accountId } };
    }
    const sessionName = step.sessionName ?? newSessionName(context);
    return await context.sts.assumeRole(
      credentials,
      { ...step, sessionName },
      code,
      context.circumstances,
    );
  });
}
