/**
 * Whether a dialog could reach the user.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** Why there is no desktop, as the end of a sentence; `undefined` if there is one. */
export function whyNoDesktop({ os, env }: Pick<Host, "os" | "env">): string | undefined {
  if (os === "linux") return env.DISPLAY || env.WAYLAND_DISPLAY ? undefined : "there is no desktop";
  // Over SSH, a dialog on the machine itself would not reach the user.
  return env.SSH_CONNECTION ? "there is no desktop in an SSH session" : undefined;
}
