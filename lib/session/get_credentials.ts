/**
 * From a profile to credentials: plan, then act. What every command that obtains them shares.
 *
 * @module
 */

import type { Act } from "./run_plan.ts";
import type { Profile } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, loadConfig } from "../context.ts";
import type { Obtained } from "../credentials/executor.ts";
import { asEacError } from "../errors.ts";
import type { Needs } from "../host/host.ts";
import { isDone, narrow, prepare, type Prepared } from "./plan_profile.ts";
import { selectProfile } from "../commands/pick/select_profile.ts";

/** Obtains the credentials of plans; the profiles of one run share its codes. */
export type Obtain = (prepared: Prepared) => Promise<Obtained>;

/**
 * Sets a run up. What is kept and fresh is handed on at once; STS, the SDK and the questions are
 * loaded when a plan is not done yet.
 *
 * The function it gives throws {@linkcode EacError} of the profile.
 */
export function createObtain(context: Context, config: SharedConfig): Obtain {
  let act: Promise<Act> | undefined;
  return async (prepared) => {
    const { plan, progress } = prepared;
    try {
      if (isDone(prepared)) return { credentials: progress.entry!.credentials, cached: true };
      act ??= import("./run_plan.ts").then(({ createAct }) => createAct(context, config));
      return await (await act)(prepared);
    } catch (error) {
      throw asEacError(error).of(plan.profile.name);
    }
  };
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
  const prepared = await prepare(context, config, profile);
  // What is done asks nothing: no terminal has to be kept for it.
  narrow(context, [prepared], { ask: !isDone(prepared), ...also });
  const obtained = await createObtain(context, config)(prepared);
  return { profile, ...prepared, ...obtained };
}
