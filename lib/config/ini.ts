/**
 * Parses the format of the AWS shared files. ini_edit.ts edits them.
 *
 * Reading follows the suite that the AWS SDKs share (for Rust: `profile-parser-tests.json`). A
 * user may have thousands of profiles, and most runs need one of them, so a document consists of few and
 * small objects.
 *
 * @module
 */

import { EacError, type Place } from "../errors.ts";
import type { Section } from "./section.ts";

/** A section of the file. Lines count from 1. It grows while the file is read. */
export class IniSection implements Section {
  /** The text between the brackets, trimmed: `profile "my profile"`. */
  readonly header: string;
  readonly line: number;
  /** The last line of the section. Blank lines and comments below it belong to no section. */
  lastLine: number;
  /** True if no key is repeated and each is an {@linkcode IDENTIFIER}. */
  isPlain = true;
  /** How many properties it has. */
  size = 0;
  readonly #all: Properties;
  readonly #from: number;

  /** @param all the properties of the whole file: those of the section begin where it ends now */
  constructor(header: string, line: number, all: Properties) {
    this.header = header;
    this.line = line;
    this.lastLine = line;
    this.#all = all;
    this.#from = all.keys.length;
  }

  /** The parsed header. */
  get title(): Header {
    return parseHeader(this.header);
  }

  /** In the order of the file; a repeated key appears as often as in the file. */
  get properties(): IniProperty[] {
    const properties: IniProperty[] = [];
    const end = this.#from + this.size;
    for (let at = this.#from; at < end; at++) properties.push(this.#all.at(at));
    return properties;
  }

  /** The setting of that key; a plain section has at most one. */
  get(key: string): IniProperty | undefined {
    const at = this.#indexOf(key);
    return at < 0 ? undefined : this.#all.at(at);
  }

  value(key: string): string | undefined {
    const at = this.#indexOf(key);
    return at < 0 ? undefined : this.#all.valueAt(at);
  }

  forEach(visit: (value: string, key: string) => void): void {
    const end = this.#from + this.size;
    for (let at = this.#from; at < end; at++) visit(this.#all.valueAt(at), this.#all.keys[at]!);
  }

  #indexOf(key: string): number {
    const { keys } = this.#all;
    const end = this.#from + this.size;
    for (let at = this.#from; at < end; at++) if (keys[at] === key) return at;
    return -1;
  }

  [Symbol.iterator](): Iterator<IniProperty> {
    return this.properties[Symbol.iterator]();
  }
}

/**
 * The properties of a file as ranges of its text. Most runs use few of them, so objects are created
 * only for those.
 */
class Properties {
  /** The key of each, in lower case. */
  readonly keys: string[] = [];
  readonly #text: string;
  readonly #file: string;
  /** For each property, where its value begins and ends, and its line. */
  readonly #ranges: number[] = [];
  /** The lines that continue a property, by its index: few have any. */
  readonly #continued = new Map<number, { text: string; readonly lines: number[] }>();

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  add(key: string, begin: number, end: number, line: number): void {
    this.keys.push(key);
    this.#ranges.push(begin, end, line);
  }

  /** Adds a line to the last property. */
  extend(text: string, line: number): void {
    const last = this.keys.length - 1;
    const continued = this.#continued.get(last) ?? { text: "", lines: [] };
    continued.text += "\n" + text;
    continued.lines.push(line);
    this.#continued.set(last, continued);
  }

  at(index: number): IniProperty {
    const line = this.#ranges[index * 3 + 2]!;
    const lines = this.#continued.get(index)?.lines;
    return new IniProperty(this.keys[index]!, this.valueAt(index), this.#file, line, lines);
  }

  valueAt(index: number): string {
    const value = this.#text.slice(this.#ranges[index * 3], this.#ranges[index * 3 + 1]);
    const continued = this.#continued.size === 0 ? undefined : this.#continued.get(index);
    return continued === undefined ? value : value + continued.text;
  }
}

/** A setting of the file. */
export class IniProperty {
  /** In lower case: keys are case-insensitive. */
  readonly key: string;
  /** With its continuation lines; the raw text `"\nname = value"` for a nested block. */
  readonly value: string;
  readonly file: string;
  readonly line: number;
  /** The lines that continue it. */
  readonly continuations: readonly number[];

  constructor(
    key: string,
    value: string,
    file: string,
    line: number,
    continuations: readonly number[] = NONE,
  ) {
    this.key = key;
    this.value = value;
    this.file = file;
    this.line = line;
    this.continuations = continuations;
  }

  /** True if nothing follows its `=`, so that its continuation lines are a nested block. */
  get block(): boolean {
    return this.value === "" || this.value.startsWith("\n");
  }

  /** Its place, for messages. */
  get place(): Required<Place> {
    return { file: this.file, line: this.line };
  }
}

/**
 * The characters of names and keys. Sections and properties with other characters are ignored
 * without an error.
 */
export const IDENTIFIER = /^[A-Za-z0-9\-_./%@:+]+$/;

/** Few properties span several lines. */
const NONE: readonly number[] = [];

/** A parsed section header: `profile "a b"` is of kind `profile`, its name `a b`, quoted. */
export interface Header {
  /** `undefined` if the header is a single word. */
  readonly kind: string | undefined;
  readonly name: string;
  readonly quoted: boolean;
}

/** The reasons why a file cannot be read or changed. */
export type IniErrorKind =
  | Fault
  | "indented-section"
  | "newline"
  | "control-character"
  | "section-name"
  | "key-name"
  | "value";

/** A file that cannot be read, or a change that cannot be written. */
export class IniError extends EacError {
  readonly kind: IniErrorKind;

  constructor(kind: IniErrorKind, message: string, hint: string, place?: Place) {
    super("config_invalid", message, { hint, ...(place ? { place } : {}) });
    this.kind = kind;
  }
}

/** Why a file cannot be read: the message and the hint for each fault. */
const FAULTS = {
  "not-utf8": ["this line is not UTF-8 text", "save the file as UTF-8"],
  "utf16": ["this file is UTF-16, not UTF-8 text", "save it as UTF-8"],
  "nul": [
    "this line contains NUL bytes: the file is damaged, or not UTF-8 text",
    "restore it from a backup, or save it as UTF-8",
  ],
  "unterminated-section": [
    'this section line does not end with "]"',
    'write it as "[profile NAME]"; a comment may follow after "#"',
  ],
  "carriage-returns": [
    "the lines of this file end with a carriage return alone",
    "save the file with LF line ends",
  ],
  "property-outside-section": [
    "this line is before the first section",
    'put it below a line such as "[default]"',
  ],
  "property-no-equals": [
    'this line has no "="',
    'write it as "key = value", or put "#" in front of it',
  ],
  "property-no-name": [
    'this line has no key before its "="',
    'write it as "key = value", or put "#" in front of it',
  ],
  "continuation-outside-section": [
    "this indented line is before the first section",
    "remove the leading spaces, or the line",
  ],
  "continuation-outside-property": [
    'this indented line has no "=", and no setting above it that it could continue',
    'write it as "key = value", or put "#" in front of it',
  ],
  "sub-property-no-equals": [
    'this line of a nested block has no "="',
    'write it as "key = value", or put "#" in front of it',
  ],
  "sub-property-no-name": [
    'this line of a nested block has no key before its "="',
    'write it as "key = value", or put "#" in front of it',
  ],
} as const;

type Fault = keyof typeof FAULTS;

/** A line that eac reads like the AWS CLI, and that other SDKs reject or read differently. */
export interface Oddity {
  readonly kind: "unicode-blank" | "indented-key" | "indented-section";
  /** Counts from 1. */
  readonly line: number;
}

/** One shared file. */
export class IniDocument {
  /** The file's name, for errors. */
  readonly file: string;
  #bytes: Uint8Array;
  #sections: readonly IniSection[];
  #oddities: readonly Oddity[];

  protected constructor(bytes: Uint8Array, file: string) {
    this.file = file;
    this.#bytes = bytes;
    ({ sections: this.#sections, oddities: this.#oddities } = readSections(bytes, file));
  }

  /**
   * Parses a document; without bytes it is empty.
   *
   * @throws {IniError} with the line at which the SDKs' parsers fail
   */
  static parse(bytes: Uint8Array, file: string): IniDocument {
    return new IniDocument(bytes, file);
  }

  /** The bytes of the file, unchanged without an edit. */
  toBytes(): Uint8Array {
    return this.#bytes;
  }

  /** True when the file begins with a byte order mark, which the AWS CLI cannot read. */
  get hasByteOrderMark(): boolean {
    return markLength(this.#bytes) > 0;
  }

  /** The lines that some SDKs read differently, in the order of the file. */
  get oddities(): readonly Oddity[] {
    return this.#oddities;
  }

  /** True if every section is plain: no key is repeated, and each is an {@linkcode IDENTIFIER}. */
  get isPlain(): boolean {
    return this.#sections.every(({ isPlain }) => isPlain);
  }

  /** All sections in the order of the file, repeated ones included. */
  get sections(): readonly IniSection[] {
    return this.#sections;
  }

  /** True if there is such a section, in any spelling of its header. */
  has(section: string): boolean {
    return this.named(section).length > 0;
  }

  /** The value in effect: the last one of that key in all sections of that name. */
  get(section: string, key: string): string | undefined {
    return this.last(section, key)?.value;
  }

  /** The sections of that name, in any spelling of their headers. */
  protected named(section: string): readonly IniSection[] {
    const wanted = parseHeader(section);
    return this.#sections.filter(({ header }) => {
      if (!header.includes(wanted.name)) return false;
      const { kind, name } = parseHeader(header);
      return name === wanted.name && kind === wanted.kind;
    });
  }

  /** The property in effect: the last one. */
  protected last(section: string, key: string): IniProperty | undefined {
    return this.named(section).flatMap((one) => one.properties).findLast((p) => p.key === key);
  }

  /** Replaces the content with these bytes; if they cannot be parsed, nothing changes. */
  protected become(bytes: Uint8Array): void {
    ({ sections: this.#sections, oddities: this.#oddities } = readSections(bytes, this.file));
    this.#bytes = bytes;
  }
}

/** Splits a header at its first blank, and removes one pair of quotes around the name. */
export function parseHeader(header: string): Header {
  const text = trim(header);
  let end = text.indexOf(" ");
  const tab = text.indexOf("\t");
  if (tab >= 0 && (end < 0 || tab < end)) end = tab;
  if (end < 0) return { kind: undefined, name: text, quoted: false };
  const kind = text.slice(0, end);
  const name = valueIn(text, end, text.length);
  const quote = name[0]!;
  const quoted = (quote === '"' || quote === "'") && name.length > 2 &&
    name.indexOf(quote, 1) === name.length - 1;
  return { kind, name: quoted ? name.slice(1, -1) : name, quoted };
}

/** The lines of a nested block: `"\nendpoint_url = https://..."`; none for a plain value. */
export function parseNested(value: string): Record<string, string> {
  const nested: Record<string, string> = Object.create(null);
  if (!value.startsWith("\n")) return nested;
  for (const line of value.split("\n")) {
    const pair = splitPair(line);
    if (pair) nested[pair.key] = pair.value;
  }
  return nested;
}

// Reading

/**
 * True if a comment sign follows a space anywhere: searching the file twice is faster than
 * searching every line.
 */
function hasBehindBlank(text: string, sign: string): boolean {
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
    if (isBlank(text.charCodeAt(at - 1))) return true;
  }
  return false;
}

/** A key, and the last section that contains it. */
interface Key {
  readonly text: string;
  readonly isOdd: boolean;
  seenIn?: IniSection | undefined;
}

function newKey(keys: Map<string, Key>, written: string): Key {
  const text = written.toLowerCase();
  const key = keys.get(text) ?? { text, isOdd: !IDENTIFIER.test(text) };
  keys.set(text, key).set(written, key);
  return key;
}

/** What is wrong with a line of a file. */
function faultIn(file: string, line: number, fault: Fault): IniError {
  const [message, hint] = FAULTS[fault];
  return new IniError(fault, message, hint, { file, line });
}

/** Reads all sections of a file. */
function readSections(
  bytes: Uint8Array,
  file: string,
): { sections: IniSection[]; oddities: Oddity[] } {
  const isText = textCheck(bytes);
  const oddities: Oddity[] = [];
  const text = withPlainBlanks(new TextDecoder().decode(bytes), bytes, oddities);
  if (bytes[0] === 0xff && bytes[1] === 0xfe || bytes[0] === 0xfe && bytes[1] === 0xff) {
    throw faultIn(file, 1, "utf16");
  }
  return { sections: readLines(text, { file, line: 1, isText, oddities }), oddities };
}

/**
 * Reads one section of a file that {@linkcode isSeparable}.
 *
 * @param text from the section's header on
 * @param line the number of the header's line
 */
export function readSection(text: string, file: string, line: number): IniSection {
  return readLines(text, { file, line, isText: () => true, oddities: [] })[0]!;
}

/** Where lines are from, and where what is odd about them is noted. */
interface Source {
  readonly file: string;
  /** The number of the first line. */
  readonly line: number;
  /** True if the bytes of a line are UTF-8. */
  readonly isText: (line: number) => boolean;
  readonly oddities: Oddity[];
}

/**
 * Reads the sections of a text.
 *
 * An indented line continues the property above it, unless it is indented no deeper than that
 * property, or the section has no property yet: then it is a property or a section, as in the AWS
 * CLI. The SDKs for Rust and Java reject such a file.
 */
function readLines(whole: string, source: Source): IniSection[] {
  const { file, isText, oddities } = source;
  const fail = (fault: Fault, line: number): never => {
    if (!isText(line)) throw faultIn(file, line, "not-utf8");
    // After a power failure, some file systems return NUL bytes for what was written last.
    const hasNul = whole.split("\n")[line - source.line]?.includes("\0");
    throw faultIn(file, line, hasNul ? "nul" : fault);
  };
  // The file is decoded as a whole, with U+FFFD for bytes that are not UTF-8. They are harmless in a
  // comment, so the bytes are checked only where U+FFFD is part of a header, key or value.
  const isSuspect = whole.includes("\uFFFD");
  const checkText = (text: string, line: number) => {
    if (text.includes("\uFFFD") && !isText(line)) fail("not-utf8", line);
  };
  const hasComments = hasBehindBlank(whole, "#") || hasBehindBlank(whole, ";");
  /** Thousands of profiles share a few keys, so each is stored once. */
  const keys = new Map<string, Key>();
  const sections: IniSection[] = [];
  let section: IniSection | undefined;
  const properties = new Properties(whole, file);
  let hasProperty = false; // in the section
  let indent = 0; // of the property
  let inBlock = false;
  for (
    let start = 0, line = source.line, next: number;
    start < whole.length;
    start = next, line++
  ) {
    const newline = whole.indexOf("\n", start);
    next = newline < 0 ? whole.length : newline + 1;
    const first = whole.charCodeAt(start);
    if (first === NEWLINE || isCommentCode(first)) continue;
    const end = textEnd(whole, start, next);
    if (end === start) continue;
    const begin = isBlank(first) ? skipBlanks(whole, start, end) : start;
    const isIndented = begin > start;
    const code = whole.charCodeAt(begin);
    if (isIndented && isCommentCode(code)) {
      // The SDK for Rust reads it as a continuation, so nothing may be inserted above it.
      if (section) section.lastLine = line;
      continue;
    }

    if (hasProperty && begin - start > indent) {
      const part = whole.slice(begin, end);
      if (inBlock) {
        const pair = splitPair(part) ?? fail("sub-property-no-equals", line);
        if (pair.key === "") fail("sub-property-no-name", line);
      }
      if (isSuspect) checkText(part, line);
      properties.extend(part, line);
      section!.lastLine = line;
    } else if (code === BRACKET) {
      const header = readHeader(whole, begin, end) ??
        fail(
          hasReturnWithin(whole, begin, end) ? "carriage-returns" : "unterminated-section",
          line,
        );
      if (isSuspect) checkText(header, line);
      if (isIndented) oddities.push({ kind: "indented-section", line });
      section = new IniSection(header, line, properties);
      sections.push(section);
      hasProperty = false;
    } else {
      if (section === undefined) {
        return fail(isIndented ? "continuation-outside-section" : "property-outside-section", line);
      }
      // A "#" or ";" after a space begins a comment.
      const comment = hasComments ? commentIn(whole.slice(begin, end)) : -1;
      const stop = comment < 0 ? end : begin + comment;
      const equals = whole.indexOf("=", begin);
      if (equals < 0 || equals >= stop) {
        return fail(isIndented ? "continuation-outside-property" : "property-no-equals", line);
      }
      const written = whole.slice(begin, blanksBegin(whole, begin, equals));
      const key = keys.get(written) ?? newKey(keys, written);
      if (key.text === "") fail("property-no-name", line);
      const valueEnd = blanksBegin(whole, equals + 1, stop);
      const valueBegin = skipBlanks(whole, equals + 1, valueEnd);
      if (isSuspect) {
        checkText(key.text, line);
        checkText(whole.slice(valueBegin, valueEnd), line);
      }
      if (isIndented) oddities.push({ kind: "indented-key", line });
      if (key.isOdd || key.seenIn === section) section.isPlain = false;
      key.seenIn = section;
      properties.add(key.text, valueBegin, valueEnd, line);
      hasProperty = true;
      indent = begin - start;
      inBlock = valueBegin === valueEnd;
      section.size++;
      section.lastLine = line;
    }
  }
  return sections;
}

/**
 * The start of a comment after a space; -1 without one. In a command line, a comment sign within
 * quotes is text: the AWS CLI passes it to the program.
 */
function commentIn(line: string): number {
  const first = line.search(/[ \t][#;]/);
  if (first < 0 || !/^(credential|mfa)_process[ \t]*=/i.test(line)) return first;
  let quote = "";
  for (let at = line.indexOf("=") + 1; at < line.length; at++) {
    const character = line[at]!;
    if (quote !== "'" && character === "\\") at++;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (isBlank(line.charCodeAt(at)) && isCommentSign(line[at + 1])) return at;
  }
  // An unclosed quote has no effect.
  return quote === "" ? -1 : first;
}

/**
 * Unicode whitespace that Python, JavaScript and Go trim, and the SDKs for Rust and Java do not.
 */
const UNICODE_BLANK = /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/**
 * Replaces Unicode whitespace at the ends of a line and around its first `=` with plain spaces: it
 * is common in text copied from a web page. The length stays the same.
 */
function withPlainBlanks(text: string, bytes: Uint8Array, oddities: Oddity[]): string {
  // Nearly all files are ASCII, where every byte is a character.
  if (text.length === bytes.length || !UNICODE_BLANK.test(text)) return text;
  return text.split("\n").map((line, index) => {
    if (!UNICODE_BLANK.test(line)) return line;
    const plain = plainLine(line);
    const isComment = isCommentSign(plain.trimStart()[0]);
    if (plain !== line && !isComment) oddities.push({ kind: "unicode-blank", line: index + 1 });
    return plain;
  }).join("\n");
}

function plainLine(line: string): string {
  const isAnyBlank = (at: number) => /\s/.test(line[at]!) || line[at] === "\u0085";
  const plain = [...Array(line.length).keys()].map((at) => line[at]!);
  const clear = (from: number, step: 1 | -1) => {
    for (let at = from; at >= 0 && at < line.length && isAnyBlank(at); at += step) {
      if (UNICODE_BLANK.test(line[at]!)) plain[at] = " ";
    }
  };
  clear(0, 1);
  clear(line.length - 1, -1);
  const equals = line.indexOf("=");
  if (equals >= 0) {
    clear(equals - 1, -1);
    clear(equals + 1, 1);
  }
  return plain.join("");
}

/** True if a line contains a carriage return. */
function hasReturnWithin(text: string, start: number, end: number): boolean {
  const at = text.indexOf("\r", start);
  return at >= 0 && at < end;
}

/**
 * The text between the brackets, trimmed; `undefined` if anything but a comment follows. Brackets and
 * comment signs within closed quotes are text.
 */
function readHeader(whole: string, start: number, end: number): string | undefined {
  if (whole.indexOf("]", start) === end - 1) {
    const header = valueIn(whole, start + 1, end - 1);
    if (!header.includes('"') && !header.includes("'")) return header;
  }
  const text = whole.slice(start, end);
  return headerIn(text, true) ?? headerIn(text, false);
}

function headerIn(text: string, withQuotes: boolean): string | undefined {
  let quote = "";
  for (let i = 1; i < text.length; i++) {
    const character = text[i]!;
    if (quote) {
      if (character === quote) quote = "";
    } else if (withQuotes && (character === '"' || character === "'")) {
      quote = character;
    } else if (character === "]") {
      const next = skipBlanks(text, i + 1);
      if (next === text.length || isCommentSign(text[next])) return trim(text.slice(1, i));
    }
  }
  return undefined;
}

/** A line of a section: the text before and after its first `=`. */
interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Splits a line at its first `=`, without a trailing comment; `undefined` if it has no `=`. */
export function splitPair(line: string): Pair | undefined {
  const comment = line.search(/[ \t][#;]/);
  const text = comment < 0 ? line : line.slice(0, comment);
  const equals = text.indexOf("=");
  if (equals < 0) return undefined;
  return { key: trim(text.slice(0, equals)).toLowerCase(), value: trim(text.slice(equals + 1)) };
}

/** Returns a function that checks whether a line, counted from 1, is UTF-8. */
function textCheck(bytes: Uint8Array): (line: number) => boolean {
  let lines: Uint8Array[] | undefined;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return (line) => {
    try {
      decoder.decode((lines ??= splitLines(bytes))[line - 1]);
      return true;
    } catch {
      return false;
    }
  };
}

/** The lines of a file, each with its line end. */
export function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

/** The length of the byte order mark in bytes; 0 without one. */
export function markLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

// Characters. Regular expressions for trimming would take quadratic time on long runs of spaces.

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const BRACKET = 91; // [

/** True for a character that begins a comment. */
export function isCommentSign(character: string | undefined): boolean {
  return character === "#" || character === ";";
}

function isCommentCode(code: number): boolean {
  return code === 35 || code === 59;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** The end of the run of spaces that begins at `start`. */
export function skipBlanks(text: string, start: number, end = text.length): number {
  let i = start;
  while (i < end && isBlank(text.charCodeAt(i))) i++;
  return i;
}

/** The start of the run of spaces that ends at `end`. */
function blanksBegin(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && isBlank(text.charCodeAt(i - 1))) i--;
  return i;
}

/** The text of a range, trimmed. */
function valueIn(text: string, from: number, to: number): string {
  const end = blanksBegin(text, from, to);
  return text.slice(skipBlanks(text, from, end), end);
}

function trim(text: string): string {
  return valueIn(text, 0, text.length);
}

/** The end of a line without trailing spaces and carriage returns. */
export function textEnd(text: string, start: number, end: number): number {
  for (; end > start; end--) {
    const code = text.charCodeAt(end - 1);
    if (!isBlank(code) && code !== CARRIAGE_RETURN && code !== NEWLINE) break;
  }
  return end;
}
