/**
 * Serves credentials on loopback, like ECS does for a container: a long-running program fetches new
 * ones by itself.
 *
 * The protocol is that of the "container credential provider" in the AWS SDKs and Tools Reference
 * Guide: a GET with the token as `Authorization`, answered by JSON.
 *
 * @module
 */

import { type Credentials, toTimestamp } from "../plan/credentials.ts";
import { asEacError, EacError, type ErrorCode } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { CredentialsEndpoint } from "./child.ts";

/** A server that provides credentials. */
export interface CredentialsServer extends CredentialsEndpoint {
  stop(): Promise<void>;
}

/** Temporary failures. All others get a 4xx, after which no SDK retries. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set(["network", "timeout", "throttled", "service"]);

/** Serves `current` to requests with the token. */
export function serveCredentials(
  host: Pick<Host, "serve">,
  current: () => Promise<Credentials>,
): CredentialsServer {
  const token = newToken();
  const server = host.serve(async (request) => {
    if (request.method !== "GET" || new URL(request.url).pathname !== "/") {
      return refuse(404, "NotFound", "use GET / for the credentials");
    }
    if (!await isSame(request.headers.get("authorization") ?? "", token)) {
      return refuse(403, "AccessDenied", "the token is wrong");
    }
    try {
      return answer(await current());
    } catch (thrown) {
      const { code, message } = asEacError(thrown);
      return refuse(TRANSIENT.has(code) ? 503 : 400, code, message);
    }
  });
  return { url: `${server.url}/`, token, stop: () => server.stop() };
}

/** @throws {EacError} `config_invalid` for credentials without an expiration: SDKs require one */
function answer(credentials: Credentials): Response {
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = credentials;
  if (sessionToken === undefined || expiration === undefined) throw notServable();
  return json(200, {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey.reveal(),
    Token: sessionToken.reveal(),
    Expiration: toTimestamp(expiration),
    AccountId: accountId,
  });
}

/** The error for credentials that cannot be served, because SDKs require an expiration. */
export function notServable(profile?: string): EacError {
  const whose = profile === undefined ? "" : ` of profile "${profile}"`;
  return new EacError(
    "config_invalid",
    `--serve needs temporary credentials whose expiration is known; those${whose} have none`,
    { hint: "run eac exec without --serve, or let the source provide the expiration", profile },
  );
}

function refuse(status: number, code: string, message: string): Response {
  return json(status, { code, message });
}

function json(status: number, body: Readonly<Record<string, string | undefined>>): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

/** 256 random bits. */
function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Compares in constant time, by digests of the same length. */
async function isSame(given: string, wanted: string): Promise<boolean> {
  const [a, b] = await Promise.all([given, wanted].map(digest));
  let difference = 0;
  for (let index = 0; index < b!.length; index++) difference |= a![index]! ^ b![index]!;
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
