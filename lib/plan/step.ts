/**
 * A step: one call that turns credentials into other credentials. A plan is a list of them.
 *
 * @module
 */

/** A session for a user's own long-lived keys, with MFA where there is a serial. */
export interface GetSessionTokenStep {
  readonly call: "GetSessionToken";
  /** 900 to 129600. */
  readonly durationSeconds: number;
  readonly mfaSerial?: string | undefined;
  /** No session that is older serves, in seconds. It is not sent, and no part of the cache key. */
  readonly maxAgeSeconds?: number | undefined;
}

/** A role, with every parameter that AssumeRole takes. */
export interface AssumeRoleStep {
  readonly call: "AssumeRole";
  readonly roleArn: string;
  /** Absent: a name is made when the call goes out. */
  readonly sessionName?: string | undefined;
  /**
   * 900 to 43200; 3600 at most from temporary credentials. Absent if none is set: it is not
   * sent then, and STS gives an hour.
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

/** What a custom strategy does in code. */
export interface CustomStep {
  readonly call: "Custom";
  readonly strategy: string;
  readonly summary: string;
  /** The keys that the strategy declares: it gets no others of the profile. */
  readonly keys: Readonly<Record<string, string>>;
  /** The hash of the keys and of the strategy's file. */
  readonly cacheKey: string;
  /** The device whose code it may ask for. */
  readonly mfaSerial?: string | undefined;
  /** True if it asks the user. */
  readonly asks?: true | undefined;
  /** False if its credentials, and those of the steps after it, must not be cached. */
  readonly keep?: false | undefined;
}

/** One call of a plan. */
export type Step = GetSessionTokenStep | AssumeRoleStep | CustomStep;

/** Whom a step is about: the role, or the device; `undefined` where only its strategy knows. */
export function subjectOf(step: Step): string | undefined {
  return step.call === "AssumeRole" ? step.roleArn : step.mfaSerial;
}
