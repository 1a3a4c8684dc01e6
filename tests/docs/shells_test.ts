/** The prompt segments of docs/shells.md, in the shells they are for. */

import { assert, assertEquals } from "../support/assert.ts";
import { isInstalled } from "../support/program.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/shells.md", import.meta.url));

/** How a shell starts with its own prompt, and shows the segment in it. */
const SHELLS: Readonly<Record<string, (segment: string) => readonly string[]>> = {
  bash: (segment) => ["--norc", "-c", `PS1='$ '\n${segment}\necho "\${PS1@P}"`],
  zsh: (segment) => ["-f", "-c", `PROMPT='$ '\n${segment}\nprint -rP -- "$PROMPT"`],
  fish: (segment) => [
    "--no-config",
    "-c",
    `function fish_prompt; echo '$ '; end\n${segment}\nfish_prompt`,
  ],
};

for (const [shell, args] of Object.entries(SHELLS)) {
  const installed = isInstalled(shell);
  Deno.test({
    name:
      `docs/shells.md has a prompt segment that shows the profile and its expiration in ${shell}${
        installed ? "" : ` (ignored: ${shell} is not installed)`
      }`,
    ignore: !installed,
    async fn() {
      const segment = new RegExp(`\`\`\`${shell}\n([^]*?)\`\`\``).exec(PAGE)?.[1];
      assert(segment, `docs/shells.md has no block for ${shell}`);
      const shown = async (env: Record<string, string>) => {
        const { stdout, stderr } = await new Deno.Command(shell, {
          args: [...args(segment)],
          env: { EAC_PROFILE: "", ...env, PATH: Deno.env.get("PATH") ?? "" },
          clearEnv: true,
        }).output();
        assertEquals(new TextDecoder().decode(stderr), "");
        return new TextDecoder().decode(stdout).trim();
      };
      const env = { EAC_PROFILE: "prod", AWS_CREDENTIAL_EXPIRATION: "2026-11-23T14:05:00Z" };
      assertEquals(await shown(env), "[prod until 14:05Z] $");
      assertEquals(await shown({}), "$");
    },
  });
}
