/**
 * From a profile to credentials: plan, then act. What every command that obtains them shares.
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

/** Obtains the credentials of plans; the profiles of one run share its codes. */
export type GetCredentials = (planned: PlannedProfile) => Promise<PlanResult>;

/** What a run does that cannot get credentials. */
export interface FailureOptions {
  /** Gives cached ones until a minute before their end, with a warning. */
  readonly orStillValid: boolean;
}

/**
 * Sets a run up. What is kept and fresh is handed on at once; STS, the SDK and the questions are
 * loaded when a plan is not done yet.
 *
 * The function it gives throws {@linkcode EacError} of the profile.
 */
export function createGetCredentials(
  context: Context,
  config: SharedConfig,
  { orStillValid }: FailureOptions = { orStillValid: true },
): GetCredentials {
  let act: Promise<RunPlan> | undefined;
  return async (planned) => {
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
  };
}

/** The credentials of one profile, with what the command line says of it. */
export interface ProfileCredentials extends PlannedProfile, PlanResult {
  readonly profile: Profile;
}

/** What commands for a single profile do once it is chosen: plan, narrow, run. */
export async function getCredentials(
  context: Context,
  { config, profile }: { readonly config: SharedConfig; readonly profile: Profile },
  also: Partial<Needs> = {},
): Promise<ProfileCredentials> {
  const planned = await planProfile(context, config, profile);
  // What is done asks nothing: no terminal has to be kept for it.
  narrow(context, [planned], { ask: !isDone(planned), ...also });
  const result = await createGetCredentials(context, config)(planned);
  return { profile, ...planned, ...result };
}
