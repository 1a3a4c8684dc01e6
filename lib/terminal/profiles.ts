/**
 * The list of profiles as a table.
 *
 * @module
 */

import type { Listed } from "../listing.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import type { Context } from "../context.ts";
import { showSpan } from "../duration.ts";
import { makeStyle, type Style, usesColor, usesUnicode } from "./style.ts";
import { formatTable } from "./table.ts";

const HEAD = ["PROFILE", "STRATEGY", "MFA", "SOURCE", "STORED IN", "EXPIRES"];

/** One line a profile, the problems below. Destinations that eac fills are shown with their source. */
export function showProfiles(
  { host, options }: Context,
  config: SharedConfig,
  listed: readonly Listed[],
): string {
  if (listed.length === 0) {
    return `no profiles yet: ${config.files.config} and ${config.files.credentials} have none\n`;
  }
  const style = makeStyle(usesColor(host.stdout, host, options.color));
  const stored = new Set(listed.map(({ destination }) => destination));
  const shown = listed.filter(({ name }) => !stored.has(name) || !isManaged(config, name));
  const now = host.now();
  const rows = [HEAD, ...shown.map((profile) => rowOf(profile, now))];
  const table = formatTable(rows, {
    ...(host.stdout.isTerminal ? { width: widthOf(host.openTerminal()) } : {}),
    ellipsis: usesUnicode(host) ? "…" : "~",
    style: (text, row, column) => paint(style, shown[row - 1], text, row, column),
  });
  const problems = shown.filter(({ problem }) => problem !== undefined);
  return table + problems.map(({ problem }) => `${style.red("!")} ${problem}\n`).join("");
}

function isManaged(config: SharedConfig, name: string): boolean {
  return config.profiles.get(name)?.get("managed_by")?.value === "eac";
}

function rowOf(profile: Listed, now: number): string[] {
  const { name, strategy, mfa, source, destination, expiration, status } = profile;
  const left = expiration === null ? "" : Date.parse(expiration) - now;
  const expires = status === "none" || left === ""
    ? "-"
    : status === "expired"
    ? "expired"
    : `in ${showSpan(left)}`;
  return [
    name,
    strategy ?? "! none",
    mfa === null ? "-" : mfa.split("/").at(-1)!,
    source ?? "-",
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
  if (column !== 5) return text;
  const { status } = profile;
  if (status === "valid") return style.green(text);
  return status === "none" ? style.dim(text) : style.yellow(text);
}

function widthOf(device: { size(): { columns: number }; close(): void } | undefined): number {
  const columns = device?.size().columns ?? 80;
  device?.close();
  return columns;
}
