/**
 * Classifies the error responses of AWS, for code that can handle them. refusal.ts, which is loaded
 * only when AWS refuses a call, has the messages for users.
 *
 * @module
 */

import { EacError } from "../errors.ts";

/** An error response with its secrets masked. */
export interface StsRefusal {
  readonly status: number;
  /** Empty if the response is not from STS. */
  readonly code: string;
  readonly message: string;
  /** The server's clock, milliseconds since 1970. */
  readonly serverTime?: number | undefined;
  /** Where a redirect points to. */
  readonly location?: string | undefined;
}

/** The codes of server errors, whatever their status. */
export const TRANSIENT = /^(IDPCommunicationError|RequestTimeout)/;

/** The codes of denied calls. */
export const DENIED = /^(AccessDenied|UnauthorizedOperation|Unauthorized|NotAuthorized)/;

/** True if STS rejected the MFA code itself: it is wrong or used. */
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

/** True if IAM has no such key, user or device. */
export function isNoSuchEntity(error: unknown): boolean {
  return refusalOf(error)?.code === "NoSuchEntity";
}

/** True if STS rejected the MFA code itself, so that another code may help. */
export function isMfaRefusal(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal !== undefined &&
    (isWrongCode(refusal) || /'tokenCode' failed/i.test(refusal.message));
}

/** True only if a request cannot have reached a server, so that its code is unused. */
export function wasNotSent(error: unknown): boolean {
  if (!(error instanceof EacError)) return false;
  // An invalid CA bundle, proxy or AWS_MAX_ATTEMPTS is found before anything is sent.
  if (error.code === "config_invalid") return true;
  return error.code === "network" &&
    /connection was refused|cannot be resolved|no route/.test(error.message);
}

/** True if STS returned `AccessDenied`; a call with a session may succeed with a code instead. */
export function isAccessDenied(error: unknown): boolean {
  return DENIED.test(refusalOf(error)?.code ?? "");
}

/** True if the server reported a temporary error. */
export function isTransient(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (refusal === undefined) return false;
  return refusal.status >= 500 || TRANSIENT.test(refusal.code);
}
