/**
 * The portal of IAM Identity Center on loopback: accounts, roles and their credentials.
 *
 * @module
 */

/** An account, and the roles that the user may assume in it. */
export interface PortalAccount {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** A running portal. */
export interface Portal extends AsyncDisposable {
  readonly url: string;
  /** The paths and queries of the requests. */
  readonly requests: string[];
  /** How many of the next requests are throttled. */
  throttled: number;
}

/** The access token that the portal accepts. */
export const ACCESS_TOKEN = "sso-token";

/** Starts a portal that returns pages of two entries. */
export function startPortal(
  accounts: readonly PortalAccount[],
  expiration: number = Date.UTC(2026, 10, 23, 14),
): Portal {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname, search, searchParams: query } = new URL(request.url);
    portal.requests.push(pathname + search);
    if (request.headers.get("x-amz-sso_bearer_token") !== ACCESS_TOKEN) {
      return Response.json({ message: "Session token not found or invalid" }, { status: 401 });
    }
    if (portal.throttled-- > 0) return Response.json({ message: "Too many" }, { status: 429 });
    const account = accounts.find(({ id }) => id === query.get("account_id"));
    switch (pathname) {
      case "/assignment/accounts": {
        const list = accounts.map(({ id, name }) => ({ accountId: id, accountName: name }));
        return page(query, "accountList", list);
      }
      case "/assignment/roles":
        return page(
          query,
          "roleList",
          account!.roles.map((roleName) => ({ roleName, accountId: account!.id })),
        );
      case "/federation/credentials":
        if (!account?.roles.includes(query.get("role_name") ?? "")) {
          return Response.json({ message: "No access" }, { status: 403 });
        }
        return Response.json({
          roleCredentials: {
            accessKeyId: "ASIAIOSFODNN7EXAMPLE",
            secretAccessKey: "sso-secret",
            sessionToken: "sso-session",
            expiration,
          },
        });
    }
    return new Response(null, { status: 404 });
  });
  const portal: Portal = {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests: [],
    throttled: 0,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return portal;
}

function page(query: URLSearchParams, member: string, entries: readonly unknown[]): Response {
  const at = Number(query.get("next_token") ?? 0);
  const next = at + 2 < entries.length ? String(at + 2) : null;
  return Response.json({ [member]: entries.slice(at, at + 2), nextToken: next });
}

/** The file of a long-lived token, named as the AWS CLI names it. */
export async function tokenFile(sessionOrUrl: string): Promise<Readonly<Record<string, string>>> {
  const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(sessionOrUrl));
  return {
    [`.aws/sso/cache/${new Uint8Array(hash).toHex()}.json`]: JSON.stringify({
      accessToken: ACCESS_TOKEN,
      expiresAt: "2099-01-01T00:00:00Z",
    }),
  };
}
