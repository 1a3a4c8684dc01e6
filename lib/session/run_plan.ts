/**
 * Acting on a plan that is not done yet: codes, STS, and the retry with a code of its own.
 *
 * @module
 */

import { type Context, unaskable, withTerminal } from "../context.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { codeOrigin } from "../plan/code_origin.ts";
import { rememberDirectRole } from "../credentials/cache/direct_roles.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { obtain, type Obtained, type Shared } from "../credentials/executor.ts";
import { type CodeContext, codeSource } from "../credentials/mfa.ts";
import type { Plan } from "../plan/plan.ts";
import type { Circumstances } from "../aws/refusal.ts";
import { isAccessDenied } from "../aws/refusal_kind.ts";
import { createSts } from "../aws/sts.ts";
import { asEacError, EacError } from "../errors.ts";
import { cachePolicy, prepare, type Prepared } from "./plan_profile.ts";
import { ENVIRONMENT } from "../commands/pick/select_profile.ts";
import { createTurns, type Turns } from "../async/mutex.ts";

/** Obtains what a plan comes to; the profiles of one command line share its codes. */
export type Act = (prepared: Prepared) => Promise<Obtained>;

/** What the profiles of one run share. */
interface Run {
  readonly codes: CodeContext;
  readonly shared: Shared;
  /** Profiles are obtained side by side, but a person is asked one thing at a time. */
  readonly questions: Turns;
}

/** Sets up the acting of one run. */
export function createAct(context: Context, config: SharedConfig): Act {
  const questions = createTurns();
  const run: Run = {
    questions,
    codes: codeContext(context, questions),
    shared: { steps: new Map(), devices: new Map() },
  };
  return (prepared) =>
    obtainOnce(context, prepared, run).catch((error) =>
      tryDirectly(context, config, prepared, run, asEacError(error))
    );
}

async function obtainOnce(
  context: Context,
  { plan, where, keys, progress }: Prepared,
  { codes, shared, questions }: Run,
): Promise<Obtained> {
  const { host, talk } = context;
  const target = stsEndpoint(where);
  for (const note of plan.notes) {
    if (plan.warnings.includes(note)) talk.warn(note);
    else talk.detail(`note: ${note}`);
  }
  if (target.insecure && plan.steps.length > 0) {
    talk.warn(`${target.url} is plain http: whoever is on the way can read the credentials`);
  }
  const log = (text: string) => talk.detail(text);
  const sts = createSts(host, target, { log });
  return await obtain(plan, keys, progress, {
    host,
    shared,
    policy: cachePolicy(context),
    sts,
    codes: codeSource(plan.profile, codes),
    async custom(...step) {
      const { obtainCustom } = await import("./custom_step.ts");
      return await obtainCustom(context, questions, ...step);
    },
    resolve: { sts, log },
    circumstances: circumstancesOf(plan),
    warn: (text) => talk.warn(text),
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
  prepared: Prepared,
  run: Run,
  refusal: EacError,
): Promise<Obtained> {
  const { plan } = prepared;
  const roleArn = plan.profile.values.role_arn;
  const shared = plan.steps[0]?.call === "GetSessionToken" && plan.steps.length === 2;
  const denied = refusal.code === "access_denied" && isAccessDenied(refusal); // not: a wrong code
  if (!shared || !roleArn || !denied) throw refusal;
  const { origin } = codeOrigin(plan.profile, context.host.env, context.options.mfaToken);
  const given = origin === "flag" || origin === "environment";
  if (given || (origin === "prompt" && unaskable(context) !== undefined)) throw refusal;

  context.talk.warn(refusal.message);
  context.talk.done(
    `${roleArn} may want a code of its own: trying once with one (Ctrl-C gives up; --no-session ` +
      "sends it there at once)",
  );
  const direct = await prepare(context, config, plan.profile, new Set([roleArn]));
  const obtained = await obtainOnce(context, direct, run);
  try {
    await rememberDirectRole(context.host, roleArn);
    context.talk.done(`${roleArn} wants the code itself: the next one goes there at once`);
  } catch (error) {
    context.talk.warn(asEacError(error).message);
  }
  return obtained;
}

function codeContext(context: Context, questions: Turns): CodeContext {
  const { host, options, talk } = context;
  return {
    host,
    ...(options.mfaToken === undefined ? {} : { flag: options.mfaToken }),
    unaskable: () => unaskable(context),
    tell: (text) => talk.done(text),
    async wait(milliseconds, text) {
      // Where no line can count down, it is said once.
      if (!host.stderr.isTerminal) talk.done(text(Math.ceil(milliseconds / 1000)));
      const { withCountdown } = await import("../terminal/progress.ts");
      await withCountdown(host, milliseconds, text);
    },
    ask: (serial, again) => questions(() => askCode(context, serial, again)),
  };
}

/** Asks on the controlling terminal. */
async function askCode(context: Context, serial: string, again?: string): Promise<string> {
  const { askMfaCode } = await import("../terminal/mfa_prompt.ts");
  const code = await withTerminal(context.host, (device) => {
    if (again !== undefined) device.write(`${again}\n`);
    return askMfaCode(device, serial);
  });
  if (code === undefined) throw new EacError("input_required", "the terminal has gone away");
  return code;
}
