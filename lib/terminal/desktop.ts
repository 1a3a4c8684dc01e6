/**
 * Whether a dialog or a browser could reach the user.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** Why there is no desktop, as the end of a sentence; `undefined` if there is one. */
export function whyNoDesktop({ os, env }: Pick<Host, "os" | "env">): string | undefined {
  if (os === "linux") return env.DISPLAY || env.WAYLAND_DISPLAY ? undefined : "there is no desktop";
  // Over SSH, a window on the machine itself would not reach the user.
  return env.SSH_CONNECTION ? "there is no desktop in an SSH session" : undefined;
}

/** Why no browser can be opened here, as the end of a sentence; `undefined` if one can. */
export function whyNoBrowser(host: Pick<Host, "os" | "env">): string | undefined {
  const { os, env } = host;
  // Inside WSL the browser of Windows opens.
  if (os === "linux" && (env.BROWSER || env.WSL_DISTRO_NAME)) return undefined;
  return whyNoDesktop(host);
}
