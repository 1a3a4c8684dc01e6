/**
 * A minimal terminal: turns output into the screen that it leaves, to compare and draw screens. It has
 * as many lines as are written; nothing scrolls away.
 *
 * @module
 */

import { displayWidth } from "../lib/text/width.ts";

/** The style of a character. */
export interface Look {
  readonly bold?: boolean;
  readonly dim?: boolean;
  /** A color of the theme: 1 red, 2 green, 3 yellow, 6 cyan. */
  readonly color?: number;
}

/** A cell of the screen; an empty one follows a wide character. */
export interface Cell {
  readonly text: string;
  readonly look: Look;
}

/** The lines of the screen, without trailing spaces. */
export type Screen = readonly (readonly Cell[])[];

// deno-lint-ignore no-control-regex
const TOKENS = /\x1b\[([?\d;]*)([A-Za-z])|\x1b[=>]|[^]/gu;

/** The screen that an output leaves on a terminal with `columns` columns. */
export function screenOf(output: string, columns: number): Screen {
  let lines: Cell[][] = [];
  let row = 0;
  let column = 0;
  let look: Look = {};
  let aside: { lines: Cell[][]; row: number; column: number } | undefined;
  const line = () => lines[row] ??= [];

  for (const [token, parameters = "", command] of output.matchAll(TOKENS)) {
    const count = Number(parameters) || 1;
    switch (command) {
      case "m":
        look = changed(look, parameters);
        continue;
      case "A":
        row = Math.max(0, row - count);
        continue;
      case "B":
        row += count;
        continue;
      case "C":
        column += count;
        continue;
      case "D":
        column = Math.max(0, column - count);
        continue;
      case "G":
        column = count - 1;
        continue;
      case "H": {
        const [y = 1, x = 1] = parameters.split(";").map((text) => Number(text) || 1);
        [row, column] = [y - 1, x - 1];
        continue;
      }
      case "J":
        if (parameters === "2") lines = [];
        else {
          lines.length = Math.min(lines.length, row + 1);
          line().length = Math.min(line().length, column);
        }
        continue;
      case "K":
        if (parameters === "2") line().length = 0;
        else line().length = Math.min(line().length, column);
        continue;
      case "h":
        if (parameters !== "?1049") continue;
        aside = { lines, row, column };
        [lines, row, column] = [[], 0, 0];
        continue;
      case "l":
        if (parameters === "?1049" && aside !== undefined) ({ lines, row, column } = aside);
        continue;
    }
    if (command !== undefined || token.startsWith("\x1b")) continue;
    if (token === "\r") column = 0;
    else if (token === "\n") row++;
    else if (token === "\b") column = Math.max(0, column - 1);
    else if (token >= " ") put(token);
  }
  return Array.from(lines, (cells = []) => withoutEnd(cells));

  function put(text: string): void {
    const width = displayWidth(text);
    if (width === 0) return;
    if (column + width > columns) [row, column] = [row + 1, 0];
    const cells = line();
    while (cells.length < column) cells.push({ text: " ", look: {} });
    cells[column] = { text, look };
    if (width === 2) cells[column + 1] = { text: "", look };
    column += width;
  }
}

/** The text of a screen, without styles. */
export function textOf(screen: Screen): string {
  return screen.map((cells) => cells.map(({ text }) => text).join("")).join("\n").trimEnd();
}

function changed(look: Look, parameters: string): Look {
  let { bold, dim, color }: { bold?: boolean; dim?: boolean; color?: number } = look;
  for (const code of parameters.split(";").map(Number)) {
    if (code === 0) bold = dim = color = undefined;
    else if (code === 1) bold = true;
    else if (code === 2) dim = true;
    else if (code === 22) bold = dim = undefined;
    else if (code === 39) color = undefined;
    else if (code >= 30 && code <= 37) color = code - 30;
    else if (code >= 90 && code <= 97) color = code - 90;
  }
  return {
    ...(bold ? { bold } : {}),
    ...(dim ? { dim } : {}),
    ...(color === undefined ? {} : { color }),
  };
}

function withoutEnd(cells: readonly Cell[]): readonly Cell[] {
  let end = cells.length;
  while (end > 0 && (cells[end - 1]?.text ?? " ").trim() === "") end--;
  return Array.from({ length: end }, (_, index) => cells[index] ?? { text: " ", look: {} });
}
