/**
 * `eac env`: the credentials as lines for a shell.
 *
 * @module
 */

import type { Format } from "../cli/options.ts";
import type { Context } from "../context.ts";
import { chooseProfile } from "./pick/select_profile.ts";
import type { Credentials } from "../plan/credentials.ts";
import { EacError } from "../errors.ts";
import { getCredentials } from "../session/get_credentials.ts";
import { noteRecent } from "./pick/recent.ts";
import { formatEnv, githubEnv, githubMasks, unsetEnv } from "../sinks/shell.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  if (options.unset) {
    host.stdout.write(unsetEnv(formatOf(context)));
    return 0;
  }
  checkFormat(context);
  const { credentials, region, profile } = await getCredentials(
    context,
    await chooseProfile(context, names[0]),
  );
  noteRecent(host, [profile.name]);
  if (formatOf(context) === "github") printMasks(context, credentials);
  printEnv(context, credentials, region);
  return 0;
}

/** `github` writes to the file that the runner names: without it there is nothing to write to. */
export function checkFormat(context: Context): void {
  if (formatOf(context) !== "github" || context.host.env.GITHUB_ENV) return;
  throw new EacError("usage", "--format github needs GITHUB_ENV, and it is not set", {
    hint: "a step of a GitHub workflow has it; elsewhere choose another format",
  });
}

/** `--format`; the line was read only where it is one of them. */
function formatOf({ options }: Context): Format {
  return (options.format ?? "posix") as Format;
}

/** Prints the credentials in the format that was asked for; masks have to stand before them. */
export function printEnv(
  context: Context,
  credentials: Credentials,
  region: string | undefined,
): void {
  const { host } = context;
  const format = formatOf(context);
  const where = region === undefined ? {} : { region };
  if (format !== "github") {
    host.stdout.write(formatEnv(format, credentials, where));
    return;
  }
  host.appendFile(host.env.GITHUB_ENV!, new TextEncoder().encode(githubEnv(credentials, where)));
}

/** Has the runner mask the secrets in all that comes after. */
export function printMasks({ host, options }: Context, credentials: Credentials): void {
  const out = options.json ? host.stderr : host.stdout;
  out.write(githubMasks(credentials));
}
