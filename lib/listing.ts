/**
 * Every profile, and what can be said of it without calling anybody.
 *
 * @module
 */

import { profileNamed } from "./config/chain.ts";
import type { Profile } from "./config/profile.ts";
import type { SharedConfig } from "./config/shared_config.ts";
import { type Context, strategiesOf } from "./context.ts";
import { cacheFolder } from "./credentials/cache.ts";
import { parseTimestamp, toTimestamp } from "./credentials/credentials.ts";
import { directRoles } from "./credentials/direct_roles.ts";
import { realmOf } from "./credentials/configured.ts";
import { prefixKeys, progressOf } from "./credentials/progress.ts";
import { type Plan, planFor, type PlanInput } from "./credentials/plan.ts";
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
  const anyCached = host.list(cacheFolder(host)).length > 0;
  const input: PlanInput = {
    config,
    env: host.env,
    shareSession: true,
    directRoles: directRoles(host),
    ...await strategiesOf(context),
  };
  const listed: Listed[] = [];
  for (const name of config.profiles.keys()) {
    listed.push(await listOne(context, input, profileNamed(config, name), anyCached));
  }
  return listed;
}

async function listOne(
  context: Context,
  input: PlanInput,
  profile: Profile,
  anyCached: boolean,
): Promise<Listed> {
  const { config } = input;
  const { name, values } = profile;
  const planned = await planOrProblem(profile, input);
  const expiration = storedExpiration(config, values) ??
    (planned.plan && anyCached ? await cachedExpiration(context, config, planned.plan) : undefined);
  return {
    name,
    strategy: planned.plan?.strategy ?? null,
    mfa: planned.plan?.mfa?.serial ?? null,
    source: values.source_profile || values.credential_source || null,
    region: values.region || null,
    destination: values.destination_profile || null,
    expiration: expiration === undefined ? null : toTimestamp(expiration),
    status: statusOf(expiration, context.host.now()),
    ...(planned.problem === undefined ? {} : { problem: planned.problem }),
    ...(context.options.settings ? { settings: settingsOf(values) } : {}),
  };
}

async function planOrProblem(
  profile: Profile,
  input: PlanInput,
): Promise<{ readonly plan?: Plan; readonly problem?: string }> {
  try {
    return { plan: await planFor(profile, input) };
  } catch (thrown) {
    const error = asEacError(thrown);
    return { problem: error.message + (error.place ? ` (${showPlace(error.place)})` : "") };
  }
}

/** When the credentials end that are stored in the destination, or in the profile itself. */
function storedExpiration(
  config: SharedConfig,
  values: Readonly<Record<string, string>>,
): number | undefined {
  const destination = config.profiles.get(values.destination_profile ?? "");
  const text = destination?.get("expiration")?.value ??
    (values.managed_by === "eac" ? values.expiration : undefined);
  return text === undefined ? undefined : parseTimestamp(text);
}

async function cachedExpiration(
  { host }: Context,
  config: SharedConfig,
  plan: Plan,
): Promise<number | undefined> {
  if (plan.steps.length === 0) return undefined;
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
