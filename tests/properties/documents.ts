/**
 * The document: an edit changes its own lines, and no other byte.
 *
 * @module
 */

import fc from "fast-check";
import { type IniDocument, parseHeader } from "../../lib/config/ini.ts";
import { EditableIni } from "../../lib/config/ini_edit.ts";
import { EacError } from "../../lib/errors.ts";
import { assert, assertEquals } from "../support/assert.ts";
import type { Property } from "./property.ts";
import { oddText } from "./texts.ts";

const LINES = [
  "[default]",
  "[profile a]",
  '[profile "a"] ; c',
  "[b]",
  "[dest]",
  "[dest]  # twice",
  "key = value",
  "aws_access_key_id = AKIA",
  "aws_session_token=x # c",
  "s3 =",
  "  x = 1",
  "\ty=2",
  "  # indented",
  "# comment \xff",
  ";",
  "",
  " \t",
] as const;

const files = fc.tuple(
  fc.constantFrom("", "\ufeff"),
  fc.array(
    fc.tuple(fc.constantFrom(...LINES), fc.constantFrom("\n", "\n", "\r\n", "\r\r\n")),
    { maxLength: 25 },
  ),
  fc.constantFrom("", "[b]", "key = last", "# last"),
).map(([mark, body, last]) =>
  latin1(`${mark && "\xef\xbb\xbf"}[top]\n${body.flat().join("")}${last}`)
);

/** Each character a byte: bytes that are no UTF-8 get in. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The lines, each with its end, as texts that can be compared. */
function linesOf(bytes: Uint8Array): string[] {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

const sections = fc.constantFrom("dest", "new", "b", "profile a");
const values = fc.dictionary(
  fc.constantFrom("aws_access_key_id", "aws_session_token", "expiration", "key"),
  fc.oneof(fc.constantFrom("x", "a b"), oddText),
  { minKeys: 1, maxKeys: 3 },
);

/** For documents of any bytes. */
export const documentProperties: readonly Property[] = [
  {
    name: "document: an edit changes only lines of its section, byte by byte",
    runs: 300,
    property: fc.property(files, sections, values, fc.constantFrom("set", "key", "section"), (
      bytes,
      section,
      values,
      how,
    ) => {
      const document = parsed(bytes);
      if (document === undefined) return;
      const own = ownLines(document, section);
      const before = linesOf(bytes);
      try {
        if (how === "set") document.setProperties(section, values);
        else if (how === "key") document.removeProperty(section, Object.keys(values)[0]!);
        else document.removeSection(section);
      } catch (thrown) {
        assert(thrown instanceof EacError);
        assertEquals(document.toBytes(), bytes);
        return;
      }
      const after = linesOf(document.toBytes());
      // Every foreign line is still there, in its order; blank ones may go with a section.
      let at = 0;
      for (const [index, line] of before.entries()) {
        if (own.has(index + 1) || how === "section" && line.trim() === "") continue;
        const found = after.indexOf(line, at);
        // The last line gets an end where something follows it now.
        const ended = found < 0 && index === before.length - 1
          ? after.findIndex((other, place) => place >= at && other.replace(/\r*\n$/, "") === line)
          : found;
        assert(ended >= 0, `line ${index + 1} is gone: ${JSON.stringify(line)}`);
        at = ended + 1;
      }
      assert(parsed(document.toBytes()) !== undefined, "what was written cannot be read");
    }),
  },
  {
    name: "document: many sections edited at once read as when they are edited one by one",
    runs: 300,
    property: fc.property(files, fc.dictionary(sections, values), (bytes, changes) => {
      const [together, single] = [parsed(bytes), parsed(bytes)];
      if (together === undefined || single === undefined) return;
      const names = Object.keys(changes);
      const keys = [...new Set(Object.values(changes).flatMap((one) => Object.keys(one)))];
      try {
        together.setSections(Object.entries(changes));
      } catch (thrown) {
        assert(thrown instanceof EacError);
        return;
      }
      for (const [section, values] of Object.entries(changes)) {
        single.setProperties(section, values);
      }
      assertEquals(readingOf(together), readingOf(single));
      together.removeProperties(names, keys);
      for (const name of names) for (const key of keys) single.removeProperty(name, key);
      assertEquals(readingOf(together), readingOf(single));
      together.removeSections(names);
      for (const name of names) single.removeSection(name);
      assertEquals(readingOf(together), readingOf(single));
    }),
  },
];

/** What parsers see in a document. */
function readingOf(document: IniDocument): unknown {
  return document.sections.map(({ header, properties }) => [
    header,
    properties.map(({ key, value }) => [key, value]),
  ]);
}

function parsed(bytes: Uint8Array): EditableIni | undefined {
  try {
    return EditableIni.parse(bytes, "file");
  } catch (thrown) {
    assert(thrown instanceof EacError);
    return undefined;
  }
}

/** The numbers of the lines of sections of that name, comments between them included. */
function ownLines(document: IniDocument, name: string): ReadonlySet<number> {
  const wanted = parseHeader(name);
  const own = new Set<number>();
  for (const { header, line, lastLine } of document.sections) {
    const { kind, name } = parseHeader(header);
    if (kind !== wanted.kind || name !== wanted.name) continue;
    for (let number = line; number <= lastLine; number++) own.add(number);
  }
  return own;
}
