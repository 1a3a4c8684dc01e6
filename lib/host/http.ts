/**
 * One HTTP exchange over `fetch`: bounded in time and size, never redirected, and with failures
 * that name the host and the cause but neither the query nor the body, which may hold secrets.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { CaCerts, FetchLimits, HttpAnswer, HttpRequest } from "./host.ts";
import { joined } from "../text/bytes.ts";
import { checkProxy, setProxies } from "./proxies.ts";

/** The limit of a response in bytes: AWS sends a few kilobytes. */
const LONGEST_BODY = 1024 * 1024;

/** Sends the request; see {@linkcode Host.http}. */
export async function http(request: HttpRequest): Promise<HttpAnswer> {
  setProxies();
  const url = endpointUrl(request.url);
  checkProxy(url);
  const { host } = url;
  const client = request.caBundle === undefined ? undefined : trusting(request.caBundle);
  const limit = AbortSignal.timeout(request.timeout);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      // A small compressed response could expand to a huge one.
      headers: { ...request.headers, "accept-encoding": "identity" },
      redirect: "manual",
      signal: AbortSignal.any([limit, ...request.signal ? [request.signal] : []]),
      body: request.body as BodyInit | undefined,
      client,
    } as RequestInit);
    // AWS never sends this status. For https the failure to connect says the same.
    if (response.status === 407) {
      await response.body?.cancel();
      throw new Error("proxy authentication required");
    }
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await readBody(response, host),
    };
  } catch (thrown) {
    if (thrown instanceof EacError) throw thrown;
    if (limit.aborted) {
      const seconds = Math.round(request.timeout / 100) / 10;
      throw new EacError("timeout", `${host} did not answer within ${seconds} s`, {
        hint: "check the network, the VPN and the proxy (HTTPS_PROXY)",
        cause: thrown,
      });
    }
    if (request.signal?.aborted) throw new EacError("interrupted", "interrupted");
    const { networkError } = await import("./http_failure.ts");
    throw networkError(host, thrown);
  }
}

/** A `fetch` for custom strategies; see {@linkcode Host.fetcher}. */
export function fetcher(
  { signal, caCerts }: FetchLimits,
): typeof fetch {
  setProxies();
  const client = caCerts === undefined ? undefined : trustingText(caCerts);
  return async (url, init = {}) => {
    const target = URL.parse(url instanceof Request ? url.url : url);
    if (target !== null) checkProxy(target);
    const signals = [signal, ...init.signal ? [init.signal] : []];
    const options = { ...init, signal: AbortSignal.any(signals), ...(client ? { client } : {}) };
    return await fetch(url, options as RequestInit);
  };
}

function endpointUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new EacError(
      "config_invalid",
      "the endpoint is not a URL that begins with https:// or http://",
      {
        hint: "check endpoint_url and AWS_ENDPOINT_URL",
      },
    );
  }
  return parsed;
}

/** Clients by the text of their CA bundle: the requests of one client share its connections. */
const clients = new Map<string, Deno.HttpClient>();

/**
 * A client that trusts the certificates of this file in addition to the system's. It stays open:
 * with a new client, each request would need a TLS handshake.
 */
function trusting(file: string): Deno.HttpClient {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (thrown) {
    throw invalidBundle(file, "cannot be read", thrown);
  }
  return trustingText({ file, text });
}

function trustingText({ file, text }: CaCerts): Deno.HttpClient {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw invalidBundle(file, "contains no certificate");
  }
  const known = clients.get(text);
  if (known !== undefined) return known;
  try {
    const client = Deno.createHttpClient({ caCerts: [text] });
    clients.set(text, client);
    return client;
  } catch (thrown) {
    throw invalidBundle(file, "contains an invalid certificate", thrown);
  }
}

function invalidBundle(file: string, problem: string, cause?: unknown): EacError {
  return new EacError("config_invalid", `the CA bundle ${file} ${problem}`, {
    hint: "check AWS_CA_BUNDLE and ca_bundle: the file must contain certificates in PEM format",
    cause,
  });
}

/**
 * Reads the body up to the limit. With a `transfer-encoding` the `content-length` does not count;
 * for a compressed body Deno removes it.
 */
async function readBody(response: Response, host: string): Promise<Uint8Array> {
  const stated = Number(response.headers.get("content-length") ?? NaN);
  if (stated <= LONGEST_BODY && !response.headers.has("transfer-encoding")) {
    // Reading it at once is half a millisecond faster.
    return new Uint8Array(await response.arrayBuffer());
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LONGEST_BODY) {
      throw new EacError("network", `${host} sent more than 1 MiB, which AWS never does`, {
        hint: "check endpoint_url, and whether a proxy or a sign-in page is in the way",
      });
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : joined(chunks);
}
