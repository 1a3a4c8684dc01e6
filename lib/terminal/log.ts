/**
 * What eac says beside its product: notes, warnings and errors, on stderr.
 *
 * @module
 */

import { type EacError, showError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { hideProgress } from "./line.ts";
import { printable } from "../text/printable.ts";
import { type ColorChoice, makeStyle, usesColor } from "./style.ts";

/** How much is said. */
export interface Verbosity {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** `--color`; absent: as the terminal has it. */
  readonly color?: ColorChoice;
}

/** The voice of one run. */
export interface Log {
  /** What was done: unless `--quiet`. */
  done(text: string): void;
  /** What is worth knowing: with `--verbose`. */
  detail(text: string): void;
  /** What is wrong though the work goes on; said once. */
  warn(text: string): void;
  /** Why the work ends. */
  error(error: EacError): void;
}

/** A voice on stderr. */
export function createLog(
  host: Pick<Host, "stderr" | "env">,
  { quiet, verbose, color = "auto" }: Verbosity,
): Log {
  const said = new Set<string>();
  const write = (text: string) => {
    hideProgress(host.stderr);
    host.stderr.write(text);
  };
  const say = (text: string) => write(`${printable(text)}\n`);
  const style = () => makeStyle(usesColor(host.stderr, host, color));
  return {
    done: (text) => void (quiet || say(text)),
    detail: (text) => void (verbose && !quiet && say(text)),
    warn(text) {
      if (quiet || said.has(text)) return;
      said.add(text);
      write(`${style().yellow("warning:")} ${printable(text)}\n`);
    },
    error(error) {
      const text = printable(showError(error));
      const { red, cyan } = style();
      write(text.replace(/^error:/, red).replace(/^hint:/m, cyan));
    },
  };
}
