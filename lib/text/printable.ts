/**
 * Text from outside, made harmless for a terminal or a shell.
 *
 * @module
 */

/**
 * What a terminal obeys or hides instead of showing it: control characters other than tab and newline,
 * direction marks and overrides (Unicode's Bidi_Control), line and paragraph separators, characters of
 * no width (other than joiners, which scripts and emoji need), tags, and halves of surrogate pairs.
 */
const UNPRINTABLE =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The one function through which all foreign text goes to a terminal. What would
 * steer the terminal is shown as an escape sequence of JavaScript: `\x1b`, `\u202e`.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (unprintable) => {
    const code = unprintable.codePointAt(0)!;
    if (code < 0x100) return `\\x${hex(code, 2)}`;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
  });
}

/** A value as JSON that a terminal shows as it is: what {@linkcode printable} escapes is escaped. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    UNPRINTABLE,
    (unprintable) => unprintable.replace(/[^]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`),
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** The text in the quotes of a POSIX shell, whatever it holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The text as it is where a POSIX shell takes it so, else in quotes. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}
