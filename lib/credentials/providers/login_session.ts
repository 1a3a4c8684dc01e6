/**
 * The credentials of `aws login`, from the token that it cached.
 *
 * The token's file, its renewal and the DPoP proof for it (RFC 9449) follow botocore's `LoginCredentialFetcher`
 * and `@aws-sdk/credential-provider-login`.
 *
 * @module
 */

import { asEacError, EacError } from "../../errors.ts";
import type { Host, HttpAnswer } from "../../host/host.ts";
import type { LoginBase } from "../../plan/base.ts";
import { type Credentials, parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { signInEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
import { sha256 } from "../../text/hash.ts";
import { shellWord } from "../../text/printable.ts";
import { lockToken, RENEWAL_WINDOW, type TokenHost, writeToken } from "./cached_token.ts";
import { readDpopKey } from "./dpop.ts";
import {
  checkedCredentials,
  type ExchangeOptions,
  jsonObject,
  refusalText,
  type Send,
  withinLimit,
} from "./exchange.ts";
import { signInRequired } from "./sign_in_required.ts";
import {
  issuedToken,
  isText,
  loginTokenPath,
  requestToken,
  SIGN_IN_SERVICE,
} from "./login_token.ts";

/** A token's file. A renewal preserves the fields that eac does not read. */
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
 * The credentials of a login session, renewed if they are about to expire.
 *
 * @throws {EacError} `input_required` if the user has to sign in; `access_denied`, `config_invalid`,
 * `throttled`, `service`, `network`, `timeout`
 */
export async function loginCredentials(
  host: TokenHost,
  base: LoginBase,
  where: EndpointInput,
  options: ExchangeOptions,
): Promise<Credentials> {
  const hash = await sha256(base.session);
  const path = await loginTokenPath(host, base.session);
  const token = readToken(host, path, base);
  if (!isDue(token, host.now())) return credentialsOf(token);

  return withinLimit(host, SIGN_IN_SERVICE, options, async (send, stop) => {
    // A refresh token may work only once: one process renews it, the others use the result.
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

  /** The renewed token; the old one if that fails and its credentials have not expired yet. */
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
    const key = await readDpopKey(old.dpopKey);
    if (key === undefined) {
      throw signInRequired(
        base.profile,
        `the key of the login session of "${base.profile}" cannot be read`,
      );
    }
    const endpoint = signInEndpoint(where, old.signInRegion);
    const answer = await requestToken(host, send, endpoint, key, {
      clientId: old.clientId,
      refreshToken: old.refreshToken,
      grantType: "refresh_token",
    });
    if (answer.status !== 200) throw refused(base, answer, [old.refreshToken]);
    const issued = issuedToken(answer, host.now());
    if (issued === undefined) {
      throw new EacError("service", `${SIGN_IN_SERVICE} returned an incomplete token`, {
        hint: `try again; if it fails again, run eac login ${shellWord(base.profile)}`,
        profile: base.profile,
      });
    }
    const { keys, expiration, refreshToken } = issued;
    const latest = {
      ...old.accessToken,
      ...keys,
      expiresAt: toTimestamp(expiration),
    };
    const file = { ...old.file, accessToken: latest, refreshToken };
    writeToken(host, path, file, options);
    return { ...old, accessToken: latest, expiration, refreshToken, file };
  }
}

/**
 * The error if the user has to sign in, judged only by the file of the session; otherwise `undefined`.
 * Makes no call.
 */
export async function loginSignInError(
  host: Pick<Host, "env" | "os" | "readFile">,
  base: LoginBase,
): Promise<EacError | undefined> {
  try {
    readToken(host, await loginTokenPath(host, base.session), base);
    return undefined;
  } catch (thrown) {
    return asEacError(thrown);
  }
}

function isDue({ expiration }: CachedToken, now: number): boolean {
  return expiration - now <= RENEWAL_WINDOW;
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

/** The error for an error response, by the codes in the API reference of CreateOAuth2Token. */
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
        `the login session of profile "${profile}" may not be renewed`,
        { hint: "ask an administrator for the permission signin:CreateOAuth2Token", profile },
      );
  }
  if (answer.status === 429) {
    return new EacError("throttled", `${SIGN_IN_SERVICE} throttled the request`, {
      hint: "wait a moment and try again",
      profile,
    });
  }
  return new EacError("service", `${SIGN_IN_SERVICE} did not renew the login session: ${text}`, {
    hint: `try again; if it fails again, run eac login ${shellWord(profile)}`,
    profile,
  });
}
