/**
 * What a strategy is, and how one is chosen: the first whose needed keys the profile has.
 *
 * @module
 */

import type { Profile } from "../lib/config/profile.ts";
import type { Step } from "../lib/credentials/step.ts";

export type { Profile } from "../lib/config/profile.ts";
export type {
  AssumeRoleStep,
  CustomStep,
  GetSessionTokenStep,
  Step,
} from "../lib/credentials/step.ts";

/**
 * A key of the profile (`role_arn`), of the profile that it names as its source
 * (`source_profile.role_arn`), or the absence of one (`!role_arn`).
 */
export type KeyPath = string;

/** What a strategy may ask of the plan it is part of. */
export interface PlanContext {
  /** What `--duration` says, in seconds. */
  readonly durationSeconds?: number;
  /** False with `--no-session`: no shared MFA session. */
  readonly shareSession: boolean;
  /** True when the steps start from long-lived keys, which GetSessionToken demands. */
  readonly baseIsLongLived: boolean;
  /** What the source profile comes to through its own strategy; empty when the keys are the profile's own. */
  sourceSteps(): readonly Step[];
  /** Something the person should know: shown by `explain`, and with `-v`. */
  note(text: string): void;
}

/** One way from a profile to credentials: declared keys and one pure function. */
export interface Strategy {
  readonly api: 1;
  readonly name: string;
  readonly summary: string;
  /** Alternatives; all keys of one must be there. */
  readonly needs: readonly (readonly KeyPath[])[];
  /** The optional keys it looks at. */
  readonly reads: readonly KeyPath[];
  /** The calls to make, in order, from the base credentials. Pure. */
  steps(profile: Profile, context: PlanContext): readonly Step[];
}
