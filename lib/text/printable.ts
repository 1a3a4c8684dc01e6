/**
 * Text from outside, made harmless for a terminal or a shell.
 *
 * @module
 */

/**
 * What a terminal interprets or hides instead of showing: control characters other than tab and
 * newline, direction marks and overrides (Unicode's Bidi_Control), line and paragraph separators,
 * characters of no width (other than joiners, which scripts and emoji need), tags, and halves of
 * surrogate pairs.
 */
const UNPRINTABLE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Escapes text for a terminal; all text from outside goes through here. What would control the
 * terminal is shown as a JavaScript escape sequence: `\x1b`, `\u202e`.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (unprintable) => {
    const code = unprintable.codePointAt(0)!;
    if (code < 0x100) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
  });
}

/** A value as JSON, with everything escaped that {@linkcode printable} escapes. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    UNPRINTABLE,
    (unprintable) => unprintable.replace(/[^]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`),
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** Quotes any text for a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quotes the text for a POSIX shell only if it needs quotes. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}
