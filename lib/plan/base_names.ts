/**
 * What the sources of credentials are called in messages.
 *
 * @module
 */

import { type Base, MACHINE_SOURCES } from "./base.ts";
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

/**
 * A base in words: `keys of "alice"`. A profile that stands for what the machine provides is called like
 * the kind.
 */
export function describeBase(kind: Base["kind"], profile: string): string {
  const name = BASE_NAMES[kind];
  return profile === kind && MACHINE_SOURCES.some((source) => source === kind)
    ? name
    : `${name} of "${profile}"`;
}

/** The kind of a plan's base, as it is shown: keys that no file has came from the environment. */
export function baseKindOf({ base, profile }: Pick<Plan, "base" | "profile">): Base["kind"] {
  if (base.kind !== "static" || base.profile !== profile.name) return base.kind;
  return profile.places.aws_access_key_id === undefined ? "environment" : "static";
}
