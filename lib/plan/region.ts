/**
 * Reads the configured region and endpoint URL. Pure.
 *
 * The order of the sources is that of
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html.
 *
 * @module
 */

import { sourcesOf } from "../config/chain.ts";
import { placeOf, type Profile } from "../config/profile.ts";
import type { Lookup } from "../config/section.ts";
import { parseNested } from "../config/shared_config.ts";
import { EacError, type Place } from "../errors.ts";

/** The environment variables that this file reads. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What the endpoint depends on. */
export interface EndpointInput {
  /** The requested profile, not its source. */
  readonly profile: Profile;
  /** The `[services NAME]` sections. */
  readonly services: ReadonlyMap<string, Lookup>;
  readonly env: Env;
  /** `--region`. */
  readonly region?: string | undefined;
  /** The partition of the role's ARN (`aws-cn`): it chooses the region if none is configured. */
  readonly partition?: string | undefined;
}

/** A region, and where it is configured. */
export interface ConfiguredRegion {
  readonly value: string;
  readonly from: "option" | "environment" | "profile";
  /** `--region`, the name of the variable, or the name of the profile. */
  readonly name: string;
}

/** The variables that set the region; each AWS SDK reads one or the other. */
const REGION_VARIABLES = ["AWS_REGION", "AWS_DEFAULT_REGION"] as const;

/**
 * The configured region, and where it comes from: `--region`, `AWS_REGION`, `AWS_DEFAULT_REGION`, the
 * profile's `region`, else that of its nearest source, as in the SDK for Rust; `undefined` without any.
 *
 * A variable that eac itself exported for the previous profile does not count ({@linkcode
 * exportedRegion}).
 *
 * @throws {EacError} `usage` or `config_invalid` for an invalid region name
 */
export function findRegion(
  { profile, env, region }: Pick<EndpointInput, "profile" | "env" | "region">,
): ConfiguredRegion | undefined {
  if (region !== undefined) {
    return { value: checkedRegion(region, "--region"), from: "option", name: "--region" };
  }
  for (const name of REGION_VARIABLES) {
    const value = env[name];
    if (value && value !== exportedRegion(env)) {
      return { value: checkedRegion(value, name), from: "environment", name };
    }
  }
  for (const { name, values: { region }, places } of withSources(profile)) {
    if (!region) continue;
    return { value: checkedRegion(region, "region", { name, places }), from: "profile", name };
  }
  return undefined;
}

/** The value of {@linkcode findRegion}. */
export function configuredRegion(
  input: Pick<EndpointInput, "profile" | "env" | "region">,
): string | undefined {
  return findRegion(input)?.value;
}

/**
 * The region that `eac env` or `eac exec` exported for its profile, from `EAC_REGION`. The same
 * value in `AWS_REGION` does not apply to the next profile.
 */
export function exportedRegion(env: Env): string | undefined {
  return env.EAC_REGION || undefined;
}

/**
 * The region that eac exported along with credentials that are still in the environment. It applies to
 * those credentials, as in every SDK; `undefined` if the variables no longer have it.
 */
export function regionOfEnvironment(env: Env): string | undefined {
  const exported = exportedRegion(env);
  return REGION_VARIABLES.some((name) => env[name] === exported) ? exported : undefined;
}

/** The profile, then its sources, nearest first; a broken chain ends early. */
function* withSources(profile: Profile): Iterable<Profile> {
  yield profile;
  try {
    yield* sourcesOf(profile);
  } catch {
    // The plan reports the error of the chain.
  }
}

/** True for a host label: it becomes part of a host name, and anything else could send calls elsewhere. */
export function isRegion(value: string): boolean {
  return /^(?!-)(?!\d+$)[a-zA-Z0-9-]{1,63}(?<!-)$/.test(value);
}

/**
 * Checks a region with {@linkcode isRegion}.
 *
 * @throws {EacError} `usage` or `config_invalid`
 */
export function checkedRegion(
  value: string,
  name: string,
  profile?: Pick<Profile, "name" | "places">,
): string {
  if (isRegion(value)) return value;
  throw new EacError(
    name === "--region" ? "usage" : "config_invalid",
    `${name} ${JSON.stringify(value)} is not a valid region`,
    { hint: "a region looks like eu-west-1", ...about(profile, "region") },
  );
}

/** The {@linkcode issuerOf} of all AWS endpoints. */
export const AWS = "aws";

/**
 * The issuer of credentials, which is part of a cache key: {@linkcode AWS} for all of AWS's own endpoints,
 * because credentials from one region's STS work in every other, and the URL for a configured endpoint.
 *
 * @throws {EacError} `config_invalid` for a section that does not exist
 */
export function issuerOf(input: Pick<EndpointInput, "profile" | "services" | "env">): string {
  return configuredUrl(input, "sts")?.url.replace(/\/+$/, "") ?? AWS;
}

/** A configured endpoint URL. */
export interface ConfiguredUrl {
  readonly url: string;
  /** The variable or key that sets it. */
  readonly name: string;
  readonly place?: Place | undefined;
  readonly profile?: string | undefined;
}

/**
 * The configured endpoint: service before general, environment before profile. endpoint.ts
 * validates it.
 */
export function configuredUrl(
  { profile, services, env }: Pick<EndpointInput, "profile" | "services" | "env">,
  service: "sts" | "iam" | "sso" | "sso_oidc" | "signin",
): ConfiguredUrl | undefined {
  if (flag(profile, env, "ignore_configured_endpoint_urls")) return undefined;
  for (const name of [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, "AWS_ENDPOINT_URL"]) {
    if (env[name]) return { url: env[name], name };
  }
  const section = profile.values.services;
  if (section) {
    const nested = servicesOf(profile, services, section).get(service);
    const url = parseNested(nested?.value ?? "").endpoint_url;
    if (url) {
      const place = nested?.place === undefined ? {} : { place: nested.place };
      return { url, name: `endpoint_url of ${service} in [services ${section}]`, ...place };
    }
  }
  const { endpoint_url } = profile.values;
  return endpoint_url
    ? { url: endpoint_url, name: "endpoint_url", ...about(profile, "endpoint_url") }
    : undefined;
}

function servicesOf(
  profile: Profile,
  services: ReadonlyMap<string, Lookup>,
  name: string,
): Lookup {
  const found = services.get(name);
  if (found !== undefined) return found;
  throw new EacError(
    "config_invalid",
    `profile "${profile.name}" names services "${name}", which does not exist`,
    { hint: `add a section [services ${name}] to the config file`, ...about(profile, "services") },
  );
}

/**
 * A boolean setting of the environment (`AWS_` + its name), else of the profile; false by default.
 */
export function flag(profile: Profile, env: Env, key: string): boolean {
  const variable = `AWS_${key.toUpperCase()}`;
  const value = env[variable] || profile.values[key];
  if (!value) return false;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  const fromEnv = Boolean(env[variable]);
  throw new EacError(
    "config_invalid",
    `${fromEnv ? variable : key} is not true or false: ${JSON.stringify(value)}`,
    { hint: "use true or false", ...about(fromEnv ? undefined : profile, key) },
  );
}

/** The place of a key, for an error. */
export function about(
  profile: Pick<Profile, "name" | "places"> | undefined,
  key: string,
): { place?: Place; profile?: string } {
  return profile === undefined ? {} : { profile: profile.name, ...placeOf(profile, key) };
}
