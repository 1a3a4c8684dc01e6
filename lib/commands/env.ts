/**
 * `eac env`: prints credentials as lines for a shell.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { getCredentials } from "../session/get_credentials.ts";
import { checkFormat, formatOf, printEnv, printMasks } from "../sinks/print_env.ts";
import { unsetEnv } from "../sinks/shell.ts";
import { noteRecent } from "./pick/recent.ts";
import { chooseProfile } from "./pick/select_profile.ts";

/** Runs the command. */
export function run(context: Context, names: readonly string[]): Promise<number> {
  return printProfile(context, names[0], false);
}

/**
 * Prints the credentials of a profile, or the lines that unset them.
 *
 * @param picks as for {@linkcode chooseProfile}
 */
export async function printProfile(
  context: Context,
  name: string | undefined,
  picks: boolean,
): Promise<number> {
  const { host, options } = context;
  if (options.unset) {
    host.stdout.write(unsetEnv(formatOf(context)));
    return 0;
  }
  checkFormat(context);
  const chosen = await chooseProfile(context, name, picks);
  const { credentials, region, profile } = await getCredentials(context, chosen);
  noteRecent(host, [profile.name]);
  if (formatOf(context) === "github") printMasks(context, credentials);
  else if (host.env.GITHUB_ACTIONS === "true") {
    const { githubMasks } = await import("../sinks/shell.ts");
    host.stderr.write(githubMasks(credentials)); // stdout is for the shell
  }
  const inFiles = chosen.config.profiles.has(profile.name);
  printEnv(context, credentials, { profile: profile.name, region, inFiles });
  return 0;
}
