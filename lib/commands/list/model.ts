/**
 * The list of profiles, with what is known without calls.
 *
 * @module
 */

import { profileNamed } from "../../config/chain.ts";
import { nameOf } from "../../config/locations.ts";
import { destinationOf, type Profile } from "../../config/profile.ts";
import { isServedProfile, type Section, type SharedConfig } from "../../config/shared_config.ts";
import { type Context, strategiesOf } from "../../context.ts";
import { cacheFolder, keysAmong, readCache } from "../../credentials/cache/cache.ts";
import { parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { knownRoles } from "../../credentials/cache/known_roles.ts";
import { issuerOf } from "../../plan/region.ts";
import { findCachedPrefix, prefixKeys } from "../../credentials/cache/cached_prefix.ts";
import {
  type Outline,
  outlineIn,
  outlineOfProblem,
  Outlines,
  subjectIn,
} from "../../plan/outline.ts";
import { ALL_ROLES, type Plan, planFor, type PlanInput } from "../../plan/plan.ts";
import { maskSettings } from "../../text/mask.ts";

/** A line of the list in the format of `--json`. */
export interface Listed {
  readonly name: string;
  readonly strategy: string | null;
  readonly mfa: string | null;
  /** The expiration of the device's MFA session, after which the next code is needed. */
  readonly mfa_session: string | null;
  readonly source: string | null;
  readonly region: string | null;
  readonly destination: string | null;
  readonly expiration: string | null;
  readonly status: "none" | "valid" | "expiring" | "expired";
  readonly problem?: string | undefined;
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * The profiles of these names, or all, in the order of the files.
 *
 * @throws {EacError} `profile_not_found` for a name that no profile has
 */
export async function listProfiles(
  context: Context,
  config: SharedConfig,
  names: readonly string[] = [],
): Promise<readonly Listed[]> {
  const { host, options } = context;
  const input: PlanInput = {
    config,
    env: host.env,
    shareSession: true,
    ...knownRoles(host),
    ...await strategiesOf(context),
  };
  const now = host.now();
  const listed: Listed[] = [];
  for (const name of names) profileNamed(config, name); // throws for an unknown one
  const asked = new Set(names);
  const outlines = new Outlines(input);
  const outlined: OutlinedProfile[] = [];
  const { mayBeCached, known } = cachedSubjects(host, names.length || config.profiles.size);
  /** A session without MFA and the output of a `credential_process` are cached without a subject. */
  const mayBeDecided = (outline: Outline, section: Section) =>
    [undefined, outline.mfaSerial ?? undefined, subjectIn(outline, section)].some(mayBeCached);
  for (const [name, section] of config.profiles) {
    if (names.length === 0 ? isServedProfile(section, name) : !asked.has(name)) continue;
    const found = outlines.of(name, section);
    const outline = found instanceof Promise ? await found : found; // most are known
    outlined.push(
      outline.isUndecided && mayBeDecided(outline, section)
        ? await decide(context, config, { name, section, outline })
        : { name, section, outline },
    );
  }
  const sessions = await deviceSessions(context, config, input, outlined);
  for (const { name, section, outline, expiration: cached } of outlined) {
    const destination = destinationIn(config, name, section);
    const expiration = storedExpiration(config, section, destination) ?? cached ??
      (outline.isSignIn || outline.strategy !== null && mayBeCached(subjectIn(outline, section))
        ? await cachedExpiration({
          host: known,
          config,
          profile: profileNamed(config, name),
          input,
        })
        : undefined);
    const session = sessions.get(outline.mfaSerial ?? "");
    const line = lineOf({ name, section, destination, session }, outline, expiration, now);
    listed.push(
      options.settings
        ? { ...line, settings: maskSettings(profileNamed(config, name).values) }
        : line,
    );
  }
  return listed;
}

/** A listed profile and the outline of its plan. */
interface OutlinedProfile {
  readonly name: string;
  readonly section: Section;
  readonly outline: Outline;
  /** The expiration of its cached credentials, in milliseconds since 1970. */
  readonly expiration?: number | undefined;
}

/** The outline for the keys that the caches know its `credential_process` to print. */
async function decide(
  context: Context,
  config: SharedConfig,
  outlined: OutlinedProfile,
): Promise<OutlinedProfile> {
  const { planProfile } = await import("../../session/plan_profile.ts");
  let planned;
  try {
    planned = await planProfile(context, config, profileNamed(config, outlined.name));
  } catch (thrown) {
    // The outline does not check the endpoint. One invalid setting must not hide the other profiles.
    return { ...outlined, outline: outlineOfProblem(thrown) };
  }
  const { plan, prefix } = planned;
  const isComplete = plan.steps.length > 0 && prefix.done === plan.steps.length;
  return {
    ...outlined,
    outline: { ...outlineIn(plan), isShared: false },
    expiration: isComplete ? prefix.entry?.credentials.expiration : undefined,
  };
}

/** Looking up one profile's entries takes about as long as reading this many. */
const LOOKUP = 5;

/** What the names in the cache folder show before a profile is looked up. */
interface CachedSubjects {
  /** Whether a role or a device may have cached credentials. */
  readonly mayBeCached: (subject: string | undefined) => boolean;
  /** A host that opens only entries that exist: an error for each missing file takes longer. */
  readonly known: Context["host"];
}

/**
 * Finds the roles and devices that may have cached credentials. With many profiles the entries are
 * read, since few profiles have some; with few profiles and many entries, each profile looks up its
 * own.
 */
function cachedSubjects(host: Context["host"], profiles: number): CachedSubjects {
  const names = host.list(cacheFolder(host));
  if (names.length > profiles * LOOKUP) {
    const files = new Set(names);
    const readFile = (path: string) =>
      files.has(nameOf(host.os, path)) ? host.readFile(path) : undefined;
    return { mayBeCached: () => true, known: { ...host, readFile } };
  }
  const subjects = new Set(keysAmong(names).map((key) => readCache(host, key)?.subject));
  return { mayBeCached: (subject) => subjects.size > 0 && subjects.has(subject), known: host };
}

/** The destination; creates no profile object for the thousands without a pattern. */
function destinationIn(config: SharedConfig, name: string, section: Section): string | undefined {
  const destination = section.value("destination_profile");
  if (destination !== undefined || !config.defaults?.get("destination_profile")) {
    return destination || undefined;
  }
  return destinationOf(profileNamed(config, name));
}

function lineOf(
  { name, section, destination, session }: {
    readonly name: string;
    readonly section: Section;
    readonly destination: string | undefined;
    readonly session: number | undefined;
  },
  { strategy, mfaSerial, problem }: Outline,
  expiration: number | undefined,
  now: number,
): Listed {
  const value = (key: string) => section.value(key) || null;
  const line: Listed = {
    name,
    strategy,
    mfa: mfaSerial,
    mfa_session: session === undefined ? null : toTimestamp(session),
    source: value("source_profile") ?? value("credential_source"),
    region: value("region"),
    destination: destination ?? null,
    expiration: expiration === undefined ? null : toTimestamp(expiration),
    status: statusOf(expiration, now),
  };
  return problem === undefined ? line : { ...line, problem };
}

/** The expiration of the credentials stored in the destination, or in the profile itself. */
function storedExpiration(
  config: SharedConfig,
  section: Section,
  name: string | undefined,
): number | undefined {
  const destination = name ? config.profiles.get(name) : undefined;
  const text = destination?.value("expiration") ??
    (section.value("managed_by") === "eac" ? section.value("expiration") : undefined);
  return text === undefined ? undefined : parseTimestamp(text);
}

/** The expiration of the MFA session of each device that has a valid one. */
async function deviceSessions(
  { host }: Context,
  config: SharedConfig,
  input: PlanInput,
  outlined: readonly OutlinedProfile[],
): Promise<ReadonlyMap<string, number>> {
  const sessions = new Map<string, number>();
  const checked = new Set<string>();
  for (const { name, section, outline: { mfaSerial, getsSession } } of outlined) {
    if (mfaSerial === null || !getsSession) continue;
    // One user's profiles share the session: one of them stands for all.
    const owner = `${mfaSerial} ${section.value("source_profile") ?? name}`;
    if (checked.has(owner)) continue;
    checked.add(owner);
    const profile = profileNamed(config, name);
    const expiration = await cachedExpiration({ host, config, profile, input, last: 1 });
    if (expiration === undefined || expiration <= host.now()) continue;
    sessions.set(mfaSerial, Math.max(expiration, sessions.get(mfaSerial) ?? 0));
  }
  return sessions;
}

async function cachedExpiration(
  { host, config, profile, input, last }: {
    readonly host: Context["host"];
    readonly config: SharedConfig;
    readonly profile: Profile;
    readonly input: PlanInput;
    /** The number of the call whose credentials are looked up; by default the last one. */
    readonly last?: number | undefined;
  },
): Promise<number | undefined> {
  const expirationOf = async (whole: Plan) => {
    const plan = { ...whole, steps: whole.steps.slice(0, last) };
    const issuer = issuerOf({ profile, services: config.services, env: host.env });
    const keys = await prefixKeys(plan, issuer, host.env);
    const policy = {
      use: true,
      since: 0,
      minTtl: 0,
      readsCliCache: false,
      writesCliCache: false,
    };
    const { done, entry } = await findCachedPrefix(host, plan, keys, policy);
    return done === plan.steps.length ? entry?.credentials.expiration : undefined;
  };
  try {
    const plan = await planFor(profile, input);
    if (plan.base.kind === "sign-in" && plan.steps.length === 0) {
      const { readSignIn, signInKey } = await import(
        "../../credentials/cache/custom_sign_in_cache.ts"
      );
      return readSignIn(host, await signInKey(plan.base))?.expiration;
    }
    const found = await expirationOf(plan);
    if (found !== undefined || plan.sourceDevice === undefined) return found;
    return await expirationOf(await planFor(profile, { ...input, sourceDeviceRoles: ALL_ROLES }));
  } catch {
    return undefined; // for example a missing section: getting credentials reports it
  }
}

/**
 * With less than this left, in milliseconds, credentials are about to expire: the AWS CLI renews
 * them then.
 */
const EXPIRING = 15 * 60_000;

function statusOf(expiration: number | undefined, now: number): Listed["status"] {
  if (expiration === undefined) return "none";
  if (expiration <= now) return "expired";
  return expiration - now < EXPIRING ? "expiring" : "valid";
}
