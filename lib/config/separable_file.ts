/**
 * Finds and reads single sections of a shared file, so that a run about one profile does not read
 * thousands of others. Only for files in which reading the whole would find nothing to report.
 *
 * @module
 */

import { type IniSection, readSection } from "./ini.ts";

const WORD = "[\\w.\\-/%@:+]+"; // the characters of IDENTIFIER

/** A longer section is left to the reader of whole files: keys are compared with those that follow. */
const MOST_LINES = 50;

/**
 * Matches what a reader of the whole file might report, or would read with care, in lower case: a
 * pattern that ignores case takes longer to compile than to match.
 */
const UNUSUAL = new RegExp(
  [
    // Any line but a plain header, a property that is not indented, a comment, and a blank line.
    `^(?!(?:\\[(?:[a-z-]+ )?${WORD}\\]|${WORD}[ \\t]*=[\\t -~]*|[#;][\\t -~]*|[ \\t]*)$)`,
    "\\r(?!\\n)",
    // A repeated key.
    `^(${WORD})[ \\t]*=.*\\r?\\n(?:(?!\\[).*\\r?\\n){0,${MOST_LINES}}?\\1[ \\t]*=`,
    `^(?:(?!\\[).*\\r?\\n){${MOST_LINES}}`,
  ].join("|"),
  "m",
);

/** A file in which each section can be read without the rest. */
export class SeparableFile {
  readonly #file: string;
  readonly #text: string;
  /** With their brackets. */
  readonly #headers: ReadonlySet<string>;

  private constructor(text: string, file: string, headers: ReadonlySet<string>) {
    this.#file = file;
    this.#text = text;
    this.#headers = headers;
  }

  /** `undefined` for a file that has to be read as a whole. No bytes are an empty file. */
  static open(bytes: Uint8Array | undefined, file: string): SeparableFile | undefined {
    const text = new TextDecoder().decode(bytes);
    if (text.length !== (bytes?.length ?? 0)) return undefined; // not ASCII
    if (UNUSUAL.test(text.toLowerCase())) return undefined;
    const first = /^[^#;\s]/m.exec(text)?.[0];
    if (first !== undefined && first !== "[") return undefined; // a property above any section
    const headers = text.match(/^\[.*\]/gm) ?? [];
    const distinct = new Set(headers);
    if (distinct.size < headers.length || distinct.has("[DEFAULT]")) return undefined;
    if (distinct.has("[default]") && distinct.has("[profile default]")) return undefined;
    return new SeparableFile(text, file, distinct);
  }

  /** The section with that header. */
  section(header: string): IniSection | undefined {
    const line = `[${header}]`;
    if (!this.#headers.has(line)) return undefined;
    const text = this.#text;
    const begin = text.startsWith(line) ? 0 : text.indexOf(`\n${line}`) + 1;
    const next = text.indexOf("\n[", begin);
    const own = text.slice(begin, next < 0 ? text.length : next + 1);
    return readSection(own, this.#file, lineAt(text, begin));
  }
}

/** The number of the line at that position, counted from 1. */
function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) {
    line++;
  }
  return line;
}
