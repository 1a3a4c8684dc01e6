/** Invalid settings of eac's own are an error with the place, never replaced by a default. */

import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { machineWith } from "../support/machine.ts";

const ROLE = "role_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = alice\n";
const KEYS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

for (const value of ["false", "OFF", "maybe", "0"]) {
  Deno.test(`cli_cache = ${value} is an error, and shares nothing with the AWS CLI`, async () => {
    for (
      const config of [
        `[profile role]\ncli_cache = ${value}\n${ROLE}`,
        `[eac]\ncli_cache = ${value}\n[profile role]\n${ROLE}`,
      ]
    ) {
      await using on = machineWith({
        home: { ".aws/config": config, ".aws/credentials": KEYS },
      });
      const { exit, stdout, stderr } = await on.eac("process", "role");
      assertEquals([exit, stdout], [3, ""], stderr);
      assertStringIncludes(stderr, "config:2");
      assertStringIncludes(stderr, value);
      assertEquals(on.calls(), []);
    }
  });
}
