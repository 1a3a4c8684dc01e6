/**
 * Signing in to IAM Identity Center, as `aws sso login` does.
 *
 * The requests and the files in ~/.aws/sso/cache are those of botocore's `SSOTokenFetcherAuth` and
 * `SSOTokenFetcher`, so each program uses what the other one wrote.
 *
 * @module
 */

import { toTimestamp } from "../../plan/credentials.ts";
import type { EndpointInput } from "../../plan/region.ts";
import type { TokenHost } from "../providers/cached_token.ts";
import { type ExchangeOptions, expirationOf } from "../providers/exchange.ts";
import { isAccessToken, saveSsoToken } from "../providers/sso_token.ts";
import {
  authorizationCode,
  type AuthorizationHost,
  type Browse,
  newPkce,
  SIGN_IN_LIMIT,
  signInTimeout,
  urlWith,
} from "./authorization_code.ts";
import { createOidcClient, type Members, type OidcClient } from "./oidc_client.ts";
import {
  DEFAULT_SCOPES,
  forgetRegistration,
  type Grant,
  type IdentityCenterSession,
  type Registration,
  registrationOf,
} from "./registration.ts";

/** Milliseconds between two polls, and what each `slow_down` adds (RFC 8628, section 3.5). */
const POLL_INTERVAL = 5000;

/** The prompts of a sign-in. */
export interface IdentityCenterPrompts {
  readonly browse: Browse;
  /** Shows the code that the user has to confirm at a URL; `signal` aborts once there is an answer. */
  readonly confirm: (url: string, userCode: string, signal: AbortSignal) => Promise<void>;
}

/** A token that was issued. */
export interface IssuedToken {
  /** Milliseconds since 1970. */
  readonly expiration: number;
  /** True if it is renewed without the user. */
  readonly renewable: boolean;
}

/**
 * Signs in, and caches the token. Without an sso-session only a device code works, as in the AWS CLI.
 *
 * @throws {EacError} `access_denied`, `timeout`, `invalid_parameter`, `service`, `network`, `io`
 */
export async function signInToIdentityCenter(
  host: TokenHost & AuthorizationHost,
  session: IdentityCenterSession,
  where: EndpointInput,
  preferred: Grant,
  prompts: IdentityCenterPrompts,
  options: ExchangeOptions = {},
): Promise<IssuedToken> {
  const grant = session.session === undefined ? "device code" : preferred;
  let forgotten: Promise<void> | undefined;
  const oidc = createOidcClient(
    host,
    session,
    where,
    options,
    () => forgotten = forgetRegistration(host, session),
  );
  try {
    const client = await registrationOf(host, session, grant, oidc);
    const issued = grant === "device code"
      ? await deviceCodeGrant(host, session, client, oidc, prompts)
      : await authorizationCodeGrant(host, session, client, oidc, prompts);
    const { accessToken, refreshToken, expiresIn } = issued;
    const expiration = expirationOf(expiresIn, host.now());
    if (!isAccessToken(accessToken) || expiration === undefined) throw oidc.incomplete();
    const renewable = typeof refreshToken === "string";
    await saveSsoToken(host, session, {
      startUrl: session.startUrl,
      region: session.region,
      accessToken,
      expiresAt: toTimestamp(expiration),
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      registrationExpiresAt: client.expiresAt,
      refreshToken: renewable ? refreshToken : undefined,
    }, options);
    return { expiration, renewable: renewable && session.session !== undefined };
  } finally {
    await forgotten;
  }
}

/** AWS registers the redirect URI without a port, and accepts it with any. */
async function authorizationCodeGrant(
  host: AuthorizationHost,
  { scopes = DEFAULT_SCOPES }: IdentityCenterSession,
  { clientId, clientSecret }: Registration,
  oidc: OidcClient,
  { browse }: IdentityCenterPrompts,
): Promise<Members> {
  const { verifier, challenge, state } = await newPkce();
  const { code, redirectUri } = await authorizationCode(host, {
    state,
    authorizeUrl: (redirectUri) =>
      urlWith(`${oidc.url}/authorize`, {
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        code_challenge_method: "S256",
        scopes: scopes.join(" "), // sic: AWS does not call it `scope`
        code_challenge: challenge,
      }),
    browse,
  });
  return Object(
    await oidc.call("/token", {
      clientId,
      clientSecret,
      grantType: "authorization_code",
      code,
      redirectUri,
      codeVerifier: verifier,
    }),
  );
}

async function deviceCodeGrant(
  host: TokenHost,
  { startUrl, profile }: IdentityCenterSession,
  { clientId, clientSecret }: Registration,
  oidc: OidcClient,
  { confirm }: IdentityCenterPrompts,
): Promise<Members> {
  const started: Members = Object(
    await oidc.call("/device_authorization", { clientId, clientSecret, startUrl }),
  );
  const { deviceCode, userCode, verificationUri, verificationUriComplete } = started;
  const page = URL.parse(String(verificationUriComplete ?? verificationUri));
  const isPage = page !== null && /^https?:$/.test(page.protocol);
  const isCode = typeof userCode === "string" && /^[\w-]{1,32}$/.test(userCode);
  if (typeof deviceCode !== "string" || !isCode || !isPage) throw oidc.incomplete();
  const limit = Math.min(milliseconds(started.expiresIn) ?? SIGN_IN_LIMIT, SIGN_IN_LIMIT);
  const end = host.now() + limit;
  let interval = milliseconds(started.interval) ?? POLL_INTERVAL;
  const answered = new AbortController();
  const confirming = confirm(page.href, userCode, answered.signal);
  confirming.catch(() => {}); // awaited below
  try {
    for (;;) {
      await host.sleep(Math.min(interval, end - host.now()));
      const answer = await oidc.call("/token", {
        clientId,
        clientSecret,
        grantType: "urn:ietf:params:oauth:grant-type:device_code",
        deviceCode,
      }, ["authorization_pending", "slow_down", "expired_token"]);
      if (answer === "expired_token") throw signInTimeout(limit).of(profile);
      if (typeof answer !== "string") return answer;
      if (answer === "slow_down") interval += POLL_INTERVAL;
      if (host.now() >= end) throw signInTimeout(limit).of(profile);
    }
  } finally {
    answered.abort();
    await confirming;
  }
}

/** Seconds in an answer, as milliseconds. */
function milliseconds(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value * 1000 : undefined;
}
