/**
 * The credentials of the machine: an EC2 instance's role, from the instance metadata service
 * (IMDS), and a container's, from the endpoint of ECS or of EKS Pod Identity.
 *
 * Protocols: "Retrieve security credentials from instance metadata" in the EC2 User Guide; "Container
 * credential provider" and "IMDS credential provider" in the AWS SDKs and Tools Reference Guide.
 *
 * @module
 */

import { EacError } from "../../errors.ts";
import type { Host, HttpAnswer } from "../../host/host.ts";
import { type Credentials, parseTimestamp } from "../../plan/credentials.ts";
import type { EndpointInput } from "../../plan/region.ts";
import {
  checkedCredentials,
  type ExchangeHost,
  type ExchangeOptions,
  jsonObject,
  refusalText,
  type Send,
  withinLimit,
} from "./exchange.ts";

/** The parts of the Host that metadata needs. */
export type MetadataHost = ExchangeHost & Pick<Host, "env" | "readFile">;

/** The name of a source in errors, and the hint if it does not work. */
interface Source {
  readonly name: string;
  readonly hint: string;
}

const INSTANCE: Source = {
  name: "the instance metadata service",
  hint: "is this an EC2 instance with a role? If not, name other credentials: source_profile in " +
    "the profile, or --source PROFILE for the ARN of a role",
};

const CONTAINER: Source = {
  name: "the container's credential endpoint",
  hint: "check AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI, and the container's role",
};

/** The addresses of IMDS, by the endpoint mode. */
const IMDS = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" };

const ROLES = "/latest/meta-data/iam/security-credentials/";

/** The duration of an IMDS token in seconds: the maximum. */
const TOKEN_LIFETIME = "21600";

/** Statuses of an IMDS without version 2 for a token request. */
const NO_TOKENS: readonly number[] = [403, 404, 405];

/**
 * The credentials of the EC2 instance's role, from IMDSv2; from IMDSv1 if the service does not
 * support or does not answer version 2, unless IMDSv1 is disabled.
 *
 * @param profile whose keys configure IMDS; the environment takes precedence
 * @throws {EacError} `missing_credentials`, `network`, `service`, `expired`, `timeout`, `config_invalid`
 */
export async function instanceCredentials(
  host: MetadataHost,
  profile: EndpointInput["profile"],
  options: ExchangeOptions,
): Promise<Credentials> {
  const { env } = host;
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") {
    throw new EacError(
      "missing_credentials",
      "credential_source = Ec2InstanceMetadata, but AWS_EC2_METADATA_DISABLED is true",
      { hint: "unset it, or use another source" },
    );
  }
  const setting = (variable: string, key: string) => env[variable] || profile.values[key];
  const endpoint = imdsEndpoint(setting);
  const timeout = 1000 *
    positive(setting, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1);
  const attempts = positive(
    setting,
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    "metadata_service_num_attempts",
    2,
  );
  const version1 = setting("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")
    ?.toLowerCase() !== "true";

  return await withinLimit(host, INSTANCE.name, options, async (send) => {
    const token = await imdsToken();
    const get = async (path: string) => {
      const headers: Record<string, string> = token === undefined
        ? {}
        : { "x-aws-ec2-metadata-token": token };
      const answer = await ask(
        INSTANCE,
        () => send({ method: "GET", url: endpoint + path, headers, timeout }, { attempts }),
      );
      if (answer.status === 200) return answer;
      throw refused(INSTANCE, answer, token);
    };
    const [role] = textOf(await get(ROLES)).split(/\r?\n/);
    if (!role) throw noRole(INSTANCE);
    return readCredentials(INSTANCE, await get(ROLES + encodeURIComponent(role)), host.now());

    /** A token of version 2; `undefined` for version 1. */
    async function imdsToken(): Promise<string | undefined> {
      const headers = { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_LIFETIME };
      const request = { method: "PUT", url: `${endpoint}/latest/api/token`, headers, timeout };
      let answer: HttpAnswer;
      try {
        // An instance may drop the token's response to a container: this shows only as a timeout.
        answer = await send(request, { attempts, retryTimeout: !version1 });
      } catch (thrown) {
        if (version1 && thrown instanceof EacError && thrown.code === "timeout") return undefined;
        throw failed(INSTANCE, thrown);
      }
      if (answer.status === 200) {
        const token = textOf(answer);
        if (/^[!-~]+$/.test(token)) return token;
        throw new EacError("service", `${INSTANCE.name} returned an invalid token`, INSTANCE);
      }
      if (version1 && NO_TOKENS.includes(answer.status)) return undefined;
      throw refused(INSTANCE, answer, undefined);
    }
  });
}

/** The configured endpoint of IMDS, else the one of the endpoint mode. */
function imdsEndpoint(setting: (variable: string, key: string) => string | undefined): string {
  const name = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  const configured = setting(name, "ec2_metadata_service_endpoint");
  if (configured) {
    const url = URL.parse(configured);
    if (url !== null && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, "");
    throw new EacError("config_invalid", `${name} is not a valid URL`, {
      hint: `an endpoint looks like ${IMDS.ipv4} or ${IMDS.ipv6}`,
    });
  }
  const mode = setting(
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "ec2_metadata_service_endpoint_mode",
  )?.toLowerCase();
  if (mode === undefined || mode === "ipv4" || mode === "ipv6") return IMDS[mode ?? "ipv4"];
  throw new EacError("config_invalid", `${name}_MODE is neither IPv4 nor IPv6`, {
    hint: "remove it to use IPv4",
  });
}

function positive(
  setting: (variable: string, key: string) => string | undefined,
  variable: string,
  key: string,
  usual: number,
): number {
  const value = setting(variable, key);
  if (!value) return usual;
  if (/^\d{1,3}(\.\d+)?$/.test(value) && Number(value) > 0) return Number(value);
  throw new EacError(
    "config_invalid",
    `${variable} or ${key} is not a positive number: ${JSON.stringify(value)}`,
    { hint: `remove it to use ${usual}` },
  );
}

/** The base URL for a relative URI of ECS. */
const ECS = "http://169.254.170.2";

/** Hosts of the container endpoints that may be called over plain HTTP, in addition to this machine. */
const PLAIN_HTTP: readonly string[] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

/** Milliseconds for one request, and the number of attempts, as in botocore. */
const CONTAINER_TIMEOUT = 2000;
const CONTAINER_ATTEMPTS = 3;

/**
 * The credentials of the ECS task or of the EKS pod.
 *
 * @throws {EacError} `missing_credentials`, `network`, `service`, `expired`, `timeout`, `config_invalid`
 */
export async function containerCredentials(
  host: MetadataHost,
  options: ExchangeOptions,
): Promise<Credentials> {
  const url = containerUrl(host.env);
  const token = authorization(host);
  const headers: Record<string, string> = {
    accept: "application/json",
    ...(token === undefined ? {} : { authorization: token }),
  };
  return await withinLimit(host, CONTAINER.name, options, async (send: Send) => {
    const answer = await ask(CONTAINER, () =>
      send(
        { method: "GET", url, headers, timeout: CONTAINER_TIMEOUT },
        { attempts: CONTAINER_ATTEMPTS },
      ));
    if (answer.status !== 200) throw refused(CONTAINER, answer, token);
    return readCredentials(CONTAINER, answer, host.now());
  });
}

function containerUrl(env: Host["env"]): string {
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (!relative && !full) {
    throw new EacError(
      "missing_credentials",
      "credential_source = EcsContainer, but AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and " +
        "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
      { hint: "ECS and EKS set them in a container that has a role" },
    );
  }
  if (relative) {
    if (relative.startsWith("/")) return ECS + relative;
    throw new EacError(
      "config_invalid",
      `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with /: ${JSON.stringify(relative)}`,
      { hint: "ECS sets it: unset it elsewhere" },
    );
  }
  const url = URL.parse(full ?? "");
  const isLoopback = url !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const isPlain = url?.protocol === "http:" && (isLoopback || PLAIN_HTTP.includes(url.hostname));
  if (url?.protocol === "https:" || isPlain) return url!.href;
  throw new EacError(
    "config_invalid",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI is not accepted: it is neither an https URL nor an http URL " +
      "of this machine, ECS or EKS",
    { hint: `use https, or one of localhost, ${PLAIN_HTTP.join(", ")}` },
  );
}

/** The token of the request: the file is read each time, since EKS renews it. */
function authorization({ env, readFile }: Pick<Host, "env" | "readFile">): string | undefined {
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const name = `AWS_CONTAINER_AUTHORIZATION_TOKEN${file ? "_FILE" : ""}`;
  const text = file ? fileText(file) : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  const token = text?.trim();
  if (!file && !token) return undefined;
  if (token && /^[ -~]+$/.test(token)) return token;
  throw new EacError(
    token ? "config_invalid" : "missing_credentials",
    `${name} ${token ? "contains a line break or another invalid character" : "names no token"}` +
      (file ? `: ${file}` : ""),
    { hint: "EKS and ECS set it: unset it elsewhere" },
  );

  function fileText(path: string): string {
    return new TextDecoder().decode(readFile(path));
  }
}

/** Sends a request; an error names the source. */
async function ask(source: Source, send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await send();
  } catch (thrown) {
    throw failed(source, thrown);
  }
}

/**
 * The error of a failed exchange, with its purpose: usually there is no such service on this
 * machine.
 */
function failed({ name, hint }: Source, thrown: unknown): unknown {
  if (!(thrown instanceof EacError) || !["network", "timeout"].includes(thrown.code)) return thrown;
  const { code, message } = thrown;
  return new EacError(code, `${name} returned no credentials: ${message}`, { hint, cause: thrown });
}

function noRole({ name, hint }: Source): EacError {
  return new EacError("missing_credentials", `${name} has no role credentials`, { hint });
}

function refused(source: Source, answer: HttpAnswer, secret: string | undefined): EacError {
  if (answer.status === 404) return noRole(source);
  const text = refusalText(answer, secret === undefined ? [] : [secret]);
  const { name, hint } = source;
  return new EacError("service", `${name} returned no credentials: ${text}`, { hint });
}

function readCredentials(source: Source, answer: HttpAnswer, now: number): Credentials {
  const { name, hint } = source;
  const object = jsonObject(answer);
  if (object === undefined) {
    throw new EacError("service", `${name} returned no credentials: not a JSON object`, { hint });
  }
  const { Code, AccessKeyId, SecretAccessKey, Token, Expiration, AccountId } = object;
  // IMDS reports a failure with status 200.
  if (typeof Code === "string" && Code !== "Success") throw refused(source, answer, undefined);
  return checkedCredentials(name, {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiration: Expiration === undefined ? undefined : parseTimestamp(String(Expiration)) ?? NaN,
    accountId: AccountId,
  }, now);
}

function textOf({ body }: HttpAnswer): string {
  return new TextDecoder().decode(body).trim();
}
