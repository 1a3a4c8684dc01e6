/**
 * A role that is given by its ARN in place of a profile's name.
 *
 * @module
 */

import { profileFrom, profileNamed } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import type { Context } from "../../context.ts";
import { EacError } from "../../errors.ts";
import { didYouMean } from "../../text/nearest.ts";
import { checkKeyPair, defaultSource, isMachineSource, roleFrom } from "./machine_sources.ts";

/**
 * A profile for the role: assumed with the credentials of `--source`, else with those of the machine or
 * of `default`.
 *
 * @throws {EacError} `profile_not_found` without such a source, `missing_credentials` for half a key pair
 */
export function roleByArn(context: Context, config: SharedConfig, roleArn: string): Profile {
  const { source, region } = context.options;
  const { env } = context.host;
  if (source === undefined) checkKeyPair(env);
  const from = source ?? defaultSource(config, env);
  if (!config.profiles.has(from) && isMachineSource(from)) {
    const role = roleFrom(config, roleArn, from, env);
    return region === undefined ? role : { ...role, values: { ...role.values, region } };
  }
  if (!config.profiles.has(from)) {
    throw new EacError(
      "profile_not_found",
      `there is no profile "${from}" to assume the role from`,
      {
        hint: didYouMean(from, config.profiles.keys()) || "name one with --source PROFILE",
        profile: roleArn,
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
  const values: Record<string, string> = { role_arn: roleArn, source_profile: from };
  for (const key of inherited) if (settings[key]) values[key] = settings[key];
  if (region !== undefined) values.region = region;
  return profileFrom(config, roleArn, values);
}

/** The error for `--source` beside a profile. */
export function sourceWithoutRole(): EacError {
  return new EacError("usage", "--source with a profile requires the ARN of a role", {
    hint: "in a profile, set source_profile. Without a role, use environment, " +
      "web-identity, container or instance",
  });
}
