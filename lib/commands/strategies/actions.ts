/**
 * The actions of `eac strategies`.
 *
 * @module
 */

/** Their names. */
export const ACTIONS = ["list", "new", "check", "allow"] as const;
