import { fromFileUrl } from "../support/fakes.ts";
import { assert, assertMatch } from "../support/assert.ts";
import { posixTest } from "../support/posix.ts";

posixTest(
  "no signals",
  "many processes with faults and kills between them lose nothing (deno task soak, shortly)",
  async () => {
    const script = fromFileUrl(new URL("../../scripts/soak.ts", import.meta.url));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, "--for", "3s", "--processes", "6"],
      stdin: "null",
    }).output();
    const report = new TextDecoder().decode(stdout);
    assert(success, report + new TextDecoder().decode(stderr));
    assertMatch(report, /operations +\d+: \d+ done, /);
    assertMatch(report, / 0 torn, 0 lost\ndefects +0\n$/);
  },
);
