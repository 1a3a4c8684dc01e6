/**
 * Messages on stderr: results, details, warnings and errors.
 *
 * @module
 */

import { type EacError, showError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { hideProgress } from "./line.ts";
import { printable } from "../text/printable.ts";
import { type ColorChoice, makeStyle, usesColor } from "./style.ts";

/** How much is logged. */
export interface Verbosity {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** `--color`; without it, what the terminal supports. */
  readonly color?: ColorChoice | undefined;
}

/** The log of one run. */
export interface Log {
  /** A result; not with `--quiet`. */
  done(text: string): void;
  /** A detail; only with `--verbose`. */
  detail(text: string): void;
  /** A problem that does not stop the run; logged once. */
  warn(text: string): void;
  /** The error that ends the run. */
  error(error: EacError): void;
}

/** Logs to stderr. */
export function createLog(
  host: Pick<Host, "stderr" | "env">,
  { quiet, verbose, color = "auto" }: Verbosity,
): Log {
  const warned = new Set<string>();
  const write = (text: string) => {
    hideProgress(host.stderr);
    host.stderr.write(text);
  };
  const writeLine = (text: string) => write(`${printable(text)}\n`);
  const style = () => makeStyle(usesColor(host.stderr, host, color));
  return {
    done: (text) => void (quiet || writeLine(text)),
    detail: (text) => void (verbose && !quiet && writeLine(text)),
    warn(text) {
      if (quiet || warned.has(text)) return;
      warned.add(text);
      write(`${style().yellow("warning:")} ${printable(text)}\n`);
    },
    error(error) {
      const text = printable(showError(error));
      const { red, cyan } = style();
      write(text.replace(/^error:/, red).replace(/^hint:/m, cyan));
    },
  };
}
