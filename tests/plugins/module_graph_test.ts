/** What a module imports: found, checked for safety, and part of what makes it the same strategy. */

import { importsOf } from "../../lib/plugins/module_graph.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { ANSWER, eac, FOLDER, obtainModule, strategyHost } from "../support/own_strategies.ts";
import { posixTest } from "../support/posix.ts";

const BOX = "[profile p]\nbox = blue\n";
const ROLE = "arn:aws:iam::123456789012:role/";

Deno.test("importsOf finds relative and absolute imports, static and dynamic", () => {
  const cases: readonly (readonly [text: string, ...paths: string[]])[] = [
    ['import "./a.js"', "/s/a.js"],
    ["import './a.js'", "/s/a.js"],
    ['import a from "../a.js"', "/a.js"],
    ['import a, { b as c } from"./a.js"', "/s/a.js"],
    ['import {\n  b,\n} from\n  "./a.js";', "/s/a.js"],
    ['import * as a from /* why */ "./a.js"', "/s/a.js"],
    ['import a from // why\n "./a.js"', "/s/a.js"],
    ['export * from "./lib/a.ts"', "/s/lib/a.ts"],
    ['export { b } from "./a.js"', "/s/a.js"],
    ['await import("./a.js")', "/s/a.js"],
    ["await import( `./a.js` )", "/s/a.js"],
    ['import(/* chunk */ "./a.js")', "/s/a.js"],
    ['import m from "./m.json" with { type: "json" }', "/s/m.json"],
    ['require("./a.cjs")', "/s/a.cjs"],
    ['new URL("./m.json", import.meta.url)', "/s/m.json"],
    ['import "/opt/a.js"', "/opt/a.js"],
    ['import "file:///opt/a%20b.js"', "/opt/a b.js"],
    ['import "./a.js?v=1#x"', "/s/a.js"],
    [String.raw`import "./\x61.js"`, "/s/a.js"],
    [String.raw`import "./\u0061\u{62}.js"`, "/s/ab.js"],
    ['import "./a.js"; import "./b.js"; import "./a.js"', "/s/a.js", "/s/b.js"],
    ['import fs from "node:fs"; import type { S } from "eac/strategy"; import "lodash"'],
    ["import(`./${name}.js`); import(name)"],
    ['const x = "./a.js"; f("./b.js")'],
  ];
  for (const [text, ...paths] of cases) {
    assertEquals(importsOf({ os: "linux" }, "/s/x.js", text), paths, text);
  }
  assertEquals(importsOf({ os: "linux" }, "/s p#1/x.js", 'import "./a.js"'), ["/s p#1/a.js"]);
  assertEquals(importsOf({ os: "windows" }, "C:\\s\\x.js", 'import "./a.js"'), ["C:\\s\\a.js"]);
});

posixTest(
  "no file modes",
  "a module is not run while others can change a file that it imports, at any depth",
  async () => {
    const imports: readonly (readonly [how: string, text: string])[] = [
      ["static", 'import obtain from "./lib/_first.js";'],
      ["re-exported", `export * from "./lib/_first.js"; const obtain = () => (${ANSWER});`],
      ["dynamic", 'const obtain = async () => (await import("./lib/_first.js")).default();'],
    ];
    const unsafe = ["lib/_first.js", "lib/_second.js", "lib"];
    for (const [how, text] of imports) {
      for (const path of unsafe) {
        const strategy = 'api: 1, name: "box", summary: "a box", needs: [["box"]], obtain';
        using host = strategyHost({
          "box.js": `${text} export default { ${strategy} };`,
          "lib/_first.js": 'export { default } from "./_second.js";',
          "lib/_second.js": `console.log("RAN"); export default () => (${ANSWER});`,
        }, BOX);
        assertEquals((await eac(host, "process", "p")).code, 0, how);
        Deno.chmodSync(host.path(`${FOLDER}/${path}`), 0o777);
        // Neither with what is cached of it, nor for the first time.
        for (const _ of ["known", "unknown"]) {
          const { code, stderr } = await eac(host, "process", "p", "--refresh");
          assertEquals([code, stderr.includes("RAN")], [8, false], `${how} ${path}: ${stderr}`);
          assertStringIncludes(stderr, `${path} can be written by others`);
          assertStringIncludes(stderr, host.path(`${FOLDER}/${path}`));
          host.remove(host.path(".aws/eac/cache/strategies.json"));
        }
      }
    }
  },
);

Deno.test("a change in an imported file changes the steps, and the cached credentials", async () => {
  const config = "[profile p]\nteam = x\nsource_profile = alice\n[profile q]\nbox = 1\n";
  const account = (id: number) => `export const id = ${id};`;
  using host = strategyHost({
    "team.js": `import { id } from "./_id.js";
      import names from "./_names.json" with { type: "json" };
      export default { api: 1, name: "team", summary: "a team", needs: [["team", "source_profile"]],
        steps: () => [{ call: "AssumeRole", roleArn: "${ROLE}" + names.role + id }] };`,
    "box.js": `import "./_id.js";${obtainModule(`context.log("asked"); return ${ANSWER}`)}`,
    "_id.js": 'export { id } from "./_deep.js";',
    "_deep.js": account(1),
    "_names.json": '{ "role": "a" }',
  }, config);
  const role = async () =>
    JSON.parse((await eac(host, "explain", "p", "--json")).stdout).calls[0].role_arn;
  const asked = async () => (await eac(host, "process", "q")).stderr;
  assertEquals([await role(), await asked(), await asked()], [`${ROLE}a1`, "asked\n", ""]);
  host.write(`${FOLDER}/_deep.js`, account(2));
  assertEquals([await role(), await asked(), await asked()], [`${ROLE}a2`, "asked\n", ""]);
  host.write(`${FOLDER}/_names.json`, '{ "role": "b" }');
  assertEquals([await role(), await asked()], [`${ROLE}b2`, ""]);
});

posixTest(
  "links need privileges",
  "a linked module finds its imports next to the target of the link",
  async () => {
    using host = strategyHost({}, BOX);
    host.write("repo/box.js", `import a from "./_answer.js";${obtainModule("return a")}`);
    host.write("repo/_answer.js", `export default ${ANSWER};`);
    host.makeFolder(host.path(FOLDER), 0o700);
    Deno.symlinkSync(host.path("repo/box.js"), host.path(`${FOLDER}/box.js`));
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals([code, stderr], [0, ""]);
    const checked = await eac(host, "strategies", "check", "box.js");
    assertEquals(checked.code, 0, checked.stdout);
  },
);
