/** The line of each CI system in docs/ci.md, run with the variables and files that the system gives. */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { CI_SYSTEMS, jobEnv } from "../support/ci.ts";
import { testHost } from "../support/fakes.ts";
import { posixShellTest } from "../support/posix.ts";
import { installEac } from "../support/program.ts";
import { WORLD } from "../support/world.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/ci.md", import.meta.url));
const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** What the page says of each system, by its name. */
const ITEMS = new Map(
  [...PAGE.matchAll(/^- \*\*(.+?)\*\*:\s+`(.+?)`/gms)].map(([, name, line]) => [name!, line!]),
);

Deno.test("docs/ci.md has a line for each CI system, and no other", () => {
  assertEquals([...ITEMS.keys()], CI_SYSTEMS.map(({ name }) => name));
});

for (const system of CI_SYSTEMS) {
  posixShellTest(
    `the line of docs/ci.md for ${system.name} runs with keys in variables alone`,
    async () => {
      const line = /eac exec .*deploy\.sh/.exec(ITEMS.get(system.name)!)![0];
      using host = testHost();
      const emulator = startEmulator(host, {
        users: WORLD.users,
        roles: [{ arn: "arn:aws:iam::123456789012:role/Deploy", trust: { principals: ["*"] } }],
      }, { clockOffset: Date.now() - host.time });
      const job = host.path("job");
      Deno.mkdirSync(job);
      Deno.writeTextFileSync(`${job}/deploy.sh`, "#!/bin/sh\nenv | grep ^AWS_\n", { mode: 0o700 });
      for (const file of system.files ?? []) host.write(file, "");
      const { CI: _, ...shell } = installEac(host);
      try {
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: ["-c", line],
          cwd: job,
          clearEnv: true,
          env: {
            ...shell,
            ...KEYS,
            ...jobEnv(system, host.home),
            AWS_ENDPOINT_URL_STS: emulator.url,
          },
          stdin: "null",
        }).output();
        const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
        assertEquals(code, 0, err);
        const got = Object.fromEntries(out!.trim().split("\n").map((one) => one.split(/=(.*)/s)));
        assertMatch(got.AWS_ACCESS_KEY_ID, /^ASIA/);
        assert(!out!.includes(KEYS.AWS_SECRET_ACCESS_KEY), "the user's key went to the command");
        const masks = [...err!.matchAll(/^::add-mask::(.*)$/gm)].map(([, value]) => value);
        const secrets = [got.AWS_ACCESS_KEY_ID, got.AWS_SECRET_ACCESS_KEY, got.AWS_SESSION_TOKEN];
        assertEquals(masks, system.masks ? secrets : []);
        if (!system.masks) assertEquals(err, "");
        assertEquals(emulator.calls.map(({ action }) => action), ["AssumeRole"]);
        for (const file of system.files ?? []) assertEquals(host.text(file), "");
      } finally {
        await emulator.stop();
      }
    },
  );
}
