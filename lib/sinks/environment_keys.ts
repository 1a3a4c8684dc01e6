/**
 * Checks for keys in the environment, which most AWS tools prefer to the selected profile.
 *
 * @module
 */

import type { Context } from "../context.ts";
import type { Host } from "../host/host.ts";

/** The variables that contain keys; none if the pair is incomplete. */
export function environmentKeys(env: Host["env"]): readonly string[] {
  if (!env.AWS_ACCESS_KEY_ID || !env.AWS_SECRET_ACCESS_KEY) return [];
  return ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
    .filter((name) => env[name]);
}

/** The command that unsets keys in the environment, for the user's shell, if it is known. */
export function unsetCommand({ os, env }: Pick<Host, "os" | "env">): string {
  const names = environmentKeys(env);
  if (os === "windows") return "eac env --unset --format powershell | Invoke-Expression";
  return env.SHELL?.endsWith("/fish") ? `set -eg ${names.join(" ")}` : `unset ${names.join(" ")}`;
}

/** Warns that AWS tools will not use this profile while keys are set in the environment. */
export function warnOfEnvironmentKeys({ host, log }: Context, profile: string): void {
  if (environmentKeys(host.env).length === 0) return;
  log.warn(
    `AWS_ACCESS_KEY_ID is set, and most AWS tools use it instead of profile "${profile}"; to unset it: ` +
      unsetCommand(host),
  );
}
