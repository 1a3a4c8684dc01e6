/**
 * Formats the list of profiles as a table: each profile below its source.
 *
 * @module
 */

import type { Listed } from "./model.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import type { Context } from "../../context.ts";
import { truncate } from "../../text/width.ts";
import { showCountdown, showSpan, showTime } from "../../text/duration.ts";
import { printable } from "../../text/printable.ts";
import { makeStyle, type Style, usesColor, usesUnicode } from "../../terminal/style.ts";
import { fittingColumns, formatTable } from "../../terminal/table.ts";

const HEAD = ["PROFILE", "STRATEGY", "MFA", "STORED IN", "EXPIRES"];

/** The columns; the last ones are omitted first on a narrow terminal. */
const IMPORTANCE = [4, 1, 3, 2];

/** A line of the table, and its distance from the group's first profile. */
interface Row {
  readonly profile: Listed;
  readonly depth: number;
}

/**
 * One line per profile, with problems below. Destinations are shown with their source, not
 * separately.
 *
 * @param unread problems of sections that are not read as profiles
 */
export function showProfiles(
  { host, options }: Context,
  config: SharedConfig,
  listed: readonly Listed[],
  unread: readonly string[],
): string {
  const color = usesColor(host.stdout, host, options.color);
  const style = makeStyle(color);
  // Profiles with the same source often have the same problem.
  const problems = new Set(unread);
  const showProblems = () =>
    [...problems].map((problem) => `${style.red("!")} ${printable(problem)}\n`).join("");
  if (listed.length === 0) {
    const { config: first, credentials: second } = config.files;
    return printable(
      `no profiles yet in ${first} or ${second}\neac init writes one; eac login signs you in without access keys\n`,
    ) + showProblems();
  }
  const stored = new Set<string>();
  for (const { destination } of listed) if (destination !== null) stored.add(destination);
  const isShown = (name: string) => !stored.has(name) || !isManaged(config, name);
  const shown = grouped(
    stored.size === 0 ? listed : listed.filter(({ name }) => isShown(name)),
    (name) => config.profiles.has(name) && isShown(name),
  );
  const now = host.now();
  const width = host.stdout.isTerminal ? widthOf(host.openTerminal()) : Infinity;
  const rows = [HEAD];
  for (const row of shown) {
    rows.push(cellsOf(row, now, options.watch));
    if (row.profile.problem !== undefined) problems.add(row.profile.problem);
  }
  const columns = width === Infinity
    ? [0, ...IMPORTANCE].sort()
    : fittingColumns(rows, width, IMPORTANCE);
  const sessions = sessionsOf(listed, now, options.watch)
    .map((line) => truncate(line, width, usesUnicode(host) ? "…" : "~") + "\n").join("");
  const table = formatTable(rows, {
    columns,
    width,
    ellipsis: usesUnicode(host) ? "…" : "~",
    style: color
      ? (text, row, column) => paint(style, shown[row - 1]?.profile, text, row, column)
      : undefined,
  });
  return sessions + table + showProblems();
}

/** A line for each device with a valid MFA session. */
function sessionsOf(listed: readonly Listed[], now: number, countsDown: boolean): string[] {
  return [...sessionExpirations(listed)].map(([mfa, expiration]) => {
    const left = showLeft(expiration - now, countsDown);
    return `MFA until ${showTime(expiration, now)} (in ${left}): ${printable(mfa)}`;
  });
}

/** The expiration of the MFA session of each device that has one. */
export function sessionExpirations(listed: readonly Listed[]): ReadonlyMap<string, number> {
  const expirations = new Map<string, number>();
  for (const { mfa, mfa_session } of listed) {
    if (mfa !== null && mfa_session !== null) expirations.set(mfa, Date.parse(mfa_session));
  }
  return expirations;
}

function showLeft(milliseconds: number, countsDown: boolean): string {
  return countsDown ? showCountdown(milliseconds) : showSpan(milliseconds);
}

function isManaged(config: SharedConfig, name: string): boolean {
  return config.profiles.get(name)?.get("managed_by")?.value === "eac";
}

/** Each profile after its source, one level deeper; otherwise in the order of the files. */
function grouped(
  listed: readonly Listed[],
  isListed: (name: string) => boolean,
): readonly Row[] {
  const bySource = new Map<string, Listed[]>();
  const firsts: Listed[] = [];
  let source: string | undefined;
  let others = firsts;
  for (const profile of listed) {
    // Many consecutive profiles have the same source.
    if (profile.source === null || profile.source === profile.name) {
      firsts.push(profile);
      continue;
    }
    if (profile.source !== source) {
      source = profile.source;
      others = bySource.get(source) ?? (isListed(source) ? [] : firsts);
      bySource.set(source, others);
    }
    others.push(profile);
  }
  const rows: Row[] = [];
  const take = (first: Listed, left?: Set<Listed>) => {
    const next: Row[] = [{ profile: first, depth: 0 }];
    for (let row = next.pop(); row !== undefined; row = next.pop()) {
      if (left?.delete(row.profile) === false) continue;
      rows.push(row);
      const below = bySource.get(row.profile.name);
      if (below === undefined) continue;
      const depth = row.depth + 1;
      for (let at = below.length - 1; at >= 0; at--) next.push({ profile: below[at]!, depth });
    }
  };
  for (const profile of firsts) take(profile);
  if (rows.length === listed.length) return rows;

  // Sources that form a cycle, and the profiles below them.
  const left = new Set(listed);
  for (const { profile } of rows) left.delete(profile);
  for (const profile of left) take(profile, left);
  return rows;
}

const INDENT = "  ";

/** The maximum level of indentation: more would leave no space for names. */
const DEEPEST = 10;

function cellsOf({ profile, depth }: Row, now: number, countsDown: boolean): string[] {
  const { name, strategy, mfa, destination, expiration, status } = profile;
  const left = expiration === null ? "" : Date.parse(expiration) - now;
  const expires = status === "none" || left === ""
    ? "-"
    : status === "expired"
    ? "expired"
    : `in ${showLeft(left, countsDown)}`;
  return [
    INDENT.repeat(Math.min(depth, DEEPEST)) + name,
    strategy ?? "! none",
    mfa === null ? "-" : mfa.split("/").at(-1)!,
    destination ?? "-",
    expires,
  ];
}

function paint(
  style: Style,
  profile: Listed | undefined,
  text: string,
  row: number,
  column: number,
): string {
  if (row === 0) return style.bold(text);
  if (profile === undefined) return text;
  if (column === 1 && profile.strategy === null) return style.red(text);
  if (column !== 4) return text;
  const { status } = profile;
  if (status === "valid") return style.green(text);
  return status === "none" ? style.dim(text) : style.yellow(text);
}

function widthOf(device: { size(): { columns: number }; close(): void } | undefined): number {
  const columns = device?.size().columns ?? 80;
  device?.close();
  return columns;
}
