/**
 * The MFA device of the user in tests of strategies.
 *
 * @module
 */

/** The user's MFA device. */
export const DEVICE = "arn:aws:iam::123456789012:mfa/user";
