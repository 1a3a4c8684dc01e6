/**
 * The terminal's progress line, and how other output and prompts hide it. progress.ts draws it, and
 * is loaded only if something is slow.
 *
 * @module
 */

import type { Output } from "../host/host.ts";

/** Returns to the start of the line and erases it. */
export const ERASE = "\r\x1b[2K";

/** The progress line of a terminal while work is running. */
export interface Line {
  /** The running tasks, the latest last. */
  readonly tasks: { text: string }[];
  bar: { done: number; readonly total: number } | undefined;
  /** The number of open prompts; the line is hidden while there are any. */
  paused: number;
  shown: boolean;
  frame: number;
  /** Stops the drawing. */
  readonly end: AbortController;
  drawing: Promise<void>;
}

/** The lines being drawn. */
export const lines = new WeakMap<Output, Line>();

/** Hides the line before other output; the next frame shows it again. */
export function hideProgress(output: Output): void {
  const line = lines.get(output);
  if (line !== undefined) erase(output, line);
}

/** Hides the line while the user is asked; returns the function that shows it again. */
export function pauseProgress(output: Output): () => void {
  const line = lines.get(output);
  if (line === undefined) return () => {};
  line.paused++;
  erase(output, line);
  return () => void line.paused--;
}

/** Erases a line from the screen. */
export function erase(output: Output, line: Line): void {
  if (line.shown) output.write(ERASE);
  line.shown = false;
}
