/** `eac clear` where there is nothing to clear. */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

Deno.test("clear names the stored profiles that it removed, and none if there were none", async () => {
  const stored =
    "[prod-temp]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n" +
    "aws_session_token = t\nmanaged_by = eac\neac_source = prod\n";
  for (
    const [credentials, end] of [["", /removed\n$/], [stored, /removed: prod-temp\n$/]] as const
  ) {
    using host = testHost({ home: { ".aws/credentials": credentials } });
    assertEquals(await run(["clear", "--all"], host, strategies), 0);
    assertMatch(host.printed.stderr, end);
    assertEquals(host.text(".aws/credentials"), "");
  }
});
