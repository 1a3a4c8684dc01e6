/**
 * Preparing a profile: its plan, where the calls would go, and how much is done already. What every
 * command knows before it acts.
 *
 * @module
 */

import type { Profile } from "./config/profile.ts";
import type { SharedConfig } from "./config/shared_config.ts";
import type { Context } from "./context.ts";
import { codeOrigin } from "./credentials/code_origin.ts";
import { readDirectRoles } from "./credentials/direct_roles.ts";
import { configuredRegion, type StsEndpoint, stsEndpoint } from "./credentials/endpoint.ts";
import { type Plan, planFor } from "./credentials/plan.ts";
import { type CachePolicy, prefixKeys, type Progress, progressOf } from "./credentials/progress.ts";
import { EacError } from "./errors.ts";
import type { Needs } from "./host.ts";

/** A plan, where its calls go, and how much of it is done already. */
export interface Prepared {
  readonly plan: Plan;
  readonly target: StsEndpoint;
  /** The cache keys of the plan's prefixes. */
  readonly keys: readonly string[];
  readonly progress: Progress;
  /** The region that somebody configured: it is exported with the credentials. */
  readonly region: string | undefined;
}

/** What the options say of the caches. */
export function cachePolicy({ options, began }: Context): CachePolicy {
  return {
    use: options.cache,
    since: options.refresh ? began : 0,
    shareWithCli: options.duration === undefined,
    ...(options.minTtl === undefined ? {} : { minTtl: options.minTtl }),
  };
}

/**
 * Plans a profile, and looks what is kept of it. Calls nobody.
 *
 * @throws {EacError} whatever makes the profile unable to work
 */
export async function prepare(
  context: Context,
  config: SharedConfig,
  profile: Profile,
  directRoles?: ReadonlySet<string>,
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
      directRoles: directRoles ?? readDirectRoles(host),
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
  const keys = await prefixKeys(plan, target, env);
  const progress = await progressOf(host, plan, keys, cachePolicy(context));
  return { plan, target, keys, progress, region: configuredRegion(where) };
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

/** True when all of the plan is kept, and fresh. */
export function isDone({ plan, progress }: Prepared): boolean {
  return progress.done === plan.steps.length && plan.steps.length > 0;
}

/** Gives up what none of these plans needs: the network, running programs. */
export function narrow(
  context: Context,
  all: readonly Prepared[],
  also: Partial<Needs> = {},
): void {
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
