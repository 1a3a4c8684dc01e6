/**
 * The parser cases of the AWS SDKs' own suites, from ../shared/conformance.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { IniError } from "../../lib/config/ini.ts";
import { sharedFiles } from "../../lib/config/locations.ts";
import { parseSharedConfig, type Section } from "../../lib/config/shared_config.ts";
import type { Os } from "../../lib/host/host.ts";
import { readCases } from "../support/conformance.ts";

type Sections = Record<string, Record<string, string>>;

interface Case {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly tier: "all" | "suite" | "dialect";
  readonly input: {
    readonly config?: string;
    readonly credentials?: string;
    readonly config_base64?: string;
    readonly credentials_base64?: string;
    readonly env?: Record<string, string>;
    readonly platform?: Os;
    readonly language_specific_home?: string;
  };
  readonly expect: {
    readonly error?: string | null;
    readonly error_kind?: string;
    readonly profiles?: Sections;
    readonly sso_sessions?: Sections;
    readonly services?: Sections;
    readonly config_path?: string;
    readonly credentials_path?: string;
  };
}

/** Dialect cases in which eac differs: why, and what it reads instead. */
const DIFFERENT: Record<string, { why: string; profiles: Sections }> = {
  P064: {
    why: "only Kotlin drops a nested key with a blank; the shared suite keeps the text as it is",
    profiles: { foo: { s3: "\nin valid = value\nvalid = value" } },
  },
  P066: {
    why: "only Kotlin refuses the file; a section of another kind in the credentials is dropped",
    profiles: {},
  },
  P081: {
    why:
      "keys are lower-cased, as in botocore, Go and Rust; Java, C and JavaScript keep their case",
    profiles: {
      foo: { "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789-_/.%@:+": "value" },
    },
  },
  P097: {
    why: "__proto__ is a name like any other; only JavaScript's reader is in danger from it",
    profiles: Object.fromEntries([["__proto__", { foo: "not_exist" }]]),
  },
  P114: {
    why: "a section without properties is an empty profile; only JavaScript loses it",
    profiles: { mock_profile_name_without_data: {}, mock_profile_name: { key: "value" } },
  },
};

const cases = readCases<Case>("parser");

Deno.test({
  name: `parseSharedConfig passes the AWS SDKs' own cases${cases.missing}`,
  ignore: cases.list.length === 0,
  async fn(t) {
    for (const one of cases.list.filter((one) => one.kind !== "file-location")) {
      await t.step(`${one.id} ${one.name}`, () => check(one));
    }
  },
});

Deno.test({
  name: `sharedFiles passes the AWS SDKs' own cases${cases.missing}`,
  ignore: cases.list.length === 0,
  async fn(t) {
    for (const one of cases.list.filter((one) => one.kind === "file-location")) {
      await t.step(`${one.id} ${one.name}`, () => {
        const { env = {}, platform = "linux", language_specific_home } = one.input;
        assertEquals(sharedFiles(env, platform, language_specific_home), {
          config: one.expect.config_path!,
          credentials: one.expect.credentials_path!,
        });
      });
    }
  },
});

function check(one: Case): void {
  const different = one.tier === "dialect" ? DIFFERENT[one.id] : undefined;
  const expected = different ? { profiles: different.profiles } : one.expect;
  const read = () => parse(one);
  if ("error" in expected) {
    const error = assertThrows(read, IniError);
    assertEquals(error.kind, expected.error_kind);
    assert(error.place?.line, "the error names a line");
    return;
  }
  const config = read();
  assertEquals(plain(config.profiles), expected.profiles);
  if (one.expect.sso_sessions) assertEquals(plain(config.ssoSessions), one.expect.sso_sessions);
  if (one.expect.services) assertEquals(plain(config.services), one.expect.services);
}

function parse({ input }: Case) {
  const config = bytesOf(input.config, input.config_base64);
  const credentials = bytesOf(input.credentials, input.credentials_base64);
  return parseSharedConfig({
    files: { config: "config", credentials: "credentials" },
    ...(config && { config }),
    ...(credentials && { credentials }),
  });
}

function bytesOf(text: string | undefined, base64: string | undefined): Uint8Array | undefined {
  if (base64 !== undefined) return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

function plain(sections: ReadonlyMap<string, Section>): Sections {
  return Object.fromEntries(
    [...sections].map(([name, section]) => [
      name,
      Object.fromEntries([...section].map(({ key, value }) => [key, value])),
    ]),
  );
}
