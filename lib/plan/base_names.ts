/**
 * What the sources of credentials are called in messages.
 *
 * @module
 */

import type { Base } from "./base.ts";
import type { Plan } from "./plan.ts";

/** The name of each kind of base. */
const BASE_NAMES = {
  static: "keys",
  environment: "keys in the environment",
  process: "credential_process",
  instance: "EC2 instance role",
  container: "container role",
  sso: "SSO sign-in",
  login: "aws login session",
  "web-identity": "web identity",
  custom: "custom strategy",
  keys: "keys from a custom strategy",
  "sign-in": "sign-in",
} as const satisfies Record<Base["kind"], string>;

/** The kinds that the machine provides without a profile; then the profile is called like the kind. */
const OF_MACHINE: ReadonlySet<string> = new Set<Base["kind"]>([
  "environment",
  "web-identity",
  "container",
  "instance",
]);

/** A base in words: `keys of "alice"`. */
export function describeBase(kind: Base["kind"], profile: string): string {
  const name = BASE_NAMES[kind];
  return profile === kind && OF_MACHINE.has(kind) ? name : `${name} of "${profile}"`;
}

/** The kind of a plan's base, as it is shown: keys that no file has came from the environment. */
export function baseKindOf({ base, profile }: Pick<Plan, "base" | "profile">): Base["kind"] {
  if (base.kind !== "static" || base.profile !== profile.name) return base.kind;
  return profile.places.aws_access_key_id === undefined ? "environment" : "static";
}
