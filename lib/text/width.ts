/**
 * How many columns a text takes on a terminal, and texts cut to a width.
 *
 * @module
 */

/**
 * Patterns that most runs do not need: compiling their many ranges takes time, so they stay strings
 * until they are used.
 */
function pattern(source: string): () => RegExp {
  let made: RegExp | undefined;
  return () => made ??= new RegExp(source, "u");
}

/** Scripts whose characters are two columns wide (East Asian Wide and Fullwidth, roughly). */
const wide = pattern(
  "[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\u33ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua000-\\ua4cf" +
    "\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6" +
    "\\u{20000}-\\u{3fffd}]",
);

/** Combining marks, joiners and variation selectors: they change the character before them. */
const nothing = pattern("^[\\p{M}\\u200b-\\u200f\\u2060\\ufeff]*$");

/** An emoji by itself, or made one by a variation selector; a flag is a pair of letters. */
const emoji = pattern("\\p{Emoji_Presentation}|\\ufe0f|\\p{RI}{2}");

let segmenter: Intl.Segmenter | undefined;

/** The characters as a reader sees them (grapheme clusters). */
function characters(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

function characterWidth(character: string): number {
  if (nothing().test(character)) return 0;
  return emoji().test(character) || wide().test(character) ? 2 : 1;
}

/** Columns that a text without control characters takes. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  return characters(text).reduce((sum, character) => sum + characterWidth(character), 0);
}

/** The text, cut to `width` columns with `ellipsis` at its end where something was cut off. */
export function truncate(text: string, width: number, ellipsis: string): string {
  if (displayWidth(text) <= width) return text;
  let room = width - displayWidth(ellipsis);
  let head = "";
  for (const character of characters(text)) {
    room -= characterWidth(character);
    if (room < 0) break;
    head += character;
  }
  return head + ellipsis;
}
