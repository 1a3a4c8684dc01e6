/**
 * `eac exec`: runs a command with the credentials in its environment, and ends as it does.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { obtainOne } from "../obtain.ts";
import { childEnv } from "../sinks/child.ts";

/** Runs the command. */
export async function run(
  context: Context,
  names: readonly string[],
  child: readonly string[],
): Promise<number> {
  const { host } = context;
  const { profile, credentials, region } = await obtainOne(context, names[0], { run: true });
  const [command, ...args] = child as [string, ...string[]];
  const env = childEnv(host.env, credentials, {
    profile: profile.name,
    ...(region === undefined ? {} : { region }),
  });
  return await host.replace({ command, args, env });
}
