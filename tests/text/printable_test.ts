/** printable and printableJson: what is escaped and what is not. */

import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { printable, printableJson } from "../../lib/text/printable.ts";

/** Characters that a terminal interprets, or that are invisible, by code point. */
const UNPRINTABLE: readonly [from: number, to: number][] = [
  [0x00, 0x08], // C0 controls; tab and newline are layout
  [0x0b, 0x1f],
  [0x7f, 0x9f], // delete and the C1 controls
  [0xad, 0xad], // soft hyphen
  [0x61c, 0x61c], // direction marks, embeddings, overrides, isolates
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
  [0x2028, 0x2029], // line and paragraph separators
  [0x200b, 0x200b], // no width
  [0x2060, 0x2065],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f], // tags
  [0xd800, 0xdfff], // halves of surrogate pairs
];

Deno.test("printable escapes every character that controls a terminal", () => {
  for (const [from, to] of UNPRINTABLE) {
    for (let code = from; code <= to; code++) {
      const character = String.fromCodePoint(code);
      const shown = printable(`a${character}b`);
      assertMatch(shown, /^a\\(x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]+\})b$/, code.toString(16));
      assertEquals(printable(shown), shown);
      assertEquals(JSON.parse(printableJson(character)), character);
      assertMatch(printableJson(character), /^[ -~]+$/);
    }
  }
});

Deno.test("printable keeps text in any script, and line breaks and tabs", () => {
  const texts = [
    "plain: ~!@#$%^&*()_+",
    "two\nlines\tand a tab",
    "Zürich, naïve, Ελλάδα, Москва",
    "שלום, مرحبا, فارسی با\u200cنیم\u200dفاصله",
    "日本語 한국어 中文",
    "family \u{1f468}\u200d\u{1f469}\u200d\u{1f467}, flag \u{1f1e8}\u{1f1ed}, heart ❤\ufe0f",
  ];
  for (const text of texts) {
    assertEquals(printable(text), text);
    assertEquals(printableJson(text), JSON.stringify(text));
  }
});

Deno.test("printableJson is the same JSON value, with the same indentation", () => {
  const value = { "a\u202e": ["\x1b[31m", 1, null, { b: "\u{e0041}" }], plain: "x" };
  assertEquals(JSON.parse(printableJson(value)), value);
  assertEquals(printableJson({ a: [1] }, 2), JSON.stringify({ a: [1] }, null, 2));
  assert(!/[^ -~\n]/.test(printableJson(value, 2)));
});
