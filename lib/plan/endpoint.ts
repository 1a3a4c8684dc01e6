/**
 * Resolves the endpoint of STS: its region and URL, by the rules that the AWS SDKs share. Pure.
 *
 * The order of the endpoint's sources is that of
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html, the hosts are those of
 * the SDKs' endpoint rules for STS; `tests/plan/endpoint_test.ts` has botocore's results for the
 * same input.
 *
 * @module
 */

import type { Profile } from "../config/profile.ts";
import { EacError } from "../errors.ts";
import {
  about,
  checkedRegion,
  configuredRegion,
  type ConfiguredUrl,
  configuredUrl,
  type EndpointInput,
  type Env,
  flag,
} from "./region.ts";

/** Where to send a call to STS, and how to sign it. */
export interface StsEndpoint {
  readonly region: string;
  readonly url: string;
  readonly signingRegion: string;
  /** True for plain HTTP beyond this machine: the session token would not be encrypted. */
  readonly insecure: boolean;
  /** `AWS_CA_BUNDLE`, else the profile's `ca_bundle`. */
  readonly caBundle?: string | undefined;
}

/** Where to send a request that is not signed. */
export type ServiceEndpoint = Pick<StsEndpoint, "url" | "caBundle" | "insecure">;

interface Partition {
  readonly id: string;
  readonly regions: RegExp;
  readonly suffix: string;
  readonly dualStackSuffix: string;
  /** Where a call goes when no region is configured. */
  readonly home: string;
}

/**
 * AWS's partitions, as in the SDKs' `partitions.json`; `aws` is last and matches all other regions.
 */
const PARTITIONS: readonly Partition[] = [
  partition("aws-us-gov", /^us-gov-/, "amazonaws.com", "api.aws", "us-gov-west-1"),
  partition(
    "aws-cn",
    /^cn-/,
    "amazonaws.com.cn",
    "api.amazonwebservices.com.cn",
    "cn-north-1",
  ),
  partition(
    "aws-eusc",
    /^eusc-/,
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "eusc-de-east-1",
  ),
  partition("aws-iso", /^us-iso-/, "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"),
  partition("aws-iso-b", /^us-isob-/, "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"),
  partition("aws-iso-e", /^eu-isoe-/, "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"),
  partition("aws-iso-f", /^us-isof-/, "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"),
  partition("aws", /^/, "amazonaws.com", "api.aws", "us-east-1"),
];

function partition(
  id: string,
  regions: RegExp,
  suffix: string,
  dualStackSuffix: string,
  home: string,
): Partition {
  return { id, regions, suffix, dualStackSuffix, home };
}

/** The regions that `sts_regional_endpoints = legacy` sends to sts.amazonaws.com. */
const LEGACY_REGIONS: ReadonlySet<string> = new Set([
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
]);

const GLOBAL = { url: "https://sts.amazonaws.com", signingRegion: "us-east-1" };

/**
 * The endpoint of STS for a profile.
 *
 * @throws {EacError} `config_invalid` (`usage` for the flag) for an invalid region or URL
 */
export function stsEndpoint(input: EndpointInput): StsEndpoint {
  const { profile, env } = input;
  const caBundle = env.AWS_CA_BUNDLE || profile.values.ca_bundle;
  const configured = withoutFips(configuredRegion(input));
  const region = configured === undefined || configured.endsWith("-global")
    ? homeOf(configured?.replace(/-global$/, "") ?? input.partition)
    : configured;
  const custom = configuredUrl(input, "sts");
  const address = custom === undefined
    ? { insecure: false, ...awsAddress(input, region, configured) }
    : { ...checkedUrl(custom), signingRegion: region };
  return { region, ...address, ...(caBundle ? { caBundle } : {}) };
}

/**
 * The endpoint of IAM for a profile: one for each partition, whatever the region.
 *
 * @throws {EacError} what {@linkcode stsEndpoint} throws
 */
export function iamEndpoint(input: EndpointInput): StsEndpoint {
  const { region, caBundle } = stsEndpoint(input);
  const { id, suffix, home } = partitionOf(region);
  const configured = configuredUrl(input, "iam");
  const custom = configured && checkedUrl(configured);
  // The hosts of GovCloud and of the aws partition do not follow the pattern of the others.
  const host = id === "aws" ? "iam" : id === "aws-us-gov" ? "iam.us-gov" : `iam.${home}`;
  return {
    region: home,
    signingRegion: home,
    ...(custom ?? { url: `https://${host}.${suffix}`, insecure: false }),
    caBundle,
  };
}

/** The hosts of IAM Identity Center: its portal, which issues credentials, and its OIDC service. */
const IDENTITY_CENTER_HOSTS = { sso: "portal.sso", sso_oidc: "oidc" };

/**
 * An endpoint of IAM Identity Center: `AWS_ENDPOINT_URL_SSO`, `AWS_ENDPOINT_URL_SSO_OIDC` or any
 * other setting of a service's URL, else AWS's own in the region of the SSO session.
 *
 * @throws {EacError} `config_invalid` for an invalid region or URL
 */
export function identityCenterEndpoint(
  input: EndpointInput,
  service: "sso" | "sso_oidc",
  ssoRegion: string,
): ServiceEndpoint {
  const { profile, env } = input;
  const caBundle = env.AWS_CA_BUNDLE || profile.values.ca_bundle || undefined;
  const custom = configuredUrl(input, service);
  if (custom !== undefined) return { ...checkedUrl(custom), caBundle };
  const region = checkedRegion(ssoRegion, "sso_region");
  const { id, suffix, dualStackSuffix } = partitionOf(region);
  const dualStack = flag(profile, env, "use_dualstack_endpoint");
  const fips = flag(profile, env, "use_fips_endpoint") && !(id === "aws-us-gov" && !dualStack);
  const host = `${IDENTITY_CENTER_HOSTS[service]}${fips ? "-fips" : ""}`;
  return {
    url: `https://${host}.${region}.${dualStack ? dualStackSuffix : suffix}`,
    insecure: false,
    caBundle,
  };
}

/** The hosts of AWS Sign-In that do not follow the pattern, by partition, as in the SDKs' endpoint rules. */
const SIGN_IN_HOSTS: Readonly<Record<string, string>> = {
  aws: "signin.aws.amazon.com",
  "aws-cn": "signin.amazonaws.cn",
  "aws-us-gov": "signin.amazonaws-us-gov.com",
  "aws-eusc": "signin.amazonaws-eusc.eu",
  "aws-iso": "signin.c2shome.ic.gov",
  "aws-iso-b": "signin.sc2shome.sgov.gov",
  "aws-iso-e": "signin.csphome.adc-e.uk",
  "aws-iso-f": "signin.csphome.hci.ic.gov",
};

/**
 * The endpoint of AWS Sign-In, which renews the sessions of `aws login`: `AWS_ENDPOINT_URL_SIGNIN`
 * or any other setting of a service's URL, else AWS's own.
 *
 * @param signedInAt the region in which the user signed in; the profile's if unknown
 * @throws {EacError} `config_invalid` for an invalid region or URL
 */
export function signInEndpoint(
  input: EndpointInput,
  signedInAt: string | undefined,
): ServiceEndpoint {
  const { profile, env } = input;
  const caBundle = env.AWS_CA_BUNDLE || profile.values.ca_bundle || undefined;
  const custom = configuredUrl(input, "signin");
  if (custom !== undefined) return { ...checkedUrl(custom), caBundle };
  const region = signedInAt === undefined
    ? stsEndpoint(input).region
    : checkedRegion(signedInAt, "signInRegion");
  const { id, suffix, dualStackSuffix } = partitionOf(region);
  const dualStack = flag(profile, env, "use_dualstack_endpoint");
  const fips = flag(profile, env, "use_fips_endpoint");
  if (fips && !dualStack && id === "aws-us-gov") {
    const prefix = region === "us-gov-west-1" ? "" : `${region}.`;
    return { url: `https://${prefix}signin-fips.amazonaws-us-gov.com`, insecure: false, caBundle };
  }
  const host = fips || dualStack
    ? `${fips ? "signin-fips" : "signin"}.${region}.${dualStack ? dualStackSuffix : suffix}`
    : `${region}.${SIGN_IN_HOSTS[id]}`;
  return { url: `https://${host}`, insecure: false, caBundle };
}

/** True for a pseudo-region such as `fips-us-east-1`, which means the FIPS endpoint of the region. */
function isFipsRegion(region: string | undefined): boolean {
  return region !== undefined && /^fips-|-fips$/.test(region);
}

/** The region of a pseudo-region, as in the AWS CLI and the SDK for JavaScript. */
function withoutFips(region: string | undefined): string | undefined {
  if (region === undefined || !isFipsRegion(region)) return region;
  if (region === "aws-fips") return "aws-global";
  return region.replace(/^fips-(dkr-|prod-)?/, "").replace(/-fips$/, "");
}

/** The partition that a region belongs to, by its id: `aws-cn`. */
export function partitionIdOf(region: string): string {
  return partitionOf(region).id;
}

function partitionOf(region: string): Partition {
  return PARTITIONS.find((one) => one.regions.test(region))!;
}

function homeOf(id: string | undefined): string {
  return PARTITIONS.find((one) => one.id === id)?.home ?? "us-east-1";
}

/** AWS's own endpoint: regional, unless no region is configured or `legacy` is set. */
function awsAddress(
  input: EndpointInput,
  region: string,
  configured: string | undefined,
): { url: string; signingRegion: string } {
  const { profile, env } = input;
  const fips = flag(profile, env, "use_fips_endpoint") || isFipsRegion(configuredRegion(input));
  const dualStack = flag(profile, env, "use_dualstack_endpoint");
  const legacy = regionalEndpoints(profile, env) === "legacy";
  if (!fips && !dualStack) {
    const nowhere = configured === undefined || configured === "aws-global";
    if (nowhere && region === "us-east-1") return GLOBAL;
    if (legacy && LEGACY_REGIONS.has(region)) return GLOBAL;
  }
  const { id, suffix, dualStackSuffix } = partitionOf(region);
  // GovCloud's normal hosts are its FIPS hosts, except for dual stack.
  const host = fips && !(id === "aws-us-gov" && !dualStack) ? "sts-fips" : "sts";
  return {
    url: `https://${host}.${region}.${dualStack ? dualStackSuffix : suffix}`,
    signingRegion: region,
  };
}

function regionalEndpoints(profile: Profile, env: Env): "legacy" | "regional" {
  const fromEnv = env.AWS_STS_REGIONAL_ENDPOINTS;
  const value = fromEnv || profile.values.sts_regional_endpoints || "regional";
  const mode = value.toLowerCase();
  if (mode === "legacy" || mode === "regional") return mode;
  throw new EacError(
    "config_invalid",
    `${fromEnv ? "AWS_STS_REGIONAL_ENDPOINTS" : "sts_regional_endpoints"} is neither ` +
      `legacy nor regional: ${JSON.stringify(value)}`,
    { hint: "remove it to use regional", ...about(fromEnv ? undefined : profile, KEY_REGIONAL) },
  );
}

const KEY_REGIONAL = "sts_regional_endpoints";

/** The URL if it is a valid endpoint URL. */
function checkedUrl(
  { url: value, name, ...details }: ConfiguredUrl,
): { url: string; insecure: boolean } {
  const url = URL.parse(value);
  const extra = url !== null && (url.username + url.password + url.search + url.hash) !== "";
  if (url === null || extra || /\s/.test(value) || !/^https?:\/\//i.test(value)) {
    throw new EacError("config_invalid", `${name} is not a valid endpoint URL`, {
      hint:
        "an endpoint URL looks like https://sts.eu-west-1.amazonaws.com, without a user, ? or #",
      ...details,
    });
  }
  return {
    url: url.href.replace(/\/+$/, ""),
    insecure: url.protocol === "http:" && !isLoopback(url),
  };
}

/** True for a loopback host. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
