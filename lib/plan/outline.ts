/**
 * The outline of a profile's plan: the part that a list of thousands of profiles needs.
 *
 * @module
 */

import { profileNamed } from "../config/chain.ts";
import type { Profile } from "../config/profile.ts";
import type { Section } from "../config/section.ts";
import { asEacError, showPlace } from "../errors.ts";
import { type Plan, planFor, type PlanInput } from "./plan.ts";
import { findRegion, isRegion } from "./region.ts";
import { subjectOf } from "./step.ts";

/** The strategy of a profile, or why none works. */
export interface Outline {
  readonly strategy: string | null;
  /** The MFA device that is asked for a code. */
  readonly mfaSerial: string | null;
  /** True if the first call gets an MFA session, which other profiles of the device share. */
  readonly getsSession?: boolean | undefined;
  /** True for a sign-in: it gives a token in place of credentials. */
  readonly isSignIn?: boolean | undefined;
  /**
   * What the last call is about: the role, or the MFA device. Use {@linkcode subjectIn} to read it.
   */
  readonly subject?: string | undefined;
  /** True if it depends on what the `credential_process` of its base prints. */
  readonly isUndecided?: boolean | undefined;
  /** True if profiles that differ only in the role have the same outline. */
  readonly isShared?: boolean | undefined;
  readonly problem?: string | undefined;
}

/** What the last call of a profile is about: the role, or the MFA device. */
export function subjectIn(outline: Outline, section: Section): string | undefined {
  return outline.isShared && section.value("role_arn") || outline.subject;
}

/**
 * The outlines of the profiles planned so far, by what the profiles have in common: thousands of
 * profiles are of few kinds. Custom strategies may read any key, so with one of them every profile
 * is planned.
 */
export class Outlines {
  readonly #input: PlanInput;
  readonly #kinds = new Map<string, Outline>();
  readonly #shares: boolean;

  constructor(input: PlanInput) {
    this.#input = input;
    this.#shares = input.strategies.every(({ file }) => file === undefined);
  }

  /** The outline of the profile, which is planned unless another one of its kind was. */
  of(name: string, section: Section): Outline | Promise<Outline> {
    const kind = this.#shares ? kindOf(name, section, this.#input) : undefined;
    return kind !== undefined && this.#kinds.get(kind) || this.#plan(name, kind);
  }

  async #plan(name: string, kind: string | undefined): Promise<Outline> {
    const outline = await outlineOf(profileNamed(this.#input.config, name), this.#input);
    if (kind === undefined || outline.strategy === null) return outline;
    const shared = { ...outline, isShared: true };
    this.#kinds.set(kind, shared);
    return shared;
  }
}

async function outlineOf(profile: Profile, input: PlanInput): Promise<Outline> {
  try {
    const plan = await planFor(profile, input);
    findRegion({ profile, env: input.env }); // throws for an invalid one, as getting credentials does
    return outlineIn(plan);
  } catch (thrown) {
    return outlineOfProblem(thrown);
  }
}

/** The outline of a profile that cannot work. */
export function outlineOfProblem(thrown: unknown): Outline {
  const { message, place } = asEacError(thrown);
  const problem = message + (place ? ` (${showPlace(place)})` : "");
  return { strategy: null, mfaSerial: null, problem };
}

/** The outline in a plan. */
export function outlineIn({ strategy, base, mfa, steps, expects }: Plan): Outline {
  const last = steps.at(-1);
  return {
    strategy,
    mfaSerial: mfa?.serial ?? null,
    getsSession: steps[0]?.call === "GetSessionToken" && mfa !== undefined,
    isSignIn: base.kind === "sign-in" && steps.length === 0,
    subject: last && subjectOf(last),
    isUndecided: expects !== undefined,
  };
}

/** Keys that change neither the strategy nor the MFA device, unless the region is invalid. */
const INDIFFERENT = new Set(["region", "output", "destination_profile"]);

/** Keys of which only the presence matters. */
const PRESENT = new Set([
  "role_arn",
  "sso_account_id",
  "sso_role_name",
  "credential_process",
  "login_session",
]);

/**
 * What profiles with the same strategy and device have in common. `undefined` for a profile that is
 * its own source, and for one with static keys, whose precedence depends on their file.
 */
function kindOf(
  name: string,
  section: Section,
  { sourceDeviceRoles }: PlanInput,
): string | undefined {
  let kind = "";
  let roleArn = "";
  let isAlone = false;
  section.forEach((value, key) => {
    if (value === "" || INDIFFERENT.has(key) && (key !== "region" || isRegion(value))) return;
    if (key === "role_arn") roleArn = value;
    isAlone ||= key === "aws_access_key_id" || key === "aws_account_id" ||
      key === "source_profile" && value === name;
    // No value contains an empty line.
    kind += PRESENT.has(key) ? `${key}\n\n` : `${key}=${value}\n\n`;
  });
  if (isAlone) return undefined;
  return roleArn !== "" && sourceDeviceRoles?.has(roleArn) ? kind + "source device" : kind;
}
