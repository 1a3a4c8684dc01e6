/**
 * The IAM actions that eac calls: those on a user's own access keys and MFA devices.
 *
 * @module
 */

import { toTimestamp } from "../plan/credentials.ts";
import { type Action, isAllowed, type Situation } from "./action.ts";
import { accessDenied, invalidClientToken, Refusal, type Xml } from "./answers.ts";
import { type AccessKey, accountOf, nameOf, newKey, type User } from "./world.ts";

/** The IAM actions. */
export const IAM_ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["ListMFADevices", permitted(listMfaDevices)],
  ["ListAccessKeys", permitted(listAccessKeys)],
  ["CreateAccessKey", permitted(createAccessKey)],
  ["UpdateAccessKey", permitted(updateAccessKey)],
  ["DeleteAccessKey", permitted(deleteAccessKey)],
  ["GetAccessKeyLastUsed", permitted(getAccessKeyLastUsed)],
]);

/** The maximum number of access keys of a user. */
const KEYS_PER_USER = 2;

/** An action for a user, after the caller's authorization is checked. */
function permitted(action: (situation: Situation, user: User) => Xml | undefined): Action {
  return (situation) => {
    const { caller, parameters } = situation;
    // AWS recognizes a session without MFA, but answers as if its token were invalid.
    if (caller.user && caller.session && caller.session.mfaAt === undefined) {
      throw invalidClientToken();
    }
    const user = parameters.Action === "GetAccessKeyLastUsed"
      ? ownerOf(situation)
      : userOf(situation);
    const name = `iam:${parameters.Action}`;
    if (isAllowed(situation, name)) return action(situation, user);
    throw accessDenied(
      `User: ${caller.arn} is not authorized to perform: ${name} on resource: user ` +
        `${nameOf(user.arn)} because no identity-based policy allows the ${name} action`,
    );
  };
}

/** The user named in the call, else the caller. */
function userOf({ world, caller, parameters }: Situation): User {
  const { UserName } = parameters;
  if (UserName === undefined) {
    if (caller.user) return caller.user;
    const message = "Must specify userName when calling with non-User credentials";
    throw new Refusal(400, "ValidationError", message);
  }
  const named = world.users.find((user) =>
    nameOf(user.arn) === UserName && accountOf(user.arn) === caller.account
  );
  if (named) return named;
  throw noSuchEntity(`The user with name ${UserName} cannot be found.`);
}

/** The user with the key that the call names. */
function ownerOf({ world, caller, parameters }: Situation): User {
  const owner = world.users.find((user) =>
    accountOf(user.arn) === caller.account &&
    user.accessKeys.some((key) => key.id === parameters.AccessKeyId)
  );
  if (owner) return owner;
  throw noSuchKey(parameters.AccessKeyId);
}

function listMfaDevices(_: Situation, user: User): Xml {
  const MFADevices = (user.mfaDevices ?? []).map(({ serial }) => ({
    UserName: nameOf(user.arn),
    SerialNumber: serial,
    EnableDate: toTimestamp(0),
  }));
  return { MFADevices, IsTruncated: "false" };
}

function listAccessKeys(_: Situation, user: User): Xml {
  const AccessKeyMetadata = user.accessKeys.map((key) => describe(user, key));
  return { AccessKeyMetadata, IsTruncated: "false" };
}

function createAccessKey({ now, random }: Situation, user: User): Xml {
  if (user.accessKeys.length >= KEYS_PER_USER) {
    const message = `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER}`;
    throw new Refusal(409, "LimitExceeded", message);
  }
  const key = { ...newKey("AKIA", random), active: true, created: now };
  user.accessKeys.push(key);
  return { AccessKey: { ...describe(user, key), SecretAccessKey: key.secret } };
}

function updateAccessKey({ parameters }: Situation, user: User): undefined {
  keyOf(user, parameters).active = parameters.Status === "Active";
}

function deleteAccessKey({ parameters }: Situation, user: User): undefined {
  user.accessKeys.splice(user.accessKeys.indexOf(keyOf(user, parameters)), 1);
}

function getAccessKeyLastUsed({ parameters }: Situation, user: User): Xml {
  const used = keyOf(user, parameters).lastUsed;
  return {
    UserName: nameOf(user.arn),
    AccessKeyLastUsed: {
      LastUsedDate: used && toTimestamp(used.at),
      Region: used?.region ?? "N/A",
      ServiceName: used?.service ?? "N/A",
    },
  };
}

function keyOf(user: User, parameters: Readonly<Record<string, string>>): AccessKey {
  const key = user.accessKeys.find((key) => key.id === parameters.AccessKeyId);
  if (key) return key;
  throw noSuchKey(parameters.AccessKeyId);
}

function describe(user: User, key: AccessKey) {
  return {
    UserName: nameOf(user.arn),
    AccessKeyId: key.id,
    Status: key.active ?? true ? "Active" : "Inactive",
    CreateDate: toTimestamp(key.created ?? 0),
  };
}

function noSuchKey(id: string | undefined): Refusal {
  return noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}

function noSuchEntity(message: string): Refusal {
  return new Refusal(404, "NoSuchEntity", message);
}
