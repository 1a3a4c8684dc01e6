/**
 * An address opened in the person's browser, without showing it to anybody else.
 *
 * The address signs its reader in, and what is on a command line can be read by every user of the
 * machine. So the browser is sent to a page on loopback that leads on, once.
 *
 * @module
 */

import type { Host, Program } from "../host/host.ts";

/** How long the browser may take to come, in milliseconds. */
const PATIENCE = 60_000;

type Needed = Pick<Host, "serve" | "launch" | "sleep" | "os" | "env">;

/** Why no browser can be opened here, as the end of a sentence; `undefined` where one can. */
export function noBrowser({ os, env }: Pick<Host, "os" | "env">): string | undefined {
  if (os !== "linux") return undefined;
  if (env.BROWSER || env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME) return undefined;
  return "there is no display here";
}

/**
 * Opens the address; false when no browser has come for it.
 *
 * @throws {EacError} `exec_failed` when there is no program that opens addresses
 */
export async function openInBrowser(host: Needed, url: string): Promise<boolean> {
  const path = `/${crypto.randomUUID()}`;
  const came = new AbortController();
  const server = host.serve((request) => {
    if (came.signal.aborted || new URL(request.url).pathname !== path) {
      return new Response("This address was good for one visit.\n", { status: 404 });
    }
    came.abort();
    return new Response(null, {
      status: 303,
      headers: { location: url, "cache-control": "no-store", "referrer-policy": "no-referrer" },
    });
  });
  try {
    await host.launch(opener(host, server.url + path));
    await host.sleep(PATIENCE, came.signal);
    return came.signal.aborted;
  } finally {
    await server.stop();
  }
}

function opener({ os, env }: Pick<Host, "os" | "env">, url: string): Program {
  if (os === "darwin") return { command: "/usr/bin/open", args: [url] };
  if (os === "windows") return { command: "rundll32", args: ["url.dll,FileProtocolHandler", url] };
  if (env.WSL_DISTRO_NAME) return { command: "explorer.exe", args: [url] };
  return { command: "xdg-open", args: [url] };
}
