/**
 * Missing environment variables in words.
 *
 * @module
 */

/** `A is not set`, or `A and B are not set`. */
export function notSet(variables: readonly string[]): string {
  return `${variables.join(" and ")} ${variables.length === 1 ? "is" : "are"} not set`;
}
