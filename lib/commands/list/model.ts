/**
 * Every profile, and what can be said of it without calling anybody.
 *
 * @module
 */

import { profileNamed } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import type { Section, SharedConfig } from "../../config/shared_config.ts";
import { type Context, strategiesOf } from "../../context.ts";
import { cachedKeys, readCache } from "../../credentials/cache/cache.ts";
import { parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { directRoles } from "../../credentials/cache/direct_roles.ts";
import { issuerOf } from "../../plan/region.ts";
import { findCachedPrefix, prefixKeys } from "../../credentials/cache/cached_prefix.ts";
import { type Plan, type PlanInput, planNow } from "../../plan/plan.ts";
import { subjectOf } from "../../plan/step.ts";
import { asEacError, showPlace } from "../../errors.ts";
import { maskSetting } from "../../text/mask.ts";

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
  readonly problem?: string;
  readonly settings?: Readonly<Record<string, string>>;
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
  const { host, options, strategies } = context;
  const input: PlanInput = {
    config,
    env: host.env,
    shareSession: true,
    directRoles: directRoles(host),
    ...await strategiesOf(context),
  };
  // The user's own strategies may look at anything.
  const compares = input.strategies.length === strategies.length && !options.settings;
  const alike = new Map<string, Outcome>();
  const kept = keptSubjects(host);
  const now = host.now();
  const listed: Listed[] = [];
  for (const name of names) profileNamed(config, name); // throws for an unknown one
  for (const [name, section] of config.profiles) {
    if (names.length > 0 && !names.includes(name)) continue;
    const said = summarize(name, section);
    const stored = storedExpiration(config, said);
    const known = compares && said.likeness !== undefined ? alike.get(said.likeness) : undefined;
    if (known !== undefined && (kept.size === 0 || !kept.has(said.roleArn))) {
      listed.push(lineOf(name, said, known, stored, now));
      continue;
    }
    const profile = profileNamed(config, name);
    const fates = outcomeOf(profile, input);
    const fate = fates instanceof Promise ? await fates : fates;
    if (said.likeness !== undefined && fate.plan !== undefined) alike.set(said.likeness, fate);
    const last = fate.plan?.steps.at(-1);
    const expiration = stored ??
      (last !== undefined && kept.has(subjectOf(last))
        ? await cachedExpiration(context, config, fate.plan!)
        : undefined);
    const line = lineOf(name, said, fate, expiration, now);
    listed.push(options.settings ? { ...line, settings: settingsOf(profile.values) } : line);
  }
  return listed;
}

/** Whom the kept credentials are of: few profiles have any, and only theirs are looked up. */
function keptSubjects(host: Context["host"]): ReadonlySet<string | undefined> {
  return new Set(cachedKeys(host).map((key) => readCache(host, key)?.subject));
}

/** What a profile comes to, or why it comes to nothing. */
interface Outcome {
  readonly plan?: Plan;
  readonly problem?: string;
}

function outcomeOf(profile: Profile, input: PlanInput): Outcome | Promise<Outcome> {
  try {
    const plan = planNow(profile, input);
    return plan instanceof Promise ? plan.then((plan) => ({ plan }), problemOf) : { plan };
  } catch (thrown) {
    return problemOf(thrown);
  }
}

function problemOf(thrown: unknown): Outcome {
  const error = asEacError(thrown);
  return { problem: error.message + (error.place ? ` (${showPlace(error.place)})` : "") };
}

/** What the list shows of a profile's own words. */
interface Summary {
  roleArn: string | undefined;
  source: string | undefined;
  credentialSource: string | undefined;
  region: string | undefined;
  destination: string | undefined;
  managedBy: string | undefined;
  expiration: string | undefined;
  /**
   * What roles have in common that come to the same strategy and device: all that their profiles say,
   * but for which role it is, and what a plan only hands on. Who has thousands of profiles has few
   * kinds of them. Nothing for what is no role, and for a role that is its own source.
   */
  likeness: string | undefined;
}

function summarize(name: string, section: Section): Summary {
  const said: Summary = {
    roleArn: undefined,
    source: undefined,
    credentialSource: undefined,
    region: undefined,
    destination: undefined,
    managedBy: undefined,
    expiration: undefined,
    likeness: undefined,
  };
  let planKey = "";
  for (const { key, value } of section) {
    if (value === "") continue;
    switch (key) {
      case "role_arn":
        said.roleArn = value;
        continue;
      case "region":
        said.region = value;
        continue;
      case "destination_profile":
        said.destination = value;
        continue;
      case "source_profile":
        said.source = value;
        break;
      case "credential_source":
        said.credentialSource = value;
        break;
      case "managed_by":
        said.managedBy = value;
        break;
      case "expiration":
        said.expiration = value;
        break;
    }
    planKey += `${key}=${value}\n\n`; // no value has an empty line
  }
  if (said.roleArn !== undefined && said.source !== name) said.likeness = planKey;
  return said;
}

function lineOf(
  name: string,
  said: Summary,
  { plan, problem }: Outcome,
  expiration: number | undefined,
  now: number,
): Listed {
  const line: Listed = {
    name,
    strategy: plan?.strategy ?? null,
    mfa: plan?.mfa?.serial ?? null,
    source: said.source ?? said.credentialSource ?? null,
    region: said.region ?? null,
    destination: said.destination ?? null,
    expiration: expiration === undefined ? null : toTimestamp(expiration),
    status: statusOf(expiration, now),
  };
  return problem === undefined ? line : { ...line, problem };
}

/** When the credentials end that are stored in the destination, or in the profile itself. */
function storedExpiration(config: SharedConfig, said: Summary): number | undefined {
  const destination = said.destination ? config.profiles.get(said.destination) : undefined;
  const text = destination?.get("expiration")?.value ??
    (said.managedBy === "eac" ? said.expiration : undefined);
  return text === undefined ? undefined : parseTimestamp(text);
}

async function cachedExpiration(
  { host }: Context,
  config: SharedConfig,
  plan: Plan,
): Promise<number | undefined> {
  try {
    const { profile } = plan;
    const realm = issuerOf({ profile, services: config.services, env: host.env });
    const keys = await prefixKeys(plan, realm, host.env);
    const policy = { use: true, since: 0, minTtl: 0, shareWithCli: false };
    const { done, entry } = await findCachedPrefix(host, plan, keys, policy);
    return done === plan.steps.length ? entry?.credentials.expiration : undefined;
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

/** The settings with their secrets masked. */
export function settingsOf(
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, maskSetting(key, value)]),
  );
}
