/**
 * `eac clear`: drops cached and stored temporary credentials; only what eac wrote.
 *
 * @module
 */

import { profileNamed } from "../config/chain.ts";
import { join } from "../config/locations.ts";
import { type Context, loadConfig } from "../context.ts";
import { cacheFile, cacheFolder, readCache } from "../credentials/cache.ts";
import { cliCacheArguments, cliCacheFile, readCliCache } from "../credentials/cli_cache.ts";
import { prefixKeys } from "../credentials/progress.ts";
import { EacError } from "../errors.ts";
import { removeLeftovers } from "../files.ts";
import { narrowToPlanning, prepare, type Prepared } from "../prepare.ts";
import { clearDestinations } from "../sinks/destination.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, talk } = context;
  if (options.all === (names.length > 0)) {
    throw new EacError("usage", "eac clear takes the names of profiles, or --all", {
      hint: "eac clear PROFILE...",
    });
  }
  await narrowToPlanning(context);
  const config = loadConfig(context);
  const wanted = options.all ? [...config.profiles.keys()] : [...new Set(names)];
  let dropped = 0;
  for (const name of wanted) {
    const profile = profileNamed(config, name); // a name that does not exist is an error
    const prepared = await prepare(context, config, profile).catch((error) => {
      talk.detail(`nothing is cached for "${name}": ${error.message}`);
      return undefined;
    });
    if (prepared !== undefined) dropped += await dropCached(context, prepared);
  }
  if (options.all) dropped += dropRest(context);
  const cleared = await clearDestinations(host, config, options.all ? undefined : wanted);
  talk.done(
    `${counted(dropped, "cached entry", "cached entries")} and ` +
      `${counted(cleared.length, "stored profile", "stored profiles")} dropped` +
      (cleared.length > 0 ? `: ${cleared.join(", ")}` : ""),
  );
  return 0;
}

/** The profile's own entries, and what of them stands in the AWS CLI's cache too. */
async function dropCached({ host }: Context, { plan, target }: Prepared): Promise<number> {
  let dropped = 0;
  const keys = await prefixKeys(plan, target, host.env);
  const ours = new Set(keys.map((key) => readCache(host, key)?.credentials.accessKeyId));
  for (const hop of plan.hops) {
    const hashed = cliCacheArguments(hop);
    if (hashed === undefined) continue;
    const file = await cliCacheFile(host, hashed);
    if (ours.has(readCliCache(host, file)?.accessKeyId ?? "")) host.remove(file);
  }
  for (const key of keys) {
    const file = cacheFile(host, key);
    if (host.stat(file) === undefined) continue;
    host.remove(file);
    dropped++;
  }
  return dropped;
}

/** Entries of profiles that are no longer there. */
function dropRest({ host }: Context): number {
  const folder = cacheFolder(host);
  const names = host.list(folder).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  for (const name of names) host.remove(join(host.os, folder, name));
  // A process that was killed while writing leaves the same secrets under another name.
  removeLeftovers(host, folder, (name) => name.endsWith(".tmp"), 0);
  return names.length;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
