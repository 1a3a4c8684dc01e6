/**
 * The writer cases of the AWS CLI's and its peers' own suites, from ../shared/conformance.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import type { EditableIni } from "../../lib/config/ini_edit.ts";
import { rewriteFile } from "../../lib/config/rewrite.ts";
import { parseSharedConfig } from "../../lib/config/shared_config.ts";
import { EacError } from "../../lib/errors.ts";
import { readCases } from "../support/conformance.ts";
import { testHost } from "../support/fakes.ts";

interface Case {
  readonly id: string;
  readonly name: string;
  readonly input: {
    readonly file?: string | null;
    readonly section?: string;
    readonly set?: Record<string, string | Record<string, string>>;
    readonly credentials?: Keys;
    readonly concurrent_sections?: readonly string[];
    readonly credentials_file_is_symlink?: boolean;
    readonly unwritable_path?: string;
  };
  readonly expect: {
    readonly file?: string;
    readonly compare?: "prefix-bytes";
    readonly mode?: string;
    readonly error?: "newline" | "io";
    readonly profiles?: Record<string, Record<string, string>>;
    readonly all_sections_present?: boolean;
  };
}

interface Keys {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken?: string;
}

const cases = readCases<Case>("writer");
const windows = Deno.build.os === "windows";

Deno.test({
  name: `rewriteFile passes the cases of the AWS CLI and its peers${cases.missing}`,
  ignore: cases.list.length === 0,
  async fn(t) {
    for (const one of cases.list) {
      const ignore = windows && Boolean(one.input.credentials_file_is_symlink);
      await t.step({ name: `${one.id} ${one.name}`, ignore, fn: () => check(one) });
    }
  },
});

async function check({ input, expect }: Case): Promise<void> {
  using test = testHost();
  const path = test.path(`${input.unwritable_path ? "blocked" : ".aws"}/credentials`);
  const file = input.credentials_file_is_symlink ? "elsewhere" : ".aws/credentials";
  if (typeof input.file === "string") test.write(file, input.file);
  if (input.credentials_file_is_symlink) {
    Deno.mkdirSync(test.path(".aws"));
    Deno.symlinkSync(test.path("elsewhere"), path);
  }
  // A folder cannot be made where a file is: so nobody can write there, root included.
  if (input.unwritable_path) test.write("blocked", "");

  const sections = input.concurrent_sections ?? [input.section!];
  const write = () =>
    Promise.all(sections.map((section) => rewriteFile(test, path, editFor(section, input))));

  if (expect.error) {
    const error = await assertRejects(write, EacError);
    assertEquals("kind" in error ? error.kind : error.code, expect.error);
  } else await write();
  if (input.unwritable_path) return;

  const text = test.text(file);
  if (expect.compare === "prefix-bytes") {
    assert(text?.startsWith(input.file!));
    assertEquals(profilesIn(text)[input.section!.replace("profile ", "")], input.set);
  } else if (expect.file !== undefined) assertEquals(text, expect.file);
  if (expect.profiles) assertEquals(profilesIn(text, "credentials"), expect.profiles);
  if (expect.all_sections_present) {
    const expected = sections.map((name) => [name, settings(keysOf(name))]);
    assertEquals(profilesIn(text, "credentials"), Object.fromEntries(expected));
  }
  if (input.credentials_file_is_symlink) assert(test.readLink(path));
  if (!windows && test.stat(path)?.kind === "file") {
    assertEquals(test.stat(path)?.mode, parseInt(expect.mode ?? "0600", 8));
  }
}

function editFor(section: string, input: Case["input"]): (document: EditableIni) => void {
  const values = input.set ?? settings(input.credentials ?? keysOf(section));
  return (document) => document.setProperties(section, values);
}

/** The keys that the concurrent case gives to each section. */
function keysOf(section: string): Keys {
  return { AccessKeyId: `${section}-AK`, SecretAccessKey: `${section}-SK` };
}

function settings(keys: Keys): Record<string, string> {
  return {
    aws_access_key_id: keys.AccessKeyId,
    aws_secret_access_key: keys.SecretAccessKey,
    ...(keys.SessionToken && { aws_session_token: keys.SessionToken }),
  };
}

function profilesIn(text = "", as: "config" | "credentials" = "config") {
  const files = { config: "config", credentials: "credentials" };
  const { profiles } = parseSharedConfig({ files, [as]: new TextEncoder().encode(text) });
  return Object.fromEntries(
    [...profiles].map(([name, section]) => [
      name,
      Object.fromEntries([...section].map(({ key, value }) => [key, value])),
    ]),
  );
}
