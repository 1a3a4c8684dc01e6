/**
 * The kind of refusal that an error is, for code that can handle it. The messages for users are
 * refusal.ts's, which is loaded when AWS has said no.
 *
 * @module
 */

import { EacError } from "../errors.ts";

/** A refusal as it came, secrets blotted out. */
export interface StsRefusal {
  readonly status: number;
  /** Empty when the answer was not one of STS. */
  readonly code: string;
  readonly message: string;
  /** The server's clock, milliseconds since 1970. */
  readonly serverTime?: number | undefined;
  /** Where a redirect points to. */
  readonly location?: string | undefined;
}

/** The codes of failures on the way, though their status says otherwise. */
export const PASSING = /^(IDPCommunicationError|RequestTimeout)/;

/** The codes of calls that are not allowed. */
export const DENIED = /^(AccessDenied|UnauthorizedOperation|Unauthorized|NotAuthorized)/;

/** True where STS refused the code as such: it is wrong, or used. */
export function isWrongCode({ message }: StsRefusal): boolean {
  return /invalid MFA one time pass code/i.test(message);
}

function refusalOf(error: unknown): StsRefusal | undefined {
  if (!(error instanceof EacError)) return undefined;
  const cause = error.cause as Partial<StsRefusal> | undefined;
  return typeof cause?.status === "number" && typeof cause.code === "string"
    ? cause as StsRefusal
    : undefined;
}

/** True when IAM has no such key, user or device. */
export function isNoSuchEntity(error: unknown): boolean {
  return refusalOf(error)?.code === "NoSuchEntity";
}

/** True when STS refused the code itself, so that another code may help. */
export function isMfaRefusal(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal !== undefined &&
    (isWrongCode(refusal) || /'tokenCode' failed/i.test(refusal.message));
}

/** True if a request certainly never reached a server, so a code in it is unused. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof EacError && error.code === "network" &&
    /connection was refused|cannot be resolved|no route/.test(error.message);
}

/** True when STS said `AccessDenied`; of a session's call: the same call with a code may do. */
export function isAccessDenied(error: unknown): boolean {
  return DENIED.test(refusalOf(error)?.code ?? "");
}

/** True when the server failed in a way that passes, by its own account. */
export function isPassing(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal === undefined) return false;
  return refusal.status >= 500 || PASSING.test(refusal.code);
}
