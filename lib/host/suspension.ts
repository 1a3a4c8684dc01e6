/**
 * A child that stops itself, as a shell does at `suspend`: this process stops with it and resumes it, as
 * sudo and su do. Otherwise the terminal would belong to a process that only waits.
 *
 * @module
 */

import { listen } from "./signals.ts";
import { after } from "./timer.ts";

/**
 * Milliseconds until a stopped child is checked. At Ctrl-Z the whole process group stops, this
 * process included; when the shell resumes the group, both run again by then.
 */
const SETTLE = 50;

/**
 * Suspends this process whenever the child is suspended, until the returned function is called.
 * Call this before the child starts: it may suspend itself immediately.
 */
export function stopWith(childOf: () => Deno.ChildProcess | undefined): () => void {
  let cancel: (() => void) | undefined; // while a check is planned
  let ended = false;
  const check = async () => {
    const child = childOf();
    if (child !== undefined && await isStopped(child.pid) && !ended) {
      Deno.kill(Deno.pid, "SIGSTOP");
      // A shell has now resumed this process.
      child.kill("SIGCONT");
    }
    // The exit of ps also causes a SIGCHLD, which must not start it again.
    if (!ended) cancel = after(SETTLE, () => (cancel = undefined));
  };
  const remove = listen("SIGCHLD", () => cancel ??= after(SETTLE, () => void check()));
  return () => {
    ended = true;
    cancel?.();
    remove();
  };
}

/** Deno does not report stopped children, and may not read /proc in the executable. */
async function isStopped(pid: number): Promise<boolean> {
  try {
    const ps = new Deno.Command("ps", {
      args: ["-o", "stat=", "-p", String(pid)],
      stdin: "null",
      stderr: "null",
    });
    return new TextDecoder().decode((await ps.output()).stdout).trimStart().startsWith("T");
  } catch {
    return false; // there is no ps
  }
}
