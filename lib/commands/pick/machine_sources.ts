/**
 * Credentials that the machine provides without a profile: the AWS default chain.
 *
 * @module
 */

import { profileFrom } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import { EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { MACHINE_SOURCES } from "../../plan/base.ts";
import { regionOfEnvironment } from "../../plan/region.ts";
import { notSet } from "../../text/not_set.ts";

/** The name of a source for `--source`. */
export type MachineSource = typeof MACHINE_SOURCES[number];

type Env = Host["env"];

/** True for the name of a source. */
export function isMachineSource(name: string): name is MachineSource {
  return (MACHINE_SOURCES as readonly string[]).includes(name);
}

/** True if the environment provides the source; instance metadata is not requested here. */
export function isProvided(source: MachineSource, env: Env): boolean {
  switch (source) {
    case "environment":
      return Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY);
    case "web-identity":
      return Boolean(env.AWS_ROLE_ARN && env.AWS_WEB_IDENTITY_TOKEN_FILE);
    case "container":
      return Boolean(
        env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI,
      );
    case "instance":
      return env.AWS_EC2_METADATA_DISABLED?.toLowerCase() !== "true";
  }
}

/**
 * Refuses half a key pair in the environment where a pair would be used: ignoring it would use
 * another identity. The AWS CLI refuses it too.
 *
 * @throws {EacError} `missing_credentials`
 */
export function checkKeyPair(env: Env): void {
  const pair = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  const there = pair.filter((name) => env[name]);
  if (there.length !== 1) return;
  const missing = pair.find((name) => !env[name]);
  throw new EacError("missing_credentials", `${there[0]} is set, but ${missing} is not`, {
    hint: `set ${missing}, or unset ${there[0]}; a named profile does not use them`,
  });
}

/** Where Linux shows the machine's manufacturer ("Identify EC2 instances" in the EC2 User Guide). */
const VENDOR = "/sys/devices/virtual/dmi/id/sys_vendor";

/**
 * Whether this machine is an EC2 instance, as far as that is known without the network: elsewhere, asking
 * for instance metadata takes seconds. `--source instance` always asks.
 */
export function isInstance({ env, os, readFile }: Pick<Host, "env" | "os" | "readFile">): boolean {
  if (!isProvided("instance", env)) return false;
  if (env.AWS_EC2_METADATA_SERVICE_ENDPOINT) return true;
  if (os !== "linux") return false;
  try {
    return new TextDecoder().decode(readFile(VENDOR)).trim() === "Amazon EC2";
  } catch {
    return false;
  }
}

/**
 * The source that assumes a role given by its ARN: the first available of keys in the environment,
 * web identity, `default`, container and instance metadata.
 */
export function defaultSource(config: SharedConfig, env: Env): string {
  if (isProvided("environment", env)) return "environment";
  if (isProvided("web-identity", env)) return "web-identity";
  if (config.profiles.has("default")) return "default";
  if (isProvided("container", env)) return "container";
  return isProvided("instance", env) ? "instance" : "default";
}

/** The values of `credential_source` for the sources that have one. */
const CREDENTIAL_SOURCE = {
  environment: "Environment",
  container: "EcsContainer",
  instance: "Ec2InstanceMetadata",
} as const;

/**
 * A profile for a source that is in no file.
 *
 * @throws {EacError} `missing_credentials` without the variables of `web-identity`; for the other sources
 * the request for their credentials says what is missing
 */
export function machineProfile(config: SharedConfig, source: MachineSource, env: Env): Profile {
  if (source === "web-identity") return profileFrom(config, source, webIdentityKeys(env));
  return profileFrom(config, source, valuesOf(source, env));
}

/** A profile for a role that is assumed with the credentials of a source. */
export function roleFrom(
  config: SharedConfig,
  roleArn: string,
  source: MachineSource,
  env: Env,
): Profile {
  if (source !== "web-identity") {
    return profileFrom(config, roleArn, { role_arn: roleArn, ...valuesOf(source, env) });
  }
  return {
    name: roleArn,
    values: { role_arn: roleArn, source_profile: source },
    places: {},
    source: machineProfile(config, source, env),
  };
}

/** The keys of a source's profile: what provides it, and the region that eac exported with it. */
function valuesOf(source: keyof typeof CREDENTIAL_SOURCE, env: Env): Record<string, string> {
  const values: Record<string, string> = { credential_source: CREDENTIAL_SOURCE[source] };
  const region = regionOfEnvironment(env);
  if (region !== undefined) values.region = region;
  return values;
}

function webIdentityKeys(env: Env): Record<string, string> {
  const variables = ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"] as const;
  const missing = variables.filter((variable) => !env[variable]);
  if (missing.length > 0) {
    throw new EacError("missing_credentials", notSet(missing), {
      hint: "set both, or use another --source",
    });
  }
  const name = env.AWS_ROLE_SESSION_NAME;
  return {
    role_arn: env.AWS_ROLE_ARN!,
    web_identity_token_file: env.AWS_WEB_IDENTITY_TOKEN_FILE!,
    ...(name ? { role_session_name: name } : {}),
  };
}
