/**
 * Custom strategies: files in `$EAC_HOME/strategies`, which eac tries before the built-in ones.
 *
 * Their code never runs in this process: it could hang it, end it, print on its stdout, or read what it
 * was not given. It runs in a child that speaks JSON (docs/strategies.md). Descriptions and declared
 * steps are cached: while the files of a strategy are the same, nothing runs at all.
 *
 * @module
 */

import { folderOf, nameOf, strategiesFolder } from "../config/locations.ts";
import type { Host } from "../host/host.ts";
import type { Plugins } from "../plan/strategy.ts";

const NONE: Plugins = { strategies: [], broken: [], failing: [], close: () => Promise.resolve() };

/**
 * Loads the strategies in the user's folder. Most users have none: then this only lists eac's folder.
 *
 * @throws {EacError} `io`
 */
export async function loadPlugins(host: Host): Promise<Plugins> {
  const folder = strategiesFolder(host);
  if (folder === undefined) return NONE;
  const home = folderOf(host.os, folder);
  if (!host.list(home).includes(nameOf(host.os, folder))) return NONE;
  const names = host.list(folder);
  if (names.length === 0) return NONE;
  const { loadFolder } = await import("./registry.ts");
  return loadFolder(host, folder, names);
}
