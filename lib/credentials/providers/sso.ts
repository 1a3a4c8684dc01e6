/**
 * The credentials of a role in IAM Identity Center, by the token that `aws sso login` cached.
 *
 * The profile and its sso-session are eac's own reading of the config file. The token's file and its
 * renewal are those of the AWS CLI: "SSO token provider" in the AWS SDKs and Tools Reference Guide.
 *
 * @module
 */

import { awsFolder, join } from "../../config/locations.ts";
import { EacError, type ErrorCode } from "../../errors.ts";
import type { Host, HttpAnswer } from "../../host/host.ts";
import { type Credentials, parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { identityCenterEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
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
  checkedCredentials,
  type ExchangeOptions,
  jsonObject,
  refusalText,
  type Send,
  withinLimit,
} from "./exchange.ts";

/** A role in IAM Identity Center. */
export interface SsoSource {
  readonly profile: string;
  readonly startUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly roleName: string;
  readonly session?: string | undefined;
}

const NAME = "IAM Identity Center";

/** The members of a token's file that eac reads; the others are kept when it is renewed. */
interface CachedToken {
  readonly accessToken: string;
  /** Milliseconds since 1970; `undefined` where the file does not say: then AWS decides. */
  readonly expiration: number | undefined;
  readonly file: Readonly<Record<string, unknown>>;
}

/**
 * The role's credentials.
 *
 * @throws {EacError} `missing_credentials` or `expired` where the user has to sign in;
 * `access_denied`, `invalid_parameter`, `throttled`, `service`, `network`, `timeout`
 */
export async function ssoCredentials(
  host: TokenHost,
  source: SsoSource,
  where: EndpointInput,
  options: ExchangeOptions,
): Promise<Credentials> {
  return await withinLimit(host, NAME, options, async (send, stop) => {
    const accessToken = await usableToken(host, source, where, send, { ...options, signal: stop });
    const { url, caBundle } = identityCenterEndpoint(where, "sso", source.region);
    const query = new URLSearchParams({
      role_name: source.roleName,
      account_id: source.accountId,
    });
    const answer = await send({
      method: "GET",
      url: `${url}/federation/credentials?${query}`,
      headers: { accept: "application/json", "x-amz-sso_bearer_token": accessToken },
      timeout: TOKEN_TIMEOUT,
      caBundle,
    }, { attempts: TOKEN_ATTEMPTS });
    if (answer.status !== 200) throw refused(source, answer, [accessToken]);
    const { roleCredentials } = jsonObject(answer) ?? {};
    const given = Object(roleCredentials) as Record<string, unknown>;
    return checkedCredentials(NAME, {
      accessKeyId: given.accessKeyId,
      secretAccessKey: given.secretAccessKey,
      sessionToken: given.sessionToken,
      expiration: typeof given.expiration === "number" ? given.expiration : NaN,
    }, host.now());
  });
}

/** The access token, renewed where it is about to expire and can be renewed. */
async function usableToken(
  host: TokenHost,
  source: SsoSource,
  where: EndpointInput,
  send: Send,
  options: ExchangeOptions,
): Promise<string> {
  const path = await tokenPath(host, source);
  const token = readToken(host, path);
  if (token === undefined) throw notSignedIn(source);
  if (!isDue(token, host.now())) return token.accessToken;
  if (renewalOf(source, token, host.now()) === undefined) return unexpired(token);

  // Of several processes one renews the token: the others find it renewed. Twice does no harm.
  const lock = await lockToken(host, `sso-${await tokenHash(source)}`, options);
  try {
    const latest = readToken(host, path) ?? token;
    const renewal = renewalOf(source, latest, host.now());
    if (!isDue(latest, host.now()) || renewal === undefined) return unexpired(latest);
    return await renew(latest, renewal);
  } finally {
    lock?.release();
  }

  function unexpired({ accessToken, expiration }: CachedToken): string {
    if (expiration === undefined || expiration > host.now()) return accessToken;
    throw sessionExpired(source);
  }

  async function renew(old: CachedToken, renewal: Record<string, string>): Promise<string> {
    const { url, caBundle } = identityCenterEndpoint(where, "sso_oidc", source.region);
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
    if (
      answer.status !== 200 || typeof accessToken !== "string" || typeof expiresIn !== "number"
    ) {
      options.log?.(`${NAME} renewed no token: ${refusalText(answer, secrets)}`);
      if (answer.status >= 500 || answer.status === 429) throw refused(source, answer, secrets);
      return unexpired(old);
    }
    const file = {
      ...old.file,
      accessToken,
      expiresAt: toTimestamp(host.now() + expiresIn * 1000),
      ...(typeof refreshToken === "string" ? { refreshToken } : {}),
    };
    writeToken(host, path, file, options);
    return accessToken;
  }
}

function isDue({ expiration }: CachedToken, now: number): boolean {
  return expiration !== undefined && expiration - now < RENEWAL_WINDOW;
}

/** What renews a token: only `aws sso login` with an sso-session leaves it. */
function renewalOf(
  { session }: SsoSource,
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
async function tokenHash({ session, startUrl }: SsoSource): Promise<string> {
  const text = new TextEncoder().encode(session ?? startUrl);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function tokenPath({ env, os }: TokenHost, source: SsoSource): Promise<string> {
  return join(os, awsFolder(env, os), "sso", "cache", `${await tokenHash(source)}.json`);
}

/** The cached token; `undefined` for a file that is missing or damaged. */
function readToken({ readFile }: Pick<Host, "readFile">, path: string): CachedToken | undefined {
  const body = readFile(path);
  const file = body && jsonObject({ status: 200, headers: {}, body });
  if (!file || typeof file.accessToken !== "string") return undefined;
  if (!/^[!-~]+$/.test(file.accessToken)) return undefined;
  return {
    accessToken: file.accessToken,
    expiration: parseTimestamp(String(file.expiresAt ?? "")),
    file,
  };
}

function notSignedIn(source: SsoSource): EacError {
  const { profile } = source;
  return new EacError("missing_credentials", `profile "${profile}" is not signed in to SSO`, {
    hint: `run ${loginCommand(source)}`,
    profile,
  });
}

function sessionExpired(source: SsoSource): EacError {
  const { profile } = source;
  return new EacError("expired", `the SSO session of profile "${profile}" has expired`, {
    hint: `run ${loginCommand(source)}`,
    profile,
  });
}

function loginCommand({ session, profile }: SsoSource): string {
  return `aws sso login ${
    session === undefined
      ? `--profile ${shellWord(profile)}`
      : `--sso-session ${shellWord(session)}`
  }`;
}

/** The error of a refusal by its status, as the API references of SSO and SSO OIDC name them. */
function refused(source: SsoSource, answer: HttpAnswer, secrets: readonly string[]): EacError {
  const { profile, accountId, roleName } = source;
  const text = refusalText(answer, secrets);
  const error = (code: ErrorCode, message: string, hint: string) =>
    new EacError(code, message, { hint, profile });
  switch (answer.status) {
    case 401:
      return sessionExpired(source);
    case 403:
      return error(
        "access_denied",
        `${NAME} does not grant you the role ${roleName} in account ${accountId}`,
        "check sso_account_id and sso_role_name, or ask for the assignment",
      );
    case 429:
      return error("throttled", `${NAME} throttled the request`, "wait a moment and try again");
    case 400:
    case 404:
      return error(
        "invalid_parameter",
        `${NAME} has no role ${roleName} in account ${accountId}: ${text}`,
        "check sso_account_id, sso_role_name and sso_region",
      );
    default:
      return error(
        "service",
        `${NAME} returned no credentials: ${text}`,
        `try again; if it fails again, run ${loginCommand(source)}`,
      );
  }
}
