/**
 * Replaces the sources of randomness in this runtime: random values come from a seed, and WebCrypto
 * computes at once instead of on other threads, whose timing would change the order of events.
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import { randomNumbers } from "./chooser.ts";

const HASHES: Readonly<Record<string, string>> = { "SHA-1": "sha1", "SHA-256": "sha256" };

const hashName = (algorithm: AlgorithmIdentifier) =>
  HASHES[typeof algorithm === "string" ? algorithm : algorithm.name]!;

const bytesOf = (source: BufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

interface HmacKey {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

let random = randomNumbers(0);

/** Reseeds the random values of this runtime. */
export function seedRandomValues(seed: number): void {
  random = randomNumbers(seed);
}

/** Installs the replacements; call it once. Only keys for HMAC can be imported from then on. */
export function makeDeterministic(): void {
  const fill = <T extends ArrayBufferView | null>(view: T): T => {
    if (view !== null) {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256);
    }
    return view;
  };
  Math.random = () => random();
  define(crypto, "getRandomValues", fill);
  define(crypto, "randomUUID", () => {
    const hex = [...fill(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
    return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  });
  define(crypto.subtle, "digest", (algorithm: AlgorithmIdentifier, data: BufferSource) => {
    const digest = createHash(hashName(algorithm)).update(bytesOf(data)).digest();
    return Promise.resolve(bufferOf(digest));
  });
  define(
    crypto.subtle,
    "importKey",
    (_format: string, data: BufferSource, algorithm: HmacImportParams) => {
      const key: HmacKey = { hash: hashName(algorithm.hash), bytes: bytesOf(data).slice() };
      return Promise.resolve(key);
    },
  );
  define(crypto.subtle, "sign", (_algorithm: unknown, key: HmacKey, data: BufferSource) => {
    const mac = createHmac(key.hash, key.bytes).update(bytesOf(data)).digest();
    return Promise.resolve(bufferOf(mac));
  });
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
}
