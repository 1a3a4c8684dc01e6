/**
 * Credentials that are renewed in the background, so that every request for them is answered
 * immediately.
 *
 * SDKs wait for a container endpoint for a second or two; a call to STS, or typing a code, takes
 * longer.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { type CacheEntry, freshUntil, isFresh, isUsable } from "../credentials/cache/cache.ts";
import type { Credentials } from "../plan/credentials.ts";
import { asEacError, type EacError } from "../errors.ts";

/** How long to wait after a failure before the next attempt, in milliseconds. */
const RETRY = 60_000;

/**
 * How long the same error is returned, in milliseconds: an SDK sends up to seven requests in a row.
 */
const SAME_ANSWER = 2_000;

/** Renews credentials before they expire. */
export interface RenewalOptions {
  readonly host: Pick<Host, "now" | "sleep">;
  readonly first: Credentials;
  /** `--min-ttl`, in seconds: credentials with less time left are not returned. */
  readonly minTtl?: number | undefined;
  /** Gets new credentials; `ask` is false if the user left an earlier prompt unanswered. */
  readonly renew: (ask: boolean) => Promise<Credentials>;
  /** Called once per cause of failure. */
  readonly failed: (error: EacError) => void;
}

/** Credentials that stay current until {@linkcode Renewal.stop}. */
export interface Renewal {
  /**
   * Valid credentials; during a renewal, the old ones until a minute before they expire.
   *
   * @throws {EacError} of the renewal, if the old ones have expired
   */
  current(): Promise<Credentials>;
  stop(): void;
}

/** Starts renewing credentials. */
export function startRenewal(options: RenewalOptions): Renewal {
  const { host, minTtl, renew, failed } = options;
  const stopped = new AbortController();
  let entry = entryOf(options.first, host.now());
  let running: Promise<Credentials> | undefined;
  let failure: { readonly error: EacError; readonly at: number } | undefined;
  let reported: string | undefined;

  const renewOnce = () =>
    running ??= renew(failure === undefined || !leftUnanswered(failure.error)).then(
      (credentials) => {
        entry = entryOf(credentials, host.now());
        failure = reported = undefined;
        return credentials;
      },
      (thrown) => {
        const error = asEacError(thrown);
        failure = { error, at: host.now() };
        if (reported !== error.message) failed(error);
        reported = error.message;
        throw error;
      },
    ).finally(() => running = undefined);

  const renewInTime = async () => {
    while (!stopped.signal.aborted) {
      const due = entry === undefined ? undefined : freshUntil(entry, minTtl);
      if (due === undefined) return;
      const wait = Math.max(due - host.now(), failure === undefined ? 0 : RETRY);
      // The machine may have been suspended: check the clock, not the length of the sleep.
      await host.sleep(Math.min(wait, RETRY), stopped.signal);
      if (stopped.signal.aborted || host.now() < due) continue;
      await renewOnce().catch(() => {});
    }
  };
  void renewInTime();

  return {
    async current() {
      const now = host.now();
      if (entry === undefined) return options.first;
      if (isFresh(entry, now, minTtl)) return entry.credentials;
      if (minTtl === undefined && isUsable(entry, now)) {
        if (failure === undefined) void renewOnce().catch(() => {});
        return entry.credentials;
      }
      if (failure !== undefined && now - failure.at < SAME_ANSWER) throw failure.error;
      return await renewOnce();
    },
    stop: () => stopped.abort(),
  };
}

/** True if the user did not answer the prompt: repeating it would annoy them. */
function leftUnanswered({ code }: EacError): boolean {
  return code === "interrupted" || code === "mfa_rejected";
}

/** `undefined` for credentials that do not expire. */
function entryOf(credentials: Credentials, receivedAt: number): CacheEntry | undefined {
  const { expiration } = credentials;
  if (expiration === undefined) return undefined;
  return { credentials: { ...credentials, expiration }, receivedAt };
}
