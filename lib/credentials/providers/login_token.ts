/**
 * The token of AWS Sign-In: how it is requested, and its file, which eac shares with the AWS CLI.
 *
 * @module
 */

import { join, loginCacheFolder } from "../../config/locations.ts";
import { writeAtomically } from "../../config/own_files.ts";
import type { Host, HttpAnswer } from "../../host/host.ts";
import { isKeyText } from "../../plan/credentials.ts";
import type { StsEndpoint } from "../../plan/endpoint.ts";
import { sha256 } from "../../text/hash.ts";
import { lockToken, TOKEN_ATTEMPTS, TOKEN_TIMEOUT, type TokenHost } from "./cached_token.ts";
import { type DpopKey, dpopProof } from "./dpop.ts";
import { type ExchangeOptions, expirationOf, jsonObject, type Send } from "./exchange.ts";

/** The service's name in messages. */
export const SIGN_IN_SERVICE = "AWS Sign-In";

/** A token of AWS Sign-In: temporary credentials, and what renews them. */
export interface IssuedLoginToken {
  readonly keys: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  /** The expiration of the credentials, in milliseconds since 1970. */
  readonly expiration: number;
  readonly refreshToken: string;
  readonly tokenType: unknown;
  /** An OpenID Connect token that says who signed in; not with a renewal. */
  readonly idToken: unknown;
}

/** Sends CreateOAuth2Token, with the proof that this program has the key. */
export async function requestToken(
  host: Pick<Host, "now">,
  send: Send,
  { url, caBundle }: Pick<StsEndpoint, "url" | "caBundle">,
  key: DpopKey,
  body: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const target = `${url}/v1/token`;
  return send({
    method: "POST",
    url: target,
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      dpop: await dpopProof(key, target, host.now()),
    },
    body: JSON.stringify(body),
    timeout: TOKEN_TIMEOUT,
    caBundle,
  }, { attempts: TOKEN_ATTEMPTS });
}

/** The token of an answer; `undefined` if it is incomplete or invalid. */
export function issuedToken(answer: HttpAnswer, now: number): IssuedLoginToken | undefined {
  const { accessToken, expiresIn, refreshToken, tokenType, idToken } = jsonObject(answer) ?? {};
  const { accessKeyId, secretAccessKey, sessionToken } = Object(accessToken);
  const expiration = expirationOf(expiresIn ?? 900, now); // as in the AWS SDK for JavaScript
  const isKey = (value: unknown): value is string => typeof value === "string" && isKeyText(value);
  if (
    !isKey(accessKeyId) || !isKey(secretAccessKey) || !isKey(sessionToken) ||
    !isText(refreshToken) || expiration === undefined
  ) return undefined;
  const keys = { accessKeyId, secretAccessKey, sessionToken };
  return { keys, expiration, refreshToken, tokenType, idToken };
}

/** The file of a login session: SHA-256 of its name, as in the AWS CLI. */
export async function loginTokenPath(
  { env, os }: Pick<Host, "env" | "os">,
  session: string,
): Promise<string> {
  return join(os, loginCacheFolder(env, os), `${await sha256(session)}.json`);
}

/** The region in which the user signed in; `undefined` without a readable token. */
export async function signedInAt(
  host: Pick<Host, "env" | "os" | "readFile">,
  session: string,
): Promise<string | undefined> {
  try {
    const body = host.readFile(await loginTokenPath(host, session));
    const { signInRegion } = JSON.parse(new TextDecoder().decode(body));
    return isText(signInRegion) ? signInRegion : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Caches the token of a sign-in. A process that is renewing the old one comes first.
 *
 * @throws {EacError} `io`
 */
export async function saveLoginToken(
  host: TokenHost,
  session: string,
  file: Readonly<Record<string, unknown>>,
  options: ExchangeOptions,
): Promise<void> {
  const lock = await lockToken(host, `login-${await sha256(session)}`, options);
  try {
    host.makeFolder(loginCacheFolder(host.env, host.os), 0o700);
    const path = await loginTokenPath(host, session);
    writeAtomically(host, path, new TextEncoder().encode(JSON.stringify(file)));
  } finally {
    lock?.release();
  }
}

/** True for a non-empty string. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
