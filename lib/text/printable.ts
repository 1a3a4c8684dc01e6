/**
 * Text from outside, made harmless for a terminal.
 *
 * @module
 */

/** Names and answers from outside may hold what would steer the terminal: shown, not obeyed. */
export function printable(text: string): string {
  return text.replace(
    // deno-lint-ignore no-control-regex
    /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
