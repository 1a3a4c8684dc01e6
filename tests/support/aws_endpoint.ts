/**
 * Loaded before `main.ts` (`deno run --preload`): the server of `AWS_ENDPOINT_URL_STS` then answers as AWS's
 * own STS, and eac sees no configured endpoint.
 *
 * @module
 */

const url = Deno.env.get("AWS_ENDPOINT_URL_STS")!;
Deno.env.delete("AWS_ENDPOINT_URL_STS");

const { fetch } = globalThis;
// The signature covers the host name that the request was made for.
const client = Deno.createHttpClient({ allowHost: true });

globalThis.fetch = (input, init) => {
  const { hostname } = new URL(String(input));
  if (!/^sts\.([\w-]+\.)?amazonaws\.com$/.test(hostname)) return fetch(input, init);
  const headers = new Headers(init?.headers);
  headers.set("host", hostname);
  const routed: RequestInit & { client: Deno.HttpClient } = { ...init, headers, client };
  return fetch(url, routed);
};
