/** Programs that suspend themselves, under a shell with job control. */

import { assertEquals } from "../support/assert.ts";
import { isInstalled } from "../support/program.ts";
import { NO_PTY, onTerminal, type Session, word } from "../support/pty.ts";

const why = NO_PTY ?? (isInstalled("bash") ? undefined : "bash is not installed");

/** Types into a shell on a terminal, where `child` stands for a program that replaces eac. */
function inShell(
  args: readonly string[],
  turns: readonly (readonly [wait: string, type: string])[],
): Promise<Session> {
  const module = new URL("../../lib/host/processes.ts", import.meta.url).href;
  const program = { command: args[0], args: args.slice(1) };
  const code = `import { replace } from ${JSON.stringify(module)};
    const env = { ...Deno.env.toObject(), PS1: "inner> " };
    Deno.exit(await replace(${JSON.stringify(program)}, env));`;
  const folder = Deno.makeTempDirSync({ prefix: "eac-suspension-" });
  Deno.writeTextFileSync(`${folder}/child.ts`, code);
  Deno.writeTextFileSync(
    `${folder}/rc`,
    `PS1='outer> '\nchild() { ${word(Deno.execPath())} run -A --quiet ${folder}/child.ts; }\n`,
  );
  return onTerminal(`bash --rcfile ${folder}/rc -i`, turns, {
    HOME: folder,
    PATH: Deno.env.get("PATH") ?? "",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
  }).finally(() => Deno.removeSync(folder, { recursive: true }));
}

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "a shell that is suspended": ["bash", "--norc", "-i"],
  "a program that stops itself alone": ["sh", "-c", "kill -STOP $$; echo resumed; exit 7"],
};

for (const [name, args] of Object.entries(PROGRAMS)) {
  const isShell = args.includes("-i");
  Deno.test({
    name: `replace gives the terminal back for ${name}, and resumes it with fg${
      why === undefined ? "" : ` (ignored: ${why})`
    }`,
    ignore: why !== undefined,
    async fn() {
      const { code } = await inShell(args, [
        ["outer> ", "child\n"],
        ...(isShell ? [["inner> ", "suspend\n"] as const] : []),
        ["Stopped", "echo outer $((40 + 2))\n"],
        ["outer 42", "fg\n"],
        ...(isShell ? [["inner> ", "exit 7\n"] as const] : [["resumed", ""] as const]),
        ["outer> ", "exit $?\n"],
      ]);
      assertEquals(code, 7);
    },
  });
}
