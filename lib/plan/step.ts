/**
 * A step: one call that turns credentials into other credentials. A plan is a list of them.
 *
 * @module
 */

/** GetSessionToken: a session for a user's long-lived keys, with MFA if there is a serial. */
export interface GetSessionTokenStep {
  readonly call: "GetSessionToken";
  /** 900 to 129600. */
  readonly durationSeconds: number;
  readonly mfaSerial?: string | undefined;
  /**
   * The maximum age of a cached session, in seconds. It is not sent, and not part of the cache key.
   */
  readonly maxAgeSeconds?: number | undefined;
}

/** AssumeRole, with all its parameters. */
export interface AssumeRoleStep {
  readonly call: "AssumeRole";
  readonly roleArn: string;
  /** If absent, a name is generated when the call is sent. */
  readonly sessionName?: string | undefined;
  /**
   * 900 to 43200; 3600 at most from temporary credentials. If absent, it is not sent, and STS uses
   * an hour.
   */
  readonly durationSeconds?: number | undefined;
  readonly externalId?: string | undefined;
  readonly mfaSerial?: string | undefined;
  /** An inline session policy, JSON. */
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
  readonly sourceIdentity?: string | undefined;
}

/** The code of a custom strategy. */
export interface CustomStep {
  readonly call: "Custom";
  readonly strategy: string;
  readonly summary: string;
  /** The keys that the strategy declares; it gets no others. */
  readonly keys: Readonly<Record<string, string>>;
  /** The hash of the keys and of the strategy's file. */
  readonly cacheKey: string;
  /** The MFA device whose code it may request. */
  readonly mfaSerial?: string | undefined;
  /** True if it calls STS through eac. */
  readonly usesSts?: true | undefined;
  /** True if it asks the user. */
  readonly asks?: true | undefined;
  /** False if its credentials, and those of the steps after it, must not be cached. */
  readonly keep?: false | undefined;
}

/** One call of a plan. */
export type Step = GetSessionTokenStep | AssumeRoleStep | CustomStep;

/** What a step is about: the role, or the MFA device; `undefined` if only its strategy knows. */
export function subjectOf(step: Step): string | undefined {
  return step.call === "AssumeRole" ? step.roleArn : step.mfaSerial;
}
