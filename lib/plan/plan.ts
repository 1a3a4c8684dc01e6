/**
 * The plan: what a profile resolves to, before any prompt, call or write. Pure.
 *
 * @module
 */

import { ownSetting, placeOf, type Profile } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { EacError } from "../errors.ts";
import { didYouMean } from "../text/nearest.ts";
import {
  type BrokenFile,
  consider,
  considerAll,
  type Considered,
  missingKeys,
  pickStrategy,
  type PlanContext,
  type RegisteredStrategy,
} from "./strategy.ts";
import { type Base, baseOf, type SignInBase } from "./base.ts";
import { CHAINED_MOST } from "./durations.ts";
import { showOwner, sourceWithDevice } from "./settings.ts";
import type { Step } from "./step.ts";

/** The name of the profile that stands for the keys in the environment. */
export const ENVIRONMENT = "environment";

/** All that eac does for a profile. */
export interface Plan {
  readonly profile: Profile;
  readonly strategy: string;
  /**
   * The result of each strategy. Only `explain` needs it, and it takes longer than everything else.
   */
  considered(): readonly Considered[];
  readonly base: Base;
  /** What the base gives; `unknown` until its `credential_process` has run. */
  readonly longevity: PlanContext["base"];
  /** The keys that the plan expects of a `credential_process` that has not run; for other keys it is wrong. */
  readonly expects: ProcessKeys | undefined;
  readonly steps: readonly Step[];
  /** The profiles of the chain that have a role, base first. */
  readonly hops: readonly Profile[];
  /** The MFA device whose code is needed, and the profile that names it. */
  readonly mfa: { readonly serial: string; readonly profile: string } | undefined;
  /**
   * The MFA device of a source, which the first role uses only if AWS refuses the call without MFA.
   */
  readonly sourceDevice: { readonly serial: string; readonly roleArn: string } | undefined;
  /** Notes for the user, including the warnings. */
  readonly notes: readonly string[];
  /** The notes that are also shown when calls are sent. */
  readonly warnings: readonly string[];
}

/** Every role, for {@linkcode PlanInput.sourceDeviceRoles}. */
export const ALL_ROLES: Pick<ReadonlySet<string>, "has"> = { has: () => true };

/** Collects notes during planning; a note of several roles is stored once. */
interface Notes {
  readonly notes: string[];
  readonly warnings: string[];
}

/** What a `credential_process` prints: with a session token they are temporary. */
export type ProcessKeys = "long-lived" | "temporary";

/** What the plan depends on, in addition to the profile. */
export interface PlanInput {
  readonly config: SharedConfig;
  readonly strategies: readonly RegisteredStrategy[];
  /** Strategy files that cannot be used. */
  readonly broken?: readonly BrokenFile[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--strategy`. */
  readonly strategy?: string | undefined;
  /** `--duration`, in seconds. */
  readonly durationSeconds?: number | undefined;
  /** `--region`. */
  readonly region?: string | undefined;
  /** False with `--no-session`. */
  readonly shareSession: boolean;
  /** Roles that are known to refuse a shared MFA session. */
  readonly directRoles: Pick<ReadonlySet<string>, "has">;
  /** Roles without `mfa_serial` that use the MFA device of their source. */
  readonly sourceDeviceRoles?: Pick<ReadonlySet<string>, "has"> | undefined;
  /** What the `credential_process` of the base prints, once that is known. */
  readonly processKeys?: ProcessKeys | undefined;
}

/**
 * Plans a profile.
 *
 * @throws {EacError} if the profile cannot work, with file and line
 */
export async function planFor(profile: Profile, input: PlanInput): Promise<Plan> {
  try {
    return await planOf(profile, input);
  } catch (thrown) {
    const isIncomplete = thrown instanceof EacError &&
      (thrown.code === "no_strategy" || thrown.code === "missing_credentials");
    if (!isIncomplete) throw thrown;
    const { withMisspelledKey } = await import("./misspelled_key.ts");
    throw withMisspelledKey(thrown, profile, input.strategies);
  }
}

async function planOf(profile: Profile, input: PlanInput): Promise<Plan> {
  checkSsoSession(profile, input.config);
  checkCliCache(profile);
  const { strategy, considered } = choose(profile, input);
  const base = findBase(profile, strategy, input);
  const notes: Notes = { notes: [...shadowed(profile, strategy, input)], warnings: [] };
  const steps = await stepsOf(profile, strategy, base, input, notes, false);
  if (steps.length === 0 && profile.values.mfa_serial && base.kind !== "sign-in") {
    notes.notes.push(
      "no call sends a code of mfa_serial, so eac refuses long-lived keys from this source",
    );
  }
  if (base.kind === "sign-in") checkTokenUse(profile, base, steps);
  if (profile.values.aws_account_id) {
    const { checkPlannedAccount } = await import("./account.ts");
    checkPlannedAccount(profile, { steps, base });
  }
  const hops = hopsOf(profile, base);
  const longevity = longevityOf(base, input);
  return {
    profile,
    strategy: strategy.name,
    considered: () => [...considered(), ...(input.broken ?? []).map(unusable)],
    base,
    longevity,
    expects: longevity === "unknown"
      ? expectedKeys(steps, isNamed(profile, input) ? undefined : strategy)
      : undefined,
    steps,
    hops,
    mfa: mfaOf(steps, profile, hops),
    sourceDevice: sourceDeviceOf(steps, hops, longevity),
    notes: notes.notes,
    warnings: notes.warnings,
  };
}

/**
 * Refuses a plan that needs credentials where there is only the token of a sign-in.
 *
 * @throws {EacError} `config_invalid`
 */
function checkTokenUse(profile: Profile, base: SignInBase, [first]: readonly Step[]): void {
  if (first === undefined ? profile.name === base.profile : first.call === "Custom") return;
  throw new EacError(
    "config_invalid",
    `profile "${profile.name}" needs credentials, but "${base.profile}" is a sign-in: it gives a token`,
    {
      hint:
        `use a custom strategy with wants: ["source"], which gets the token of "${base.strategy}"`,
      profile: profile.name,
      ...placeOf(profile, "source_profile"),
    },
  );
}

interface Choice {
  readonly strategy: RegisteredStrategy;
  readonly considered: () => readonly Considered[];
}

function choose(profile: Profile, input: PlanInput): Choice {
  const named = input.strategy ?? profile.values.eac_strategy;
  if (named) return byName(profile, input, named);
  const strategy = pickStrategy(profile, pickable(input));
  const considered = () => considerAll(profile, pickable(input));
  if (strategy === undefined) throw noStrategy(profile, input, considered());
  return { strategy, considered };
}

function isNamed({ values }: Profile, input: PlanInput): boolean {
  return Boolean(input.strategy ?? values.eac_strategy);
}

/** The strategies that serve without being named. */
function pickable({ strategies, processKeys }: PlanInput): readonly RegisteredStrategy[] {
  if (processKeys !== "long-lived") return strategies;
  return strategies.filter(({ temporaryOnly }) => !temporaryOnly);
}

/** The keys that these steps are right for, where those of a `credential_process` are not known. */
function expectedKeys(
  [first]: readonly Step[],
  strategy: RegisteredStrategy | undefined,
): ProcessKeys | undefined {
  if (first === undefined) return strategy?.temporaryOnly ? "temporary" : undefined;
  if (first.call === "GetSessionToken") return "long-lived";
  return first.call === "AssumeRole" && (first.durationSeconds ?? 0) > CHAINED_MOST
    ? "long-lived"
    : undefined;
}

function byName(profile: Profile, input: PlanInput, name: string): Choice {
  const strategy = input.strategies.find((candidate) => candidate.name === name);
  if (strategy === undefined) {
    throwBroken(profile, input, `unknown strategy "${name}"`);
    const fromFlag = input.strategy !== undefined;
    const names = input.strategies.map((candidate) => candidate.name);
    throw new EacError(fromFlag ? "usage" : "config_invalid", `unknown strategy "${name}"`, {
      hint: didYouMean(name, names) || `use one of ${names.join(", ")}`,
      profile: profile.name,
      ...(fromFlag ? {} : placeOf(profile, "eac_strategy")),
    });
  }
  const missing = missingKeys(profile, strategy);
  const considered = [consider(strategy, missing)];
  if (missing.some((path) => path.startsWith("!"))) throw notFor(profile, name, missing);
  if (missing.length > 0) throw incomplete(profile, input, considered[0]!);
  return { strategy, considered: () => considered };
}

/** The error for a named strategy that does not serve a profile with some of its keys. */
function notFor(profile: Profile, strategy: string, missing: readonly string[]): EacError {
  const present = missing.filter((path) => path.startsWith("!")).map((path) => path.slice(1));
  return new EacError(
    "no_strategy",
    `strategy "${strategy}" does not serve profile "${profile.name}", which has ${
      present.join(" and ")
    }`,
    {
      ...placeOf(profile, present[0]!),
      hint: `name another strategy, or remove ${present.join(" and ")}`,
      profile: profile.name,
    },
  );
}

/** The error for a named strategy some of whose keys the profile does not have. */
function incomplete(profile: Profile, input: PlanInput, considered: Considered): EacError {
  ownBase(profile, input.config); // throws for half a key pair and for half an SSO configuration
  const { strategy } = considered;
  throwBroken(profile, input, `strategy "${strategy}" does not match profile "${profile.name}"`);
  return new EacError(
    "no_strategy",
    `strategy "${strategy}" does not match profile "${profile.name}"`,
    {
      ...(input.strategy === undefined ? placeOf(profile, "eac_strategy") : {}),
      hint: showNeeds(considered),
      profile: profile.name,
    },
  );
}

/** The error if no strategy matches: incomplete settings come before missing ones. */
function noStrategy(
  profile: Profile,
  input: PlanInput,
  considered: readonly Considered[],
): EacError {
  ownBase(profile, input.config); // throws for half a key pair and for half an SSO configuration
  throwBroken(profile, input, `no strategy matches profile "${profile.name}"`);
  const { name, values } = profile;
  const [problem, fix] = values.role_arn
    ? ["has role_arn but neither source_profile nor credential_source", "add one of the two"]
    : values.source_profile
    ? ["has source_profile but neither role_arn nor mfa_serial", "add role_arn or mfa_serial"]
    : [
      "has no credentials and no keys for getting them",
      "add the keys of a strategy",
    ];
  return new EacError("no_strategy", `profile "${name}" ${problem}`, {
    ...placeOf(profile, values.role_arn ? "role_arn" : "source_profile"),
    hint: [fix, ...considered.map(showNeeds)].join("; "),
    profile: name,
  });
}

function showNeeds({ strategy, missing }: Considered): string {
  return `${strategy} needs ${missing.map(showKey).join(" + ")}`;
}

/** The strategy that would match may be the one whose file cannot be used. */
function throwBroken(profile: Profile, { broken = [] }: PlanInput, problem: string): void {
  const [first, ...others] = broken;
  if (first === undefined) return;
  const { file, error } = first;
  const more = others.length === 0 ? "" : `; nor can ${others.map((one) => one.file).join(", ")}`;
  throw new EacError(
    "strategy_failed",
    `${problem}, and a strategy file cannot be used: ${error.message}${more}`,
    {
      place: error.place ?? { file },
      profile: profile.name,
      hint: error.hint,
    },
  );
}

function unusable({ file, error }: BrokenFile): Considered {
  return { strategy: file, matched: false, missing: [], file, problem: error.message };
}

/** Notes about a custom strategy that takes precedence over a built-in one. */
function shadowed(
  profile: Profile,
  chosen: RegisteredStrategy,
  { strategies }: PlanInput,
): readonly string[] {
  const { name, file } = chosen;
  if (file === undefined) return [];
  const builtIn = builtInOf(strategies);
  if (builtIn.some((one) => one.name === name)) {
    return [`"${name}" (${file}) replaces the built-in strategy of that name`];
  }
  try {
    const other = pickStrategy(profile, builtIn);
    if (other === undefined) return [];
    return [`"${name}" (${file}) matches before the built-in "${other.name}"`];
  } catch {
    return []; // a broken source is reported by the code that needs it
  }
}

/** One list for each list of strategies, so that its needs are parsed once for all profiles. */
const builtInLists = new WeakMap<readonly RegisteredStrategy[], readonly RegisteredStrategy[]>();

function builtInOf(strategies: readonly RegisteredStrategy[]): readonly RegisteredStrategy[] {
  let known = builtInLists.get(strategies);
  if (known === undefined) {
    known = strategies.filter(({ file }) => file === undefined);
    builtInLists.set(strategies, known);
  }
  return known;
}

/** Selects the strategy of a source profile. */
function servingSource(source: Profile, input: PlanInput): RegisteredStrategy | undefined {
  if (source.values.eac_strategy) {
    const { strategy: _, ...rest } = input;
    return choose(source, rest).strategy;
  }
  const strategy = pickStrategy(source, pickable(input));
  if (strategy === undefined) {
    throwBroken(source, input, `no strategy matches profile "${source.name}"`);
  }
  return strategy;
}

function showKey(path: string): string {
  return path.startsWith("!") ? `"no ${path.slice(1)}"` : path;
}

/** `cli_cache = false` must not share what the user wants to keep apart. */
function checkCliCache(profile: Profile): void {
  const value = ownSetting(profile, "cli_cache") || "on";
  if (value !== "on" && value !== "off") throw wrongCliCache(profile, value);
}

function wrongCliCache(profile: Profile, value: string): EacError {
  const owner = profile.values.cli_cache === undefined ? profile.defaults ?? profile : profile;
  return new EacError("config_invalid", `unknown cli_cache "${value}" in ${showOwner(owner)}`, {
    ...placeOf(owner, "cli_cache"),
    hint: "use on or off",
    profile: profile.name,
  });
}

function checkSsoSession(profile: Profile, config: SharedConfig): void {
  const session = profile.values.sso_session;
  if (session && !config.ssoSessions.has(session)) throw missingSession(profile, config, session);
}

function missingSession(profile: Profile, config: SharedConfig, session: string): EacError {
  return new EacError(
    "config_invalid",
    `profile "${profile.name}" names sso_session "${session}", which does not exist`,
    {
      ...placeOf(profile, "sso_session"),
      hint: didYouMean(session, config.ssoSessions.keys()) ||
        `add a section [sso-session ${session}], or run aws configure sso`,
      profile: profile.name,
    },
  );
}

function ownBase(profile: Profile, config: SharedConfig): Base | undefined {
  return baseOf(profile, {
    ssoSessions: config.ssoSessions,
    credentialsFile: config.files.credentials,
  });
}

/** True for a role whose source is another profile, or the machine. */
function isSourcedRole(profile: Profile): boolean {
  const { role_arn, source_profile, web_identity_token_file } = profile.values;
  return Boolean(role_arn && source_profile && !web_identity_token_file);
}

/**
 * Where the chain begins: the profile's own keys, else what its source resolves to. A strategy that
 * needs no credentials also begins the chain.
 *
 * @throws {EacError} `missing_credentials`, naming the profile at the chain's end
 */
function findBase(profile: Profile, chosen: RegisteredStrategy, input: PlanInput): Base {
  const asked = profile.name;
  const { bases } = sourcesOf(input);
  for (let at = profile;;) {
    const known = at === profile ? undefined : bases.get(at);
    if (known !== undefined) return known;
    const serving = at === profile ? chosen : servingSource(at, input);
    const own: Base | undefined = serving?.begins
      ? serving.base?.(at, input.region) ??
        { kind: "custom", profile: at.name, strategy: serving.name }
      : isSourcedRole(at)
      ? undefined
      : ownBase(at, input.config);
    if (own !== undefined) {
      if (at !== profile) bases.set(at, own);
      return own;
    }
    if (at.source === undefined) {
      const what = at === profile ? "profile" : "source profile";
      throw new EacError("missing_credentials", `${what} "${at.name}" has no credentials`, {
        hint: at.values.credential_source
          ? "credential_source works only with a role_arn"
          : `add aws_access_key_id and aws_secret_access_key, a role_arn or a credential_process to "${at.name}"`,
        profile: asked,
        ...placeOf(profile, "source_profile"),
      });
    }
    at = at.source;
  }
}

async function stepsOf(
  profile: Profile,
  strategy: RegisteredStrategy,
  base: Base,
  input: PlanInput,
  notes: Notes,
  asSource: boolean,
): Promise<readonly Step[]> {
  const before = await beforeOf(profile, base, input);
  notes.notes.push(...before.notes);
  notes.warnings.push(...before.warnings);
  return await strategy.steps(profile, new Context(base, input, before, notes, asSource));
}

/** The plan, as a strategy sees it. */
class Context implements PlanContext {
  readonly durationSeconds?: number | undefined;
  readonly region?: string | undefined;
  readonly asSource: boolean;
  readonly base: PlanContext["base"];
  readonly #input: PlanInput;
  readonly #before: Before;
  readonly #notes: Notes;

  constructor(base: Base, input: PlanInput, before: Before, notes: Notes, asSource: boolean) {
    if (!asSource && input.durationSeconds !== undefined) {
      this.durationSeconds = input.durationSeconds;
    }
    if (input.region !== undefined) this.region = input.region;
    this.asSource = asSource;
    this.base = longevityOf(base, input);
    this.#input = input;
    this.#before = before;
    this.#notes = notes;
  }

  sharesSession(roleArn: string): boolean {
    return this.#input.shareSession && !this.#input.directRoles.has(roleArn);
  }

  usesSourceDevice(roleArn: string): boolean {
    return this.#input.sourceDeviceRoles?.has(roleArn) ?? false;
  }

  sourceSteps(): readonly Step[] {
    return this.#before.steps();
  }

  note(text: string, kind?: "warning"): void {
    const { notes, warnings } = this.#notes;
    if (notes.includes(text)) return;
    notes.push(text);
    if (kind === "warning") warnings.push(text);
  }
}

/** The part of the chain before a profile. */
interface Before extends Notes {
  /** Throws the error of a broken source, if the source is needed. */
  steps(): readonly Step[];
}

const NONE: readonly Step[] = [];
const NOTHING: Before = { steps: () => NONE, notes: [], warnings: [] };

/** The resolved sources: thousands of roles may share one. */
interface Sources {
  readonly before: Map<Profile, Promise<Before>>;
  readonly bases: Map<Profile, Base>;
}

const sources = new WeakMap<PlanInput, Sources>();

function sourcesOf(input: PlanInput): Sources {
  let known = sources.get(input);
  if (known === undefined) sources.set(input, known = { before: new Map(), bases: new Map() });
  return known;
}

async function beforeOf(profile: Profile, base: Base, input: PlanInput): Promise<Before> {
  if (beginsWith(profile, base)) return NOTHING;
  const { source } = profile;
  if (source === undefined) return NOTHING;
  const { before } = sourcesOf(input);
  let known = before.get(source);
  if (known === undefined) before.set(source, known = planSource(source, base, input));
  return await known;
}

async function planSource(source: Profile, base: Base, input: PlanInput): Promise<Before> {
  const notes: Notes = { notes: [], warnings: [] };
  try {
    const strategy = servingSource(source, input);
    if (strategy === undefined) return NOTHING;
    const steps = await stepsOf(source, strategy, base, input, notes, true);
    return { steps: () => steps, ...notes };
  } catch (error) {
    // It matters only to a strategy that uses the source's steps.
    return {
      steps() {
        throw error;
      },
      ...notes,
    };
  }
}

/** The kinds of base that a custom strategy gives. */
const GIVEN: ReadonlySet<Base["kind"]> = new Set(["custom", "keys", "sign-in"]);

/** True if this profile begins the chain. */
function beginsWith(profile: Profile, base: Base): boolean {
  if (profile.name !== base.profile) return false;
  return GIVEN.has(base.kind) || !isSourcedRole(profile);
}

function longevityOf(base: Base, { env, processKeys }: PlanInput): PlanContext["base"] {
  switch (base.kind) {
    case "static":
      return base.credentials.sessionToken === undefined ? "long-lived" : "temporary";
    case "environment":
      return env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN ? "temporary" : "long-lived";
    case "keys":
      return "long-lived";
    case "process":
      return processKeys ?? "unknown";
    default:
      return "temporary";
  }
}

function hopsOf(profile: Profile, base: Base): readonly Profile[] {
  const hops: Profile[] = [];
  for (let at: Profile | undefined = profile; at !== undefined;) {
    if (at.values.role_arn && !at.values.web_identity_token_file) hops.unshift(at);
    at = beginsWith(at, base) ? undefined : at.source;
  }
  return hops;
}

function sourceDeviceOf(
  [first]: readonly Step[],
  [hop]: readonly Profile[],
  base: PlanContext["base"],
): Plan["sourceDevice"] {
  const roleArn = hop?.values.role_arn;
  if (hop === undefined || first?.call !== "AssumeRole" || first.roleArn !== roleArn) {
    return undefined;
  }
  if (first.mfaSerial !== undefined || base === "temporary") return undefined;
  const owner = sourceWithDevice(hop);
  return owner && { serial: owner.serial, roleArn };
}

function mfaOf(steps: readonly Step[], profile: Profile, hops: readonly Profile[]): Plan["mfa"] {
  for (const step of steps) {
    if (step.mfaSerial === undefined) continue;
    const serial = step.mfaSerial;
    const owner = hops[0] && sourceWithDevice(hops[0]);
    const names = [...hops, profile].find((hop) => hop.values.mfa_serial === serial) ??
      (owner?.serial === serial ? owner : undefined);
    return { serial, profile: names?.name ?? profile.name };
  }
  return undefined;
}
