/**
 * The steps that a strategy of the user's own declares, placed in a plan by eac's rules.
 *
 * @module
 */

import type { Profile } from "../config/profile.ts";
import type { AssumeRoleStep, GetSessionTokenStep, Step } from "../plan/step.ts";
import { EacError } from "../errors.ts";
import type { PlanContext } from "../plan/strategy.ts";
import { ROLE_BOUNDS, SESSION_BOUNDS } from "../plan/durations.ts";
import { placeRole } from "../plan/role_steps.ts";
import { durationOf, mfaSerialOf } from "../plan/settings.ts";

/** A call that a strategy declares. */
export type DeclaredStep = AssumeRoleStep | GetSessionTokenStep;

/**
 * What the source comes to, then the strategy's own calls; `--duration` is the last one's.
 *
 * @throws {EacError} `config_invalid` where AWS would refuse
 */
export function placeSteps(
  profile: Profile,
  declared: readonly DeclaredStep[],
  context: PlanContext,
): readonly Step[] {
  let steps = context.sourceSteps();
  for (const [index, step] of declared.entries()) {
    if (step.mfaSerial !== undefined) checkSerial(profile, step.mfaSerial);
    const last = index === declared.length - 1;
    const bounds = step.call === "AssumeRole" ? ROLE_BOUNDS : SESSION_BOUNDS;
    const flag = last
      ? durationOf({ name: profile.name, values: {}, places: {} }, context, bounds)
      : undefined;
    const wanted = flag === undefined ? step : { ...step, durationSeconds: flag };
    if (wanted.call === "AssumeRole") {
      const { mfaSerial, ...role } = wanted;
      steps = placeRole(profile, role, mfaSerial, steps, context);
    } else steps = [placeSession(profile, wanted, steps, context)];
  }
  return steps;
}

function placeSession(
  profile: Profile,
  step: GetSessionTokenStep,
  before: readonly Step[],
  context: PlanContext,
): Step {
  if (before.length === 0 && context.base !== "temporary") return step;
  throw new EacError(
    "config_invalid",
    `profile "${profile.name}" needs a session token, which AWS gives for long-lived keys only`,
    { hint: "let the strategy's steps begin with AssumeRole", profile: profile.name },
  );
}

function checkSerial(profile: Profile, serial: string): void {
  mfaSerialOf({
    name: profile.name,
    values: { mfa_serial: serial },
    places: profile.places,
  });
}
