import {
  cachedKeys,
  type CacheEntry,
  cacheFile,
  isFresh,
  isUsable,
  readCache,
} from "../../../lib/credentials/cache/cache.ts";
import { writeCache } from "../../../lib/credentials/cache/cache_write.ts";
import { readCliCache } from "../../../lib/credentials/cache/cli_cache.ts";
import { writeAtomically } from "../../../lib/config/own_files.ts";
import type { Host } from "../../../lib/host/host.ts";
import { Secret } from "../../../lib/plan/credentials.ts";
import { assertEquals } from "../../support/assert.ts";
import { testHost } from "../../support/fakes.ts";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "../../support/posix.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 23, 12);

/** Credentials for that many minutes, received at noon. */
function entry(minutes: number): CacheEntry {
  return {
    credentials: {
      accessKeyId: "ASIAIOSFODNN7EXAMPLE",
      secretAccessKey: new Secret("secret"),
      sessionToken: new Secret("token"),
      expiration: NOON + minutes * MINUTE,
    },
    receivedAt: NOON,
  };
}

const FRESH: readonly (readonly [
  lifetime: number,
  left: number,
  minTtl: number | undefined,
  fresh: boolean,
])[] = [
  [720, 15, undefined, true],
  [720, 14.99, undefined, false],
  [60, 15, undefined, true],
  [60, 14.99, undefined, false],
  [45, 15, undefined, true],
  [45, 14.99, undefined, false],
  [30, 10, undefined, true],
  [30, 9.99, undefined, false],
  [15, 5, undefined, true],
  [15, 4.99, undefined, false],
  [60, 1, 60, true],
  [60, 0.99, 60, false],
  [60, 0.01, 0, true],
  [60, 0, 0, false],
  [60, -1, 0, false],
  [60, 60, 3600, true],
  [60, 60, 3601, false],
];

Deno.test("isFresh requires 15 minutes, a third of a duration under 45 minutes, or --min-ttl", async (t) => {
  for (const [lifetime, left, minTtl, fresh] of FRESH) {
    const name = `${left} of ${lifetime} min${minTtl === undefined ? "" : `, --min-ttl ${minTtl}`}`;
    await t.step(name, () => {
      const one = entry(lifetime);
      assertEquals(isFresh(one, one.credentials.expiration - left * MINUTE, minTtl), fresh);
    });
  }
});

Deno.test("isUsable requires a minute for the next call", () => {
  const end = NOON + 60 * MINUTE;
  assertEquals([isUsable(entry(60), end - MINUTE), isUsable(entry(60), end - MINUTE + 1)], [
    true,
    false,
  ]);
});

const KEY = "0".repeat(64);

Deno.test("writeCache writes a private file, and readCache returns the entry with its time to the millisecond", () => {
  using host = testHost();
  const { credentials } = entry(60);
  const written = {
    credentials: { ...credentials, accountId: "123456789012" },
    receivedAt: NOON + 123,
  };
  writeCache(host, KEY, written);
  const read = readCache(host, KEY);
  assertEquals(read, written);
  assertEquals(read?.credentials.secretAccessKey.reveal(), "secret");
  assertEquals(read?.credentials.sessionToken?.reveal(), "token");
  const file = cacheFile(host, KEY);
  assertEquals(host.stat(file)?.mode, PRIVATE_FILE);
  const folder = host.stat(file.replace(/[/\\][^/\\]*$/, ""));
  assertEquals(folder?.mode, PRIVATE_FOLDER);
});

/** The key of an entry that a test writes. */
const keyOf = (index: number) => index.toString(16).padStart(64, "0");

Deno.test("writeAtomically flushes to the disk, and writeCache does not", () => {
  using host = testHost({ now: NOON });
  const flushed: (boolean | undefined)[] = [];
  const at: Host = {
    ...host,
    createFile(path, bytes, mode, flush) {
      flushed.push(flush);
      host.createFile(path, bytes, mode, flush);
    },
  };
  writeCache(at, KEY, entry(60));
  writeAtomically(at, host.path("file.json"), new Uint8Array());
  assertEquals(flushed, [false, true]);
});

Deno.test("writeCache lists the folder no more often for a hundred entries of a run than for two", () => {
  const lists = (entries: number): number => {
    using host = testHost({ now: NOON });
    let count = 0;
    const at: Host = {
      ...host,
      list(path) {
        count++;
        return host.list(path);
      },
    };
    for (let index = 0; index < entries; index++) writeCache(at, keyOf(index), entry(60));
    return count;
  };
  assertEquals(lists(100), lists(2));
});

Deno.test("writeCache removes only entries that expired long ago", () => {
  using host = testHost({ now: NOON });
  const other = { ...host }; // the Host of an earlier run
  const old = new Date(NOON - 37 * 60 * MINUTE);
  const young = new Date(NOON - 35 * 60 * MINUTE);
  for (
    const [index, minutes, written] of [
      [1, -1, old],
      [2, 60, old], // of a custom strategy, say
      [3, -1, young],
      [4, 60, young],
    ] as const
  ) {
    writeCache(other, keyOf(index), entry(minutes));
    Deno.utimeSync(cacheFile(host, keyOf(index)), written, written);
  }
  host.write(`.aws/eac/cache/${keyOf(5)}.json`, "damaged");
  Deno.utimeSync(cacheFile(host, keyOf(5)), old, old);

  writeCache(host, KEY, entry(60));
  assertEquals(cachedKeys(host), [KEY, ...[2, 3, 4].map(keyOf)].sort());
});

Deno.test("readCliCache treats keys that no file or shell could hold as a miss", () => {
  using host = testHost({ now: NOON });
  const read = (SessionToken: string) => {
    const Credentials = {
      AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
      SecretAccessKey: "secret",
      SessionToken,
      Expiration: "2026-11-23T13:00:00Z",
    };
    host.write(".aws/cli/cache/x.json", JSON.stringify({ Credentials }));
    return readCliCache(host, host.path(".aws/cli/cache/x.json"))?.sessionToken?.reveal();
  };
  assertEquals(["token", "token\n[evil]", "a b"].map(read), ["token", undefined, undefined]);
});

Deno.test("readCache treats any damaged entry as a miss", async (t) => {
  const whole = (change: Record<string, unknown>) =>
    JSON.stringify({
      Version: 1,
      AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
      SecretAccessKey: "secret",
      SessionToken: "token",
      Expiration: "2026-11-23T13:00:00Z",
      Obtained: "2026-11-23T12:00:00.000Z",
      ...change,
    });
  const damages: Record<string, string> = {
    "an empty file": "",
    "half a file": whole({}).slice(0, 100),
    "another kind of JSON": "[]",
    null: "null",
    "another version": whole({ Version: 2 }),
    "no secret": whole({ SecretAccessKey: undefined }),
    "an empty token": whole({ SessionToken: "" }),
    "a line break in a key": whole({ AccessKeyId: "ASIA\n[evil]" }),
    "an escape character in a token": whole({ SessionToken: "token\x1b[2J" }),
    "a number for a text": whole({ AccessKeyId: 1 }),
    "no zone": whole({ Expiration: "2026-11-23T13:00:00" }),
    "no date": whole({ Obtained: "yesterday" }),
  };
  using host = testHost();
  host.write(`.aws/eac/cache/${KEY}.json`, whole({}));
  assertEquals(readCache(host, KEY)?.credentials.accessKeyId, "ASIAIOSFODNN7EXAMPLE");
  for (const [name, text] of Object.entries(damages)) {
    await t.step(name, () => {
      host.write(`.aws/eac/cache/${KEY}.json`, text);
      assertEquals(readCache(host, KEY), undefined);
    });
  }
  await t.step("a folder in its place", () => {
    const other = "1".repeat(64);
    host.write(`.aws/eac/cache/${other}.json/x`, "");
    assertEquals(readCache(host, other), undefined);
  });
});
