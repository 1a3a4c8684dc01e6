/**
 * Changes to a shared file: whole lines are replaced, and every other byte stays as it was. What is
 * written is only what all readers understand alike.
 *
 * @module
 */

import { joined } from "../text/bytes.ts";
import {
  IniDocument,
  IniError,
  type IniProperty,
  isCommentSign,
  markLength,
  skipBlanks,
  splitLines,
  splitPair,
  textEnd,
} from "./ini.ts";

/** What can be set: a value, or the lines of a nested block. */
export type IniValue = string | Readonly<Record<string, string>>;

/** A document that can be changed. An edit that throws changes nothing. */
export class EditableIni extends IniDocument {
  /** {@linkcode IniDocument.parse} for a document that is to be changed. */
  static override parse(bytes: Uint8Array, file: string): EditableIni {
    return new EditableIni(bytes, file);
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

  /** {@linkcode EditableIni.setProperty} for several keys: all of them or, when one is refused, none. */
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
    const gone = this.named(section).flatMap((one) => one.properties.filter((p) => p.key === key));
    if (gone.length === 0) return;
    this.#edit((lines) => {
      for (const property of gone.reverse()) cutOut(lines, property);
    });
  }

  /** Removes all sections of that name; comments below their last line belong to what follows. */
  removeSection(section: string): void {
    const gone = this.named(section);
    if (gone.length === 0) return;
    this.#edit((lines) => {
      for (const { line, lastLine } of gone.reverse()) {
        let end = lastLine;
        while (end < lines.length && isBlankLine(lines[end]!)) end++;
        lines.splice(line - 1, end - line + 1);
      }
    });
  }

  #setOne(section: string, key: string, value: IniValue): void {
    const old = this.last(section, key);
    if (old === undefined) {
      const { lastLine } = this.named(section).at(-1)!;
      this.#edit((lines) => insertAfter(lines, lastLine, textOf(key, value)));
    } else if (typeof value === "string" || !old.block) {
      this.#edit((lines) => replaceProperty(lines, old, textOf(key, value)));
    } else {
      for (const [name, text] of Object.entries(value)) {
        const block = this.last(section, key)!;
        this.#edit((lines) => setInBlock(lines, block, name, text));
      }
    }
  }

  /** Line numbers of sections count from 1, indexes of `lines` from 0; each line has its line end. */
  #edit(change: (lines: Uint8Array[]) => void): void {
    const before = this.toBytes();
    const mark = before.subarray(0, markLength(before));
    const lines = splitLines(before.subarray(mark.length));
    change(lines);
    this.become(joined([mark, ...lines]));
  }
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
  if (above && lineEnd(above) === "") lines[line - 1] = joined([above, encode(end)]);
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
  const text = new TextDecoder().decode(line);
  return textEnd(text, 0, text.length) === 0;
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
