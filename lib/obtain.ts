/**
 * From a profile to credentials: plan, then act. What every command that obtains them shares.
 *
 * @module
 */

import { type Context, loadConfig, unaskable, withTerminal } from "./context.ts";
import type { Profile } from "./config/profile.ts";
import type { SharedConfig } from "./config/shared_config.ts";
import { readDirectRoles, rememberDirectRole } from "./credentials/direct_roles.ts";
import { configuredRegion, type StsEndpoint, stsEndpoint } from "./credentials/endpoint.ts";
import {
  type CachePolicy,
  obtain,
  type Obtained,
  prefixKeys,
  type Progress,
  progressOf,
} from "./credentials/executor.ts";
import { type CodeContext, codeOrigin, codeSource } from "./credentials/mfa.ts";
import { type Plan, planFor } from "./credentials/plan.ts";
import { type Circumstances, isAccessDenied } from "./credentials/refusal.ts";
import { createSts } from "./credentials/sts.ts";
import { asEacError, EacError } from "./errors.ts";
import type { Needs } from "./host.ts";
import { selectProfile } from "./select.ts";
import { withProgress } from "./terminal/progress.ts";

/** A plan, where its calls go, and how much of it is done already. */
export interface Prepared {
  readonly plan: Plan;
  readonly target: StsEndpoint;
  readonly progress: Progress;
  /** The region that somebody configured: it is exported with the credentials. */
  readonly region: string | undefined;
}

/** One run: the profiles of a command line share its codes and its voice. */
export interface Run {
  /** Plans a profile, and looks what is kept of it. Calls nobody. */
  prepare(profile: Profile): Promise<Prepared>;
  /** Gives up what none of these needs: the network, running programs. */
  narrow(prepared: readonly Prepared[], also?: Partial<Needs>): void;
  /**
   * Obtains the credentials.
   *
   * @throws {EacError} of that profile
   */
  obtain(prepared: Prepared): Promise<Obtained>;
}

/** Sets a run up. */
export function createRun(context: Context, config: SharedConfig): Run {
  const codes = codeContext(context);
  return {
    prepare: (profile) => prepare(context, config, profile, readDirectRoles(context.host)),
    narrow: (prepared, also = {}) => narrow(context, prepared, also),
    async obtain(prepared) {
      try {
        return await obtainOnce(context, prepared, codes).catch((error) =>
          tryDirectly(context, config, prepared, codes, asEacError(error))
        );
      } catch (error) {
        throw asEacError(error).of(prepared.plan.profile.name);
      }
    },
  };
}

/** What the options say of the caches. */
export function cachePolicy({ options }: Context): CachePolicy {
  return {
    use: options.cache,
    refresh: options.refresh,
    shareWithCli: options.duration === undefined,
    ...(options.minTtl === undefined ? {} : { minTtl: options.minTtl }),
  };
}

async function prepare(
  context: Context,
  config: SharedConfig,
  profile: Profile,
  directRoles: ReadonlySet<string>,
): Promise<Prepared> {
  const { host, options, strategies } = context;
  const { env } = host;
  const plan = withPolicies(
    host,
    planFor(profile, {
      config,
      strategies,
      env,
      shareSession: options.session,
      directRoles,
      ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
      ...(options.duration === undefined ? {} : { durationSeconds: options.duration }),
    }),
  );
  const where = {
    profile,
    env,
    ...(options.region === undefined ? {} : { region: options.region }),
  };
  const partition = profile.values.role_arn?.split(":")[1];
  const target = stsEndpoint({
    ...where,
    services: config.services,
    ...(partition ? { partition } : {}),
  });
  const keys = await prefixKeys(plan, target);
  const progress = await progressOf(host, plan, keys, cachePolicy(context));
  return { plan, target, progress, region: configuredRegion(where) };
}

/** `session_policy = file://PATH`: what is sent, and what the cache key holds, is the file's text. */
function withPolicies(host: Context["host"], plan: Plan): Plan {
  const steps = plan.steps.map((step) => {
    if (step.call !== "AssumeRole" || !step.policy?.startsWith("file://")) return step;
    const path = step.policy.slice("file://".length);
    const bytes = host.readFile(path);
    if (bytes === undefined) {
      throw new EacError("config_invalid", `session_policy names ${path}, which does not exist`, {
        hint: "write an absolute path after file://, or the policy itself",
        profile: plan.profile.name,
      });
    }
    return { ...step, policy: new TextDecoder().decode(bytes).trim() };
  });
  return { ...plan, steps };
}

function isDone({ plan, progress }: Prepared): boolean {
  return progress.done === plan.steps.length && plan.steps.length > 0;
}

function narrow(context: Context, all: readonly Prepared[], also: Partial<Needs>): void {
  const open = all.filter((prepared) => !isDone(prepared));
  const { host, options } = context;
  const runs = ({ plan, progress }: Prepared) =>
    (plan.base.kind === "process" && progress.done === 0) ||
    (plan.mfa !== undefined &&
      codeOrigin(plan.profile, host.env, options.mfaToken).origin === "process");
  host.narrow({
    net: also.net || open.some(({ plan }) => plan.steps.length > 0 || plan.base.kind !== "static"),
    run: also.run || open.some(runs),
  });
}

async function obtainOnce(
  context: Context,
  { plan, target }: Prepared,
  codes: CodeContext,
): Promise<Obtained> {
  const { host, talk } = context;
  for (const note of plan.notes) talk.detail(`note: ${note}`);
  const log = (text: string) => talk.detail(text);
  const sts = createSts(host, target, { log });
  return await obtain(plan, {
    host,
    policy: cachePolicy(context),
    target,
    sts,
    codes: codeSource(plan.profile, codes),
    resolve: { sts, log },
    circumstances: circumstancesOf(plan),
    warn: (text) => talk.warn(text),
    busy: (text, work) => withProgress(host, text, work),
  });
}

/** What makes the hint of a refusal better. */
function circumstancesOf({ profile, steps }: Plan): Circumstances {
  const first = steps[0];
  const sharedSession = first?.call === "GetSessionToken" && steps.length > 1;
  const inSource = !profile.values.mfa_serial && profile.values.role_arn &&
    profile.source?.values.mfa_serial;
  return {
    sharedSession,
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
  codes: CodeContext,
  refusal: EacError,
): Promise<Obtained> {
  const { plan } = prepared;
  const roleArn = plan.profile.values.role_arn;
  const shared = plan.steps[0]?.call === "GetSessionToken" && plan.steps.length === 2;
  if (!shared || !roleArn || !isAccessDenied(refusal)) throw refusal;
  const { origin } = codeOrigin(plan.profile, context.host.env, context.options.mfaToken);
  const given = origin === "flag" || origin === "environment";
  if (given || (origin === "prompt" && unaskable(context) !== undefined)) throw refusal;

  context.talk.warn(
    `AWS refused ${roleArn} from the shared MFA session; trying once with a code sent directly`,
  );
  const direct = await prepare(context, config, plan.profile, new Set([roleArn]));
  const obtained = await obtainOnce(context, direct, codes);
  try {
    rememberDirectRole(context.host, roleArn);
    context.talk.done(`${roleArn} wants the code itself: the next one goes there at once`);
  } catch (error) {
    context.talk.warn(asEacError(error).message);
  }
  return obtained;
}

function codeContext(context: Context): CodeContext {
  const { host, options, talk } = context;
  let before: Promise<unknown> = Promise.resolve();
  return {
    host,
    ...(options.mfaToken === undefined ? {} : { flag: options.mfaToken }),
    unaskable: () => unaskable(context),
    tell: (text) => talk.done(text),
    // Profiles are obtained side by side, but a person is asked one thing at a time.
    ask: (serial, again) => {
      const answer = before.then(() => askCode(context, serial, again));
      before = answer.catch(() => {});
      return answer;
    },
  };
}

/** Asks on the controlling terminal. */
async function askCode(context: Context, serial: string, again?: string): Promise<string> {
  const { askMfaCode } = await import("./terminal/mfa_prompt.ts");
  const code = await withTerminal(context.host, (device) => {
    if (again !== undefined) device.write(`${again}\n`);
    return askMfaCode(device, serial);
  });
  if (code === undefined) throw new EacError("input_required", "the terminal has gone away");
  return code;
}

/** The credentials of one profile, with what the command line says of it. */
export interface ObtainedOne extends Prepared, Obtained {
  readonly profile: Profile;
}

/** What commands for a single profile do: read, select, plan, narrow, obtain. */
export async function obtainOne(
  context: Context,
  name: string | undefined,
  also: Partial<Needs> = {},
): Promise<ObtainedOne> {
  const config = loadConfig(context);
  const profile = await selectProfile(context, config, name);
  const run = createRun(context, config);
  const prepared = await run.prepare(profile);
  run.narrow([prepared], also);
  return { profile, ...prepared, ...await run.obtain(prepared) };
}
