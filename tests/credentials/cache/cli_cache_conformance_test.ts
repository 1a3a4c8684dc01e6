/** The AWS CLI's cache: its file names, and what it makes of what it finds. */

import { profileNamed, sourcesOf } from "../../../lib/config/chain.ts";
import { readSharedConfig } from "../../../lib/config/shared_config.ts";
import {
  cliCacheArguments,
  cliCacheFile,
  readCliCache,
} from "../../../lib/credentials/cache/cli_cache.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { readCases } from "../../support/conformance.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";

interface FileName {
  readonly hashed_json?: string;
  readonly file: string;
}

interface Case {
  readonly id: string;
  readonly name: string;
  readonly kind: "cache-key" | "cache-read" | "cache-key-hash";
  readonly config?: string;
  readonly profile: string;
  readonly cache_file?: string;
  readonly cache_content?: unknown;
  readonly expect: Partial<FileName> & {
    readonly files?: readonly FileName[];
    readonly result?: string;
  };
}

const { list, missing } = readCases<Case>("cli-cache");
if (list.length === 0) Deno.test.ignore(`the AWS CLI's cache is shared${missing}`, () => {});

for (const test of list) {
  Deno.test(`the AWS CLI's cache is shared: ${test.id} ${test.name}`, async () => {
    using host = testHost({ home: { ".aws/config": test.config ?? "" } });
    const files = new Map<string, string>();
    for (const hashed of hashedOf(test, host)) {
      files.set((await cliCacheFile(host, hashed)).split("/").at(-1)!, hashed);
    }
    const { result, ...wanted } = test.expect;
    for (
      const { file, hashed_json } of wanted.files ??
        [{ ...wanted, file: wanted.file ?? test.cache_file! }]
    ) {
      assert(files.has(file), `${file} is none of ${[...files.keys()]}`);
      if (hashed_json !== undefined) assertEquals(files.get(file), hashed_json);
    }
    if (result === undefined) return;
    const content = fill(test.cache_content, host.time);
    const text = typeof content === "string" ? content : JSON.stringify(content);
    host.write(`.aws/cli/cache/${test.cache_file}`, text);
    const found = readCliCache(host, host.path(`.aws/cli/cache/${test.cache_file}`));
    // What stops the AWS CLI is a miss for eac.
    assertEquals(found !== undefined, result.startsWith("hit"), result);
  });
}

/** What is hashed for each hop of the profile; some cases are hashes that no profile gives. */
function hashedOf(test: Case, host: TestHost): readonly string[] {
  if (test.config === undefined) return [test.expect.hashed_json!];
  const profile = profileNamed(readSharedConfig(host), test.profile);
  return [profile, ...sourcesOf(profile)].flatMap((hop) => cliCacheArguments(hop) ?? []);
}

/** `@NOW+n@`, `@NOW+n:strftime@` and `@EPOCH+n@`. */
function fill(content: unknown, now: number): unknown {
  const at = (seconds: string) => new Date(now + Number(seconds) * 1000);
  const text = JSON.stringify(content).replace(
    /"@EPOCH([+-]\d+)@"/g,
    (_, seconds) => String(Math.floor(at(seconds).getTime() / 1000)),
  ).replace(/@NOW([+-]\d+)(?::([^@]*))?@/g, (_, seconds, format = "%Y-%m-%dT%H:%M:%SZ") => {
    const iso = at(seconds).toISOString();
    return format.replaceAll("%Y", iso.slice(0, 4)).replaceAll("%m", iso.slice(5, 7))
      .replaceAll("%d", iso.slice(8, 10)).replaceAll("%H", iso.slice(11, 13))
      .replaceAll("%M", iso.slice(14, 16)).replaceAll("%S", iso.slice(17, 19))
      .replaceAll("%Z", "UTC").replaceAll("%z", "+0000").replaceAll("%f", "000000");
  });
  return JSON.parse(text);
}
