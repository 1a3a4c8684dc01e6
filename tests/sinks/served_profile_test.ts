/** The profile that programs under `exec --serve` select, and its location. */

import { dirname } from "node:path";
import { EacError } from "../../lib/errors.ts";
import { isServedProfile, readSharedConfig } from "../../lib/config/shared_config.ts";
import { createServedFiles } from "../../lib/sinks/served_profile.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";

const CONFIG = "[profile prod]\nregion = eu-west-1\n";

async function created(host: TestHost) {
  return await createServedFiles(host, readSharedConfig(host), "token-of-the-server");
}

Deno.test("the served profile is added once, and later runs change nothing", async () => {
  using host = testHost({ home: { ".aws/config": CONFIG, ".aws/credentials": "" } });
  const first = await created(host);
  assertEquals([first.profile, first.config], ["eac-serve", undefined]);
  const text = host.text(".aws/config");
  assertEquals(text, `${CONFIG}[profile eac-serve]\nmanaged_by = eac\n`);
  const second = await created(host);
  assertEquals([second.profile, host.text(".aws/config")], ["eac-serve", text]);
  for (const files of [first, second]) {
    assertEquals(new TextDecoder().decode(host.readFile(files.token)), "token-of-the-server");
    if (host.os !== "windows") assertEquals(host.stat(files.token)?.mode, 0o600);
    files.remove();
    assertEquals(host.stat(files.token), undefined);
  }
});

Deno.test("a home without any file gets a config file with the served profile", async () => {
  using host = testHost({});
  const { profile, remove } = await created(host);
  assert(isServedProfile(readSharedConfig(host).profiles.get(profile), profile));
  remove();
});

Deno.test("a profile of that name with the user's own settings or keys is not selected", async () => {
  for (
    const own of [
      { ".aws/config": `${CONFIG}[profile eac-serve]\nregion = us-west-2\n` },
      { ".aws/config": `${CONFIG}[profile eac-serve]\nmanaged_by = eac\nregion = us-west-2\n` },
      {
        ".aws/config": `${CONFIG}[profile eac-serve]\nmanaged_by = eac\n`,
        ".aws/credentials": "[eac-serve]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n",
      },
    ]
  ) {
    using host = testHost({ home: own });
    const { profile, remove } = await created(host);
    assertEquals(profile, "eac-serve-2");
    assert(host.text(".aws/config")!.startsWith(own[".aws/config"]));
    remove();
  }
});

Deno.test("if the config file cannot be written, a read-only copy has the served profile", async () => {
  using host = testHost({ home: { ".aws/config": CONFIG } });
  const files = await created({
    ...host,
    rename() {
      throw new EacError("io", "the file system is read-only");
    },
  });
  assertEquals(host.text(".aws/config"), CONFIG);
  const copy = new TextDecoder().decode(host.readFile(files.config!));
  assertStringIncludes(copy, CONFIG);
  assertStringIncludes(copy, `[profile ${files.profile}]\n`);
  if (host.os !== "windows") assertEquals(host.stat(files.config!)?.mode, 0o400);
  files.remove();
});

Deno.test("the copy of a config file is identical, whatever its encoding and line endings", async () => {
  const bom = [0xef, 0xbb, 0xbf];
  const latin1 = [..."[profile prod]\r\nregion = eu-west-1\r\n# \xdf"].map((char) =>
    char.charCodeAt(0)
  );
  for (const original of [latin1, [...bom, ...latin1]].map((bytes) => new Uint8Array(bytes))) {
    using host = testHost({});
    const { config } = readSharedConfig(host).files;
    host.makeFolder(dirname(config), 0o700);
    host.createFile(config, original, 0o600);
    const files = await created({
      ...host,
      rename() {
        throw new EacError("io", "the file system is read-only");
      },
    });
    assertEquals(host.readFile(files.config!)?.slice(0, original.length), original);
    assert(
      isServedProfile(
        readSharedConfig({ ...host, env: { ...host.env, AWS_CONFIG_FILE: files.config } })
          .profiles.get(files.profile),
        files.profile,
      ),
    );
    files.remove();
  }
});
