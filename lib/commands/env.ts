/**
 * `eac env`: prints credentials as lines for a shell.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { getCredentials, type ProfileCredentials } from "../session/get_credentials.ts";
import { checkFormat, formatOf, printEnv, printMasks } from "../sinks/print_env.ts";
import { unsetEnv } from "../sinks/shell.ts";
import { noteRecent } from "./pick/recent.ts";
import { chooseProfile } from "./pick/select_profile.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  await printProfile(context, names[0], false);
  return 0;
}

/**
 * Prints the credentials of a profile, or the lines that unset them.
 *
 * @param picks as for {@linkcode chooseProfile}
 * @returns what was printed; `undefined` after `--unset`
 */
export async function printProfile(
  context: Context,
  name: string | undefined,
  picks: boolean,
): Promise<ProfileCredentials | undefined> {
  const { host, options } = context;
  if (options.unset) {
    host.stdout.write(unsetEnv(formatOf(context)));
    return undefined;
  }
  checkFormat(context);
  const chosen = await chooseProfile(context, name, picks);
  const result = await getCredentials(context, chosen);
  const { credentials, region, profile } = result;
  noteRecent(host, [profile.name]);
  if (formatOf(context) === "github") printMasks(context, credentials);
  else if (host.env.GITHUB_ACTIONS === "true") {
    const { githubMasks } = await import("../sinks/shell.ts");
    host.stderr.write(githubMasks(credentials)); // stdout is for the shell
  }
  const inFiles = chosen.config.profiles.has(profile.name);
  printEnv(context, credentials, { profile: profile.name, region, inFiles });
  return result;
}
