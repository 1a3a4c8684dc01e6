/** The folder of the user's own strategies: which files count, which are refused, in which order. */

import { newFiles } from "../../lib/plugins/check/templates.ts";
import { checkSafety } from "../../lib/plugins/safety.ts";
import { EacError } from "../../lib/errors.ts";
import type { FileInfo } from "../../lib/host/host.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";
import { strategies } from "../../strategies/mod.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import {
  ANSWER,
  eac,
  FOLDER,
  obtainModule,
  script,
  strategyHost,
} from "../support/own_strategies.ts";
import { posixShellTest, posixTest, PRIVATE_FOLDER } from "../support/posix.ts";

const BOX = "[profile p]\nbox = blue\n";

Deno.test("without a folder eac looks for no strategy and creates no file", async () => {
  using host = testHost({
    home: { ".aws/config": "[profile a]\naws_access_key_id = AKIA\naws_secret_access_key = s\n" },
  });
  const read: string[] = [];
  const at: TestHost = {
    ...host,
    readFile(path) {
      read.push(path);
      return host.readFile(path);
    },
    converse: () => {
      throw new Error("a process was started");
    },
  };
  assertEquals((await eac(at, "explain", "a")).code, 0);
  assertEquals(read.filter((path) => path.includes("strategies")), []);
  assertEquals(host.text(".aws/eac/cache/strategies.json"), undefined);
});

Deno.test("strategies names the folder of custom strategies, and shows how to create the first", async () => {
  for (const files of [{}, { "box.js": obtainModule(`return ${ANSWER}`) }]) {
    using host = strategyHost(files, BOX);
    const { code, stdout } = await eac(host, "strategies");
    assertEquals(code, 0);
    const last = stdout.trimEnd().split("\n").at(-1)!;
    assertStringIncludes(last, host.path(FOLDER));
    assertEquals(last.includes("eac strategies new"), !("box.js" in files), last);
  }
});

posixShellTest(
  "strategies lists custom strategies first, by file name, and what is wrong with broken files",
  async () => {
    using host = strategyHost({
      "20-b.js": obtainModule("", "").replace('"box", summary', '"second", summary'),
      "10-a": script({ name: "first", needs: [["a", "!b"], ["c"]] }, ""),
      "30-c.mjs": obtainModule("", ""),
      "40-d.js": obtainModule("", ""),
      "types.d.ts": "nonsense",
      "10-a.test.json": "[]",
      "_shared.js": "nonsense",
      ".hidden.js": "nonsense",
      "README.md": "notes",
      "LICENSE": "MIT",
      "Makefile": "all:",
      "common.py": "def helper(): pass",
      "notes": "#!/bin/sh\n",
    }, "");
    for (const name of ["notes", "LICENSE", "Makefile"]) {
      Deno.chmodSync(host.path(`${FOLDER}/${name}`), 0o600);
    }
    const listed = JSON.parse((await eac(host, "strategies", "--json")).stdout);
    const file = (name: string) => host.path(`${FOLDER}/${name}`);
    const withoutHash = ({ hash, ...rest }: Record<string, unknown>) => {
      assertMatch(String(hash), /^[0-9a-f]{64}$/);
      return { ...rest, wants: rest.wants, env: rest.env };
    };
    const declared = { gives: "credentials", wants: [], env: [], allowed: false };
    assertEquals(listed.slice(0, 3).map(withoutHash), [
      {
        ...declared,
        name: "first",
        kind: "executable",
        file: file("10-a"),
        needs: [["a", "!b"], ["c"]],
        summary: "a box",
      },
      {
        ...declared,
        name: "second",
        kind: "module",
        file: file("20-b.js"),
        needs: [["box"]],
        summary: "a box",
      },
      {
        ...declared,
        name: "box",
        kind: "module",
        file: file("30-c.mjs"),
        needs: [["box"]],
        summary: "a box",
      },
    ]);
    assertStringIncludes(listed[3].problem, `the name "box" is taken by ${file("30-c.mjs")};`);
    assertStringIncludes(
      listed[4].problem,
      `is neither a module nor executable; chmod u+x ${file("notes")}`,
    );
    assertEquals(
      listed.slice(5).map(({ name, kind, file }: Record<string, unknown>) => [name, kind, file]),
      strategies.map(({ name }) => [name, "built-in", null]),
    );
    assertEquals(listed[4].file, file("notes"));
    const table = (await eac(host, "strategies", "list")).stdout;
    assertMatch(table, /first +executable +10-a +a \+ no b/);
    assertStringIncludes(table, `! ${file("notes")}: `);
  },
);

Deno.test("the first file by name that matches serves the profile; explain names the others", async () => {
  using host = strategyHost({
    "a.js": obtainModule(`return ${ANSWER}`).replace('"box", summary', '"one", summary').replace(
      '[["box"]]',
      '[["box", "lid"]]',
    ),
    "b.js": obtainModule(`return ${ANSWER}`).replace('"box", summary', '"two", summary'),
    "c.js": obtainModule(`return ${ANSWER}`),
  }, BOX);
  const { strategy, considered } = JSON.parse((await eac(host, "explain", "p", "--json")).stdout);
  assertEquals(strategy, "two");
  assertEquals(considered, [
    { strategy: "one", matched: false, missing: ["lid"], file: host.path(`${FOLDER}/a.js`) },
    { strategy: "two", matched: true, missing: [], file: host.path(`${FOLDER}/b.js`) },
  ]);
  const text = (await eac(host, "explain", "p")).stdout;
  assertStringIncludes(text, `p  two  ${host.path(`${FOLDER}/b.js`)}`);
  assertStringIncludes(text, `not one (${host.path(`${FOLDER}/a.js`)}): no lid`);
});

Deno.test("the hint for a profile that no strategy serves has what each strategy misses", async () => {
  const config = "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/Open\n";
  using host = strategyHost({ "box.js": obtainModule("") }, config);
  const { code, stderr } = await eac(host, "explain", "r");
  assertEquals(code, 3);
  assertMatch(stderr, /hint: add one of the two; box needs box; pass-through needs /);
  assertMatch(
    (await eac(host, "explain", "r", "--strategy", "box")).stderr,
    /hint: box needs box$/m,
  );
});

Deno.test("--strategy and eac_strategy select a strategy directly, in a source too", async () => {
  const config = `${BOX}[profile q]\nbox = blue\neac_strategy = late\n
[profile on-q]\nrole_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = q\n`;
  const late = obtainModule(`return ${ANSWER}`).replace('"box", summary', '"late", summary');
  using host = strategyHost({ "a.js": obtainModule(""), "z.js": late }, config);
  const strategyOf = async (...argv: string[]) =>
    JSON.parse((await eac(host, "explain", "--json", ...argv)).stdout);
  assertEquals((await strategyOf("p")).strategy, "box");
  assertEquals((await strategyOf("p", "--strategy", "late")).strategy, "late");
  assertEquals((await strategyOf("q")).strategy, "late");
  assertEquals((await strategyOf("on-q")).base.strategy, "late");
});

Deno.test("explain shows that a custom strategy comes before a built-in one", async () => {
  const config =
    "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = alice\nbox = blue\n";
  const named = obtainModule("").replace('"box", summary', '"assume-role", summary');
  using host = strategyHost({ "a.js": obtainModule("") }, config);
  const { notes } = JSON.parse((await eac(host, "explain", "r", "--json")).stdout);
  assertEquals(notes, [
    `"box" (${host.path(`${FOLDER}/a.js`)}) matches before the built-in "assume-role"`,
  ]);
  using same = strategyHost({ "a.js": named }, config);
  assertStringIncludes(
    (await eac(same, "explain", "r")).stdout,
    "replaces the built-in strategy of that name",
  );
  assertStringIncludes((await eac(same, "strategies")).stdout, "replaces the built-in one");
});

posixShellTest(
  "a file or folder that others can write is refused, with the command that fixes it",
  async () => {
    for (
      const [path, mode] of [[`${FOLDER}/box`, 0o720], [FOLDER, 0o702], [".aws/eac", 0o770], [
        ".aws",
        0o777,
      ]] as const
    ) {
      using host = strategyHost(
        { box: script({}, `echo ran > "$HOME/ran"; echo '${ANSWER}'`) },
        BOX,
      );
      Deno.chmodSync(host.path(path), mode);
      const { code, stderr } = await eac(host, "process", "p");
      assertEquals(code, 8, stderr);
      const all = path === FOLDER ? "-R " : "";
      assertStringIncludes(stderr, `chmod ${all}go-w ${host.path(path)}`);
      assertEquals(host.text("ran"), undefined);
      const [first] = JSON.parse((await eac(host, "strategies", "--json")).stdout);
      assertEquals(first.file, host.path(`${FOLDER}/box`));
      assertStringIncludes(first.problem, "can be written by others");
    }
  },
);

const BOX_PATH = "/home/me/.aws/eac/strategies/box";

Deno.test("checkSafety refuses files and folders of other users, and follows links", () => {
  const ours = { size: 0, mtime: 0, readOnly: false, uid: 1000, gid: 1000 };
  const folder: FileInfo = { ...ours, kind: "folder", mode: 0o755 };
  const file: FileInfo = { ...folder, kind: "file", mode: 0o700 };
  const check = (
    files: Record<string, Partial<FileInfo>>,
    link = BOX_PATH,
  ) =>
    checkSafety({
      env: { HOME: "/home/me" },
      os: "linux",
      userId: () => 1000,
      realPath: (path) => path,
      readLink: (path) => path === BOX_PATH && link !== BOX_PATH ? link : undefined,
      stat: (path) => ({
        ...path.endsWith("box") ? file : folder,
        ...path.startsWith("/home/me") ? {} : { uid: 0 },
        ...files[path],
      }),
    }, BOX_PATH);
  check({});
  check({}, "/usr/lib/box");
  check(
    { "/tmp": { mode: 0o1777 }, "/tmp/mine": { uid: 1000 }, "/tmp/mine/box": { uid: 1000 } },
    "/tmp/mine/box",
  );
  check({ "/": { mode: 0o777 } }); // above HOME
  const refused = (run: () => void, hint: string) =>
    assertEquals(assertThrows(run, EacError).hint, hint);
  refused(
    () => check({ "/home/me/.aws/eac/strategies/box": { uid: 1001 } }),
    "chown 1000 /home/me/.aws/eac/strategies/box, if you trust what is there",
  );
  refused(
    () => check({ "/home/me/.aws": { uid: 1001 } }),
    "chown 1000 /home/me/.aws, if you trust what is there",
  );
  refused(
    () => check({ "/home/me/.aws": { uid: undefined } }),
    "deno needs --allow-sys=uid",
  );
  refused(() => check({ "/opt": { mode: 0o775 } }, "/opt/box"), "chmod go-w /opt");
  refused(() => check({ "/opt": { mode: 0o1777, uid: 1000 } }, "/opt/box"), "chmod go-w /opt");
});

posixTest(
  "no file modes",
  "a strategy behind links is refused where another user can change one of them",
  () => {
    using host = testHost({ home: { "mine/box.js": "", "att/other.js": "" } });
    const at = (path: string) => host.path(path);
    const link = (target: string, path: string) => Deno.symlinkSync(target, at(path));
    link("mine/box.js", "near.js");
    link(at("near.js"), "far.js");
    link("../mine/box.js", "att/box.js");
    link("att/box.js", "through.js");
    link("loop.js", "loop.js");
    for (const path of ["mine/box.js", "near.js", "far.js", "through.js", "att/../mine/box.js"]) {
      assertEquals(checkSafety(host, at(path)), Deno.realPathSync(at("mine/box.js")));
    }
    assertStringIncludes(assertThrows(() => checkSafety(host, at("loop.js"))).message, "links");
    assertEquals(checkSafety(host, at("missing.js")), undefined);
    Deno.chmodSync(at("att"), 0o777);
    for (const path of ["through.js", "att/box.js", "att/../mine/box.js", "att/missing.js"]) {
      const { code, message } = assertThrows(() => checkSafety(host, at(path)), EacError);
      assertEquals(code, "strategy_failed");
      assertStringIncludes(message, "att can be written by others");
    }
    checkSafety(host, at("near.js"));
  },
);

Deno.test("a strategy whose folder is removed during the check counts as missing", () => {
  const looks = new Map<string, number>();
  const folder: FileInfo = {
    kind: "folder",
    size: 0,
    mtime: 0,
    mode: 0o755,
    uid: 0,
    gid: 0,
    readOnly: false,
  };
  const path = checkSafety({
    env: {},
    os: "linux",
    userId: () => 1000,
    realPath: (path) => path,
    readLink: () => undefined,
    stat: (path) => {
      looks.set(path, (looks.get(path) ?? 0) + 1);
      if (path === "/opt/box") return undefined;
      return path === "/opt" && looks.get(path)! > 1 ? undefined : folder;
    },
  }, "/opt/box");
  assertEquals(path, undefined);
});

const AS_ROOT = Deno.build.os !== "windows" && Deno.uid() === 0;
/** Why a test is ignored, for its name. */
const IGNORED = AS_ROOT ? "" : " (ignored: only root can give a file away)";

Deno.test({
  name: "in a folder such as /tmp neither a link nor a missing file is trusted" + IGNORED,
  ignore: !AS_ROOT,
  fn() {
    using host = testHost({ home: { "mine/box.js": "" } });
    const folder = host.path("shared");
    Deno.mkdirSync(folder);
    Deno.chmodSync(folder, 0o1777);
    Deno.writeTextFileSync(`${folder}/own.js`, "");
    Deno.symlinkSync(host.path("mine/box.js"), `${folder}/link.js`);
    checkSafety(host, `${folder}/own.js`);
    for (const [name, problem] of [["link.js", "is a link"], ["none.js", "is missing"]] as const) {
      assertStringIncludes(
        assertThrows(() => checkSafety(host, `${folder}/${name}`)).message,
        problem,
      );
    }
  },
});

Deno.test("a file whose keys do not match costs a warm run neither a process nor a read", async () => {
  using host = strategyHost({ "box.js": obtainModule("") }, "");
  // Of a file that has just been written nobody knows whether it is being written again.
  Deno.utimeSync(host.path(`${FOLDER}/box.js`), 0, 0);
  assertEquals((await eac(host, "explain", "alice")).code, 0);
  const read: string[] = [];
  const at: TestHost = {
    ...host,
    converse: () => {
      throw new Error("a process was started");
    },
    readFile(path) {
      read.push(path);
      return host.readFile(path);
    },
  };
  assertEquals((await eac(at, "explain", "alice")).code, 0);
  assertEquals(read.filter((path) => path.includes("box.js")), []);
});

posixShellTest(
  "a file that fails to describe itself is tried again after a minute, or by strategies",
  async () => {
    using host = strategyHost({ box: '#!/bin/sh\necho x >> "$HOME/asked"; exit 4\n' }, BOX);
    const asked = () => host.text("asked")?.length ?? 0;
    for (let run = 0; run < 3; run++) assertEquals((await eac(host, "process", "p")).code, 8);
    assertEquals(asked(), 2);
    await eac(host, "strategies");
    assertEquals(asked(), 4);
    host.time += 60_000;
    assertEquals((await eac(host, "process", "p")).code, 8);
    assertEquals(asked(), 6);
  },
);

for (const name of ["acme.js", "acme.mjs", "acme.ts", "acme"]) {
  const test = name.includes(".") ? Deno.test : posixShellTest;
  test(`strategies new ${name} writes a strategy whose test passes`, async () => {
    using host = strategyHost({}, "");
    const made = await eac(host, "strategies", "new", name);
    assertEquals(made.code, 0, made.stderr);
    for (const file of newFiles(name)) {
      const path = host.path(`${FOLDER}/${file.name}`);
      assertEquals(host.stat(path)?.mode, host.os === "windows" ? undefined : file.mode, path);
    }
    assertEquals(host.stat(host.path(FOLDER))?.mode, PRIVATE_FOLDER);
    const checked = await eac(host, "strategies", "check", name);
    assertEquals(checked.code, 0, checked.stdout + checked.stderr);
    assertEquals(
      checked.stdout,
      [
        "ok      keeps the contract",
        "ok      assumes the role of the team",
        "ok      assumes the role of the team; asked again, from the cache",
        `${host.path(`${FOLDER}/${name}`)}: 3 ok, 0 failed`,
        "",
      ].join("\n"),
    );
    // Types of an older eac next to it are updated; a tsconfig.json is the user's.
    host.write(`${FOLDER}/eac-strategy.d.ts`, "// older");
    host.write(`${FOLDER}/tsconfig.json`, "{}");
    assertEquals((await eac(host, "strategies", "new", "second.js")).code, 0);
    assertStringIncludes(host.text(`${FOLDER}/eac-strategy.d.ts`) ?? "", "interface StepStrategy");
    assertEquals(host.text(`${FOLDER}/tsconfig.json`), "{}");
    const again = await eac(host, "strategies", "new", name);
    assertEquals(again.code, 2);
    assertStringIncludes(again.stderr, "exists");
  });
}

Deno.test("strategies new writes only modules on Windows, which runs no shell script", async () => {
  for (
    const name of ["acme", "acme.sh", "acme.py", "acme.cmd", "acme.BAT", "acme.exe", "acme.com"]
  ) {
    using host = strategyHost({}, "");
    const made = await eac(
      Object.assign(host, { os: "windows" as const }),
      "strategies",
      "new",
      name,
    );
    assertEquals([name, made.code], [name, 2]);
    assertStringIncludes(made.stderr, "eac strategies new acme.js");
    const words = /\.(cmd|bat|exe|com)$/i.test(name) ? [name] : [".js", ".exe", ".cmd", ".bat"];
    for (const word of words) assertStringIncludes(made.stderr, word);
    assertEquals(host.stat(host.path(FOLDER)), undefined);
  }
});

posixShellTest("strategies check reports what fails, as JSON too, and ends with 8", async () => {
  const test = [{ name: "gives it", profile: { box: "b" }, calls: ["AssumeRole x"] }, {
    name: "fails",
    profile: { box: "b" },
    fails: "no",
  }];
  using host = strategyHost({
    box: script({}, `echo '${ANSWER}'`),
    "box.test.json": JSON.stringify(test),
  }, "");
  const { code, stdout } = await eac(host, "strategies", "check", "box", "--json");
  assertEquals(code, 8);
  const file = host.path(`${FOLDER}/box`);
  assertEquals(JSON.parse(stdout), [
    { file, name: "keeps the contract", status: "ok" },
    {
      file,
      name: "gives it",
      status: "failed",
      problem: "STS got these calls:\n  none\nexpected:\n  AssumeRole x",
    },
    {
      file,
      name: "fails",
      status: "failed",
      problem: "it returned credentials, but should have failed",
    },
  ]);
});

posixShellTest(
  "a team's repository is the folder: an update of one strategy leaves the other's cache valid",
  async () => {
    const answer = (log: string) => `echo read >> "$HOME/${log}"; echo '${ANSWER}'`;
    const smartcard = script({ name: "smartcard", needs: [["card"]] }, answer("card"));
    using host = strategyHost(
      {
        "vault.js": 'import { signIn } from "./_sign_in.js";\n' +
          'import accounts from "./_accounts.json" with { type: "json" };\n' +
          obtainModule("console.log(accounts.blue); return signIn();"),
        "_sign_in.js": `export const signIn = () => (${ANSWER});\n`,
        "_accounts.json": '{"blue":"123456789012"}',
        "vault.test.json": '[{"name":"signs in","profile":{"box":"blue"}}]',
        smartcard,
        "README.md": "notes",
        "LICENSE": "MIT",
        "Makefile": "all:",
      },
      "[profile p]\nbox = blue\n[profile c]\ncard = red\n",
    );
    for (const name of ["LICENSE", "Makefile"]) {
      Deno.chmodSync(host.path(`${FOLDER}/${name}`), 0o644);
    }
    const { stdout, stderr } = await eac(host, "strategies", "--json");
    const own = JSON.parse(stdout).filter(({ kind }: { kind: string }) => kind !== "built-in");
    assertEquals(stderr, "");
    assertEquals(own.map(({ name }: { name: string }) => name), ["smartcard", "box"]);

    assertStringIncludes((await eac(host, "process", "p")).stderr, "123456789012");
    assertEquals((await eac(host, "process", "c")).code, 0);
    Deno.writeTextFileSync(
      host.path(`${FOLDER}/_accounts.json`),
      '{"blue":"210987654321", "red": ""}',
    );
    assertStringIncludes((await eac(host, "process", "p")).stderr, "210987654321");
    assertEquals((await eac(host, "process", "c")).code, 0);
    assertEquals(host.text("card"), "read\n");
  },
);

Deno.test("strategies check --tap numbers the checks of all files, with reasons as comments", async () => {
  const failing = obtainModule('throw new Error("line 1\\nok 7 - forged")').replace(
    '"box", s',
    '"bad", s',
  );
  using host = strategyHost({
    "good.js": obtainModule(`return ${ANSWER}`),
    "good.test.json": '[{"name":"works # always","profile":{"box":"blue"}}]',
    "bad.js": failing,
    "bad.test.json": '[{"name":"fails","profile":{"box":"blue"}}]',
    "untested.js": failing.replace('"bad", s', '"other", s'),
  }, "");
  const { code, stdout } = await eac(
    host,
    ...["strategies", "check", "good.js", "bad.js", "untested.js", "--tap"],
  );
  assertEquals(code, 8);
  const lines = stdout.trimEnd().split("\n");
  assertEquals([lines[0], lines.at(-1)], ["TAP version 14", "1..7"]);
  const points = lines.slice(1, -1).filter((line) => !line.startsWith("# "));
  const plain = points.map((line) => line.replace(/ - .*[/\\](?=\w+\.js: )/, " "));
  assertEquals(plain, [
    "ok 1 good.js: keeps the contract",
    "ok 2 good.js: works \\# always",
    "ok 3 good.js: works \\# always; asked again, from the cache",
    "ok 4 bad.js: keeps the contract",
    "not ok 5 bad.js: fails",
    "ok 6 untested.js: keeps the contract",
    "ok 7 untested.js: returns credentials for made-up keys # SKIP",
  ]);
  for (const argv of [["list", "--tap"], ["check", "good.js", "--tap", "--json"]]) {
    assertEquals((await eac(host, "strategies", ...argv)).code, 2, argv.join(" "));
  }
});

Deno.test("strategies --json has what a team can pin: wants, env, and a hash that follows imports", async () => {
  using host = strategyHost({
    "box.js": `import "./_v.js";${
      obtainModule("", 'wants: ["ask", "fetch"], env: ["VAULT_ADDR"],')
    }`,
    "_v.js": "// 1",
  }, "");
  const first = async () => JSON.parse((await eac(host, "strategies", "--json")).stdout)[0];
  const before = await first();
  assertEquals([before.wants, before.env], [["ask", "fetch"], ["VAULT_ADDR"]]);
  assertEquals((await first()).hash, before.hash);
  host.write(`${FOLDER}/_v.js`, "// 22");
  assert((await first()).hash !== before.hash);
});

Deno.test("strategies check takes several files, and fails if one does", async () => {
  const named = (name: string) =>
    obtainModule(`return ${ANSWER}`).replace('"box", summary', `"${name}", summary`);
  using host = strategyHost({ "a.js": named("a"), "b.js": named("b"), "c.js": "nonsense" }, "", {
    now: Date.now(),
  });
  const good = await eac(host, "strategies", "check", "a.js", "b.js");
  assertEquals(good.code, 0, good.stdout);
  for (const name of ["a.js", "b.js"]) {
    assertStringIncludes(good.stdout, `${host.path(`${FOLDER}/${name}`)}: `);
  }
  const bad = await eac(host, "strategies", "check", "c.js", "a.js", "--json");
  assertEquals(bad.code, 8);
  const files = JSON.parse(bad.stdout).map(({ file }: { file: string }) => file.slice(-4));
  assertEquals([...new Set(files)], ["c.js", "a.js"]);
});

Deno.test("the answers of a test are typed in order, each once", async () => {
  const asking = obtainModule(
    `const answers = [];
    for (let at = 0; at < 3; at++) answers.push(await context.ask("question " + at));
    throw new Error(answers.join("-"));`,
    'wants: ["ask"],',
  );
  const test = (name: string, answers: string[], fails: string) => ({
    name,
    profile: { box: "b" },
    answers,
    fails,
  });
  const tests = [
    test("three answers", ["one", "two", "three"], "one-two-three"),
    test("again from the first", ["four", "five", "six"], "four-five-six"),
    test("one answer too few", ["one", "two"], "the terminal closed"),
  ];
  using host = strategyHost({ "box.js": asking, "box.test.json": JSON.stringify(tests) }, "");
  const { code, stdout } = await eac(host, "strategies", "check", "box.js");
  assertEquals(code, 0, stdout);
});

Deno.test("strategies check ends when a strategy keeps asking, and shows only its last lines", async () => {
  const asking = obtainModule(
    `for (let at = 0; at < 1000; at++) context.log("line " + at);
    while (await context.ask("Ticket:") !== "INC-1") context.log("a ticket looks like INC-1");`,
    'wants: ["ask"],',
  );
  const test = { name: "asks", profile: { box: "b" }, answers: ["what"], fails: "done" };
  using host = strategyHost({ "box.js": asking, "box.test.json": JSON.stringify([test]) }, "");
  const { code, stdout } = await eac(host, "strategies", "check", "box.js");
  assertEquals(code, 8);
  assertStringIncludes(stdout, "the terminal closed");
  assert(stdout.split("\n").length < 40, stdout);
});

Deno.test("strategies check shows the last 20 lines of a failed run, and how many came before", async () => {
  const test = { name: "works", profile: { box: "b" } };
  // The error is one line more.
  for (const [printed, leftOut] of [[19, 0], [20, 1]] as const) {
    const printing = obtainModule(
      `for (let at = 0; at < ${printed}; at++) context.log("line " + at);
      throw new Error("no");`,
    );
    using host = strategyHost({ "box.js": printing, "box.test.json": JSON.stringify([test]) }, "");
    const { code, stdout } = await eac(host, "strategies", "check", "box.js");
    assertEquals(code, 8);
    assertEquals(stdout.match(/\[(\d+) lines before\]/)?.[1], leftOut === 0 ? undefined : "1");
    assertEquals(stdout.match(/line \d+/)?.[0], `line ${leftOut}`);
  }
});

Deno.test("a test can have more profiles, variables, files, other answers and no terminal", async () => {
  const body = `const { env } = process;
    const page = await (await context.fetch(env.SERVER + "/form")).text();
    const header = (await context.fetch(env.SERVER + "/form")).headers.get("location");
    const file = Deno.readTextFileSync(env.HOME + "/etc/acme/token");
    throw new Error([request.profile["source_profile.region"], page, header, file,
      request.interactive].join("|"));`;
  const test = {
    name: "has all of them",
    profile: { box: "b", source_profile: "hub" },
    profiles: { hub: { region: "eu-west-3" } },
    env: { SERVER: "{server}" },
    files: { "etc/acme/token": "from {server}" },
    terminal: false,
    serve: { "GET /form": { text: "<form>{AccessKeyId}", headers: { location: "/next" } } },
    fails: "eu-west-3|<form>ASIAIOSFODNN7EXAMPLE|/next|from http://127.0.0.1",
  };
  const tests = [test, { ...test, name: "has no terminal", fails: "|false" }];
  using host = strategyHost({
    "box.js": obtainModule(
      body,
      'reads: ["source_profile.region"], wants: ["fetch", "files"],',
    ),
    "box.test.json": JSON.stringify(tests),
  }, "");
  const { code, stdout } = await eac(host, "strategies", "check", "box.js");
  assertEquals(code, 0, stdout);
  for (const path of ["..", "../x", "/x", "a/../../x", "a/..", "C:x", "a\\b"]) {
    host.write(
      `${FOLDER}/box.test.json`,
      JSON.stringify([{ ...test, files: { [path]: "" } }]),
    );
    const refused = await eac(host, "strategies", "check", "box.js");
    assertStringIncludes(refused.stdout, "not a valid name");
  }
});

posixShellTest(
  "strategies check finds a misspelled test, a file that is not a strategy, and a missing file",
  async () => {
    using host = strategyHost({
      box: script({}, ""),
      "box.test.json": '[{"name": "a", "profile": {}, "call": []}]',
      "notes.md": "",
    }, "");
    const bad = await eac(host, "strategies", "check", "box");
    assertEquals(bad.code, 8);
    assertStringIncludes(bad.stdout, 'a test has an unknown field "call"');
    assertStringIncludes(
      (await eac(host, "strategies", "check", "notes.md")).stdout,
      "strategy file name",
    );
    const none = await eac(host, "strategies", "check", "nothing.js");
    assertEquals([none.code, none.stderr.includes("there is no file")], [2, true]);
  },
);

posixShellTest("strategies check leaves nothing of the person's own touched", async () => {
  using host = strategyHost({ box: script({}, `env > "$HOME/env"; echo '${ANSWER}'`) }, BOX, {
    env: { AWS_PROFILE: "p", EAC_MFA_TOKEN: "123456" },
  });
  assertEquals((await eac(host, "strategies", "check", "box")).code, 0);
  assertEquals(host.text("env"), undefined);
  assertEquals(host.text(".aws/eac/cache/strategies.json"), undefined);
});

Deno.test("strategies suggests list, new or check for a misspelled action", async () => {
  using host = strategyHost({}, "");
  for (const argv of [["nwe", "a.js"], ["new"], ["check"], ["list", "a"]]) {
    const { code, stderr } = await eac(host, "strategies", ...argv);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "hint: ");
  }
});

Deno.test("strategies new writes the contract next to a module, for editors", () => {
  const types = newFiles("a.ts").find(({ name }) => name === "eac-strategy.d.ts");
  const contract = new URL("../../strategies/strategy.ts", import.meta.url);
  assertEquals(types?.text, Deno.readTextFileSync(contract));
});

Deno.test("strategies new types process.env, which docs/strategies.md reads", () => {
  const types = newFiles("a.js").find(({ name }) => name === "eac-node.d.ts");
  assertStringIncludes(types?.text ?? "", "declare const process: { readonly env:");
});
