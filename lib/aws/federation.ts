/**
 * Sign-in to the AWS console with temporary credentials: a sign-in token, and a URL that contains it.
 *
 * "Enable custom identity broker access to the AWS console" in the IAM User Guide.
 * `SessionDuration` is not sent: AWS rejects it for a chained role, and without it the console
 * session lasts as long as the credentials.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Credentials } from "../plan/credentials.ts";
import { isLoopback, partitionIdOf, type StsEndpoint } from "../plan/endpoint.ts";

/** Where to sign in, and the console to open. */
export interface ConsoleSite {
  /** The federation endpoint. */
  readonly federation: string;
  readonly console: string;
  readonly caBundle?: string | undefined;
}

/** The hosts of the partitions that have a public console. */
const SITES: Readonly<Record<string, readonly [signin: string, console: string]>> = {
  aws: ["signin.aws.amazon.com", "console.aws.amazon.com"],
  "aws-cn": ["signin.amazonaws.cn", "console.amazonaws.cn"],
  "aws-us-gov": ["signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"],
  "aws-eusc": ["eusc-de-east-1.signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"],
};

/**
 * The console that belongs to an endpoint of STS: that of its region's partition. An STS on
 * loopback, such as eac's emulator, has its own federation endpoint.
 *
 * @throws {EacError} `config_invalid` for a partition without a public console
 */
export function consoleSite({ region, url, caBundle }: StsEndpoint): ConsoleSite {
  const partition = partitionIdOf(region);
  const site = SITES[partition];
  if (site === undefined) {
    throw new EacError(
      "config_invalid",
      `eac does not know the console of partition ${partition}`,
      {
        hint: "use a --region of another partition",
      },
    );
  }
  const [signin, console] = site;
  const federation = isLoopback(new URL(url))
    ? `${url}/federation`
    : `https://${signin}/federation`;
  return {
    federation,
    console: `https://${console}`,
    caBundle,
  };
}

/** Common names of services whose page has a different name. */
const PAGES: Readonly<Record<string, string>> = {
  cfn: "cloudformation",
  ddb: "dynamodbv2",
  dynamodb: "dynamodbv2",
  logs: "cloudwatch",
  r53: "route53",
  secrets: "secretsmanager",
  sfn: "states",
  sm: "secretsmanager",
  sso: "singlesignon",
  ssm: "systems-manager",
  stepfunctions: "states",
};

/**
 * The URL of a service's page, or of the console's home page.
 *
 * @throws {EacError} `usage` for an invalid service name
 */
export function consolePage(
  { console }: Pick<ConsoleSite, "console">,
  service: string | undefined,
  region: string | undefined,
): string {
  const name = service?.toLowerCase() ?? "console";
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new EacError("usage", `--service ${service} is not a valid service name`, {
      hint: "use the name in the console's URLs, such as ec2, s3 or lambda",
    });
  }
  const where = region === undefined ? "" : `?region=${region}`;
  return `${console}/${Object.hasOwn(PAGES, name) ? PAGES[name] : name}/home${where}`;
}

/**
 * The URL of any page of the console.
 *
 * @param destination a URL of the console or of one of its regions, or a path from `/`
 * @throws {EacError} `usage` for a page of another site
 */
export function consoleDestination(
  { console }: Pick<ConsoleSite, "console">,
  destination: string,
): string {
  const { host } = new URL(console);
  const url = URL.parse(destination, destination.startsWith("/") ? console : undefined);
  if (
    url?.protocol === "https:" && url.username + url.password === "" &&
    (url.host === host || url.host.endsWith(`.${host}`))
  ) {
    return url.href;
  }
  throw new EacError("usage", `--destination ${destination} is not a page of ${host}`, {
    hint: `use a URL that begins with ${console}/, or a path such as /s3/buckets`,
  });
}

/**
 * Exchanges credentials for a URL that signs in anyone who opens it; valid for 15 minutes.
 *
 * @throws {EacError} `access_denied` when AWS does not accept them; `service`, `network`, `timeout`
 */
export async function signInUrl(
  host: Pick<Host, "http">,
  { federation, caBundle }: ConsoleSite,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  destination: string,
): Promise<string> {
  const session = JSON.stringify({
    sessionId: accessKeyId,
    sessionKey: secretAccessKey.reveal(),
    sessionToken: sessionToken?.reveal() ?? "",
  });
  const answer = await host.http({
    method: "GET",
    url: `${federation}?${new URLSearchParams({ Action: "getSigninToken", Session: session })}`,
    headers: { accept: "application/json" },
    timeout: 10_000,
    caBundle,
  });
  const server = new URL(federation).host;
  if (answer.status >= 400 && answer.status < 500) {
    throw new EacError("access_denied", `${server} does not accept these credentials`, {
      hint: "the console accepts only valid credentials of a role: try again with --refresh",
    });
  }
  const token = answer.status === 200 ? tokenOf(answer.body) : undefined;
  if (token === undefined) {
    throw new EacError("service", `${server} returned no sign-in token (HTTP ${answer.status})`, {
      hint: "try again in a moment; check whether a proxy or a sign-in page is in the way",
    });
  }
  const parameters = {
    Action: "login",
    Issuer: "eac",
    Destination: destination,
    SigninToken: token,
  };
  return `${federation}?${new URLSearchParams(parameters)}`;
}

function tokenOf(body: Uint8Array): string | undefined {
  try {
    const { SigninToken } = Object(JSON.parse(new TextDecoder().decode(body)));
    return typeof SigninToken === "string" && SigninToken !== "" ? SigninToken : undefined;
  } catch {
    return undefined;
  }
}
