/**
 * Acting on a plan that is not done yet: codes, STS, and the retry with a code of its own.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { askCode, whyNoCodePrompt } from "./code_prompt.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { codeOrigin } from "../plan/code_origin.ts";
import { rememberDirectRole } from "../credentials/cache/direct_roles.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { callersWith } from "../credentials/providers/callers.ts";
import { type PlanResult, runSteps, type Shared } from "../credentials/executor.ts";
import { type CodeContext, codeSource } from "../credentials/mfa.ts";
import { ENVIRONMENT, type Plan } from "../plan/plan.ts";
import type { Circumstances } from "../aws/refusal.ts";
import { isAccessDenied } from "../aws/refusal_kind.ts";
import { createSts } from "../aws/sts.ts";
import { asEacError, EacError } from "../errors.ts";
import { cachePolicy, type PlannedProfile, planProfile } from "./plan_profile.ts";
import { createMutex, type Mutex } from "../async/mutex.ts";

/** Obtains what a plan comes to; the profiles of one command line share its codes. */
export type RunPlan = (planned: PlannedProfile) => Promise<PlanResult>;

/** What the profiles of one run share. */
interface Run {
  readonly codes: CodeContext;
  readonly shared: Shared;
  /** Profiles are obtained side by side, but a person is asked one thing at a time. */
  readonly questions: Mutex;
}

/** Sets up the acting of one run. */
export function createRunPlan(context: Context, config: SharedConfig): RunPlan {
  const questions = createMutex();
  const run: Run = {
    questions,
    codes: codeContext(context, questions),
    shared: { steps: new Map(), devices: new Map() },
  };
  return (planned) =>
    runOnce(context, planned, run).catch((error) =>
      tryDirectly(context, config, planned, run, asEacError(error))
    );
}

async function runOnce(
  context: Context,
  { plan, where, keys, prefix }: PlannedProfile,
  { codes, shared, questions }: Run,
): Promise<PlanResult> {
  const { host, log } = context;
  // Before any lock: the run that is waiting for this one may hold it.
  if (plan.base.kind === "process") callersWith(host, plan.base.profile);
  const target = stsEndpoint(where);
  for (const note of plan.notes) {
    if (plan.warnings.includes(note)) log.warn(note);
    else log.detail(`note: ${note}`);
  }
  if (target.insecure && plan.steps.length > 0) {
    log.warn(`${target.url} is plain HTTP: anyone on the network path can read the credentials`);
  }
  const logDetail = (text: string) => log.detail(text);
  const sts = createSts(host, target, { log: logDetail });
  return await runSteps(plan, keys, prefix, {
    host,
    shared,
    policy: cachePolicy(context),
    sts,
    codes: codeSource(plan.profile, codes, plan.mfa?.serial),
    async custom(...step) {
      const { runCustomStep } = await import("./custom_step.ts");
      return await runCustomStep(context, questions, ...step);
    },
    resolve: { sts, log: logDetail },
    circumstances: circumstancesOf(plan),
    warn: (text) => log.warn(text),
    async busy(text, work) {
      if (!host.stderr.isTerminal) return await work();
      const { withProgress } = await import("../terminal/progress.ts");
      return await withProgress(host, text, work);
    },
  });
}

/** What makes the hint of a refusal better. */
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

/**
 * A trust policy may want an MFA more recent than the shared session's, or one sent with the call:
 * AWS says no more than that access is denied. One code is tried then, directly.
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
  const denied = refusal.code === "access_denied" && isAccessDenied(refusal); // not: a wrong code
  if (!shared || !roleArn || !denied) throw refusal;
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
  const direct = await planProfile(context, config, plan.profile, new Set([roleArn]));
  const obtained = await runOnce(context, direct, run);
  try {
    await rememberDirectRole(context.host, roleArn);
    context.log.done(`${roleArn} requires the code in the call itself; eac will remember that`);
  } catch (error) {
    context.log.warn(asEacError(error).message);
  }
  return obtained;
}

function codeContext(context: Context, questions: Mutex): CodeContext {
  const { host, options, log } = context;
  return {
    host,
    flag: options.mfaToken,
    whyNoPrompt: (profile) => whyNoCodePrompt(context, profile),
    tell: (text) => log.done(text),
    async wait(milliseconds, text) {
      // Where no line can count down, it is said once.
      if (!host.stderr.isTerminal) log.done(text(Math.ceil(milliseconds / 1000)));
      const { withCountdown } = await import("../terminal/progress.ts");
      await withCountdown(host, milliseconds, text);
    },
    ask: (profile, serial, again) => questions(() => askCode(context, profile, serial, again)),
  };
}
