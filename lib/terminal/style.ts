/**
 * Color: what the user asked for, otherwise only on a terminal that supports it. Only the sixteen
 * colors of the terminal's theme are used, so the text is readable in every theme.
 *
 * @module
 */

import type { Host, Output } from "../host/host.ts";

/** The value of `--color`. */
export type ColorChoice = "auto" | "always" | "never";

/** Functions that color a text, or return it unchanged without color. */
export type Style = Readonly<
  Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>
>;

/**
 * Whether an output gets color: `--color`, then `FORCE_COLOR` (off as `0` or `false`), then
 * `NO_COLOR` (https://no-color.org: any non-empty value), then whether the output is a terminal.
 */
export function usesColor(
  output: Output,
  { env }: Pick<Host, "env">,
  choice: ColorChoice = "auto",
): boolean {
  if (choice !== "auto") return choice === "always";
  if (env.FORCE_COLOR) return !/^(0|false)$/i.test(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return output.isTerminal && env.TERM !== "dumb";
}

/** The style for an output with or without color. */
export function makeStyle(color: boolean): Style {
  const paint = (on: number, off: number) => (text: string) =>
    color && text !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

/** Whether the terminal shows more than ASCII, by its locale. */
export function usesUnicode({ env, os }: Pick<Host, "env" | "os">): boolean {
  if (env.TERM === "dumb") return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  return locale ? /utf-?8/i.test(locale) : os !== "linux";
}
