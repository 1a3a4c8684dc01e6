/**
 * Aligned columns.
 *
 * @module
 */

import { displayWidth, pad, truncate } from "./width.ts";
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
  const widest = (column: number) =>
    Math.max(...rows.map((row) => displayWidth(row[column] ?? "")));
  const needed = (columns: readonly number[]) =>
    columns.reduce(
      (sum, column) => sum + GAP.length + Math.min(widest(column), WORTHWHILE),
      Math.min(widest(0), 2 * WORTHWHILE),
    );
  const kept = importance.filter((column) => widest(column) > 0);
  while (kept.length > 0 && needed(kept) > width) kept.pop();
  return [0, ...kept.sort((a, b) => a - b)];
}

/** Rows of cells as lines of text; a column is as wide as its widest cell if there is room. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { width = Infinity, ellipsis = "…", style = (text) => text }: TableOptions = {},
): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell.replace(/[\t-\r]+/g, " "))));
  const widths = columnWidths(cells, width);
  const lines = cells.map((row, rowIndex) =>
    row.map((cell, column) => {
      const space = widths[column] ?? 0;
      const text = truncate(cell, space, ellipsis);
      // Blanks stay outside of the style: an underline or a background would show them.
      return style(text, rowIndex, column) + pad(text, space).slice(text.length);
    }).join(GAP).trimEnd()
  );
  return lines.map((line) => `${line}\n`).join("");
}

function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (count - 1) - width;
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
