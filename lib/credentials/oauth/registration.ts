/**
 * The client that eac registers with IAM Identity Center, in the cache that it shares with the AWS CLI.
 *
 * @module
 */

import { join } from "../../config/locations.ts";
import { removeQuietly } from "../../config/own_files.ts";
import { parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { sha1 } from "../../text/hash.ts";
import { pythonJson } from "../cache/cli_cache.ts";
import type { TokenHost } from "../providers/cached_token.ts";
import { expirationOf, jsonObject } from "../providers/exchange.ts";
import { saveSsoFile, ssoCacheFolder, type SsoSession } from "../providers/sso_token.ts";
import { CALLBACK_PATH } from "./authorization_code.ts";
import type { OidcClient } from "./oidc_client.ts";

/** The scopes of a token by default: access to the user's accounts and roles. */
export const DEFAULT_SCOPES: readonly string[] = ["sso:account:access"];

/** A registration is used if it has at least this much time left, in milliseconds, as in the AWS CLI. */
const LEAST_LEFT = 15 * 60_000;

/** The session to sign in to. */
export interface IdentityCenterSession extends SsoSession {
  /** `sso_registration_scopes`. */
  readonly scopes?: readonly string[] | undefined;
}

/** A registered client. */
export interface Registration {
  readonly clientId: string;
  readonly clientSecret: string;
  /** When the secret expires, in RFC 3339. */
  readonly expiresAt: string;
}

/** How a client gets its token. The AWS CLI uses a registration for one of these only. */
export type Grant = "authorization code" | "device code";

/** A session's registration: the cached one, or a new one. */
export async function registrationOf(
  host: TokenHost,
  session: IdentityCenterSession,
  grant: Grant,
  oidc: OidcClient,
): Promise<Registration> {
  const path = await registrationPath(host, session);
  return cached(host, path, grant) ?? await register(host, path, session, grant, oidc);
}

/** Removes a registration that the service no longer knows. */
export async function forgetRegistration(
  host: TokenHost,
  session: IdentityCenterSession,
): Promise<void> {
  removeQuietly(host, await registrationPath(host, session));
}

/** The file of a registration, named by its parameters as in botocore's `_registration_cache_key`. */
async function registrationPath(
  host: Pick<TokenHost, "env" | "os">,
  { session, startUrl, region, scopes }: IdentityCenterSession,
): Promise<string> {
  const members = [
    `"region": ${pythonJson(region)}`,
    `"scopes": ${scopes === undefined ? "null" : `[${scopes.map(pythonJson).join(", ")}]`}`,
    `"session_name": ${session === undefined ? "null" : pythonJson(session)}`,
    `"startUrl": ${pythonJson(startUrl)}`,
    `"tool": "botocore"`,
  ];
  return join(host.os, ssoCacheFolder(host), `${await sha1(`{${members.join(", ")}}`)}.json`);
}

function cached(host: TokenHost, path: string, grant: Grant): Registration | undefined {
  const body = host.readFile(path);
  const file = body && jsonObject({ status: 200, headers: {}, body });
  if (!file) return undefined;
  const { clientId, clientSecret, expiresAt, grantTypes } = file;
  const forCode = Array.isArray(grantTypes) && grantTypes.includes("authorization_code");
  const end = parseTimestamp(String(expiresAt ?? ""));
  const isUsable = typeof clientId === "string" && typeof clientSecret === "string" &&
    end !== undefined && end - host.now() >= LEAST_LEFT;
  if (!isUsable || forCode !== (grant === "authorization code")) return undefined;
  return { clientId, clientSecret, expiresAt: String(expiresAt) };
}

async function register(
  host: TokenHost,
  path: string,
  { session, startUrl, scopes: configured }: IdentityCenterSession,
  grant: Grant,
  oidc: OidcClient,
): Promise<Registration> {
  // Without a scope AWS issues no refresh token; without an sso-session there is no use for one.
  const scopes = configured ?? (session === undefined ? undefined : DEFAULT_SCOPES);
  const forCode = grant === "authorization code"
    ? {
      grantTypes: ["authorization_code", "refresh_token"],
      redirectUris: [`http://127.0.0.1${CALLBACK_PATH}`],
      issuerUrl: startUrl,
    }
    : undefined;
  const answer = await oidc.call("/client/register", {
    clientName: `eac-client-${session ?? Math.floor(host.now() / 1000)}`,
    clientType: "public",
    scopes,
    ...forCode,
  });
  const { clientId, clientSecret, clientSecretExpiresAt } = Object(answer);
  const end = expirationOf(clientSecretExpiresAt - host.now() / 1000, host.now());
  if (typeof clientId !== "string" || typeof clientSecret !== "string" || end === undefined) {
    throw oidc.incomplete();
  }
  const expiresAt = toTimestamp(end);
  const registration = { clientId, clientSecret, expiresAt };
  saveSsoFile(host, path, { ...registration, scopes, grantTypes: forCode?.grantTypes });
  return registration;
}
