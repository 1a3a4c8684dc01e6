/** The lossless document: what is read, what an edit changes, and what is refused. */

import fc from "fast-check";
import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";
import {
  IniDocument,
  IniError,
  type Oddity,
  parseHeader,
  parseNested,
} from "../../lib/config/ini.ts";
import { EditableIni } from "../../lib/config/ini_edit.ts";
import { EacError } from "../../lib/errors.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) =>
  new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(bytes);
const parse = (text: string) => EditableIni.parse(bytesOf(text), "config");

/** The text after an edit. */
function edited(text: string, edit: (document: EditableIni) => void): string {
  const document = parse(text);
  edit(document);
  return textOf(document.toBytes());
}

/** All that is read, to see what an edit touched. */
const read = (document: IniDocument) =>
  document.sections.map(({ header, properties }) => ({
    header,
    properties: properties.map(({ key, value }) => [key, value]),
  }));

Deno.test("IniDocument has the line of each section and key", () => {
  const document = parse("\uFEFF# mine\r\n[a]\r\nx = 1\r\n\r\n[ b ]\ns3 =\n  y = 2\n  # z\n\nt=3");
  const sections = document.sections.map(({ header, line, lastLine, properties }) => ({
    header,
    line,
    lastLine,
    properties: properties.map(({ key, value, place, continuations, block }) => {
      assertEquals(place.file, "config");
      return { key, value, line: place.line, continuations, block };
    }),
  }));
  assertEquals(sections, [
    {
      header: "a",
      line: 2,
      lastLine: 3,
      properties: [{ key: "x", value: "1", line: 3, continuations: [], block: false }],
    },
    {
      header: "b",
      line: 5,
      lastLine: 10,
      properties: [
        { key: "s3", value: "\ny = 2", line: 6, continuations: [7], block: true },
        { key: "t", value: "3", line: 10, continuations: [], block: false },
      ],
    },
  ]);
  assert(document.hasByteOrderMark);
});

Deno.test("IniDocument reads inputs that the suites do not cover", () => {
  const cases: [string, string][] = [
    // An indented comment is skipped, also within a block.
    ["[a]\nk = v\n  # c\n  w", "v\nw"],
    ["[a]\nk =\n  x = 1\n  ; c = d\n  y = 2", "\nx = 1\ny = 2"],
    ["[a]\n  # c\nk = v", "v"],
    // A carriage return is part of a line ending only at the end of a line; elsewhere it is an
    // ordinary character.
    ["[a]\r\r\nk = v\r\r\n", "v"],
    ["[a]\nk = v\rw\n", "v\rw"],
    ["[a]\nk = v\r", "v"],
    // Comment signs and brackets.
    ["[a] # see [b]\nk = v", "v"],
    ["[a]\nk = # only a comment", ""],
    ["[a]\nk = [x] = ;y", "[x] ="],
  ];
  for (const [text, value] of cases) assertEquals(parse(text).get("a", "k"), value, text);
  assertEquals(
    parse(`[profile "a # b] c"]\n[profile "open]\n[profile o'brien]`).sections.map((s) => s.header),
    [`profile "a # b] c"`, `profile "open`, "profile o'brien"],
  );
});

Deno.test("parseHeader removes one pair of quotes from a name", () => {
  const cases: [string, string | undefined, string, boolean][] = [
    ["default", undefined, "default", false],
    ["profile \t a ", "profile", "a", false],
    [`profile "a  b"`, "profile", "a  b", true],
    [`sso-session 'a'`, "sso-session", "a", true],
    [`profile "a' `, "profile", `"a'`, false],
    [`profile "a" "b"`, "profile", `"a" "b"`, false],
    [`profile ""`, "profile", `""`, false],
    [`"a"`, undefined, `"a"`, false],
  ];
  for (const [header, kind, name, quoted] of cases) {
    assertEquals(parseHeader(header), { kind, name, quoted }, header);
  }
});

Deno.test("parseNested returns the lines of a block, and nothing for a plain value", () => {
  const nested = parseNested("\nendpoint_url = https://x/?a=b # mine\nRegion=r\n__proto__ = p");
  assertEquals(Object.entries(nested), [
    ["endpoint_url", "https://x/?a=b"],
    ["region", "r"],
    ["__proto__", "p"],
  ]);
  assertEquals(Object.keys(parseNested("a = b")), []);
});

Deno.test("IniDocument names the line that cannot be parsed, with a hint", () => {
  const cases: [string | Uint8Array, string, number][] = [
    ["# c\nname = value", "property-outside-section", 2],
    ["\n\n  continued", "continuation-outside-section", 3],
    ["[a]\n\n  continued", "continuation-outside-property", 3],
    ["[a]\nx = 1\n[b]\n  continued", "continuation-outside-property", 4],
    ["[a]\nkey : value", "property-no-equals", 2],
    ["[a]\nkey # = value", "property-no-equals", 2],
    ["[a]\r\n= value", "property-no-name", 2],
    ["[a]\ns3 =\n  x", "sub-property-no-equals", 3],
    ["[a]\ns3 = # c\n  = x", "sub-property-no-name", 3],
    ["[a", "unterminated-section", 1],
    ["[a] b", "unterminated-section", 1],
    ["[a] ] b", "unterminated-section", 1],
    ["[a]\rx = 1", "carriage-returns", 1],
    [Uint8Array.of(0xff, 0xfe, 0x5b, 0), "utf16", 1],
    [Uint8Array.of(0xfe, 0xff, 0, 0x5b), "utf16", 1],
    // Half of that mark is Latin-1, which only a comment may hold.
    [Uint8Array.of(0xff, 0x5b, 0x61, 0x5d), "not-utf8", 1],
    [Uint8Array.of(0xfe, 0x5b, 0x61, 0x5d), "not-utf8", 1],
    [Uint8Array.of(0x23, 0xfe, ...bytesOf("\n[a]\nk")), "property-no-equals", 3],
    [Uint8Array.of(0x23, 0xff, ...bytesOf("\n[a]\nk")), "property-no-equals", 3],
    [Uint8Array.of(0x23, 0xe9, ...bytesOf("\n[a]\nk = "), 0xe9, 10), "not-utf8", 3],
    [Uint8Array.of(...bytesOf("[a]\nk = v\n  "), 0xe9, 10), "not-utf8", 3],
    [Uint8Array.of(...bytesOf("[a"), 0xe9, ...bytesOf("]\n")), "not-utf8", 1],
    [Uint8Array.of(0x01, 0x58, 0xad), "not-utf8", 1],
    ["[a]\nx = 1\n\0\0\0\0", "nul", 3],
    ["\0\0\0\0", "nul", 1],
    ["[\0a\0]\0\n\0", "nul", 1], // UTF-16 without a mark
    ["# \0\n[a]\nkey", "property-no-equals", 3],
  ];
  for (const [input, kind, line] of cases) {
    const bytes = typeof input === "string" ? bytesOf(input) : input;
    const error = assertThrows(() => EditableIni.parse(bytes, "config"), IniError);
    assertEquals([error.kind, error.place], [kind, { file: "config", line }], String(input));
    assertEquals(error.code, "config_invalid");
    assert(error.hint);
  }
});

Deno.test("IniDocument reads indented keys and sections as the AWS CLI does", () => {
  const cases: [string, Record<string, string>, [Oddity["kind"], number][]][] = [
    ["[a]\n  x = 1\n  y = 2\n", { x: "1", y: "2" }, [["indented-key", 2], ["indented-key", 3]]],
    ["[a]\n\tx = 1\ny = 2\n", { x: "1", y: "2" }, [["indented-key", 2]]],
    ["[a]\n  x = 1\n    more\n y = 2\n", { x: "1\nmore", y: "2" }, [["indented-key", 2], [
      "indented-key",
      4,
    ]]],
    ["[a]\n  s3 =\n    x = 1\n  y = 2\n", { s3: "\nx = 1", y: "2" }, [["indented-key", 2], [
      "indented-key",
      4,
    ]]],
    ["[a]\n  # c\n\n  x = 1 # c\n", { x: "1" }, [["indented-key", 4]]],
    ["  [a]\n  x = 1\n", { x: "1" }, [["indented-section", 1], ["indented-key", 2]]],
    ["[b]\n  [a]\nx = 1\n", { x: "1" }, [["indented-section", 2]]],
    ["[a]\nx = 1\n  y = 2\n", { x: "1\ny = 2" }, []],
    ["[a]\nx = 1\n  [b]\n", { x: "1\n[b]" }, []],
  ];
  for (const [text, expected, oddities] of cases) {
    for (const input of [text, text.replaceAll("\n", "\r\n"), text.trimEnd()]) {
      const document = IniDocument.parse(bytesOf(input), "config");
      const section = document.sections.find(({ header }) => header === "a")!;
      const values = Object.fromEntries([...section].map(({ key, value }) => [key, value]));
      assertEquals(values, expected, JSON.stringify(input));
      assertEquals(
        document.oddities.map(({ kind, line }): [string, number] => [kind, line]),
        oddities,
        input,
      );
    }
  }
});

Deno.test("IniDocument keeps a comment sign within the quotes of a command line", () => {
  const cases: [line: string, value: string][] = [
    [`credential_process = sh -c "echo a # b"`, `sh -c "echo a # b"`],
    [`credential_process = sh -c 'a ; b' # c`, `sh -c 'a ; b'`],
    [`MFA_Process=sh -c 'x #y' ;c`, `sh -c 'x #y'`],
    [`credential_process = a "b \\" # c" # d`, `a "b \\" # c"`],
    [`credential_process = it's # c`, `it's`],
    [`credential_process = a # "b # c"`, `a`],
    [`credential_process = a\\' # c`, `a\\'`],
    [`region = "a # b"`, `"a`],
  ];
  for (const [line, value] of cases) {
    const document = IniDocument.parse(bytesOf(`[a]\n${line}\n`), "config");
    assertEquals([...document.sections[0]!].map(({ value }) => value), [value], line);
  }
});

Deno.test("IniDocument trims Unicode whitespace around keys and values", () => {
  for (const blank of ["\u00a0", "\u0085", "\u2003", "\u202f", "\u3000", " \u00a0 "]) {
    const texts = [
      `[a]\nx${blank}=${blank}1\ny = 2`,
      `[a]\nx = 1${blank}\ny = 2`,
      `[a]${blank}\nx = 1\n${blank}\ny = 2`,
      `[a]\n${blank}# c\nx = 1\r\ny =${blank}2${blank}\r\n`,
      `${blank}[a]\n${blank}x = 1\n${blank}y = 2`,
    ];
    for (const text of texts) {
      const document = IniDocument.parse(bytesOf(text), "config");
      assertEquals([document.get("a", "x"), document.get("a", "y")], ["1", "2"], escape(text));
      assert(document.oddities.some(({ kind }) => kind === "unicode-blank"), escape(text));
    }
    const inside = IniDocument.parse(bytesOf(`[a]\nx = 1${blank}2 # ${blank}\n`), "config");
    assertEquals(inside.get("a", "x"), `1${blank}2`);
    const comment = IniDocument.parse(bytesOf(`# c${blank}\n[a]\n`), "config");
    assertEquals(comment.oddities, []);
  }
});

Deno.test("EditableIni keeps the indentation of a key that it sets, so that the next key does not continue it", () => {
  const edited = (text: string, edit: (document: EditableIni) => void) => {
    const document = EditableIni.parse(bytesOf(text), "config");
    edit(document);
    return new TextDecoder().decode(document.toBytes());
  };
  const set = (key: string, value: string | Record<string, string>) => (document: EditableIni) =>
    document.setProperty("a", key, value);
  const indented = "[a]\n  x = 1\n  y = 2\n[b]\n";
  assertEquals(edited(indented, set("x", "3")), "[a]\n  x = 3\n  y = 2\n[b]\n");
  assertEquals(edited(indented, set("z", "3")), "[a]\n  x = 1\n  y = 2\nz = 3\n[b]\n");
  assertEquals(
    edited(indented, (document) => document.removeProperty("a", "x")),
    "[a]\n  y = 2\n[b]\n",
  );
  assertEquals(
    edited("[a]\n     s3 =\n     y = 2\n", set("s3", { k: "v" })),
    "[a]\n     s3 =\n         k = v\n     y = 2\n",
  );
  assertEquals(
    edited("[a]\n\u00a0x = 1\n\u00a0y = 2\n", set("x", "3")),
    "[a]\n\u00a0x = 3\n\u00a0y = 2\n",
  );
  for (const edit of [set("x", "3"), (document: EditableIni) => document.removeSection("a")]) {
    const error = assertThrows(() => edited("[a]\nx = 1\n[c]\n  [b]\n  y = 2\n", edit), IniError);
    assertEquals([error.kind, error.place?.line], ["indented-section", 4]);
  }
});

Deno.test("IniDocument accepts any bytes in comments", () => {
  const odd = Uint8Array.of(...bytesOf("[a] # "), 0xe9, ...bytesOf("\nk = v ; "), 0xff, 10);
  const document = EditableIni.parse(odd, "config");
  assertEquals(document.get("a", "k"), "v");
  document.setProperty("b", "k", "w");
  assertEquals(document.toBytes().subarray(0, odd.length), odd);
});

Deno.test("IniDocument accepts a replacement character that is in the file", () => {
  assertEquals(parse("[a]\nk = \uFFFD").get("a", "k"), "\uFFFD");
});

Deno.test("setProperty changes only the value's line", () => {
  const cases: [string, string][] = [
    ["[a]\nk=1 # c\nj = 2\n", "[a]\nk = v\nj = 2\n"],
    ["[a]\r\nk = 1\r\nj = 2", "[a]\r\nk = v\r\nj = 2"],
    ["[a]\nj = 2\nk = 1", "[a]\nj = 2\nk = v"],
    ["[a]\nK = 1\n", "[a]\nk = v\n"],
    ["\uFEFF[ a ] ; c\nk = 1\n", "\uFEFF[ a ] ; c\nk = v\n"],
    // The lines that continue the old value go with it; comments stay.
    ["[a]\nk = 1\n  2\n# c\n\n  # d\n  3\n  # e\n", "[a]\nk = v\n# c\n# d\n  # e\n"],
    ["[a]\nk =\n  x = 1\n  y = 2", "[a]\nk = v\n"],
    // The last value is the one that is read.
    ["[a]\nk = 1\nk = 2\n", "[a]\nk = 1\nk = v\n"],
    ["[a]\nk = 1\n[b]\nk = 2\n[a]\nj = 3\n", "[a]\nk = v\n[b]\nk = 2\n[a]\nj = 3\n"],
    ["[a]\nk = 1\n[a]\nk = 2\n[b]\n", "[a]\nk = 1\n[a]\nk = v\n[b]\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(edited(before, (document) => document.setProperty("a", "k", "v")), after, before);
  }
});

Deno.test("setProperty adds a new key after the section's last line", () => {
  const cases: [string, string][] = [
    ["[a]", "[a]\nk = v\n"],
    ["[a]\n\n# c\n\n[b]\n", "[a]\nk = v\n\n# c\n\n[b]\n"],
    ["[a]\nx = 1\n# c\n[b]\n", "[a]\nx = 1\nk = v\n# c\n[b]\n"],
    ["[a]\nx = 1\n  2\n\n  # d\n\n", "[a]\nx = 1\n  2\n\n  # d\nk = v\n\n"],
    ["[b]\n[a]\r\nx = 1\r\n\r\n", "[b]\n[a]\r\nx = 1\r\nk = v\r\n\r\n"],
    ["[b]\r\n[a]\r\nx = 1", "[b]\r\n[a]\r\nx = 1\r\nk = v\r\n"],
    ["[a]\nx = 1\n[b]\n[a]\ny = 2\n[c]\n", "[a]\nx = 1\n[b]\n[a]\ny = 2\nk = v\n[c]\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(edited(before, (document) => document.setProperty("a", "k", "v")), after, before);
  }
});

Deno.test("setProperty adds a missing section at the end", () => {
  const cases: [string, string][] = [
    ["", "[a]\nk = v\n"],
    ["\uFEFF", "\uFEFF[a]\nk = v\n"],
    ["[b]\r\nx = 1", "[b]\r\nx = 1\r\n[a]\r\nk = v\r\n"],
    ["[b]\nx = 1\n\n# end\n", "[b]\nx = 1\n\n# end\n[a]\nk = v\n"],
    ["[A]\nk = 1\n", "[A]\nk = 1\n[a]\nk = v\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(edited(before, (document) => document.setProperty("a", "k", "v")), after, before);
  }
});

Deno.test("setProperty finds a section in every spelling of its header", () => {
  for (const header of [`profile "a b"`, `profile 'a b'`, `profile\t "a b" `]) {
    const after = edited(
      `[${header}]\n`,
      (document) => document.setProperty("profile a b", "k", "v"),
    );
    assertEquals(after, `[${header}]\nk = v\n`);
  }
});

Deno.test("setProperty changes only the given lines of a nested block", () => {
  const cases: [string, string][] = [
    [
      "[a]\ns =\n  y = 1\n\n  # c\n  x = 1\nj = 2\n",
      "[a]\ns =\n  y = 2\n\n  # c\n  x = 1\nj = 2\n",
    ],
    ["[a]\ns =\n\tx = 1 # c", "[a]\ns =\n\tx = 1 # c\n\ty = 2\n"],
    ["[a]\r\ns =\r\n  Y=1\r\n", "[a]\r\ns =\r\n  y = 2\r\n"],
    ["[a]\ns =\n[b]\n", "[a]\ns =\n    y = 2\n[b]\n"],
    ["[a]\ns = plain\n  more\nj = 2\n", "[a]\ns =\n    y = 2\nj = 2\n"],
    ["", "[a]\ns =\n    y = 2\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(
      edited(before, (document) => document.setProperty("a", "s", { y: "2" })),
      after,
      before,
    );
  }
});

Deno.test("setProperties writes all keys, or none if one is refused", () => {
  const document = parse("[b]\nx = 1\n");
  assertThrows(() => document.setProperties("a", { k: "v", j: "1\n2" }), IniError, "newline");
  assertThrows(
    () => document.setProperties("b", { x: "2", s: { y: " 3" } }),
    IniError,
    "begins or ends with a space",
  );
  assertEquals(textOf(document.toBytes()), "[b]\nx = 1\n");
  document.setProperties("a", { k: "v", j: "w" });
  assertEquals(textOf(document.toBytes()), "[b]\nx = 1\n[a]\nk = v\nj = w\n");
});

Deno.test("setSections changes and adds all sections, or none", () => {
  const document = parse("[b]\r\nx = 1\r\n# mine\r\n[c]\r\ny = 2");
  const before = textOf(document.toBytes());
  assertThrows(() => document.setSections([["b", { x: "2" }], ["c d", { y: "1" }]]), IniError);
  assertThrows(() => document.setSections([["b", { x: "2" }], ["c", { y: " 1" }]]), IniError);
  assertEquals(textOf(document.toBytes()), before);
  document.setSections([["new", { k: "v" }], ["c", { z: "3" }], ["b", { x: "4", w: "5" }], [
    "newer",
    { k: "w" },
  ]]);
  assertEquals(
    textOf(document.toBytes()),
    "[b]\r\nx = 4\r\nw = 5\r\n# mine\r\n[c]\r\ny = 2\r\nz = 3\r\n[new]\r\nk = v\r\n[newer]\r\nk = w\r\n",
  );
});

Deno.test("an edit of hundreds of sections parses the changed file once", () => {
  const names = Array.from({ length: 300 }, (_, index) => `s${index}`);
  const document = EditableIni.parse(
    new TextEncoder().encode(names.map((name) => `[${name}]\na = 1\nb = 2\n`).join("")),
    "file",
  );
  const prototype = IniDocument.prototype as unknown as { become(bytes: Uint8Array): void };
  const { become } = prototype;
  let reads = 0;
  prototype.become = function (bytes) {
    reads++;
    become.call(this, bytes);
  };
  try {
    document.setSections(names.map((name) => [name, { a: "3", c: "4" }]));
    assertEquals(reads, 1);
    document.removeProperties(names, ["a", "b"]);
    assertEquals(reads, 2);
    document.removeSections(names);
    assertEquals([reads, document.toBytes().length], [3, 0]);
  } finally {
    prototype.become = become;
  }
});

Deno.test("setProperty refuses a value that some readers misparse, without showing it", () => {
  const secret = "wJalrXUtnFEMI";
  const cases: [string, string, string | Record<string, string>, string][] = [
    ["a", "k", `${secret}\n[b]`, "newline"],
    ["a", "k", `${secret}\r`, "newline"],
    ["a", "k", `${secret}\0`, "control-character"],
    ["a", "k", `${secret}\u2028x`, "control-character"],
    ["a", "k", `${secret}\uD800`, "control-character"],
    ["a", "k", "", "value"],
    ["a", "k", ` ${secret}`, "value"],
    ["a", "k", `${secret} # x`, "value"],
    ["a", "k", `;${secret}`, "value"],
    ["a", "k", {}, "value"],
    ["a", "k", { j: `${secret}\n` }, "newline"],
    ["a", "k", { "j\n": "v" }, "newline"],
    ["a", "k\nj", "v", "newline"],
    ["a", "K", "v", "key-name"],
    ["a", "k j", "v", "key-name"],
    ["a", "k:j", "v", "key-name"],
    ["a", "", "v", "key-name"],
    ["a\n[b]", "k", "v", "newline"],
    ["a]", "k", "v", "section-name"],
    ["two words", "k", "v", "section-name"],
    ["profile two words", "k", "v", "section-name"],
    ["profile ", "k", "v", "section-name"],
    ["", "k", "v", "section-name"],
    ["DEFAULT", "k", "v", "section-name"],
    ["__proto__", "k", "v", "section-name"],
    ["profile constructor", "k", "v", "section-name"],
  ];
  for (const [section, key, value, kind] of cases) {
    const document = parse("[z]\nx = 1\n");
    const error = assertThrows(() => document.setProperty(section, key, value), IniError);
    assertEquals(error.kind, kind, JSON.stringify([section, key, value]));
    assertMatch(`${error.message}; ${error.hint}`, /^(?!.*wJalr).+; .+$/);
    assertEquals(textOf(document.toBytes()), "[z]\nx = 1\n");
  }
});

Deno.test("setProperty accepts an existing section whose name it would not create", () => {
  for (const name of ["profile a@b", "__proto__", "constructor", "profile two words"]) {
    const document = parse(`[${name}]\n`);
    document.setProperty(name, "k", "v");
    assertEquals(document.get(name, "k"), "v");
  }
});

Deno.test("removeProperty removes a key wherever it is, and keeps comments", () => {
  const cases: [string, string][] = [
    ["[a]\nk = 1\nj = 2\n", "[a]\nj = 2\n"],
    ["[a]\nj = 2\nk = 1", "[a]\nj = 2\n"],
    ["[a]\nk =\n  x = 1\n  # d\n\n  y = 2\n# c\n[b]\nk = 1\n", "[a]\n# d\n# c\n[b]\nk = 1\n"],
    ["[a]\nk = 1\nK = 2\n[a]\nj = 1\nk = 3\n", "[a]\n[a]\nj = 1\n"],
    ["[a]\nj = 1\n", "[a]\nj = 1\n"],
    ["[b]\nk = 1\n", "[b]\nk = 1\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(edited(before, (document) => document.removeProperty("a", "k")), after, before);
  }
});

Deno.test("removeSection keeps the lines of its neighbors", () => {
  const cases: [string, string][] = [
    ["[a]\nk = 1\n", ""],
    ["\uFEFF[a]\nk = 1\n\n# of b\n[b]\n", "\uFEFF# of b\n[b]\n"],
    ["# of a\n[a]\n# in a\nk = 1\n  2\n\n\n[b]\n", "# of a\n[b]\n"],
    ["[b]\nx = 1\n\n[a]\n[c]\n[a]\nk = 1", "[b]\nx = 1\n\n[c]\n"],
    ["[b]\n", "[b]\n"],
  ];
  for (const [before, after] of cases) {
    assertEquals(edited(before, (document) => document.removeSection("a")), after, before);
  }
});

Deno.test("IniDocument parses in linear time", () => {
  const blanks = " ".repeat(300_000);
  const texts = [
    `[a]\nk = x${blanks}y\n`,
    `[a${blanks}]${"] ".repeat(100_000)}\n`.replace(/\]\n$/, "# c\n"),
    `[profile ${`"'`.repeat(150_000)}]\n`,
    `[a]\n${"k = v\n".repeat(150_000)}`,
    `[a]\nk =\n${"  k = v\n".repeat(100_000)}`,
    "[a]\n".repeat(200_000),
  ];
  for (const text of texts) {
    const begun = performance.now();
    try {
      parse(text);
    } catch (error) {
      assert(error instanceof EacError);
    }
    // A quadratic parser takes minutes; this one tens of milliseconds.
    assert(performance.now() - begun < 5000, text.slice(0, 20));
  }
});

// Properties

/** Lines that mean something: put together at random, they look like a file. */
const LINES = [
  "[default]",
  "[profile a]",
  '[profile "a"]  ; c',
  "[b]",
  "[b b]",
  "key = value",
  "KEY=other # c",
  "region = \u00e9",
  "s3 =",
  "  x = 1",
  "\ty=2",
  "  # indented",
  "# comment",
  ";",
  "",
  " \t",
];
const BROKEN = ["no equals", "= no key", "[open", "key : value"];

const filesOf = (lines: readonly string[]) =>
  fc.tuple(
    fc.constantFrom("", "\uFEFF"),
    fc.array(
      fc.tuple(fc.constantFrom(...lines), fc.constantFrom("\n", "\n", "\r\n", "\r\r\n")),
      { maxLength: 20 },
    ),
    fc.constantFrom("", "[b]", "key = last", "# last"),
  ).map(([mark, body, last]) => mark + body.flat().join("") + last);

/** Most of these can be read; all begin with a section or are empty. */
const files = filesOf(LINES).map((text) => text && text.replace(/^\uFEFF?/, "$&[default]\n"));

/** The document, or nothing where the text is not one: the property says nothing then. */
function tryParse(text: string): EditableIni | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

Deno.test("any bytes are parsed or refused with their line, and written back unchanged", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    filesOf([...LINES, ...BROKEN]).map(bytesOf),
  );
  fc.assert(fc.property(bytes, (bytes) => {
    try {
      assertEquals(EditableIni.parse(bytes, "config").toBytes(), bytes);
    } catch (error) {
      assert(error instanceof IniError);
      assert(error.place?.line);
    }
  }));
});

Deno.test("a set value is read back, and no other section, key or comment changes", () => {
  const sections = fc.constantFrom("default", "profile a", "b", "new");
  const keys = fc.constantFrom("key", "region", "s3", "fresh");
  const values = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(fc.property(files, sections, keys, values, (text, section, key, value) => {
    const document = tryParse(text);
    if (document === undefined) return;
    const before = read(document);
    const existed = document.has(section);
    try {
      document.setProperty(section, key, value);
    } catch (error) {
      assert(error instanceof IniError);
      assertEquals(textOf(document.toBytes()), text);
      return;
    }
    const after = textOf(document.toBytes());
    assertEquals(parse(after).get(section, key), value);
    const wanted = parseHeader(section);
    const others = (all: typeof before) =>
      all.map(({ header, properties }) => {
        const { kind, name } = parseHeader(header);
        const own = kind === wanted.kind && name === wanted.name;
        return { header, properties: own ? properties.filter(([k]) => k !== key) : properties };
      }).filter(({ header }) => existed || header !== section);
    assertEquals(others(read(document)), others(before));
    assertEquals(comments(after), comments(text));
  }));
});

Deno.test("adding and removing leaves the file unchanged", () => {
  fc.assert(fc.property(files, (text) => {
    const document = tryParse(text);
    if (document === undefined) return;
    document.setProperty("new", "k", "v");
    document.removeSection("new");
    const end = text === "" || text === "\uFEFF" || text.endsWith("\n");
    const after = textOf(document.toBytes());
    assertEquals(after.replace(end ? "" : /\r?\n$/, ""), text);
  }));
});

/** Comment lines, without their line ends. */
function comments(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => /^[#;]/.test(line));
}
