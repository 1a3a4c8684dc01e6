/** lostContent: which changes look like a file that another program is still writing. */

import { assertEquals } from "../support/assert.ts";
import { lostContent } from "../../lib/config/truncation.ts";

const KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
const STORED = `[temp]\n${KEYS}aws_session_token = x\nmanaged_by = eac\neac_source = one\n`;
const SEEN = `# mine\n[work]\n${KEYS}region = eu-west-1\n[alice]\n${KEYS}; the end\n`;

const encode = (text: string) => new TextEncoder().encode(text);

function lost(before: string | undefined, after: string | undefined): boolean {
  return lostContent(
    before === undefined ? undefined : encode(before),
    after === undefined ? undefined : encode(after),
  );
}

Deno.test("a file cut off after any byte has lost content", () => {
  for (let length = 0; length < SEEN.length; length++) {
    assertEquals(lost(SEEN, SEEN.slice(0, length)), true, `after ${length} bytes`);
  }
  assertEquals(lost(SEEN, SEEN), false);
});

Deno.test("an edited file that is cut off after any byte has lost content", () => {
  const edited = SEEN.replace("region = eu-west-1", "region = eu-central-1\noutput = json");
  const comment = edited.indexOf("; the end");
  for (let length = 0; length < comment - 1; length++) {
    // A cut at the end of a line that is new, or behind the last setting, looks like an edit.
    assertEquals(lost(SEEN, edited.slice(0, length)), true, `after ${length} bytes`);
  }
  assertEquals(lost(SEEN, edited), false);
});

Deno.test("truncation is found in files with a BOM, another encoding or other line endings", () => {
  const latin1 = Uint8Array.of(...encode("# "), 0xe9, 0xff, ...encode(`\n[a]\n${KEYS}`));
  for (const seen of [encode(SEEN.replaceAll("\n", "\r\n")), encode(`\ufeff${SEEN}`), latin1]) {
    assertEquals(lostContent(seen, seen.slice(0, seen.length / 2)), true);
    assertEquals(lostContent(seen, seen), false);
  }
});

const CHANGES: readonly [what: string, before: string | undefined, after: string | undefined][] = [
  ["no file before", undefined, SEEN],
  ["no file before and after", undefined, undefined],
  ["an empty file before", "", undefined],
  ["a new section", SEEN, `${SEEN}[new]\n${KEYS}`],
  ["another value of a key", SEEN, SEEN.replaceAll("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE")],
  ["a setting that is gone from a section in the middle", SEEN, SEEN.replace(/region.*\n/, "")],
  ["a comment that is gone from the middle", SEEN, SEEN.replace("# mine\n", "")],
  ["another order of sections", `[a]\nx = 1\n[b]\nx = 1\n`, `[b]\nx = 1\n[a]\nx = 1\n`],
  ["a section of eac that was cleared at the end", SEEN + STORED, SEEN],
  ["a section of eac that was cleared in the middle", `# x\n${STORED}${SEEN}`, `# x\n${SEEN}`],
  ["all sections of eac", STORED, ""],
  ["the file of eac's sections alone", STORED, undefined],
  ["a last line without an end, as it was", SEEN.trimEnd(), SEEN.trimEnd()],
];

for (const [what, before, after] of CHANGES) {
  Deno.test(`an edit is not a truncation: ${what}`, () => assertEquals(lost(before, after), false));
}

const LOSSES: readonly [what: string, before: string, after: string | undefined][] = [
  ["the file", SEEN, undefined],
  ["a section", SEEN, SEEN.replace(/\[work\][^]*(?=\[alice\])/, "")],
  ["an access key of a section in the middle", SEEN, SEEN.replace(/aws_access_key_id.*\n/, "")],
  ["a setting of the last section", `[a]\nregion = x\noutput = y\n`, `[a]\nregion = x\n`],
  ["the base keys, next to a section of eac", SEEN + STORED, STORED],
  ["the syntax", SEEN, "[work\n"],
];

for (const [what, before, after] of LOSSES) {
  Deno.test(`a truncation is found: ${what}`, () => assertEquals(lost(before, after), true));
}
