/**
 * A session for a user's long-lived keys.
 *
 * @module
 */

import { DEFAULT_SECONDS, SESSION_BOUNDS } from "../lib/plan/durations.ts";
import { durationOf, mfaSerialOf, WITHOUT_MFA } from "../lib/plan/settings.ts";
import type { PlanContext, Profile, RegisteredStrategy, Step } from "../lib/plan/strategy.ts";
import { EacError } from "../lib/errors.ts";

/** Calls GetSessionToken, which no AWS tool does by itself, with MFA if mfa_serial is set. */
export const sessionToken = {
  api: 1,
  name: "session-token",
  summary: "gets a session for a user's long-lived keys, with MFA if mfa_serial is set",
  needs: [
    ["mfa_serial"],
    ["aws_access_key_id", "aws_secret_access_key"],
    ["credential_process", "!role_arn"],
  ],
  reads: [
    "source_profile",
    "duration_seconds",
    "session_duration",
    "aws_session_token",
    "credential_process",
  ],
  steps,
} as const satisfies RegisteredStrategy;

function steps(profile: Profile, context: PlanContext): readonly Step[] {
  if (context.asSource) return context.sourceSteps();
  if (profile.values.aws_session_token) {
    context.note("these keys are temporary: they are used directly");
    return [];
  }
  if (profile.values.credential_process && context.base === "temporary") {
    context.note("this credential_process prints temporary credentials: they are used as they are");
    return [];
  }
  if (context.sourceSteps().length > 0 || context.base === "temporary") {
    throw new EacError(
      "config_invalid",
      `profile "${profile.name}" needs a session token, which AWS issues only for long-lived keys`,
      {
        hint: `add aws_access_key_id and aws_secret_access_key, or a role_arn`,
        profile: profile.name,
      },
    );
  }
  if (context.base === "unknown") {
    context.note(
      "eac expects long-lived keys from credential_process; it passes on temporary credentials as they are",
    );
  }
  const durationSeconds = durationOf(profile, context, SESSION_BOUNDS) ?? DEFAULT_SECONDS;
  const mfaSerial = mfaSerialOf(profile);
  if (mfaSerial !== undefined) return [{ call: "GetSessionToken", durationSeconds, mfaSerial }];
  context.note(WITHOUT_MFA, "warning");
  return [{ call: "GetSessionToken", durationSeconds }];
}
