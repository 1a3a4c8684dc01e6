/**
 * Aligned columns.
 *
 * @module
 */

import { displayWidth, truncate } from "./width.ts";
import { printable } from "./printable.ts";

/** How a table is drawn. */
export interface TableOptions {
  /** Columns of the terminal; absent: nothing is cut, as for a file or a pipe. */
  readonly width?: number;
  /** What stands for what was cut off. */
  readonly ellipsis?: string;
  /** Colours a cell once its place is known. */
  readonly style?: (text: string, row: number, column: number) => string;
}

const GAP = "  ";

/** A column is not cut below this, though the table gets wider than the terminal. */
const NARROWEST = 6;

/** What a column has to keep of its texts to be worth its room. */
const WORTHWHILE = 12;

/**
 * The columns, by their indexes, that a terminal has room for; the first always. Those last in
 * `importance` are left out first, and those in which nothing stands.
 */
export function fittingColumns(
  rows: readonly (readonly string[])[],
  width: number,
  importance: readonly number[],
): number[] {
  const widest = widestOf(rows.map((row) => row.map(displayWidth)));
  const needed = (columns: readonly number[]) =>
    columns.reduce(
      (sum, column) => sum + GAP.length + Math.min(widest[column] ?? 0, WORTHWHILE),
      Math.min(widest[0] ?? 0, 2 * WORTHWHILE),
    );
  const kept = importance.filter((column) => (widest[column] ?? 0) > 0);
  while (kept.length > 0 && needed(kept) > width) kept.pop();
  return [0, ...kept.sort((a, b) => a - b)];
}

/** A text as it is drawn, and how many columns it takes. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

function cellOf(text: string): Cell {
  const shown = /^[ -~]*$/.test(text) ? text : printable(text.replace(/[\t-\r]+/g, " "));
  return { text: shown, width: displayWidth(shown) };
}

/** Rows of cells as lines of text; a column is as wide as its widest cell if there is room. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { width = Infinity, ellipsis = "…", style = (text) => text }: TableOptions = {},
): string {
  const cells = rows.map((row) => row.map(cellOf));
  const widths = columnWidths(cells, width);
  const lines = cells.map((row, rowIndex) => {
    let line = "";
    row.forEach((cell, column) => {
      const space = widths[column] ?? 0;
      const { text, width } = cell.width <= space
        ? cell
        : cellOf(truncate(cell.text, space, ellipsis));
      // Blanks stay outside of the style: an underline or a background would show them.
      line += style(text, rowIndex, column) + " ".repeat(Math.max(0, space - width)) + GAP;
    });
    return line.trimEnd();
  });
  return lines.map((line) => `${line}\n`).join("");
}

function columnWidths(rows: readonly (readonly Cell[])[], width: number): number[] {
  const widths = widestOf(rows.map((row) => row.map((cell) => cell.width)));
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1) - width;
  // The widest gives way first, so that short columns stay whole; the first, a name, gives way last.
  for (; excess > 0; excess--) {
    const [name = 0, ...others] = widths;
    const widest = Math.max(...others);
    if (widest > NARROWEST) widths[widths.lastIndexOf(widest)] = widest - 1;
    else if (name > NARROWEST) widths[0] = name - 1;
    else break;
  }
  return widths;
}

/** The widest of each column. */
function widestOf(rows: readonly (readonly number[])[]): number[] {
  const widest: number[] = [];
  for (const row of rows) {
    row.forEach((width, column) => widest[column] = Math.max(widest[column] ?? 0, width));
  }
  return widest;
}
