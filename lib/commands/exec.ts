/**
 * `eac exec`: runs a command with the credentials, and exits with its status.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { EacError } from "../errors.ts";
import { getCredentials } from "../session/get_credentials.ts";
import { childEnv, removedVariables } from "../sinks/child.ts";
import { noteRecent } from "./pick/recent.ts";
import { chooseProfile, hasExported } from "./pick/select_profile.ts";

/** Runs the command. */
export async function run(
  context: Context,
  names: readonly string[],
  child: readonly string[],
): Promise<number> {
  const { host, options } = context;
  const [command, ...args] = commandOf(context, child);
  // Served credentials are renewed, which may take another code.
  const also = options.serve ? { run: true, net: true, ask: true } : { run: true };
  // A shell with the credentials that this one already has would be of no use.
  const isShell = child.length === 0;
  const picks = isShell && hasExported(host);
  const chosen = await chooseProfile(context, names[0], picks);
  const result = await getCredentials(context, chosen, also);
  const { profile, credentials, region } = result;
  noteRecent(host, [profile.name]);
  if (isShell && host.env.EAC_PROFILE === profile.name) {
    context.log.warn(`this shell already has the credentials of "${profile.name}"`);
  }
  if (isShell) {
    // A shell looks like the one before: the user must know whose credentials it has, how long.
    const until = options.serve
      ? "renewed until it exits"
      : (await import("../text/duration.ts")).showExpiration(credentials.expiration, host.now());
    context.log.done(`${profile.name} -> a new shell, ${until}`);
  }
  if (host.env.GITHUB_ACTIONS === "true") {
    const { githubMasks } = await import("../sinks/shell.ts");
    host.stderr.write(githubMasks(credentials)); // stdout is the command's
  }
  const who = { profile: profile.name, region };
  if (!options.serve) {
    return host.replace({
      command,
      args,
      env: childEnv(host.env, credentials, who),
      unset: removedVariables(host.env),
    });
  }
  const { execServed } = await import("./exec_served.ts");
  return execServed(context, chosen.config, result, { command, args });
}

/**
 * The command to run; without one, the user's shell.
 *
 * @throws {EacError} `usage` if a shell would have no terminal
 */
function commandOf({ host }: Context, child: readonly string[]): readonly [string, ...string[]] {
  const [command, ...args] = child;
  if (command !== undefined) return [command, ...args];
  const device = host.openTerminal();
  if (device === undefined) {
    throw new EacError("usage", "no command to run, and no terminal for a shell", {
      hint: "usage: eac exec PROFILE [OPTIONS] [--] CMD ARG...",
    });
  }
  device.close();
  const { SHELL, COMSPEC } = host.env;
  return [host.os === "windows" ? COMSPEC || "cmd.exe" : SHELL || "/bin/sh"];
}
