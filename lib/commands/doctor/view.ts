/**
 * Formats the findings of `eac doctor`.
 *
 * @module
 */

import type { Context } from "../../context.ts";
import type { Finding, Level } from "./finding.ts";
import { showPlace } from "../../errors.ts";
import { makeStyle, type Style, usesColor } from "../../terminal/style.ts";
import { printable } from "../../text/printable.ts";

/** One line per finding, with its fix below, and the totals at the end. */
export function showFindings({ host, options }: Context, findings: readonly Finding[]): string {
  const style = makeStyle(usesColor(host.stdout, host, options.color));
  const lines = findings.map((finding) => show(finding, style));
  const repairable = findings.filter(({ repair }) => repair !== undefined).length;
  return lines.join("") + summary(findings, style) +
    (repairable > 0 && !options.fix ? `eac doctor --fix fixes ${repairable} of them\n` : "");
}

const INDENT = " ".repeat("warning  ".length);

function show({ level, message, place, fix }: Finding, style: Style): string {
  // An error about a file as a whole already names it.
  const isNamed = place !== undefined && place.line === undefined && message.includes(place.file);
  const at = place === undefined || isNamed ? "" : ` (${showPlace(place)})`;
  const label = paint(level, style)(level) + INDENT.slice(level.length);
  const below = fix === undefined ? "" : `${INDENT}${style.dim(printable(fix))}\n`;
  return `${label}${printable(message + at)}\n${below}`;
}

function paint(level: Level, style: Style): (text: string) => string {
  return { error: style.red, warning: style.yellow, note: style.cyan }[level];
}

function summary(findings: readonly Finding[], style: Style): string {
  const count = (level: Level, name = `${level}s`) => {
    const { length } = findings.filter((finding) => finding.level === level);
    return `${length} ${length === 1 ? level : name}`;
  };
  if (findings.every(({ level }) => level === "note")) {
    return `${style.green("no problems found")}\n`;
  }
  return `${count("error")}, ${count("warning")}, ${count("note")}\n`;
}
