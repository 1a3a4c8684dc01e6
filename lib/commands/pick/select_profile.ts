/**
 * Chooses the profile: by name, by a role's ARN, by the environment, or by picking one.
 *
 * @module
 */

import { profileNamed } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import { changesRequest } from "../../cli/options.ts";
import { type Context, openConfig } from "../../context.ts";

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
  const profile = name === undefined
    ? await (await import("./default_chain.ts")).defaultProfile(context, config, picks)
    : await named(context, config, name);
  if (!changesRequest(context.options)) return profile;
  const { withRequestOptions } = await import("./request_options.ts");
  return withRequestOptions(profile, context.options);
}

async function named(context: Context, config: SharedConfig, name: string): Promise<Profile> {
  const isRole = ROLE_ARN.test(name) && !config.profiles.has(name);
  if (!isRole && context.options.source === undefined) return profileNamed(config, name);
  const { roleByArn, sourceWithoutRole } = await import("./role_by_arn.ts");
  if (!isRole) throw sourceWithoutRole();
  return roleByArn(context, config, name);
}

/**
 * True if the environment's credentials are those that eac exported. They are no answer to "which
 * profile?" where the user wants another one.
 */
export function hasExported({ env }: Context["host"]): boolean {
  return Boolean(env.EAC_PROFILE);
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
