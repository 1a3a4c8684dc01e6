/**
 * Prints credentials in the format of `--format`: on stdout, or to the file of a GitHub runner.
 *
 * @module
 */

import type { Format } from "../cli/options.ts";
import type { Context } from "../context.ts";
import type { Host } from "../host/host.ts";
import { EacError } from "../errors.ts";
import type { Credentials } from "../plan/credentials.ts";
import { formatEnv, type FormatOptions, githubEnv, githubMasks } from "./shell.ts";

/** The `--format` of this run; the parser accepts no other values. */
export function formatOf({ options }: Pick<Context, "options">): Format {
  return (options.format ?? "posix") as Format;
}

/**
 * Refuses the `github` format outside a workflow.
 *
 * @throws {EacError} `usage` without `GITHUB_ENV`
 */
export function checkFormat(context: Context): void {
  if (formatOf(context) !== "github" || context.host.env.GITHUB_ENV) return;
  throw new EacError("usage", "--format github needs GITHUB_ENV, which is not set", {
    hint: "use it in a step of a GitHub workflow, or choose another format",
  });
}

/** Prints the credentials in the format of this run. Call {@linkcode printMasks} first. */
export function printEnv(
  context: Context,
  credentials: Credentials,
  options: Omit<FormatOptions, "env">,
): void {
  const { host } = context;
  const format = formatOf(context);
  const all = { ...options, env: host.env };
  if (format === "github") {
    const text = lineEndOf(host, host.env.GITHUB_ENV!) + githubEnv(credentials, all);
    host.appendFile(host.env.GITHUB_ENV!, new TextEncoder().encode(text));
  } else host.stdout.write(formatEnv(format, credentials, all));
}

/** The missing line break at the end of a file, which an earlier step may have omitted. */
function lineEndOf(host: Pick<Host, "readFile">, file: string): string {
  const last = host.readFile(file)?.at(-1);
  return last === undefined || last === 0x0a ? "" : "\n";
}

/** Makes the GitHub runner mask the secrets in all later logs. */
export function printMasks({ host, options }: Context, credentials: Credentials): void {
  const output = options.json ? host.stderr : host.stdout;
  output.write(githubMasks(credentials));
}
