/**
 * Opens a URL in the user's browser without showing it to other users.
 *
 * The URL signs in anyone who opens it, and every user of the machine can read command lines. So
 * the browser is sent to a page on loopback that redirects to the URL, once.
 *
 * @module
 */

import type { Host, Program } from "../host/host.ts";
import { type PeerHost, peerOwner } from "./peer.ts";

/** How long the browser may take to open the page, in milliseconds. */
const PATIENCE = 60_000;

type BrowserHost = PeerHost & Pick<Host, "serve" | "launch" | "sleep">;

/** The result of opening a URL. */
export type Opened = "opened" | "no browser" | "unknown user";

/**
 * Opens a URL in the user's browser.
 *
 * Another user can read the URL of the page on the opener's command line, and request it first: the
 * page redirects only programs of this user.
 *
 * @param signal stops waiting for the browser
 * @returns `unknown user` if the system does not report the owner of a connection
 * @throws {EacError} `exec_failed` if there is no program that opens URLs
 */
export async function openInBrowser(
  host: BrowserHost,
  url: string,
  signal?: AbortSignal,
): Promise<Opened> {
  const path = `/${crypto.randomUUID()}`;
  const ended = new AbortController();
  let outcome: Opened = "no browser";
  const end = (how: Opened) => {
    outcome = how;
    ended.abort();
  };
  const server = host.serve(async (request, peer) => {
    const isPage = () => !ended.signal.aborted && new URL(request.url).pathname === path;
    if (!isPage()) return new Response("This URL works only once.\n", { status: 404 });
    const owner = await peerOwner(host, peer);
    if (owner === "unknown") end("unknown user");
    // Another request may have used it meanwhile.
    if (owner !== "this user" || !isPage()) {
      return new Response("This URL is for the user who runs eac.\n", { status: 403 });
    }
    end("opened");
    return new Response(null, {
      status: 303,
      headers: { location: url, "cache-control": "no-store", "referrer-policy": "no-referrer" },
    });
  });
  try {
    await host.launch(opener(host, server.url + path));
    const over = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    await host.sleep(PATIENCE, over);
    return outcome;
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
