/**
 * Gets the credentials of a profile: plans, then runs the plan. All commands that get credentials
 * use it.
 *
 * @module
 */

import type { RunPlan } from "./run_plan.ts";
import type { Profile } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import type { Context } from "../context.ts";
import type { PlanResult } from "../credentials/executor.ts";
import { asEacError } from "../errors.ts";
import type { Needs } from "../host/host.ts";
import { isDone, narrow, type PlannedProfile, planProfile } from "./plan_profile.ts";

/** Gets the credentials of plans; the profiles of one run share MFA codes. */
export type GetCredentials = (planned: PlannedProfile) => Promise<PlanResult>;

/** What a run does if it cannot get credentials. */
export interface FailureOptions {
  /** Returns cached ones until a minute before they expire, with a warning. */
  readonly orStillValid: boolean;
}

/**
 * Sets up a run. Cached credentials are returned immediately; STS, the SDK and the prompts are
 * loaded only if a plan has calls left.
 *
 * The returned function throws the {@linkcode EacError} of the profile.
 */
export function createGetCredentials(
  context: Context,
  config: SharedConfig,
  { orStillValid }: FailureOptions = { orStillValid: true },
): GetCredentials {
  let act: Promise<RunPlan> | undefined;
  return async (planned) => {
    const result = await get(planned);
    const { profile } = planned.plan;
    if (profile.values.aws_account_id) {
      const { verifyAccount } = await import("./account.ts");
      await verifyAccount(context, planned, result.credentials).catch((thrown) => {
        throw asEacError(thrown).of(profile.name);
      });
    }
    return result;
  };

  async function get(planned: PlannedProfile): Promise<PlanResult> {
    const { plan, prefix } = planned;
    try {
      if (isDone(planned)) return { credentials: prefix.entry!.credentials, cached: true };
      act ??= import("./run_plan.ts").then(({ createRunPlan }) => createRunPlan(context, config));
      return await (await act)(planned);
    } catch (thrown) {
      const error = asEacError(thrown).of(plan.profile.name);
      if (!orStillValid) throw error;
      const { stillValid } = await import("./still_valid.ts");
      const result = await stillValid(context, planned, error);
      if (result === undefined) throw error;
      return result;
    }
  }
}

/** Gets the credentials of the profile on the command line. */
export interface ProfileCredentials extends PlannedProfile, PlanResult {
  readonly profile: Profile;
}

/** Plans one profile, drops permissions, and gets its credentials. */
export async function getCredentials(
  context: Context,
  { config, profile }: { readonly config: SharedConfig; readonly profile: Profile },
  also: Partial<Needs> = {},
): Promise<ProfileCredentials> {
  const planned = await planProfile(context, config, profile);
  // A completely cached plan never prompts, so the terminal is not needed.
  narrow(context, [planned], { ask: !isDone(planned), ...also });
  const result = await createGetCredentials(context, config)(planned);
  return { profile, ...planned, ...result };
}
