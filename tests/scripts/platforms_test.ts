/** `deno task platforms`: its page, and what its checks of a macOS executable find. */

import { cachedBaseBinary } from "../../scripts/base_binary.ts";
import { compileLine } from "../../scripts/compile.ts";
import { TARGETS } from "../../scripts/denort.ts";
import { checkExecutable, withoutProgram } from "../../scripts/macho.ts";
import { pageWith } from "../../scripts/platforms.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const PAGE = new URL("../../docs/platforms.md", import.meta.url);

Deno.test("docs/platforms.md has a row for every target, and no check in it has failed", () => {
  const page = Deno.readTextFileSync(PAGE);
  for (const { triple } of TARGETS) assertStringIncludes(page, `| \`${triple}\` `);
  assert(!page.includes("FAILED"));
});

Deno.test("platforms --write replaces the table in the page, and nothing else", () => {
  const page = "# P\n\n<!-- platforms -->\n\nold\n\n<!-- /platforms -->\n\nmore\n";
  const replaced = pageWith(page, "| new |");
  assertEquals(replaced, page.replace("old", "| new |"));
  assertEquals(pageWith(replaced, "old"), page);
});

for (const target of TARGETS.filter(({ os }) => os === "macos")) {
  const isThere = cachedBaseBinary(target.triple) !== undefined;
  Deno.test({
    name:
      `platforms finds a changed page and a lost program in an executable for ${target.triple}` +
      (isThere ? "" : " (ignored: no base binary)"),
    ignore: !isThere,
    async fn() {
      const folder = Deno.makeTempDirSync();
      try {
        compileLine("console.log(1);", `${folder}/line`, target);
        const bytes = Deno.readFileSync(`${folder}/line`);
        assertEquals((await checkExecutable(bytes)).problems, []);
        const lost = await checkExecutable(withoutProgram(bytes));
        assertStringIncludes(lost.problems.join(), "it holds no program");
        if (target.arch !== "aarch64") return;
        const at = bytes.length >> 1;
        bytes[at] = bytes[at]! ^ 1;
        assertEquals((await checkExecutable(bytes)).problems, ["the digests of 1 pages are wrong"]);
        assertEquals((await checkExecutable(bytes.slice(0, -1))).problems.length > 1, true);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
