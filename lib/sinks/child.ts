/**
 * The environment of a program that runs with the credentials, without variables that compete with
 * them.
 *
 * @module
 */

import type { Credentials } from "../plan/credentials.ts";
import {
  CARRIERS,
  carriersOf,
  COMPETITORS,
  type Env,
  exportedRegionVariables,
  type ExportOptions,
  labelsOf,
} from "./variables.ts";

/** A server on loopback that provides credentials with the protocol of ECS. */
export interface CredentialsEndpoint {
  readonly url: string;
  readonly token: string;
}

/** What a child of `eac exec --serve` needs to reach the server, whatever SDK it uses. */
export interface ServedProfile extends CredentialsEndpoint {
  /** The profile, without credentials of its own, that the child's SDKs select. */
  readonly name: string;
  /** The file that has it; `undefined` if it is the user's own config file. */
  readonly configFile: string | undefined;
  /** A file with the token: object_store supports nothing else. */
  readonly tokenFile: string;
}

/**
 * Every variable from which an SDK or tool takes credentials or a profile, and eac's own secrets.
 * More than aws-vault removes: with a role or a token file, an SDK would assume that role;
 * `AWS_ACCOUNT_ID` makes botocore choose the endpoints of another account.
 */
const REMOVED: ReadonlySet<string> = new Set([
  ...CARRIERS.filter((name) => !/^AWS_.*REGION$/.test(name)),
  ...COMPETITORS,
  "AWS_ACCESS_KEY",
  "AWS_SECRET_KEY",
  "AWS_CREDENTIAL_FILE",
  "AWS_CREDENTIAL_PROFILES_FILE",
  "AWS_SESSION_EXPIRATION",
  "AWS_ACCOUNT_ID",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AMAZON_ACCESS_KEY_ID", // the SDK for Ruby
  "AMAZON_SECRET_ACCESS_KEY",
  "AMAZON_SESSION_TOKEN",
  "EC2_SECURITY_TOKEN",
  "EAC_CALLERS",
  "EAC_MFA_TOKEN",
]);

/**
 * Prefixes of variables that are removed. The names of MFA helpers vary (`AWS_MFA_TOKEN`,
 * `AWS_MFA_SERIAL`); SDKs prefer a bearer token of a service (`AWS_BEARER_TOKEN_BEDROCK`) to keys.
 */
const REMOVED_PREFIXES = ["AWS_MFA_", "AWS_BEARER_TOKEN_"] as const;

/** The names of variables that a child must not inherit, even if eac cannot read their values. */
export function removedVariables(env: Env): readonly string[] {
  return [...REMOVED, ...exportedRegionVariables(env)];
}

/** The environment for `eac exec`: the parent's, with these credentials and no others. */
export function childEnv(
  env: Env,
  credentials: Credentials,
  options: ExportOptions,
): Record<string, string> {
  return {
    ...withoutCredentials(env),
    ...Object.fromEntries(carriersOf(credentials, options)),
    EAC_PROFILE: options.profile,
  };
}

/**
 * The environment for `eac exec --serve`: it has the endpoint of the credentials instead of the
 * credentials.
 *
 * Every SDK reads the selected profile before it requests a container endpoint, so a profile
 * without credentials is selected: otherwise SDKs would use `[default]`. An SDK must not send the
 * request through a proxy, which would see the token.
 */
export function servedChildEnv(
  env: Env,
  served: ServedProfile,
  options: ExportOptions,
): Record<string, string | undefined> {
  return {
    ...withoutCredentials(env),
    ...Object.fromEntries(labelsOf(options)),
    AWS_PROFILE: served.name,
    AWS_CONFIG_FILE: served.configFile ?? env.AWS_CONFIG_FILE,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: served.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: served.token,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: served.tokenFile,
    NO_PROXY: withLoopback(env.NO_PROXY || env.no_proxy),
    no_proxy: withLoopback(env.no_proxy || env.NO_PROXY),
    EAC_PROFILE: options.profile,
  };
}

/** The value of NO_PROXY with loopback added; `*` stands for all hosts. */
function withLoopback(hosts: string | undefined): string {
  const all = (hosts ?? "").split(",").map((host) => host.trim()).filter((host) => host !== "");
  if (all.includes("*")) return all.join(",");
  return [...new Set([...all, "127.0.0.1", "localhost"])].join(",");
}

function withoutCredentials(env: Env): Record<string, string> {
  const regions: readonly string[] = exportedRegionVariables(env);
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => {
      const [name, value] = entry;
      return value !== undefined && !REMOVED.has(name) && !regions.includes(name) &&
        !REMOVED_PREFIXES.some((prefix) => name.startsWith(prefix));
    }),
  );
}
