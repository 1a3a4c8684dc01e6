/**
 * Verifies Signature Version 4, as a server does: it recomputes the signature of a request and
 * compares.
 *
 * Follows "Create a signed AWS API request" of the IAM User Guide, for requests that are signed in
 * a header. It uses only Web Crypto.
 *
 * @module
 */

/** The signed parts of a request. */
export interface SignedParts {
  readonly method: string;
  /** As received, still percent-encoded. */
  readonly path: string;
  /** Without the question mark, still percent-encoded. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A parsed `Authorization` header. */
export interface Authorization {
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Parses an `Authorization` header; `undefined` if it is not of Signature Version 4. */
export function parseAuthorization(header: string): Authorization | undefined {
  const match =
    /^AWS4-HMAC-SHA256 +Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request *, *SignedHeaders=([^,]+?) *, *Signature=([0-9a-f]{64})$/
      .exec(header.trim());
  if (!match) return undefined;
  const [, accessKeyId = "", day = "", region = "", service = "", names = "", signature = ""] =
    match;
  const signedHeaders = names.split(";");
  return { accessKeyId, day, region, service, signedHeaders, signature };
}

/**
 * True if the authorization's signature of these parts at `date` (`YYYYMMDDTHHMMSSZ`) is by
 * `secret`.
 */
export async function verifySignature(
  parts: SignedParts,
  authorization: Authorization,
  date: string,
  secret: string,
): Promise<boolean> {
  const { day, region, service, signedHeaders, signature } = authorization;
  // Without the host the signature could be replayed anywhere; AWS refuses that too.
  if (!signedHeaders.includes("host")) return false;
  const canonical = await canonicalRequest(parts, signedHeaders);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, await sha256(encode(canonical))].join("\n");
  let key = encode(`AWS4${secret}`);
  for (const part of [day, region, service, "aws4_request"]) key = await hmac(key, part);
  return hex(await hmac(key, toSign)) === signature;
}

async function canonicalRequest(parts: SignedParts, signedHeaders: readonly string[]) {
  return [
    parts.method,
    parts.path.split("/").map(escape).join("/"),
    canonicalQuery(parts.query),
    ...signedHeaders.map((name) => `${name}:${tidy(parts.headers.get(name) ?? "")}`),
    "",
    signedHeaders.join(";"),
    await sha256(parts.body),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const pairs = query.split("&").map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return [escape(unescape(name)), escape(unescape(value.join("=")))] as const;
  });
  const byName = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
  return pairs.sort((a, b) => byName(a[0], b[0]) || byName(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`).join("&");
}

/** AWS escapes all but letters, digits and `-._~`; `encodeURIComponent` leaves five more. */
function escape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tidy(value: string): string {
  return value.trim().replace(/ +/g, " ");
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encode(text)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
