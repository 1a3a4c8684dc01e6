/**
 * Credentials as a value, and secrets that cannot be printed by accident.
 *
 * @module
 */

/** A string that is printed as `***`; only {@linkcode Secret.reveal} returns it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value: only for a signature, a sink or a cache. */
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

/** AWS documents no limit for tokens, but servers reject longer headers. */
const LONGEST_KEY = 64 * 1024;

/**
 * Whether a text can be a key, a secret or a token. These go into HTTP headers, lines of files and
 * shells: only visible ASCII, like all that AWS issues, and of limited length.
 */
export function isKeyText(text: string): boolean {
  return text.length <= LONGEST_KEY && /^[!-~]+$/.test(text);
}

/** The keys of temporary credentials in JSON, as caches store them; `undefined` if one is invalid. */
export function temporaryKeysIn(
  { AccessKeyId, SecretAccessKey, SessionToken }: Readonly<Record<string, unknown>>,
): Pick<ExpiringCredentials, "accessKeyId" | "secretAccessKey" | "sessionToken"> | undefined {
  const keys = [AccessKeyId, SecretAccessKey, SessionToken];
  if (!keys.every((value) => typeof value === "string" && isKeyText(value))) return undefined;
  return {
    accessKeyId: String(AccessKeyId),
    secretAccessKey: new Secret(String(SecretAccessKey)),
    sessionToken: new Secret(String(SessionToken)),
  };
}

/** AWS credentials: long-lived without a session token, temporary with one. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
  /** The expiration in milliseconds since 1970; absent if unknown. */
  readonly expiration?: number | undefined;
  /** The account, if the source provides it. */
  readonly accountId?: string | undefined;
}

/** Whether a value can be an account ID. */
export function isAccountId(value: unknown): value is string {
  return typeof value === "string" && /^\d{12}$/.test(value);
}

/** Temporary credentials with a known expiration. */
export interface ExpiringCredentials extends Credentials {
  readonly expiration: number;
}

/** The token of a sign-in, which strategies get credentials with. */
export interface SignIn {
  readonly token: Secret;
  /** In milliseconds since 1970. */
  readonly expiration: number;
}

/** A timestamp in AWS's format: RFC 3339 in UTC, without a fraction: `2026-11-23T14:00:00Z`. */
export function toTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** ISO 8601, extended or basic: date, hour, minute, second, the fraction of the last one, zone. */
const TIMESTAMP =
  /^(?:(\d{4})-(\d\d)-(\d\d)[T ]|(\d{4})(\d\d)(\d\d)[T ]?)(\d\d)(?::?(\d\d)(?::?(\d\d))?(?:[.,](\d+))?)?\s*(?:(Z|UTC|GMT)|([+-])(\d\d)(?::?(\d\d))?)$/i;

/**
 * Parses every ISO 8601 format that the AWS CLI reads: `Z`, `UTC`, `+00:00`, `+0100`,
 * `+01`, without separators, without seconds, a fraction of any length, a space instead of `T`.
 * A time without a time zone is ambiguous, and returns `undefined`.
 */
export function parseTimestamp(text: string): number | undefined {
  // eac's own format, with or without milliseconds.
  if (text.endsWith("Z") && text[10] === "T" && (text.length === 20 || text.length === 24)) {
    const value = Date.parse(text);
    if (!Number.isNaN(value)) return value;
  }
  const match = TIMESTAMP.exec(text.trim());
  if (!match) return undefined;
  const [, , , , , , , hour, minute = "0", second, fraction = "0", utc, sign, ...offset] = match;
  const [year, month, day] = match[1] ? match.slice(1, 4) : match.slice(4, 7);
  const [hours = "0", minutes = "0"] = utc ? [] : offset;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC turns 30 February into 2 March, and month 0 into December.
  const real = new Date(date);
  if (real.getUTCDate() !== Number(day) || real.getUTCMonth() !== Number(month) - 1) {
    return undefined;
  }
  const part = Number(`0.${fraction}`) * (second === undefined ? 60_000 : 1000);
  const zone = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
  const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second ?? 0)) * 1000;
  return date + time + Math.floor(part + 1e-6) - zone;
}
