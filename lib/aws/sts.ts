/**
 * The STS calls that eac makes, and the checks of their responses.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import {
  type Credentials,
  type ExpiringCredentials,
  isKeyText,
  Secret,
  toTimestamp,
} from "../plan/credentials.ts";
import type { Circumstances, StsCall } from "./refusal.ts";
import type { SamlCall, WebIdentityCall } from "../plan/services.ts";
import type { AssumeRoleStep, GetSessionTokenStep } from "../plan/step.ts";
import {
  type QueryCall,
  type StsHost,
  type StsOptions,
  stsSender,
  type StsTarget,
} from "./query.ts";

export type { StsHost, StsOptions, StsTarget } from "./query.ts";

/** The results of the calls. */
export interface StsResult {
  readonly credentials: ExpiringCredentials;
  readonly assumedRoleArn?: string | undefined;
}

/** The identity that GetCallerIdentity returns. */
export interface CallerIdentity {
  readonly UserId: string;
  readonly Account: string;
  readonly Arn: string;
}

/** The parameters of AssumeRoleWithWebIdentity. */
export type WebIdentity = Omit<WebIdentityCall, "call"> & { readonly sessionName: string };

/** What AssumeRoleWithSAML takes. */
export type SamlIdentity = Omit<SamlCall, "call">;

/**
 * STS calls.
 *
 * Each throws {@linkcode EacError}: that of refusal.ts for an error response, `network` or
 * `timeout`, and `service` for an unusable response.
 */
export interface Sts {
  assumeRole(
    credentials: Credentials,
    step: AssumeRoleStep & { readonly sessionName: string },
    code?: string,
    circumstances?: Circumstances,
  ): Promise<StsResult>;
  assumeRoleWithSaml(identity: SamlIdentity, circumstances?: Circumstances): Promise<StsResult>;
  assumeRoleWithWebIdentity(
    identity: WebIdentity,
    circumstances?: Circumstances,
  ): Promise<StsResult>;
  getSessionToken(
    credentials: Credentials,
    step: GetSessionTokenStep,
    code?: string,
  ): Promise<StsResult>;
  getFederationToken(credentials: Credentials, user: FederatedUser): Promise<StsResult>;
  getCallerIdentity(credentials: Credentials): Promise<CallerIdentity>;
}

/** What GetFederationToken takes. */
export interface FederatedUser {
  /** 2 to 32 characters; CloudTrail records it. */
  readonly name: string;
  /** 900 to 129600. */
  readonly durationSeconds: number;
  /** Session policies: without one the user may do nothing. */
  readonly policy?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
}

/** Credentials in a response, as typed by the SDK's parser. */
interface Output {
  readonly Credentials?: {
    readonly AccessKeyId: string | undefined;
    readonly SecretAccessKey: string | undefined;
    readonly SessionToken: string | undefined;
    readonly Expiration: Date | undefined;
  } | undefined;
  readonly AssumedRoleUser?: { readonly Arn: string | undefined } | undefined;
}

const HOUR = 3_600_000;

/** The maximum duration of AWS credentials, in milliseconds. */
const LONGEST_ROLE = 12 * HOUR;
const LONGEST_SESSION = 36 * HOUR;

/** The tolerance for clock skew, in milliseconds. AWS itself allows 15 minutes. */
const SLACK = HOUR / 4;

/** STS at one endpoint. The AWS SDK is loaded at the first call. */
export function createSts(host: StsHost, target: StsTarget, options: StsOptions = {}): Sts {
  const send = stsSender(host, target, options);
  return {
    async assumeRole(credentials, step, code, circumstances = {}) {
      const attempt = { ...circumstances, ...step };
      const output = await send(
        { attempt, credentials, code },
        operation<Output>("AssumeRole", {
          RoleArn: step.roleArn,
          RoleSessionName: step.sessionName,
          DurationSeconds: step.durationSeconds,
          ExternalId: step.externalId,
          ...sessionPolicies(step),
          Tags: step.tags && Object.entries(step.tags).map(([Key, Value]) => ({ Key, Value })),
          TransitiveTagKeys: step.transitiveTagKeys,
          SourceIdentity: step.sourceIdentity,
          ...mfa(step.mfaSerial, code),
        }),
      );
      return resultOf(output, LONGEST_ROLE);
    },

    async assumeRoleWithSaml(identity, circumstances = {}) {
      const { roleArn, principalArn, assertion, durationSeconds } = identity;
      const call = "AssumeRoleWithSAML";
      const output = await send(
        { attempt: { ...circumstances, call, roleArn, durationSeconds }, token: assertion },
        operation<Output>(call, {
          RoleArn: roleArn,
          PrincipalArn: principalArn,
          SAMLAssertion: assertion.reveal(),
          DurationSeconds: durationSeconds,
          ...sessionPolicies(identity),
        }),
      );
      return resultOf(output, LONGEST_ROLE);
    },

    async assumeRoleWithWebIdentity(identity, circumstances = {}) {
      const { roleArn, sessionName, token, durationSeconds } = identity;
      const call = "AssumeRoleWithWebIdentity";
      const output = await send(
        { attempt: { ...circumstances, call, roleArn, durationSeconds }, token },
        operation<Output>(call, {
          RoleArn: roleArn,
          RoleSessionName: sessionName,
          WebIdentityToken: token.reveal(),
          DurationSeconds: durationSeconds,
          ...sessionPolicies(identity),
        }),
      );
      return resultOf(output, LONGEST_ROLE);
    },

    async getSessionToken(credentials, step, code) {
      const output = await send(
        { attempt: step, credentials, code },
        operation<Output>("GetSessionToken", {
          DurationSeconds: step.durationSeconds,
          ...mfa(step.mfaSerial, code),
        }),
      );
      return resultOf(output, LONGEST_SESSION);
    },

    async getFederationToken(credentials, { name, durationSeconds, policy, policyArns }) {
      const call = "GetFederationToken";
      const output = await send(
        { attempt: { call }, credentials },
        operation<Output>(call, {
          Name: name,
          DurationSeconds: durationSeconds,
          Policy: policy,
          PolicyArns: policyArns?.map((arn) => ({ arn })),
        }),
      );
      return resultOf(output, LONGEST_SESSION);
    },

    async getCallerIdentity(credentials) {
      const call = "GetCallerIdentity";
      const { UserId, Account, Arn } = await send(
        { attempt: { call }, credentials },
        operation<Partial<CallerIdentity>>(call, {}),
      );
      return { UserId: checked(UserId), Account: checked(Account), Arn: checked(Arn) };
    },
  };

  function resultOf({ Credentials: given, AssumedRoleUser }: Output, longest: number): StsResult {
    const arn = AssumedRoleUser?.Arn;
    return {
      credentials: {
        accessKeyId: checkedKey(given?.AccessKeyId),
        secretAccessKey: new Secret(checkedKey(given?.SecretAccessKey)),
        sessionToken: new Secret(checkedKey(given?.SessionToken)),
        expiration: checkedExpiration(given?.Expiration?.getTime(), longest),
      },
      ...(arn ? { assumedRoleArn: checked(arn) } : {}),
    };
  }

  function checked(value: string | undefined): string {
    if (value && !/\p{Cc}/u.test(value)) return value;
    throw unusable("an incomplete or damaged answer");
  }

  function checkedKey(value: string | undefined): string {
    if (value && isKeyText(value)) return value;
    throw unusable("an incomplete or damaged answer");
  }

  function checkedExpiration(value: number | undefined, longest: number): number {
    if (value === undefined || Number.isNaN(value)) {
      throw unusable("an incomplete or damaged answer");
    }
    if (value <= host.now()) {
      throw unusable(`credentials that already expired at ${toTimestamp(value)}`);
    }
    if (value > host.now() + longest + SLACK) {
      throw unusable(`credentials that expire at ${toTimestamp(value)}, longer than AWS allows`);
    }
    return value;
  }

  function unusable(what: string): EacError {
    return new EacError("service", `STS at ${target.url} answered with ${what}`, {
      hint: "check this machine's clock and endpoint_url",
    });
  }
}

/** An operation of the SDK's model. */
function operation<Output>(
  name: StsCall,
  input: Readonly<Record<string, unknown>>,
): QueryCall<Output> {
  return {
    service: "sts",
    form(sdk) {
      const [, , , , shape] = sdk[`${name}$`];
      const serializer = new sdk.QueryShapeSerializer(PROTOCOL);
      serializer.write(schemaOf(shape), input);
      return `Action=${name}&Version=2011-06-15${serializer.flush()}`;
    },
    output(sdk, body) {
      const [, , , , , shape] = sdk[`${name}$`];
      const deserializer = new sdk.XmlShapeDeserializer(PROTOCOL);
      const output = deserializer.read(schemaOf(shape), body, `${name}Result`);
      if (output === undefined) throw new Error(`no answer to ${name}`);
      return output;
    },
  };
}

/** The model uses functions where its schemas refer to one another. */
function schemaOf<T>(shape: T | (() => T)): T {
  return typeof shape === "function" ? (shape as () => T)() : shape;
}

/** The details of STS's protocol (awsQuery) that its model does not contain. */
const PROTOCOL = {
  timestampFormat: { useTrait: true, default: 5 as const },
  httpBindings: false,
  serializeEmptyLists: true,
  serviceNamespace: "com.amazonaws.sts",
  xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
};

function sessionPolicies(
  { policy, policyArns }: {
    readonly policy?: string | undefined;
    readonly policyArns?: readonly string[] | undefined;
  },
) {
  return { Policy: policy, PolicyArns: policyArns?.map((arn) => ({ arn })) };
}

function mfa(
  serial: string | undefined,
  code: string | undefined,
): { SerialNumber?: string | undefined; TokenCode?: string } {
  return code === undefined ? {} : { SerialNumber: serial, TokenCode: code };
}
