/**
 * The roles that a user may assume through IAM Identity Center: ListAccounts and ListAccountRoles of its
 * portal API, page by page.
 *
 * @module
 */

import { inParallel } from "../../async/parallel.ts";
import { EacError } from "../../errors.ts";
import { isAccountId } from "../../plan/credentials.ts";
import { identityCenterEndpoint } from "../../plan/endpoint.ts";
import type { EndpointInput } from "../../plan/region.ts";
import { TOKEN_TIMEOUT, type TokenHost } from "./cached_token.ts";
import {
  type ExchangeOptions,
  jsonObject,
  refusalText,
  type Send,
  withinLimit,
} from "./exchange.ts";
import {
  IDENTITY_CENTER,
  ssoAccessToken,
  type SsoSession,
  ssoSessionExpired,
} from "./sso_token.ts";

/** A role of an account. */
export interface SsoRole {
  readonly accountId: string;
  /** As the owner of the organization spelled it. */
  readonly accountName: string;
  readonly roleName: string;
}

/** Milliseconds for the whole list: each account takes a request, and there may be a thousand. */
const LIMIT = 300_000;

/** The attempts of each request, with growing delays, because AWS throttles. */
const ATTEMPTS = 8;

/** The number of concurrent requests. */
const AT_ONCE = 8;

/** The maximum numbers of entries of a page and of pages of a list: a server that exceeds them is broken. */
const PAGE = "100";
const MOST_PAGES = 1000;

/**
 * All roles, ordered by the account's name.
 *
 * @throws {EacError} `input_required` if the user has to sign in; `access_denied`, `throttled`,
 * `service`, `network`, `timeout`
 */
export async function listSsoRoles(
  host: TokenHost,
  session: SsoSession,
  where: EndpointInput,
  options: ExchangeOptions,
): Promise<readonly SsoRole[]> {
  const work = async (send: Send, stop: AbortSignal) => {
    const token = await ssoAccessToken(host, session, where, send, { ...options, signal: stop });
    const list = pages(session, where, token, send);
    const accounts = await list("accounts", {}, "accountList");
    const roles: SsoRole[] = [];
    await inParallel(AT_ONCE, accounts, async ({ accountId, accountName }) => {
      if (!isAccountId(accountId)) throw unusable(session);
      const name = typeof accountName === "string" && accountName !== "" ? accountName : accountId;
      for (const { roleName } of await list("roles", { account_id: accountId }, "roleList")) {
        if (typeof roleName !== "string" || !/^[\w+=,.@-]{1,64}$/.test(roleName)) {
          throw unusable(session);
        }
        roles.push({ accountId, accountName: name, roleName });
      }
    });
    return roles.sort((a, b) => compare(a, b));
  };
  return await withinLimit(host, IDENTITY_CENTER, { ...options, limit: LIMIT }, work);
}

function compare(a: SsoRole, b: SsoRole): number {
  return a.accountName.localeCompare(b.accountName, "en") ||
    a.accountId.localeCompare(b.accountId) || a.roleName.localeCompare(b.roleName, "en");
}

type Entries = readonly Readonly<Record<string, unknown>>[];

/** Reads the lists of the portal. */
function pages(session: SsoSession, where: EndpointInput, token: string, send: Send) {
  const { url, caBundle } = identityCenterEndpoint(where, "sso", session.region);
  return async (
    path: "accounts" | "roles",
    parameters: Readonly<Record<string, string>>,
    member: string,
  ): Promise<Entries> => {
    const entries: Record<string, unknown>[] = [];
    const query = new URLSearchParams({ ...parameters, max_result: PAGE });
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await send({
        method: "GET",
        url: `${url}/assignment/${path}?${query}`,
        headers: { accept: "application/json", "x-amz-sso_bearer_token": token },
        timeout: TOKEN_TIMEOUT,
        caBundle,
      }, { attempts: ATTEMPTS });
      if (answer.status === 401) throw ssoSessionExpired(session);
      if (answer.status !== 200) {
        throw refused(session, answer.status, refusalText(answer, [token]));
      }
      const { [member]: found, nextToken } = jsonObject(answer) ?? {};
      if (!Array.isArray(found)) throw unusable(session);
      for (const entry of found) entries.push(Object(entry));
      if (typeof nextToken !== "string" || nextToken === "") return entries;
      if (query.get("next_token") === nextToken) break;
      query.set("next_token", nextToken);
    }
    throw unusable(session);
  };
}

function refused({ profile }: SsoSession, status: number, text: string): EacError {
  if (status === 429) {
    return new EacError("throttled", `${IDENTITY_CENTER} throttled the requests`, {
      hint: "wait a moment and try again",
      profile,
    });
  }
  const code = status === 403 ? "access_denied" : "service";
  return new EacError(code, `${IDENTITY_CENTER} did not list the roles: ${text}`, {
    hint: "check sso_start_url and sso_region, then try again",
    profile,
  });
}

function unusable({ profile }: SsoSession): EacError {
  return new EacError("service", `${IDENTITY_CENTER} returned an invalid list`, {
    hint: "check sso_region; check whether a proxy is in the way",
    profile,
  });
}
