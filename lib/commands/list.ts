/**
 * `eac list`: profiles, their strategy, what is fresh. Calls nobody.
 *
 * @module
 */

import { type Context, loadConfig } from "../context.ts";
import { listProfiles } from "../listing.ts";
import { showProfiles } from "../terminal/profiles.ts";
import { narrowToPlanning } from "../prepare.ts";
import { printable } from "../terminal/printable.ts";

/** Runs the command. */
export async function run(context: Context): Promise<number> {
  const { host, options } = context;
  await narrowToPlanning(context);
  if (options.watch) return await watch(context);
  const config = loadConfig(context);
  const listed = await listProfiles(context, config);
  if (options.json) host.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  else host.stdout.write(showProfiles(context, config, listed));
  return 0;
}
