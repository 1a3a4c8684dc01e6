/**
 * HTTP exchanges with a source of base credentials: with a common time limit, retries where they
 * can help, and checked responses.
 *
 * @module
 */

import { presentable } from "../../aws/refusal.ts";
import { EacError } from "../../errors.ts";
import type { Host, HttpAnswer, HttpRequest } from "../../host/host.ts";
import {
  type Credentials,
  isAccountId,
  isKeyText,
  Secret,
  toTimestamp,
} from "../../plan/credentials.ts";

/** The parts of the Host that an exchange needs. */
export type ExchangeHost = Pick<Host, "deadline" | "http" | "now" | "sleep">;

/** Options of a source's work. */
export interface ExchangeOptions {
  /** Logs each repeated request; never a secret. */
  readonly log?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all the work. Default: 20 s. */
  readonly limit?: number | undefined;
}

/** Sends a request up to `attempts` times; `retryTimeout: false` fails at the first timeout. */
export type Send = (
  request: Omit<HttpRequest, "signal">,
  how: { readonly attempts: number; readonly retryTimeout?: boolean },
) => Promise<HttpAnswer>;

/** Milliseconds for all the work of a source that gives credentials. */
const LIMIT = 20_000;

/** Milliseconds before the second attempt; doubled for each further one. */
const FIRST_WAIT = 500;

/**
 * Runs the work of a source within its time limit; `stop` aborts when that is over.
 *
 * @param source its name in errors
 * @throws {EacError} `timeout`, `interrupted`, and what `work` throws
 */
export async function withinLimit<T>(
  host: ExchangeHost,
  source: string,
  { log = () => {}, signal, limit = LIMIT }: ExchangeOptions,
  work: (send: Send, stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = host.deadline(limit);
  const ended = new Promise<never>((_, reject) => {
    onAbort(deadline, () =>
      reject(
        new EacError("timeout", `${source} did not finish within ${limit / 1000} s`, {
          hint: "check the network and the proxy",
        }),
      ));
    onAbort(signal, () => reject(new EacError("interrupted", "interrupted")));
  });
  const stop = AbortSignal.any([deadline, ...(signal ? [signal] : [])]);
  const send: Send = async (request, { attempts, retryTimeout = true }) => {
    for (let attempt = 1;; attempt++) {
      const outcome = await host.http({ ...request, signal: stop }).catch((thrown: unknown) => {
        if (thrown instanceof EacError) return thrown;
        throw thrown;
      });
      const problem = problemOf(outcome, retryTimeout);
      if (problem === undefined || attempt >= attempts || stop.aborted) {
        if (outcome instanceof EacError) throw outcome;
        return outcome;
      }
      const wait = FIRST_WAIT * 2 ** (attempt - 1);
      log(`${source}: ${problem}; retrying in ${wait} ms`);
      await host.sleep(wait, stop);
    }
  };
  return await Promise.race([work(send, stop), ended]);
}

function onAbort(signal: AbortSignal | undefined, act: () => void): void {
  if (signal?.aborted) act();
  else signal?.addEventListener("abort", act, { once: true });
}

/** The problem that a retry may solve; `undefined` for a final response. */
function problemOf(outcome: HttpAnswer | EacError, retryTimeout: boolean): string | undefined {
  if (!(outcome instanceof EacError)) {
    return outcome.status === 429 || outcome.status >= 500 ? `HTTP ${outcome.status}` : undefined;
  }
  const { code, message } = outcome;
  const retried = code === "network" && !/certificate|TLS|MiB/.test(message) ||
    code === "timeout" && retryTimeout;
  return retried ? message : undefined;
}

/** The JSON object of a response; `undefined` for any other response. */
export function jsonObject({ body }: HttpAnswer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The status and message of an error response, in one line of limited length without these secrets.
 */
export function refusalText(answer: HttpAnswer, secrets: readonly string[]): string {
  const { status } = answer;
  const { code, Code, message, Message, error, error_description } = jsonObject(answer) ?? {};
  const words = [code ?? Code ?? error, message ?? Message ?? error_description]
    .filter((word): word is string => typeof word === "string" && word !== "");
  return `HTTP ${status}${words.length > 0 ? `, "${presentable(words.join(": "), secrets)}"` : ""}`;
}

/** The longest lifetime of a token or of a client registration, in seconds. */
const LONGEST_LIFETIME = 100 * 365 * 24 * 3600;

/**
 * When what was issued now expires, in milliseconds since 1970.
 *
 * @param lifetime in seconds, as in the answer
 * @returns `undefined` for anything but a time in the future that a file can hold
 */
export function expirationOf(lifetime: unknown, now: number): number | undefined {
  return typeof lifetime === "number" && lifetime > 0 && lifetime <= LONGEST_LIFETIME
    ? now + lifetime * 1000
    : undefined;
}

/** The fields of a response that contain credentials, unchecked. */
export interface UncheckedCredentials {
  readonly accessKeyId: unknown;
  readonly secretAccessKey: unknown;
  readonly sessionToken: unknown;
  /** Milliseconds since 1970; `undefined` if unknown, NaN if invalid. */
  readonly expiration: number | undefined;
  readonly accountId?: unknown;
}

/**
 * The credentials in a response.
 *
 * @throws {EacError} `service` if one is missing or invalid; `expired`
 */
export function checkedCredentials(
  source: string,
  { accessKeyId, secretAccessKey, sessionToken, expiration, accountId }: UncheckedCredentials,
  now: number,
): Credentials {
  const isKey = (value: unknown): value is string => typeof value === "string" && isKeyText(value);
  if (
    !isKey(accessKeyId) || !isKey(secretAccessKey) || !isKey(sessionToken) ||
    Number.isNaN(expiration)
  ) {
    throw new EacError("service", `${source} returned incomplete credentials`);
  }
  if (expiration !== undefined && expiration <= now) {
    throw new EacError(
      "expired",
      `${source} returned credentials that expired at ${toTimestamp(expiration)}`,
      { hint: "check this machine's clock, then try again" },
    );
  }
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: new Secret(sessionToken),
    expiration,
    accountId: isAccountId(accountId) ? accountId : undefined,
  };
}
