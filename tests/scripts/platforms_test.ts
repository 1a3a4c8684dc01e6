/** `deno task platforms`: its page, and what its checks of a macOS executable find. */

import { cachedBaseBinary } from "../../scripts/base_binary.ts";
import { compileLine } from "../../scripts/compile.ts";
import { TARGETS } from "../../scripts/denort.ts";
import { checkExecutable, withoutProgram } from "../../scripts/macho.ts";
import { pageWith, row, tableOf } from "../../scripts/platforms.ts";
import { judged, resultOf, suiteLines } from "../../scripts/platforms/suite.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const PAGE = new URL("../../docs/platforms.md", import.meta.url);

Deno.test("docs/platforms.md has a row for every target, and no check in it has failed", () => {
  const page = Deno.readTextFileSync(PAGE);
  for (const { triple } of TARGETS) assertStringIncludes(page, `| \`${triple}\` `);
  assert(!page.includes("FAILED"));
});

Deno.test("platforms --write replaces its part of the page, and nothing else", () => {
  const page = "# P\n\n<!-- suite -->\n\nold\n\n<!-- /suite -->\n\nmore\n";
  const replaced = pageWith(page, "suite", "| new |");
  assertEquals(replaced, page.replace("old", "| new |"));
  assertEquals(pageWith(replaced, "suite", "old"), page);
  assertThrows(() => pageWith(page, "platforms", ""), Error, "platforms");
});

Deno.test("platforms --write keeps the rows of systems that were not tried, and says which never were", () => {
  const [linux, arm] = TARGETS.map(({ triple }) => triple) as [string, string];
  const tried = (triple: string, date: string) =>
    `| \`${triple}\` | 1 MB |  |  |  |  |  | ${date} |`;
  const first = tableOf(new Map([[linux, tried(linux, "2026-01-01")]]), "");
  assertEquals(first.split("\n").length, TARGETS.length + 2);
  assertStringIncludes(first, `| \`${arm}\` | not run |`);
  const both = tableOf(new Map([[arm, tried(arm, "2026-02-02")]]), first);
  assertStringIncludes(both, tried(linux, "2026-01-01"));
  assertStringIncludes(both, tried(arm, "2026-02-02"));
  const again = tableOf(new Map([[linux, tried(linux, "2026-03-03")]]), both);
  assert(!again.includes("2026-01-01"));
  assertStringIncludes(again, "2026-02-02");
});

Deno.test("platforms says not run of a check that a run left out, and nothing of one that does not concern a system", () => {
  const found = new Map([["compiles", "91 MB"], ["16 at once", "3 calls"]]);
  assertStringIncludes(
    row("aarch64-unknown-linux-gnu", found),
    "| 91 MB | not run | 3 calls |  |  |  | ",
  );
  const none = new Map([["compiles", "skipped: no base binary"]]);
  assert(!row("x86_64-pc-windows-msvc", none).includes("not run"));
});

const OUTPUT = `running 3 tests from ./tests/a_test.ts
ends ... ok (1s)
breaks ... FAILED (1s)
stops (ignored on Windows: no signals) ... ignored (0ms)
running 2 tests from ./tests/b_test.ts
steps ...
  one ... FAILED (1s)
steps ... FAILED (due to 1 failed step) (1s)
waits ... ignored (0ms)

 FAILURES 

breaks => ./tests/a_test.ts:7:6
steps ... one => ./tests/b_test.ts:9:8

FAILED | 549 passed (362 steps) | 2 failed (1 step) | 105 ignored (5m51s)
`.replaceAll("\n", "\r\n");

Deno.test("platforms --only suite reads what deno test reports on Windows: failures and ignored tests by name", () => {
  assertEquals(resultOf(OUTPUT), {
    passed: 549,
    ignored: [
      "tests/a_test.ts: stops (ignored on Windows: no signals)",
      "tests/b_test.ts: waits",
    ],
    failed: ["tests/a_test.ts: breaks", "tests/b_test.ts: steps ... one"],
  });
  assertEquals(resultOf("ok | 3 passed | 0 failed (4s)\n"), { passed: 3, ignored: [], failed: [] });
  assertEquals(resultOf(OUTPUT.slice(0, 60)), undefined);
});

Deno.test("on Windows a failure needs a cause in wine, and an ignored test a reason in its name", () => {
  const caused = "tests/scripts/bundle_test.ts: one chunk";
  const suite = judged({
    passed: 9,
    failed: [caused, "tests/a_test.ts: breaks"],
    ignored: [
      "tests/a_test.ts: stops (ignored on Windows: no signals)",
      "tests/a_test.ts: waits (in vain)",
    ],
  });
  assertEquals(suite.explained.map(([test]) => test), [caused]);
  assertEquals(suite.unexplained, [
    "tests/a_test.ts: breaks",
    "tests/a_test.ts: waits (in vain): it is ignored without a reason in its name",
  ]);
});

Deno.test("a test that stalls or fails on Windows without a known cause fails the suite", () => {
  const ignored = [
    "a (ignored on Windows: no signals)",
    "b (skipped: no fish)",
    "c (ignored: no fish)",
  ];
  const lines = suiteLines({
    passed: 9,
    ignored,
    explained: [["tests/a_test.ts: breaks", "wine has no junctions"]],
    unexplained: ["tests/c_test.ts: it did not end"],
  }, "wine-10.0");
  assertStringIncludes(lines, "wine-10.0: 9 passed, 2 failed, 3 ignored.");
  assertStringIncludes(lines, "Ignored: 2 (no fish), 1 (no signals).");
  assertStringIncludes(lines, "tests/a_test.ts: breaks: wine has no junctions");
  assertStringIncludes(lines, "tests/c_test.ts: it did not end: FAILED");
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
