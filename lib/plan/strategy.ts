/**
 * A strategy as the planner sees it, and how one is chosen: the first whose required keys the
 * profile has. The contract for custom strategies is strategies/strategy.ts.
 *
 * @module
 */

import type { Profile } from "../config/profile.ts";
import type { KeysBase, SignInBase } from "./base.ts";
import type { Credentials, Secret, SignIn } from "./credentials.ts";
import type { Services } from "./services.ts";
import type { CustomStep, Step } from "./step.ts";
import type { EacError } from "../errors.ts";

export type { Profile } from "../config/profile.ts";
export type { AssumeRoleStep, CustomStep, GetSessionTokenStep, Step } from "./step.ts";

/** A key of the profile, of its source (`source_profile.KEY`), or the absence of one (`!KEY`). */
export type KeyPath = string;

/** The plan that a strategy is part of. */
export interface PlanContext {
  /** `--duration` in seconds; only for the requested profile. */
  readonly durationSeconds?: number | undefined;
  /** `--region`. */
  readonly region?: string | undefined;
  /** True if the profile is only a source: then its keys are best used directly. */
  readonly asSource: boolean;
  /**
   * The kind of credentials that the steps start with. GetSessionToken requires long-lived keys.
   */
  readonly base: "long-lived" | "temporary" | "unknown";
  /** Whether an MFA session may be shared for this role (false with `--no-session`). */
  sharesSession(roleArn: string): boolean;
  /** Whether a role without `mfa_serial` uses the MFA device of its source. */
  usesSourceDevice(roleArn: string): boolean;
  /** The steps of the source profile by its own strategy; empty if it only has keys. */
  sourceSteps(): readonly Step[];
  /**
   * Adds a note for the user: shown by `explain`, and with `-v`. A warning, about something
   * unexpected, is also shown when calls are sent.
   */
  note(text: string, kind?: "warning"): void;
}

/**
 * Turns a profile into credentials: declared keys and one pure function. A custom strategy answers
 * from its own process, so it may take a moment.
 */
export interface RegisteredStrategy {
  readonly api: 1;
  readonly name: string;
  readonly summary: string;
  /** Alternatives; the profile must have all keys of one. */
  readonly needs: readonly (readonly KeyPath[])[];
  /** The optional keys that it reads. */
  readonly reads: readonly KeyPath[];
  /** The file of a custom strategy. */
  readonly file?: string | undefined;
  /** True where it does not serve the long-lived keys that a `credential_process` may print. */
  readonly temporaryOnly?: boolean | undefined;
  /** True for a custom strategy that asks the user: one of them runs at a time. */
  readonly asks?: boolean | undefined;
  /** True for a custom strategy that may use the terminal by itself: no progress is drawn meanwhile. */
  readonly usesTerminal?: boolean | undefined;
  /** True if it needs no credentials itself: the chain begins there. */
  readonly begins?: boolean | undefined;
  /** The chain's base, for a strategy that gives long-lived keys or a sign-in. Pure. */
  base?(profile: Profile, region: string | undefined): KeysBase | SignInBase;
  /** The calls to make, in order, from the base credentials. Pure. */
  steps(profile: Profile, context: PlanContext): readonly Step[] | Promise<readonly Step[]>;
  /** Runs the code of a custom strategy: it gets temporary credentials, or reads long-lived keys. */
  obtain?(step: CustomStep, given: Given): Promise<Credentials>;
  /** Runs the code of a custom strategy that gives a sign-in. */
  signIn?(step: CustomStep, given: Given): Promise<SignIn>;
}

/** What a custom strategy may use. */
export interface Given {
  /** The credentials of its source, if it wants them. */
  readonly credentials?: Credentials | undefined;
  /** The token of its source, where that is a sign-in. */
  readonly token?: Secret | undefined;
  readonly services: Services;
}

/** The custom strategies that can be used. */
export interface Plugins {
  readonly strategies: readonly RegisteredStrategy[];
  readonly broken: readonly BrokenFile[];
  /** Files that worked before and fail now. Their strategies are in the list, and throw the error. */
  readonly failing: readonly BrokenFile[];
  /**
   * Stops the processes of the strategies, and caches their answers. They start again when needed.
   */
  close(): Promise<void>;
}

/** A strategy file that cannot be used. */
export interface BrokenFile {
  readonly file: string;
  readonly error: EacError;
}

/** The result of matching a strategy: `missing` has the missing keys of its closest alternative. */
export interface Considered {
  readonly strategy: string;
  readonly matched: boolean;
  readonly missing: readonly KeyPath[];
  /** The file of a custom strategy. */
  readonly file?: string | undefined;
  /** Why the file cannot be used. */
  readonly problem?: string | undefined;
}

/**
 * The first of the strategies whose required keys the profile has.
 *
 * @throws {EacError} if `source_profile` cannot be followed, and a strategy needs it
 */
export function pickStrategy(
  profile: Profile,
  strategies: readonly RegisteredStrategy[],
): RegisteredStrategy | undefined {
  for (const { strategy, alternatives } of candidatesOf(strategies)) {
    for (const needs of alternatives) if (hasAll(profile, needs)) return strategy;
  }
  return undefined;
}

/** The result of each strategy, up to the first that matches. */
export function considerAll(
  profile: Profile,
  strategies: readonly RegisteredStrategy[],
): readonly Considered[] {
  const considered: Considered[] = [];
  for (const strategy of strategies) {
    const missing = missingKeys(profile, strategy);
    considered.push(consider(strategy, missing));
    if (missing.length === 0) break;
  }
  return considered;
}

/** The result of a strategy with these missing keys. */
export function consider(
  { name, file }: RegisteredStrategy,
  missing: readonly KeyPath[],
): Considered {
  const matched = missing.length === 0;
  return { strategy: name, matched, missing, file };
}

/** The missing keys of the strategy's closest alternative; none if the strategy matches. */
export function missingKeys(profile: Profile, strategy: RegisteredStrategy): readonly KeyPath[] {
  let fewest: readonly KeyPath[] | undefined;
  for (const alternative of strategy.needs) {
    const missing = missingOf(profile, alternative);
    if (missing.length === 0) return [];
    if (fewest === undefined || distance(missing) < distance(fewest)) fewest = missing;
  }
  return fewest ?? [];
}

/** A key that must not be there is nearer than one that is missing. */
function distance(missing: readonly KeyPath[]): number {
  return missing.reduce((sum, path) => sum + (path.startsWith("!") ? 1 : 2), 0);
}

/** A parsed key path: the key, and the profile that must have it. */
interface Need {
  readonly path: KeyPath;
  readonly key: string;
  readonly of: "profile" | "source" | "nobody";
}

/** A strategy with its parsed needs. */
interface Candidate {
  readonly strategy: RegisteredStrategy;
  readonly alternatives: readonly (readonly Need[])[];
}

/** There are few strategies, and each profile is matched against them. */
const candidates = new WeakMap<readonly RegisteredStrategy[], readonly Candidate[]>();

function candidatesOf(strategies: readonly RegisteredStrategy[]): readonly Candidate[] {
  let known = candidates.get(strategies);
  if (known === undefined) {
    known = strategies.map((strategy) => ({ strategy, alternatives: strategy.needs.map(needsOf) }));
    candidates.set(strategies, known);
  }
  return known;
}

/**
 * Keys of the source come last: it may be broken, so it is read only if all other keys are there.
 */
function needsOf(paths: readonly KeyPath[]): readonly Need[] {
  const needs = paths.map(needOf);
  const own = needs.filter(({ of }) => of !== "source");
  return [...own, ...needs.filter(({ of }) => of === "source")];
}

function needOf(path: KeyPath): Need {
  if (path.startsWith(SOURCE)) return { path, key: path.slice(SOURCE.length), of: "source" };
  if (path.startsWith("!")) return { path, key: path.slice(1), of: "nobody" };
  return { path, key: path, of: "profile" };
}

const SOURCE = "source_profile.";

function has(profile: Profile, { key, of }: Need): boolean {
  switch (of) {
    case "profile":
      return Boolean(profile.values[key]);
    case "nobody":
      return !profile.values[key];
    case "source":
      return Boolean(profile.source?.values[key]);
  }
}

function hasAll(profile: Profile, needs: readonly Need[]): boolean {
  for (const need of needs) if (!has(profile, need)) return false;
  return true;
}

function missingOf(profile: Profile, paths: readonly KeyPath[]): KeyPath[] {
  const needs = needsOf(paths);
  const own = needs.filter((need) => need.of !== "source" && !has(profile, need));
  const further = needs.filter(({ of }) => of === "source");
  const missing = own.length > 0
    ? [...own, ...further]
    : further.filter((need) => !has(profile, need));
  return missing.map(({ path }) => path);
}
