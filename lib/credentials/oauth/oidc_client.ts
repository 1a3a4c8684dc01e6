/**
 * Calls to the OIDC service of IAM Identity Center, which need no signature.
 *
 * @module
 */

import { EacError, type ErrorCode } from "../../errors.ts";
import type { HttpAnswer } from "../../host/host.ts";
import { identityCenterEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
import { TOKEN_ATTEMPTS, TOKEN_TIMEOUT } from "../providers/cached_token.ts";
import {
  type ExchangeHost,
  type ExchangeOptions,
  jsonObject,
  refusalText,
  withinLimit,
} from "../providers/exchange.ts";
import { IDENTITY_CENTER, type SsoSession } from "../providers/sso_token.ts";
import { signInTimeout } from "./authorization_code.ts";

/** The members of an answer, or of a request: those that are `undefined` are not sent. */
export type Members = Readonly<Record<string, unknown>>;

/** A client of the OIDC service. */
export interface OidcClient {
  /** The service's URL. */
  readonly url: string;
  /**
   * Sends a request.
   *
   * @returns the answer, or the name of its error if that is one of `expected`
   * @throws {EacError} `access_denied`, `invalid_parameter`, `throttled`, `service`, `network`, `timeout`
   */
  call(path: string, body: Members, expected?: readonly string[]): Promise<Members | string>;
  /** The error for an incomplete answer. */
  incomplete(): EacError;
}

/** A client for the session's region. `forget` is called when the service no longer knows the client. */
export function createOidcClient(
  host: ExchangeHost,
  { profile, region }: SsoSession,
  where: EndpointInput,
  options: ExchangeOptions,
  forget: () => void,
): OidcClient {
  const { url, caBundle } = identityCenterEndpoint(where, "sso_oidc", region);
  return {
    url,
    async call(path, body, expected = []) {
      const answer = await withinLimit(host, IDENTITY_CENTER, options, (send) =>
        send({
          method: "POST",
          url: url + path,
          headers: { accept: "application/json", "content-type": "application/json" },
          body: JSON.stringify(body),
          timeout: TOKEN_TIMEOUT,
          caBundle,
        }, { attempts: TOKEN_ATTEMPTS }));
      if (answer.status === 200) return jsonObject(answer) ?? {};
      const error = errorOf(answer);
      if (expected.includes(error)) return error;
      throw refused(error, answer, body);
    },
    incomplete: () =>
      new EacError("service", `${IDENTITY_CENTER} sent an incomplete answer`, {
        hint: "check sso_region, and the endpoint if you configured one",
        profile,
      }),
  };

  function refused(error: string, answer: HttpAnswer, body: Members): EacError {
    const secrets = Object.values(body).filter((value) => typeof value === "string");
    const text = refusalText(answer, secrets);
    const failure = (code: ErrorCode, message: string, hint: string) =>
      new EacError(code, `${IDENTITY_CENTER} ${message}`, { hint, profile });
    switch (error) {
      case "expired_token":
        return signInTimeout().of(profile);
      case "access_denied":
        return failure(
          "access_denied",
          `refused the sign-in: ${text}`,
          "run the command again, and allow the access in the browser",
        );
      case "invalid_client":
      case "unauthorized_client":
        forget();
        return failure(
          "service",
          `does not know eac's registration: ${text}`,
          "run the command again",
        );
    }
    if (answer.status === 429) {
      return failure("throttled", "throttled the request", "wait a moment and try again");
    }
    return answer.status >= 500 || answer.status < 400
      ? failure("service", `failed: ${text}`, "try again in a moment")
      : failure(
        "invalid_parameter",
        `refused the sign-in: ${text}`,
        "check sso_start_url, sso_region and sso_registration_scopes",
      );
  }
}

/** The error of an answer by its name in OAuth, which the SDKs' models name in a header. */
function errorOf(answer: HttpAnswer): string {
  const { error } = jsonObject(answer) ?? {};
  if (typeof error === "string") return error;
  const [type = ""] = (answer.headers["x-amzn-errortype"] ?? "").split(":");
  return type.replace(/Exception$/, "").replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase();
}
