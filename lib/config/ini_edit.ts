/**
 * Changes to a shared file: whole lines are replaced, and no other byte changes. Only text that all
 * SDKs read the same way is written.
 *
 * @module
 */

import { joined } from "../text/bytes.ts";
import {
  type Header,
  IniDocument,
  IniError,
  type IniProperty,
  type IniSection,
  isCommentSign,
  markLength,
  parseHeader,
  splitLines,
  splitPair,
  textEnd,
} from "./ini.ts";

/** A value to set, or the lines of a nested block. */
export type IniValue = string | Readonly<Record<string, string>>;

/** The keys to set in a section; `section` is the whole header, such as `profile prod`. */
export type SectionValues = readonly [
  section: string,
  values: Readonly<Record<string, IniValue>>,
];

/** A document that can be changed. An edit that throws changes nothing; each reads the file once. */
export class EditableIni extends IniDocument {
  #index:
    | { readonly of: readonly IniSection[]; readonly named: Map<string, IniSection[]> }
    | undefined;

  /** {@linkcode IniDocument.parse} for a document that is to be changed. */
  static override parse(bytes: Uint8Array, file: string): EditableIni {
    return new EditableIni(bytes, file);
  }

  /**
   * Sets a key; a missing section is added at the end. `section` is the whole header, such as
   * `profile prod`. In a nested block only the given lines change. Of a repeated key the last one
   * changes, because that one is in effect.
   *
   * @throws {IniError} for text that some readers would misparse
   */
  setProperty(section: string, key: string, value: IniValue): void {
    this.setProperties(section, { [key]: value });
  }

  /**
   * {@linkcode EditableIni.setProperty} for several keys: sets all of them, or none if one is
   * refused.
   */
  setProperties(section: string, values: Readonly<Record<string, IniValue>>): void {
    this.setSections([[section, values]]);
  }

  /** {@linkcode EditableIni.setProperties} for many sections, each named once. */
  setSections(changes: readonly SectionValues[]): void {
    for (const [section, values] of changes) {
      refuse(refusedText(section));
      if (!this.has(section)) refuse(refusedSection(section));
      for (const [key, value] of Object.entries(values)) refuse(refusedProperty(key, value));
    }
    // New sections come last, below the lines that are added to the last section.
    const [known, added] = [true, false].map((isKnown) =>
      changes.filter(([section]) => this.has(section) === isKnown)
    );
    this.#edit((lines) => {
      for (const [section, values] of [...known!, ...added!]) {
        setInSection(lines, section, this.named(section), values);
      }
    });
  }

  /** Removes a key with its continuation lines from all sections of that name. */
  removeProperty(section: string, key: string): void {
    this.removeProperties([section], [key]);
  }

  /** {@linkcode EditableIni.removeProperty} for these keys of many sections. */
  removeProperties(sections: readonly string[], keys: readonly string[]): void {
    const removed = sections.flatMap((section) => this.named(section))
      .flatMap(({ properties }) => properties.filter(({ key }) => keys.includes(key)));
    if (removed.length === 0) return;
    this.#edit((lines) => {
      for (const property of removed) removeLines(lines, property);
    });
  }

  /** Removes all sections of that name; comments below their last line belong to what follows. */
  removeSection(section: string): void {
    this.removeSections([section]);
  }

  /** {@linkcode EditableIni.removeSection} for many names. */
  removeSections(sections: readonly string[]): void {
    const removed = sections.flatMap((section) => this.named(section));
    if (removed.length === 0) return;
    this.#edit((lines) => {
      for (const { line, lastLine } of removed) {
        let end = lastLine;
        while (end < lines.count && isBlankLine(lines.at(end + 1))) end++;
        for (let number = line; number <= end; number++) lines.replace(number, []);
      }
    });
  }

  /** True if no section of that name has a key. */
  isEmpty(section: string): boolean {
    return this.named(section).every(({ size }) => size === 0);
  }

  /** An edit of many sections looks each of them up: all are indexed once. */
  protected override named(section: string): readonly IniSection[] {
    if (this.#index?.of !== this.sections) {
      this.#index = {
        of: this.sections,
        named: Map.groupBy(this.sections, ({ title }) => idOf(title)),
      };
    }
    return this.#index.named.get(idOf(parseHeader(section))) ?? [];
  }

  #edit(change: (lines: Lines) => void): void {
    const indented = this.oddities.find(({ kind }) => kind === "indented-section");
    // Below another property it would be read as a continuation.
    if (indented !== undefined) {
      throw new IniError(
        "indented-section",
        "eac does not change a file with an indented section line",
        "remove the leading spaces",
        { file: this.file, line: indented.line },
      );
    }
    const before = this.toBytes();
    const mark = before.subarray(0, markLength(before));
    const lines = new Lines(splitLines(before.subarray(mark.length)));
    change(lines);
    this.become(joined([mark, ...lines.result()]));
  }
}

function idOf({ kind, name }: Header): string {
  return `${kind ?? ""} ${name}`;
}

// Changing lines

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * The lines of a file while they are changed, each with its line end. A number, which counts from 1,
 * always means the same original line: its replacement, and lines added below it, are stored with it.
 */
class Lines {
  readonly #before: readonly Uint8Array[];
  readonly #after: Uint8Array[][];

  constructor(lines: readonly Uint8Array[]) {
    this.#before = lines;
    this.#after = lines.map((line) => [line]);
  }

  /** The number of lines before the change. */
  get count(): number {
    return this.#before.length;
  }

  /** The line as it was before the change. */
  at(number: number): Uint8Array {
    return this.#before[number - 1]!;
  }

  replace(number: number, lines: readonly Uint8Array[]): void {
    this.#after[number - 1] = [...lines];
  }

  /**
   * Adds lines below a line, with the line endings of its neighbors; below line 0, to an empty
   * file.
   */
  add(number: number, texts: readonly string[]): void {
    const end = this.#lineEndNear(number);
    const lines = (this.#after[Math.max(0, number - 1)] ??= []);
    const above = lines.at(-1);
    if (above && lineEnd(above) === "") lines[lines.length - 1] = joined([above, encode(end)]);
    for (const text of texts) lines.push(encode(text + end));
  }

  result(): Uint8Array[] {
    return this.#after.flat();
  }

  /** The line ending of the nearest line above that has one. */
  #lineEndNear(number: number): string {
    for (let above = number; above > 0; above--) {
      const end = lineEnd(this.at(above));
      if (end !== "") return end === "\n" ? "\n" : "\r\n";
    }
    return "\n";
  }
}

/** Sets keys in a section; a missing one is added at the end. */
function setInSection(
  lines: Lines,
  header: string,
  sections: readonly IniSection[],
  values: Readonly<Record<string, IniValue>>,
): void {
  const properties = new Map(
    sections.flatMap(({ properties }) => properties).map((property) => [property.key, property]),
  );
  let last = sections.at(-1)?.lastLine;
  const added: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    const old = properties.get(key);
    if (old === undefined) added.push(...textOf(key, value));
    else if (typeof value === "string" || !old.block) {
      replaceProperty(lines, old, textOf(key, value));
      if (last === endOf(old)) last = old.line;
    } else {
      for (const [name, text] of Object.entries(value)) setInBlock(lines, old, name, text);
    }
  }
  if (last === undefined) lines.add(lines.count, [`[${header}]`, ...added]);
  else if (added.length > 0) lines.add(last, added);
}

/** The last line of a property. */
function endOf(property: IniProperty): number {
  return property.continuations.at(-1) ?? property.line;
}

/**
 * Removes a property's lines. Comments among them stay; an indented one loses its indent, because
 * the SDK for Rust would read it as a continuation of the line above.
 */
function removeLines(lines: Lines, property: IniProperty): void {
  for (let number = property.line; number <= endOf(property); number++) {
    const line = lines.at(number);
    const text = line.subarray(encode(indentOf(line)).length);
    lines.replace(number, isCommentSign(String.fromCharCode(text[0]!)) ? [text] : []);
  }
}

/**
 * The first line keeps its line end, so a file that ends without one still does, and its indent,
 * without which the AWS CLI would read indented keys below it as its continuation.
 */
function replaceProperty(lines: Lines, old: IniProperty, texts: readonly string[]): void {
  const indent = indentOf(lines.at(old.line));
  const [first = "", ...rest] = texts.map((text) => indent + text);
  removeLines(lines, old);
  lines.replace(old.line, [encode(first + lineEnd(lines.at(old.line)))]);
  if (rest.length > 0) lines.add(old.line, rest);
}

/** Sets one line of a nested block; a new one goes to the block's end. */
function setInBlock(lines: Lines, block: IniProperty, key: string, value: string): void {
  const parts = block.value.split("\n").slice(1);
  const found = parts.findLastIndex((part) => splitPair(part)?.key === key);
  // Not found is -1, and so the last line.
  const like = block.continuations.at(found);
  const indent = like === undefined
    ? indentOf(lines.at(block.line)) + INDENT
    : indentOf(lines.at(like));
  const text = `${indent}${key} = ${value}`;
  if (found < 0) lines.add(like ?? block.line, [text]);
  else lines.replace(like!, [encode(text + lineEnd(lines.at(like!)))]);
}

/** The AWS CLI's own indent. */
const INDENT = "    ";

function textOf(key: string, value: IniValue): string[] {
  if (typeof value === "string") return [`${key} = ${value}`];
  return [`${key} =`, ...Object.entries(value).map(([name, text]) => `${INDENT}${name} = ${text}`)];
}

/** `\n` with the carriage returns before it; empty where the file ends without one. */
function lineEnd(line: Uint8Array): string {
  if (line.at(-1) !== NEWLINE) return "";
  let start = line.length - 1;
  while (start > 0 && line[start - 1] === CARRIAGE_RETURN) start--;
  return "\r".repeat(line.length - 1 - start) + "\n";
}

function indentOf(line: Uint8Array): string {
  const [indent] = /^[^\S\r\n]*/.exec(new TextDecoder().decode(line))!;
  return indent;
}

function isBlankLine(line: Uint8Array): boolean {
  const text = new TextDecoder().decode(line);
  return textEnd(text, 0, text.length) === 0;
}

// Refusing

/**
 * Names that every SDK accepts. Excluded are `DEFAULT`, which holds the defaults of all sections for the
 * AWS CLI, and the inherited keys of JavaScript objects (`constructor`, `__proto__`).
 */
const SAFE_NAME = /^[A-Za-z0-9._-]+$/;

function refuse(error: IniError | undefined): void {
  if (error) throw error;
}

/** Checks for text that would break its line. The text is not shown: it may be a secret. */
function refusedText(text: string, what = "a section's name"): IniError | undefined {
  if (/[\r\n]/.test(text)) {
    return new IniError("newline", `${what} must not contain a newline`, "write it in one line");
  }
  // deno-lint-ignore no-control-regex -- \p{Cc} would take a millisecond of every start
  if (/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/.test(text) || !text.isWellFormed()) {
    return new IniError(
      "control-character",
      `${what} must not contain control characters`,
      "check for characters that were pasted with it",
    );
  }
}

/** True if a new section can have this header: every AWS tool reads its name. */
export function canAddSection(header: string): boolean {
  return (refusedText(header) ?? refusedSection(header)) === undefined;
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
    return new IniError("value", `the value of ${key} is empty`, "omit the key instead");
  }
  // Whitespace of all kinds: JavaScript and Python trim more of it than other parsers.
  if (value.trim() !== value) {
    return new IniError(
      "value",
      `the value of ${key} begins or ends with a space`,
      "AWS tools remove them",
    );
  }
  if (/(^|\s)[#;]/.test(value)) {
    return new IniError(
      "value",
      `the value of ${key} contains a "#" or ";" after a space`,
      "some AWS tools read the rest as a comment",
    );
  }
}
