/**
 * A line that shows what eac is waiting for, once the wait is noticeable. Only on a terminal; elsewhere
 * nothing is written.
 *
 * Concurrent tasks share the line; it shows the one that started last.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { ERASE, erase, type Line, lines } from "./line.ts";
import { usesUnicode } from "./style.ts";
import { printable } from "../text/printable.ts";
import { truncate } from "../text/width.ts";

/** The parts of the Host that the line uses. */
export type ProgressHost = Pick<Host, "stderr" | "sleep" | "env" | "os" | "openTerminal">;

/** Milliseconds before the line appears: a shorter wait is not noticed. */
const DELAY = 300;

/** Milliseconds between frames. */
const FRAME = 100;

/** Runs `work`; on a terminal, shows `text` once it takes longer than 300 ms. */
export async function withProgress<T>(
  host: ProgressHost,
  text: string,
  work: () => Promise<T>,
): Promise<T> {
  return await onLine(host, { text }, undefined, work);
}

/** Runs `work`; on a terminal, a bar shows how many of its `total` parts are done. */
export async function withBar<T>(
  host: ProgressHost,
  total: number,
  work: (advance: () => void) => Promise<T>,
): Promise<T> {
  const bar = { done: 0, total };
  return await onLine(host, { text: "" }, bar, () => work(() => void bar.done++));
}

/** Waits for `milliseconds`; on a terminal, shows a countdown in seconds. */
export async function withCountdown(
  host: ProgressHost & Pick<Host, "now">,
  milliseconds: number,
  text: (seconds: number) => string,
): Promise<void> {
  const end = host.now() + milliseconds;
  const left = () => Math.ceil((end - host.now()) / 1000);
  const task = { text: text(left()) };
  await onLine(host, task, undefined, async () => {
    while (host.now() < end) {
      task.text = text(left());
      await host.sleep(Math.min(1000, end - host.now()));
    }
  });
}

async function onLine<T>(
  host: ProgressHost,
  task: { text: string },
  bar: Line["bar"],
  work: () => Promise<T>,
): Promise<T> {
  if (!host.stderr.isTerminal || host.env.TERM === "dumb") return work();
  const line = lines.get(host.stderr) ?? startLine(host);
  line.tasks.push(task);
  line.bar ??= bar;
  try {
    return await work();
  } finally {
    line.tasks.splice(line.tasks.indexOf(task), 1);
    if (line.bar === bar) line.bar = undefined;
    if (line.tasks.length === 0) {
      lines.delete(host.stderr);
      line.end.abort();
      await line.drawing;
    }
  }
}

function startLine(host: ProgressHost): Line {
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
  await host.sleep(DELAY, signal);
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
