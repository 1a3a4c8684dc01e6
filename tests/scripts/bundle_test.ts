/** `scripts/bundle.ts`: what the program may contain. */

import { bundle } from "../../scripts/bundle.ts";
import { assertEquals } from "../support/assert.ts";

/**
 * Modules and functions that open connections past the bounded client of lib/host/http.ts. That only
 * lib/host calls `fetch` is for the linter to see.
 */
const OTHER_NETWORK = new RegExp(
  [
    /["'`]node:(?:https?|http2|net|tls|dgram)["'`]/,
    /\b(?:from|import|require)\s*\(?["'`](?:https?|http2|net|tls|dgram)["'`]/,
    /\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b/,
    /\bDeno\.(?:connect\w*|startTls)\b/,
  ].map(({ source }) => source).join("|"),
  "g",
);

Deno.test("the bundle reaches the network only with fetch, which only lib/host calls", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "eac-bundle-test-" });
  try {
    const files = await bundle("main.ts", folder);
    const code = files.map((file) => [file, Deno.readTextFileSync(`${folder}/${file}`)] as const);
    const others = code.flatMap(([file, text]) =>
      [...text.matchAll(OTHER_NETWORK)].map(([found]) => `${file}: ${found}`)
    );
    assertEquals(others, []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
