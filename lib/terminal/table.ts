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
  const { widest, shown } = examine(rows, columns);
  const widths = columnWidths(widest, width);
  const blanks: string[] = [];
  const lines: string[] = [];
  for (let row = 0; row < rows.length; row++) {
    const cells = rows[row]!;
    let line = "";
    let room = 0; // before the next text
    for (let at = 0; at < columns.length; at++) {
      const space = widths[at]!;
      let text = cells[columns[at]!] ?? "";
      let size = text.length;
      if (shown.size > 0) ({ text, size } = shown.get(text) ?? { text, size });
      if (size > space) {
        text = truncate(text, space, ellipsis);
        size = displayWidth(text);
      }
      // Spaces stay outside the style: an underline or a background would show them.
      if (size > 0) {
        if (room > 0) line += blanks[room] ??= " ".repeat(room);
        line += style === undefined ? text : style(text, row, columns[at]!);
        room = 0;
      }
      room += space - size + GAP.length;
    }
    lines.push(line + "\n");
  }
  return lines.join("");
}

/** How a cell is shown, and how many columns of the terminal that takes. */
interface Shown {
  readonly text: string;
  readonly size: number;
}

/** The width of each column's widest cell, and how the cells that are not {@linkcode PLAIN} are shown. */
function examine(
  rows: readonly (readonly string[])[],
  columns: readonly number[],
): { widest: readonly number[]; shown: ReadonlyMap<string, Shown> } {
  const widest = columns.map(() => 0);
  const shown = new Map<string, Shown>();
  let above: readonly string[] = [];
  for (const row of rows) {
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]!;
      const cell = row[column] ?? "";
      if (cell === above[column]) continue; // columns often repeat the cell above
      let size = cell.length;
      if (!PLAIN.test(cell)) {
        const text = printable(cell.replace(/[\t-\r]+/g, " ")); // one line, no control characters
        size = displayWidth(text);
        shown.set(cell, { text, size });
      }
      if (size > widest[at]!) widest[at] = size;
    }
    above = row;
  }
  return { widest, shown };
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
