/**
 * `eac exec --serve`: runs a command with a server that provides valid credentials.
 *
 * @module
 */

import { profileNamed } from "../config/chain.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, loadConfig } from "../context.ts";
import { needsSignIn } from "../credentials/providers/sign_in_required.ts";
import { EacError } from "../errors.ts";
import type { Program } from "../host/host.ts";
import type { Credentials } from "../plan/credentials.ts";
import { createGetCredentials, type ProfileCredentials } from "../session/get_credentials.ts";
import { planProfile } from "../session/plan_profile.ts";
import { startRenewal } from "../session/renewal.ts";
import { removedVariables, servedChildEnv } from "../sinks/child.ts";
import { noticeOnTerminal } from "../sinks/notice.ts";
import { createServedFiles } from "../sinks/served_profile.ts";
import { shellWord } from "../text/printable.ts";
import { notServable, serveCredentials } from "../sinks/server.ts";

/** Runs the command; the server stops with it. */
export async function execServed(
  context: Context,
  config: SharedConfig,
  result: ProfileCredentials,
  program: Pick<Program, "command" | "args">,
): Promise<number> {
  const { host, options, log } = context;
  const { profile: { name }, credentials, region } = result;
  if (credentials.sessionToken === undefined || credentials.expiration === undefined) {
    throw notServable(name);
  }
  const renewal = startRenewal({
    host,
    first: result.credentials,
    minTtl: options.minTtl,
    renew: (ask) => renew(context, result, ask),
    failed: (failure) => {
      const error = failure.code === "input_required" && !needsSignIn(failure)
        ? new EacError(failure.code, failure.message, {
          hint: `run in another window: eac get ${shellWord(name)}`,
        })
        : failure;
      log.warn(`the credentials of "${name}" could not be renewed`);
      log.error(error);
      if (!options.quiet) void noticeOnTerminal(host, error);
    },
  });
  const server = serveCredentials(host, renewal.current);
  try {
    const files = await createServedFiles(host, config, server.token);
    try {
      const env = servedChildEnv(
        host.env,
        { ...server, name: files.profile, configFile: files.config, tokenFile: files.token },
        { profile: name, region },
      );
      return await host.replace({ ...program, env, unset: removedVariables(host.env) });
    } finally {
      files.remove();
    }
  } finally {
    renewal.stop();
    await server.stop();
  }
}

/** New credentials for the profile, read again from the files. */
async function renew(
  context: Context,
  { profile }: ProfileCredentials,
  ask: boolean,
): Promise<Credentials> {
  const { host, options } = context;
  // The code from the command line is used: this counts as a new run.
  const { mfaToken: _, ...rest } = options;
  // The command may have the terminal: a prompt would suspend eac, and the answer would go to the
  // command.
  const mayUseTerminal = ask && await host.inForeground();
  const again: Context = {
    ...context,
    host: mayUseTerminal ? host : { ...host, openTerminal: () => undefined },
    options: { ...rest, input: rest.input && ask },
    offersSignIn: false,
    began: host.now(),
  };
  const config = loadConfig(again);
  const current = config.profiles.has(profile.name) ? profileNamed(config, profile.name) : profile;
  const planned = await planProfile(again, config, current);
  return (await createGetCredentials(again, config, { orStillValid: false })(planned)).credentials;
}
