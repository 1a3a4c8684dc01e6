/**
 * The account of a plan, and the check against `aws_account_id`. Pure.
 *
 * Most plans include their account: it is in the ARN of the role, of the MFA device or of the user who signed
 * in. The account that an access key ID encodes is not used: AWS documents no such encoding.
 *
 * @module
 */

import { placeOf, type Profile } from "../config/profile.ts";
import { EacError } from "../errors.ts";
import type { Base } from "./base.ts";
import type { Step } from "./step.ts";

/** The account whose credentials a plan gives; `undefined` where only AWS knows. */
export function accountOf(
  { steps, base }: { readonly steps: readonly Step[]; readonly base: Base },
): string | undefined {
  const last = steps.at(-1);
  switch (last?.call) {
    case "AssumeRole":
      return accountIn(last.roleArn);
    case "GetSessionToken":
      return accountIn(last.mfaSerial);
    case "Custom":
      return undefined;
  }
  switch (base.kind) {
    case "sso":
      return base.accountId;
    case "login":
      return accountIn(base.session);
    case "web-identity":
      return accountIn(base.roleArn);
    default:
      return undefined;
  }
}

function accountIn(arn: string | undefined): string | undefined {
  return /^arn:[^:]+:[^:]+:[^:]*:(\d{12}):/.exec(arn ?? "")?.[1];
}

/**
 * Refuses a plan of another account than the profile's `aws_account_id`.
 *
 * @throws {EacError} `wrong_account`; `config_invalid` for a value that is not an account ID
 */
export function checkPlannedAccount(
  profile: Profile,
  plan: { readonly steps: readonly Step[]; readonly base: Base },
): void {
  const expected = profile.values.aws_account_id!;
  if (!/^\d{12}$/.test(expected)) {
    throw new EacError(
      "config_invalid",
      `aws_account_id = ${expected} of profile "${profile.name}" is not an account ID`,
      { ...placeOf(profile, "aws_account_id"), hint: "it has 12 digits", profile: profile.name },
    );
  }
  const account = accountOf(plan);
  if (account !== undefined) checkAccount(profile, account);
}

/**
 * Refuses another account than the profile's `aws_account_id`.
 *
 * @throws {EacError} `wrong_account`
 */
export function checkAccount(profile: Profile, account: string): void {
  const expected = profile.values.aws_account_id;
  if (!expected || account === expected) return;
  throw new EacError(
    "wrong_account",
    `profile "${profile.name}" has aws_account_id = ${expected}, but its credentials are of account ${account}`,
    {
      ...placeOf(profile, "aws_account_id"),
      hint: "fix aws_account_id, or the role or keys of the profile",
      profile: profile.name,
    },
  );
}
