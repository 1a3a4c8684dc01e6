/**
 * Base64url without padding: the encoding of JSON Web Tokens and of PKCE (RFC 4648, section 5).
 *
 * @module
 */

/** Bytes, or the UTF-8 bytes of a text, in base64url. */
export function base64url(data: Uint8Array | string): string {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The text of base64url, of UTF-8 bytes; `undefined` where it is not that. */
export function fromBase64url(text: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true })
      .decode(Uint8Array.fromBase64(text, { alphabet: "base64url" }));
  } catch {
    return undefined;
  }
}
