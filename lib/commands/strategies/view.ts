/**
 * Formats the list of strategies as a table, and the report of a check.
 *
 * @module
 */

import { nameOf } from "../../config/locations.ts";
import type { Context } from "../../context.ts";
import type { Os } from "../../host/host.ts";
import type { Checked } from "../../plugins/check/check.ts";
import { printable } from "../../text/printable.ts";
import { makeStyle, usesColor, usesUnicode } from "../../terminal/style.ts";
import { formatTable } from "../../terminal/table.ts";

/** A line of the list in the format of `--json`. */
export interface ListedStrategy {
  readonly name: string;
  readonly kind: "built-in" | "module" | "executable";
  readonly file: string | null;
  readonly needs: readonly (readonly string[])[];
  readonly summary: string;
  /**
   * What a custom strategy provides: calls for eac to make, credentials, keys or a shared sign-in.
   */
  readonly gives?: "steps" | "credentials" | "keys" | "sign-in" | undefined;
  /** What a custom strategy may use; absent for a built-in one. */
  readonly wants?: readonly string[] | undefined;
  /** The environment variables that it depends on. */
  readonly env?: readonly string[] | undefined;
  /** A hash of the file and its imports, which a team can compare. */
  readonly hash?: string | undefined;
  /** True if the user has allowed this content. */
  readonly allowed?: boolean | undefined;
  readonly problem?: string | undefined;
}

const HEAD = ["STRATEGY", "KIND", "FILE", "NEEDS", "WHAT IT DOES"];

/** One row per alternative; notes and problems below. */
export function showStrategies(
  { host, options }: Context,
  listed: readonly ListedStrategy[],
  folder: string | undefined,
): string {
  const style = makeStyle(usesColor(host.stdout, host, options.color));
  const rows = listed.flatMap((one) => rowsOf(one, host.os));
  const device = host.stdout.isTerminal ? host.openTerminal() : undefined;
  const width = device?.size().columns;
  device?.close();
  const table = formatTable([HEAD, ...rows.map(({ cells }) => cells)], {
    width,
    ellipsis: usesUnicode(host) ? "…" : "~",
    style(text, row, column) {
      if (row === 0) return style.bold(text);
      const { problem, kind } = rows[row - 1]!.of;
      if (column === 0 && problem !== undefined) return style.red(text);
      return column === 1 && kind === "built-in" ? style.dim(text) : text;
    },
  });
  const custom = listed.filter(({ file }) => file !== null);
  const builtIn = new Set(listed.filter(({ file }) => file === null).map(({ name }) => name));
  const notes = custom.filter(({ name, problem }) => problem === undefined && builtIn.has(name))
    .map(({ name, file }) =>
      `${style.yellow("note")} ${printable(`"${name}" (${file}) replaces the built-in one`)}\n`
    );
  const problems = custom.filter(({ problem }) => problem !== undefined)
    .map(({ file, problem }) => `${style.red("!")} ${printable(`${file}: ${problem}`)}\n`);
  const where = custom.length > 0
    ? `custom strategies are in ${folder}`
    : `no custom strategies in ${folder}; create one: eac strategies new NAME.js`;
  const last = folder === undefined ? "" : style.dim(`${printable(where)}\n`);
  return table + notes.join("") + problems.join("") + last;
}

function rowsOf(
  one: ListedStrategy,
  os: Os,
): readonly { readonly of: ListedStrategy; readonly cells: readonly string[] }[] {
  const { name, kind, file, needs, summary, problem, gives } = one;
  const [first = "", ...more] = needs.map(showNeeds);
  const what = problem === undefined ? summary : "cannot be used: see below";
  const special = gives === "keys" || gives === "sign-in" ? `, ${gives}` : "";
  const cells = [name, `${kind}${special}`, file === null ? "-" : nameOf(os, file), first, what];
  return [
    { of: one, cells },
    ...more.map((needs) => ({ of: one, cells: ["", "", "", needs, ""] })),
  ];
}

function showNeeds(keys: readonly string[]): string {
  return keys.map((key) => key.startsWith("!") ? `no ${key.slice(1)}` : key).join(" + ");
}

/**
 * A check as a test point of TAP 14 (https://testanything.org/tap-version-14-specification.html),
 * with the reason as comments below, which every TAP parser accepts.
 */
export function tapLine(number: number, file: string, { name, status, problem }: Checked): string {
  const text = printable(`${file}: ${name}`).replace(/[\\#]/g, "\\$&");
  const point = `${status === "failed" ? "not ok" : "ok"} ${number} - ${text}`;
  const skip = status === "skipped" ? " # SKIP" : "";
  const reason = problem === undefined ? "" : `${problem.replace(/^/gm, "# ")}\n`;
  return `${point}${skip}\n${printable(reason)}`;
}

/** A line for the check, with the reason below if there is one. */
export function showChecked(
  { host, options }: Context,
  { name, status, problem }: Checked,
): string {
  const style = makeStyle(usesColor(host.stdout, host, options.color));
  const paint = { ok: style.green, failed: style.red, skipped: style.yellow }[status];
  const reason = problem === undefined ? "" : `${problem.replace(/^/gm, "        ")}\n`;
  return `${paint(status.padEnd(7))} ${printable(name)}\n${printable(reason)}`;
}
