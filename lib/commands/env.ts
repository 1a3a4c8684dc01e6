/**
 * `eac env`: the credentials as lines for a shell.
 *
 * @module
 */

import type { Format } from "../args.ts";
import type { Context } from "../context.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { EacError } from "../errors.ts";
import { obtainOne } from "../obtain.ts";
import { formatEnv, githubEnv, githubMasks, unsetEnv } from "../sinks/shell.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  const format = (options.format ?? "posix") as Format;
  if (options.unset) {
    host.stdout.write(unsetEnv(format));
    return 0;
  }
  checkFormat(context, format);
  const { credentials, region } = await obtainOne(context, names[0]);
  printEnv(context, format, credentials, region);
  return 0;
}

/** `github` writes to the file that the runner names: without it there is nothing to write to. */
export function checkFormat({ host }: Context, format: Format): void {
  if (format !== "github" || host.env.GITHUB_ENV) return;
  throw new EacError("usage", "--format github needs GITHUB_ENV, and it is not set", {
    hint: "a step of a GitHub workflow has it; elsewhere choose another format",
  });
}

/** Prints the credentials in that format. */
export function printEnv(
  context: Context,
  format: Format,
  credentials: Credentials,
  region: string | undefined,
): void {
  const { host } = context;
  const where = region === undefined ? {} : { region };
  if (format !== "github") {
    host.stdout.write(formatEnv(format, credentials, where));
    return;
  }
  if (host.env.GITHUB_ACTIONS !== "true") printMasks(context, credentials);
  host.appendFile(host.env.GITHUB_ENV!, new TextEncoder().encode(githubEnv(credentials, where)));
}

/** Has the runner mask the secrets in all that comes after. */
export function printMasks({ host, options }: Context, credentials: Credentials): void {
  const out = options.json ? host.stderr : host.stdout;
  out.write(githubMasks(credentials));
}
