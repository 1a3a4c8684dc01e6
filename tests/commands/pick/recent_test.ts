/** The recently used profiles for the picker, and the picker's order and columns. */

import { noteRecent, readRecent } from "../../../lib/commands/pick/recent.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { PRIVATE_FILE } from "../../support/posix.ts";

/** The same machine with a user at its terminal. */
function attended(host: TestHost): TestHost {
  return { ...host, stderr: { ...host.stderr, isTerminal: true }, now: () => host.time };
}

Deno.test("noteRecent stores the last twenty profiles, each once, in a private file", () => {
  using host = testHost();
  const here = attended(host);
  assertEquals(readRecent(here), []);
  noteRecent(here, ["a"]);
  noteRecent(here, ["b", "c"]);
  noteRecent(here, ["a"]);
  assertEquals(readRecent(here), ["a", "b", "c"]);
  assertEquals(host.stat(host.path(".aws/eac/recent.json"))?.mode, PRIVATE_FILE);
  for (let index = 0; index < 30; index++) noteRecent(here, [`p${index}`]);
  assertEquals(readRecent(here).length, 20);
  assertEquals(readRecent(here)[0], "p29");
});

Deno.test("noteRecent ignores scripts, and repairs a damaged file", () => {
  using host = testHost({ home: { ".aws/eac/recent.json": "{" } });
  noteRecent(host, ["a"]);
  assertEquals(host.text(".aws/eac/recent.json"), "{");
  noteRecent(attended(host), ["a"]);
  assertEquals(readRecent(host), ["a"]);
});

const KEYS = "aws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n";

Deno.test("eac env and exec put their profile first in the picker's list", async () => {
  using host = testHost({
    home: { ".aws/credentials": `[one]\n${KEYS}[two]\n${KEYS}[three]\n${KEYS}` },
    typed: ["2\r", "\r"],
    env: { TERM: "dumb" },
  });
  const here = { ...attended(host), replace: () => Promise.resolve(0) };
  assertEquals(await run(["env", "three"], here, strategies), 0, host.printed.stderr);
  assertEquals(await run(["exec", "two", "--", "x"], here, strategies), 0);
  assertEquals(readRecent(host), ["two", "three"]);
  assertEquals(await run(["whoami", "nobody"], here, strategies), 3);
  assertEquals(await run([], here, strategies), 0, host.printed.stderr);
  const list = host.printed.terminal.split("\n").slice(0, 3).map((line) => line.slice(3, 8).trim());
  assertEquals(list, ["two", "three", "one"]);
  assert(readRecent(host)[0] === "three");
});
