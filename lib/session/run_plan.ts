/**
 * Runs the remaining steps of a plan: MFA codes, STS, and the retry of a role with its own code.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { askCode, whyNoCodePrompt } from "./code_prompt.ts";
import type { Profile } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import type { SignInBase } from "../plan/base.ts";
import { codeOrigin } from "../plan/code_origin.ts";
import { knownRoles, rememberRole } from "../credentials/cache/known_roles.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { callersWith } from "../credentials/providers/callers.ts";
import { getSignInToken } from "../credentials/custom/sign_in.ts";
import { type PlanResult, runSteps } from "../credentials/executor.ts";
import type { ExecutorContext, Shared } from "../credentials/executor_context.ts";
import { UnexpectedKeys } from "../credentials/process_keys.ts";
import { type CodeContext, codeSource } from "../credentials/mfa/code_source.ts";
import { ALL_ROLES, ENVIRONMENT, type Plan } from "../plan/plan.ts";
import type { Circumstances } from "../aws/refusal.ts";
import { isAccessDenied } from "../aws/refusal_kind.ts";
import type { RunCalls } from "../aws/query.ts";
import { createSts } from "../aws/sts.ts";
import { asEacError, EacError } from "../errors.ts";
import { newLoginOffers, withLoginOffer } from "./offer_login.ts";
import { cachePolicy, dueSerial, type PlannedProfile, planProfile } from "./plan_profile.ts";
import { createMutex, type Mutex } from "../async/mutex.ts";

/** Gets the credentials of a plan; the profiles of one command line share its codes. */
export type RunPlan = (planned: PlannedProfile) => Promise<PlanResult>;

/** What the profiles of one run share. */
interface Run {
  readonly codes: CodeContext;
  readonly shared: Shared;
  /** Profiles run concurrently, but the user is asked one question at a time. */
  readonly questions: Mutex;
  /** Strategies that ask the user run one at a time, so that their questions do not mix. */
  readonly strategyQueue: Mutex;
  readonly calls: RunCalls;
}

/** Sets up one run. */
export function createRunPlan(context: Context, config: SharedConfig): RunPlan {
  const run = newRun(context);
  const offers = newLoginOffers(run.questions);
  return (planned) =>
    withLoginOffer(
      context,
      config,
      planned.plan.base,
      () => runOnce(context, config, planned, run),
      offers,
    ).catch((error) => retryWithCode(context, config, planned, run, asEacError(error)));
}

function newRun(context: Context): Run {
  const questions = createMutex();
  return {
    questions,
    strategyQueue: createMutex(),
    codes: codeContext(context, questions),
    shared: { steps: new Map(), devices: new Map(), signIns: new Map() },
    calls: { succeeded: 0 },
  };
}

/** Runs a plan; if its `credential_process` printed other keys than expected, plans and runs again. */
async function runOnce(
  context: Context,
  config: SharedConfig,
  planned: PlannedProfile,
  run: Run,
): Promise<PlanResult> {
  try {
    return await runPlanned(context, planned, run);
  } catch (thrown) {
    if (!(thrown instanceof UnexpectedKeys)) throw thrown;
    const { processKeys } = thrown;
    const known = { ...knownRoles(context.host), processKeys };
    return runPlanned(
      context,
      await planProfile(context, config, planned.plan.profile, known),
      run,
    );
  }
}

async function runPlanned(
  context: Context,
  planned: PlannedProfile,
  run: Run,
): Promise<PlanResult> {
  const { plan, where, keys, prefix } = planned;
  const { host, log } = context;
  // Before any lock: the run that waits for this one may hold it.
  if (plan.base.kind === "process") callersWith(host, plan.base.profile);
  const target = stsEndpoint(where);
  for (const note of plan.notes) {
    if (plan.warnings.includes(note)) log.warn(note);
    else log.detail(`note: ${note}`);
  }
  if (target.insecure && plan.steps.length > 0) {
    log.warn(`${target.url} is plain HTTP: anyone on the network path can read the credentials`);
  }
  return await runSteps(plan, keys, prefix, executorContext(context, planned, run));
}

/**
 * Signs in again with the custom strategy that the plan begins with, and caches the token.
 *
 * @returns the expiration, in milliseconds since 1970
 */
export async function runCustomSignIn(
  context: Context,
  planned: PlannedProfile,
  base: SignInBase,
): Promise<number> {
  const executor = executorContext(context, planned, newRun(context));
  const policy = { ...executor.policy, since: context.began };
  return (await getSignInToken(base, { ...executor, policy })).expiration;
}

function executorContext(
  context: Context,
  { plan, where }: Pick<PlannedProfile, "plan" | "where">,
  { codes, shared, questions, strategyQueue, calls }: Run,
): ExecutorContext {
  const { host, log } = context;
  const target = stsEndpoint(where);
  const customRun = { questions, strategyQueue, profile: plan.profile.name, target };
  const logDetail = (text: string) => log.detail(text);
  const sts = createSts(host, target, { log: logDetail, calls });
  return {
    host,
    shared,
    policy: cachePolicy(context, where),
    sts,
    codes: codeSource(plan.profile, codes, plan.mfa?.serial),
    signInCodes: plan.base.kind === "sign-in" ? codeSource(baseProfileOf(plan), codes) : undefined,
    async custom(...step) {
      const { runCustomStep } = await import("./custom_step.ts");
      return runCustomStep(context, customRun, ...step);
    },
    async signIn(...step) {
      const { runSignIn } = await import("./custom_step.ts");
      return runSignIn(context, { ...customRun, profile: plan.base.profile }, ...step);
    },
    resolve: { sts, where, log: logDetail },
    circumstances: circumstancesOf(plan),
    warn: (text) => log.warn(text),
    async busy(text, work) {
      if (!host.stderr.isTerminal) return work();
      const { withProgress } = await import("../terminal/progress.ts");
      return withProgress(host, text, work);
    },
  };
}

/** The profile that the plan's base belongs to. */
function baseProfileOf({ profile, base }: Plan): Profile {
  let at = profile;
  while (at.name !== base.profile && at.source !== undefined) at = at.source;
  return at;
}

/** Facts that improve the hint of an error. */
function circumstancesOf({ profile, base, steps }: Plan): Circumstances {
  const first = steps[0];
  const sharedSession = first?.call === "GetSessionToken" && steps.length > 1;
  const inSource = !profile.values.mfa_serial && profile.values.role_arn &&
    profile.source?.values.mfa_serial;
  return {
    sharedSession,
    ...(base.profile === ENVIRONMENT ? {} : { base: base.profile }),
    ...(inSource && profile.source ? { mfaSerialOnlyIn: profile.source.name } : {}),
  };
}

/** Retries a refused role with one code, if the missing code may be the cause. */
async function retryWithCode(
  context: Context,
  config: SharedConfig,
  planned: PlannedProfile,
  run: Run,
  refusal: EacError,
): Promise<PlanResult> {
  const denied = refusal.code === "access_denied" && isAccessDenied(refusal); // not a wrong code
  if (!denied) throw refusal;
  // A later role of the chain does not depend on MFA: only the first one is called with the user's keys.
  const { sourceDevice } = planned.plan;
  if (sourceDevice !== undefined && namesRole(refusal.message, sourceDevice.roleArn)) {
    return await tryWithSourceDevice(context, config, planned, run, refusal);
  }
  return await tryDirectly(context, config, planned, run, refusal);
}

/** Whether a message is about this role, not about one whose name begins with its name. */
function namesRole(message: string, roleArn: string): boolean {
  return message.split(roleArn).slice(1).some((rest) => !/^[\w+=,.@/-]/.test(rest));
}

/** A role without `mfa_serial` that AWS refused may require the MFA device of its source. */
async function tryWithSourceDevice(
  context: Context,
  config: SharedConfig,
  { plan }: PlannedProfile,
  run: Run,
  refusal: EacError,
): Promise<PlanResult> {
  const { host, log } = context;
  const { profile } = plan;
  const { serial, roleArn } = plan.sourceDevice!;
  const retry = await planProfile(context, config, profile, {
    ...knownRoles(host),
    sourceDeviceRoles: ALL_ROLES,
  });
  const due = dueSerial(retry);
  if (due !== undefined) {
    const { origin } = codeOrigin(profile, host.env, context.options.mfaToken, due);
    if (origin === "prompt" && whyNoCodePrompt(context, profile) !== undefined) throw refusal;
    log.warn(refusal.message);
    log.done(`${roleArn} may require MFA: trying once with ${serial} (Ctrl-C cancels)`);
  }
  const result = await runOnce(context, config, retry, run);
  await remember(context, "source-device", roleArn, `${roleArn} requires MFA`);
  return result;
}

/**
 * Remembers a role for later runs, and logs it. If writing fails, the next run only needs another
 * call.
 */
async function remember(
  { host, log }: Context,
  kind: Parameters<typeof rememberRole>[1],
  roleArn: string,
  learned: string,
): Promise<void> {
  try {
    await rememberRole(host, kind, roleArn);
    log.done(`${learned}; eac will remember that`);
  } catch (error) {
    log.warn(asEacError(error).message);
  }
}

/**
 * A trust policy may require MFA that is more recent than the shared session's, or a code in the
 * call itself: AWS only reports that access is denied. So one code is tried in the call itself.
 */
async function tryDirectly(
  context: Context,
  config: SharedConfig,
  planned: PlannedProfile,
  run: Run,
  refusal: EacError,
): Promise<PlanResult> {
  const { plan } = planned;
  const roleArn = plan.profile.values.role_arn;
  const shared = plan.steps[0]?.call === "GetSessionToken" && plan.steps.length === 2;
  if (!shared || !roleArn) throw refusal;
  const { origin } = codeOrigin(
    plan.profile,
    context.host.env,
    context.options.mfaToken,
    plan.mfa?.serial,
  );
  const given = origin === "flag" || origin === "environment";
  if (given || (origin === "prompt" && whyNoCodePrompt(context, plan.profile) !== undefined)) {
    throw refusal;
  }

  context.log.warn(refusal.message);
  context.log.done(
    `${roleArn} may require the code in the call itself: trying once (Ctrl-C cancels; --no-session ` +
      "does so at once)",
  );
  const direct = await planProfile(context, config, plan.profile, {
    directRoles: new Set([roleArn]),
    sourceDeviceRoles: ALL_ROLES,
  });
  const result = await runOnce(context, config, direct, run);
  await remember(context, "direct", roleArn, `${roleArn} requires the code in the call itself`);
  if (!plan.profile.values.mfa_serial) {
    await remember(context, "source-device", roleArn, `${roleArn} requires MFA`);
  }
  return result;
}

function codeContext(context: Context, questions: Mutex): CodeContext {
  const { host, options, log } = context;
  return {
    host,
    flag: options.mfaToken,
    whyNoPrompt: (profile) => whyNoCodePrompt(context, profile),
    show: (text) => log.done(text),
    async wait(milliseconds, text) {
      // Without a progress line, it is logged once.
      if (!host.stderr.isTerminal) log.done(text(Math.ceil(milliseconds / 1000)));
      const { withCountdown } = await import("../terminal/progress.ts");
      await withCountdown(host, milliseconds, text);
    },
    ask: (profile, serial, again) => questions(() => askCode(context, profile, serial, again)),
  };
}
