/**
 * The format of the AWS shared files, as a document that can be read, changed and put back.
 *
 * Reading follows the suite that the AWS SDKs share (for Rust: `profile-parser-tests.json`). A change
 * replaces whole lines and leaves every other byte as it was: comments, blank lines, line ends, a byte
 * order mark, bytes that are no text. What is written is only what all readers understand alike.
 *
 * @module
 */

import { EacError, type Place } from "../errors.ts";

/** A section as it stands in the file. Lines count from 1. */
export interface IniSection {
  /** What stands between the brackets, trimmed: `profile "my profile"`. */
  readonly header: string;
  readonly line: number;
  /** The last line that is the section's own: blank lines and comments below it are nobody's. */
  readonly lastLine: number;
  /** In the order of the file, a repeated key as often as it stands there. */
  readonly properties: readonly IniProperty[];
}

/** A setting as it stands in the file. */
export interface IniProperty {
  /** In lower case, as the readers take it. */
  readonly key: string;
  /** With its continuation lines; the raw text `"\nname = value"` for a nested block. */
  readonly value: string;
  readonly line: number;
  /** The lines that continue it. */
  readonly continuations: readonly number[];
  /** True when nothing stands behind its `=`, so that what continues it is a nested block. */
  readonly block: boolean;
}

/** A section's header taken apart: `profile "a b"` is of kind `profile`, its name `a b`, quoted. */
export interface Header {
  /** `undefined` where the header is one word. */
  readonly kind: string | undefined;
  readonly name: string;
  readonly quoted: boolean;
}

/** What can be set: a value, or the lines of a nested block. */
export type IniValue = string | Readonly<Record<string, string>>;

/** The ways in which a file can be wrong, or a change refused. */
export type IniErrorKind =
  | Fault
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

/** What makes a file unreadable: what is wrong with the line, and what to do about it. */
const FAULTS = {
  "not-utf8": ["this line is not UTF-8 text", "save the file as UTF-8"],
  "utf16": ["this file is UTF-16, not UTF-8 text", "save it as UTF-8"],
  "unterminated-section": [
    'this section line does not end with "]"',
    'write it as "[profile NAME]"; a comment may follow after "#"',
  ],
  "property-outside-section": [
    "this line stands before any section",
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
    "this indented line stands before any section",
    "remove the blanks in front of it, or the line",
  ],
  "continuation-outside-property": [
    "this indented line continues nothing: no setting stands above it in its section",
    "remove the blanks in front of it, or the line",
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

/** One shared file. An edit that throws changes nothing. */
export class IniDocument {
  /** The file's name, for errors. */
  readonly file: string;
  #bytes: Uint8Array;
  #sections: readonly IniSection[];

  private constructor(bytes: Uint8Array, file: string) {
    this.file = file;
    this.#bytes = bytes;
    this.#sections = readSections(bytes, file);
  }

  /**
   * The document that these bytes are; no bytes are an empty one.
   *
   * @throws {IniError} with the line that the SDKs' readers would stop at
   */
  static parse(bytes: Uint8Array, file: string): IniDocument {
    return new IniDocument(bytes, file);
  }

  /** The bytes of the file; without an edit the very same. */
  toBytes(): Uint8Array {
    return this.#bytes;
  }

  /** True when the file begins with a byte order mark, which the AWS CLI cannot read. */
  get hasByteOrderMark(): boolean {
    return markLength(this.#bytes) > 0;
  }

  /** All sections in the order of the file; one that stands there twice is there twice. */
  get sections(): readonly IniSection[] {
    return this.#sections;
  }

  /** True when there is such a section, however its header is spelt. */
  has(section: string): boolean {
    return this.#named(section).length > 0;
  }

  /** What a reader finds: the last value of that key in all sections of that name. */
  get(section: string, key: string): string | undefined {
    return this.#last(section, key)?.value;
  }

  /**
   * Sets a key; a section that is not there is added at the end. `section` is the whole header, such
   * as `profile prod`. Of a nested block only the named lines change. Of a repeated key the last one
   * changes, for it is the one that counts.
   *
   * @throws {IniError} for what not every reader would understand
   */
  setProperty(section: string, key: string, value: IniValue): void {
    this.setProperties(section, { [key]: value });
  }

  /** {@linkcode IniDocument.setProperty} for several keys: all of them or, when one is refused, none. */
  setProperties(section: string, values: Readonly<Record<string, IniValue>>): void {
    const entries = Object.entries(values);
    refuse(refusedText(section));
    if (!this.has(section)) refuse(refusedSection(section));
    for (const [key, value] of entries) refuse(refusedProperty(key, value));
    if (!this.has(section)) this.#edit((lines) => addSection(lines, section));
    for (const [key, value] of entries) this.#setOne(section, key, value);
  }

  /** Removes a key, with the lines that continue it, wherever it stands in sections of that name. */
  removeProperty(section: string, key: string): void {
    const gone = this.#named(section).flatMap((one) => one.properties.filter((p) => p.key === key));
    if (gone.length === 0) return;
    this.#edit((lines) => {
      for (const property of gone.reverse()) cutOut(lines, property);
    });
  }

  /** Removes all sections of that name; comments below their last line belong to what follows. */
  removeSection(section: string): void {
    const gone = this.#named(section);
    if (gone.length === 0) return;
    this.#edit((lines) => {
      for (const { line, lastLine } of gone.reverse()) {
        let end = lastLine;
        while (end < lines.length && isBlankLine(lines[end]!)) end++;
        lines.splice(line - 1, end - line + 1);
      }
    });
  }

  #named(section: string): IniSection[] {
    const wanted = parseHeader(section);
    return this.#sections.filter(({ header }) => {
      const { kind, name } = parseHeader(header);
      return kind === wanted.kind && name === wanted.name;
    });
  }

  #last(section: string, key: string): IniProperty | undefined {
    return this.#named(section).flatMap((one) => one.properties).findLast((p) => p.key === key);
  }

  #setOne(section: string, key: string, value: IniValue): void {
    const old = this.#last(section, key);
    if (old === undefined) {
      const { lastLine } = this.#named(section).at(-1)!;
      this.#edit((lines) => insertAfter(lines, lastLine, textOf(key, value)));
    } else if (typeof value === "string" || !old.block) {
      this.#edit((lines) => replaceProperty(lines, old, textOf(key, value)));
    } else {
      for (const [name, text] of Object.entries(value)) {
        const block = this.#last(section, key)!;
        this.#edit((lines) => setInBlock(lines, block, name, text));
      }
    }
  }

  /** Line numbers of sections count from 1, indexes of `lines` from 0; each line has its line end. */
  #edit(change: (lines: Uint8Array[]) => void): void {
    const mark = this.#bytes.subarray(0, markLength(this.#bytes));
    const lines = splitLines(this.#bytes.subarray(mark.length));
    change(lines);
    const bytes = concat([mark, ...lines]);
    this.#sections = readSections(bytes, this.file);
    this.#bytes = bytes;
  }
}

/** Takes a header apart at its first blank; one pair of quotes around the name is taken off. */
export function parseHeader(header: string): Header {
  const text = trim(header);
  let end = 0;
  while (end < text.length && !isBlank(text.charCodeAt(end))) end++;
  if (end === text.length) return { kind: undefined, name: text, quoted: false };
  const kind = text.slice(0, end);
  const name = trim(text.slice(end));
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

/**
 * Why a section of that name must not be added, for it would not be understood alike by all readers:
 * one sentence; `undefined` when it may.
 */
export function refusedSectionName(header: string): string | undefined {
  return (refusedText(header) ?? refusedSection(header))?.message;
}

// Reading

interface OpenProperty extends IniProperty {
  value: string;
  readonly continuations: number[];
}

interface OpenSection extends IniSection {
  lastLine: number;
  readonly properties: OpenProperty[];
}

function readSections(bytes: Uint8Array, file: string): OpenSection[] {
  const isText = textCheck(bytes);
  const fail = (fault: Fault, line: number): never => {
    const kind = fault === "utf16" || isText(line) ? fault : "not-utf8";
    const [message, hint] = FAULTS[kind];
    throw new IniError(kind, message, hint, { file, line });
  };
  const whole = new TextDecoder().decode(bytes);
  // The file is decoded as a whole, with U+FFFD for bytes that are not UTF-8. In a comment they do no
  // harm, so the bytes are looked at only where one was read.
  const isSuspect = whole.includes("\uFFFD");
  const checkText = (text: string, line: number) => {
    if (isSuspect && text.includes("\uFFFD") && !isText(line)) fail("not-utf8", line);
  };
  if (bytes[0] === 0xff && bytes[1] === 0xfe || bytes[0] === 0xfe && bytes[1] === 0xff) {
    fail("utf16", 1);
  }
  const sections: OpenSection[] = [];
  let section: OpenSection | undefined;
  let property: OpenProperty | undefined;
  let line = 0;
  for (const raw of whole.split("\n")) {
    line++;
    const text = trimEnd(raw);
    const first = text[0];
    if (first === undefined || isCommentSign(first)) continue;

    if (first === "[") {
      const header = readHeader(text) ?? fail("unterminated-section", line);
      checkText(header, line);
      section = { header, line, lastLine: line, properties: [] };
      sections.push(section);
      property = undefined;
    } else if (first !== " " && first !== "\t") {
      if (section === undefined) return fail("property-outside-section", line);
      const pair = splitPair(text) ?? fail("property-no-equals", line);
      if (pair.key === "") fail("property-no-name", line);
      const { key, value } = pair;
      checkText(key, line);
      checkText(value, line);
      property = { key, value, line, continuations: [], block: value === "" };
      section.properties.push(property);
      section.lastLine = line;
    } else {
      const part = trim(text);
      if (isCommentSign(part[0])) {
        // Rust's reader takes it for a continuation, so nothing may be put between it and the line above.
        if (section) section.lastLine = line;
        continue;
      }
      if (section === undefined) return fail("continuation-outside-section", line);
      if (property === undefined) return fail("continuation-outside-property", line);
      if (property.block) {
        const pair = splitPair(part) ?? fail("sub-property-no-equals", line);
        if (pair.key === "") fail("sub-property-no-name", line);
      }
      checkText(part, line);
      property.value += "\n" + part;
      property.continuations.push(line);
      section.lastLine = line;
    }
  }
  return sections;
}

/**
 * What stands between the brackets, trimmed; `undefined` when nothing but a comment may follow and
 * something else does. Brackets and comment signs within quotes are text, if the quotes close.
 */
function readHeader(text: string): string | undefined {
  const isPlain = text.indexOf("]") === text.length - 1 && !/["']/.test(text);
  return isPlain ? trim(text.slice(1, -1)) : headerIn(text, true) ?? headerIn(text, false);
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

/** Splits a line at its first `=`, without a comment at its end; `undefined` where it has no `=`. */
function splitPair(line: string): { key: string; value: string } | undefined {
  const comment = line.search(/[ \t][#;]/);
  const text = comment < 0 ? line : line.slice(0, comment);
  const equals = text.indexOf("=");
  if (equals < 0) return undefined;
  return { key: trim(text.slice(0, equals)).toLowerCase(), value: trim(text.slice(equals + 1)) };
}

/** Tells whether a line, counted from 1, is UTF-8. */
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

// Changing lines

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function addSection(lines: Uint8Array[], header: string): void {
  insertAfter(lines, lines.length, [`[${header}]`]);
}

/** Puts whole lines below line number `line`, with line ends like those around. */
function insertAfter(lines: Uint8Array[], line: number, texts: readonly string[]): void {
  const end = lineEndNear(lines, line);
  const above = lines[line - 1];
  if (above && lineEnd(above) === "") lines[line - 1] = concat([above, encode(end)]);
  lines.splice(line, 0, ...texts.map((text) => encode(text + end)));
}

/**
 * Removes a property's lines. Comments among them stay; one that was indented loses its indent, for
 * Rust's reader would take it for a continuation of what stands above.
 */
function cutOut(lines: Uint8Array[], property: IniProperty): void {
  const start = property.line - 1;
  const end = property.continuations.at(-1) ?? property.line;
  const comments = lines.slice(start, end)
    .map((line) => line.subarray(indentOf(line).length))
    .filter((line) => isCommentSign(String.fromCharCode(line[0]!)));
  lines.splice(start, end - start, ...comments);
}

/** The first line keeps its line end, so a file that ends without one goes on doing so. */
function replaceProperty(lines: Uint8Array[], old: IniProperty, texts: readonly string[]): void {
  const [first = "", ...rest] = texts;
  const end = lineEnd(lines[old.line - 1]!);
  cutOut(lines, old);
  lines.splice(old.line - 1, 0, encode(first + end));
  if (rest.length > 0) insertAfter(lines, old.line, rest);
}

/** Sets one line of a nested block; a new one goes to the block's end. */
function setInBlock(lines: Uint8Array[], block: IniProperty, key: string, value: string): void {
  const parts = block.value.split("\n").slice(1);
  const found = parts.findLastIndex((part) => splitPair(part)?.key === key);
  // Not found is -1, and so the last line.
  const like = block.continuations.at(found);
  const indent = like === undefined ? INDENT : indentOf(lines[like - 1]!);
  const text = `${indent}${key} = ${value}`;
  if (found < 0) return insertAfter(lines, like ?? block.line, [text]);
  lines[like! - 1] = encode(text + lineEnd(lines[like! - 1]!));
}

/** The AWS CLI's own indent. */
const INDENT = "    ";

function textOf(key: string, value: IniValue): string[] {
  if (typeof value === "string") return [`${key} = ${value}`];
  return [`${key} =`, ...Object.entries(value).map(([name, text]) => `${INDENT}${name} = ${text}`)];
}

/** The line end of the nearest line above that has one. */
function lineEndNear(lines: readonly Uint8Array[], line: number): string {
  const above = lines.slice(0, line).map(lineEnd).findLast((end) => end !== "");
  return above === undefined || above === "\n" ? "\n" : "\r\n";
}

/** `\n` with the carriage returns before it; empty where the file ends without one. */
function lineEnd(line: Uint8Array): string {
  if (line.at(-1) !== NEWLINE) return "";
  let start = line.length - 1;
  while (start > 0 && line[start - 1] === CARRIAGE_RETURN) start--;
  return "\r".repeat(line.length - 1 - start) + "\n";
}

function indentOf(line: Uint8Array): string {
  const text = new TextDecoder().decode(line);
  return text.slice(0, skipBlanks(text, 0));
}

function isBlankLine(line: Uint8Array): boolean {
  return trimEnd(new TextDecoder().decode(line)).length === 0;
}

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let length = 0;
  for (const part of parts) {
    whole.set(part, length);
    length += part.length;
  }
  return whole;
}

function markLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

// Refusing

/**
 * What every reader takes for a name. Not among them: `DEFAULT`, which for the AWS CLI holds the
 * defaults of all sections, and what JavaScript's objects have by birth (`constructor`, `__proto__`).
 */
const SAFE_NAME = /^[A-Za-z0-9._-]+$/;

function refuse(error: IniError | undefined): void {
  if (error) throw error;
}

/** Text that would not stay within its line. The text is not shown: it may be a secret. */
function refusedText(text: string, what = "a section's name"): IniError | undefined {
  if (/[\r\n]/.test(text)) {
    return new IniError("newline", `${what} must not hold a newline`, "write it in one line");
  }
  // deno-lint-ignore no-control-regex -- \p{Cc} would take a millisecond of every start
  if (/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/.test(text) || !text.isWellFormed()) {
    return new IniError(
      "control-character",
      `${what} must not hold control characters`,
      "check how it was pasted",
    );
  }
}

function refusedSection(header: string): IniError | undefined {
  const [, kind, name = ""] = /^(?:(profile|sso-session|services) )?(.*)$/s.exec(header)!;
  if (SAFE_NAME.test(name) && !(name in {}) && (kind || name !== "DEFAULT")) return undefined;
  return new IniError(
    "section-name",
    `"${name}" is not a name for a new ${kind ?? "section"} that every AWS tool understands`,
    'use letters, digits, "-", "_" and "."',
  );
}

function refusedProperty(key: string, value: IniValue): IniError | undefined {
  const bad = refusedKey(key);
  if (bad) return bad;
  if (typeof value === "string") return refusedValue(key, value);
  const lines = Object.entries(value);
  if (lines.length === 0) return refusedValue(key, "");
  for (const [name, text] of lines) {
    const error = refusedKey(name) ?? refusedValue(`${key}.${name}`, text);
    if (error) return error;
  }
}

function refusedKey(key: string): IniError | undefined {
  if (SAFE_NAME.test(key) && key === key.toLowerCase()) return undefined;
  return refusedText(key, "a key") ?? new IniError(
    "key-name",
    `"${key}" is not a key that every AWS tool understands`,
    'use lower-case letters, digits, "-", "_" and "."',
  );
}

function refusedValue(key: string, value: string): IniError | undefined {
  const text = refusedText(value, `the value of ${key}`);
  if (text) return text;
  if (value === "") {
    return new IniError("value", `the value of ${key} is empty`, "leave the key out instead");
  }
  // Blanks of every script: JavaScript's reader and Python's know more of them than others do.
  if (value.trim() !== value) {
    return new IniError(
      "value",
      `the value of ${key} begins or ends with a blank`,
      "readers take such blanks away",
    );
  }
  if (/(^|\s)[#;]/.test(value)) {
    return new IniError(
      "value",
      `the value of ${key} holds a "#" or ";" after a blank`,
      "some AWS tools read a comment from there on",
    );
  }
}

// Characters. Regular expressions for trimming would take quadratic time on long runs of blanks.

function isCommentSign(character: string | undefined): boolean {
  return character === "#" || character === ";";
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function skipBlanks(text: string, start: number): number {
  let i = start;
  while (isBlank(text.charCodeAt(i))) i++;
  return i;
}

function trim(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
  const start = skipBlanks(text, 0);
  return start < end ? text.slice(start, end) : "";
}

/** Without the blanks, and the carriage returns of the line end, at the end of a line. */
function trimEnd(line: string): string {
  let end = line.length;
  for (; end > 0; end--) {
    const code = line.charCodeAt(end - 1);
    if (!isBlank(code) && code !== CARRIAGE_RETURN && code !== NEWLINE) break;
  }
  return line.slice(0, end);
}
