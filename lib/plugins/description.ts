/**
 * Reads and checks the description of a strategy.
 *
 * @module
 */

import { ROLE_BOUNDS, SESSION_BOUNDS } from "../plan/durations.ts";
import type { KeyPath, Want } from "../../strategies/strategy.ts";
import { InvalidField, listOf, membersOf, oneOf, secondsOf, textOf } from "./validate.ts";

/** A strategy's description, with defaults filled in. */
export interface Described {
  readonly name: string;
  readonly summary: string;
  readonly needs: readonly (readonly KeyPath[])[];
  readonly reads: readonly KeyPath[];
  readonly gives: "steps" | "credentials" | "keys" | "sign-in";
  readonly wants: readonly Want[];
  /** The environment variables that its credentials depend on. */
  readonly env: readonly string[];
  /** False if its credentials must not be cached. */
  readonly keep: boolean;
  /** Seconds. */
  readonly timeout: number;
  /** Seconds. */
  readonly maxDuration: number;
}

/** The default time limit of a strategy, in seconds. */
export const TIMEOUT = 60;

/** The longest time limit, in seconds: a user who signs in somewhere needs minutes, not hours. */
export const LONGEST_TIMEOUT = 900;

/** The longest lifetime of a role, and the longest that STS offers at all. */
const MAX_DURATION = ROLE_BOUNDS.most;
const LONGEST_DURATION = SESSION_BOUNDS.most;

/** The entries that `wants` may have. */
export const WANTS = ["source", "mfa", "sts", "ask", "env", "fetch", "files", "run"] as const;

/** The longest that a sign-in may last, in seconds: 30 days. */
const LONGEST_SIGN_IN = 30 * 86_400;

/** What a strategy that gives keys or a sign-in cannot use: the chain begins with it. */
const UNUSABLE: Readonly<Record<string, readonly Want[]>> = {
  keys: ["source", "mfa", "sts"],
  "sign-in": ["source", "sts"],
};

/** The fields of a description. */
export const DESCRIPTION_FIELDS = [
  "api",
  "name",
  "summary",
  "needs",
  "reads",
  "env",
  "gives",
  "wants",
  "keep",
  "timeout",
  "maxDuration",
];

/** Secret keys, which a strategy gets by `wants: ["source"]` only. */
const SECRET_KEYS = ["aws_secret_access_key", "aws_session_token", "aws_security_token"];

/**
 * Reads a description: an executable's answer, or a module's default export, whose functions appear
 * as `steps: true` and `obtain: true`.
 *
 * @throws {InvalidField}
 */
export function readDescription(value: unknown, kind: "module" | "executable"): Described {
  const what = kind === "module" ? "the default export" : "the description";
  const functions = kind === "module" ? ["steps", "obtain"] : [];
  const members = membersOf(value, what, [...DESCRIPTION_FIELDS, ...functions]);
  if (members.api !== 1) {
    throw new InvalidField(`"api" is ${JSON.stringify(members.api)}; this eac supports 1`);
  }
  const gives = givesOf(members, kind);
  const { timeout, maxDuration } = members;
  const wants = wantsOf(members.wants, gives);
  for (const name of EXCLUDED[gives]) {
    if (members[name] === undefined) continue;
    throw new InvalidField(
      gives === "steps"
        ? `"${name}" belongs to a strategy with "obtain", not with "steps"`
        : `"${name}" belongs to temporary credentials, not to "gives": "${gives}"`,
    );
  }
  return {
    name: nameOf(members.name),
    summary: textOf(members.summary, '"summary"'),
    needs: needsOf(members.needs),
    reads: members.reads === undefined ? [] : pathsOf(members.reads, '"reads"', false),
    gives,
    env: members.env === undefined ? [] : variablesOf(members.env),
    wants,
    keep: keepOf(members.keep),
    timeout: timeout === undefined ? TIMEOUT : secondsOf(timeout, '"timeout"', 1, LONGEST_TIMEOUT),
    maxDuration: maxDuration === undefined ? MAX_DURATION : secondsOf(
      maxDuration,
      '"maxDuration"',
      60,
      gives === "sign-in" ? LONGEST_SIGN_IN : LONGEST_DURATION,
    ),
  };
}

/** The fields that do not apply, by what a strategy gives. */
const EXCLUDED: Readonly<
  Record<Described["gives"], readonly (typeof DESCRIPTION_FIELDS[number])[]>
> = {
  steps: ["keep", "timeout", "maxDuration"],
  credentials: [],
  keys: ["keep", "maxDuration"],
  "sign-in": ["keep"],
};

function givesOf(
  members: Readonly<Record<string, unknown>>,
  kind: "module" | "executable",
): Described["gives"] {
  const { gives = "credentials" } = members;
  const given = oneOf(gives, '"gives"', ["credentials", "keys", "sign-in"]);
  const steps = members.steps === true;
  if (steps && members.gives !== undefined) {
    throw new InvalidField('"gives" belongs to a strategy with "obtain", not with "steps"');
  }
  if (kind === "executable") return given;
  if (steps !== (members.obtain === true)) return steps ? "steps" : given;
  throw new InvalidField(
    steps ? 'it has both "steps" and "obtain"' : 'it has neither a function "steps" nor "obtain"',
  );
}

function wantsOf(value: unknown, gives: Described["gives"]): readonly Want[] {
  if (value === undefined) return [];
  const wants = listOf(value, '"wants"').map((want) => oneOf(want, 'an entry of "wants"', WANTS));
  const unusable = wants.find((want) => UNUSABLE[gives]?.includes(want));
  if (unusable !== undefined) {
    throw new InvalidField(
      `"${unusable}" in "wants" cannot be used with "gives": "${gives}": the chain begins with it`,
    );
  }
  const other = gives === "steps" ? wants.find((want) => want !== "files") : undefined;
  if (other === undefined) return wants;
  throw new InvalidField(
    `"${other}" in "wants" belongs to a strategy with "obtain"; one with "steps" can want "files"`,
  );
}

function keepOf(value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? true;
  throw new InvalidField('"keep" is neither true nor false');
}

function variablesOf(value: unknown): readonly string[] {
  return listOf(value, '"env"').map((entry) => {
    const name = textOf(entry, 'an entry of "env"');
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new InvalidField(`"env" has ${JSON.stringify(name)}, which is not a variable's name`);
    }
    if (!name.startsWith("EAC_MFA_")) return name;
    throw new InvalidField(`"env" has ${name}: use wants: ["mfa"] to get codes`);
  });
}

function nameOf(value: unknown): string {
  const name = textOf(value, '"name"');
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return name;
  throw new InvalidField(`"name" is ${JSON.stringify(name)}; use a-z, 0-9 and "-"`);
}

/** Each alternative must name a key: one of absences only, or an empty one, would match every profile. */
function needsOf(value: unknown): KeyPath[][] {
  const alternatives = listOf(value, '"needs"').map((entry) => {
    const paths = pathsOf(entry, 'an alternative in "needs"', true);
    if (paths.some((path) => !path.startsWith("!"))) return paths;
    throw new InvalidField('an alternative in "needs" names no key that must be present');
  });
  if (alternatives.length > 0) return alternatives;
  throw new InvalidField('"needs" is empty: name the keys of the profiles that it serves');
}

function pathsOf(value: unknown, what: string, absence: boolean): KeyPath[] {
  return listOf(value, what).map((entry) => {
    const path = textOf(entry, `a key in ${what}`);
    const key = path.replace(absence ? /^!/ : /^$/, "").replace(/^source_profile\./, "");
    if (!/^[^\s=:#;!.[\]A-Z]+$/.test(key)) {
      throw new InvalidField(`${what} has ${JSON.stringify(path)}, which is not a key`);
    }
    if (!absence && SECRET_KEYS.includes(key)) {
      throw new InvalidField(`${what} has ${path}: use wants: ["source"] to get credentials`);
    }
    return path;
  });
}

const known = new WeakMap<object, readonly KeyPath[]>();

/** The paths of the keys whose values a strategy gets; found once for all profiles. */
export function declaredPaths(described: Pick<Described, "needs" | "reads">): readonly KeyPath[] {
  let paths = known.get(described);
  if (paths === undefined) known.set(described, paths = pathsIn(described));
  return paths;
}

function pathsIn({ needs, reads }: Pick<Described, "needs" | "reads">): readonly KeyPath[] {
  const paths = [...needs.flat(), ...reads].filter((path) =>
    !path.startsWith("!") && !SECRET_KEYS.includes(path.replace(/^source_profile\./, ""))
  );
  return [...new Set(paths)].sort();
}
