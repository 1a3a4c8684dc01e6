/**
 * Converts a request of the AWS SDK for the Host.
 *
 * @module
 */

import type { HttpRequest } from "../host/host.ts";

/** A request of the SDK. */
export interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown | undefined;
}

/** The SDK's request in the Host's format. */
export function httpRequestOf(request: SdkRequest): Omit<HttpRequest, "timeout"> {
  const { body, method } = request;
  return {
    method,
    url: urlOf(request),
    headers: headersOf(request),
    ...(typeof body === "string" || body instanceof Uint8Array ? { body } : {}),
  };
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) =>
      encodeURIComponent(name) + (one == null ? "" : `=${encodeURIComponent(one)}`)
    )
  );
  const host = port === undefined ? hostname : `${hostname}:${port}`;
  return `${protocol}//${host}${path}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
}

/** The headers, without those that the transport sets to the same values. */
function headersOf({ headers }: SdkRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(host|content-length)$/i.test(name)),
  );
}
