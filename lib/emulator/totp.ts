/**
 * One-time codes (RFC 6238) like those of a virtual MFA device: SHA-1, 30 seconds, six digits.
 *
 * @module
 */

/** The time step of a code, in milliseconds. */
export const STEP_MILLISECONDS = 30_000;

/** The code of a device at a time in milliseconds since 1970. `secret` is base32. */
export async function totp(secret: string, milliseconds: number): Promise<string> {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(milliseconds / STEP_MILLISECONDS)));
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", base32(secret), algorithm, false, ["sign"]);
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter));
  const offset = mac.getUint8(mac.byteLength - 1) & 0x0f;
  const number = mac.getUint32(offset) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Decodes base32 (RFC 4648), ignoring case, spaces and padding. */
function base32(text: string): Uint8Array<ArrayBuffer> {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.toUpperCase().replace(/[\s=]/g, "")) {
    const value = alphabet.indexOf(letter);
    if (value < 0) throw new RangeError("the secret of an MFA device is not base32");
    bits = (bits << 5 | value) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes.push(bits >> held & 0xff);
  }
  return new Uint8Array(bytes);
}
