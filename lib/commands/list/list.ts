/**
 * `eac list`: profiles, their strategy and their status. Makes no calls.
 *
 * @module
 */

import type { SharedConfig } from "../../config/shared_config.ts";
import { type Context, loadConfig } from "../../context.ts";
import { asEacError, EacError, showError, showPlace } from "../../errors.ts";
import { listProfiles } from "./model.ts";
import { narrowToPlanning } from "../../session/plan_profile.ts";
import { printable, printableJson } from "../../text/printable.ts";
import { showProfiles } from "./view.ts";
import { createLog } from "../../terminal/log.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  await narrowToPlanning(context);
  if (options.watch) return watch(context, names);
  const config = loadConfig(context);
  const listed = await listProfiles(context, config, names);
  if (options.json) host.stdout.write(`${printableJson(listed, 2)}\n`);
  else {
    const unread = await unreadOf(config, names);
    host.stdout.write(showProfiles(context, config, listed, unread));
  }
  return 0;
}

/** The sections that are not read as profiles, and why; none if profiles were named. */
async function unreadOf(config: SharedConfig, names: readonly string[]): Promise<string[]> {
  if (names.length > 0 || config.ignored.length === 0) return [];
  const { unreadProfiles } = await import("../../config/unread.ts");
  return unreadProfiles(config).map(({ message, place }) => `${message} (${showPlace(place)})`);
}

/** The table, updated in place: the files may change meanwhile, and be invalid for a moment. */
async function watch(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  if (options.json || !host.stdout.isTerminal || host.env.TERM === "dumb") {
    throw new EacError("usage", "--watch shows a table on a terminal", {
      hint: options.json ? "leave out --json" : "leave out --watch",
    });
  }
  const { watchScreen } = await import("../../terminal/watch.ts");
  const silent: Context = { ...context, log: createLog(host, { quiet: true, verbose: false }) };
  return watchScreen(host, async () => {
    try {
      const config = loadConfig(silent);
      const listed = await listProfiles(silent, config, names);
      return showProfiles(silent, config, listed, await unreadOf(config, names));
    } catch (thrown) {
      return printable(showError(asEacError(thrown)));
    }
  });
}
