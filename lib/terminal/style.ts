/**
 * Colour, by rule: what the person asked for, else only where a terminal can show it. The sixteen
 * colours of the terminal's own theme are used, which the person can read.
 *
 * @module
 */

import type { Host, Output } from "../host/host.ts";

/** The value of `--color`. */
export type ColorChoice = "auto" | "always" | "never";

/** Texts in a colour, or as they are where there is none. */
export type Style = Readonly<
  Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>
>;

/**
 * Whether an output gets colour: `--color`, then `FORCE_COLOR` (off as `0` or `false`), then
 * `NO_COLOR` (https://no-color.org: any value but an empty one), then what the output is.
 */
export function usesColor(
  output: Output,
  { env }: Pick<Host, "env">,
  choice: ColorChoice,
): boolean {
  if (choice !== "auto") return choice === "always";
  if (env.FORCE_COLOR) return !/^(0|false)$/i.test(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return output.isTerminal && env.TERM !== "dumb";
}

/** The style for an output that gets colour, or none. */
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

/** Whether the terminal shows more than ASCII, as its locale says. */
export function usesUnicode({ env, os }: Pick<Host, "env" | "os">): boolean {
  if (env.TERM === "dumb") return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  return locale ? /utf-?8/i.test(locale) : os !== "linux";
}
