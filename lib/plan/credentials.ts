/**
 * Credentials as a value, and secrets that cannot be printed by accident.
 *
 * @module
 */

/** A string that shows as `***` wherever it is printed; {@linkcode Secret.reveal} is the only way out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for a signature, a sink or a cache, and for nothing else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }

  [Symbol.for("Deno.customInspect")](): string {
    return "***";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "***";
  }
}

/** AWS bounds no token in writing; what is longer than this no server takes in a header. */
const LONGEST_KEY = 64 * 1024;

/**
 * Whether a text can be a key, a secret or a token. It goes into HTTP headers, into lines of files
 * and to shells: visible ASCII alone, as all that AWS gives, and of a bounded length.
 */
export function isKeyText(text: string): boolean {
  return text.length <= LONGEST_KEY && /^[!-~]+$/.test(text);
}

/** Credentials of AWS: long-lived without a session token, temporary with one. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
  /** When they end, in milliseconds since 1970; absent when nobody said. */
  readonly expiration?: number | undefined;
}

/** Temporary credentials whose end is known. */
export interface ExpiringCredentials extends Credentials {
  readonly expiration: number;
}

/** An instant as AWS writes it: RFC 3339 in UTC, without a fraction: `2026-11-23T14:00:00Z`. */
export function toTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Reads an instant in every spelling that the AWS CLI's cache and credential processes use:
 * `Z`, `UTC`, `+00:00`, `+0100`, a fraction of any length, a blank in place of `T`.
 * Without a zone it is no instant, and `undefined`.
 */
export function parseTimestamp(text: string): number | undefined {
  // As eac writes it, with or without milliseconds.
  if (text.endsWith("Z") && text[10] === "T" && (text.length === 20 || text.length === 24)) {
    const value = Date.parse(text);
    if (!Number.isNaN(value)) return value;
  }
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?\s*(?:(Z|UTC)|([+-]\d\d):?(\d\d))$/i
    .exec(
      text.trim(),
    );
  if (!match) return undefined;
  const [, day, time, fraction = "", utc, hours, minutes] = match;
  const zone = utc ? "Z" : `${hours}:${minutes}`;
  const value = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(value) ? undefined : value;
}
