/**
 * Checks data of any shape that a custom strategy returns. Its messages help the author fix it.
 *
 * @module
 */

/** An invalid field; the message is the end of a sentence. */
export class InvalidField extends Error {}

/** The members of an object with known names only. */
export function membersOf(
  value: unknown,
  what: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidField(`${what} is not an object`);
  }
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length === 0) return value as Record<string, unknown>;
  const names = unknown.map((name) => JSON.stringify(name)).join(", ");
  const fields = unknown.length === 1 ? "an unknown field" : "unknown fields";
  throw new InvalidField(`${what} has ${fields} ${names}; known fields: ${known.join(", ")}`);
}

/** A non-empty text without control characters. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "") {
    throw new InvalidField(`${what} is not a non-empty string`);
  }
  if (/\p{Cc}/u.test(value)) throw new InvalidField(`${what} has control characters`);
  return value;
}

/** A whole number of seconds within bounds. */
export function secondsOf(value: unknown, what: string, least: number, most: number): number {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) {
    return Number(value);
  }
  throw new InvalidField(`${what} is not a whole number of seconds from ${least} to ${most}`);
}

/** A list. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new InvalidField(`${what} is not a list`);
}

/** The value, if it is one of these. */
export function oneOf<T extends string>(value: unknown, what: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new InvalidField(`${what} is ${JSON.stringify(value)}; use one of ${known.join(", ")}`);
}
