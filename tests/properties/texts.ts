/**
 * Texts that are hard for programs.
 *
 * @module
 */

import fc from "fast-check";

/** Odd words: empty, long, of other scripts, with what shells, terminals and parsers mean by it. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "-",
    "--",
    "=",
    "\0",
    "\x1b[2J",
    "\u202e",
    "\ufeff",
    "\r\n",
    "a\nb",
    "$(id)",
    "`id`",
    "'",
    '"',
    "\\",
    "%41",
    "../../etc/passwd",
    "~",
    "~root",
    "/dev/null",
    "constructor",
    "__proto__",
    "toString",
    "NaN",
    "-1",
    "1e9",
    "9".repeat(40),
    "a".repeat(5000),
    "\ud800",
    "é",
    "日本",
    "😀",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A text with pieces cut out, doubled, or put in. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const wounds = fc.array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), oddText, fc.nat(2)),
    { maxLength: 4 },
  );
  return fc.tuple(texts, wounds).map(([text, wounds]) =>
    wounds.reduce((whole, [where, length, odd, how]) => {
      const at = Math.floor(where * whole.length);
      const piece = whole.slice(at, at + length);
      const instead = how === 0 ? "" : how === 1 ? piece + piece : odd;
      return whole.slice(0, at) + instead + whole.slice(at + length);
    }, text)
  );
}
