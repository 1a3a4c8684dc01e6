/**
 * The profile of a run that names none: `--source`, else the AWS CLI's default chain, with the picker
 * on a terminal.
 *
 * @module
 */

import { noProfiles, profileFrom, profileNamed } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import { isServedProfile, type SharedConfig } from "../../config/shared_config.ts";
import { type Context, whyNoPrompt } from "../../context.ts";
import { EacError } from "../../errors.ts";
import { ENVIRONMENT } from "../../plan/plan.ts";
import { regionOfEnvironment } from "../../plan/region.ts";
import {
  checkKeyPair,
  isInstance,
  isMachineSource,
  isProvided,
  machineProfile,
} from "./machine_sources.ts";
import { sourceWithoutRole } from "./role_by_arn.ts";

/**
 * The profile of a run that names none; select_profile.ts says in which order.
 *
 * @throws {EacError} `profile_not_found`, `missing_credentials`, or `input_required` if there is none
 */
export async function defaultProfile(
  context: Context,
  config: SharedConfig,
  picks: boolean,
): Promise<Profile> {
  const { env } = context.host;
  if (context.options.source !== undefined) {
    return fromSource(context, config, context.options.source);
  }
  const named = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE;
  const isServed = named !== undefined && named !== "" &&
    isServedProfile(config.profiles.get(named), named);
  if (picks && (!named || isServed) && config.profiles.size > 0) {
    if (whyNoPrompt(context) === undefined) return await pickOne(context, config);
  }
  checkKeyPair(env);
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
    return fromEnvironment(context, config, named ?? "default");
  }
  if (isServed) {
    // Under `eac exec --serve` the SDKs continue with the container endpoint.
    const provided = providedByMachine(context, config);
    if (provided !== undefined) return provided;
  }
  if (named) return profileNamed(config, named);
  if (config.profiles.size === 0 || (env.AWS_ROLE_ARN && env.AWS_WEB_IDENTITY_TOKEN_FILE)) {
    const provided = providedByMachine(context, config);
    if (provided !== undefined) return provided;
    throw noProfiles(config, "there are no profiles yet");
  }
  const why = whyNoPrompt(context);
  if (why === undefined) return await pickOne(context, config);
  if (config.profiles.has("default")) return profileNamed(config, "default");
  const provided = providedByMachine(context, config);
  if (provided !== undefined) return provided;
  throw new EacError("input_required", `no profile is named, but ${why}`, {
    hint: "name a profile, or set AWS_PROFILE",
  });
}

async function pickOne(context: Context, config: SharedConfig): Promise<Profile> {
  const { pickProfile } = await import("./profile_picker.ts");
  return profileNamed(config, await pickProfile(context, config));
}

/** Web identity, container or instance credentials; `undefined` without any. */
function providedByMachine(
  { host }: Context,
  config: SharedConfig,
): Profile | undefined {
  const sources = ["web-identity", "container"] as const;
  const source = sources.find((one) => isProvided(one, host.env)) ??
    (isInstance(host) ? "instance" : undefined);
  return source && machineProfile(config, source, host.env);
}

/** The profile that `--source` stands for without a name. */
function fromSource(
  context: Context,
  config: SharedConfig,
  source: string,
): Profile {
  const { env } = context.host;
  if (config.profiles.has(source) || !isMachineSource(source)) throw sourceWithoutRole();
  if (source !== "environment") return machineProfile(config, source, env);
  checkKeyPair(env);
  if (env.AWS_ACCESS_KEY_ID) return fromEnvironment(context, config, "default");
  throw new EacError("missing_credentials", "AWS_ACCESS_KEY_ID is not set", {
    hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use another --source",
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
