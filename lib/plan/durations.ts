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

/** A role assumed with temporary credentials lasts an hour at most (IAM: role chaining). */
export const CHAINED_MOST = 3600;

/** eac's default, which is also STS's default for AssumeRole. */
export const DEFAULT_SECONDS = 3600;

/**
 * The shared MFA session: STS's own default, so that one code serves a working day. No tool gets
 * the session itself unless the user asks for it.
 */
export const SESSION_DEFAULT_SECONDS = 43_200;
