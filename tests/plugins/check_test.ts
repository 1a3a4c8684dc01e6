/** `eac strategies check`: what the tests of a strategy's author can rely on. */

import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { eac, obtainModule, strategyHost } from "../support/own_strategies.ts";

async function check(module: string, test: object): Promise<readonly (readonly string[])[]> {
  const tests = JSON.stringify([{ name: "works", profile: { box: "{server}" }, ...test }]);
  using host = strategyHost({ "box.js": module, "box.test.json": tests }, "", { now: Date.now() });
  const { stdout } = await eac(host, "strategies", "check", "box.js", "--json");
  const checked: { name: string; status: string; problem?: string }[] = JSON.parse(stdout);
  return checked.map(({ name, status, problem }) => [name, status, ...(problem ? [problem] : [])]);
}

const CREDENTIALS = {
  AccessKeyId: "{AccessKeyId}",
  SecretAccessKey: "{SecretAccessKey}",
  SessionToken: "{SessionToken}",
  Expiration: "{Expiration}",
};

const FOLLOWS = obtainModule(
  `const { fetch } = context;
   const { next } = await (await fetch(request.profile.box + "/json")).json();
   const text = await (await fetch(next)).text();
   const answer = await fetch(text, { redirect: "manual" });
   return await (await fetch(answer.headers.get("location"))).json();`,
  'wants: ["fetch"],',
);

Deno.test("a test's server may name its own URL in JSON, in text and in a header", async () => {
  const serve = {
    "GET /json": { json: { next: "{server}/text" } },
    "GET /text": { text: "{server}/header" },
    "GET /header": { status: 302, headers: { location: "{server}/end" } },
    "GET /end": { json: CREDENTIALS },
  };
  assertEquals(await check(FOLLOWS, { serve }), [
    ["keeps the contract", "ok"],
    ["works", "ok"],
    ["works; asked again, from the cache", "ok"],
  ]);
});

const ASKS = obtainModule(
  `await context.ask("Reason:");
   return await (await context.fetch(request.profile.box + "/end")).json();`,
  'wants: ["ask", "fetch"], keep: false,',
);

Deno.test("a strategy with keep: false is run once, and needs each answer once", async () => {
  const serve = { "GET /end": { json: CREDENTIALS } };
  assertEquals(await check(ASKS, { serve, answers: ["INC-1234"] }), [
    ["keeps the contract", "ok"],
    ["works", "ok"],
  ]);
});

for (const name of ["_helper.js", ".off.js"]) {
  Deno.test(`checking ${name} reports that it is not a strategy because of its name`, async () => {
    using host = strategyHost({ [name]: obtainModule("") }, "");
    const { code, stdout } = await eac(host, "strategies", "check", name);
    assertEquals(code, 8, stdout);
    assertStringIncludes(stdout, 'begins with "_" or "."');
  });
}
