import { base64url, fromBase64url } from "../../lib/text/base64url.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("base64url has neither padding nor characters that a URL would escape", () => {
  assertEquals(base64url("{}"), "e30");
  assertEquals(base64url(Uint8Array.of(0xfb, 0xff)), "-_8");
  for (const text of ["", "a", "ab", "abc", "ü€", "\u{1f600}"]) {
    assertEquals(fromBase64url(base64url(text)), text);
  }
});

Deno.test("base64url of anything but UTF-8 is rejected", () => {
  assertEquals(fromBase64url("-_8"), undefined);
  assertEquals(fromBase64url("a+/b"), undefined);
  assertEquals(fromBase64url("a"), undefined);
});
