/** Strategies that assume a role with a SAML assertion or an ID token: modules and programs. */

import { createIdToken, createSamlResponse } from "../../lib/emulator/proofs.ts";
import { type Call, startEmulator } from "../../lib/emulator/emulator.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import type { TestHost } from "../support/fakes.ts";
import { eac, obtainModule, script, strategyHost } from "../support/own_strategies.ts";
import { posixShellTest } from "../support/posix.ts";

const ROLE = "arn:aws:iam::123456789012:role/Team";
const SAML = "arn:aws:iam::123456789012:saml-provider/corp";
const OIDC = "arn:aws:iam::123456789012:oidc-provider/idp.example.com";
const NOW = Date.parse("2026-11-23T13:00:00Z");
const CONFIG = "[profile p]\nbox = x\n";
const ASSERTION = createSamlResponse({ roles: [`${ROLE},${SAML}`], notOnOrAfter: NOW + 300_000 });
const TOKEN = createIdToken({
  iss: "https://idp.example.com",
  sub: "alice",
  aud: "corp",
  exp: NOW / 1000 + 300,
});

async function withSts<T>(
  host: TestHost,
  work: (calls: readonly Call[]) => Promise<T>,
): Promise<T> {
  const trust = { principals: [SAML, OIDC], audiences: ["corp"] };
  const emulator = startEmulator({ ...host, now: () => host.time }, {
    users: [],
    roles: [{ arn: ROLE, trust }],
  });
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    return await work(emulator.calls);
  } finally {
    await emulator.stop();
  }
}

const CALLS = {
  "SAML": ["assumeRoleWithSaml", {
    roleArn: ROLE,
    principalArn: SAML,
    samlAssertion: ASSERTION,
    durationSeconds: 900,
  }],
  "web identity": ["assumeRoleWithWebIdentity", {
    roleArn: ROLE,
    webIdentityToken: TOKEN,
    sessionName: "me",
  }],
} as const;

for (const [what, [call, parameters]] of Object.entries(CALLS)) {
  const files = {
    module: {
      "box.js": obtainModule(
        `return await context.sts.${call}(${JSON.stringify(parameters)})`,
        'wants: ["sts"],',
      ),
    },
    program: {
      box: script(
        { wants: ["sts"] },
        `read request
echo '${JSON.stringify({ call: `sts.${call}`, ...parameters })}'
read reply
echo "$reply" | sed 's/^{"result"://; s/}$//'`,
      ),
    },
  };
  for (const [kind, own] of Object.entries(files)) {
    const test = kind === "program" ? posixShellTest : Deno.test;
    test(`a ${kind} assumes a role by ${what}`, async () => {
      using host = strategyHost(own as Record<string, string>, CONFIG);
      await withSts(host, async (calls) => {
        const { code, stdout, stderr } = await eac(host, "process", "p");
        assertEquals([code, stderr], [0, ""]);
        assert(JSON.parse(stdout).SessionToken);
        assertEquals(calls.length, 1);
        assertEquals(calls[0]!.signedWith, undefined);
        assertEquals(calls[0]!.parameters.RoleArn, ROLE);
        assertEquals((await eac(host, "process", "p")).code, 0);
        assertEquals(calls.length, 1); // cached
      });
    });
  }
}

Deno.test("an expired assertion is refused with exit code 5", async () => {
  const [call, parameters] = CALLS.SAML;
  const body = `return await context.sts.${call}(${JSON.stringify(parameters)})`;
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["sts"],') }, CONFIG);
  await withSts(host, async () => {
    host.time += 301_000;
    const { code, stderr } = await eac(host, "process", "p", "-v");
    assertEquals(code, 5);
    assert(!stderr.includes(ASSERTION), stderr);
    assertStringIncludes(stderr, "SAML assertion has expired");
  });
});

Deno.test("a sign-in whose assertion AWS calls expired is renewed once", async () => {
  const later = createSamlResponse({ roles: [`${ROLE},${SAML}`], notOnOrAfter: NOW + 900_000 });
  using host = strategyHost({
    "login.js": obtainModule(
      `const { appendFileSync, readFileSync } = await import("node:fs");
       const file = process.env.HOME + "/logins";
       appendFileSync(file, "x");
       const first = readFileSync(file, "utf8").length === 1;
       return { Token: first ? ${JSON.stringify(ASSERTION)} : ${JSON.stringify(later)},
         Expiration: "2026-11-23T14:00:00Z" };`,
      'gives: "sign-in", wants: ["files"],',
    ).replace('name: "box"', 'name: "login"').replace('[["box"]]', '[["idp"]]'),
    "box.js": obtainModule(
      `return await context.sts.assumeRoleWithSaml({ roleArn: "${ROLE}", principalArn: "${SAML}",
         samlAssertion: request.token })`,
      'wants: ["sts", "source"],',
    ),
  }, "[profile corp]\nidp = x\n[profile p]\nbox = x\nsource_profile = corp\n");
  await withSts(host, async (calls) => {
    assertEquals((await eac(host, "process", "p")).code, 0);
    host.time += 400_000;
    const { code, stderr } = await eac(host, "process", "p", "--min-ttl", "59m");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(host.text("logins"), "xx");
    assertEquals(calls.map(({ status }) => status), [200, 400, 200]);
  });
});

for (
  const [call, parameters, problem] of [
    ["assumeRoleWithSaml", { roleArn: ROLE, principalArn: SAML }, "samlAssertion"],
    [
      "assumeRoleWithSaml",
      { roleArn: ROLE, principalArn: ROLE, samlAssertion: ASSERTION },
      "principalArn",
    ],
    [
      "assumeRoleWithSaml",
      { roleArn: SAML, principalArn: SAML, samlAssertion: ASSERTION },
      "roleArn",
    ],
    [
      "assumeRoleWithSaml",
      { roleArn: ROLE, principalArn: SAML, samlAssertion: "A".repeat(100_001) },
      "100000",
    ],
    [
      "assumeRoleWithWebIdentity",
      { roleArn: ROLE, webIdentityToken: TOKEN, durationSeconds: 60 },
      "durationSeconds",
    ],
    ["assumeRoleWithWebIdentity", { roleArn: ROLE, webIdentityToken: TOKEN, tags: {} }, "tags"],
  ] as const
) {
  Deno.test(`${call} with a wrong ${problem} is refused by its name, before a call`, async () => {
    using host = strategyHost({
      "box.js": obtainModule(
        `return await context.sts.${call}(${JSON.stringify(parameters)})`,
        'wants: ["sts"],',
      ),
    }, CONFIG);
    await withSts(host, async (calls) => {
      const { code, stderr } = await eac(host, "process", "p");
      assertEquals(code, 8, stderr);
      assertStringIncludes(stderr, problem);
      assertEquals(calls.length, 0);
    });
  });
}

Deno.test("both calls need sts in wants", async () => {
  const [call, parameters] = CALLS.SAML;
  using host = strategyHost({
    "box.js": obtainModule(`return await context.sts.${call}(${JSON.stringify(parameters)})`),
  }, CONFIG);
  const { code, stderr } = await eac(host, "process", "p");
  assertEquals(code, 8);
  assertStringIncludes(stderr, '"sts" in "wants"');
});

Deno.test("check serves a SAML response and an ID token of the test", async () => {
  const saml = `const page = await (await context.fetch(request.profile.box)).text();
    const form = new RegExp('value="([^"]+)"').exec(page)[1];
    return await context.sts.assumeRoleWithSaml({ roleArn: "${ROLE}", principalArn: "${SAML}",
      samlAssertion: form });`;
  const oidc = `const { id_token } = await (await context.fetch(request.profile.web)).json();
    return await context.sts.assumeRoleWithWebIdentity({ roleArn: "${ROLE}",
      webIdentityToken: id_token });`;
  using host = strategyHost({
    "box.js": obtainModule(saml, 'wants: ["sts", "fetch"],'),
    "web.js": obtainModule(oidc, 'wants: ["sts", "fetch"],').replace('name: "box"', 'name: "web"')
      .replace('[["box"]]', '[["web"]]'),
    "box.test.json": JSON.stringify([{
      name: "by SAML",
      profile: { box: "{server}/saml" },
      saml: [`${ROLE},${SAML}`],
      serve: { "GET /saml": { text: '<input name="SAMLResponse" value="{SAMLResponse}">' } },
      calls: [`AssumeRoleWithSAML ${ROLE}`],
    }]),
    "web.test.json": JSON.stringify([{
      name: "by OIDC",
      profile: { web: "{server}/token" },
      serve: { "GET /token": { json: { id_token: "{IdToken}" } } },
      calls: [`AssumeRoleWithWebIdentity ${ROLE}`],
    }]),
  }, CONFIG);
  const { code, stdout } = await eac(host, "strategies", "check", "box.js", "web.js");
  assertEquals(code, 0, stdout);
});
