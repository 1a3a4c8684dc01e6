/**
 * Reads and checks the STS calls of a custom strategy: its declared steps, and its calls while it gets
 * credentials.
 *
 * @module
 */

import { ROLE_BOUNDS, SESSION_BOUNDS } from "../plan/durations.ts";
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
  const text = <K extends string>(name: K) =>
    optional(name, members[name], (given) => textOf(given, `"${name}" of ${what}`));
  const texts = <K extends string>(name: K) =>
    optional(name, members[name], (given) => {
      const list = listOf(given, `"${name}" of ${what}`);
      return list.map((entry) => textOf(entry, `an entry of "${name}" of ${what}`));
    });
  const { least, most } = call === "AssumeRole" ? ROLE_BOUNDS : SESSION_BOUNDS;
  const duration = optional(
    "durationSeconds",
    members.durationSeconds,
    (given) => secondsOf(given, `"durationSeconds" of ${what}`, least, most),
  );
  const mfaSerial = text("mfaSerial");
  if (call === "GetSessionToken") {
    return { call, durationSeconds: SESSION_SECONDS, ...duration, ...mfaSerial };
  }
  const roleArn = textOf(members.roleArn, `"roleArn" of ${what}`);
  // An absent key becomes "undefined" in a template literal.
  if (!/^arn:[^:\s]+:iam::(?!undefined:)\w*:role\/\S+$/.test(roleArn)) {
    throw new InvalidField(`"roleArn" of ${what} is not the ARN of a role: ${roleArn}`);
  }
  return {
    call,
    roleArn,
    ...text("sessionName"),
    ...duration,
    ...text("externalId"),
    ...mfaSerial,
    ...optional("policy", members.policy, (given) => {
      if (typeof given === "string" && given !== "") return given;
      throw new InvalidField(`"policy" of ${what} is not a non-empty string`);
    }),
    ...texts("policyArns"),
    ...optional("tags", members.tags, (given) => tagsOf(given, what)),
    ...texts("transitiveTagKeys"),
    ...text("sourceIdentity"),
  };
}

function optional<K extends string, T>(
  name: K,
  value: unknown,
  read: (value: unknown) => T,
): { readonly [P in K]?: T } {
  if (value === undefined || value === null) return {};
  return { [name]: read(value) } as { readonly [P in K]?: T };
}

function tagsOf(value: unknown, what: string): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidField(`"tags" of ${what} is not an object`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, tag]) => [key, textOf(tag, `the tag "${key}" of ${what}`)]),
  );
}
