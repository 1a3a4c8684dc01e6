/**
 * The access token of IAM Identity Center, in the cache that eac shares with the AWS CLI.
 *
 * The token's file and its renewal are those of the AWS CLI: "SSO token provider" in the AWS SDKs and
 * Tools Reference Guide.
 *
 * @module
 */

import { awsFolder, join } from "../../config/locations.ts";
import { writeAtomically } from "../../config/own_files.ts";
import { EacError } from "../../errors.ts";
import type { Host, HttpAnswer } from "../../host/host.ts";
import { isKeyText, parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { identityCenterEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
import { sha1 } from "../../text/hash.ts";
import { shellWord } from "../../text/printable.ts";
import {
  lockToken,
  RENEWAL_WINDOW,
  TOKEN_ATTEMPTS,
  TOKEN_TIMEOUT,
  type TokenHost,
  writeToken,
} from "./cached_token.ts";
import {
  type ExchangeOptions,
  expirationOf,
  jsonObject,
  refusalText,
  type Send,
} from "./exchange.ts";
import { signInRequired } from "./sign_in_required.ts";

/** A sign-in to IAM Identity Center. */
export interface SsoSession {
  /** The profile that the user signs in for. */
  readonly profile: string;
  readonly startUrl: string;
  readonly region: string;
  /** The name of the sso-session; absent where the profile itself has `sso_start_url`. */
  readonly session?: string | undefined;
}

/** The service's name in messages. */
export const IDENTITY_CENTER = "IAM Identity Center";

/** The members of a token's file that eac reads; a renewal preserves the others. */
interface CachedToken {
  readonly accessToken: string;
  /** Milliseconds since 1970; `undefined` where the file does not say: then AWS decides. */
  readonly expiration: number | undefined;
  readonly file: Readonly<Record<string, unknown>>;
}

/**
 * The access token of a session that is signed in, renewed if it is about to expire and can be renewed.
 *
 * @throws {EacError} `input_required` if the user has to sign in; `throttled`, `service`, `network`,
 * `timeout`
 */
export async function ssoAccessToken(
  host: TokenHost,
  session: SsoSession,
  where: EndpointInput,
  send: Send,
  options: ExchangeOptions,
): Promise<string> {
  const path = await ssoTokenPath(host, session);
  const token = readToken(host, path);
  if (token === undefined) throw notSignedIn(session);
  if (!isDue(token, host.now())) return token.accessToken;
  if (renewalOf(session, token, host.now()) === undefined) return unexpired(token);

  // One of several processes renews the token, and the others read it. Renewing twice is harmless.
  const lock = await lockToken(host, `sso-${await tokenHash(session)}`, options);
  try {
    const latest = readToken(host, path) ?? token;
    const renewal = renewalOf(session, latest, host.now());
    if (!isDue(latest, host.now()) || renewal === undefined) return unexpired(latest);
    return await renew(latest, renewal);
  } finally {
    lock?.release();
  }

  function unexpired({ accessToken, expiration }: CachedToken): string {
    if (expiration === undefined || expiration > host.now()) return accessToken;
    throw ssoSessionExpired(session);
  }

  async function renew(old: CachedToken, renewal: Record<string, string>): Promise<string> {
    const { url, caBundle } = identityCenterEndpoint(where, "sso_oidc", session.region);
    const secrets = [renewal.clientSecret!, renewal.refreshToken!];
    const answer = await send({
      method: "POST",
      url: `${url}/token`,
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({ ...renewal, grantType: "refresh_token" }),
      timeout: TOKEN_TIMEOUT,
      caBundle,
    }, { attempts: TOKEN_ATTEMPTS });
    const { accessToken, expiresIn, refreshToken } = jsonObject(answer) ?? {};
    const expiration = expirationOf(expiresIn, host.now());
    if (answer.status !== 200 || !isAccessToken(accessToken) || expiration === undefined) {
      options.log?.(`${IDENTITY_CENTER} did not renew the token: ${refusalText(answer, secrets)}`);
      if (answer.status >= 500 || answer.status === 429) throw unavailable(answer, secrets);
      return unexpired(old);
    }
    const file = {
      ...old.file,
      accessToken,
      expiresAt: toTimestamp(expiration),
      ...(typeof refreshToken === "string" ? { refreshToken } : {}),
    };
    writeToken(host, path, file, options);
    return accessToken;
  }

  function unavailable(answer: HttpAnswer, secrets: readonly string[]): EacError {
    const { profile } = session;
    if (answer.status === 429) {
      return new EacError("throttled", `${IDENTITY_CENTER} throttled the request`, {
        hint: "wait a moment and try again",
        profile,
      });
    }
    return new EacError(
      "service",
      `${IDENTITY_CENTER} did not renew the token: ${refusalText(answer, secrets)}`,
      { hint: `try again; if it fails again, run eac login ${shellWord(profile)}`, profile },
    );
  }
}

/**
 * The error if the user has to sign in, judged only by the file of the session; otherwise `undefined`.
 * Makes no call.
 */
export async function ssoSignInError(
  host: Pick<Host, "env" | "os" | "readFile" | "now">,
  session: SsoSession,
): Promise<EacError | undefined> {
  const now = host.now();
  const token = readToken(host, await ssoTokenPath(host, session));
  if (token === undefined) return notSignedIn(session);
  const isOver = token.expiration !== undefined && token.expiration <= now;
  const isRenewable = renewalOf(session, token, now) !== undefined;
  return isOver && !isRenewable ? ssoSessionExpired(session) : undefined;
}

function notSignedIn({ profile }: SsoSession): EacError {
  return signInRequired(profile, `profile "${profile}" is not signed in to ${IDENTITY_CENTER}`);
}

function isDue({ expiration }: CachedToken, now: number): boolean {
  return expiration !== undefined && expiration - now < RENEWAL_WINDOW;
}

/** What renews a token; only a sign-in with an sso-session provides it. */
function renewalOf(
  { session }: SsoSession,
  { file }: CachedToken,
  now: number,
): Record<string, string> | undefined {
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = file;
  const texts = [clientId, clientSecret, refreshToken];
  if (session === undefined || !texts.every((text) => typeof text === "string" && text !== "")) {
    return undefined;
  }
  const registered = parseTimestamp(String(registrationExpiresAt ?? ""));
  if (registered !== undefined && registered <= now) return undefined;
  return {
    clientId: String(clientId),
    clientSecret: String(clientSecret),
    refreshToken: String(refreshToken),
  };
}

/** SHA-1 of the session's name, without one of the start URL: the AWS CLI's name for the file. */
async function tokenHash({ session, startUrl }: SsoSession): Promise<string> {
  return await sha1(session ?? startUrl);
}

/** The folder of the tokens and of the client registrations. */
export function ssoCacheFolder({ env, os }: Pick<Host, "env" | "os">): string {
  return join(os, awsFolder(env, os), "sso", "cache");
}

/** The file of a session's token. */
export async function ssoTokenPath(
  host: Pick<Host, "env" | "os">,
  session: SsoSession,
): Promise<string> {
  return join(host.os, ssoCacheFolder(host), `${await tokenHash(session)}.json`);
}

/**
 * Caches a token that was issued. A process that is renewing the old one comes first.
 *
 * @throws {EacError} `io`
 */
export async function saveSsoToken(
  host: TokenHost,
  session: SsoSession,
  token: Readonly<Record<string, unknown>>,
  options: ExchangeOptions,
): Promise<void> {
  const path = await ssoTokenPath(host, session);
  const lock = await lockToken(host, `sso-${await tokenHash(session)}`, options);
  try {
    saveSsoFile(host, path, token);
  } finally {
    lock?.release();
  }
}

/**
 * Writes a file of the cache, for this user alone.
 *
 * @throws {EacError} `io`
 */
export function saveSsoFile(
  host: TokenHost,
  path: string,
  file: Readonly<Record<string, unknown>>,
): void {
  host.makeFolder(ssoCacheFolder(host), 0o700);
  writeAtomically(host, path, new TextEncoder().encode(JSON.stringify(file)));
}

/** The cached token; `undefined` for a file that is missing or damaged. */
function readToken({ readFile }: Pick<Host, "readFile">, path: string): CachedToken | undefined {
  const body = readFile(path);
  const file = body && jsonObject({ status: 200, headers: {}, body });
  if (!file || !isAccessToken(file.accessToken)) return undefined;
  return {
    accessToken: file.accessToken,
    expiration: parseTimestamp(String(file.expiresAt ?? "")),
    file,
  };
}

/** True for a token that can be sent: it becomes an HTTP header. */
export function isAccessToken(value: unknown): value is string {
  return typeof value === "string" && isKeyText(value);
}

/** The error of a token that AWS no longer accepts. */
export function ssoSessionExpired({ profile }: SsoSession): EacError {
  return signInRequired(
    profile,
    `the ${IDENTITY_CENTER} session of profile "${profile}" has expired`,
  );
}
