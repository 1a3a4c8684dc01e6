/**
 * Explains why a `fetch` failed.
 *
 * @module
 */

import { EacError, type ErrorDetails } from "../errors.ts";

/** What Deno's messages of a failed `fetch` mean. First match wins. */
const CAUSES: readonly (readonly [RegExp, string, ErrorDetails])[] = [
  [/dns error/i, "its name cannot be resolved", {
    hint: "check the network, the region and endpoint_url",
  }],
  [/refused/i, "the connection was refused", {
    hint: "check endpoint_url, and that a server listens there",
  }],
  [
    /UnknownIssuer|CaUsedAsEndEntity/,
    "its certificate is from an untrusted authority",
    {
      hint: "if a company proxy intercepts TLS, set AWS_CA_BUNDLE or ca_bundle to its CA file",
    },
  ],
  [/not valid for name|NotValidForName/, "its certificate is for another name", {
    hint: "check endpoint_url",
  }],
  [/certificate[^]*expired|Expired/, "its certificate has expired", {
    hint: "check this machine's clock",
  }],
  [/invalid peer certificate/, "its certificate is not valid", {
    hint: "check endpoint_url, and whether a proxy is in the way",
  }],
  [/proxy authentication required/, "the proxy requires a user and a password (HTTP 407)", {
    hint:
      "set HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, or check the user and the password in it",
  }],
  [/tunnel/i, "the proxy refused to connect", {
    // Deno reports a 407 in HTTP/1.0 like any other refusal.
    hint: "check HTTPS_PROXY and NO_PROXY; the proxy may require a user and a password (HTTP 407)",
  }],
  [/tls handshake|InvalidContentType|corrupt message/i, "it does not speak TLS", {
    hint: "check endpoint_url and HTTPS_PROXY",
  }],
  [
    /reset|closed before|eof|broken pipe|incomplete|reading a body/i,
    "the connection was interrupted",
    {
      hint: "try again; if it happens again, check the proxy",
    },
  ],
  [/unreachable|no route/i, "there is no route to it", { hint: "check the network and the VPN" }],
  [/invalid HTTP/i, "it does not speak HTTP", { hint: "check endpoint_url" }],
  [/too large|parsed/i, "its answer is not valid HTTP", {
    hint: "check endpoint_url, and whether a proxy is in the way",
  }],
];

/** The error of a failed exchange with a host. */
export function networkError(host: string, thrown: unknown): EacError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const inner = error.cause instanceof Error ? error.cause.message : "";
  const text = `${error.message} ${inner}`;
  const [, cause, details] = CAUSES.find(([pattern]) => pattern.test(text)) ??
    [undefined, "the request failed", { hint: "check the network, endpoint_url and the proxy" }];
  return new EacError("network", `cannot reach ${host}: ${cause}`, { ...details });
}
