/** The documentation of strategies: its examples work, and its schema is the program's. */

import { CREDENTIAL_FIELDS } from "../../lib/plugins/answer.ts";
import { CALL_FIELDS } from "../../lib/plugins/calls.ts";
import { DESCRIPTION_FIELDS, WANTS } from "../../lib/plugins/description.ts";
import { readTests } from "../../lib/plugins/check/test_file.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { eac, strategyHost } from "../support/own_strategies.ts";
import { posixShellTest } from "../support/posix.ts";

const ROOT = new URL("../../", import.meta.url);
const EXAMPLES = new URL("examples/strategies/", ROOT);

/** The examples that have tests, which is all of them. */
const names = [...Deno.readDirSync(EXAMPLES)].map(({ name }) => name).sort();
const examples = names.filter((name) => !name.endsWith(".json"));

for (const name of examples) {
  const test = name.includes(".") ? Deno.test : posixShellTest;
  test(`examples/strategies/${name} passes its own tests`, async () => {
    // A checkout may lie where others can write.
    const files: Record<string, string> = {};
    for (const file of names) files[file] = Deno.readTextFileSync(new URL(file, EXAMPLES));
    // Its code runs in a process of its own, by the real clock.
    using host = strategyHost(files, "", { now: Date.now() });
    const { code, stdout } = await eac(host, "strategies", "check", name, "--json");
    const checked: { status: string }[] = JSON.parse(stdout);
    assertEquals(code, 0, stdout);
    const tests = readTests(files[name.replace(/\.js$/, "") + ".test.json"] ?? "[]");
    assert(tests.length > 1 && checked.length > tests.length, stdout);
    assert(checked.every(({ status }) => status === "ok"), stdout);
  });
}

Deno.test("the declarative example is as short as it is said to be", () => {
  const text = Deno.readTextFileSync(new URL("team-role.js", EXAMPLES));
  const body = text.slice(text.indexOf("export default {\n"));
  assert(body.trim().split("\n").length <= 11, body);
});

type Schema = Readonly<Record<string, unknown>> & {
  readonly properties?: Readonly<Record<string, Schema>>;
};

const SCHEMA: Schema & { readonly $defs: Readonly<Record<string, Schema>> } = JSON.parse(
  Deno.readTextFileSync(new URL("docs/strategy.schema.json", ROOT)),
);

const keys = (schema: Schema | undefined) => Object.keys(schema?.properties ?? {}).sort();

Deno.test("the schema has the fields that the program takes", () => {
  const { description, answer, credentials, call } = SCHEMA.$defs;
  assertEquals(keys(description), [...DESCRIPTION_FIELDS].sort());
  assertEquals(keys(answer), ["Version", ...CREDENTIAL_FIELDS].sort());
  assertEquals(keys(credentials), [...CREDENTIAL_FIELDS].sort());
  const wants = description?.properties?.wants as { items: { enum: string[] } };
  assertEquals(wants.items.enum, [...WANTS]);
  const [assumeRole, getSessionToken] = call?.oneOf as Schema[];
  const own = ["call", "code", "credentials"];
  assertEquals(keys(assumeRole), [...CALL_FIELDS.AssumeRole, ...own].sort());
  assertEquals(keys(getSessionToken), [...CALL_FIELDS.GetSessionToken, ...own].sort());
});

Deno.test("the JSON in docs/strategies.md is what the schema and the tests allow", () => {
  const text = Deno.readTextFileSync(new URL("docs/strategies.md", ROOT));
  const blocks = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block]) => block ?? "");
  assert(blocks.length > 8);
  for (const block of blocks) {
    const value: unknown = JSON.parse(block);
    if (Array.isArray(value)) assertEquals(readTests(block).length, value.length);
    else assert(fits(value, SCHEMA), block);
  }
  assert(!fits({ api: 1, request: "describe", more: 1 }, SCHEMA));
});

/** As much of JSON Schema as docs/strategy.schema.json uses. */
function fits(value: unknown, schema: Schema): boolean {
  if (typeof schema.$ref === "string") {
    return fits(value, SCHEMA.$defs[schema.$ref.split("/").at(-1)!]!);
  }
  if (Array.isArray(schema.oneOf)) {
    return schema.oneOf.filter((one) => fits(value, one)).length === 1;
  }
  if ("const" in schema) return value === schema.const;
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  switch (schema.type) {
    case "string":
      return typeof value === "string" &&
        (schema.pattern === undefined || new RegExp(String(schema.pattern)).test(value));
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return Number.isInteger(value) && Number(value) >= Number(schema.minimum) &&
        Number(value) <= Number(schema.maximum);
    case "array":
      return Array.isArray(value) && value.length >= Number(schema.minItems ?? 0) &&
        value.every((item) => fits(item, schema.items as Schema));
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      const { properties = {}, required = [], additionalProperties } = schema;
      return (required as string[]).every((name) => name in value) &&
        Object.entries(value).every(([name, member]) => {
          const known = properties[name] ?? additionalProperties;
          return known !== false && fits(member, known as Schema);
        });
    }
  }
  throw new Error(`the schema uses what this test does not know: ${JSON.stringify(schema)}`);
}

Deno.test("every strategy in docs/strategies.md loads and describes itself", async () => {
  const page = Deno.readTextFileSync(new URL("docs/strategies.md", ROOT));
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text!)
    .filter((text) => text.includes("export default"));
  assert(blocks.length >= 6, String(blocks.length));
  using host = strategyHost(
    Object.fromEntries(blocks.map((text, index) => [`${index}.js`, text])),
    "",
  );
  const listed = JSON.parse((await eac(host, "strategies", "--json")).stdout);
  const own = listed.slice(0, blocks.length) as { name: string; problem?: string }[];
  assertEquals(own.filter(({ problem }) => problem !== undefined), []);
  assertEquals(new Set(own.map(({ name }) => name)).size, blocks.length);
});

/** Tests for strategies of docs/strategies.md, by their names. */
const PAGE_TESTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "corp-sign-in": {
    name: "signs in",
    profile: { corp_idp: "{server}", corp_user: "alice" },
    answers: ["a password", "123456"],
    serve: { "POST /sessions": { json: { token: "session", seconds: 3600 } } },
  },
  "corp-role": {
    name: "gets a role with the sign-in",
    profile: { corp_role: "payments", source_profile: "corp" },
    profiles: { corp: { corp_idp: "{server}", corp_user: "alice" } },
    strategies: ["corp-sign-in.js"],
    answers: ["a password", "123456"],
    serve: {
      "POST /sessions": { json: { token: "session", seconds: 3600 } },
      "GET /roles/payments": {
        json: {
          AccessKeyId: "{AccessKeyId}",
          SecretAccessKey: "{SecretAccessKey}",
          SessionToken: "{SessionToken}",
          Expiration: "{Expiration}",
        },
      },
    },
  },
  "corp-saml": {
    name: "assumes the role of the assertion",
    profile: {
      saml_url: "{server}/sign-in",
      saml_role:
        "arn:aws:iam::123456789012:role/admin,arn:aws:iam::123456789012:saml-provider/corp",
    },
    answers: ["alice", "a password"],
    saml: ["arn:aws:iam::123456789012:role/admin,arn:aws:iam::123456789012:saml-provider/corp"],
    serve: {
      "POST /sign-in": { text: '<input name="SAMLResponse" value="{SAMLResponse}">' },
    },
    calls: ["AssumeRoleWithSAML arn:aws:iam::123456789012:role/admin"],
  },
};

Deno.test("the sign-in and the SAML strategy in docs/strategies.md work as they are written", async () => {
  const page = Deno.readTextFileSync(new URL("docs/strategies.md", ROOT));
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text!);
  const files: Record<string, string> = {};
  for (const [name, test] of Object.entries(PAGE_TESTS)) {
    files[`${name}.js`] = blocks.find((text) => text.includes(`name: "${name}"`)) ?? "";
    files[`${name}.test.json`] = JSON.stringify([test]);
  }
  using host = strategyHost(files, "", { now: Date.now() });
  const names = Object.keys(PAGE_TESTS).map((name) => `${name}.js`);
  const { code, stdout } = await eac(host, "strategies", "check", ...names);
  assertEquals(code, 0, stdout);
  assertEquals(stdout.match(/^ok /gm)?.length, 3 * names.length, stdout);
});
