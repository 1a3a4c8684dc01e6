/**
 * Draws a terminal screen as SVG, in light or dark colors.
 *
 * @module
 */

import type { Cell, Look, Screen } from "./screen.ts";

/** A color theme; `colors` maps terminal color numbers. */
export interface Theme {
  readonly background: string;
  readonly border: string;
  readonly text: string;
  readonly dim: string;
  readonly colors: Readonly<Record<number, string>>;
}

/** Readable themes: at least 4.5 to 1 against the background (WCAG 2, AA). */
export const THEMES: Readonly<Record<"light" | "dark", Theme>> = {
  light: {
    background: "#ffffff",
    border: "#d1d9e0",
    text: "#1f2328",
    dim: "#59636e",
    colors: { 1: "#cf222e", 2: "#1a7f37", 3: "#8a5d00", 6: "#1b7c83" },
  },
  dark: {
    background: "#0d1117",
    border: "#30363d",
    text: "#e6edf3",
    dim: "#8b949e",
    colors: { 1: "#ff7b72", 2: "#3fb950", 3: "#d29922", 6: "#39c5cf" },
  },
};

const FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const CELL = { width: 8.4, height: 20 };
const MARGIN = 16;

/** Draws the screen; `title` describes it for screen readers. */
export function toSvg(screen: Screen, columns: number, theme: Theme, title: string): string {
  const width = round(columns * CELL.width + 2 * MARGIN);
  const height = screen.length * CELL.height + 2 * MARGIN;
  const lines = screen.flatMap((cells, row) => {
    const y = round(MARGIN + row * CELL.height + 14);
    return runsOf(cells).map(({ column, text, look }) => {
      const x = round(MARGIN + column * CELL.width);
      const length = round([...text].length * CELL.width);
      const weight = look.bold ? ' font-weight="bold"' : "";
      return `<text x="${x}" y="${y}" textLength="${length}" fill="${
        colorOf(look, theme)
      }"${weight}>` +
        `${escape(text)}</text>`;
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" font-family="${FONT}" font-size="14">`,
    `<title>${escape(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" ` +
    `fill="${theme.background}" stroke="${theme.border}"/>`,
    ...lines,
    "</svg>",
    "",
  ].join("\n");
}

interface Run {
  readonly column: number;
  text: string;
  readonly look: Look;
}

/**
 * Runs of cells with the same style; a wide character is a run alone. No run has two spaces in
 * sequence: browsers draw them as one and stretch the rest, whatever `xml:space` is.
 */
function runsOf(cells: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  cells.forEach(({ text, look }, column) => {
    const wide = cells[column + 1]?.text === "";
    if (run !== undefined && !wide && text !== "" && sameLook(run.look, look)) run.text += text;
    else if (text !== "") runs.push(run = { column, text, look });
    if (wide || text === "") run = undefined;
  });
  return runs.flatMap(({ column, text, look }) =>
    [...text.matchAll(/\S+(?: \S+)*/g)].map((words) => {
      const before = [...text.slice(0, words.index)].length;
      return { column: column + before, text: words[0], look };
    })
  );
}

function sameLook(a: Look, b: Look): boolean {
  return a.bold === b.bold && a.dim === b.dim && a.color === b.color;
}

function colorOf({ color, dim }: Look, theme: Theme): string {
  if (color !== undefined && theme.colors[color] !== undefined) return theme.colors[color];
  return dim ? theme.dim : theme.text;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
