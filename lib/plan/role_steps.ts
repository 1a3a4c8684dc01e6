/**
 * The steps from a source to a role, for `assume-role` and `chained-role`.
 *
 * @module
 */

import { placeOf } from "../config/profile.ts";
import { EacError } from "../errors.ts";
import {
  CHAINED_MOST,
  DEFAULT_SECONDS,
  ROLE_BOUNDS,
  SESSION_BOUNDS,
  SESSION_DEFAULT_SECONDS,
} from "./durations.ts";
import {
  deviceSetting,
  durationOf,
  listOf,
  mfaSerialOf,
  policyArnsOf,
  refusedValue,
  secondsOf,
  showOwner,
  sourceWithDevice,
} from "./settings.ts";
import type { AssumeRoleStep } from "./step.ts";
import type { PlanContext, Profile, Step } from "./strategy.ts";

/** The keys that change the call. */
export const roleKeys = [
  "external_id",
  "role_session_name",
  "mfa_serial",
  "mfa_session",
  "mfa_session_duration",
  "duration_seconds",
  "session_duration",
  "session_tags",
  "transitive_session_tags",
  "source_identity",
  "session_policy",
  "session_policy_arns",
  "source_profile",
  "source_profile.mfa_serial",
  "source_profile.mfa_session",
  "source_profile.mfa_session_duration",
  "credential_source",
] as const;

/** The source's steps, then AssumeRole; preceded by a shared MFA session where possible. */
export function roleSteps(profile: Profile, context: PlanContext): readonly Step[] {
  checkSources(profile);
  const before = context.sourceSteps();
  const role = roleStep(profile, durationOf(profile, context, ROLE_BOUNDS));
  const mfaSerial = mfaSerialOf(profile) ?? sourceSerial(profile, role.roleArn, before, context);
  return placeRole(profile, role, mfaSerial, before, context);
}

/**
 * The serial of the source's device, for the first role of a chain without `mfa_serial`. The AWS CLI
 * sends no code for such a role, so without a valid session eac does the same until AWS refuses.
 */
function sourceSerial(
  profile: Profile,
  roleArn: string,
  before: readonly Step[],
  context: PlanContext,
): string | undefined {
  if (before.length > 0 || context.base === "temporary") return undefined;
  const owner = sourceWithDevice(profile);
  if (owner === undefined) return undefined;
  if (context.usesSourceDevice(roleArn)) {
    context.note(`"${profile.name}" has no mfa_serial: it uses ${owner.serial} of "${owner.name}"`);
    return owner.serial;
  }
  context.note(
    `"${profile.name}" has no mfa_serial: eac assumes the role without MFA; ` +
      `if AWS refuses that, eac asks for one code of ${owner.serial} and remembers it`,
  );
  return undefined;
}

/**
 * Adds a role to the steps before it: limits its duration, and sends the MFA code with the earliest
 * possible call.
 */
export function placeRole(
  profile: Profile,
  wanted: Omit<AssumeRoleStep, "mfaSerial">,
  mfaSerial: string | undefined,
  before: readonly Step[],
  context: PlanContext,
): readonly Step[] {
  const given = wanted.durationSeconds;
  const wish = given ?? DEFAULT_SECONDS;
  const chained = before.length > 0 || context.base === "temporary";
  const role: AssumeRoleStep = given !== undefined && chained
    ? { ...wanted, durationSeconds: lowered(given, profile, context) }
    : wanted;
  if (mfaSerial === undefined) return [...before, role];

  if (before.some((step) => step.call !== "Custom" && step.mfaSerial === mfaSerial)) {
    context.note(
      `${mfaSerial} is already used by an earlier role of the chain; that code also serves "${profile.name}"`,
    );
    return [...before, role];
  }
  const others = before.some((step) => step.call !== "Custom" && step.mfaSerial !== undefined);
  if (!others && sharesSession(profile, mfaSerial, wanted.roleArn, wish, before, context)) {
    if (context.base === "unknown") {
      context.note(
        "eac expects long-lived keys from credential_process; with temporary credentials it sends the code with AssumeRole",
      );
    }
    const session = sharedSession(profile, mfaSerial);
    return [session, ...before.map(hourAtMost), { ...hourAtMost(role) }];
  }
  return [...before, { ...role, mfaSerial }];
}

/** The session of an MFA device, with the duration that the profile or the device's owner sets. */
function sharedSession(profile: Profile, mfaSerial: string): Step {
  const owner = deviceSetting(profile, "mfa_session_duration", mfaSerial);
  const seconds = owner && secondsOf(owner, "mfa_session_duration", SESSION_BOUNDS);
  return {
    call: "GetSessionToken",
    durationSeconds: seconds ?? SESSION_DEFAULT_SECONDS,
    mfaSerial,
    // A user who sets a duration does not expect an older session.
    maxAgeSeconds: seconds,
  };
}

/** Refuses a profile with both sources, like the SDKs: it is ambiguous. */
function checkSources(profile: Profile): void {
  const { source_profile, credential_source } = profile.values;
  if (!source_profile || !credential_source) return;
  throw new EacError(
    "config_invalid",
    `profile "${profile.name}" has both source_profile and credential_source`,
    {
      ...placeOf(profile, "credential_source"),
      hint: "keep the one that should assume the role",
      profile: profile.name,
    },
  );
}

/**
 * `mfa_session = auto` shares one MFA session among the roles of a device if an hour is enough; a
 * longer role needs the code in its own call, since STS counts a session as role chaining.
 */
function sharesSession(
  profile: Profile,
  mfaSerial: string,
  roleArn: string,
  wish: number,
  before: readonly Step[],
  context: PlanContext,
): boolean {
  const owner = deviceSetting(profile, "mfa_session", mfaSerial);
  const mode = owner?.values.mfa_session || "auto";
  if (owner !== undefined && mode !== "auto" && mode !== "shared" && mode !== "off") {
    throw new EacError(
      "config_invalid",
      `unknown mfa_session "${mode}" in ${showOwner(owner)}`,
      {
        ...placeOf(owner, "mfa_session"),
        hint: "use auto, shared or off",
        profile: profile.name,
      },
    );
  }
  if (context.base === "temporary") {
    context.note("no shared MFA session: AWS allows it only for long-lived keys");
    return false;
  }
  if (mode === "off") {
    context.note("no shared MFA session: mfa_session = off");
    return false;
  }
  if (before.some((step) => step.call === "Custom")) {
    context.note("no shared MFA session: a custom strategy comes before the role");
    return false;
  }
  if (!context.sharesSession(roleArn)) {
    context.note("no shared MFA session: the code is sent with AssumeRole");
    return false;
  }
  if (mode === "shared") {
    if (wish > CHAINED_MOST && before.length === 0) noteLowered(wish, profile, context);
    return true;
  }
  if (before.length === 0 && wish > CHAINED_MOST) {
    context.note(
      `no shared MFA session: ${wish} s exceeds the ${CHAINED_MOST} s that AWS allows for a role from a session`,
    );
    return false;
  }
  return true;
}

function lowered(wish: number, profile: Profile, context: PlanContext): number {
  if (wish > CHAINED_MOST) noteLowered(wish, profile, context);
  return Math.min(wish, CHAINED_MOST);
}

function noteLowered(wish: number, profile: Profile, context: PlanContext): void {
  context.note(
    `"${profile.name}" requests ${wish} s; AWS allows at most ${CHAINED_MOST} s from temporary credentials`,
    "warning",
  );
}

function hourAtMost(step: Step): Step {
  if (step.call !== "AssumeRole" || step.durationSeconds === undefined) return step;
  return { ...step, durationSeconds: Math.min(step.durationSeconds, CHAINED_MOST) };
}

function roleStep(profile: Profile, durationSeconds: number | undefined): AssumeRoleStep {
  const { values } = profile;
  const tags = values.session_tags ? tagsOf(profile, values.session_tags) : undefined;
  const step: { -readonly [Key in keyof AssumeRoleStep]: AssumeRoleStep[Key] } = {
    call: "AssumeRole",
    roleArn: values.role_arn ?? "",
  };
  // Sorted, because their order is part of the cache keys.
  if (durationSeconds !== undefined) step.durationSeconds = durationSeconds;
  if (values.role_session_name) {
    step.sessionName = checkedName(profile, "role_session_name", values.role_session_name);
  }
  if (values.external_id) step.externalId = values.external_id;
  if (values.session_policy) step.policy = values.session_policy;
  if (values.session_policy_arns) {
    step.policyArns = policyArnsOf(profile, values.session_policy_arns);
  }
  if (tags !== undefined) step.tags = tags;
  if (values.transitive_session_tags) {
    step.transitiveTagKeys = listOf(values.transitive_session_tags);
  }
  if (values.source_identity) {
    step.sourceIdentity = checkedName(profile, "source_identity", values.source_identity);
  }
  return step;
}

/** A name that AssumeRole accepts: the pattern in its API reference. */
function checkedName(profile: Profile, key: string, value: string): string {
  if (/^[\w+=,.@-]{2,64}$/.test(value)) return value;
  throw refusedValue(profile, key, value, "use 2 to 64 letters, digits and _+=,.@-");
}

/** `k=v,k=v`, as in aws-vault. */
function tagsOf(profile: Profile, text: string): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const entry of listOf(text)) {
    const at = entry.indexOf("=");
    if (at > 0) {
      tags[entry.slice(0, at).trim()] = entry.slice(at + 1).trim();
      continue;
    }
    throw new EacError(
      "config_invalid",
      `session_tags of profile "${profile.name}" has an invalid entry "${entry}"`,
      {
        ...placeOf(profile, "session_tags"),
        hint: "write key=value pairs separated by commas",
        profile: profile.name,
      },
    );
  }
  return tags;
}
