/**
 * The line of a terminal that shows progress, and how whoever writes or asks keeps it out of the way.
 * What draws it is progress.ts, which runs that wait for nothing do not load.
 *
 * @module
 */

import type { Output } from "../host/host.ts";

/** Back to the line's begin, and all of it gone. */
export const ERASE = "\r\x1b[2K";

/** The line of a terminal while something is under way. */
export interface Line {
  /** What is under way, the latest last. */
  readonly tasks: { text: string }[];
  bar: { done: number; readonly total: number } | undefined;
  /** How many questions are on the screen: the line keeps out of their way. */
  paused: number;
  shown: boolean;
  frame: number;
  /** Ends the drawing. */
  readonly end: AbortController;
  drawing: Promise<void>;
}

/** The lines that are drawn now. */
export const lines = new WeakMap<Output, Line>();

/** Takes the line away before something else is written; it comes back by itself. */
export function hideProgress(output: Output): void {
  const line = lines.get(output);
  if (line !== undefined) erase(output, line);
}

/** Keeps the line away until the function it gives is called: while somebody is asked. */
export function pauseProgress(output: Output): () => void {
  const line = lines.get(output);
  if (line === undefined) return () => {};
  line.paused++;
  erase(output, line);
  return () => void line.paused--;
}

/** Takes a line off the screen. */
export function erase(output: Output, line: Line): void {
  if (line.shown) output.write(ERASE);
  line.shown = false;
}
