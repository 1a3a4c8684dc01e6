/**
 * The credentials of `aws login`, from the token that it cached.
 *
 * The token's file, its renewal and the DPoP proof that goes with it (RFC 9449) are those of botocore's
 * `LoginCredentialFetcher` and of `@aws-sdk/credential-provider-login`.
 *
 * @module
 */

import { join, loginCacheFolder } from "../../config/locations.ts";
import { asEacError, EacError } from "../../errors.ts";
import type { Host, HttpAnswer } from "../../host/host.ts";
import type { LoginBase } from "../../plan/base.ts";
import { type Credentials, parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { signInEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
import { sha256 } from "../../text/hash.ts";
import { shellWord } from "../../text/printable.ts";
import {
  lockToken,
  RENEWAL_WINDOW,
  signInRequired,
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

const NAME = "AWS Sign-In";

/** A token's file. The members that eac does not read are kept when it is renewed. */
interface CachedToken {
  readonly accessToken: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly expiration: number;
  readonly clientId: string;
  readonly refreshToken: string;
  readonly dpopKey: string;
  readonly signInRegion?: string | undefined;
  readonly file: Readonly<Record<string, unknown>>;
}

/**
 * The credentials of a login session, renewed where they are about to expire.
 *
 * @throws {EacError} `input_required` where the user has to sign in; `access_denied`, `config_invalid`,
 * `throttled`, `service`, `network`, `timeout`
 */
export async function loginCredentials(
  host: TokenHost,
  base: LoginBase,
  where: EndpointInput,
  options: ExchangeOptions,
): Promise<Credentials> {
  const hash = await sha256(base.session);
  const path = join(host.os, loginCacheFolder(host.env, host.os), `${hash}.json`);
  const token = readToken(host, path, base);
  if (!isDue(token, host.now())) return credentialsOf(token);

  return await withinLimit(host, NAME, options, async (send, stop) => {
    // A refresh token may work only once: one process renews, the others find the new one.
    const lock = await lockToken(host, `login-${hash}`, { ...options, signal: stop });
    try {
      const latest = readToken(host, path, base);
      if (!isDue(latest, host.now())) return credentialsOf(latest);
      return credentialsOf(await renewed(latest, send));
    } finally {
      lock?.release();
    }
  });

  function credentialsOf({ accessToken, expiration }: CachedToken): Credentials {
    return checkedCredentials("aws login", {
      accessKeyId: accessToken.accessKeyId,
      secretAccessKey: accessToken.secretAccessKey,
      sessionToken: accessToken.sessionToken,
      expiration,
      accountId: base.session.split(":")[4],
    }, host.now());
  }

  /** The renewed token; the old one where that fails and its credentials have not expired yet. */
  async function renewed(old: CachedToken, send: Send): Promise<CachedToken> {
    try {
      return await renew(old, send);
    } catch (thrown) {
      const error = asEacError(thrown);
      if (error.code === "interrupted" || old.expiration <= host.now()) throw error;
      options.log?.(`${error.message}; using the old credentials until they expire`);
      return old;
    }
  }

  async function renew(old: CachedToken, send: Send): Promise<CachedToken> {
    const { url, caBundle } = signInEndpoint(where, old.signInRegion);
    const target = `${url}/v1/token`;
    const answer = await send({
      method: "POST",
      url: target,
      headers: {
        accept: "application/json",
        "content-type": "application/json",
        dpop: await proof(old.dpopKey, target, host.now(), base),
      },
      body: JSON.stringify({
        clientId: old.clientId,
        refreshToken: old.refreshToken,
        grantType: "refresh_token",
      }),
      timeout: TOKEN_TIMEOUT,
      caBundle,
    }, { attempts: TOKEN_ATTEMPTS });
    if (answer.status !== 200) throw refused(base, answer, [old.refreshToken]);
    const { accessToken, expiresIn, refreshToken } = jsonObject(answer) ?? {};
    const { accessKeyId, secretAccessKey, sessionToken } = Object(accessToken);
    const lifetime = expiresIn ?? 900; // as in the AWS SDK for JavaScript
    if (
      !isText(accessKeyId) || !isText(secretAccessKey) || !isText(sessionToken) ||
      !isText(refreshToken) || typeof lifetime !== "number"
    ) {
      throw new EacError("service", `${NAME} returned an incomplete token`, {
        hint: `try again; if it fails again, run eac login ${shellWord(base.profile)}`,
        profile: base.profile,
      });
    }
    const expiration = host.now() + lifetime * 1000;
    const latest = {
      ...old.accessToken,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expiresAt: toTimestamp(expiration),
    };
    const file = { ...old.file, accessToken: latest, refreshToken };
    writeToken(host, path, file, options);
    return { ...old, accessToken: latest, expiration, refreshToken, file };
  }
}

function isDue({ expiration }: CachedToken, now: number): boolean {
  return expiration - now <= RENEWAL_WINDOW;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/**
 * The cached token.
 *
 * @throws {EacError} `input_required` for a file that is missing, damaged or incomplete
 */
function readToken(
  { readFile }: Pick<Host, "readFile">,
  path: string,
  base: LoginBase,
): CachedToken {
  const body = readFile(path);
  if (body === undefined) {
    throw signInRequired(base.profile, `profile "${base.profile}" is not signed in to AWS`);
  }
  const file = jsonObject({ status: 200, headers: {}, body }) ?? {};
  const { clientId, refreshToken, dpopKey, signInRegion } = file;
  const accessToken = Object(file.accessToken) as Record<string, unknown>;
  const expiration = parseTimestamp(String(accessToken.expiresAt ?? ""));
  if (
    !isText(clientId) || !isText(refreshToken) || !isText(dpopKey) || expiration === undefined ||
    !isText(accessToken.accessKeyId) || !isText(accessToken.secretAccessKey) ||
    !isText(accessToken.sessionToken)
  ) {
    throw signInRequired(
      base.profile,
      `the login session of profile "${base.profile}" is damaged or incomplete: ${path}`,
    );
  }
  return {
    accessToken,
    expiration,
    clientId,
    refreshToken,
    dpopKey,
    signInRegion: isText(signInRegion) ? signInRegion : undefined,
    file,
  };
}

/** The error of a refusal, by the codes in the API reference of CreateOAuth2Token. */
function refused(base: LoginBase, answer: HttpAnswer, secrets: readonly string[]): EacError {
  const { profile } = base;
  const text = refusalText(answer, secrets);
  switch (jsonObject(answer)?.error) {
    case "TOKEN_EXPIRED":
      return signInRequired(profile, `the login session of profile "${profile}" has expired`);
    case "USER_CREDENTIALS_CHANGED":
      return signInRequired(
        profile,
        `the login session of profile "${profile}" ended because the password was changed`,
      );
    case "INSUFFICIENT_PERMISSIONS":
      return new EacError(
        "access_denied",
        `the login session of profile "${profile}" must not be renewed`,
        { hint: "ask an administrator for the permission signin:CreateOAuth2Token", profile },
      );
  }
  if (answer.status === 429) {
    return new EacError("throttled", `${NAME} throttled the request`, {
      hint: "wait a moment and try again",
      profile,
    });
  }
  return new EacError("service", `${NAME} renewed no login session: ${text}`, {
    hint: `try again; if it fails again, run eac login ${shellWord(profile)}`,
    profile,
  });
}

const P256 = { name: "ECDSA", namedCurve: "P-256" };

/** `PrivateKeyInfo` of RFC 5208 up to the key itself: version 0, and id-ecPublicKey on P-256. */
const KEY_INFO =
  // deno-fmt-ignore
  [0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
   0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/** The DPoP proof for a POST to this URL: a JWT that is signed with the session's key. */
async function proof(pem: string, url: string, now: number, base: LoginBase): Promise<string> {
  const { key, x, y } = await keyPair(pem, base);
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty: "EC", crv: "P-256", x, y } };
  const claims = {
    jti: crypto.randomUUID(),
    htm: "POST",
    htu: url,
    iat: Math.floor(now / 1000),
  };
  const signed = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, utf8(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

/**
 * The key of a PEM block with its public point: `EC PRIVATE KEY` as the AWS CLI writes it, or `PRIVATE KEY`.
 */
async function keyPair(pem: string, base: LoginBase) {
  try {
    const der = Uint8Array.fromBase64(pem.replace(/-----[^-]*-----/g, "").replace(/\s/g, ""));
    const info = /-----BEGIN PRIVATE KEY-----/.test(pem)
      ? der
      : new Uint8Array(element(0x30, [...KEY_INFO, ...element(0x04, [...der])]));
    const key = await crypto.subtle.importKey("pkcs8", info, P256, true, ["sign"]);
    // Deno looks at the bytes of a key no earlier than here.
    const { x, y } = await crypto.subtle.exportKey("jwk", key);
    return { key, x, y };
  } catch {
    throw signInRequired(
      base.profile,
      `the key of the login session of "${base.profile}" cannot be read`,
    );
  }
}

/** An element of DER, of 255 bytes at most. */
function element(tag: number, bytes: readonly number[]): number[] {
  return bytes.length < 128 ? [tag, bytes.length, ...bytes] : [tag, 0x81, bytes.length, ...bytes];
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
