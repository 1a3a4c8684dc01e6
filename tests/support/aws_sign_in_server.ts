/**
 * AWS Sign-In on loopback, as `aws login` uses it: the consent page, and tokens that are bound to a DPoP
 * key. It checks client, redirect, PKCE, state, expiry and every proof (RFC 9449).
 *
 * @module
 */

import { answerOf, base64url, challengeOf, consentPage } from "./consent_page.ts";

/** The user that signs in unless a test says otherwise. */
export const ALICE = "arn:aws:iam::123456789012:user/alice";

/** AWS Sign-In; its fields may be changed at any time. */
export interface AwsSignInServer extends AsyncDisposable {
  readonly url: string;
  /** The bodies of the requests for tokens. */
  readonly requests: Record<string, unknown>[];
  /** The problems of refused requests. */
  readonly refusals: string[];
  /** The ARN of the user who signs in. */
  user: string;
  /** Seconds until issued credentials expire. */
  lifetime: number;
  /** Answers every request for a token with this until it is removed. */
  failure: { readonly status: number; readonly body: unknown } | undefined;
}

const CLIENTS: Readonly<Record<string, RegExp>> = {
  "arn:aws:signin:::devtools/same-device": /^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/,
  "arn:aws:signin:::devtools/cross-device":
    /^http:\/\/127\.0\.0\.1:\d+\/v1\/sessions\/confirmation$/,
};

const decode = (part: string) =>
  JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })),
  );
const encode = (value: unknown) => base64url(new TextEncoder().encode(JSON.stringify(value)));

/** Starts the service. */
export function startAwsSignInServer(now: () => number = () => Date.now()): AwsSignInServer {
  interface Code {
    readonly clientId: string;
    readonly challenge: string;
    readonly redirect: string;
  }
  const codes = new Map<string, Code>();
  /** The key to which a refresh token is bound. */
  const bound = new Map<string, string>();
  const proofs = new Set<string>();
  let count = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      switch (`${request.method} ${pathname}`) {
        case "GET /v1/authorize":
          return authorize(searchParams);
        case "GET /answer":
          return redirect(searchParams);
        case "GET /v1/sessions/confirmation":
          return new Response(btoa(searchParams.toString()));
        case "POST /v1/token":
          return await token(request);
      }
      return new Response(null, { status: 404 });
    },
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const service: AwsSignInServer = {
    url: origin,
    requests: [],
    refusals: [],
    user: ALICE,
    lifetime: 900,
    failure: undefined,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
  return service;

  function authorize(query: URLSearchParams): Response {
    const redirects = CLIENTS[query.get("client_id") ?? ""];
    const wrong = redirects === undefined
      ? "client_id"
      : query.get("response_type") !== "code"
      ? "response_type"
      : !redirects.test(query.get("redirect_uri") ?? "")
      ? "redirect_uri"
      : query.get("code_challenge_method") !== "SHA-256"
      ? "code_challenge_method"
      : !/^[\w-]{43}$/.test(query.get("code_challenge") ?? "")
      ? "code_challenge"
      : !query.get("state")
      ? "state"
      : query.get("scope") !== "openid"
      ? "scope"
      : undefined;
    if (wrong !== undefined) return new Response(`wrong ${wrong}`, { status: 400 });
    return consentPage(query);
  }

  function redirect(query: URLSearchParams): Response {
    return answerOf(query, () => {
      const code = `code-${++count}`;
      codes.set(code, {
        clientId: query.get("client_id")!,
        challenge: query.get("code_challenge")!,
        redirect: query.get("redirect_uri")!,
      });
      return code;
    });
  }

  async function token(request: Request): Promise<Response> {
    const body: Record<string, unknown> = await request.json();
    service.requests.push(body);
    if (service.failure) {
      return Response.json(service.failure.body, { status: service.failure.status });
    }
    const { clientId, grantType } = body;
    const key = await keyOf(request.headers.get("dpop") ?? "");
    if (key === undefined) return refuse("INVALID_REQUEST", "proof");
    if (!CLIENTS[String(clientId)]) return refuse("INVALID_REQUEST", "clientId");
    if (grantType === "authorization_code") {
      const code = codes.get(String(body.code));
      codes.delete(String(body.code));
      if (code === undefined || code.clientId !== clientId) {
        return refuse("AUTHCODE_EXPIRED", "code");
      }
      if (body.redirectUri !== code.redirect) return refuse("INVALID_REQUEST", "redirectUri");
      if (await challengeOf(body.codeVerifier) !== code.challenge) {
        return refuse("INVALID_REQUEST", "codeVerifier");
      }
    } else if (grantType === "refresh_token") {
      const owner = bound.get(String(body.refreshToken));
      bound.delete(String(body.refreshToken));
      if (owner !== key) return refuse("TOKEN_EXPIRED", "refreshToken");
    } else return refuse("INVALID_REQUEST", "grantType");
    const refreshToken = `refresh-${++count}`;
    bound.set(refreshToken, key);
    const claims = { sub: service.user, iss: service.url, aud: clientId };
    return Response.json({
      accessToken: {
        accessKeyId: "ASIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        sessionToken: `session-${count}`,
      },
      tokenType: "aws_sigv4",
      expiresIn: service.lifetime,
      refreshToken,
      idToken: grantType === "authorization_code"
        ? `${encode({ alg: "ES384" })}.${encode(claims)}.c2lnbmF0dXJl`
        : undefined,
    });
  }

  function refuse(error: string, what: string): Response {
    service.refusals.push(what);
    const body = { error, message: `wrong ${what}` };
    // The AWS SDKs look for the error's class here.
    const headers = { "x-amzn-errortype": "AccessDeniedException" };
    return Response.json(body, { status: 400, headers });
  }

  /** The key of a valid proof, by its public point. */
  async function keyOf(proof: string): Promise<string | undefined> {
    try {
      const [header, claims, signature] = proof.split(".") as [string, string, string];
      const { typ, alg, jwk } = decode(header);
      const { htm, htu, iat, jti } = decode(claims);
      const key = await crypto.subtle.importKey(
        "jwk",
        jwk,
        { name: "ECDSA", namedCurve: "P-256" },
        false,
        ["verify"],
      );
      const isSigned = await crypto.subtle.verify(
        { name: "ECDSA", hash: "SHA-256" },
        key,
        Uint8Array.fromBase64(signature, { alphabet: "base64url" }),
        new TextEncoder().encode(`${header}.${claims}`),
      );
      const isValid = isSigned && typ === "dpop+jwt" && alg === "ES256" && jwk.d === undefined &&
        htm === "POST" && htu === `${origin}/v1/token` && !proofs.has(jti) &&
        Math.abs(iat * 1000 - now()) < 60_000;
      proofs.add(jti);
      return isValid ? `${jwk.x}.${jwk.y}` : undefined;
    } catch {
      return undefined;
    }
  }
}
