/**
 * The shells that eac can complete words for.
 *
 * @module
 */

/** Their names for `eac completion`. */
export const SHELLS = ["bash", "zsh", "fish", "powershell", "nu"] as const;

/** The name of a shell. */
export type Shell = typeof SHELLS[number];
