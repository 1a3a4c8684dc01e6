/**
 * Aligned columns.
 *
 * @module
 */

import { displayWidth, truncate } from "../text/width.ts";
import { printable } from "../text/printable.ts";

/** How a table is drawn. */
export interface TableOptions {
  /** The columns that are drawn, by their indexes; absent: all. */
  readonly columns?: readonly number[];
  /** Columns of the terminal; absent: nothing is cut, as for a file or a pipe. */
  readonly width?: number;
  /** What stands for what was cut off. */
  readonly ellipsis?: string;
  /** Colours a cell once its place is known: its index among the rows, and within its row. */
  readonly style?: ((text: string, row: number, column: number) => string) | undefined;
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
  const widest = widestOf(rows);
  const needed = (columns: readonly number[]) =>
    columns.reduce(
      (sum, column) => sum + GAP.length + Math.min(widest[column] ?? 0, WORTHWHILE),
      Math.min(widest[0] ?? 0, 2 * WORTHWHILE),
    );
  const kept = importance.filter((column) => (widest[column] ?? 0) > 0);
  while (kept.length > 0 && needed(kept) > width) kept.pop();
  return [0, ...kept.sort((a, b) => a - b)];
}

/** What needs nothing done to it, and takes a column for each character. */
const PLAIN = /^[ -~]*$/;

/** Rows of cells as lines of text; a column is as wide as its widest cell if there is room. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { columns = allColumns(rows), width = Infinity, ellipsis = "…", style }: TableOptions = {},
): string {
  const count = columns.length;
  const cells: string[] = [];
  const sizes: number[] = [];
  const widest = columns.map(() => 0);
  for (const row of rows) {
    for (let at = 0; at < count; at++) {
      let text = row[columns[at]!] ?? "";
      let size = text.length;
      const above = cells.length - count;
      if (text === cells[above]) size = sizes[above]!; // a column says much the same all the way down
      else if (!PLAIN.test(text)) {
        text = printable(text.replace(/[\t-\r]+/g, " ")); // in one line, and harmless
        size = displayWidth(text);
      }
      cells.push(text);
      sizes.push(size);
      if (size > widest[at]!) widest[at] = size;
    }
  }
  const widths = columnWidths(widest, width);
  const blanks: string[] = [];
  let lines = "";
  for (let row = 0, cell = 0; row < rows.length; row++) {
    let gap = "";
    for (let at = 0; at < count; at++, cell++) {
      const space = widths[at]!;
      let text = cells[cell]!;
      let size = sizes[cell]!;
      if (size > space) {
        text = truncate(text, space, ellipsis);
        size = displayWidth(text);
      }
      // Blanks stay outside of the style: an underline or a background would show them.
      if (size > 0) {
        lines += gap + (style === undefined ? text : style(text, row, columns[at]!));
        gap = "";
      }
      const room = space - size + GAP.length;
      gap += blanks[room] ??= " ".repeat(room);
    }
    lines += "\n";
  }
  return lines;
}

function allColumns(rows: readonly (readonly string[])[]): number[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: count }, (_, column) => column);
}

/** The widths of columns that need so much, in a terminal of `width` columns. */
function columnWidths(needed: readonly number[], width: number): number[] {
  const widths = [...needed];
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
function widestOf(rows: readonly (readonly string[])[]): number[] {
  const widest: number[] = [];
  for (const row of rows) {
    for (let column = 0; column < row.length; column++) {
      const width = displayWidth(row[column]!);
      if (width > (widest[column] ?? -1)) widest[column] = width;
    }
  }
  return widest;
}
