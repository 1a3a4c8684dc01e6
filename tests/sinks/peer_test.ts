/** The owner of a loopback connection. */

import { type PeerHost, peerOwner, socketOwners } from "../../lib/sinks/peer.ts";
import type { Peer } from "../../lib/host/host.ts";
import { EacError } from "../../lib/errors.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  " +
  "timeout inode\n";

/** A line of /proc/net/tcp. */
function row(local: string, remote: string, uid: number, inode = 7): string {
  return `   0: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000 ${
    String(uid).padStart(5)
  }        0 ${inode} 1 0000000000000000 20 4 30 10 -1\n`;
}

const V4 = "0100007F";
const MAPPED = "0000000000000000FFFF00000100007F";
const PEER: Peer = { port: 0xc001, serverPort: 0x1f90 };

Deno.test("socketOwners finds the peer's socket, over IPv4 and IPv4-mapped IPv6", () => {
  const table: readonly [name: string, rows: string, owners: number[]][] = [
    ["ours", row(`${V4}:C001`, `${V4}:1F90`, 1000), [1000]],
    ["mapped", row(`${MAPPED}:C001`, `${MAPPED}:1F90`, 1000), [1000]],
    ["root", row(`${V4}:C001`, `${V4}:1F90`, 0), [0]],
    ["the server's end", row(`${V4}:1F90`, `${V4}:C001`, 1000), []],
    ["another connection", row(`${V4}:C002`, `${V4}:1F90`, 1000), []],
    ["another server", row(`${V4}:C001`, `${V4}:1F91`, 1000), []],
    ["a closed socket", row(`${V4}:C001`, `${V4}:1F90`, 0, 0), []],
    [
      "two of the same ports",
      row(`${V4}:C001`, `${V4}:1F90`, 1000) + row("0200007F:C001", `${V4}:1F90`, 1001),
      [1000, 1001],
    ],
    ["half a line", `   0: ${V4}:C001`, []],
    ["nothing", "", []],
  ];
  for (const [name, rows, owners] of table) {
    assertEquals(socketOwners(HEAD + rows, PEER), owners, name);
  }
});

/** A machine whose programs print this. */
function machine(os: PeerHost["os"], stdout: string | undefined, env = {}): PeerHost {
  return {
    os,
    env,
    userId: () => 1000,
    capture() {
      if (stdout === undefined) throw new EacError("exec_failed", "cat: command not found");
      const empty = new Uint8Array();
      return Promise.resolve({
        code: 1,
        stdout: new TextEncoder().encode(stdout),
        stderr: empty,
      });
    },
  };
}

Deno.test("peerOwner trusts only a connection that is provably this user's", async () => {
  const rowOf = (uid: number) => HEAD + row(`${V4}:C001`, `${V4}:1F90`, uid);
  const wsl = { WSL_DISTRO_NAME: "Ubuntu" };
  const darwin = "p42\nf7\nn127.0.0.1:49153->127.0.0.1:8080\n";
  const table: readonly [name: string, PeerHost, owner: string][] = [
    ["own", machine("linux", rowOf(1000)), "this user"],
    ["another's", machine("linux", rowOf(1001)), "another user"],
    ["root", machine("linux", rowOf(0)), "another user"],
    ["root in WSL", machine("linux", rowOf(0), wsl), "this user"],
    ["another's in WSL", machine("linux", rowOf(1001), wsl), "another user"],
    [
      "the user of sudo",
      { ...machine("linux", rowOf(1001), { SUDO_UID: "1001" }), userId: () => 0 },
      "this user",
    ],
    [
      "a variable of sudo alone",
      machine("linux", rowOf(1001), { SUDO_UID: "1001" }),
      "another user",
    ],
    ["not in the table", machine("linux", HEAD), "another user"],
    ["both", machine("linux", rowOf(1000) + row(`${V4}:C001`, `${V4}:1F90`, 5)), "another user"],
    ["no table", machine("linux", ""), "unknown"],
    ["no program that reads it", machine("linux", undefined), "unknown"],
    ["own on macOS", machine("darwin", darwin), "this user"],
    ["another's on macOS", machine("darwin", ""), "another user"],
    [
      "another connection on macOS",
      machine("darwin", darwin.replace("8080", "80")),
      "another user",
    ],
    ["no lsof", machine("darwin", undefined), "unknown"],
    ["no user number", { ...machine("linux", rowOf(1000)), userId: () => undefined }, "unknown"],
    ["Windows", machine("windows", undefined), "this user"],
  ];
  for (const [name, host, owner] of table) assertEquals(await peerOwner(host, PEER), owner, name);
});

Deno.test("serve names the peer, and its owner is this process's user", async () => {
  using host = testHost();
  let peer: Peer | undefined;
  const server = host.serve(async (_, from) => {
    peer = from;
    return new Response(await peerOwner(host, from));
  });
  assertEquals(await (await fetch(server.url)).text(), "this user");
  assertEquals(peer?.serverPort, Number(new URL(server.url).port));
  await server.stop();
});
