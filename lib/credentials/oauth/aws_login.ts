/**
 * Signing in with the console's credentials, as `aws login` does.
 *
 * AWS publishes no reference of the authorization endpoint: the requests, the client IDs and the token's
 * file are those of the AWS CLI 2.36 (awscli/customizations/login).
 *
 * @module
 */

import { EacError } from "../../errors.ts";
import type { HttpAnswer } from "../../host/host.ts";
import { toTimestamp } from "../../plan/credentials.ts";
import { signInEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
import { fromBase64url } from "../../text/base64url.ts";
import type { TokenHost } from "../providers/cached_token.ts";
import { newDpopKey, readDpopKey } from "../providers/dpop.ts";
import {
  type ExchangeOptions,
  jsonObject,
  refusalText,
  withinLimit,
} from "../providers/exchange.ts";
import { issuedToken, isText, requestToken, SIGN_IN_SERVICE } from "../providers/login_token.ts";
import {
  type AuthorizationCode,
  authorizationCode,
  type AuthorizationHost,
  type Browse,
  newPkce,
  type Pkce,
  signInTimeout,
  urlWith,
} from "./authorization_code.ts";

/** The clients that AWS Sign-In knows: a browser on this machine, or on another one. */
const SAME_DEVICE = "arn:aws:signin:::devtools/same-device";
const CROSS_DEVICE = "arn:aws:signin:::devtools/cross-device";

/** The prompts of a sign-in. */
export interface AwsLoginPrompts {
  readonly browse: Browse;
  /**
   * Asks for the code that AWS shows at the URL; `undefined` for a browser on this machine.
   *
   * @param again why the user is asked again
   */
  readonly askCode?: ((url: string, again: string | undefined) => Promise<string>) | undefined;
}

/** A session that the user signed in to. */
export interface LoginSession {
  /** The ARN of the user: the value of `login_session`. */
  readonly name: string;
  /** The content of its file. */
  readonly file: Readonly<Record<string, unknown>>;
}

/**
 * Signs in. The caller stores the session.
 *
 * @throws {EacError} `access_denied`, `timeout`, `config_invalid`, `service`, `network`, `interrupted`
 */
export async function signInToAws(
  host: TokenHost & AuthorizationHost,
  where: EndpointInput,
  { browse, askCode }: AwsLoginPrompts,
  options: ExchangeOptions = {},
): Promise<LoginSession> {
  const endpoint = signInEndpoint(where, undefined);
  const pkce = await newPkce();
  const clientId = askCode === undefined ? SAME_DEVICE : CROSS_DEVICE;
  const authorizeUrl = (redirectUri: string) =>
    urlWith(`${endpoint.url}/v1/authorize`, {
      response_type: "code",
      client_id: clientId,
      state: pkce.state,
      code_challenge_method: "SHA-256", // sic: RFC 7636 calls it S256
      scope: "openid",
      redirect_uri: redirectUri,
      code_challenge: pkce.challenge,
    });
  const { code, redirectUri } = askCode === undefined
    ? await authorizationCode(host, { state: pkce.state, authorizeUrl, browse })
    : await pastedCode(`${endpoint.url}/v1/sessions/confirmation`, authorizeUrl, pkce, askCode);

  const dpopKey = await newDpopKey();
  const key = (await readDpopKey(dpopKey))!;
  const answer = await withinLimit(
    host,
    SIGN_IN_SERVICE,
    options,
    (send) =>
      requestToken(host, send, endpoint, key, {
        clientId,
        grantType: "authorization_code",
        code,
        codeVerifier: pkce.verifier,
        redirectUri,
      }),
  );
  if (answer.status !== 200) throw refused(answer, [code, pkce.verifier]);
  const issued = issuedToken(answer, host.now());
  const name = userOf(issued?.idToken);
  if (issued === undefined || name === undefined) {
    throw new EacError("service", `${SIGN_IN_SERVICE} sent an incomplete token`, {
      hint: "check the region, and the endpoint if you configured one",
    });
  }
  const { keys, expiration, refreshToken, tokenType, idToken } = issued;
  const accountId = name.split(":")[4];
  const expiresAt = toTimestamp(expiration);
  return {
    name,
    file: {
      accessToken: { ...keys, accountId, expiresAt },
      tokenType,
      clientId,
      refreshToken,
      idToken,
      dpopKey,
    },
  };
}

/** Asks for the code that the user copies from another device, until it belongs to this sign-in. */
async function pastedCode(
  redirectUri: string,
  authorizeUrl: (redirectUri: string) => string,
  { state }: Pkce,
  askCode: NonNullable<AwsLoginPrompts["askCode"]>,
): Promise<AuthorizationCode> {
  const url = authorizeUrl(redirectUri);
  let again: string | undefined;
  for (;;) {
    const pasted = new URLSearchParams(fromBase64(await askCode(url, again)));
    const code = pasted.get("code");
    if (code && pasted.get("state") === state) return { code, redirectUri };
    again = code && pasted.get("state")
      ? "This code belongs to another sign-in: open the URL again."
      : "This is not the whole code: copy it again.";
  }
}

/** What AWS shows: the base64 of `state=...&code=...`. */
function fromBase64(text: string): string {
  const code = text.replace(/\s/g, "").replaceAll("+", "-").replaceAll("/", "_");
  return fromBase64url(code) ?? "";
}

/**
 * The ARN of the user who signed in. The token comes from AWS Sign-In itself, over TLS, so its signature
 * need not be checked (OpenID Connect Core, section 3.1.3.7).
 */
function userOf(idToken: unknown): string | undefined {
  if (!isText(idToken)) return undefined;
  const parts = idToken.split(".");
  try {
    const { sub } = Object(JSON.parse(fromBase64url(parts[1] ?? "") ?? ""));
    // It becomes a line of the config file.
    return parts.length === 3 && /^arn:[\w-]+:(iam|sts)::\d{12}:[!-~]+$/.test(sub)
      ? sub
      : undefined;
  } catch {
    return undefined;
  }
}

/** The error for an error response, by the codes in the API reference of CreateOAuth2Token. */
function refused(answer: HttpAnswer, secrets: readonly string[]): EacError {
  const text = refusalText(answer, secrets);
  switch (jsonObject(answer)?.error) {
    case "AUTHCODE_EXPIRED":
      return signInTimeout();
    case "INSUFFICIENT_PERMISSIONS":
      return new EacError("access_denied", "the user is not allowed to sign in here", {
        hint: "ask an administrator for the managed policy SignInLocalDevelopmentAccess " +
          "(signin:AuthorizeOAuth2Access, signin:CreateOAuth2Token)",
      });
  }
  if (answer.status === 429) {
    return new EacError("throttled", `${SIGN_IN_SERVICE} throttled the request`, {
      hint: "wait a moment and try again",
    });
  }
  return new EacError(
    answer.status >= 400 && answer.status < 500 ? "access_denied" : "service",
    `${SIGN_IN_SERVICE} refused the sign-in: ${text}`,
    { hint: "run the command again" },
  );
}
