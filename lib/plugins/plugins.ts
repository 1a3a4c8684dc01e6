/**
 * The user's own strategies: files in `$EAC_HOME/strategies`, held against a profile before those
 * that eac brings.
 *
 * Their code never runs in this process: it could hang it, end it, print into its stdout, or read
 * what it was not given. It runs in a child that speaks JSON (docs/strategies.md). What a file says
 * of itself, and the steps it declares, are kept: while the file is the same, nothing runs at all.
 *
 * @module
 */

import { folderOf, nameOf, strategiesFolder } from "../config/locations.ts";
import type { Host } from "../host/host.ts";
import type { Plugins } from "../plan/strategy.ts";

const NONE: Plugins = { strategies: [], broken: [], failing: [], close: () => Promise.resolve() };

/**
 * The strategies in the user's folder. Most users have none: then this is one look at eac's own.
 *
 * @throws {EacError} `io`
 */
export async function loadPlugins(host: Host): Promise<Plugins> {
  const folder = strategiesFolder(host);
  if (folder === undefined) return NONE;
  const home = folderOf(host.os, folder);
  if (host.stat(home)?.kind !== "folder") return NONE;
  if (!host.list(home).includes(nameOf(host.os, folder))) return NONE;
  const names = host.list(folder);
  if (names.length === 0) return NONE;
  const { loadFolder } = await import("./registry.ts");
  return await loadFolder(host, folder, names);
}
