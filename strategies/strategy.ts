/**
 * A custom strategy: what a file in `~/.aws/eac/strategies/` provides to eac, and what eac provides to
 * it.
 *
 *     import type { Strategy } from "eac/strategy";
 *
 * These types are the whole contract for modules. docs/strategies.md explains it, and the JSON that
 * executables read and write.
 *
 * @module
 */

/** A file's default export: it either declares STS calls, or gets credentials with its own code. */
export type Strategy = StepStrategy | ObtainStrategy | KeysStrategy | SignInStrategy;

/**
 * A key of the profile (`company_vault`), a key of its source profile (`source_profile.role_arn`), or
 * the absence of a key (`!role_arn`). Keys are in lower case.
 */
export type KeyPath = string;

/** The description that every strategy has. */
export interface Description {
  /** The version of this contract. */
  readonly api: 1;
  /** Lower-case letters, digits and dashes: `company-vault`. */
  readonly name: string;
  /** One line, for `eac strategies` and `eac explain`. */
  readonly summary: string;
  /** Alternatives. The strategy serves a profile that has all keys of one of them. */
  readonly needs: readonly (readonly KeyPath[])[];
  /** The optional keys that it reads. It gets no other keys. */
  readonly reads?: readonly KeyPath[];
  /**
   * The environment variables that the result depends on: a changed value makes cached credentials
   * and steps invalid. A variable `AWS_*` is passed only if it is named here, or `wants` has `env`.
   */
  readonly env?: readonly string[];
}

/** The declared keys of a profile, by path. Keys that the profile does not have are absent. */
export type Keys = Readonly<Record<KeyPath, string | undefined>>;

/** Declares the STS calls to make. eac makes them, and decides when to ask for an MFA code. */
export interface StepStrategy extends Description {
  /**
   * With `files`, `steps` may read files. eac then calls it in every run, because it cannot know
   * whether they have changed. A file that is imported (JSON, say) needs no `files`.
   */
  readonly wants?: readonly "files"[];
  /**
   * The strategy's calls, in order. The calls of the profile's `source_profile` come first; eac
   * places MFA and limits durations by its own rules. Must be pure (the same keys and variables
   * give the same calls) because eac caches the result. It cannot use the network or programs.
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
  /** If absent, eac generates one. */
  readonly sessionName?: string | undefined;
  /** 900 to 43200; 3600 if absent, and at most 3600 with temporary credentials. */
  readonly durationSeconds?: number | undefined;
  /** The external ID that the trust policy requires. */
  readonly externalId?: string | undefined;
  /** The MFA device whose code is sent with the call, or with the session before it. */
  readonly mfaSerial?: string | undefined;
  /** An inline session policy, JSON. */
  readonly policy?: string | undefined;
  /** Managed session policies. */
  readonly policyArns?: readonly string[] | undefined;
  /** Session tags. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The tags that the next role of the chain inherits. */
  readonly transitiveTagKeys?: readonly string[] | undefined;
  /** The source identity, which CloudTrail records. */
  readonly sourceIdentity?: string | undefined;
}

/** What GetSessionToken takes. It requires long-lived keys. */
export interface GetSessionToken {
  /** 900 to 129600; 3600 if absent. */
  readonly durationSeconds?: number | undefined;
  /** The MFA device whose code is sent with the call. */
  readonly mfaSerial?: string | undefined;
}

/** Gets credentials with its own code. eac caches them until they are about to expire. */
export interface ObtainStrategy extends Description {
  /** What it provides: temporary credentials. */
  readonly gives?: "credentials";
  /** What it may use in addition to the declared keys. */
  readonly wants?: readonly Want[];
  /**
   * False if its credentials must not be cached, so that each use calls it again; true if absent.
   */
  readonly keep?: boolean;
  /** Seconds until it is killed; 60 if absent, at most 900. Waiting for eac does not count. */
  readonly timeout?: number;
  /** The longest lifetime of its credentials in seconds; 43200 if absent, at most 129600. */
  readonly maxDuration?: number;
  /**
   * The strategy's code. If it throws, eac reports the message and exits 8. An error with a `code` of
   * eac's (`input_required`, `expired`, `access_denied`, `network`, ...) gets the exit code of that, and
   * a `hint` is shown as eac's own.
   */
  obtain(request: ObtainRequest, context: ObtainContext): Answer | Promise<Answer>;
}

/**
 * Reads a user's long-lived keys, from a password manager for example. eac never stores them: a profile
 * that it serves gets a session (with MFA if it has `mfa_serial`), and roles are assumed from the keys.
 */
export interface KeysStrategy extends Description {
  /** What it provides: long-lived keys. */
  readonly gives: "keys";
  /** What it may use in addition to the declared keys. */
  readonly wants?: readonly Exclude<Want, "source" | "mfa" | "sts">[];
  /** Seconds until it is killed; 60 if absent, at most 900. Waiting for eac does not count. */
  readonly timeout?: number;
  /** Like that of {@linkcode ObtainStrategy}, but it returns keys. */
  obtain(
    request: ObtainRequest,
    context: ObtainContext,
  ): LongLivedKeys | Promise<LongLivedKeys>;
}

/** What a KeysStrategy returns: these two fields only. */
export type LongLivedKeys = Pick<Credentials, "AccessKeyId" | "SecretAccessKey">;

/**
 * A sign-in that many profiles share: one password and one code serve all of them. eac keeps the token
 * and gives it to the strategies of the profiles that name this one as their `source_profile`; nothing
 * else gets it. The strategy runs again when the token expires, or when a strategy that got a token of an
 * earlier run fails with the code `expired`.
 */
export interface SignInStrategy extends Description {
  /** What it gives: a token for other strategies. */
  readonly gives: "sign-in";
  /** What it may use in addition to the declared keys. */
  readonly wants?: readonly Exclude<Want, "source" | "sts">[];
  /** Seconds until it is killed; 60 if absent, at most 900. Waiting for eac does not count. */
  readonly timeout?: number;
  /** The longest lifetime of its token in seconds; 43200 if absent, at most 2592000 (30 days). */
  readonly maxDuration?: number;
  /** As that of {@linkcode ObtainStrategy}, but it returns a token. */
  obtain(request: ObtainRequest, context: ObtainContext): Token | Promise<Token>;
}

/** What a SignInStrategy returns: these two fields only. */
export interface Token {
  /** A session token, a cookie, a SAML assertion, or JSON with all of them. */
  readonly Token: string;
  /** Such as `2026-11-23T14:00:00Z`. */
  readonly Expiration: string | Date;
}

/**
 * - `source`: the credentials of the profile's source, or the token if the source is a sign-in
 * - `mfa`: MFA codes
 * - `sts`: STS calls
 * - `ask`: questions to the user, text to show on the terminal, and pages in the browser
 * - `env`: all variables `AWS_*`, which are removed from the environment otherwise
 * - `fetch`, `files`, `run`: for a module, access to the network, to files and to programs
 */
export type Want = "source" | "mfa" | "sts" | "ask" | "env" | "fetch" | "files" | "run";

/** The request to an ObtainStrategy. */
export interface ObtainRequest {
  /** The declared keys, and no others. */
  readonly profile: Keys;
  /** The credentials of the profile's source, if `wants` has `source`. */
  readonly credentials?: Credentials | undefined;
  /** The token of the profile's source, if that is a sign-in and `wants` has `source`. */
  readonly token?: string | undefined;
  /** False if the user cannot be asked. */
  readonly interactive: boolean;
}

/** Credentials, with AWS's names. */
export interface Credentials {
  /** The access key ID, which is not secret. */
  readonly AccessKeyId: string;
  /** The secret access key. */
  readonly SecretAccessKey: string;
  /** Absent for long-lived keys. */
  readonly SessionToken?: string;
  /** Such as `2026-11-23T14:00:00Z`; absent if unknown. */
  readonly Expiration?: string;
}

/** Temporary credentials, as STS returns them. */
export type Temporary = Required<Credentials>;

/** What an ObtainStrategy returns: these four fields only. `Expiration` may be a `Date`. */
export type Answer = Omit<Temporary, "Expiration"> & { readonly Expiration: string | Date };

/** What an ObtainStrategy may use. What `wants` does not include throws. */
export interface ObtainContext {
  /**
   * The region in which eac calls STS for the profile: `--region`, `AWS_REGION`, the key `region`
   * of the profile or of its source, else the home of the partition. It is not part of the cache
   * key: credentials that depend on it need `region` in `reads`.
   */
  readonly region: string;
  /** The URL at which eac calls STS, such as `https://sts.eu-west-1.amazonaws.com`. */
  readonly stsEndpoint: string;
  /** STS through eac's client, with the profile's endpoint, region, proxy and retries. */
  readonly sts: StsCalls;
  /** Codes of MFA devices. */
  readonly mfa: MfaCodes;
  /** Asks the user on the terminal. Throws immediately if the user cannot be asked. */
  ask(question: string, options?: { readonly secret?: boolean }): Promise<string>;
  /**
   * Shows the user what to do, such as a URL and a code to type there: on the terminal, even if
   * stderr is not shown (`-q`, `--json`, an SDK that runs eac); on stderr if there is no terminal.
   */
  show(text: string): Promise<void>;
  /**
   * Asks the user to choose one of the options by its number, and returns the option; a single
   * option is returned without a prompt. Throws immediately if the user cannot be asked.
   */
  choose(question: string, options: readonly string[]): Promise<string>;
  /**
   * Opens a page (`https://...`) in the user's browser; if that is not possible, shows the URL to
   * the user and returns false. The URL is never on a command line. Throws immediately if the user
   * cannot be asked.
   */
  open(url: string | URL): Promise<boolean>;
  /** The standard `fetch`, through the proxy, trusting `AWS_CA_BUNDLE`; aborted by `signal`. */
  readonly fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Prints on stderr, with known secrets redacted, as `console.log` does. */
  log(...words: readonly unknown[]): void;
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
}

/** MFA codes. Each is asked for once and works once. */
export interface MfaCodes {
  /** The device's next code: from the option, the variable, the command or the user. */
  code(serial: string): Promise<string>;
}

/**
 * STS calls, signed with the given credentials, or by default with those of the profile's source.
 * For `mfaSerial`, eac gets the code (`wants` must have `mfa`) unless the strategy passes `code`.
 */
export interface StsCalls {
  /** Assumes a role. */
  assumeRole(role: AssumeRole & OwnCode, credentials?: Credentials): Promise<Temporary>;
  /** Gets a session for long-lived keys. */
  getSessionToken(
    session?: GetSessionToken & OwnCode,
    credentials?: Credentials,
  ): Promise<Temporary>;
  /** Assumes a role with the SAML assertion of an identity provider; no credentials are needed. */
  assumeRoleWithSaml(role: AssumeRoleWithSaml): Promise<Temporary>;
  /** Assumes a role with the token of an OpenID Connect provider; no credentials are needed. */
  assumeRoleWithWebIdentity(role: AssumeRoleWithWebIdentity): Promise<Temporary>;
}

/** What AssumeRoleWithSAML takes. */
export interface AssumeRoleWithSaml {
  /** The role: one of the assertion's attribute `https://aws.amazon.com/SAML/Attributes/Role`. */
  readonly roleArn: string;
  /** The SAML provider of the same pair: `arn:aws:iam::123456789012:saml-provider/NAME`. */
  readonly principalArn: string;
  /** The `SAMLResponse` that the identity provider posts, in base64. It is valid for 5 minutes. */
  readonly samlAssertion: string;
  /** 900 to 43200; 3600 if absent. The assertion's SessionDuration can only shorten it. */
  readonly durationSeconds?: number | undefined;
  /** An inline session policy, JSON. */
  readonly policy?: string | undefined;
  /** Managed session policies. */
  readonly policyArns?: readonly string[] | undefined;
}

/** What AssumeRoleWithWebIdentity takes. */
export interface AssumeRoleWithWebIdentity {
  /** The role. */
  readonly roleArn: string;
  /** The ID token, a JWT. Its audience must be one of the identity provider in IAM. */
  readonly webIdentityToken: string;
  /** If absent, eac generates one. */
  readonly sessionName?: string | undefined;
  /** 900 to 43200; 3600 if absent. */
  readonly durationSeconds?: number | undefined;
  /** An inline session policy, JSON. */
  readonly policy?: string | undefined;
  /** Managed session policies. */
  readonly policyArns?: readonly string[] | undefined;
}

/** A code that the strategy supplies, from a hardware key for example. */
export interface OwnCode {
  /** Six digits. */
  readonly code?: string;
}
