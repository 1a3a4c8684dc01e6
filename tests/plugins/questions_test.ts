/** What the user sees of strategies that ask, or take their time, for several profiles at once. */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import type { TestHost } from "../support/fakes.ts";
import { ANSWER, eac, IN_AN_HOUR, obtainModule, strategyHost } from "../support/own_strategies.ts";

const THREE = ["a", "b", "c"].map((name) =>
  `[profile ${name}]
box = ${name}
destination_profile = ${name}-temp
`
).join("");

const ASKS = obtainModule(
  `await context.ask("Password:", { secret: true }); await context.ask("Code:"); return ${ANSWER}`,
  'wants: ["ask"],',
);

Deno.test("get asks all questions of one profile before those of the next, and names the profile", async () => {
  const typed = Array.from({ length: 6 }, () => "x\r");
  using host = strategyHost({ "box.js": ASKS }, THREE, { typed });
  const { code, stderr } = await eac(host, "get", "a", "b", "c");
  assertEquals(code, 0, stderr);
  const asked = host.printed.terminal.match(/box \(\w\): \w+:/g) ?? [];
  assertEquals(
    asked,
    [..."abc"].flatMap((name) => [
      `box (${name}): Password:`,
      `box (${name}): Code:`,
    ]),
  );
});

Deno.test("a shared sign-in asks once, for its own profile", async () => {
  const login = obtainModule(
    `await context.ask("Password:", { secret: true });
     return { Token: "token-of-the-session", Expiration: "${IN_AN_HOUR}" }`,
    'gives: "sign-in", wants: ["ask"],',
  ).replace('name: "box"', 'name: "login"').replace('[["box"]]', '[["idp"]]');
  const files = {
    "login.js": login,
    "box.js": obtainModule(`return ${ANSWER}`, 'wants: ["source"],'),
  };
  const config = `[profile corp]
idp = x
${THREE.replaceAll("destination", "source_profile = corp\ndestination")}`;
  using host = strategyHost(files, config, { typed: ["x\r"] });
  const { code, stderr } = await eac(host, "get", "a", "b", "c");
  assertEquals(code, 0, stderr);
  assertEquals(host.printed.terminal.match(/\S+ \(\w+\): Password:/g), ["login (corp): Password:"]);
});

Deno.test("a shared sign-in that cannot ask fails once, with exit code 4", async () => {
  const login = obtainModule(`await context.ask("Password:")`, 'gives: "sign-in", wants: ["ask"],')
    .replace('name: "box"', 'name: "login"').replace('[["box"]]', '[["idp"]]');
  const files = {
    "login.js": login,
    "box.js": obtainModule(`return ${ANSWER}`, 'wants: ["source"],'),
  };
  const config = `[profile corp]
idp = x
${THREE.replaceAll("destination", "source_profile = corp\ndestination")}`;
  using host = strategyHost(files, config);
  const { code, stderr } = await eac(host, "get", "a", "b", "c", "--no-input");
  assertEquals(code, 4);
  assertEquals(stderr.split("login (corp)").length - 1, 1, stderr);
});

/** Runs eac with stderr on a terminal. */
async function onTerminal(host: TestHost, ...argv: string[]): Promise<string> {
  let text = "";
  const stderr = { isTerminal: true, write: (piece: string) => void (text += piece) };
  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, 20));
      signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()));
    });
  const code = await run(argv, { ...host, stderr, sleep, now: () => host.time }, strategies);
  assertEquals(code, 0, text);
  return text;
}

const SLOW = `await new Promise((resolve) => setTimeout(resolve, 300));`;

Deno.test("during a slow module eac shows what it is waiting for, and for which profile", async () => {
  using host = strategyHost({ "box.js": obtainModule(`${SLOW} return ${ANSWER}`) }, THREE);
  const shown = await onTerminal(host, "get", "a", "-q");
  assertStringIncludes(shown, "waiting for strategy box (a)");
});

Deno.test("progress is not drawn over a line that a module has not ended", async () => {
  const body = `const { stderr } = await import("node:process");
    stderr.write("Touch the key"); ${SLOW} stderr.write(" thanks\\n"); return ${ANSWER}`;
  using host = strategyHost({ "box.js": obtainModule(body) }, THREE);
  const shown = await onTerminal(host, "get", "a");
  assertStringIncludes(shown, "Touch the key thanks\n");
});

Deno.test("no progress is drawn for a module that runs programs: they may use the terminal", async () => {
  using host = strategyHost({
    "box.js": obtainModule(`${SLOW} return ${ANSWER}`, 'wants: ["run"],'),
  }, THREE);
  assert(!(await onTerminal(host, "get", "a")).includes("waiting for strategy"));
});
