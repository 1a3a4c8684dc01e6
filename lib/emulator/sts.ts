/**
 * The actions of STS: AssumeRole, GetSessionToken, GetFederationToken, GetCallerIdentity, and when they
 * refuse.
 *
 * Rules and messages are those of the STS API reference and of responses quoted in public.
 *
 * @module
 */

import { type Action, isAllowed, type Situation } from "./action.ts";
import { accessDenied, type Xml } from "./answers.ts";
import { check, checkPacked, invalid, type Rule } from "./parameters.ts";
import { credentials, issue, sessionArn } from "./sessions.ts";
import { STEP_MILLISECONDS, totp } from "./totp.ts";
import { type Trust, uniqueId } from "./world.ts";

/** The STS actions. */
export const STS_ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["AssumeRole", assumeRole],
  ["GetSessionToken", getSessionToken],
  ["GetFederationToken", getFederationToken],
  ["GetCallerIdentity", getCallerIdentity],
]);

/** The longest session of a chained role, in seconds. */
const CHAINED_MAXIMUM = 3600;

function getCallerIdentity({ caller }: Situation): Xml {
  return { Arn: caller.arn, UserId: caller.userId, Account: caller.account };
}

async function getSessionToken(situation: Situation): Promise<Xml> {
  const { caller, parameters } = situation;
  check(parameters, { ...MFA_RULES, DurationSeconds: { minimum: 900, maximum: 129_600 } });
  if (caller.session) throw accessDenied("Cannot call GetSessionToken with session credentials");
  const mfaAt = await verifyCode(situation);
  const session = issue(situation, Number(parameters.DurationSeconds ?? 43_200), {
    principal: caller.principal,
    arn: caller.arn,
    userId: caller.userId,
    chained: false,
    mfaAt,
  });
  return { Credentials: credentials(session) };
}

function getFederationToken(situation: Situation): Xml {
  const { caller, parameters } = situation;
  check(parameters, {
    Name: { required: true, shortest: 2, longest: 32, pattern: String.raw`[\w+=,.@-]*` },
    Policy: { shortest: 1, longest: 2048 },
    DurationSeconds: { minimum: 900, maximum: 129_600 },
  });
  if (caller.session) {
    throw accessDenied("Cannot call GetFederationToken with session credentials");
  }
  if (!isAllowed(situation, "sts:GetFederationToken")) {
    throw accessDenied(
      `User: ${caller.arn} is not authorized to perform: sts:GetFederationToken`,
    );
  }
  checkPacked(parameters);
  const { account } = caller;
  const [, partition] = caller.arn.split(":");
  const session = issue(situation, Number(parameters.DurationSeconds ?? 43_200), {
    principal: caller.principal,
    arn: `arn:${partition}:sts::${account}:federated-user/${parameters.Name}`,
    userId: `${account}:${parameters.Name}`,
    chained: false,
  });
  return {
    Credentials: credentials(session),
    FederatedUser: { Arn: session.arn, FederatedUserId: session.userId },
  };
}

async function assumeRole(situation: Situation): Promise<Xml> {
  const { world, caller, parameters } = situation;
  check(parameters, {
    RoleArn: { required: true, shortest: 20, longest: 2048 },
    RoleSessionName: { required: true, shortest: 2, longest: 64, pattern: String.raw`[\w+=,.@-]*` },
    ExternalId: { shortest: 2, longest: 1224, pattern: String.raw`[\w+=,.@:\/-]*` },
    SourceIdentity: { shortest: 2, longest: 64, pattern: String.raw`[\w+=,.@-]*` },
    Policy: { shortest: 1, longest: 2048 },
    DurationSeconds: { minimum: 900, maximum: 43_200 },
    ...MFA_RULES,
  });
  const { RoleArn = "", RoleSessionName = "", SourceIdentity } = parameters;
  if (!/^arn:[\w-]+:iam::\w+:role\/./.test(RoleArn)) throw invalid(`${RoleArn} is invalid`);
  const seconds = Number(parameters.DurationSeconds ?? 3600);
  if (caller.session && seconds > CHAINED_MAXIMUM) {
    throw invalid(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by " +
        "role chaining.",
    );
  }

  checkPacked(parameters);

  const codeGiven = await verifyCode(situation) !== undefined;
  const role = world.roles.find((role) => role.arn === RoleArn);
  if (!role || !isTrusted(role.trust, situation, codeGiven)) {
    throw accessDenied(
      `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    );
  }
  if (seconds > (role.maxSessionDuration ?? 3600)) {
    throw invalid(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }

  const session = issue(situation, seconds, {
    principal: role.arn,
    arn: sessionArn(role, RoleSessionName),
    userId: `${uniqueId("AROA", role.arn)}:${RoleSessionName}`,
    chained: caller.session !== undefined,
  });
  return {
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    Credentials: credentials(session),
    SourceIdentity,
  };
}

/** True if the trust policy and the caller's own policies allow the call. */
function isTrusted(trust: Trust, situation: Situation, codeGiven: boolean): boolean {
  const { caller, parameters, now } = situation;
  const root = `${caller.principal.split(":").slice(0, 5).join(":")}:root`;
  const names = ["*", caller.account, root, caller.principal, caller.arn];
  if (!trust.principals.some((principal) => names.includes(principal))) return false;
  if (!isAllowed(situation, "sts:AssumeRole", codeGiven)) return false;
  if (trust.externalId !== undefined && trust.externalId !== parameters.ExternalId) return false;

  if (codeGiven || (!trust.mfa && trust.mfaMaxAge === undefined)) return true;
  const mfaAt = caller.session?.mfaAt;
  if (mfaAt === undefined || trust.mfa === "direct") return false;
  return trust.mfaMaxAge === undefined || now - mfaAt < trust.mfaMaxAge * 1000;
}

/**
 * Checks the call's MFA code; returns its time, or `undefined` if the call has none. An accepted
 * code is used up, even if the call fails later; a rejected one is not.
 */
async function verifyCode({ caller, parameters, now }: Situation): Promise<number | undefined> {
  const { SerialNumber, TokenCode } = parameters;
  if (SerialNumber === undefined && TokenCode === undefined) return undefined;
  if (SerialNumber === undefined || TokenCode === undefined) {
    throw accessDenied(
      "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass " +
        "code.",
    );
  }
  const device = caller.user?.mfaDevices?.find((device) => device.serial === SerialNumber);
  if (device?.secret === undefined) {
    throw accessDenied(
      "MultiFactorAuthentication failed, unable to validate MFA code.  " +
        "Please verify your MFA serial number is valid and associated with this user.",
    );
  }
  const current = Math.floor(now / STEP_MILLISECONDS);
  for (const step of [current, current - 1, current + 1]) {
    if (await totp(device.secret, step * STEP_MILLISECONDS) !== TokenCode) continue;
    if (device.spent?.includes(step)) break;
    device.spent = [...device.spent ?? [], step];
    return now;
  }
  throw accessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
}

const MFA_RULES: Readonly<Record<string, Rule>> = {
  SerialNumber: { shortest: 9, longest: 256, pattern: String.raw`[\w+=/:,.@-]*` },
  TokenCode: { shortest: 6, longest: 6, pattern: String.raw`[\d]*` },
};
