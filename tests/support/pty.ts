/**
 * A program on a real pseudo-terminal, through `script` of util-linux, and a user who waits for
 * a text before typing.
 *
 * @module
 */

/** Why tests on a pseudo-terminal cannot run here; `undefined` where they can. */
export const NO_PTY: string | undefined = (() => {
  try {
    const { stdout } = new Deno.Command("script", { args: ["--version"] }).outputSync();
    if (new TextDecoder().decode(stdout).includes("util-linux")) return undefined;
  } catch {
    // not installed
  }
  return "`script` of util-linux is not installed";
})();

/** The result of a program on a terminal. */
export interface Session {
  readonly code: number;
  /** Everything that the terminal showed, including control sequences. */
  readonly screen: string;
  /** What it had shown before each turn. */
  readonly shots: readonly string[];
}

/**
 * Runs a shell command on a pseudo-terminal. Each turn waits until the screen shows a text that
 * was not there at the turn before, then types.
 *
 * @param turns What to wait for, and what to type, or to do, then.
 */
export async function onTerminal(
  command: string,
  turns: readonly (readonly [wait: string, type: string | (() => unknown)])[],
  env: Readonly<Record<string, string>> = {},
): Promise<Session> {
  const child = new Deno.Command("script", {
    args: ["-qec", command, "/dev/null"],
    // CI may run the tests, but this terminal has an interactive user.
    env: { TERM: "xterm-256color", SHELL: "/bin/sh", NO_COLOR: "1", CI: "", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // A program with an unexpected prompt must not hang the tests.
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const keyboard = child.stdin.getWriter();
  const decoder = new TextDecoder();
  let screen = "";
  let seen = 0;
  let turn = 0;
  const shots: string[] = [];
  for await (const bytes of child.stdout) {
    screen += decoder.decode(bytes, { stream: true });
    for (let next = turns[turn]; next !== undefined; next = turns[turn]) {
      const at = screen.indexOf(next[0], seen);
      if (at < 0) break;
      seen = at + next[0].length;
      turn++;
      shots.push(screen);
      if (typeof next[1] === "function") await next[1]();
      else await keyboard.write(new TextEncoder().encode(next[1]));
    }
  }
  const { code } = await child.status;
  clearTimeout(timer);
  await keyboard.close().catch(() => {});
  if (turn < turns.length) {
    throw new Error(`the terminal never showed ${JSON.stringify(turns[turn]?.[0])}: ${screen}`);
  }
  return { code, screen, shots };
}

/** A text as one word of a shell. */
export { shellQuoted as word } from "../../lib/text/printable.ts";
