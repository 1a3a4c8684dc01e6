/**
 * Base credentials by the AWS SDK's own providers: SSO, an EC2 instance's, a container's. Each is
 * bounded in time, and its failures are told in eac's words.
 *
 * What they read beside their arguments, of the process itself: SSO the token under
 * `~/.aws/sso/cache` and, with an sso-session, the config file (`AWS_CONFIG_FILE`), to renew the
 * token; the instance `AWS_EC2_METADATA_SERVICE_ENDPOINT`, `..._ENDPOINT_MODE` and
 * `AWS_EC2_METADATA_V1_DISABLED`, in the environment, then the config file.
 *
 * @module
 */

import { EacError, type ErrorCode } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { type Credentials, isKeyText, Secret, toTimestamp } from "../../plan/credentials.ts";
import { requestHandler } from "../../aws/request_handler.ts";

/** The pieces of the Host that a provider needs. */
export type ProviderHost = Pick<Host, "deadline" | "env" | "http" | "now" | "sleep">;

/** A profile's way through IAM Identity Center. */
export interface SsoSource {
  readonly profile: string;
  readonly startUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly roleName: string;
  readonly session?: string | undefined;
}

/** What else there is to say of a provider's work. */
export interface ProviderOptions {
  readonly log?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds for a provider's whole work, and for one exchange of it. */
const LIMIT = 20_000;
const EXCHANGE = 10_000;

/** The metadata services stand on the machine itself: they answer at once or are not there. */
const METADATA_TIMEOUT = 1000;

/** The credentials of a role in IAM Identity Center, by the token of `aws sso login`. */
export async function ssoCredentials(
  host: ProviderHost,
  source: SsoSource,
  options: ProviderOptions,
): Promise<Credentials> {
  const { fromSSO } = await import("./sdk.ts");
  let failure: unknown;
  const caBundle = host.env.AWS_CA_BUNDLE;
  const handler = requestHandler((request) =>
    host.http({ ...request, timeout: EXCHANGE, ...(caBundle ? { caBundle } : {}) })
      .catch((thrown) => {
        throw failure = thrown;
      })
  );
  const provider = fromSSO({
    profile: source.profile,
    ssoStartUrl: source.startUrl,
    ssoRegion: source.region,
    ssoAccountId: source.accountId,
    ssoRoleName: source.roleName,
    ...(source.session === undefined ? {} : { ssoSession: source.session }),
    clientConfig: {
      requestHandler: { ...handler },
      maxAttempts: 3,
      retryMode: "standard",
      defaultsMode: "standard",
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
      authSchemePreference: [],
      defaultUserAgentProvider: () => Promise.resolve([["eac"]]),
      userAgentAppId: () => Promise.resolve(undefined),
    },
  });
  return await obtain(host, "IAM Identity Center", provider, options, (thrown) => {
    if (failure !== undefined) return failure;
    return ssoFailure(source, textOf(thrown));
  });
}

/** The credentials of the EC2 instance that this is. */
export async function instanceCredentials(
  host: ProviderHost,
  options: ProviderOptions,
): Promise<Credentials> {
  if (host.env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") {
    throw new EacError(
      "missing_credentials",
      "credential_source = Ec2InstanceMetadata, but AWS_EC2_METADATA_DISABLED is true",
      { hint: "unset it, or use another source" },
    );
  }
  const { fromInstanceMetadata } = await import("./sdk.ts");
  const provider = fromInstanceMetadata({
    timeout: METADATA_TIMEOUT,
    maxRetries: 1,
    logger: loggerOf(options),
  });
  return await obtain(
    host,
    "the instance metadata service",
    provider,
    options,
    (thrown) =>
      metadataFailure("the instance metadata service", thrown, {
        hint:
          "is this an EC2 instance with a role? credential_source = Ec2InstanceMetadata needs one",
      }),
  );
}

/** The credentials of the ECS task, or of the EKS pod, that this is. */
export async function containerCredentials(
  host: ProviderHost,
  options: ProviderOptions,
): Promise<Credentials> {
  const { env } = host;
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  const token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  const tokenFile = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  if (!relative && !full) {
    throw new EacError(
      "missing_credentials",
      "credential_source = EcsContainer, but AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and " +
        "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
      { hint: "ECS and EKS set them in a container that has a role" },
    );
  }
  const { fromHttp } = await import("./sdk.ts");
  const once = async () =>
    await fromHttp({
      timeout: METADATA_TIMEOUT,
      maxRetries: 0,
      ...(relative ? { awsContainerCredentialsRelativeUri: relative } : {}),
      ...(full && !relative ? { awsContainerCredentialsFullUri: full } : {}),
      ...(token && !tokenFile ? { awsContainerAuthorizationToken: token } : {}),
      ...(tokenFile ? { awsContainerAuthorizationTokenFile: tokenFile } : {}),
      logger: loggerOf(options),
    })();
  // The agent of EKS is short of breath now and then.
  const provider = () => once().catch(() => host.sleep(500, options.signal).then(once));
  return await obtain(
    host,
    "the container's credential endpoint",
    provider,
    options,
    (thrown) =>
      metadataFailure("the container's credential endpoint", thrown, {
        hint: "check AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI, and the container's role",
      }),
  );
}

/** What the SDK's providers give. */
interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Waits for a provider no longer than its limit, and checks what it gives. */
async function obtain(
  host: ProviderHost,
  what: string,
  provider: () => Promise<Identity>,
  { signal }: ProviderOptions,
  translate: (thrown: unknown) => unknown,
): Promise<Credentials> {
  const deadline = host.deadline(LIMIT);
  const stopped = new Promise<never>((_, reject) => {
    onAbort(deadline, () =>
      reject(
        new EacError("timeout", `${what} returned no credentials within ${LIMIT / 1000} s`, {
          hint: "check the network and the proxy",
        }),
      ));
    onAbort(signal, () => reject(new EacError("interrupted", "interrupted")));
  });
  let identity: Identity;
  try {
    identity = await Promise.race([provider(), stopped]);
  } catch (thrown) {
    throw thrown instanceof EacError ? thrown : translate(thrown);
  }
  return checked(identity, what, host.now());
}

function onAbort(signal: AbortSignal | undefined, act: () => void): void {
  if (signal?.aborted) act();
  else signal?.addEventListener("abort", act, { once: true });
}

function checked(identity: Identity, what: string, now: number): Credentials {
  const { accessKeyId, secretAccessKey, sessionToken } = identity;
  const expiration = identity.expiration?.getTime();
  const given = [accessKeyId, secretAccessKey, sessionToken ?? "-"];
  if (given.some((text) => !text || !isKeyText(text)) || Number.isNaN(expiration)) {
    throw new EacError("service", `${what} returned incomplete credentials`);
  }
  if (expiration !== undefined && expiration <= now) {
    throw new EacError(
      "expired",
      `${what} returned credentials that expired at ${toTimestamp(expiration)}`,
      {
        hint: "check this machine's clock, then try again",
      },
    );
  }
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    ...(sessionToken === undefined ? {} : { sessionToken: new Secret(sessionToken) }),
    expiration,
  };
}

function loggerOf({ log = () => {} }: ProviderOptions) {
  const say = (...parts: unknown[]) => log(parts.map(String).join(" "));
  const hush = () => {};
  return { trace: hush, debug: hush, info: hush, warn: say, error: say };
}

function textOf(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return text.replace(/\p{Cc}+/gu, " ").slice(0, 500);
}

/** What the SDK's words of a failed SSO mean. First match wins. */
const SSO_FAILURES: readonly (readonly [
  text: RegExp,
  code: ErrorCode,
  what: (source: SsoSource) => string,
  hint: string,
])[] = [
  [
    /ForbiddenException/,
    "access_denied",
    ({ accountId, roleName }) =>
      `IAM Identity Center does not grant you the role ${roleName} in account ${accountId}`,
    "check sso_account_id and sso_role_name, or ask for the assignment",
  ],
  [
    /TooManyRequests|Throttl/,
    "throttled",
    () => "IAM Identity Center throttled the request",
    "wait a moment and try again",
  ],
  [
    /UnauthorizedException|expired|not present/,
    "expired",
    ({ profile }) => `the SSO session of profile "${profile}" has expired`,
    "sign in",
  ],
  [
    /session.* is invalid/i,
    "missing_credentials",
    ({ profile }) => `profile "${profile}" is not signed in to SSO`,
    "sign in",
  ],
  [
    /ResourceNotFoundException|InvalidRequestException/,
    "invalid_parameter",
    ({ accountId, roleName }) =>
      `IAM Identity Center has no role ${roleName} in account ${accountId}`,
    "check sso_account_id, sso_role_name and sso_region",
  ],
];

function ssoFailure(source: SsoSource, text: string): EacError {
  const { profile, session } = source;
  const login = `run aws sso login ${
    session ? `--sso-session ${session}` : `--profile ${profile}`
  }`;
  const known = SSO_FAILURES.find(([pattern]) => pattern.test(text));
  if (known === undefined) {
    return new EacError("service", `IAM Identity Center returned no credentials: ${text}`, {
      hint: `try again; if it fails again, ${login}`,
      profile,
    });
  }
  const [, code, what, hint] = known;
  return new EacError(code, what(source), { hint: hint === "sign in" ? login : hint, profile });
}

function metadataFailure(what: string, thrown: unknown, details: { hint: string }): EacError {
  const text = textOf(thrown);
  const { statusCode } = thrown as { statusCode?: number };
  if (statusCode === 404) {
    return new EacError("missing_credentials", `${what} has no role credentials`, details);
  }
  return /timeout|connect|ECONN|EHOST|ENET/i.test(text)
    ? new EacError("network", `${what} does not answer`, details)
    : new EacError("service", `${what} returned no credentials: ${text}`, details);
}
