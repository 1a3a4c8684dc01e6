/** What a call over TLS begins with. */

import { createSts } from "../../lib/aws/sts.ts";
import { EacError } from "../../lib/errors.ts";
import { Secret } from "../../lib/plan/credentials.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};

Deno.test("the cryptography of TLS is seeded before the first call goes out, once, and only for https", async () => {
  const { subtle } = crypto;
  const { generateKey } = subtle;
  const seen: string[] = [];
  const note = (what: string) => void seen.push(what);
  Object.defineProperty(subtle, "generateKey", {
    configurable: true,
    value(...given: unknown[]) {
      note("seed");
      return Reflect.apply(generateKey, subtle, given);
    },
  });
  try {
    const host = {
      env: { AWS_MAX_ATTEMPTS: "1" },
      now: () => Date.UTC(2026, 10, 23),
      sleep: () => Promise.resolve(),
      http() {
        note("call");
        throw new EacError("network", "no network");
      },
    };
    const call = (url: string) =>
      assertRejects(() =>
        createSts(host, { region: "us-east-1", url }).getCallerIdentity(CREDENTIALS)
      );
    await call("http://127.0.0.1:1");
    await call("https://127.0.0.1:1");
    await call("https://127.0.0.1:1");
    assertEquals(seen, ["call", "seed", "call", "call"]);
  } finally {
    Reflect.deleteProperty(subtle, "generateKey");
  }
});
