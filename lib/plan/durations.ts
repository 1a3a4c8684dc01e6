/**
 * How long STS lets credentials last, in seconds: each limit is defined here only.
 *
 * @module
 */

/** A range of seconds that STS accepts. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** AssumeRole and AssumeRoleWithWebIdentity (STS API reference). */
export const ROLE_BOUNDS: Bounds = { least: 900, most: 43_200 };

/** GetSessionToken (STS API reference). */
export const SESSION_BOUNDS: Bounds = { least: 900, most: 129_600 };

/** From temporary credentials of any kind a role lasts an hour at most (IAM: role chaining). */
export const CHAINED_MOST = 3600;

/** What eac provides if nothing says otherwise; also what STS gives for an AssumeRole without a duration. */
export const DEFAULT_SECONDS = 3600;

/**
 * The shared MFA session: STS's own default, so that one code serves a working day. It is never
 * provided to a tool as it is, unless the user asks for the session itself.
 */
export const SESSION_DEFAULT_SECONDS = 43_200;
