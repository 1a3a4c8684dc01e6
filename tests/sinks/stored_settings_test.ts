/** The region and similar settings of stored profiles: written, updated, removed. */

import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { profileNamed } from "../../lib/config/chain.ts";
import { readSharedConfig } from "../../lib/config/shared_config.ts";
import { clearSettings, storeSettings } from "../../lib/sinks/stored_settings.ts";
import { testHost } from "../support/fakes.ts";

const SOURCE = `[profile alice]
region = eu-west-1
output = json

[profile prod]
role_arn = arn:aws:iam::123456789012:role/Prod
source_profile = alice
`;

/** The config file after `get prod` into `prod-temp`, however often. */
async function stored(config: string, credentials = "", again: readonly string[] = []) {
  using host = testHost({ home: { ".aws/config": config, ".aws/credentials": credentials } });
  const results: string[] = [];
  for (const text of [undefined, ...again]) {
    if (text !== undefined) host.write(".aws/config", text);
    const now = readSharedConfig(host);
    await storeSettings(host, now, [{
      destination: "prod-temp",
      source: profileNamed(now, "prod"),
    }]);
    results.push(host.text(".aws/config")!);
  }
  const now = readSharedConfig(host);
  await clearSettings(host, now, ["prod-temp"]);
  return { results, cleared: host.text(".aws/config")! };
}

Deno.test("a stored profile gets the region of its source's source, and clear removes it", async () => {
  const { results, cleared } = await stored(SOURCE);
  assertEquals(
    results[0],
    `${SOURCE}[profile prod-temp]\nregion = eu-west-1\neac_settings = region=eu-west-1\n`,
  );
  assertEquals(cleared.trim(), SOURCE.trim());
});

Deno.test("a stored profile gets output, endpoint, services and ca_bundle from the profile itself", async () => {
  const own = [
    "region = eu-central-1",
    "output = yaml",
    "endpoint_url = https://aws.example/?a=1",
    "services = mine",
    "ca_bundle = /my certs/ca.pem",
  ];
  const { results, cleared } = await stored(`${SOURCE}${own.join("\n")}\n`);
  for (const line of own) assertEquals(results[0]!.split(line).length, 3, line);
  for (const line of own) assertEquals(cleared.split(line).length, 2, line);
});

Deno.test("a value that the user wrote is never changed, in either file, before or after", async () => {
  const before = `${SOURCE}\n[profile prod-temp]\nregion = us-west-2\n`;
  const own = await stored(before);
  assertEquals([own.results[0], own.cleared], [before, before]);
  const inCredentials = await stored(SOURCE, "[prod-temp]\nregion = us-west-2\n");
  assertEquals(inCredentials.results[0], SOURCE);
  const changed =
    `${SOURCE}\n[profile prod-temp]\nregion = us-west-2\neac_settings = region=eu-west-1\n`;
  const after = await stored(SOURCE, "", [changed]);
  assertStringIncludes(after.results[1]!, "region = us-west-2\n");
  assertStringIncludes(after.cleared, "region = us-west-2\n");
});

Deno.test("a value that eac wrote follows the source: another value, or none", async () => {
  const first = await stored(SOURCE);
  const moved = first.results[0]!.replace("region = eu-west-1", "region = eu-north-1");
  const second = await stored(moved);
  assertStringIncludes(second.results[0]!, "eac_settings = region=eu-north-1\n");
  const gone = first.results[0]!.replace("region = eu-west-1\noutput", "output");
  const third = await stored(gone);
  assertEquals(third.results[0]!.includes("prod-temp"), false);
});

Deno.test("storing unchanged settings writes nothing", async () => {
  const { results } = await stored(SOURCE, "", [SOURCE]);
  assertEquals(results[0], results[1]);
});
