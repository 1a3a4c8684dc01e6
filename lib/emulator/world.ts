/**
 * The emulator's state as plain data: users, roles, and the sessions it issued.
 *
 * @module
 */

/** A long-lived key of a user. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  /** True if absent. */
  active?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly created?: number | undefined;
  lastUsed?: { readonly at: number; readonly service: string; readonly region: string };
}

/** An MFA device; without a secret (FIDO) no code is ever accepted. */
export interface MfaDevice {
  readonly serial: string;
  /** Base32. */
  readonly secret?: string | undefined;
  /** The time steps whose code was accepted: each works once. */
  spent?: readonly number[] | undefined;
}

/** An IAM user. */
export interface User {
  readonly arn: string;
  readonly accessKeys: AccessKey[];
  readonly mfaDevices?: readonly MfaDevice[] | undefined;
  /** Actions that the user's policies deny: `iam:ListMFADevices`. */
  readonly denied?: readonly string[] | undefined;
  /** Actions that they deny without MFA. */
  readonly deniedWithoutMfa?: readonly string[] | undefined;
}

/** The trust policy of a role: who may assume it, and under which conditions. */
export interface Trust {
  /**
   * ARNs of users, roles, role sessions, accounts (`...:root`) and identity providers, account numbers, or
   * `*`.
   */
  readonly principals: readonly string[];
  readonly externalId?: string | undefined;
  /** The audiences of a web identity token that it accepts; all if absent. */
  readonly audiences?: readonly string[] | undefined;
  /**
   * `aws:MultiFactorAuthPresent`; `direct`: with a code in the call itself, not in an earlier
   * session.
   */
  readonly mfa?: boolean | "direct" | undefined;
  /** `aws:MultiFactorAuthAge` must be less than this, in seconds. */
  readonly mfaMaxAge?: number | undefined;
}

/** An IAM role. */
export interface Role {
  readonly arn: string;
  readonly trust: Trust;
  /** Seconds; 3600 if absent. */
  readonly maxSessionDuration?: number | undefined;
}

/** Issued temporary credentials. */
export interface Session {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiration: number;
  /** The user (GetSessionToken) or the role (AssumeRole) whose credentials they are. */
  readonly principal: string;
  /** The response of GetCallerIdentity. */
  readonly arn: string;
  readonly userId: string;
  /** When an MFA code was used for them. A role session never has it, as in AWS. */
  readonly mfaAt?: number | undefined;
  /** True for a role assumed with temporary credentials. */
  readonly chained: boolean;
}

/** The state of the emulator. Calls change it in place. */
export interface World {
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly sessions: Session[];
  /** Regions in which STS is disabled. */
  readonly disabledRegions: readonly string[];
  /** Milliseconds until a new access key works: IAM is eventually consistent. */
  readonly keyDelay: number;
}

/** The initial state, as tests describe it. */
export type WorldDescription = Pick<World, "users" | "roles"> & Partial<World>;

/** Fills bytes with random values, like `crypto.getRandomValues`. */
export type Random = (bytes: Uint8Array<ArrayBuffer>) => unknown;

/** Creates a state from its description, as a deep copy. */
export function createWorld(description: WorldDescription): World {
  return { sessions: [], disabledRegions: [], keyDelay: 0, ...structuredClone(description) };
}

/** The account of an ARN. */
export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}

/** The name at the end of an ARN, without its path. */
export function nameOf(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1);
}

/** The unique ID of a user or a role, with a prefix for its type: `AIDAALICEEXAMPLEEXAMP`. */
export function uniqueId(prefix: "AIDA" | "AROA", arn: string): string {
  const name = nameOf(arn).toUpperCase().replace(/[^A-Z2-7]/g, "");
  return prefix + `${name}EXAMPLEEXAMPLEEXA`.slice(0, 17);
}

/** A new access key ID and secret in AWS's format. */
export function newKey(prefix: "AKIA" | "ASIA", random: Random): { id: string; secret: string } {
  return { id: prefix + letters(BASE32, 16, random), secret: letters(BASE64, 40, random) };
}

/** A new session token; its length is that of a real one. */
export function newToken(random: Random): string {
  return "IQoJb3JpZ2luX2Vj" + letters(BASE64, 352, random);
}

/** A new token for the console's sign-in page. */
export function newSigninToken(random: Random): string {
  return letters(BASE64URL, 512, random);
}

/** A new request ID: a UUID. */
export function newRequestId(random: Random): string {
  return [8, 4, 4, 4, 12].map((count) => letters(HEX, count, random)).join("-");
}

const HEX = "0123456789abcdef";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL = BASE64.replace("+/", "-_");

function letters(alphabet: string, count: number, random: Random): string {
  const bytes = new Uint8Array(count);
  random(bytes);
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
