/**
 * One line that says what is being waited for, once the wait is worth a word.
 *
 * @module
 */

import type { Host } from "../host.ts";
import { printable } from "./talk.ts";

/** Milliseconds that nobody notices. */
const PATIENCE = 300;

const ERASE = "\r\x1b[2K";

/** Does the work; on a terminal, shows `text` while it takes longer than 300 ms. */
export async function withProgress<T>(
  host: Pick<Host, "stderr" | "sleep" | "env">,
  text: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!host.stderr.isTerminal || host.env.TERM === "dumb") return await work();
  const done = new AbortController();
  let shown = false;
  const line = host.sleep(PATIENCE, done.signal).then(() => {
    if (done.signal.aborted) return;
    shown = true;
    host.stderr.write(`${ERASE}${printable(text)}`);
  });
  try {
    return await work();
  } finally {
    done.abort();
    await line;
    if (shown) host.stderr.write(ERASE);
  }
}
