/** Strategies of the user's own that break: each ends in exit 8, names its file, and leaves nothing. */

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

const BOX = "[profile p]\nbox = blue\n";

const answer = (change: Record<string, unknown>) =>
  `echo '${JSON.stringify({ ...JSON.parse(ANSWER), ...change })}'`;

/** What a file does, and the words of the error. */
const FAILURES: readonly (readonly [what: string, text: string, expected: string])[] = [
  [
    "crashes",
    script({}, "echo one >&2; echo two >&2; exit 3"),
    "failed with exit code 3: one / two",
  ],
  ["is killed", script({}, "kill -9 $$"), "was ended by signal 9"],
  ["says nothing", script({}, "echo why not >&2"), "ended without an answer: why not"],
  ["says what is not JSON", script({}, "echo hello"), "answered with what is not JSON"],
  ["prints before its answer", script({}, `echo hi; echo '${ANSWER}'`), "what is not JSON"],
  ["fails with its own message", script({}, `echo '{"error": "vault sealed"}'`), "vault sealed"],
  ["hangs", script({ timeout: 1 }, "echo wait >&2; sleep 60"), "took longer than 1 s: wait"],
  [
    "closes its pipes and hangs",
    script({ timeout: 1 }, "exec >&- 2>&-; sleep 60"),
    "longer than 1 s",
  ],
  ["prints without end", script({}, "yes"), "printed more than 1 MiB"],
  ["asks in broken JSON", script({ wants: ["sts"] }, `echo '{"call": '; read -r r`), "not JSON"],
  ["answers null", script({}, "echo null"), "the answer is not an object"],
  ["adds fields", script({}, answer({ Region: "x", b: 1 })), 'unknown fields "Region", "b"'],
  [
    "lacks fields",
    script({}, 'echo \'{"AccessKeyId":"A"}\''),
    "no SecretAccessKey, no SessionToken",
  ],
  [
    "gives what has ended",
    script({}, answer({ Expiration: "2026-11-23T12:59:00Z" })),
    "in the past",
  ],
  [
    "gives what lasts too long",
    script({}, answer({ Expiration: "2027-01-01T00:00:00Z" })),
    "43200 s",
  ],
  ["keeps to no declared time", script({ maxDuration: 900 }, answer({})), "later than the 900 s"],
  ["gives a time without a zone", script({}, answer({ Expiration: "2026-11-23 14:00" })), "zone"],
  [
    "gives control characters",
    script({}, answer({ SessionToken: "a\u0007b" })),
    "control characters",
  ],
  ["throws", obtainModule('throw new TypeError("no box")'), "failed: TypeError: no box (box.js:3)"],
  ["throws what is no error", obtainModule('throw "just so"'), "failed: just so"],
  ["exits", obtainModule("Deno.exit(0)"), "ended without an answer"],
  ["exits by Node's name", obtainModule("process.exit(5)"), "failed with exit code 5"],
  ["loops", obtainModule("for (;;);", "timeout: 1,"), "took longer than 1 s"],
  [
    "never settles",
    obtainModule("await new Promise(() => {})", "timeout: 1,"),
    "took longer than 1 s",
  ],
  [
    "leaves a rejection",
    obtainModule(
      "Promise.reject(new Error('lost')); await 1; await new Promise(r => setTimeout(r, 500))",
    ),
    "lost",
  ],
  [
    "writes to stdout itself",
    obtainModule(`Deno.stdout.writeSync(new TextEncoder().encode("x")); return ${ANSWER}`),
    "what is not JSON",
  ],
  ["gives no object", obtainModule("return 5"), "the answer is not an object"],
  ["gives what JSON cannot hold", obtainModule("return { a: 1n }"), "BigInt"],
];

for (const [what, text, expected] of FAILURES) {
  const name = text.startsWith("#!") ? "box" : "box.js";
  const test = text.startsWith("#!") ? posixShellTest : Deno.test;
  test(`a strategy that ${what} is exit 8 with its file named`, async () => {
    using host = strategyHost({ [name]: text }, BOX);
    const { code, stdout, stderr } = await eac(host, "whoami", "p", "--json");
    assertEquals([code, stdout], [8, ""], stderr);
    const last = stderr.trim().split("\n").at(-1) ?? "";
    const { error } = JSON.parse(last);
    assertEquals([error.code, error.profile], ["strategy_failed", "p"]);
    assertStringIncludes(error.message, expected);
    assertStringIncludes(error.message, `(${host.path(`${FOLDER}/${name}`)})`);
    assertEquals(kept(host.home), []);
  });
}

/** Cached credentials. */
function kept(home: string): string[] {
  const folder = `${home}/.aws/eac/cache`;
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name !== "strategies.json");
}

posixShellTest("what a failing strategy says is shown without secrets", async () => {
  const say = 'read -r r; echo "key $AWS_SECRET_ACCESS_KEY" >&2; echo "token=abcdefgh" >&2; exit 1';
  using host = strategyHost(
    { box: script({ wants: ["source"] }, say) },
    "[profile p]\nbox = blue\nsource_profile = alice\n",
  );
  const { stderr } = await eac(host, "process", "p");
  assertStringIncludes(stderr, "key *** / token=***");
  assert(!/wJalrXUtnFEMI|abcdefgh/.test(stderr), stderr);
});

posixShellTest("a file that describes itself wrongly says what to fix", async () => {
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ api: 2 }, '"api" is 2; this eac supports 1'],
    [{ needz: [] }, 'unknown field "needz"'],
    [{ name: "My Box" }, '"name" is "My Box"'],
    [{ summary: "" }, '"summary" is not a non-empty string'],
    [{ needs: [] }, '"needs" is empty'],
    [{ needs: [["!box"]] }, "names no key that must be present"],
    [{ needs: ["box"] }, "is not a list"],
    [{ needs: [["Box"]] }, '"Box", which is not a key'],
    [{ reads: ["aws_secret_access_key"] }, 'wants: ["source"]'],
    [{ wants: ["secrets"] }, 'is "secrets"; use one of source, mfa'],
    [{ timeout: 10_000 }, '"timeout" is not a whole number of seconds from 1 to 900'],
    [{ maxDuration: "1h" }, '"maxDuration" is not a whole number'],
  ];
  for (const [change, expected] of cases) {
    using host = strategyHost({ box: script(change, "") }, BOX);
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 8, stderr);
    assertStringIncludes(stderr, expected);
  }
});

Deno.test("the error for a module that is not a strategy shows what to fix", async () => {
  const base = 'api: 1, name: "box", summary: "s", needs: [["box"]]';
  const cases: readonly (readonly [string, string])[] = [
    ["export const a = 1;", "it has no default export that is a strategy"],
    [`export default { ${base} };`, 'neither a function "steps" nor "obtain"'],
    [`export default { ${base}, steps() {}, obtain() {} };`, 'both "steps" and "obtain"'],
    [`export default { ${base}, steps() {}, wants: ["ask"] };`, '"ask" in "wants" belongs to'],
    [`export default { ${base}, obtain() {}, step: 1 };`, 'an unknown field "step"'],
    ["export default {", "box.js:1"],
    ['import "./missing.js";', "missing.js"],
    ["Deno.exit(3);", "failed with exit code 3"],
  ];
  for (const [text, expected] of cases) {
    using host = strategyHost({ "box.js": text }, BOX);
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 8, stderr);
    assertStringIncludes(stderr, expected);
  }
});

Deno.test("a broken file does not affect profiles that another strategy serves, except for a warning", async () => {
  using host = strategyHost({ "bad.js": "nonsense here" }, "[profile q]\nregion = x\n");
  const { code, stdout, stderr } = await eac(host, "explain", "alice");
  assertEquals(code, 0);
  assertStringIncludes(stderr, `warning: your strategy failed: SyntaxError`);
  assertStringIncludes(stderr, "bad.js");
  // explain says why this strategy does not serve the profile, and does not name it as the one that does.
  const bad = host.path(`${FOLDER}/bad.js`);
  const lines = stdout.split("\n").filter((line) => line.includes("bad.js"));
  assertEquals(lines.map((line) => line.startsWith(`not ${bad}: your strategy failed`)), [true]);
});

Deno.test("a file that breaks later still claims its profiles: no other strategy serves them", async () => {
  const config = "[profile p]\nbox = blue\nrole_arn = arn:aws:iam::123456789012:role/Open\n" +
    "source_profile = alice\n";
  using host = strategyHost({ "box.js": obtainModule(`return ${ANSWER}`) }, config);
  assertEquals((await eac(host, "process", "p")).code, 0);
  host.write(`${FOLDER}/box.js`, "export default {");
  const broken = await eac(host, "process", "p");
  assertEquals([broken.code, broken.stdout], [8, ""]);
  assertStringIncludes(broken.stderr, "box.js:1");
  assertEquals((await eac(host, "explain", "alice")).stderr, "");
});

Deno.test("a strategy that begins a chain and breaks later exits 8, and list and doctor name it", async () => {
  const breakages: Record<string, (path: string) => void> = {
    "syntax error": (path) => Deno.writeTextFileSync(path, "export default {"),
    "writable by others": (path) => Deno.chmodSync(path, 0o666),
    "throws when loaded": (path) => Deno.writeTextFileSync(path, "throw new Error('no')"),
    "no strategy any more": (path) => Deno.writeTextFileSync(path, "export default 5"),
  };
  if (Deno.build.os === "windows") delete breakages["writable by others"]; // it has no modes
  for (const [what, breakIt] of Object.entries(breakages)) {
    const config = `${BOX}[profile q]\nrole_arn = arn:aws:iam::123456789012:role/Open\n` +
      "source_profile = p\n";
    using host = strategyHost({ "box.js": obtainModule(`return ${ANSWER}`) }, config);
    const path = host.path(`${FOLDER}/box.js`);
    assertEquals((await eac(host, "process", "p")).code, 0);
    breakIt(path);
    for (const profile of ["p", "q"]) {
      const { code, stderr } = await eac(host, "process", profile, "--refresh");
      assertEquals(code, 8, `${what}: ${stderr}`);
      assertStringIncludes(stderr, path);
    }
    const { stdout, stderr } = await eac(host, "list");
    assertStringIncludes(stdout + stderr, "box.js", what);
    assertStringIncludes((await eac(host, "doctor")).stdout, "box.js", what);
  }
});

Deno.test("a source that a broken file may serve is an error, not left out of the chain", async () => {
  const config = "[profile p]\nbox = blue\nsource_profile = alice\n[profile on-top]\n" +
    "role_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = p\n";
  using host = strategyHost({ "box.js": "nonsense" }, config);
  const { code, stderr } = await eac(host, "explain", "on-top");
  assertEquals(code, 8);
  assertStringIncludes(
    stderr,
    'no strategy matches profile "p", and a strategy file cannot be used',
  );
});
