/**
 * Tables with aligned columns.
 *
 * @module
 */

import { displayWidth, truncate } from "../text/width.ts";
import { printable } from "../text/printable.ts";

/** How a table is drawn. */
export interface TableOptions {
  /** Indexes of the columns to draw; all by default. */
  readonly columns?: readonly number[] | undefined;
  /** Width of the terminal; without it nothing is cut, as for a file or a pipe. */
  readonly width?: number | undefined;
  /** Replaces the text that was cut. */
  readonly ellipsis?: string | undefined;
  /** Colors a cell, given its row and column indexes. */
  readonly style?: ((text: string, row: number, column: number) => string) | undefined;
}

const GAP = "  ";

/** A column is never cut below this width, even if the table gets wider than the terminal. */
const NARROWEST = 6;

/** A column that can show only less than this is dropped. */
const WORTHWHILE = 12;

/**
 * The indexes of the columns that fit a terminal; always the first. Columns at the end of `importance`
 * are dropped first; empty columns are dropped always.
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
  const shown = importance.filter((column) => (widest[column] ?? 0) > 0);
  while (shown.length > 0 && needed(shown) > width) shown.pop();
  return [0, ...shown.sort((a, b) => a - b)];
}

/** Text that needs no escaping and has one column per character. */
const PLAIN = /^[ -~]*$/;

/** Formats rows of cells as lines of text; a column is as wide as its widest cell if there is space. */
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
      if (text === cells[above]) size = sizes[above]!; // columns often repeat the cell above
      else if (!PLAIN.test(text)) {
        text = printable(text.replace(/[\t-\r]+/g, " ")); // one line, no control characters
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
      // Spaces stay outside the style: an underline or a background would show them.
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

/** The column widths in a terminal of `width` columns, given the widths they need. */
function columnWidths(needed: readonly number[], width: number): number[] {
  const widths = [...needed];
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1) - width;
  // The widest column shrinks first, so short columns stay whole; the first, a name, shrinks last.
  for (; excess > 0; excess--) {
    const [name = 0, ...others] = widths;
    const widest = Math.max(...others);
    if (widest > NARROWEST) widths[widths.lastIndexOf(widest)] = widest - 1;
    else if (name > NARROWEST) widths[0] = name - 1;
    else break;
  }
  return widths;
}

/** The width of the widest cell of each column. */
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
