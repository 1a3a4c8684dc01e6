/**
 * Plans a profile: its calls, their endpoint, and how much is cached. All commands plan before they
 * act.
 *
 * @module
 */

import { changesRequest } from "../cli/options.ts";
import { expandHome } from "../config/locations.ts";
import type { Profile } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, maySignIn, strategiesOf, whyNoTerminal } from "../context.ts";
import { codeOrigin, promptMode } from "../plan/code_origin.ts";
import { type KnownRoles, knownRoles } from "../credentials/cache/known_roles.ts";
import {
  AWS,
  type ConfiguredRegion,
  type EndpointInput,
  findRegion,
  issuerOf,
} from "../plan/region.ts";
import { whyNoBrowser, whyNoDesktop } from "../terminal/desktop.ts";
import { ALL_ROLES, type Plan, planFor, type PlanInput } from "../plan/plan.ts";
import {
  type CachedPrefix,
  type CachePolicy,
  findCachedPrefix,
  prefixKeys,
} from "../credentials/cache/cached_prefix.ts";
import { EacError } from "../errors.ts";
import type { Needs } from "../host/host.ts";

/** A plan, the endpoint of its calls, and its cached part. */
export interface PlannedProfile {
  readonly plan: Plan;
  /** The input of endpoint.ts. */
  readonly where: EndpointInput;
  /** The cache keys of the plan's prefixes. */
  readonly keys: readonly string[];
  readonly prefix: CachedPrefix;
  /** The configured region, which is exported with the credentials. */
  readonly region: ConfiguredRegion | undefined;
}

/**
 * How a run uses the caches.
 *
 * The key of the AWS CLI's cache does not contain the endpoint. So eac shares that cache only for
 * AWS's own endpoints: otherwise credentials from another server, such as a local emulator, would
 * be used for AWS, and credentials from AWS sent to the other server.
 *
 * @throws {EacError} `config_invalid` if the endpoint cannot be read
 */
export function cachePolicy({ options, began }: Context, where: EndpointInput): CachePolicy {
  const isAws = issuerOf(where) === AWS;
  return {
    use: options.cache,
    since: options.refresh ? began : 0,
    // The AWS CLI's key does not contain what options change for this run either.
    readsCliCache: isAws && options.duration === undefined && !changesRequest(options),
    writesCliCache: isAws,
    minTtl: options.minTtl,
    durationSeconds: options.duration,
  };
}

/**
 * Plans a profile, and looks up what is cached of the plan. Makes no call.
 *
 * A role without `mfa_serial` uses a valid session of its source's device.
 *
 * @throws {EacError} if the profile cannot work
 */
export async function planProfile(
  context: Context,
  config: SharedConfig,
  profile: Profile,
  known: Known = knownRoles(context.host),
): Promise<PlannedProfile> {
  let planned = await planWith(context, config, profile, known);
  if (planned.plan.expects !== undefined) {
    planned = await planByCache(context, config, planned, known);
  }
  if (planned.plan.sourceDevice === undefined || planned.prefix.done > 0) return planned;
  const withDevice = await planWith(context, config, profile, {
    ...known,
    sourceDeviceRoles: ALL_ROLES,
  });
  return withDevice.prefix.done > 0 ? withDevice : planned;
}

/**
 * The plan for the keys that the `credential_process` printed before, as far as the caches show: its
 * cached credentials are temporary, and a cached session is one of long-lived keys.
 */
async function planByCache(
  context: Context,
  config: SharedConfig,
  planned: PlannedProfile,
  known: Known,
): Promise<PlannedProfile> {
  const { host } = context;
  const { plan: { base, expects, profile }, where, prefix } = planned;
  if (prefix.done > 0) {
    return await planWith(context, config, profile, { ...known, processKeys: expects });
  }
  const processKeys = expects === "temporary" ? "long-lived" : "temporary";
  const other = await planWith(context, config, profile, { ...known, processKeys })
    .catch(() => undefined); // only the keys that are expected serve this profile
  if (other === undefined) return planned;
  if (other.prefix.done > 0) return other;
  if (base.kind !== "process" || processKeys === "long-lived") return planned;
  const { processKey, readProcessCache } = await import(
    "../credentials/cache/process_cache.ts"
  );
  const policy = cachePolicy(context, where);
  const cached = readProcessCache(host, await processKey(host, base), policy);
  return cached === undefined ? planned : other;
}

/** What earlier runs and this one learned. */
type Known = KnownRoles & Pick<PlanInput, "processKeys">;

async function planWith(
  context: Context,
  config: SharedConfig,
  profile: Profile,
  known: Known,
): Promise<PlannedProfile> {
  const { host, options } = context;
  const { env } = host;
  const plan = withPolicies(
    host,
    await planFor(profile, {
      config,
      ...await strategiesOf(context),
      env,
      shareSession: options.session,
      ...known,
      strategy: options.strategy,
      durationSeconds: options.duration,
      region: options.region,
    }),
  );
  const partition = profile.values.role_arn?.split(":")[1];
  const where: EndpointInput = {
    profile,
    env,
    services: config.services,
    region: options.region,
    ...(partition ? { partition } : {}),
  };
  const region = findRegion(where);
  const keys = await prefixKeys(plan, issuerOf(where), env);
  const prefix = await findCachedPrefix(host, plan, keys, cachePolicy(context, where));
  return { plan, where, keys, prefix, region };
}

/** `session_policy = file://PATH`: the file's text is sent, and is part of the cache key. */
function withPolicies(host: Context["host"], plan: Plan): Plan {
  const steps = plan.steps.map((step) => {
    if (step.call !== "AssumeRole" || step.policy === undefined) return step;
    return { ...step, policy: policyText(host, step.policy, plan.profile.name) };
  });
  return { ...plan, steps };
}

/**
 * The text of a session policy, which may be in a file.
 *
 * @throws {EacError} `config_invalid` for a file that does not exist
 */
export function policyText(host: Context["host"], policy: string, profile: string): string {
  if (!policy.startsWith("file://")) return policy;
  const path = expandHome(policy.slice("file://".length), host.env, host.os);
  const bytes = host.readFile(path);
  if (bytes !== undefined) return new TextDecoder().decode(bytes).trim();
  throw new EacError("config_invalid", `session_policy file ${path} does not exist`, {
    hint: "use an absolute path after file://, or the policy itself",
    profile,
  });
}

/**
 * For commands that make no calls: drops the permissions for the network and for programs, except
 * for those of custom strategies.
 */
export async function narrowToPlanning({ host, plugins }: Context): Promise<void> {
  host.narrow({ net: false, run: (await plugins()).strategies.length > 0, ask: false });
}

/** The MFA device whose code is needed next; `undefined` if none is. */
export function dueSerial(
  { plan, prefix }: Pick<PlannedProfile, "plan" | "prefix">,
): string | undefined {
  return plan.steps.slice(prefix.done).find(({ mfaSerial }) => mfaSerial !== undefined)
    ?.mfaSerial;
}

/** True if all of the plan is cached and fresh. */
export function isDone({ plan, prefix }: PlannedProfile): boolean {
  return prefix.done === plan.steps.length && plan.steps.length > 0;
}

/** True if the plan begins with a sign-in of the user. */
function isSignIn({ base }: Plan): boolean {
  return base.kind === "sso" || base.kind === "login";
}

/** True if a program provides the code, or may have to show its prompt. */
function codeTakesProgram(
  { host, options }: Context,
  profile: Profile,
  mfaSerial: string,
  due: string | undefined,
): boolean {
  const { origin } = codeOrigin(profile, host.env, options.mfaToken, mfaSerial);
  if (origin !== "prompt") return origin === "process";
  if (due === undefined || whyNoDesktop(host) !== undefined) return false;
  return prefersDialog({ host, options }, profile);
}

/** True if a code is asked for in a dialog: as set, or where there is a desktop and no terminal. */
export function prefersDialog(
  { host, options }: Pick<Context, "host" | "options">,
  profile: Profile,
): boolean {
  const mode = promptMode(profile, host.env, options.mfaPrompt);
  return mode === "dialog" ||
    mode === "auto" && whyNoDesktop(host) === undefined && whyNoTerminal(host) !== undefined;
}

/** The kinds of base that a program or a custom strategy gives. */
const RUN_BASES: ReadonlySet<Plan["base"]["kind"]> = new Set(["process", "keys", "sign-in"]);

/**
 * Drops the permissions that none of these plans needs: the network, running programs. Custom
 * strategies have answered, and their processes are stopped.
 */
export function narrow(
  context: Context,
  all: readonly PlannedProfile[],
  also: Partial<Needs> = {},
): void {
  const open = all.filter((planned) => !isDone(planned));
  const { host } = context;
  void context.plugins().then((own) => own.close(), () => {});
  const runs = ({ plan, prefix }: PlannedProfile) =>
    (RUN_BASES.has(plan.base.kind) && prefix.done === 0) ||
    plan.steps.slice(prefix.done).some((step) => step.call === "Custom") ||
    (isSignIn(plan) && prefix.done === 0 && opensBrowser()) ||
    codesTakeProgram(plan, dueSerial({ plan, prefix }));
  const opensBrowser = () => whyNoBrowser(host) === undefined && maySignIn(context);
  const codesTakeProgram = ({ profile, mfa, sourceDevice }: Plan, due: string | undefined) => {
    const serial = mfa?.serial ?? sourceDevice?.serial;
    return serial !== undefined &&
      codeTakesProgram(context, profile, serial, due ?? sourceDevice?.serial);
  };
  host.narrow({
    net: also.net || all.some(({ plan }) => plan.profile.values.aws_account_id) ||
      open.some(({ plan }) => plan.steps.length > 0 || plan.base.kind !== "static"),
    run: also.run || open.some(runs),
    ask: also.ask ?? true,
  });
}
