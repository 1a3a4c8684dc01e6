import { splitArguments } from "../../../lib/credentials/providers/arguments.ts";
import type { Os } from "../../../lib/host/host.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const TABLE: readonly [os: Os, line: string, words: string[]][] = [
  ["linux", `x --a "one two" b`, ["x", "--a", "one two", "b"]],
  ["linux", `x --a 'one two' b`, ["x", "--a", "one two", "b"]],
  ["linux", `x one\\ two`, ["x", "one two"]],
  ["linux", `x $HOME ~/q`, ["x", "$HOME", "~/q"]],
  ["linux", `x a | cat`, ["x", "a", "|", "cat"]],
  ["linux", `x a && true`, ["x", "a", "&&", "true"]],
  ["linux", `x C:\\new\\tab`, ["x", "C:newtab"]],
  ["linux", `"/a b/x" q`, ["/a b/x", "q"]],
  ["linux", `x a # comment`, ["x", "a", "#", "comment"]],
  ["linux", `x "" '' a""b`, ["x", "", "", "ab"]],
  ["linux", `x "a\\"b\\\\c\\d" 'a\\b'`, ["x", `a"b\\c\\d`, "a\\b"]],
  ["linux", `x "it's" 'say "so"'`, ["x", "it's", 'say "so"']],
  ["linux", `x "a\\'b" 'a'"b"c`, ["x", "a\\'b", "abc"]],
  ["darwin", "\t x\r\n  y ", ["x", "y"]],
  ["linux", "", []],
  ["windows", `C:\\Tools\\x.exe a\\b "c d"`, ["C:\\Tools\\x.exe", "a\\b", "c d"]],
  ["windows", `"C:\\Program Files\\x.exe" q`, ["C:\\Program Files\\x.exe", "q"]],
  ["windows", `x a\\\\"b c" d\\"e`, ["x", "a\\b c", 'd"e']],
  ["windows", `x 'one two' ""`, ["x", "'one", "two'", ""]],
  ["windows", `x "a b"c\\`, ["x", "a bc\\"]],
];

Deno.test("splitArguments splits a command line as the AWS CLI does", async (t) => {
  for (const [os, line, words] of TABLE) {
    await t.step(`${os}: ${line}`, () => assertEquals(splitArguments(line, os), words));
  }
});

Deno.test("splitArguments refuses an unclosed quote and a trailing backslash", () => {
  for (const line of [`x "a`, `x 'a`, `x a\\`, `x "a\\`]) {
    assertThrows(() => splitArguments(line, "linux"), SyntaxError);
  }
  assertThrows(() => splitArguments(`x "a`, "windows"), SyntaxError);
});
