/**
 * Stops a program and everything that it started. The program stays in eac's process group, because it may
 * prompt on the terminal. So eac cannot signal a group, and looks up the descendants.
 *
 * @module
 */

import { GRACE, send } from "./processes.ts";
import { after, sleep } from "./timer.ts";

/** A process of the system. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  /** With the start time, a reused ID is another process. */
  readonly started: string;
}

/** Milliseconds between two checks for remaining processes. */
const INTERVAL = 100;

/** Milliseconds for one check: if `ps` hangs, the program must still be stopped. */
const LOOK = 1000;

/**
 * Sends SIGTERM to a child and its descendants, and SIGKILL to those that are left two seconds later. A
 * daemon that has detached from its parent is not found.
 *
 * @returns when all of them have exited
 */
export async function endTree(child: Deno.ChildProcess): Promise<void> {
  if (Deno.build.os === "windows") {
    await output("taskkill", ["/T", "/F", "/PID", String(child.pid)]);
    send(child, "SIGTERM"); // without taskkill at least the child
    return;
  }
  const below = descendantsOf(child.pid, await processes());
  send(child, "SIGTERM");
  for (const { pid } of below) signal(pid, "SIGTERM");
  const cancelForce = after(GRACE, () => send(child, "SIGKILL"));
  const ended = child.status.finally(cancelForce);
  let left = below;
  for (let waited = 0; left.length > 0 && waited < GRACE; waited += INTERVAL) {
    await sleep(INTERVAL);
    left = stillRunning(left, await processes());
  }
  for (const { pid } of left) signal(pid, "SIGKILL");
  await ended;
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch {
    // It has already exited.
  }
}

/** All processes; none where the system does not report them. */
async function processes(): Promise<readonly Process[]> {
  const columns = ["-A", "-o", "pid=,ppid=,lstart="];
  const text = await output("/bin/ps", columns) || await output("ps", columns);
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, started = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), started }];
  });
}

function descendantsOf(pid: number, all: readonly Process[]): readonly Process[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, all)]);
}

function stillRunning(some: readonly Process[], all: readonly Process[]): readonly Process[] {
  return some.filter(({ pid, started }) =>
    all.some((other) => other.pid === pid && other.started === started)
  );
}

async function output(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stderr: "null",
      signal: AbortSignal.timeout(LOOK),
    }).output();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}
