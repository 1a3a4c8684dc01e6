/**
 * A full screen that refreshes until Ctrl-C, then restores the terminal.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** Milliseconds between refreshes. */
const INTERVAL = 1000;

/** Switches to the alternate screen and hides the cursor; and back. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** Shows the output of `render` repeatedly; resolves to the exit code for the signal that ends it. */
export async function watchScreen(
  host: Pick<Host, "stdout" | "sleep" | "onSignal" | "openTerminal">,
  render: () => Promise<string>,
): Promise<number> {
  const end = new AbortController();
  let code = 130;
  const stop = host.onSignal(["SIGINT", "SIGTERM", "SIGHUP"], (name) => {
    if (name !== "SIGINT") code = name === "SIGTERM" ? 143 : 129;
    end.abort();
  });
  host.stdout.write(ENTER);
  try {
    while (!end.signal.aborted) {
      host.stdout.write(screenOf(await render(), rowsOf(host)));
      await host.sleep(INTERVAL, end.signal);
    }
  } finally {
    host.stdout.write(LEAVE);
    stop();
  }
  return code;
}

/** Overwrites the screen line by line, so nothing flickers; lines that do not fit are counted. */
function screenOf(text: string, rows: number): string {
  const lines = text.trimEnd().split("\n");
  const shown = lines.length <= rows
    ? lines
    : [...lines.slice(0, rows - 1), `and ${lines.length - rows + 1} more lines`];
  return `\x1b[H${shown.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`;
}

function rowsOf(host: Pick<Host, "openTerminal">): number {
  const device = host.openTerminal();
  const rows = device?.size().rows ?? 24;
  device?.close();
  return rows;
}
