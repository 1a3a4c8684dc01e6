/**
 * The authorization code grant for a program on the user's own machine: OAuth 2.0 with PKCE (RFC 7636), and
 * a redirect to loopback (RFC 8252).
 *
 * @module
 */

import { presentable } from "../../aws/refusal.ts";
import { EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { base64url } from "../../text/base64url.ts";

/** How long the user may take in the browser, in milliseconds: as in the AWS CLI. */
export const SIGN_IN_LIMIT = 10 * 60_000;

/** The path to which AWS redirects the browser. AWS registers it without the port. */
export const CALLBACK_PATH = "/oauth/callback";

/** The parts of the Host that the grant needs. */
export type AuthorizationHost = Pick<Host, "serve" | "deadline">;

/** Binds a code to the program that requested it, and a response to its request. */
export interface Pkce {
  readonly verifier: string;
  /** SHA-256 of the verifier: all that the browser sees of it. */
  readonly challenge: string;
  readonly state: string;
}

/** A new verifier, with its challenge and state. */
export async function newPkce(): Promise<Pkce> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(48)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const state = crypto.randomUUID();
  return { verifier, challenge: base64url(new Uint8Array(digest)), state };
}

/** A URL with a query in which each value is percent-encoded. */
export function urlWith(base: string, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${base}?${pairs.join("&")}`;
}

/** A code, and the redirect URI that has to be repeated with it. */
export interface AuthorizationCode {
  readonly code: string;
  readonly redirectUri: string;
}

/** The parameters of one grant. */
export interface AuthorizationRequest {
  readonly state: string;
  /** Where the user signs in, given the redirect URI. */
  readonly authorizeUrl: (redirectUri: string) => string;
  readonly browse: Browse;
}

/** Takes the user to a URL. It may go on until `signal` aborts, which it does once there is an answer. */
export type Browse = (url: string, signal: AbortSignal) => Promise<void>;

/**
 * Sends the user to the browser and waits for the redirect. A request without the right state changes
 * nothing: any program on the machine can send one.
 *
 * @throws {EacError} `access_denied` if the user or AWS refused, `timeout`
 */
export async function authorizationCode(
  host: AuthorizationHost,
  { state, authorizeUrl, browse }: AuthorizationRequest,
): Promise<AuthorizationCode> {
  const answered = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const server = host.serve((request) => {
    const { pathname, searchParams } = new URL(request.url);
    const code = searchParams.get("code");
    const error = searchParams.get("error");
    const isAnswer = request.method === "GET" && pathname === CALLBACK_PATH &&
      searchParams.get("state") === state && (code || error) && !answered.signal.aborted;
    if (!isAnswer) {
      return page(400, "This is not the response that eac is waiting for. See the terminal.");
    }
    answered.abort();
    if (code) {
      resolve(code);
      return page(
        200,
        "eac received the response. You can close this page and return to the terminal.",
      );
    }
    reject(refused(error!, searchParams.get("error_description")));
    return page(200, "The sign-in failed. Return to the terminal for the reason.");
  });
  const deadline = host.deadline(SIGN_IN_LIMIT);
  const giveUp = () => {
    answered.abort();
    reject(signInTimeout());
  };
  deadline.addEventListener("abort", giveUp, { once: true });
  if (deadline.aborted) giveUp();
  try {
    const redirectUri = `${server.url}${CALLBACK_PATH}`;
    const browsing = browse(authorizeUrl(redirectUri), answered.signal);
    browsing.catch(reject);
    const code = await promise;
    await browsing;
    return { code, redirectUri };
  } finally {
    answered.abort();
    deadline.removeEventListener("abort", giveUp);
    await server.stop();
  }
}

/**
 * The error of a sign-in that the user did not complete in time.
 *
 * @param limit in milliseconds
 */
export function signInTimeout(limit = SIGN_IN_LIMIT): EacError {
  const time = limit < 120_000
    ? `${Math.round(limit / 1000)} seconds`
    : `${Math.round(limit / 60_000)} minutes`;
  return new EacError(
    "timeout",
    `the sign-in was not completed within ${time}`,
    { hint: "run the command again, and complete the sign-in in the browser" },
  );
}

function refused(error: string, description: string | null): EacError {
  const words = presentable([error, description].filter(Boolean).join(": "), []);
  return new EacError("access_denied", `the sign-in was refused: ${words}`, {
    hint: "run the command again, and allow the access in the browser",
  });
}

/** A page that loads nothing and sends no referrer, because its URL contains the code. */
function page(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "connection": "close",
    },
  });
}
