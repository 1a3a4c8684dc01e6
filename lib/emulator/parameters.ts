/**
 * Checks the parameters of STS calls, with AWS's messages.
 *
 * @module
 */

import { Refusal } from "./answers.ts";

/** The maximum size of policies and tags together, in characters. */
const PACKED_MAXIMUM = 4096;

/** The constraints of a parameter. */
export interface Rule {
  readonly required?: boolean | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly shortest?: number | undefined;
  readonly longest?: number | undefined;
  readonly pattern?: string | undefined;
}

/** Refuses invalid parameters, with all violations in one message. */
export function check(
  parameters: Readonly<Record<string, string>>,
  rules: Readonly<Record<string, Rule>>,
): void {
  const errors = Object.entries(rules).flatMap(([name, rule]) => {
    const value = parameters[name];
    const member = name.charAt(0).toLowerCase() + name.slice(1);
    const shown = value === undefined ? "null" : `'${value}'`;
    return breaches(value, rule).map((must) =>
      `Value ${shown} at '${member}' failed to satisfy constraint: Member must ${must}`
    );
  });
  if (errors.length === 0) return;
  const count = `${errors.length} validation error${errors.length === 1 ? "" : "s"} detected`;
  throw invalid(`${count}: ${errors.join("; ")}`);
}

function breaches(value: string | undefined, rule: Rule): string[] {
  if (value === undefined) return rule.required ? ["not be null"] : [];
  const { minimum, maximum, shortest = 0, longest = Infinity, pattern } = rule;
  const found: string[] = [];
  if (minimum !== undefined && !(Number(value) >= minimum)) {
    found.push(`have value greater than or equal to ${minimum}`);
  }
  if (maximum !== undefined && Number(value) > maximum) {
    found.push(`have value less than or equal to ${maximum}`);
  }
  if (value.length < shortest) found.push(`have length greater than or equal to ${shortest}`);
  if (value.length > longest) found.push(`have length less than or equal to ${longest}`);
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) {
    found.push(`satisfy regular expression pattern: ${pattern}`);
  }
  return found;
}

/**
 * AWS packs policies and tags into a binary format and limits that as well; the format is not
 * public, so here every character counts.
 */
export function checkPacked(parameters: Readonly<Record<string, string>>): void {
  const packed = Object.entries(parameters)
    .filter(([name]) => /^(Policy|PolicyArns|Tags)\b/.test(name))
    .reduce((sum, [, value]) => sum + value.length, 0);
  if (packed <= PACKED_MAXIMUM) return;
  const percent = Math.ceil(100 * packed / PACKED_MAXIMUM);
  throw new Refusal(
    400,
    "PackedPolicyTooLarge",
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}

/** `ValidationError`. */
export function invalid(message: string): Refusal {
  return new Refusal(400, "ValidationError", message);
}
