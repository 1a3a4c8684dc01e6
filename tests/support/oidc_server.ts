/**
 * IAM Identity Center on loopback: its OIDC service with the consent page, and its portal. It checks what
 * AWS checks (client, scopes, redirect, PKCE, state, expiry) and accepts only tokens that it issued.
 *
 * @module
 */

import { answerOf, challengeOf, consentPage } from "./consent_page.ts";

/** The state, which tests may change at any time. */
export interface OidcServer extends AsyncDisposable {
  readonly url: string;
  /** The page where a user confirms a device code. */
  readonly devicePage: string;
  /** Each request: the path, and the body of a POST. */
  readonly requests: { readonly path: string; readonly body: Record<string, unknown> }[];
  /** Answers of /token to a device code before its user is asked; then the user's. */
  readonly polls: string[];
  /** How long an access token lasts, in seconds. */
  lifetime: number;
  /** Seconds in which a code, or a device code, expires. */
  codeLifetime: number;
  /** Seconds that a device should wait between two polls. */
  interval: number;
  /** False: no refresh token is issued. */
  refreshes: boolean;
  /** Answers every request with this until it is removed. */
  failure: { readonly status: number; readonly body: unknown } | undefined;
}

interface Client {
  readonly secret: string;
  readonly grants: readonly string[];
  readonly redirects: readonly string[];
  readonly scopes: readonly string[];
}

interface Code {
  readonly clientId: string;
  readonly challenge: string;
  readonly redirect: string;
  used: boolean;
}

const CALLBACK = /^http:\/\/127\.0\.0\.1(:\d+)?(\/oauth\/callback)$/;

/** Starts the services. */
export function startOidcServer(now: () => number = () => Date.now()): OidcServer {
  const clients = new Map<string, Client>();
  const codes = new Map<string, Code & { at: number }>();
  const devices = new Map<string, { clientId: string; at: number }>();
  const refreshTokens = new Map<string, string>();
  const accessTokens = new Set<string>();
  let count = 0;
  const next = (what: string) => `${what}-${++count}`;

  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const url = new URL(request.url);
      const text = request.method === "POST" ? await request.text() : "";
      const body: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
      if (request.method === "POST") service.requests.push({ path: url.pathname, body });
      if (service.failure) {
        return Response.json(service.failure.body, { status: service.failure.status });
      }
      switch (`${request.method} ${url.pathname}`) {
        case "POST /client/register":
          return register(body);
        case "GET /authorize":
          return authorize(url.searchParams);
        case "GET /answer":
          return redirect(url.searchParams);
        case "POST /device_authorization":
          return startDevice(body);
        case "GET /device":
          return new Response("confirm the code");
        case "POST /token":
          return token(body);
        case "GET /assignment/accounts":
          return Response.json({
            accountList: [{ accountId: "123456789012", accountName: "main", emailAddress: "" }],
          });
        case "GET /assignment/roles":
          return Response.json({ roleList: [{ accountId: "123456789012", roleName: "admin" }] });
        case "GET /federation/credentials":
          return roleCredentials(request.headers.get("x-amz-sso_bearer_token") ?? "");
      }
      return new Response(null, { status: 404 });
    },
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const service: OidcServer = {
    url: origin,
    devicePage: `${origin}/device`,
    requests: [],
    polls: [],
    lifetime: 8 * 3600,
    codeLifetime: 600,
    interval: 1,
    refreshes: true,
    failure: undefined,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
  return service;

  function refuse(error: string, description: string, status = 400): Response {
    return Response.json({ error, error_description: description }, { status });
  }

  function register(body: Record<string, unknown>): Response {
    const { clientName, clientType, scopes = [], grantTypes = [], redirectUris = [] } = body;
    if (typeof clientName !== "string" || clientType !== "public") {
      return refuse("invalid_request", "clientName or clientType");
    }
    const redirects = redirectUris as string[];
    if (!redirects.every((one) => CALLBACK.test(one))) {
      return refuse("invalid_redirect_uri", "only loopback");
    }
    const clientId = next("client");
    const secret = next("client-secret");
    clients.set(clientId, {
      secret,
      grants: grantTypes as string[],
      redirects,
      scopes: scopes as string[],
    });
    const clientSecretExpiresAt = Math.floor(now() / 1000) + 90 * 24 * 3600;
    return Response.json({ clientId, clientSecret: secret, clientSecretExpiresAt });
  }

  function authorize(query: URLSearchParams): Response {
    const client = clients.get(query.get("client_id") ?? "");
    const redirect = query.get("redirect_uri") ?? "";
    const wrong = client === undefined
      ? "client_id"
      : query.get("response_type") !== "code"
      ? "response_type"
      : !client.grants.includes("authorization_code")
      ? "grant"
      : !client.redirects.includes(redirect.replace(CALLBACK, "http://127.0.0.1$2"))
      ? "redirect_uri"
      : query.get("code_challenge_method") !== "S256"
      ? "code_challenge_method"
      : !/^[\w-]{43}$/.test(query.get("code_challenge") ?? "")
      ? "code_challenge"
      : !query.get("state")
      ? "state"
      : query.get("scopes")?.split(" ").some((scope) => !client.scopes.includes(scope))
      ? "scopes"
      : undefined;
    if (wrong !== undefined) return new Response(`wrong ${wrong}`, { status: 400 });
    return consentPage(query);
  }

  function redirect(query: URLSearchParams): Response {
    return answerOf(query, () => {
      const code = next("code");
      codes.set(code, {
        clientId: query.get("client_id")!,
        challenge: query.get("code_challenge")!,
        redirect: query.get("redirect_uri")!,
        used: false,
        at: now(),
      });
      return code;
    });
  }

  function startDevice({ clientId, clientSecret }: Record<string, unknown>): Response {
    const client = clients.get(String(clientId));
    if (client?.secret !== clientSecret) return refuse("invalid_client", "unknown", 401);
    const deviceCode = next("device-code");
    devices.set(deviceCode, { clientId: String(clientId), at: now() });
    return Response.json({
      deviceCode,
      userCode: "ABCD-EFGH",
      verificationUri: service.devicePage,
      verificationUriComplete: `${service.devicePage}?user_code=ABCD-EFGH`,
      expiresIn: service.codeLifetime,
      interval: service.interval,
    });
  }

  async function token(body: Record<string, unknown>): Promise<Response> {
    const { clientId, clientSecret, grantType } = body;
    const client = clients.get(String(clientId));
    if (client?.secret !== clientSecret) return refuse("invalid_client", "unknown", 401);
    if (grantType === "authorization_code") {
      const code = codes.get(String(body.code));
      if (code === undefined || code.used || code.clientId !== clientId) {
        return refuse("invalid_grant", "no such code");
      }
      code.used = true;
      if (now() - code.at >= service.codeLifetime * 1000) {
        return refuse("expired_token", "too late");
      }
      if (body.redirectUri !== code.redirect) return refuse("invalid_grant", "redirectUri");
      if (await challengeOf(body.codeVerifier) !== code.challenge) {
        return refuse("invalid_grant", "codeVerifier");
      }
    } else if (grantType === "urn:ietf:params:oauth:grant-type:device_code") {
      const device = devices.get(String(body.deviceCode));
      if (device?.clientId !== clientId) return refuse("invalid_grant", "no such device code");
      if (now() - device!.at >= service.codeLifetime * 1000) {
        return refuse("expired_token", "too late");
      }
      const error = service.polls.shift();
      if (error !== undefined) return refuse(error, "");
      devices.delete(String(body.deviceCode));
    } else if (grantType === "refresh_token") {
      if (refreshTokens.get(String(body.refreshToken)) !== clientId) {
        return refuse("invalid_grant", "no such refresh token");
      }
      refreshTokens.delete(String(body.refreshToken));
    } else return refuse("unsupported_grant_type", String(grantType));
    const accessToken = next("access-token");
    accessTokens.add(accessToken);
    const refreshToken = service.refreshes && client!.scopes.length > 0
      ? next("refresh-token")
      : undefined;
    if (refreshToken !== undefined) refreshTokens.set(refreshToken, String(clientId));
    return Response.json({
      accessToken,
      refreshToken,
      tokenType: "Bearer",
      expiresIn: service.lifetime,
    });
  }

  function roleCredentials(accessToken: string): Response {
    if (!accessTokens.has(accessToken)) {
      return Response.json({ message: "Session token not found or invalid" }, { status: 401 });
    }
    return Response.json({
      roleCredentials: {
        accessKeyId: "ASIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        sessionToken: `session-by-${accessToken}`,
        expiration: now() + 3600_000,
      },
    });
  }
}
