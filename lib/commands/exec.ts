/**
 * `eac exec`: runs a command with the credentials, and ends as it does.
 *
 * @module
 */

import { profileNamed } from "../config/chain.ts";
import { type Context, loadConfig } from "../context.ts";
import { chooseProfile } from "./pick/select_profile.ts";
import { isFresh } from "../credentials/cache/cache.ts";
import type { Credentials } from "../plan/credentials.ts";
import {
  createGetCredentials,
  getCredentials,
  type ProfileCredentials,
} from "../session/get_credentials.ts";
import { planProfile } from "../session/plan_profile.ts";
import { noteRecent } from "./pick/recent.ts";
import { EacError } from "../errors.ts";
import { childEnv, servedChildEnv } from "../sinks/child.ts";

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
  const obtained = await getCredentials(context, await chooseProfile(context, names[0]), also);
  const { profile, credentials, region } = obtained;
  noteRecent(host, [profile.name]);
  if (child.length === 0 && host.env.EAC_PROFILE === profile.name) {
    context.log.warn(`this shell already has the credentials of "${profile.name}"`);
  }
  const who = { profile: profile.name, region };
  if (!options.serve) {
    return await host.replace({ command, args, env: childEnv(host.env, credentials, who) });
  }
  const { serveCredentials } = await import("../sinks/server.ts");
  const server = serveCredentials(host, renewing(context, obtained), (error) => {
    context.log.warn(`the credentials of "${profile.name}" could not be renewed`);
    context.log.error(error);
  });
  try {
    return await host.replace({ command, args, env: servedChildEnv(host.env, server, who) });
  } finally {
    await server.stop();
  }
}

/**
 * The command to run; without one, the user's shell.
 *
 * @throws {EacError} `usage` where a shell would have no terminal
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

/** What was obtained, for as long as it is fresh; then new ones, by the profile as it is then. */
function renewing(context: Context, first: ProfileCredentials): () => Promise<Credentials> {
  const { host, options } = context;
  let { credentials } = first;
  let since = host.now();
  return async () => {
    const { expiration } = credentials;
    const kept = expiration === undefined ||
      isFresh(
        { credentials: { ...credentials, expiration }, obtained: since },
        host.now(),
        options.minTtl,
      );
    if (kept) return credentials;
    // A code of the command line was good for once: this is a run of its own.
    const { mfaToken: _, ...rest } = options;
    const again: Context = { ...context, options: rest, began: host.now() };
    const config = loadConfig(again);
    const { name } = first.profile;
    const profile = config.profiles.has(name) ? profileNamed(config, name) : first.profile;
    const planned = await planProfile(again, config, profile);
    ({ credentials } = await createGetCredentials(again, config)(planned));
    since = host.now();
    return credentials;
  };
}
