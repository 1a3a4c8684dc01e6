/** `eac clear` where there is nothing to clear, and where something cannot be removed. */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

Deno.test("clear names the stored profiles that it removed, and none if there were none", async () => {
  const stored =
    "[prod-temp]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n" +
    "aws_session_token = t\nmanaged_by = eac\neac_source = prod\n";
  for (
    const [credentials, end] of [["", /^nothing is cached .* removed\n$/], [
      stored,
      /^1 stored profile removed: prod-temp\n$/,
    ]] as const
  ) {
    using host = testHost({ home: { ".aws/credentials": credentials } });
    assertEquals(await run(["clear", "--all"], host, strategies), 0);
    assertMatch(host.printed.stderr, end);
    assertEquals(host.text(".aws/credentials"), "");
  }
});

Deno.test("clear removes all that it can, then reports what it could not remove", async () => {
  const stored = "[prod-temp]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n" +
    "aws_secret_access_key = s\naws_session_token = t\nmanaged_by = eac\neac_source = prod\n";
  const [folder, file] = ["0", "1"].map((digit) => `.aws/eac/cache/${digit.repeat(64)}.json`);
  using host = testHost({
    home: { ".aws/credentials": stored, [`${folder}/x`]: "", [file!]: "damaged" },
  });
  assertEquals(await run(["clear", "--all"], host, strategies), 7);
  assertEquals(host.stat(host.path(file!)), undefined);
  assertEquals(host.text(".aws/credentials"), "");
  assertMatch(
    host.printed.stderr,
    /^1 cached entry and 1 stored profile removed: prod-temp\nerror: cannot remove .*0.json/,
  );
});
