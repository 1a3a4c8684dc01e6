/**
 * What another program writes to stderr, shown on the terminal while it runs: "Touch your security key".
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { printable } from "../text/printable.ts";
import { pauseProgress } from "./line.ts";

/** The parts of the Host that live output uses. */
export type LiveHost = Pick<Host, "stderr" | "openTerminal" | "deadline">;

/** Output that is being shown. */
export interface LiveOutput {
  /** Shows more of the program's output. */
  heard(text: string): void;
  /** Shows the rest, once the program has ended. */
  end(): void;
}

/** Milliseconds of silence after which eac shows what it waits for. */
const SILENCE = 1000;

/** Milliseconds after which an unfinished line is shown: it may be a prompt. */
const PARTIAL = 150;

/**
 * Shows a program's output on stderr if that is a terminal, else on the controlling terminal; nowhere if
 * there is none.
 *
 * @param waiting the line to show if the program is silent for a second
 * @param clean removes secrets from a line
 */
export function showLive(
  host: LiveHost,
  waiting: string,
  clean: (line: string) => string,
): LiveOutput {
  const device = host.stderr.isTerminal ? undefined : host.openTerminal();
  const screen = host.stderr.isTerminal ? host.stderr : device;
  if (screen === undefined) return { heard() {}, end() {} };

  let resume: (() => void) | undefined;
  const write = (text: string) => {
    if (text === "") return;
    resume ??= pauseProgress(host.stderr);
    screen.write(text);
  };
  let line = ""; // without a line break
  let shown = ""; // what the screen shows of it
  const showLine = () => {
    const next = printable(clean(line));
    // The rest of a line that is known to contain a secret is not shown.
    if (next.startsWith(shown)) write(next.slice(shown.length));
    shown = next.startsWith(shown) ? next : shown;
  };
  const endLine = () => {
    showLine();
    if (line !== "") write("\n");
    line = shown = "";
  };

  let ended = false;
  let spoke = false;
  host.deadline(SILENCE).addEventListener("abort", () => {
    if (!ended && !spoke) write(`${printable(waiting)}\n`);
  });
  return {
    heard(text) {
      spoke = true;
      const [first = "", ...rest] = text.split(/[\r\n]+/);
      line += first;
      for (const next of rest) {
        endLine();
        line = next;
      }
      const partial = line;
      if (partial === "") return;
      host.deadline(PARTIAL).addEventListener("abort", () => {
        if (!ended && line === partial) showLine();
      });
    },
    end() {
      endLine();
      ended = true;
      resume?.();
      device?.close();
    },
  };
}
