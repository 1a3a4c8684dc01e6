/** Stopping a strategy also stops what it started. */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { eac, obtainModule, script, strategyHost } from "../support/own_strategies.ts";
import { posixShellTest } from "../support/posix.ts";

const BOX = "[profile p]\nbox = blue\n";

/** True if the process with this ID runs. */
function isRunning(pid: string | undefined): boolean {
  const { stdout } = new Deno.Command("/bin/ps", { args: ["-A", "-o", "pid=,stat="] }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").some((line) => {
    const [id, state = ""] = line.trim().split(/\s+/);
    return id === pid?.trim() && !state.startsWith("Z"); // a zombie has ended
  });
}

/** Each notes the process ID of what it started in the file "child". */
const STARTING = {
  "a program": { box: script({ timeout: 1 }, 'sleep 300 & echo $! > "$HOME/child"; wait') },
  "a program of a program": {
    box: script(
      { timeout: 1 },
      `sh -c 'sh -c "echo \\$\\$ > \\"\\$HOME/child\\"; while :; do sleep 1; done"; :'`,
    ),
  },
  "a program that ignores SIGTERM": {
    box: script(
      { timeout: 1 },
      `sh -c 'trap "" TERM; echo $$ > "$HOME/child"; while :; do sleep 1; done' & wait`,
    ),
  },
  "a module's program": {
    "box.js": obtainModule(
      `const { spawn } = await import("node:child_process");
       const { writeFileSync } = await import("node:fs");
       const { pid } = spawn("sleep", ["300"]);
       writeFileSync(process.env.HOME + "/child", String(pid));
       await new Promise(() => {});`,
      'timeout: 1, wants: ["run", "files"],',
    ),
  },
};

for (const [what, files] of Object.entries(STARTING)) {
  posixShellTest(`${what} is stopped with the strategy at its time limit`, async () => {
    using host = strategyHost(files as Record<string, string>, BOX);
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 8, stderr);
    assert(host.text("child") !== undefined);
    assert(!isRunning(host.text("child")));
  });
}

posixShellTest(
  "programs that a strategy started are stopped with it when eac gets SIGTERM",
  async () => {
    const obtain = 'sleep 300 & echo $! > "$HOME/child"; echo started >&2; wait';
    using host = strategyHost({ box: script({}, obtain) }, BOX);
    const at = {
      ...host,
      stdout: { isTerminal: false, write() {} },
      stderr: {
        isTerminal: false,
        write: (text: string) => void (text.includes("started") && host.signal("SIGTERM")),
      },
    };
    assertEquals(await run(["process", "p"], at, strategies), 143);
    assert(!isRunning(host.text("child")));
  },
);
