/**
 * How the line of progress is drawn, and kept moving.
 *
 * @module
 */

import { ERASE, erase, type Line, lines } from "./line.ts";
import type { ProgressHost } from "./progress.ts";
import { usesUnicode } from "./style.ts";
import { printable } from "./printable.ts";
import { truncate } from "./width.ts";

/** Milliseconds that nobody notices. */
const PATIENCE = 300;

/** Milliseconds between two frames. */
const FRAME = 100;

/** Draws the line of this stderr from now on, until its end is aborted. */
export function startLine(host: ProgressHost): Line {
  const line: Line = {
    tasks: [],
    bar: undefined,
    paused: 0,
    shown: false,
    frame: 0,
    end: new AbortController(),
    drawing: Promise.resolve(),
  };
  lines.set(host.stderr, line);
  line.drawing = draw(host, line);
  return line;
}

async function draw(host: ProgressHost, line: Line): Promise<void> {
  const { signal } = line.end;
  await host.sleep(PATIENCE, signal);
  if (signal.aborted) return;
  const unicode = usesUnicode(host);
  const device = host.openTerminal();
  const { columns } = device?.size() ?? { columns: 80 };
  device?.close();
  while (!signal.aborted) {
    if (line.paused === 0) {
      const text = truncate(textOf(line, unicode), columns - 1, unicode ? "…" : "~");
      host.stderr.write(ERASE + text);
      line.shown = true;
    }
    line.frame++;
    await host.sleep(FRAME, signal);
  }
  erase(host.stderr, line);
}

const WIDTH = 20;

function textOf({ tasks, bar, frame }: Line, unicode: boolean): string {
  const frames = unicode ? "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" : "|/-\\";
  const text = printable(tasks.findLast((task) => task.text !== "")?.text ?? "");
  if (bar === undefined) return `${frames[frame % frames.length]} ${text}`;
  const filled = Math.floor(WIDTH * bar.done / bar.total);
  const [full, empty] = unicode ? ["█", "░"] : ["#", "."];
  const drawn = full!.repeat(filled) + empty!.repeat(WIDTH - filled);
  return `${drawn} ${bar.done}/${bar.total} ${text}`;
}
