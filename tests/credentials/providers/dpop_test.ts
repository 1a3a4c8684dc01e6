/** The keys of login sessions: written in the AWS CLI's format, and read again. */

import { dpopProof, newDpopKey, readDpopKey } from "../../../lib/credentials/providers/dpop.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";

Deno.test("newDpopKey writes a key as the AWS CLI does, and readDpopKey reads it", async () => {
  const points = new Set<string>();
  for (let count = 0; count < 20; count++) {
    const pem = await newDpopKey();
    const lines = pem.split("\n");
    assertEquals(lines.at(0), "-----BEGIN EC PRIVATE KEY-----");
    assertEquals(lines.at(-2), "-----END EC PRIVATE KEY-----");
    for (const line of lines.slice(1, -2)) assertMatch(line, /^[A-Za-z0-9+/=]{1,64}$/);
    // RFC 5915 with the curve and the public point, as OpenSSL and awscrt write it.
    const der = Uint8Array.fromBase64(lines.slice(1, -2).join(""));
    assertEquals([der.length, ...der.slice(0, 7)], [121, 0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20]);
    const key = await readDpopKey(pem);
    assert(key);
    points.add(key.x + key.y);
    assertMatch(
      await dpopProof(key, "https://example.com/v1/token", 0),
      /^[\w-]+\.[\w-]+\.[\w-]+$/,
    );
  }
  assertEquals(points.size, 20);
});

Deno.test("readDpopKey rejects anything else", async () => {
  const pem = await newDpopKey();
  const rsa = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  const other = new Uint8Array(await crypto.subtle.exportKey("pkcs8", rsa.privateKey)).toBase64();
  const texts = [
    "",
    "not a key",
    pem.slice(0, 100),
    pem.replace("EC PRIVATE", "PRIVATE"),
    `-----BEGIN PRIVATE KEY-----\n${other}\n-----END PRIVATE KEY-----\n`,
  ];
  for (const text of texts) assertEquals(await readDpopKey(text), undefined, text);
});
