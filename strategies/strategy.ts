/**
 * A strategy of your own: what a file in `~/.aws/eac/strategies/` gives eac, and what eac gives it.
 *
 *     import type { Strategy } from "eac/strategy";
 *
 * These are types alone, and all of the contract for modules. docs/strategies.md tells it at length,
 * with the JSON that executables speak.
 *
 * @module
 */

/** A file's default export. Exactly one of the two: declare calls, or obtain by code. */
export type Strategy = StepStrategy | ObtainStrategy;

/**
 * A key of the profile (`company_vault`), of the profile that it names as its source
 * (`source_profile.role_arn`), or the absence of one (`!role_arn`). Keys are in lower case.
 */
export type KeyPath = string;

/** What every strategy says of itself. */
export interface Description {
  /** The version of this contract. */
  readonly api: 1;
  /** Lower-case letters, digits and dashes: `company-vault`. */
  readonly name: string;
  /** One line, for `eac strategies` and `eac explain`. */
  readonly summary: string;
  /** Alternatives; a profile that has all keys of one of them is served by this strategy. */
  readonly needs: readonly (readonly KeyPath[])[];
  /** The optional keys that it looks at. No other key is handed to it. */
  readonly reads?: readonly KeyPath[];
}

/** The declared keys of a profile, by their paths; one that the profile does not have is absent. */
export type Keys = Readonly<Record<KeyPath, string | undefined>>;

/** Declares the calls to make, and does nothing itself: what is asked, and when, is up to eac. */
export interface StepStrategy extends Description {
  /**
   * The strategy's own calls, in order. What the profile's `source_profile` comes to stands before
   * them; eac places MFA and lowers durations by its own rules. Pure: the same keys give the same
   * calls, so that the answer is kept. It can reach neither network nor programs.
   */
  steps(profile: Keys): readonly Step[] | Promise<readonly Step[]>;
}

/** A call of STS. */
export type Step =
  | AssumeRole & { readonly call: "AssumeRole" }
  | GetSessionToken & {
    readonly call: "GetSessionToken";
  };

/** What AssumeRole takes. */
export interface AssumeRole {
  /** The role. */
  readonly roleArn: string;
  /** Absent: eac makes one. */
  readonly sessionName?: string | undefined;
  /** 900 to 43200; STS gives an hour without, and no more from temporary credentials. */
  readonly durationSeconds?: number | undefined;
  /** What the trust policy may ask for. */
  readonly externalId?: string | undefined;
  /** The device whose code goes with the call, or with the session before it. */
  readonly mfaSerial?: string | undefined;
  /** An inline session policy, JSON. */
  readonly policy?: string | undefined;
  /** Managed session policies. */
  readonly policyArns?: readonly string[] | undefined;
  /** Session tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Those that the next role of a chain inherits. */
  readonly transitiveTagKeys?: readonly string[] | undefined;
  /** Who it is, for CloudTrail. */
  readonly sourceIdentity?: string | undefined;
}

/** What GetSessionToken takes; it demands long-lived keys. */
export interface GetSessionToken {
  /** 900 to 129600; an hour without. */
  readonly durationSeconds?: number | undefined;
  /** The device whose code goes with the call. */
  readonly mfaSerial?: string | undefined;
}

/** Obtains credentials in its own way. What it gives is cached until it is no longer fresh. */
export interface ObtainStrategy extends Description {
  /** What it may use beside the declared keys. */
  readonly wants?: readonly Want[];
  /** Seconds until it is killed; 60 without, 900 at most. Waiting for eac's own answers is free. */
  readonly timeout?: number;
  /** Seconds that its credentials last at most; 43200 without, 129600 at most. */
  readonly maxDuration?: number;
  /** The strategy's own code. What it throws ends in exit code 8, with its message. */
  obtain(request: ObtainRequest, context: ObtainContext): Answer | Promise<Answer>;
}

/**
 * - `source`: the credentials that the profile's own source comes to
 * - `mfa`: MFA codes
 * - `sts`: calls of STS
 * - `ask`: questions to the person
 * - `env`: the variables `AWS_*`, which are taken out of the environment otherwise
 * - `fetch`, `run`: for a module, the network and other programs
 */
export type Want = "source" | "mfa" | "sts" | "ask" | "env" | "fetch" | "run";

/** What an ObtainStrategy is given. */
export interface ObtainRequest {
  /** The declared keys, and no other. */
  readonly profile: Keys;
  /** Of the profile's source, where `wants` has `source`. */
  readonly credentials?: Credentials;
  /** False where nobody can be asked. */
  readonly interactive: boolean;
}

/** Credentials as AWS spells them. */
export interface Credentials {
  /** Its id, no secret. */
  readonly AccessKeyId: string;
  /** The secret that signs. */
  readonly SecretAccessKey: string;
  /** Absent for long-lived keys. */
  readonly SessionToken?: string;
  /** Such as `2026-11-23T14:00:00Z`; absent where nobody said. */
  readonly Expiration?: string;
}

/** Temporary credentials, as STS gives them. */
export type Temporary = Required<Credentials>;

/** What an ObtainStrategy gives: these four, and nothing else. `Expiration` may be a `Date`. */
export type Answer = Omit<Temporary, "Expiration"> & { readonly Expiration: string | Date };

/** What an ObtainStrategy may use; what `wants` does not have throws. */
export interface ObtainContext {
  /** STS by eac's client: endpoint, region, proxy and retries as for the profile. */
  readonly sts: StsCalls;
  /** The codes of MFA devices. */
  readonly mfa: MfaCodes;
  /** Asks the person on the terminal. Fails at once where nobody can be asked. */
  ask(question: string, options?: { readonly secret?: boolean }): Promise<string>;
  /** The web's own `fetch`, with `signal` in it, by way of the proxy, trusting `AWS_CA_BUNDLE`. */
  readonly fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Says something on stderr, without the secrets that eac knows. So does `console.log`. */
  log(...words: readonly unknown[]): void;
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
}

/** Codes, asked for once and good once. */
export interface MfaCodes {
  /** The device's next code: from the flag, the variable, the command or the person. */
  code(serial: string): Promise<string>;
}

/**
 * Calls of STS, signed with the given credentials, else with those of the profile's source. With
 * `mfaSerial` eac gets the code, and `wants` has to have `mfa`; or the strategy has one itself.
 */
export interface StsCalls {
  /** A role. */
  assumeRole(role: AssumeRole & OwnCode, credentials?: Credentials): Promise<Temporary>;
  /** A session for long-lived keys. */
  getSessionToken(
    session?: GetSessionToken & OwnCode,
    credentials?: Credentials,
  ): Promise<Temporary>;
}

/** A code that the strategy has itself, of a hardware key say. */
export interface OwnCode {
  /** Six digits. */
  readonly code?: string;
}
