/** Which files of a folder are strategies. */

import { EacError } from "../../lib/errors.ts";
import type { FileInfo, Os } from "../../lib/host/host.ts";
import { strategyFile } from "../../lib/plugins/strategy_file.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

interface Given {
  readonly os?: Os;
  readonly mode?: number;
  readonly kind?: FileInfo["kind"];
  readonly text?: string;
}

/** The kind of a file in the folder of strategies. */
function kindOf(name: string, given: Given = {}): string | undefined {
  const { os = "linux", mode = 0o600, kind = "file", text = "" } = given;
  const info = { kind, size: 1, mtime: 0, mode, uid: 0, gid: 0, readOnly: false };
  const host = { os, stat: () => info, readFile: () => new TextEncoder().encode(text) };
  return strategyFile(host, os === "windows" ? `C:\\s\\${name}` : `/s/${name}`)?.kind;
}

Deno.test("modules are strategies by their ending, programs by their mode", () => {
  for (const name of ["a.ts", "a.js", "a.mjs"]) assertEquals(kindOf(name), "module", name);
  for (const name of ["a", "a.sh", "a.py"]) {
    assertEquals(kindOf(name, { mode: 0o700 }), "executable", name);
  }
  assertEquals(kindOf("a.js", { mode: 0o700 }), "module");
});

Deno.test("on Windows programs are strategies by their ending", () => {
  for (const name of ["a.exe", "a.COM", "a.bat", "a.cmd"]) {
    assertEquals(kindOf(name, { os: "windows" }), "executable", name);
  }
  for (const name of ["a", "a.sh"]) {
    assertEquals(kindOf(name, { os: "windows", mode: 0o700, text: "#!/bin/sh" }), undefined, name);
  }
});

Deno.test("other files next to strategies are not strategies, executable or not", () => {
  const names = ["a.d.ts", "a.test.json", "README.md", "a.js~", ".a.js", "_a.js", "a.bak", "a.SWP"];
  for (const name of names) assertEquals(kindOf(name, { mode: 0o700 }), undefined, name);
  assertEquals(kindOf("a.js", { kind: "folder" }), undefined);
});

Deno.test("a script that is not executable is refused, other text is ignored", () => {
  const error = assertThrows(() => kindOf("a", { text: "#!/bin/sh\n" }), EacError);
  assertEquals(error.code, "strategy_failed");
  assertStringIncludes(error.hint ?? "", "chmod u+x /s/a");
  for (const text of ["", "#", "# notes", "!important", "x!"]) {
    assertEquals(kindOf("a", { text }), undefined, text);
  }
});
