/**
 * Every profile, and what can be said of it without calling anybody.
 *
 * @module
 */

import { profileNamed } from "./config/chain.ts";
import type { Profile } from "./config/profile.ts";
import type { SharedConfig } from "./config/shared_config.ts";
import { type Context, strategiesOf } from "./context.ts";
import { cachedKeys, readCache } from "./credentials/cache.ts";
import { parseTimestamp, toTimestamp } from "./credentials/credentials.ts";
import { directRoles } from "./credentials/direct_roles.ts";
import { realmOf } from "./credentials/configured.ts";
import { prefixKeys, progressOf } from "./credentials/progress.ts";
import { type Plan, type PlanInput, planNow } from "./credentials/plan.ts";
import { subjectOf } from "./credentials/step.ts";
import { asEacError, showPlace } from "./errors.ts";

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

/** Every profile, in the order of the files. */
export async function listProfiles(
  context: Context,
  config: SharedConfig,
): Promise<readonly Listed[]> {
  const { host } = context;
  const input: PlanInput = {
    config,
    env: host.env,
    shareSession: true,
    directRoles: directRoles(host),
    ...await strategiesOf(context),
  };
  const kept = keptSubjects(host);
  const now = host.now();
  const listed: Listed[] = [];
  for (const name of config.profiles.keys()) {
    const profile = profileNamed(config, name);
    const plans = planOrProblem(profile, input);
    const planned = plans instanceof Promise ? await plans : plans;
    const last = planned.plan?.steps.at(-1);
    const expiration = storedExpiration(config, profile.values) ??
      (last !== undefined && kept.has(subjectOf(last))
        ? await cachedExpiration(context, config, planned.plan!)
        : undefined);
    listed.push(lineOf(profile, planned, expiration, now, context.options.settings));
  }
  return listed;
}

/** Whom the kept credentials are of: few profiles have any, and only theirs are looked up. */
function keptSubjects(host: Context["host"]): ReadonlySet<string | undefined> {
  return new Set(cachedKeys(host).map((key) => readCache(host, key)?.subject));
}

/** What a profile comes to, or why it comes to nothing. */
interface Planned {
  readonly plan?: Plan;
  readonly problem?: string;
}

function lineOf(
  { name, values }: Profile,
  { plan, problem }: Planned,
  expiration: number | undefined,
  now: number,
  settings: boolean,
): Listed {
  const line: { -readonly [Key in keyof Listed]: Listed[Key] } = {
    name,
    strategy: plan?.strategy ?? null,
    mfa: plan?.mfa?.serial ?? null,
    source: values.source_profile || values.credential_source || null,
    region: values.region || null,
    destination: values.destination_profile || null,
    expiration: expiration === undefined ? null : toTimestamp(expiration),
    status: statusOf(expiration, now),
  };
  if (problem !== undefined) line.problem = problem;
  if (settings) line.settings = settingsOf(values);
  return line;
}

function planOrProblem(profile: Profile, input: PlanInput): Planned | Promise<Planned> {
  try {
    const plan = planNow(profile, input);
    return plan instanceof Promise ? plan.then((plan) => ({ plan }), problemOf) : { plan };
  } catch (thrown) {
    return problemOf(thrown);
  }
}

function problemOf(thrown: unknown): Planned {
  const error = asEacError(thrown);
  return { problem: error.message + (error.place ? ` (${showPlace(error.place)})` : "") };
}

/** When the credentials end that are stored in the destination, or in the profile itself. */
function storedExpiration(
  config: SharedConfig,
  values: Readonly<Record<string, string>>,
): number | undefined {
  const { destination_profile } = values;
  const destination = destination_profile ? config.profiles.get(destination_profile) : undefined;
  const text = destination?.get("expiration")?.value ??
    (values.managed_by === "eac" ? values.expiration : undefined);
  return text === undefined ? undefined : parseTimestamp(text);
}

async function cachedExpiration(
  { host }: Context,
  config: SharedConfig,
  plan: Plan,
): Promise<number | undefined> {
  try {
    const { profile } = plan;
    const realm = realmOf({ profile, services: config.services, env: host.env });
    const keys = await prefixKeys(plan, realm, host.env);
    const policy = { use: true, since: 0, minTtl: 0, shareWithCli: false };
    const { done, entry } = await progressOf(host, plan, keys, policy);
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

const SECRETS = new Set(["aws_secret_access_key", "aws_session_token", "aws_security_token"]);

/** The settings with their secrets masked. */
export function settingsOf(
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, SECRETS.has(key) ? "***" : value]),
  );
}
