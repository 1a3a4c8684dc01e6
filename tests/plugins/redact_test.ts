/** What a strategy prints, without secrets, however it arrives. */

import { createRedactor, MOST_SHOWN } from "../../lib/plugins/redact.ts";
import { assert, assertEquals } from "../support/assert.ts";
import fc from "fast-check";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/** What is shown of these pieces. */
function shown(pieces: readonly string[], ...secrets: string[]): string[] {
  const redactor = createRedactor();
  redactor.add(...secrets);
  const all: string[] = [];
  const stream = redactor.stream((text) => all.push(text));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return all;
}

Deno.test("a secret is redacted wherever the writes divide it", () => {
  const text =
    `key ${SECRET} and token=abcdefgh, password: "hunter22"\nSecretAccessKey = ${SECRET}`;
  const expected = 'key *** and token=***, password: "***"\nSecretAccessKey = ***';
  assertEquals(shown([text], SECRET).join(""), expected);
  for (let at = 1; at < text.length; at++) {
    assertEquals(shown([text.slice(0, at), text.slice(at)], SECRET).join(""), expected, `${at}`);
  }
  assertEquals(shown([...text], SECRET).join(""), expected);
});

Deno.test("a secret of six characters is redacted, a shorter one could be part of any word", () => {
  assertEquals(shown(["hunter hunt\n"], "hunter", "hunt").join(""), "*** hunt\n");
});

Deno.test("a secret is redacted however the text is divided into writes", () => {
  const part = fc.constantFrom(SECRET, SECRET.slice(0, 9), "token", "=", ":", " ", "\n", "a", '"');
  fc.assert(fc.property(
    fc.array(part, { maxLength: 12 }),
    fc.array(fc.nat(60), { maxLength: 12 }),
    (parts, lengths) => {
      const text = parts.join("");
      const pieces: string[] = [];
      let at = 0;
      for (const length of lengths) pieces.push(text.slice(at, at += length));
      pieces.push(text.slice(at));
      const all = shown(pieces, SECRET).join("");
      assert(!all.includes(SECRET), all);
      assertEquals(all.split("\n").length, text.split("\n").length);
    },
  ));
});

Deno.test("a prompt is shown before its line ends", () => {
  assertEquals(shown(["Password: "]), ["Password: "]);
  assertEquals(shown(["Pass", "word: ", "\n"]), ["Pass", "word: ", "\n"]);
});

Deno.test("the URL of a sign-in page is shown as it is", () => {
  const url = "https://idp.example.com/activate?user_token=WDJB-MJHT&token=1234567 to sign in";
  assertEquals(shown([`Open ${url}\n`]).join(""), `Open ${url}\n`);
});

Deno.test("no more than 64 KiB are shown of a strategy's stderr", () => {
  const many = Array.from({ length: 5000 }, (_, index) => `line ${index} ${"x".repeat(1000)}\n`);
  const all = shown(many).join("");
  assert(all.length < MOST_SHOWN + 100, `${all.length}`);
  assert(all.endsWith("KiB on stderr: the rest is not shown]\n"), all.slice(-100));
  assert(shown(["x".repeat(1_000_000)]).join("").length < MOST_SHOWN + 100);
  const whole = "x".repeat(MOST_SHOWN);
  assertEquals(shown([whole]).join(""), whole);
  const more = shown([whole, "y", "z"]).join("");
  assertEquals(more.match(/the rest is not shown/g)?.length, 1);
  assertEquals(more.match(/[yz]\n/), null);
});
