/**
 * Digests, for the names of caches and locks.
 *
 * @module
 */

/** The SHA-256 of bytes, or of a text's UTF-8 bytes, in lower-case hex. */
export async function sha256(data: string | Uint8Array): Promise<string> {
  return await hexDigest("SHA-256", data);
}

/** The SHA-1 of a text's UTF-8 bytes, in lower-case hex: the AWS CLI names its cache files by it. */
export async function sha1(text: string): Promise<string> {
  return await hexDigest("SHA-1", text);
}

async function hexDigest(algorithm: string, data: string | Uint8Array): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
  const digest = await crypto.subtle.digest(algorithm, bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
