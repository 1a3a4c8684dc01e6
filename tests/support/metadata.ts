/**
 * The metadata servers of EC2, ECS and EKS on loopback.
 *
 * @module
 */

/** What they return. */
export interface Given {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
  readonly Expiration: string;
  readonly AccountId?: string;
}

/** A running server. */
export interface MetadataServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: string[];
}

/** The token that a container has to send. */
export const CONTAINER_TOKEN = "container-token";

/** Starts a server that acts as all of them: IMDS version 2, and `/container` for a container. */
export function startMetadata(given: Given, hostname = "127.0.0.1"): MetadataServer {
  const roles = "/latest/meta-data/iam/security-credentials/";
  const server = Deno.serve({ port: 0, hostname, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    result.requests.push(`${request.method} ${pathname}`);
    if (pathname === "/container") {
      return request.headers.get("authorization") === CONTAINER_TOKEN
        ? Response.json(given)
        : new Response(null, { status: 401 });
    }
    if (request.method === "PUT") return new Response("imds-token");
    if (request.headers.get("x-aws-ec2-metadata-token") !== "imds-token") {
      return new Response(null, { status: 401 });
    }
    if (pathname === roles) return new Response("node-role");
    if (pathname === `${roles}node-role`) return Response.json({ Code: "Success", ...given });
    return new Response(null, { status: 404 });
  });
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const result: MetadataServer = {
    url: `http://${host}:${server.addr.port}`,
    requests: [],
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return result;
}

/** True if this machine has IPv6 on loopback. */
export function ipv6Works(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
