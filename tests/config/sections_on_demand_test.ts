import { SeparableFile } from "../../lib/config/separable_file.ts";
import { openSharedConfig } from "../../lib/config/sections_on_demand.ts";
import { assert, assertEquals, assertStrictEquals } from "../support/assert.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

const ORDINARY = [
  "",
  "# mine\n\n[default]\nregion = eu-west-1\n",
  "[profile a]\r\nrole_arn = arn:aws:iam::123456789012:role/x\r\nsource_profile = b\r\n",
  "[sso-session s]\nsso_region=us-east-1\n\n[services s]\n[eac]\nmfa_session = off # note\n[b]",
];

Deno.test("SeparableFile opens ordinary files", () => {
  for (const text of ORDINARY) assert(SeparableFile.open(bytesOf(text), "f"), text);
  assert(SeparableFile.open(undefined, "f"), "no file");
});

const UNUSUAL = {
  "a byte order mark": "\ufeff[a]\n",
  "a continued value": "[a]\nx = 1\n  2\n",
  "a comment behind a header": "[a] # note\n",
  "quotes in a header": '[profile "a b"]\n',
  "a repeated section": "[a]\n[b]\n[a]\n",
  "a repeated key": "[a]\nx = 1\n# note\nX = 2\n",
  "a key above any section": "# note\nx = 1\n[a]\n",
  "a second name of default": "[default]\n[profile default]\n",
  "other characters than ASCII": "[a]\nx = é\n",
  "a carriage return within a line": "[a]\nx = 1\ry = 2\n",
  "a long section": `[a]\n${Array.from({ length: 60 }, (_, at) => `k${at} = v\n`).join("")}`,
};

for (const [what, text] of Object.entries(UNUSUAL)) {
  Deno.test(`SeparableFile leaves ${what} to the reader of the whole file`, () => {
    assertEquals(SeparableFile.open(bytesOf(text), "f"), undefined);
  });
}

Deno.test("openSharedConfig names the file and line of a setting", () => {
  const host = {
    os: "linux" as const,
    env: { HOME: "/home/alice" },
    readFile: (path: string) => path.endsWith("config") ? bytesOf(ORDINARY[1]!) : undefined,
  };
  const place = openSharedConfig(host).profiles.get("default")?.get("region")?.place;
  assertEquals(place, { file: "/home/alice/.aws/config", line: 4 });
});

Deno.test("openSharedConfig, once it has listed all profiles, searches the file for none of them", () => {
  const host = {
    os: "linux" as const,
    env: { HOME: "/home/alice" },
    readFile: (path: string) => path.endsWith("config") ? bytesOf(ORDINARY[2]!) : undefined,
  };
  const { profiles } = openSharedConfig(host);
  const before = profiles.get("a");
  const listed = new Map(profiles);
  assertStrictEquals(profiles.get("a"), listed.get("a"));
  assertEquals([...profiles.get("a")!], [...before!]);
});
