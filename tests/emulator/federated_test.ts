/** The emulator checks SAML assertions and ID tokens as AWS does, apart from their signatures. */

import { createIdToken, createSamlResponse } from "../../lib/emulator/proofs.ts";
import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import type { Trust } from "../../lib/emulator/world.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const ROLE = "arn:aws:iam::123456789012:role/Team";
const PROVIDER = "arn:aws:iam::123456789012:saml-provider/corp";
const OIDC = "arn:aws:iam::123456789012:oidc-provider/idp.example.com";

async function withRole(
  trust: Trust,
  work: (emulator: Emulator, now: number) => Promise<void>,
  maxSessionDuration?: number,
): Promise<void> {
  using host = testHost();
  const roles = [{ arn: ROLE, trust, maxSessionDuration }];
  const emulator = startEmulator({ ...host, now: () => host.time }, { users: [], roles });
  try {
    await work(emulator, host.time);
  } finally {
    await emulator.stop();
  }
}

async function send(
  { url }: Emulator,
  parameters: Readonly<Record<string, string>>,
): Promise<{ status: number; text: string }> {
  const body = new URLSearchParams({ Version: "2011-06-15", ...parameters });
  const answer = await fetch(url, { method: "POST", body });
  return { status: answer.status, text: await answer.text() };
}

const TRUST = { principals: [PROVIDER] };

function saml(assertion: string, more: Readonly<Record<string, string>> = {}) {
  return {
    Action: "AssumeRoleWithSAML",
    RoleArn: ROLE,
    PrincipalArn: PROVIDER,
    SAMLAssertion: assertion,
    ...more,
  };
}

Deno.test("AssumeRoleWithSAML gives the role of a valid assertion to its user", async () => {
  await withRole(TRUST, async (emulator, now) => {
    const roles = [`${PROVIDER},${ROLE}`, "arn:aws:iam::1:role/x,arn:aws:iam::1:saml-provider/y"];
    const { status, text } = await send(
      emulator,
      saml(createSamlResponse({ roles, notOnOrAfter: now + 1000, user: "alice&co" })),
    );
    assertEquals(status, 400);
    assertStringIncludes(text, "RoleSessionName is required");
    const good = createSamlResponse({ roles, notOnOrAfter: now + 1000, sessionDuration: 900 });
    const answer = await send(emulator, saml(good));
    assertEquals(answer.status, 200, answer.text);
    assertStringIncludes(answer.text, ":assumed-role/Team/alice</Arn>");
    assertStringIncludes(answer.text, "<Subject>alice</Subject>");
    const until = new Date(now + 900_000).toISOString().slice(0, 19);
    assertStringIncludes(answer.text, `<Expiration>${until}Z`);
  });
});

const NOW = Date.parse("2026-11-23T13:00:00Z");
const VALID = { roles: [`${ROLE},${PROVIDER}`], notOnOrAfter: NOW + 300_000 };

for (
  const [what, parameters, status, pattern] of [
    ["no base64", saml("<xml>"), 400, /InvalidIdentityToken.*Invalid base64 SAMLResponse/],
    ["no SAML response", saml(btoa("<html></html>")), 400, /InvalidIdentityToken/],
    [
      "an assertion that has expired",
      saml(createSamlResponse({ ...VALID, notOnOrAfter: NOW })),
      400,
      /ExpiredTokenException.*within 5 minutes/,
    ],
    [
      "another audience",
      saml(createSamlResponse({ ...VALID, audience: "https://example.com" })),
      400,
      /InvalidIdentityToken.*Audience/,
    ],
    [
      "a role that the assertion does not name",
      saml(createSamlResponse({ ...VALID, roles: [`arn:aws:iam::1:role/x,${PROVIDER}`] })),
      403,
      /AccessDenied.*sts:AssumeRoleWithSAML/,
    ],
    [
      "a role and a provider that are not a pair",
      saml(createSamlResponse({
        ...VALID,
        roles: [`${ROLE},arn:aws:iam::1:saml-provider/y`, `arn:aws:iam::1:role/x,${PROVIDER}`],
      })),
      403,
      /AccessDenied/,
    ],
    [
      "no provider",
      saml(createSamlResponse(VALID), { PrincipalArn: "x" }),
      400,
      /ValidationError.*principalArn/,
    ],
    [
      "a duration above the role's",
      saml(createSamlResponse(VALID), { DurationSeconds: "7200" }),
      400,
      /MaxSessionDuration/,
    ],
  ] as const
) {
  Deno.test(`AssumeRoleWithSAML refuses ${what}`, async () => {
    await withRole(TRUST, async (emulator) => {
      const answer = await send(emulator, parameters);
      assertEquals(answer.status, status, answer.text);
      assertMatch(answer.text, pattern);
    });
  });
}

Deno.test("AssumeRoleWithSAML refuses a role that does not trust the provider", async () => {
  await withRole({ principals: ["arn:aws:iam::123456789012:root"] }, async (emulator) => {
    const answer = await send(emulator, saml(createSamlResponse(VALID)));
    assertEquals(answer.status, 403, answer.text);
  });
});

function web(token: string, more: Readonly<Record<string, string>> = {}) {
  return {
    Action: "AssumeRoleWithWebIdentity",
    RoleArn: ROLE,
    RoleSessionName: "ci",
    WebIdentityToken: token,
    ...more,
  };
}

const CLAIMS = {
  iss: "https://idp.example.com",
  sub: "alice",
  aud: "corp",
  exp: NOW / 1000 + 300,
};

Deno.test("AssumeRoleWithWebIdentity gives the role of a valid token", async () => {
  await withRole({ principals: [OIDC], audiences: ["corp"] }, async (emulator) => {
    for (const aud of ["corp", ["other", "corp"]]) {
      const { status, text } = await send(emulator, web(createIdToken({ ...CLAIMS, aud })));
      assertEquals(status, 200, text);
      assertStringIncludes(text, ":assumed-role/Team/ci</Arn>");
      assertStringIncludes(text, `<Provider>${OIDC}</Provider>`);
    }
  });
});

for (
  const [what, parameters, status, pattern] of [
    ["an access token", web("opaque-access-token"), 400, /InvalidIdentityToken.*not a valid JWT/],
    ["a token of two parts", web("e30.e30"), 400, /not a valid JWT/],
    ["a token that is no JSON", web("abc.def.ghi"), 400, /not a valid JWT/],
    [
      "an expired token",
      web(createIdToken({ ...CLAIMS, exp: NOW / 1000 })),
      400,
      /ExpiredTokenException/,
    ],
    [
      "a token without aud",
      web(createIdToken({ iss: CLAIMS.iss, sub: "alice", exp: CLAIMS.exp })),
      400,
      /required claim: aud/,
    ],
    [
      "a token without sub",
      web(createIdToken({ iss: CLAIMS.iss, aud: "corp", exp: CLAIMS.exp })),
      400,
      /required claim: sub/,
    ],
    [
      "another audience",
      web(createIdToken({ ...CLAIMS, aud: "other" })),
      400,
      /Incorrect token audience/,
    ],
    [
      "another issuer",
      web(createIdToken({ ...CLAIMS, iss: "https://evil.example.com" })),
      403,
      /AccessDenied.*sts:AssumeRoleWithWebIdentity/,
    ],
    [
      "a session name with spaces",
      web(createIdToken(CLAIMS), { RoleSessionName: "a b" }),
      400,
      /roleSessionName/,
    ],
  ] as const
) {
  Deno.test(`AssumeRoleWithWebIdentity refuses ${what}`, async () => {
    await withRole({ principals: [OIDC], audiences: ["corp"] }, async (emulator) => {
      const answer = await send(emulator, parameters);
      assertEquals(answer.status, status, answer.text);
      assertMatch(answer.text, pattern);
    });
  });
}
