/**
 * The user whose program is at the other end of a connection on loopback, by the system's own table.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host, Peer } from "../host/host.ts";

/** The pieces of the Host that the look-up needs. */
export type PeerHost = Pick<Host, "capture" | "os" | "env" | "userId">;

/** Whose a peer is; `unknown` where the system's table cannot be read. */
export type PeerOwner = "this user" | "another user" | "unknown";

/** Milliseconds for the program that reads the table, and bytes of it: busy servers have long ones. */
const LIMITS = { timeout: 5000, limit: 16 * 1024 * 1024 };

/**
 * Whose program has connected to one of our servers.
 *
 * On Windows nobody but an administrator can read another user's command lines, so whoever knows the
 * URL was given it. In WSL the browser runs on Windows, and its connections are made by root. Under
 * sudo the browser is the one of the user who ran sudo.
 */
export async function peerOwner(host: PeerHost, peer: Peer): Promise<PeerOwner> {
  if (host.os === "windows") return "this user";
  const own = host.userId();
  if (own === undefined) return "unknown";
  const owners = host.os === "linux"
    ? await linuxOwners(host, peer)
    : await darwinOwners(host, peer, own);
  if (owners === undefined) return "unknown";
  const { WSL_DISTRO_NAME, SUDO_UID } = host.env;
  const allowed = [own];
  if (WSL_DISTRO_NAME) allowed.push(0);
  if (own === 0 && SUDO_UID && /^\d+$/.test(SUDO_UID)) allowed.push(Number(SUDO_UID));
  return owners.length > 0 && owners.every((owner) => allowed.includes(owner))
    ? "this user"
    : "another user";
}

/**
 * The owners by Linux's tables of sockets. (A compiled Deno program may not read /proc itself.) The
 * second table has the connections that an IPv6 socket makes to an IPv4 address.
 */
async function linuxOwners(host: PeerHost, peer: Peer): Promise<number[] | undefined> {
  const args = ["/proc/net/tcp", "/proc/net/tcp6"];
  const table = await output(host, "cat", args);
  // Without IPv6 there is no second table, and cat fails; without the first one nothing is known.
  return table?.includes("local_address") ? socketOwners(table, peer) : undefined;
}

/**
 * The owners of the sockets that lead from the peer's port to the server's, in the format of
 * /proc/net/tcp. A socket that no process has open any more does not count: its owner shows as root.
 */
export function socketOwners(table: string, { port, serverPort }: Peer): number[] {
  const owners: number[] = [];
  for (const line of table.split("\n")) {
    const [, local, remote, , , , , uid, , inode] = line.trim().split(/\s+/);
    if (portOf(local) !== port || portOf(remote) !== serverPort || inode === "0") continue;
    owners.push(Number(uid));
  }
  return owners;
}

/** The port of `0100007F:1F90`. */
function portOf(address: string | undefined): number {
  return parseInt(/:([0-9A-F]{4})$/i.exec(address ?? "")?.[1] ?? "", 16);
}

/** On macOS lsof shows a user their own programs' sockets alone: another's is not listed. */
async function darwinOwners(
  host: PeerHost,
  { port, serverPort }: Peer,
  own: number,
): Promise<number[] | undefined> {
  const args = ["-nP", "-a", "-u", String(own), `-iTCP:${port}`, "-sTCP:ESTABLISHED", "-Fn"];
  const list = await output(host, "/usr/sbin/lsof", args);
  if (list === undefined) return undefined;
  const name = new RegExp(`^n.*:${port}->.*:${serverPort}$`, "m");
  return name.test(list) ? [own] : [];
}

/** What a program prints, whatever its exit code; `undefined` where it cannot be run. */
async function output(
  { capture }: PeerHost,
  command: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const { stdout, killed } = await capture({ command, args, ...LIMITS });
    return killed === undefined ? new TextDecoder().decode(stdout) : undefined;
  } catch (thrown) {
    if (thrown instanceof EacError) return undefined;
    throw thrown;
  }
}
