/**
 * How a call of STS goes out: through the AWS SDK's client, signed by the Host's clock, sent by the
 * Host, and repeated where that can help and does no harm.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host, HttpAnswer } from "../host.ts";
import type { Credentials, Secret } from "./credentials.ts";
import { type Attempt, isPassing, readRefusal, refused } from "./refusal.ts";
import { requestHandler, type SdkRequestHandler } from "./request_handler.ts";

/** The pieces of the Host that a call needs. */
export type StsHost = Pick<Host, "http" | "now" | "sleep" | "env">;

/** Where the calls go: what `stsEndpoint` gives. */
export interface StsTarget {
  readonly region: string;
  readonly url: string;
  /** Absent: the region. */
  readonly signingRegion?: string;
  /** A file of PEM certificates to trust beside the system's. */
  readonly caBundle?: string;
}

/** What else there is to say of the calls. */
export interface StsOptions {
  /** Told what is sent and how it fares; never a secret. */
  readonly log?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** A call, beside its input. */
export interface StsCallContext {
  readonly attempt: Pick<Attempt, "call"> & Partial<Attempt>;
  /** What signs it. */
  readonly credentials?: Credentials;
  /** The MFA code that goes with it. */
  readonly code?: string | undefined;
  /** The web identity token that goes with it. */
  readonly token?: Secret;
  /** True for a call that must not be made twice: it is not repeated once AWS may have seen it. */
  readonly once?: boolean;
}

type Sdk = typeof import("./sts_sdk.ts");
type Client = InstanceType<Sdk["STSClient"]>;

/** Sends one command to STS and gives its output. */
export type StsSender = <Output>(
  context: StsCallContext,
  send: (sdk: Sdk, client: Client) => Promise<Output>,
) => Promise<Output>;

/** Milliseconds for one exchange, connecting included. */
const TIMEOUT = 10_000;

/** The longest wait between two attempts, in milliseconds: that of the SDKs. */
const LONGEST_WAIT = 20_000;

/** A sender for one endpoint. */
export function stsSender(host: StsHost, target: StsTarget, options: StsOptions): StsSender {
  const { signal, log = () => {} } = options;

  return async (context, send) => {
    const attempts = maxAttempts(host.env);
    const sdk = await import("./sts_sdk.ts");
    for (let attempt = 1;; attempt++) {
      try {
        return await exchange(context, sdk, send);
      } catch (error) {
        if (signal?.aborted) throw new EacError("interrupted", "interrupted");
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

  /** One attempt. Refusals are read from the answer itself: the SDK's parser knows only AWS's own. */
  async function exchange<Output>(
    context: StsCallContext,
    sdk: Sdk,
    send: (sdk: Sdk, client: Client) => Promise<Output>,
  ): Promise<Output> {
    const { call, roleArn } = context.attempt;
    log(`${call}${roleArn ? ` ${roleArn}` : ""} at ${target.url}`);
    let answer: HttpAnswer | undefined;
    let failure: unknown;
    const handler = requestHandler(async (request) => {
      answer = await host.http({
        ...request,
        timeout: TIMEOUT,
        ...(target.caBundle === undefined ? {} : { caBundle: target.caBundle }),
        ...(signal === undefined ? {} : { signal }),
      }).catch((thrown) => {
        throw failure = thrown;
      });
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
      return answer;
    });
    try {
      return await send(sdk, clientOf(sdk, context.credentials, handler));
    } catch (thrown) {
      if (failure !== undefined) throw failure;
      if (answer === undefined) throw thrown;
      if (answer.status === 200) throw unreadable(target.url, thrown);
      throw refused(readRefusal(answer, secretsOf(context)), attemptOf(context));
    }
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

  /** A client for one attempt, told everything, so that it looks at no file and no environment. */
  function clientOf(
    sdk: Sdk,
    credentials: Credentials | undefined,
    handler: SdkRequestHandler,
  ): Client {
    const client = new sdk.STSClient({
      region: target.signingRegion ?? target.region,
      endpoint: target.url,
      requestHandler: { ...handler },
      maxAttempts: 1,
      retryMode: "standard",
      defaultsMode: "standard",
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
      disableClockSkewCorrection: true,
      authSchemePreference: ["sigv4"],
      sigv4aSigningRegionSet: [target.region],
      defaultUserAgentProvider: () => Promise.resolve([["eac"]]),
      userAgentAppId: () => Promise.resolve(undefined),
      ...(credentials === undefined ? {} : { credentials: identityOf(credentials) }),
    });
    // It would look for a trace id of AWS Lambda in the environment.
    client.middlewareStack.remove("recursionDetectionMiddleware");
    // The Host's clock signs, and no other: the SDK would correct a wrong one in silence.
    const { signer } = client.config;
    client.config.signer = async (scheme) => {
      const own = await signer(scheme) as Signer;
      const sign: Signer["sign"] = (request, how) =>
        own.sign(request, { ...how, signingDate: new Date(host.now()) });
      return { sign } as Awaited<ReturnType<typeof signer>>;
    };
    return client;
  }
}

interface Signer {
  sign(request: unknown, how: { readonly signingDate?: Date }): Promise<unknown>;
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
  return new EacError("service", `${url} answered, but not as STS does`, {
    hint: "check endpoint_url and whether a proxy or a sign-in page stands between",
    cause,
  });
}

/** `AWS_MAX_ATTEMPTS`, as the SDKs have it: 3 by default. */
function maxAttempts(env: StsHost["env"]): number {
  const value = env.AWS_MAX_ATTEMPTS || "3";
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value);
  throw new EacError(
    "config_invalid",
    `AWS_MAX_ATTEMPTS is not a number of attempts: ${JSON.stringify(value)}`,
    { hint: "set it to 1 or more; 3 is the default" },
  );
}

/**
 * True where sending the same again can help. A code is sent again only when it cannot have been
 * looked at: AWS would call a spent one invalid, and the person would search the mistake in vain.
 */
function mayRepeat(error: unknown, codeSent: boolean): error is EacError {
  if (!(error instanceof EacError)) return false;
  switch (error.code) {
    case "throttled":
      return true;
    case "network":
      return codeSent
        ? /connection was refused|cannot be resolved|no route/.test(error.message)
        : !/certificate|TLS|MiB/.test(error.message);
    case "timeout":
    case "service":
      return !codeSent && (error.code === "timeout" || isPassing(error));
    default:
      return false;
  }
}

/** Twice as long each time, by chance up to half as short: many clients must not come back at once. */
function waitAfter(attempt: number, error: EacError): number {
  const first = error.code === "throttled" ? 1000 : 200;
  const wait = Math.min(LONGEST_WAIT, first * 2 ** (attempt - 1));
  return Math.round(wait * (0.5 + Math.random() / 2));
}
