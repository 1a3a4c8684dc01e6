/**
 * Reads and checks the STS calls of a custom strategy: its declared steps, and its calls while it gets
 * credentials.
 *
 * @module
 */

import { ROLE_BOUNDS, SESSION_BOUNDS } from "../plan/durations.ts";
import { Secret } from "../plan/credentials.ts";
import type { FederatedCall } from "../plan/services.ts";
import type { AssumeRoleStep, GetSessionTokenStep } from "../plan/step.ts";
import { InvalidField, listOf, membersOf, oneOf, secondsOf, textOf } from "./validate.ts";

/** The parameters of each call, as in strategy.ts. */
export const CALL_FIELDS = {
  AssumeRole: [
    "roleArn",
    "sessionName",
    "durationSeconds",
    "externalId",
    "mfaSerial",
    "policy",
    "policyArns",
    "tags",
    "transitiveTagKeys",
    "sourceIdentity",
  ],
  GetSessionToken: ["durationSeconds", "mfaSerial"],
} as const;

/** The parameters of the calls that carry the proof of an identity provider. */
export const FEDERATED_FIELDS = {
  AssumeRoleWithSAML: [
    "roleArn",
    "principalArn",
    "samlAssertion",
    "durationSeconds",
    "policy",
    "policyArns",
  ],
  AssumeRoleWithWebIdentity: [
    "roleArn",
    "sessionName",
    "webIdentityToken",
    "durationSeconds",
    "policy",
    "policyArns",
  ],
} as const;

/** The name of an STS call. */
export type CallName = keyof typeof CALL_FIELDS;

/** The lifetime of a session if the strategy declares none. */
const SESSION_SECONDS = 3600;

/**
 * Reads the steps that a strategy declares.
 *
 * @throws {InvalidField}
 */
export function readSteps(value: unknown): readonly (AssumeRoleStep | GetSessionTokenStep)[] {
  const steps = listOf(value, 'what "steps" gives');
  if (steps.length === 0) throw new InvalidField('"steps" gives no call');
  return steps.map((step, index) => {
    const what = `step ${index + 1}`;
    const members = membersOf(step, what, ["call", ...CALL_FIELDS.AssumeRole]);
    const call = oneOf(members.call, `"call" of ${what}`, ["AssumeRole", "GetSessionToken"]);
    const { call: _, ...parameters } = members;
    return readCall(call, parameters, what);
  });
}

/**
 * Reads the parameters of one call.
 *
 * @throws {InvalidField}
 */
export function readCall(
  call: CallName,
  value: unknown,
  what: string,
): AssumeRoleStep | GetSessionTokenStep {
  const members = membersOf(value, what, CALL_FIELDS[call]);
  const { text, texts } = readers(members, what);
  const { least, most } = call === "AssumeRole" ? ROLE_BOUNDS : SESSION_BOUNDS;
  const durationSeconds = durationOf(members, what, least, most);
  if (call === "GetSessionToken") {
    return {
      call,
      durationSeconds: durationSeconds ?? SESSION_SECONDS,
      mfaSerial: text("mfaSerial"),
    };
  }
  return {
    call,
    roleArn: roleOf(members, what),
    sessionName: text("sessionName"),
    durationSeconds,
    externalId: text("externalId"),
    mfaSerial: text("mfaSerial"),
    policy: policyOf(members, what),
    policyArns: texts("policyArns"),
    tags: optional(members.tags, (given) => tagsOf(given, what)),
    transitiveTagKeys: texts("transitiveTagKeys"),
    sourceIdentity: text("sourceIdentity"),
  };
}

/**
 * Reads the parameters of a call that carries the proof of an identity provider.
 *
 * @throws {InvalidField} whose message contains neither assertion nor token
 */
export function readFederatedCall(
  call: FederatedCall["call"],
  value: unknown,
  what: string,
): FederatedCall {
  const members = membersOf(value, what, FEDERATED_FIELDS[call]);
  const { text, texts } = readers(members, what);
  const { least, most } = ROLE_BOUNDS;
  const common = {
    roleArn: roleOf(members, what),
    durationSeconds: durationOf(members, what, least, most),
    policy: policyOf(members, what),
    policyArns: texts("policyArns"),
  };
  if (call === "AssumeRoleWithWebIdentity") {
    const token = proofOf(members.webIdentityToken, `"webIdentityToken" of ${what}`);
    return { call, ...common, sessionName: text("sessionName"), token };
  }
  const principalArn = textOf(members.principalArn, `"principalArn" of ${what}`);
  if (!/^arn:[^:\s]+:iam::(?!undefined:)\w*:saml-provider\/\S+$/.test(principalArn)) {
    throw new InvalidField(
      `"principalArn" of ${what} is not the ARN of a SAML provider: ${principalArn}`,
    );
  }
  const assertion = proofOf(members.samlAssertion, `"samlAssertion" of ${what}`);
  return { call, ...common, principalArn, assertion };
}

/** The length above which STS rejects assertions and tokens as malformed. */
const LONGEST_PROOF = 100_000;

/** An assertion or a token. White space, as in wrapped base64, is removed. */
function proofOf(value: unknown, what: string): Secret {
  const text = typeof value === "string" ? value.replace(/\s+/g, "") : "";
  if (text === "") throw new InvalidField(`${what} is not a non-empty string`);
  if (text.length <= LONGEST_PROOF) return new Secret(text);
  throw new InvalidField(`${what} has ${text.length} characters; AWS accepts ${LONGEST_PROOF}`);
}

function readers(members: Readonly<Record<string, unknown>>, what: string) {
  return {
    text: (name: string) =>
      optional(members[name], (given) => textOf(given, `"${name}" of ${what}`)),
    texts: (name: string) =>
      optional(members[name], (given) => {
        const list = listOf(given, `"${name}" of ${what}`);
        return list.map((entry) => textOf(entry, `an entry of "${name}" of ${what}`));
      }),
  };
}

function durationOf(
  { durationSeconds }: Readonly<Record<string, unknown>>,
  what: string,
  least: number,
  most: number,
): number | undefined {
  return optional(
    durationSeconds,
    (given) => secondsOf(given, `"durationSeconds" of ${what}`, least, most),
  );
}

function roleOf(members: Readonly<Record<string, unknown>>, what: string): string {
  const roleArn = textOf(members.roleArn, `"roleArn" of ${what}`);
  // An absent key becomes "undefined" in a template literal.
  if (/^arn:[^:\s]+:iam::(?!undefined:)\w*:role\/\S+$/.test(roleArn)) return roleArn;
  throw new InvalidField(`"roleArn" of ${what} is not the ARN of a role: ${roleArn}`);
}

function policyOf(
  { policy }: Readonly<Record<string, unknown>>,
  what: string,
): string | undefined {
  return optional(policy, (given) => {
    if (typeof given === "string" && given !== "") return given;
    throw new InvalidField(`"policy" of ${what} is not a non-empty string`);
  });
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

function tagsOf(value: unknown, what: string): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidField(`"tags" of ${what} is not an object`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, tag]) => [key, textOf(tag, `the tag "${key}" of ${what}`)]),
  );
}
