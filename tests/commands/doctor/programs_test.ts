/** What doctor finds out about the system that eac runs on. */

import { checkCoreDumps } from "../../../lib/commands/doctor/programs.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";

Deno.test("doctor notes on Linux that a crash would write secrets to disk, and how to prevent it", () => {
  const limits = (soft: string) =>
    "Limit                     Soft Limit           Hard Limit           Units\n" +
    `Max core file size        ${soft.padEnd(20)} unlimited            bytes\n`;
  const found = (os: "linux" | "darwin", text: string | undefined) =>
    checkCoreDumps({
      os,
      readFile: () => text === undefined ? text : new TextEncoder().encode(text),
    });
  for (const soft of ["unlimited", "1024"]) {
    const [finding] = found("linux", limits(soft));
    assertEquals([finding?.level, finding?.code], ["note", "core_dumps"]);
    assertStringIncludes(finding?.fix ?? "", "ulimit -c 0");
  }
  assertEquals(found("linux", limits("0")), []);
  assertEquals(found("linux", undefined), []);
  assertEquals(found("linux", "Max open files 1024\n"), []);
  assertEquals(found("darwin", limits("unlimited")), []);
});
