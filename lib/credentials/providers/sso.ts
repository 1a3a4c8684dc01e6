/**
 * The credentials of a role in IAM Identity Center, with the token of a signed-in session.
 *
 * The profile and its sso-session come from eac's own parser of the config file.
 *
 * @module
 */

import { EacError, type ErrorCode } from "../../errors.ts";
import type { HttpAnswer } from "../../host/host.ts";
import type { Credentials } from "../../plan/credentials.ts";
import { identityCenterEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
import { shellWord } from "../../text/printable.ts";
import { TOKEN_ATTEMPTS, TOKEN_TIMEOUT, type TokenHost } from "./cached_token.ts";
import {
  checkedCredentials,
  type ExchangeOptions,
  jsonObject,
  refusalText,
  withinLimit,
} from "./exchange.ts";
import {
  IDENTITY_CENTER as NAME,
  ssoAccessToken,
  type SsoSession,
  ssoSessionExpired,
} from "./sso_token.ts";

/** A role in IAM Identity Center. */
export interface SsoSource extends SsoSession {
  readonly accountId: string;
  readonly roleName: string;
}

/**
 * The role's credentials.
 *
 * @throws {EacError} `input_required` if the user has to sign in; `access_denied`,
 * `invalid_parameter`, `throttled`, `service`, `network`, `timeout`
 */
export async function ssoCredentials(
  host: TokenHost,
  source: SsoSource,
  where: EndpointInput,
  options: ExchangeOptions,
): Promise<Credentials> {
  return await withinLimit(host, NAME, options, async (send, stop) => {
    const accessToken = await ssoAccessToken(host, source, where, send, {
      ...options,
      signal: stop,
    });
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
      accountId: source.accountId,
    }, host.now());
  });
}

/** The error for an error response, by the statuses in the API references of SSO and SSO OIDC. */
function refused(source: SsoSource, answer: HttpAnswer, secrets: readonly string[]): EacError {
  const { profile, accountId, roleName } = source;
  const text = refusalText(answer, secrets);
  const error = (code: ErrorCode, message: string, hint: string) =>
    new EacError(code, message, { hint, profile });
  switch (answer.status) {
    case 401:
      return ssoSessionExpired(source);
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
        `try again; if it fails again, run eac login ${shellWord(profile)}`,
      );
  }
}
