/** Doctor's warning about keys in the environment. */

import { checkEnvironmentKeys } from "../../../lib/commands/doctor/environment.ts";
import { assertEquals } from "../../support/assert.ts";

const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

Deno.test("doctor warns of keys in the environment, with the command that unsets them", () => {
  const check = (env: Record<string, string>) => checkEnvironmentKeys({ os: "linux", env });
  const [found] = check(KEYS);
  assertEquals([found?.level, found?.code], ["warning", "environment_keys"]);
  assertEquals(found?.fix, "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY");
  const fish = check({ ...KEYS, AWS_SESSION_TOKEN: "token", SHELL: "/usr/bin/fish" });
  assertEquals(
    fish[0]?.fix,
    "set -eg AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
  );
  const { AWS_SECRET_ACCESS_KEY: _, ...half } = KEYS;
  assertEquals([check({}), check(half)], [[], []]);
});
