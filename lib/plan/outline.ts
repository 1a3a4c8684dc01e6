/**
 * The outline of a profile's plan: what a list of thousands of profiles needs of it.
 *
 * @module
 */

import { profileNamed } from "../config/chain.ts";
import type { Profile } from "../config/profile.ts";
import type { Section } from "../config/section.ts";
import { asEacError, showPlace } from "../errors.ts";
import { planFor, type PlanInput } from "./plan.ts";
import { subjectOf } from "./step.ts";

/** The strategy of a profile, or why none works. */
export interface Outline {
  readonly strategy: string | null;
  /** The MFA device that is asked for a code. */
  readonly mfaSerial: string | null;
  /** True if the first call gets an MFA session, which other profiles of the device share. */
  readonly getsSession?: boolean | undefined;
  /** What the last call is about: the role, or the MFA device. */
  readonly subject?: string | undefined;
  readonly problem?: string | undefined;
}

/**
 * The outlines of profiles, by name. Roles whose profiles differ only in the role are planned once:
 * users with thousands of profiles have few kinds of them. Custom strategies may look at any key, so
 * with one of them every profile is planned.
 */
export async function outlinesOf(
  input: PlanInput,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, Outline>> {
  const outlines = new Map<string, Outline>();
  const kinds = new Map<string, Outline>();
  const shares = input.strategies.every(({ file }) => file === undefined);
  for (const name of names) {
    const section = input.config.profiles.get(name);
    const kind = section && shares ? kindOf(name, section, input) : undefined;
    const alike = kind && kinds.get(kind.key);
    if (alike) {
      outlines.set(name, { ...alike, subject: kind.roleArn });
      continue;
    }
    const outline = await outlineOf(profileNamed(input.config, name), input);
    outlines.set(name, outline);
    if (kind && outline.strategy !== null) kinds.set(kind.key, outline);
  }
  return outlines;
}

async function outlineOf(profile: Profile, input: PlanInput): Promise<Outline> {
  try {
    const { strategy, mfa, steps } = await planFor(profile, input);
    const last = steps.at(-1);
    return {
      strategy,
      mfaSerial: mfa?.serial ?? null,
      getsSession: steps[0]?.call === "GetSessionToken" && mfa !== undefined,
      subject: last && subjectOf(last),
    };
  } catch (thrown) {
    const { message, place } = asEacError(thrown);
    const problem = message + (place ? ` (${showPlace(place)})` : "");
    return { strategy: null, mfaSerial: null, problem };
  }
}

/** Keys that change neither the strategy nor the MFA device. */
const INDIFFERENT = new Set(["role_arn", "region", "destination_profile"]);

/** What roles with the same strategy and device have in common; `undefined` for other profiles. */
function kindOf(
  name: string,
  section: Section,
  { sourceDeviceRoles }: PlanInput,
): { key: string; roleArn: string } | undefined {
  const roleArn = section.get("role_arn")?.value;
  if (!roleArn || section.get("source_profile")?.value === name) return undefined;
  let key = sourceDeviceRoles?.has(roleArn) ? "source device\n\n" : "";
  for (const setting of section) {
    if (setting.value === "" || INDIFFERENT.has(setting.key)) continue;
    key += `${setting.key}=${setting.value}\n\n`; // no value has an empty line
  }
  return { key, roleArn };
}
