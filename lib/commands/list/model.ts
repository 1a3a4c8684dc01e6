/**
 * Every profile, and what can be said of it without calling anybody.
 *
 * @module
 */

import { profileNamed } from "../../config/chain.ts";
import { destinationOf, type Profile } from "../../config/profile.ts";
import { isServedProfile, type Section, type SharedConfig } from "../../config/shared_config.ts";
import { type Context, strategiesOf } from "../../context.ts";
import { cachedKeys, readCache } from "../../credentials/cache/cache.ts";
import { parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { knownRoles } from "../../credentials/cache/known_roles.ts";
import { issuerOf } from "../../plan/region.ts";
import { findCachedPrefix, prefixKeys } from "../../credentials/cache/cached_prefix.ts";
import { type Outline, outlinesOf } from "../../plan/outline.ts";
import { ALL_ROLES, type Plan, planFor, type PlanInput } from "../../plan/plan.ts";
import { maskSettings } from "../../text/mask.ts";

/** A line of the list, as `--json` prints it. */
export interface Listed {
  readonly name: string;
  readonly strategy: string | null;
  readonly mfa: string | null;
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
  const wanted = [...config.profiles].filter(([name, section]) =>
    names.length === 0 ? !isServedProfile(section, name) : asked.has(name)
  ).map(([name]) => name);
  const mayBeCached = cachedSubjects(host, wanted.length);
  for (const [name, outline] of await outlinesOf(input, wanted)) {
    const section = config.profiles.get(name)!;
    const destination = destinationIn(config, name, section);
    const expiration = storedExpiration(config, section, destination) ??
      (outline.strategy !== null && mayBeCached(outline.subject)
        ? await cachedExpiration(context, config, profileNamed(config, name), input)
        : undefined);
    const line = lineOf({ name, section, destination }, outline, expiration, now);
    listed.push(
      options.settings
        ? { ...line, settings: maskSettings(profileNamed(config, name).values) }
        : line,
    );
  }
  return listed;
}

/** Looking up a profile's own entries takes about as long as reading this many. */
const LOOKUP = 5;

/**
 * Tells for which roles and devices there may be cached credentials. Of many profiles few have some, so
 * the entries are read; of few profiles among many entries, each looks up its own.
 */
function cachedSubjects(
  host: Context["host"],
  profiles: number,
): (subject: string | undefined) => boolean {
  const keys = cachedKeys(host);
  if (keys.length > profiles * LOOKUP) return () => true;
  const subjects = new Set(keys.map((key) => readCache(host, key)?.subject));
  return (subject) => subjects.has(subject);
}

/** The destination, without making a profile for each of thousands that have no pattern to follow. */
function destinationIn(config: SharedConfig, name: string, section: Section): string | undefined {
  const own = section.get("destination_profile");
  if (own !== undefined || !config.defaults?.get("destination_profile")) {
    return own?.value || undefined;
  }
  return destinationOf(profileNamed(config, name));
}

function lineOf(
  { name, section, destination }: {
    readonly name: string;
    readonly section: Section;
    readonly destination: string | undefined;
  },
  { strategy, mfaSerial, problem }: Outline,
  expiration: number | undefined,
  now: number,
): Listed {
  const value = (key: string) => section.get(key)?.value || null;
  const line: Listed = {
    name,
    strategy,
    mfa: mfaSerial,
    source: value("source_profile") ?? value("credential_source"),
    region: value("region"),
    destination: destination ?? null,
    expiration: expiration === undefined ? null : toTimestamp(expiration),
    status: statusOf(expiration, now),
  };
  return problem === undefined ? line : { ...line, problem };
}

/** When the credentials expire that are stored in the destination, or in the profile itself. */
function storedExpiration(
  config: SharedConfig,
  section: Section,
  name: string | undefined,
): number | undefined {
  const destination = name ? config.profiles.get(name) : undefined;
  const text = destination?.get("expiration")?.value ??
    (section.get("managed_by")?.value === "eac" ? section.get("expiration")?.value : undefined);
  return text === undefined ? undefined : parseTimestamp(text);
}

async function cachedExpiration(
  { host }: Context,
  config: SharedConfig,
  profile: Profile,
  input: PlanInput,
): Promise<number | undefined> {
  const expirationOf = async (plan: Plan) => {
    const issuer = issuerOf({ profile, services: config.services, env: host.env });
    const keys = await prefixKeys(plan, issuer, host.env);
    const policy = { use: true, since: 0, minTtl: 0, shareWithCli: false };
    const { done, entry } = await findCachedPrefix(host, plan, keys, policy);
    return done === plan.steps.length ? entry?.credentials.expiration : undefined;
  };
  try {
    const plan = await planFor(profile, input);
    const found = await expirationOf(plan);
    if (found !== undefined || plan.sourceDevice === undefined) return found;
    return await expirationOf(await planFor(profile, { ...input, sourceDeviceRoles: ALL_ROLES }));
  } catch {
    return undefined; // a section that does not exist, say: obtaining tells
  }
}

/** Under this, in milliseconds, credentials are about to end: the AWS CLI renews there. */
const EXPIRING = 15 * 60_000;

function statusOf(expiration: number | undefined, now: number): Listed["status"] {
  if (expiration === undefined) return "none";
  if (expiration <= now) return "expired";
  return expiration - now < EXPIRING ? "expiring" : "valid";
}
