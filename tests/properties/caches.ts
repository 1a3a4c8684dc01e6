/**
 * The caches: whatever is in them, eac uses or ignores it.
 *
 * @module
 */

import fc from "fast-check";
import { cacheFile, readCache } from "../../lib/credentials/cache/cache.ts";
import { writeCache } from "../../lib/credentials/cache/cache_write.ts";
import { readCliCache } from "../../lib/credentials/cache/cli_cache.ts";
import { writeCliCache } from "../../lib/credentials/cache/cli_cache_write.ts";
import { type ExpiringCredentials, Secret } from "../../lib/plan/credentials.ts";
import type { HttpAnswer, HttpRequest } from "../../lib/host/host.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { type Property, tryRun } from "./property.ts";
import { bytesOf, damaged } from "./texts.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 23, 13);

const texts = fc.string({ unit: fc.constantFrom(..."abcXYZ019/+="), minLength: 1 });
const credentials: fc.Arbitrary<ExpiringCredentials> = fc.record({
  accessKeyId: texts,
  secretAccessKey: texts.map((text) => new Secret(text)),
  sessionToken: texts.map((text) => new Secret(text)),
  expiration: fc.integer({ min: 16, max: 700 }).map((minutes) => NOW + minutes * MINUTE),
});

function plain({ accessKeyId, secretAccessKey, sessionToken, expiration }: ExpiringCredentials) {
  return [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal(), expiration];
}

const HOME = {
  ".aws/config": "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/Open\n" +
    "source_profile = alice\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n",
  ".aws/credentials": "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
};

const ENTRY = JSON.stringify({
  Version: 1,
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "secret",
  SessionToken: "token",
  Expiration: "2026-11-23T14:00:00Z",
  Obtained: "2026-11-23T13:00:00Z",
  Credentials: {
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: "secret",
    SessionToken: "token",
    Expiration: "2026-11-23T14:00:00Z",
  },
});
const contents = fc.oneof(
  damaged(fc.constant(ENTRY)).map(bytesOf),
  fc.json({ maxDepth: 3 }).map(bytesOf),
  fc.uint8Array({ maxLength: 100 }),
  fc.constant(bytesOf(ENTRY.repeat(3))),
);

/** The files that a whole run leaves, with a session (under two keys), a role and a used code. */
async function filesOfARun(): Promise<string[]> {
  const names: string[] = [];
  const answer = ({ body }: HttpRequest): HttpAnswer => {
    const call = /Action=(\w+)/.exec(String(body))?.[1];
    const text = `<${call}Response><${call}Result><Credentials><AccessKeyId>A</AccessKeyId>` +
      `<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>` +
      `<Expiration>2026-11-23T14:00:00Z</Expiration></Credentials></${call}Result></${call}Response>`;
    return { status: 200, headers: {}, body: bytesOf(text) };
  };
  await tryRun(["process", "p", "--mfa-token", "123456"], { home: HOME, answer }, (host) => {
    for (const folder of ["cache", "mfa"]) {
      const path = `.aws/eac/${folder}`;
      names.push(...host.list(host.path(path)).map((name) => `${path}/${name}`));
    }
  });
  assertEquals(names.length, 4);
  return names;
}

let known: Promise<string[]> | undefined;

/** For caches of any content. */
export const cacheProperties: readonly Property[] = [
  {
    name: "caches: what is kept is read again, byte for byte",
    runs: 60,
    property: fc.property(credentials, (given) => {
      using host = testHost({ now: NOW });
      writeCache(host, "key", { credentials: given, receivedAt: NOW });
      assertEquals(plain(readCache(host, "key")!.credentials), plain(given));
      const file = host.path(".aws/cli/cache/x.json");
      writeCliCache(host, file, given, "arn:aws:sts::123456789012:assumed-role/Open/x");
      assertEquals(plain(readCliCache(host, file)!), plain(given));
    }),
  },
  {
    name: "caches: damage of any kind is a miss, or whole credentials",
    runs: 200,
    property: fc.property(contents, (bytes) => {
      using host = testHost({ now: NOW });
      const file = cacheFile(host, "key");
      host.write(file.slice(host.home.length + 1), "");
      Deno.writeFileSync(file, bytes);
      for (const found of [readCache(host, "key")?.credentials, readCliCache(host, file)]) {
        if (found === undefined) continue;
        assert(plain(found).every((part) => typeof part === "number" ? part > 0 : part));
      }
    }),
  },
  {
    name: "caches: a run ends well, whatever eac's own files contain",
    runs: 40,
    property: fc.asyncProperty(contents, contents, async (one, other) => {
      const names = await (known ??= filesOfARun());
      const home: Record<string, string | Uint8Array> = { ...HOME };
      names.forEach((name, index) => home[name] = index % 2 === 0 ? one : other);
      home[".aws/eac/mfa/direct-roles.json"] = one;
      for (
        const argv of [["process", "p", "--mfa-token", "123456"], ["list", "--json"], [
          "clear",
          "--all",
        ]]
      ) {
        await tryRun(argv, { home });
      }
    }),
  },
];
