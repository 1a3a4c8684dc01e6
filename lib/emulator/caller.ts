/**
 * Authenticates a signed request: finds the user or the role session that signed it.
 *
 * @module
 */

import { invalidClientToken, Refusal } from "./answers.ts";
import { type Authorization, type SignedParts, verifySignature } from "./sigv4.ts";
import {
  type AccessKey,
  accountOf,
  type Session,
  uniqueId,
  type User,
  type World,
} from "./world.ts";

/** The signer of a request. */
export interface Caller {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
  /** The IAM identity behind it: a user's ARN or a role's. */
  readonly principal: string;
  /** The user, also of a GetSessionToken session; absent for a role. */
  readonly user?: User | undefined;
  /** Absent for long-lived keys. */
  readonly session?: Session | undefined;
}

/** The allowed clock skew of a request, in milliseconds. */
const TOLERANCE = 15 * 60_000;

/** The caller of a request; `now` is the server's time. Throws a {@linkcode Refusal}. */
export async function authenticate(
  parts: SignedParts,
  authorization: Authorization | undefined,
  world: World,
  now: number,
): Promise<Caller> {
  if (!parts.headers.has("authorization")) {
    const message = "Request is missing Authentication Token";
    throw new Refusal(403, "MissingAuthenticationToken", message);
  }
  const date = basicDate(parts.headers);
  if (!authorization || date === undefined) {
    const message = "The request signature does not conform to AWS standards.";
    throw new Refusal(400, "IncompleteSignature", message);
  }

  const token = parts.headers.get("x-amz-security-token");
  const found = findKey(world, authorization.accessKeyId, token, now);
  if (!found) throw invalidClientToken();

  checkDate(date, now);
  await checkSignature(parts, authorization, date, found.secret);
  const { caller, key } = found;
  if (caller.session && caller.session.expiration <= now) {
    throw new Refusal(
      403,
      "ExpiredToken",
      "The security token included in the request is expired",
    );
  }
  const { service, region } = authorization;
  if (service === "sts" && world.disabledRegions.includes(region)) {
    const message = `STS is not activated in this region for account:${caller.account}. ` +
      "Your account administrator can activate STS in this region using the IAM Console.";
    throw new Refusal(403, "RegionDisabledException", message);
  }
  if (key) key.lastUsed = { at: now, service, region };
  return caller;
}

interface FoundKey {
  readonly secret: string;
  readonly caller: Caller;
  readonly key?: AccessKey | undefined;
}

/** The key with that ID, if it is valid with that token (`null` for no token). */
function findKey(
  world: World,
  id: string,
  token: string | null,
  now: number,
): FoundKey | undefined {
  const session = world.sessions.find((session) => session.id === id);
  if (session) {
    if (session.token !== token) return undefined;
    const { arn, userId, principal, secret } = session;
    const user = world.users.find((user) => user.arn === principal);
    const account = accountOf(principal);
    const caller = { arn, userId, account, principal, session, ...(user ? { user } : {}) };
    return { secret, caller };
  }
  for (const user of world.users) {
    const key = user.accessKeys.find((key) => key.id === id);
    if (!key) continue;
    const { active = true, created = -Infinity } = key;
    if (!active || token !== null || now < created + world.keyDelay) return undefined;
    const { arn } = user;
    const userId = uniqueId("AIDA", arn);
    const caller = { arn, userId, account: accountOf(arn), principal: arn, user };
    return { secret: key.secret, caller, key };
  }
  return undefined;
}

/** The request's date, `YYYYMMDDTHHMMSSZ`; `undefined` if it is missing or invalid. */
function basicDate(headers: Headers): string | undefined {
  const date = headers.get("x-amz-date") ?? headers.get("date") ?? "";
  const milliseconds = fromBasic(date);
  return Number.isNaN(milliseconds) ? undefined : toBasic(milliseconds);
}

function toBasic(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** Parses that format, and the one of a `Date` header. */
function fromBasic(date: string): number {
  const basic = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  return Date.parse(date.replace(basic, "$1-$2-$3T$4:$5:$6Z"));
}

function checkDate(date: string, now: number): void {
  const signed = fromBasic(date);
  const [earliest, latest] = [now - TOLERANCE, now + TOLERANCE];
  const server = toBasic(now);
  if (signed < earliest) {
    const bound = `${toBasic(earliest)} (${server} - 15 min.)`;
    throw signatureRefused(`Signature expired: ${date} is now earlier than ${bound}`);
  }
  if (signed > latest) {
    const bound = `${toBasic(latest)} (${server} + 15 min.)`;
    throw signatureRefused(`Signature not yet current: ${date} is still later than ${bound}`);
  }
}

async function checkSignature(
  parts: SignedParts,
  authorization: Authorization,
  date: string,
  secret: string,
): Promise<void> {
  if (authorization.service !== "sts" && authorization.service !== "iam") {
    throw signatureRefused("Credential should be scoped to correct service: 'sts'.");
  }
  if (await verifySignature(parts, authorization, date, secret)) return;
  throw signatureRefused(
    "The request signature we calculated does not match the signature you provided. " +
      "Check your AWS Secret Access Key and signing method. " +
      "Consult the service documentation for details.",
  );
}

function signatureRefused(message: string): Refusal {
  return new Refusal(403, "SignatureDoesNotMatch", message);
}
