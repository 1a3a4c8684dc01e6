/**
 * `eac use`: changes the credentials of the current shell. A program cannot do that itself: the
 * function of `eac activate` evaluates this command's output.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { showExpiration } from "../text/duration.ts";
import { printProfile } from "./env.ts";

/** Runs the command; the shell function adds `--format`. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, log } = context;
  if (options.format !== undefined) {
    // The environment's credentials are those that it replaces.
    const result = await printProfile(context, names[0], true);
    if (result !== undefined) {
      const until = showExpiration(result.credentials.expiration, host.now());
      log.done(`${result.profile.name} -> this shell, ${until}`);
    }
    return 0;
  }
  throw new EacError("usage", "eac use needs eac's shell function, which is not active", {
    hint: `run ${activation(host)}, and add it to the shell's startup file`,
  });
}

/** The line that activates the user's shell. */
function activation({ env, os }: Pick<Host, "env" | "os">): string {
  if (os === "windows") return "eac activate powershell | Out-String | Invoke-Expression";
  const shell = env.SHELL?.split("/").at(-1) ?? "";
  if (shell === "fish") return "eac activate fish | source";
  return `eval "$(eac activate ${shell === "zsh" || shell === "bash" ? shell : "sh"})"`;
}
