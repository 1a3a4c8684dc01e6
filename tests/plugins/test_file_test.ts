/** The tests of a strategy's author: what a test file may contain. */

import { readTests } from "../../lib/plugins/check/test_file.ts";
import { InvalidField } from "../../lib/plugins/validate.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";

const TEST = { name: "works", profile: { box: "blue" } };
const read = (more: object) => readTests(JSON.stringify([{ ...TEST, ...more }]));

Deno.test("a test needs a name and a profile, and may have every other field", () => {
  const { name, profile, ...others } = read({})[0]!;
  assertEquals([name, profile], ["works", { box: "blue" }]);
  assertEquals(Object.values(others).filter((value) => value !== undefined), []);
  const all = {
    profiles: { hub: { region: "eu-west-3" }, "a.b-c_d": {} },
    strategies: ["other.js"],
    env: { BOX_URL: "", _x1: "y" },
    files: { "a/b.txt": "text", ".hidden": "" },
    saml: ["a"],
    calls: ["AssumeRole"],
    fails: "no such box",
    answers: ["123456"],
    terminal: false,
    programs: { "oath-tool": "#!/bin/sh" },
  };
  const found: unknown = read(all)[0];
  assertEquals(found, { ...TEST, ...all, serve: undefined });
});

/** Tests that are refused, and what the problem names. */
const REFUSED: readonly (readonly [more: object, named: string])[] = [
  [{ name: "" }, '"name"'],
  [{ profile: undefined }, '"profile" of "works"'],
  [{ profile: { box: 5 } }, "box in"],
  [{ extra: 1 }, '"extra"'],
  [{ profiles: { test: {} } }, '"test"'],
  [{ profiles: { user: {} } }, '"user"'],
  [{ profiles: { "a b": {} } }, '"a b"'],
  [{ profiles: { "a/b": {} } }, '"a/b"'],
  [{ profiles: { hub: { region: 5 } } }, "region in hub"],
  [{ strategies: ["../other.js"] }, '"../other.js"'],
  [{ strategies: ["a\\b.js"] }, '"a\\\\b.js"'],
  [{ env: { "A-B": "x" } }, '"A-B"'],
  [{ env: { A: 5 } }, '"A"'],
  [{ files: { "/etc/passwd": "x" } }, '"/etc/passwd"'],
  [{ files: { "../x": "x" } }, '"../x"'],
  [{ files: { "a/../../x": "x" } }, '"a/../../x"'],
  [{ files: { "C:x": "x" } }, '"C:x"'],
  [{ programs: { "bin/x": "x" } }, '"bin/x"'],
  [{ terminal: "no" }, '"terminal"'],
  [{ calls: "AssumeRole" }, '"calls"'],
  [{ serve: { "GET /": { body: "x" } } }, '"body"'],
];

for (const [more, named] of REFUSED) {
  Deno.test(`a test with ${JSON.stringify(more)} is refused, and the problem names it`, () => {
    assertStringIncludes(assertThrows(() => read(more), InvalidField).message, named);
  });
}

Deno.test("a test file that is not a list of tests is refused", () => {
  for (const text of ["", "{", "{}", "null", "5", "[5]", "[[]]"]) {
    assertThrows(() => readTests(text), InvalidField);
  }
});
