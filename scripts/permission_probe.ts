/**
 * The program with a probe: before the first line of output it tries to reach the network and to
 * run a program, and reports the result on stderr. smoke.ts compiles it with the program's own
 * permissions, which proves which permissions a command has dropped by then.
 *
 * @module
 */

import type { Host } from "../lib/host/host.ts";
import { realHost } from "../lib/host/real.ts";
import { leave } from "../lib/host/leaving.ts";
import { run } from "../lib/run.ts";
import { strategies } from "../strategies/mod.ts";

const host = realHost();
let tried = false;
const probed: Host = {
  ...host,
  stdout: {
    ...host.stdout,
    write(text) {
      if (!tried) host.stderr.write(`probe: net ${tryNet()}, run ${tryRun()}\n`);
      tried = true;
      host.stdout.write(text);
    },
  },
};

function tryNet(): string {
  return attempt(() => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close());
}

function tryRun(): string {
  const [shell, ...args] = host.os === "windows" ? ["cmd", "/c", "exit"] : ["sh", "-c", ":"];
  return attempt(() => new Deno.Command(shell!, { args }).outputSync());
}

function attempt(act: () => unknown): string {
  try {
    act();
    return "allowed";
  } catch (error) {
    return error instanceof Deno.errors.NotCapable ? "refused" : String(error);
  }
}

const code = await run(Deno.args, probed, strategies);
leave();
Deno.exit(code);
