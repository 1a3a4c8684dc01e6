/**
 * DPoP (RFC 9449): the key to which the tokens of AWS Sign-In are bound, and the proof that goes with each
 * request.
 *
 * @module
 */

import { base64url } from "../../text/base64url.ts";

const P256 = { name: "ECDSA", namedCurve: "P-256" };

/** A private key of P-256, with its public point. */
export interface DpopKey {
  readonly key: CryptoKey;
  readonly x: string;
  readonly y: string;
}

/** A new key, as the PEM block `EC PRIVATE KEY` (RFC 5915) that the AWS CLI reads. */
export async function newDpopKey(): Promise<string> {
  const { privateKey } = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const { d, x, y } = await crypto.subtle.exportKey("jwk", privateKey);
  const [secret, ...point] = [d, x, y].map((
    part,
  ) => [...Uint8Array.fromBase64(part!, { alphabet: "base64url" })]);
  const der = element(0x30, [
    ...element(0x02, [1]),
    ...element(0x04, secret!),
    ...element(0xa0, CURVE),
    ...element(0xa1, element(0x03, [0x00, 0x04, ...point.flat()])),
  ]);
  const lines = new Uint8Array(der).toBase64().match(/.{1,64}/g)!;
  return ["-----BEGIN EC PRIVATE KEY-----", ...lines, "-----END EC PRIVATE KEY-----", ""].join(
    "\n",
  );
}

/**
 * The key of a PEM block: `EC PRIVATE KEY` as the AWS CLI writes it, or `PRIVATE KEY`; `undefined` for
 * anything else.
 */
export async function readDpopKey(pem: string): Promise<DpopKey | undefined> {
  try {
    const der = Uint8Array.fromBase64(pem.replace(/-----[^-]*-----/g, "").replace(/\s/g, ""));
    const info = /-----BEGIN PRIVATE KEY-----/.test(pem)
      ? der
      : new Uint8Array(element(0x30, [...KEY_INFO, ...element(0x04, [...der])]));
    const key = await crypto.subtle.importKey("pkcs8", info, P256, true, ["sign"]);
    // Deno parses the key only here.
    const { x, y } = await crypto.subtle.exportKey("jwk", key);
    return x && y ? { key, x, y } : undefined;
  } catch {
    return undefined;
  }
}

/** The proof for a POST to this URL: a JWT that is signed with the key. */
export async function dpopProof(
  { key, x, y }: DpopKey,
  url: string,
  now: number,
): Promise<string> {
  const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty: "EC", crv: "P-256", x, y } };
  const claims = {
    jti: crypto.randomUUID(),
    htm: "POST",
    htu: url,
    iat: Math.floor(now / 1000),
  };
  const signed = [header, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  const bytes = new TextEncoder().encode(signed);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, bytes);
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

/** The object identifier of P-256 (prime256v1), in DER. */
const CURVE = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/** `PrivateKeyInfo` of RFC 5208 up to the key itself: version 0, and id-ecPublicKey on P-256. */
const KEY_INFO = [
  ...element(0x02, [0]),
  ...element(0x30, [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, ...CURVE]),
];

/** An element of DER, of 255 bytes at most. */
function element(tag: number, bytes: readonly number[]): number[] {
  return bytes.length < 128 ? [tag, bytes.length, ...bytes] : [tag, 0x81, bytes.length, ...bytes];
}
