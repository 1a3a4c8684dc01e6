/**
 * Finds the user at the other end of a loopback connection, from the system's socket table.
 *
 * @module
 */

import { EacError } from "../errors.ts";
import type { Host, Peer } from "../host/host.ts";

/** The parts of the Host that the lookup uses. */
export type PeerHost = Pick<Host, "capture" | "os" | "env" | "userId">;

/** The owner of a peer; `unknown` if the system's table cannot be read. */
export type PeerOwner = "this user" | "another user" | "unknown";

/** Limits for reading the table, in milliseconds and bytes: busy servers have long ones. */
const LIMITS = { timeout: 5000, limit: 16 * 1024 * 1024 };

/**
 * Finds the owner of the program that has connected to eac's server.
 *
 * On Windows only an administrator can read another user's command lines, so no other user knows
 * the URL. In WSL the browser runs on Windows, and its connections are root's. Under sudo the
 * browser is that of the user who ran sudo.
 */
export async function peerOwner(host: PeerHost, peer: Peer): Promise<PeerOwner> {
  if (host.os === "windows") return "this user";
  const userId = host.userId();
  if (userId === undefined) return "unknown";
  const owners = host.os === "linux"
    ? await linuxOwners(host, peer)
    : await darwinOwners(host, peer, userId);
  if (owners === undefined) return "unknown";
  const { WSL_DISTRO_NAME, SUDO_UID } = host.env;
  const allowed = [userId];
  if (WSL_DISTRO_NAME) allowed.push(0);
  if (userId === 0 && SUDO_UID && /^\d+$/.test(SUDO_UID)) allowed.push(Number(SUDO_UID));
  return owners.length > 0 && owners.every((owner) => allowed.includes(owner))
    ? "this user"
    : "another user";
}

/**
 * The owners from Linux's socket tables. (A compiled Deno program may not read /proc itself.) The
 * second table has the connections that an IPv6 socket makes to an IPv4 address.
 */
async function linuxOwners(host: PeerHost, peer: Peer): Promise<number[] | undefined> {
  const args = ["/proc/net/tcp", "/proc/net/tcp6"];
  const table = await output(host, "cat", args);
  // Without IPv6 there is no second table, and cat fails; without the first table the owner is
  // unknown.
  return table?.includes("local_address") ? socketOwners(table, peer) : undefined;
}

/**
 * The owners of the sockets from the peer's port to the server's, in the format of /proc/net/tcp. A
 * socket that no process has open any more does not count: its owner is shown as root.
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

/** On macOS lsof lists only the sockets of the user's own programs. */
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

/** The output of a program, whatever its exit code; `undefined` if it cannot be run. */
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
