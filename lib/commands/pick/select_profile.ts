/**
 * Chooses the profile: by name, by a role's ARN, by the environment, or by picking one.
 *
 * @module
 */

import { noProfiles, profileFrom, profileNamed } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import { isServedProfile, type SharedConfig } from "../../config/shared_config.ts";
import type { Options } from "../../cli/options.ts";
import { type Context, openConfig, whyNoPrompt } from "../../context.ts";
import { EacError } from "../../errors.ts";
import { ENVIRONMENT } from "../../plan/plan.ts";
import { regionOfEnvironment } from "../../plan/region.ts";
import { didYouMean } from "../../text/nearest.ts";

/** A role given by its ARN instead of a profile's name. */
const ROLE_ARN = /^arn:[^:]+:iam::[^:]*:role\/.+/;

/**
 * The profile that `name` means. Without a name, `--source`, else the AWS CLI's default chain: static keys in
 * the environment, which come before all but an explicit name in the AWS CLI too; then `AWS_PROFILE`,
 * `AWS_DEFAULT_PROFILE`; then web identity by the environment; then the picker on a terminal; then
 * `default`; then container credentials and those of an EC2 instance.
 *
 * @param picks true if credentials in the environment are no answer: a user at a terminal picks.
 * @throws {EacError} `profile_not_found`, or `input_required` if nothing names a profile
 */
export async function selectProfile(
  context: Context,
  config: SharedConfig,
  name: string | undefined,
  picks = false,
): Promise<Profile> {
  return withRequestOptions(await profileFor(context, config, name, picks), context.options);
}

async function profileFor(
  context: Context,
  config: SharedConfig,
  name: string | undefined,
  picks: boolean,
): Promise<Profile> {
  const { env } = context.host;
  if (name !== undefined) return explicit(context, config, name);
  if (context.options.source !== undefined) {
    return fromSource(context, config, context.options.source);
  }
  const named = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE;
  const isServed = named !== undefined && named !== "" &&
    isServedProfile(config.profiles.get(named), named);
  if (picks && (!named || isServed) && config.profiles.size > 0) {
    if (whyNoPrompt(context) === undefined) return pickOne(context, config);
  }
  checkKeyPair(env);
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
    return fromEnvironment(context, config, named ?? "default");
  }
  if (isServed) {
    // Under `eac exec --serve` the SDKs continue with the container endpoint.
    const provided = await providedByMachine(context, config);
    if (provided !== undefined) return provided;
  }
  if (named) return profileNamed(config, named);
  if (config.profiles.size === 0 || (env.AWS_ROLE_ARN && env.AWS_WEB_IDENTITY_TOKEN_FILE)) {
    const provided = await providedByMachine(context, config);
    if (provided !== undefined) return provided;
    throw noProfiles(config, "there are no profiles yet");
  }
  const why = whyNoPrompt(context);
  if (why === undefined) return pickOne(context, config);
  if (config.profiles.has("default")) return profileNamed(config, "default");
  const provided = await providedByMachine(context, config);
  if (provided !== undefined) return provided;
  throw new EacError("input_required", `no profile is named, but ${why}`, {
    hint: "name a profile, or set AWS_PROFILE",
  });
}

async function pickOne(context: Context, config: SharedConfig): Promise<Profile> {
  const { pickProfile } = await import("./profile_picker.ts");
  return profileNamed(config, await pickProfile(context, config));
}

/**
 * True if the environment's credentials are those that eac exported. They are no answer to "which
 * profile?" where the user wants another one.
 */
export function hasExported({ env }: Context["host"]): boolean {
  return Boolean(env.EAC_PROFILE);
}

/**
 * Refuses half a key pair in the environment where a pair would be used: ignoring it would use
 * another identity. The AWS CLI refuses it too.
 *
 * @throws {EacError} `missing_credentials`
 */
function checkKeyPair(env: Context["host"]["env"]): void {
  const pair = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  const there = pair.filter((name) => env[name]);
  if (there.length !== 1) return;
  const missing = pair.find((name) => !env[name]);
  throw new EacError("missing_credentials", `${there[0]} is set, but ${missing} is not`, {
    hint: `set ${missing}, or unset ${there[0]}; a named profile does not use them`,
  });
}

/** The profile with the keys that options set for this run. */
function withRequestOptions(profile: Profile, options: Options): Profile {
  const own: Record<string, string> = {};
  const ofSource: Record<string, string> = {};
  for (const [key, value] of Object.entries(requestKeys(options))) {
    const [, sourceKey] = /^source_profile\.(.*)$/.exec(key) ?? [];
    if (sourceKey === undefined) own[key] = value;
    else ofSource[sourceKey] = value;
  }
  return withKeys(profile, own, ofSource);
}

function withKeys(
  profile: Profile,
  set: Readonly<Record<string, string>>,
  ofSource: Readonly<Record<string, string>>,
): Profile {
  if (Object.keys(set).length === 0 && Object.keys(ofSource).length === 0) return profile;
  const values = Object.assign(Object.create(null), profile.values, set);
  const places = Object.fromEntries(
    Object.entries(profile.places).filter(([key]) => !Object.hasOwn(set, key)),
  );
  let source: Profile | undefined;
  return {
    name: profile.name,
    values,
    places,
    defaults: profile.defaults,
    // Resolved lazily: it may be broken and not needed. Always the same object, as plans expect.
    get source() {
      return source ??= profile.source && withKeys(profile.source, ofSource, {});
    },
  };
}

/** The profile keys that `--set`, `--role-session-name` and similar options set for this run. */
function requestKeys(options: Options): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const pair of options.set ?? []) {
    const [, key, value] = /^((?:source_profile\.)?[a-z][a-z0-9_]*)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw new EacError("usage", `--set ${pair} is not KEY=VALUE`, {
        hint: "for example --set region=eu-west-1",
      });
    }
    keys[key] = value;
  }
  const wrongTag = options.tag?.find((pair) => !/^[^=,]+=[^,]*$/.test(pair));
  if (wrongTag !== undefined) {
    throw new EacError("usage", `--tag ${wrongTag} is not KEY=VALUE`, {
      hint: "for example --tag team=payments; AWS does not allow commas in a tag",
    });
  }
  const given: Record<string, string | undefined> = {
    role_session_name: options.roleSessionName,
    external_id: options.externalId,
    mfa_serial: options.mfaSerial,
    source_identity: options.sourceIdentity,
    session_tags: options.tag?.join(","),
    session_policy: options.policy,
    session_policy_arns: options.policyArn?.join(","),
  };
  for (const [key, value] of Object.entries(given)) if (value !== undefined) keys[key] = value;
  return keys;
}

/** A profile and its shared files. */
export interface ChosenProfile {
  readonly config: SharedConfig;
  readonly profile: Profile;
}

/**
 * Reads the shared files and finds the profile that `name` means.
 *
 * @param picks as {@linkcode selectProfile}
 * @throws {EacError} as {@linkcode selectProfile}
 */
export async function chooseProfile(
  context: Context,
  name: string | undefined,
  picks = false,
): Promise<ChosenProfile> {
  const config = openConfig(context);
  return { config, profile: await selectProfile(context, config, name, picks) };
}

async function explicit(
  context: Context,
  config: SharedConfig,
  name: string,
): Promise<Profile> {
  const { source, region } = context.options;
  if (config.profiles.has(name) || !ROLE_ARN.test(name)) {
    if (source !== undefined) throw sourceWithoutRole();
    return profileNamed(config, name);
  }
  const { env } = context.host;
  const machine = await import("./machine_sources.ts");
  if (source === undefined) checkKeyPair(env);
  const from = source ?? machine.defaultSource(config, env);
  if (!config.profiles.has(from) && machine.isMachineSource(from)) {
    const role = machine.roleFrom(config, name, from, env);
    return region === undefined ? role : { ...role, values: { ...role.values, region } };
  }
  if (!config.profiles.has(from)) {
    throw new EacError(
      "profile_not_found",
      `there is no profile "${from}" to assume the role from`,
      {
        hint: didYouMean(from, config.profiles.keys()) || "name one with --source PROFILE",
        profile: name,
      },
    );
  }
  const settings = profileNamed(config, from).values;
  const inherited = [
    "mfa_serial",
    "mfa_process",
    "region",
    "endpoint_url",
    "services",
    "ca_bundle",
  ];
  const values: Record<string, string> = { role_arn: name, source_profile: from };
  for (const key of inherited) if (settings[key]) values[key] = settings[key];
  if (region !== undefined) values.region = region;
  return profileFrom(config, name, values);
}

/** Web identity, container or instance credentials; `undefined` without any. */
async function providedByMachine(
  { host }: Context,
  config: SharedConfig,
): Promise<Profile | undefined> {
  const { isInstance, isProvided, machineProfile } = await import("./machine_sources.ts");
  const sources = ["web-identity", "container"] as const;
  const source = sources.find((one) => isProvided(one, host.env)) ??
    (isInstance(host) ? "instance" : undefined);
  return source && machineProfile(config, source, host.env);
}

/** The profile that `--source` stands for without a name. */
async function fromSource(
  context: Context,
  config: SharedConfig,
  source: string,
): Promise<Profile> {
  const { env } = context.host;
  const { isMachineSource, machineProfile } = await import("./machine_sources.ts");
  if (config.profiles.has(source) || !isMachineSource(source)) throw sourceWithoutRole();
  if (source !== "environment") return machineProfile(config, source, env);
  checkKeyPair(env);
  if (env.AWS_ACCESS_KEY_ID) return fromEnvironment(context, config, "default");
  throw new EacError("missing_credentials", "AWS_ACCESS_KEY_ID is not set", {
    hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use another --source",
  });
}

function sourceWithoutRole(): EacError {
  return new EacError("usage", "--source with a profile requires the ARN of a role", {
    hint: "in a profile, set source_profile. Without a role, use environment, " +
      "web-identity, container or instance",
  });
}

/** The environment's keys, with the settings of the profile selected there. */
function fromEnvironment(context: Context, config: SharedConfig, named: string): Profile {
  const { env } = context.host;
  const settings: Record<string, string> = {};
  for (const key of ["region", "endpoint_url", "services", "destination_profile", "ca_bundle"]) {
    const value = config.profiles.get(named)?.get(key)?.value;
    if (value) settings[key] = value;
  }
  const region = regionOfEnvironment(env);
  if (region !== undefined) settings.region = region;
  const keys: Record<string, string> = {
    aws_access_key_id: env.AWS_ACCESS_KEY_ID!,
    aws_secret_access_key: env.AWS_SECRET_ACCESS_KEY!,
  };
  const token = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  if (token) keys.aws_session_token = token;
  if (token && env.AWS_CREDENTIAL_EXPIRATION) keys.expiration = env.AWS_CREDENTIAL_EXPIRATION;
  context.log.detail(
    `AWS_ACCESS_KEY_ID in the environment takes precedence over profile "${named}", as in the AWS CLI; ` +
      `name the profile to use it`,
  );
  return profileFrom(config, ENVIRONMENT, { ...settings, ...keys });
}
