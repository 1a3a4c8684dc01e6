/** Files of a clone run once the user has allowed them, until they change. */

import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import {
  ANSWER,
  eac,
  FOLDER,
  obtainModule,
  script,
  strategyHost,
} from "../support/own_strategies.ts";
import { posixShellTest } from "../support/posix.ts";

const CONFIG = "[profile p]\nbox = x\n";

/** A module with a helper that notes when any of it runs. */
const FILES = {
  "box.js": `import { note } from "./_note.js";\nnote("loaded");\n` +
    obtainModule(`note("ran"); return ${ANSWER}`, 'wants: ["files"],'),
  "_note.js": `import { appendFileSync } from "node:fs";
export function note(word) {
  try { appendFileSync(process.env.HOME + "/" + word, "x"); } catch {}
}\n`,
};

const CLONE = { ...FILES, ".git/HEAD": "ref: refs/heads/main\n" };

function hasRun(host: { text(path: string): string | undefined }): boolean {
  return host.text("ran") !== undefined;
}

Deno.test("a file of a clone does not run before it is allowed", async () => {
  using host = strategyHost(CLONE, CONFIG);
  const { code, stderr } = await eac(host, "process", "p");
  assertEquals(code, 8);
  assertStringIncludes(stderr, "is in a clone, and was not allowed yet");
  assertStringIncludes(stderr, "eac strategies allow box.js");
  await eac(host, "strategies");
  await eac(host, "list");
  await eac(host, "doctor");
  assert(!hasRun(host));
  const allowed = await eac(host, "strategies", "allow", "box.js");
  assertEquals(allowed.code, 0, allowed.stderr);
  assertStringIncludes(allowed.stderr, "box.js");
  assert(!hasRun(host));
  const again = await eac(host, "process", "p");
  assertEquals([again.code, again.stderr], [0, ""]);
  assert(hasRun(host));
});

for (const changed of ["box.js", "_note.js"]) {
  Deno.test(`a change of ${changed} must be allowed again, and its profiles fail until then`, async () => {
    using host = strategyHost(CLONE, CONFIG);
    await eac(host, "strategies", "allow", "box.js");
    assertEquals((await eac(host, "process", "p")).code, 0);
    const path = host.path(`${FOLDER}/${changed}`);
    Deno.writeTextFileSync(path, `${Deno.readTextFileSync(path)}\n// changed\n`);
    const { code, stderr } = await eac(host, "process", "p", "--refresh");
    assertEquals(code, 8);
    assertStringIncludes(stderr, "has changed since it was allowed");
    assertStringIncludes((await eac(host, "doctor")).stdout, "has changed since it was allowed");
    assertEquals(host.text("ran"), "x");
    assertEquals((await eac(host, "strategies", "allow", "box.js")).code, 0);
    assertEquals((await eac(host, "process", "p", "--refresh")).code, 0);
  });
}

Deno.test("a cached description does not let a changed file serve other credentials", async () => {
  const config =
    `${CONFIG}role_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = alice\n`;
  using host = strategyHost(CLONE, config);
  await eac(host, "strategies", "allow", "box.js");
  assertEquals((await eac(host, "process", "p")).code, 0);
  host.write(`${FOLDER}/box.js`, "export default {};");
  const { code, stdout } = await eac(host, "process", "p", "--refresh");
  assertEquals([code, stdout], [8, ""]);
});

Deno.test("outside a clone every file runs, but an allowed one is pinned", async () => {
  using host = strategyHost(FILES, CONFIG);
  assertEquals((await eac(host, "process", "p")).code, 0);
  assertEquals((await eac(host, "strategies", "allow", "box.js")).code, 0);
  host.write(`${FOLDER}/box.js`, `${FILES["box.js"]}\n`);
  assertEquals((await eac(host, "process", "p", "--refresh")).code, 8);
});

posixShellTest("a program is allowed by its own content", async () => {
  using host = strategyHost({ ".git/HEAD": "", box: script({}, `echo '${ANSWER}'`) }, CONFIG);
  assertEquals((await eac(host, "process", "p")).code, 8);
  assertEquals((await eac(host, "strategies", "allow", host.path(`${FOLDER}/box`))).code, 0);
  assertEquals((await eac(host, "process", "p")).code, 0);
});

/** The files in another folder. */
function filesIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FILES).map(([name, text]) => [`${folder}/${name}`, text]),
  );
}

const LINKED: Record<
  string,
  { readonly files: Record<string, string>; readonly links: Record<string, string> }
> = {
  "a folder that is a link to a subfolder of a clone": {
    files: { "team/.git/HEAD": "", ...filesIn("team/aws/strategies") },
    links: { [FOLDER]: "team/aws/strategies" },
  },
  "a folder below a clone": {
    files: { ".aws/eac/.git/HEAD": "", ...filesIn(FOLDER) },
    links: {},
  },
  "a worktree, whose .git is a file": {
    files: { "team/.git": "gitdir: ../main", ...filesIn("team") },
    links: { [FOLDER]: "team" },
  },
  "a file that is a link into a clone": {
    files: { "team/.git/HEAD": "", ...filesIn("team/aws"), [`${FOLDER}/README.md`]: "" },
    links: { [`${FOLDER}/box.js`]: "team/aws/box.js" },
  },
  "a file that imports one of a clone": {
    files: {
      "team/.git/HEAD": "",
      "team/_note.js": FILES["_note.js"],
      [`${FOLDER}/box.js`]: FILES["box.js"].replace("./_note.js", "../../../team/_note.js"),
    },
    links: {},
  },
};

for (const [what, { files, links }] of Object.entries(LINKED)) {
  posixShellTest(`${what} does not run before it is allowed`, async () => {
    using host = strategyHost({}, CONFIG);
    for (const [path, text] of Object.entries(files)) host.write(path, text);
    for (const [path, to] of Object.entries(links)) {
      host.write(".aws/eac/x", "");
      Deno.symlinkSync(host.path(to), host.path(path));
    }
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 8, stderr);
    assertStringIncludes(stderr, "eac strategies allow box.js");
    assert(!hasRun(host));
    assertEquals((await eac(host, "strategies", "allow", "box.js")).code, 0);
    assertEquals((await eac(host, "process", "p")).code, 0);
  });
}

posixShellTest("in a home that is a repository of dotfiles every file runs", async () => {
  using host = strategyHost(FILES, CONFIG);
  host.write(".git/HEAD", "");
  assertEquals((await eac(host, "process", "p")).code, 0);
});

Deno.test("strategies --json shows which files are allowed, and their hashes", async () => {
  using host = strategyHost(CLONE, CONFIG);
  const listed = async () => JSON.parse((await eac(host, "strategies", "--json")).stdout)[0];
  const before = await listed();
  assertEquals([before.allowed, before.hash.length], [false, 64]);
  assertStringIncludes(before.problem, "eac strategies allow box.js");
  await eac(host, "strategies", "allow", "box.js");
  const after = await listed();
  assertEquals([after.allowed, after.hash, after.wants], [true, before.hash, ["files"]]);
});

Deno.test("check tests a file that is not allowed", async () => {
  using host = strategyHost({ ...CLONE, "box.test.json": "[]" }, CONFIG);
  assertEquals((await eac(host, "strategies", "check", "box.js")).code, 0);
});

Deno.test("files that are allowed at the same time are all allowed", async () => {
  const names = [..."abcdefgh"].map((name) => `${name}.js`);
  const files = Object.fromEntries(names.map((name) => [name, `// ${name}`]));
  using host = strategyHost({ ...files, ".git/HEAD": "" }, CONFIG);
  const all = await Promise.all(names.map((name) => eac(host, "strategies", "allow", name)));
  assertEquals(all.map(({ code }) => code), names.map(() => 0));
  const { files: allowed } = JSON.parse(host.text(".aws/eac/allowed.json")!);
  assertEquals(Object.keys(allowed).length, names.length);
});

Deno.test("with a damaged list no strategy runs, and the error shows how to start over", async () => {
  using host = strategyHost(FILES, CONFIG);
  host.write(".aws/eac/allowed.json", "{");
  const { code, stderr } = await eac(host, "process", "p");
  assertEquals(code, 8);
  assertStringIncludes(stderr, "allowed.json is damaged");
  assertStringIncludes(stderr, "rm ");
  assert(!hasRun(host));
});

for (
  const [argv, problem] of [
    [["allow"], "one or more FILEs"],
    [["allow", "missing.js"], "there is no file"],
    [["allow", "/tmp/box.js"], "is not in"],
    [["allow", "_note.js"], "is not a strategy"],
  ] as const
) {
  Deno.test(`strategies ${argv.join(" ")} is refused: ${problem}`, async () => {
    using host = strategyHost(CLONE, CONFIG);
    const { code, stderr } = await eac(host, "strategies", ...argv);
    assert(code !== 0);
    assertStringIncludes(stderr, problem);
    assertEquals(host.text(".aws/eac/allowed.json"), undefined);
  });
}
