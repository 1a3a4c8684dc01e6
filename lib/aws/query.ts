/**
 * Sends calls of STS and IAM: the AWS SDK builds and signs them, at the Host's time; the Host sends
 * them; failed calls are retried if that can help and does no harm.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { VERSION } from "../version.ts";
import type { Credentials, Secret } from "../plan/credentials.ts";
import type { Attempt } from "./refusal.ts";
import { isTransient, wasNotSent } from "./refusal_kind.ts";
import { httpRequestOf, type SdkRequest } from "./sdk_request.ts";

/** The parts of the Host that a call uses. */
export type StsHost = Pick<Host, "http" | "now" | "sleep" | "env">;

/** Where the calls go: the result of `stsEndpoint`. */
export interface StsTarget {
  readonly region: string;
  readonly url: string;
  /** If absent, the region. */
  readonly signingRegion?: string | undefined;
  /** A file of PEM certificates to trust in addition to the system's. */
  readonly caBundle?: string | undefined;
}

/** Options of the calls. */
export interface StsOptions {
  /** Logs each call and each retry; never a secret. */
  readonly log?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The other calls of the run, which share its rate limit; if absent, there are none. */
  readonly calls?: RunCalls | undefined;
}

/** The calls of one run, which AWS throttles together. */
export interface RunCalls {
  /** The number of calls that have succeeded. */
  succeeded: number;
}

/** A call without its input. */
export interface StsCallContext {
  readonly attempt: Pick<Attempt, "call"> & Partial<Attempt>;
  /** The credentials that sign it. */
  readonly credentials?: Credentials | undefined;
  /** The MFA code that is sent with it. */
  readonly code?: string | undefined;
  /** The web identity token that is sent with it. */
  readonly token?: Secret | undefined;
  /** True for a call that must not be made twice: it is not retried if AWS may have received it. */
  readonly once?: boolean | undefined;
}

/** The parts of the SDK that make up a call. */
export type Sdk = typeof import("./sts_sdk.ts");

/** A call of the query protocol of STS and IAM, and how to parse its response. */
export interface QueryCall<Output> {
  /** The service in its signature. */
  readonly service: "iam" | "sts";
  /** The form that is sent. */
  form(sdk: Sdk): string;
  /** Parses the body of a response; throws if it is not a response to this call. */
  output(sdk: Sdk, body: Uint8Array): Output;
}

/** Sends a call and returns its output. */
export type StsSender = <Output>(
  context: StsCallContext,
  call: QueryCall<Output>,
) => Promise<Output>;

/** Milliseconds for one exchange, including the connection. */
const TIMEOUT = 10_000;

/** The longest wait between two attempts, in milliseconds, as in the SDKs. */
const LONGEST_WAIT = 20_000;

let isSeeding = false;

/**
 * Seeds Deno's cryptography on another thread while the SDK is loaded. Since Deno 2.7.11 that takes
 * 30 ms of CPU time once per process, and the first TLS handshake would wait for it. It generates
 * an elliptic curve key because AES and HMAC keys are generated on this thread.
 */
function seedCryptography(): void {
  if (isSeeding) return;
  isSeeding = true;
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"])
    .catch(() => {}); // the handshake reports any error
}

/** A sender for one endpoint. */
export function stsSender(host: StsHost, target: StsTarget, options: StsOptions): StsSender {
  const { signal, log = () => {}, calls = { succeeded: 0 } } = options;

  return async (context, call) => {
    const attempts = maxAttempts(host.env);
    if (target.url.startsWith("https:")) seedCryptography();
    const sdk = await import("./sts_sdk.ts");
    let succeeded = calls.succeeded;
    for (let attempt = 1;; attempt++) {
      try {
        const output = await exchange(context, sdk, call);
        calls.succeeded++;
        return output;
      } catch (error) {
        if (signal?.aborted) throw new EacError("interrupted", "interrupted");
        // A run of hundreds of calls throttles itself: while other calls succeed, this one will
        // too.
        if (isThrottled(error) && calls.succeeded > succeeded) attempt = 1;
        succeeded = calls.succeeded;
        if (
          attempt >= attempts ||
          !mayRepeat(error, context.code !== undefined || context.once === true)
        ) throw error;
        const wait = waitAfter(attempt, error);
        log(`${context.attempt.call}: ${error.message}; again in ${wait} ms`);
        await host.sleep(wait, signal);
        if (signal?.aborted) throw new EacError("interrupted", "interrupted");
      }
    }
  };

  /** One attempt. Error responses are parsed here: the SDK's parser accepts only AWS's own. */
  async function exchange<Output>(
    context: StsCallContext,
    sdk: Sdk,
    call: QueryCall<Output>,
  ): Promise<Output> {
    const { call: name, roleArn } = context.attempt;
    log(`${name}${roleArn ? ` ${roleArn}` : ""} at ${target.url}`);
    const request = await signed(call.form(sdk), call.service, context.credentials, sdk);
    const answer = await host.http({
      ...httpRequestOf(request),
      timeout: TIMEOUT,
      caBundle: target.caBundle,
      signal,
    });
    if (answer.status !== 200) {
      const { readRefusal, refused } = await import("./refusal.ts");
      throw refused(readRefusal(answer, secretsOf(context)), attemptOf(context));
    }
    try {
      return call.output(sdk, answer.body);
    } catch (thrown) {
      throw unreadable(target.url, thrown);
    }
  }

  /** The request, signed at the Host's time if there are credentials. */
  async function signed(
    body: string,
    service: string,
    credentials: Credentials | undefined,
    sdk: Sdk,
  ): Promise<SdkRequest> {
    const { protocol, host: name, hostname, port, pathname } = new URL(target.url);
    const unsigned: SdkRequest = {
      method: "POST",
      protocol,
      hostname,
      ...(port === "" ? {} : { port: Number(port) }),
      path: pathname,
      query: {},
      headers: {
        host: name,
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": `eac/${VERSION}`,
      },
      body,
    };
    if (credentials === undefined) return unsigned;
    const signer = new sdk.SignatureV4({
      service,
      region: target.signingRegion ?? target.region,
      credentials: identityOf(credentials),
      sha256: sdk.Sha256WebCrypto,
    });
    const signingDate = new Date(host.now());
    return await signer.sign(unsigned as Parameters<typeof signer.sign>[0], { signingDate });
  }

  function attemptOf({ attempt, credentials, code }: StsCallContext): Attempt {
    return {
      ...attempt,
      server: new URL(target.url).host,
      now: host.now(),
      ...(credentials === undefined ? {} : { accessKeyId: credentials.accessKeyId }),
      temporary: credentials?.sessionToken !== undefined,
      codeSent: code !== undefined,
    };
  }
}

function identityOf({ accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
  };
}

function secretsOf({ credentials, code, token }: StsCallContext): string[] {
  const secrets = [credentials?.secretAccessKey, credentials?.sessionToken, token];
  return [...secrets.flatMap((secret) => secret?.reveal() ?? []), ...(code ? [code] : [])];
}

function unreadable(url: string, cause: unknown): EacError {
  return new EacError("service", `${url} did not answer as STS does`, {
    hint: "check endpoint_url, and whether a proxy or a sign-in page is in the way",
    cause,
  });
}

/** `AWS_MAX_ATTEMPTS`, by default 3 as in the SDKs. */
function maxAttempts(env: StsHost["env"]): number {
  const value = env.AWS_MAX_ATTEMPTS || "3";
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value);
  throw new EacError(
    "config_invalid",
    `AWS_MAX_ATTEMPTS is not a positive number: ${JSON.stringify(value)}`,
    { hint: "set it to 1 or more; 3 is the default" },
  );
}

/**
 * True if sending the same request again can help. A code is sent again only when it cannot have
 * reached AWS: AWS reports a used code as invalid, which would send the user after the wrong cause.
 */
function mayRepeat(error: unknown, codeSent: boolean): error is EacError {
  if (!(error instanceof EacError)) return false;
  switch (error.code) {
    case "throttled":
      return true;
    case "network":
      return codeSent ? wasNotSent(error) : !/certificate|TLS|MiB/.test(error.message);
    case "timeout":
    case "service":
      return !codeSent && (error.code === "timeout" || isTransient(error));
    default:
      return false;
  }
}

function isThrottled(error: unknown): boolean {
  return error instanceof EacError && error.code === "throttled";
}

/**
 * The delay doubles each time, and up to half of it is random, so that many clients do not retry at
 * once.
 */
function waitAfter(attempt: number, error: EacError): number {
  const first = error.code === "throttled" ? 1000 : 200;
  const wait = Math.min(LONGEST_WAIT, first * 2 ** (attempt - 1));
  return Math.round(wait * (0.5 + Math.random() / 2));
}
