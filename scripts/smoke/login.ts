/**
 * The check of `eac login`: with a code for another device, and in the browser.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "../../tests/support/assert.ts";
import { ALICE } from "../../tests/support/aws_sign_in_server.ts";
import { click } from "../../tests/support/consent_page.ts";
import {
  CORP_SESSION,
  corpProfile,
  startSignInServices,
} from "../../tests/support/sign_in_services.ts";
import { type Home, start, written } from "./home.ts";

/** Profiles of IAM Identity Center, and one without credentials. */
const SIGN_IN_CONFIG = `${CORP_SESSION}
${corpProfile("corp")}
[profile mine]
region = eu-west-1
`;

/** Signs in to all of them, and uses the credentials in many processes at once. */
export async function signIn({ program: eac, folder, env, read }: Home): Promise<void> {
  await using services = startSignInServices();
  const { oidc, aws } = services;
  Deno.writeTextFileSync(`${folder}/.aws/config`, SIGN_IN_CONFIG);
  const signInEnv = { ...env, ...services.env };
  oidc.polls.push("authorization_pending");
  const device = await start(eac, ["login", "corp", "--no-browser"], signInEnv);
  assertEquals([device.code, device.stdout], [0, ""], device.stderr);
  assertStringIncludes(device.stderr, "ABCD-EFGH");
  const role = await start(eac, ["process", "corp"], signInEnv);
  assertEquals(role.code, 0, role.stderr);
  if (Deno.build.os !== "linux") return;
  oidc.lifetime = aws.lifetime = 60;
  // The program that opens URLs records the page, and this check acts as the browser.
  const opened = `${folder}/.aws/opened`;
  const opener = `${folder}/.aws/xdg-open`;
  Deno.writeTextFileSync(opener, `#!/bin/sh\necho "$1" >>'${opened}'\n`, { mode: 0o700 });
  const desktop = { ...signInEnv, DISPLAY: ":0", PATH: `${folder}/.aws:${env.PATH}` };
  for (const [count, name] of ["corp", "mine"].entries()) {
    const ended = start(eac, ["login", name], desktop);
    const page = (await written(opened, count + 1))[count]!;
    assert(!page.includes("state="), "another user could read the state on a command line");
    const first = await fetch(page, { redirect: "manual" });
    await first.body?.cancel();
    const answer = await fetch(await click(first.headers.get("location")!, "allow"));
    assertStringIncludes(await answer.text(), "return to the terminal");
    const { code, stderr } = await ended;
    assertEquals(code, 0, stderr);
    // Many processes find that the token is about to expire. Only one may renew it: AWS accepts a refresh token once.
    oidc.lifetime = aws.lifetime = 3600;
    const many = Array.from({ length: 20 }, () => start(eac, ["process", name], signInEnv));
    for (const used of await Promise.all(many)) assertEquals(used.code, 0, used.stderr);
    oidc.lifetime = aws.lifetime = 60;
  }
  const renewals = [...oidc.requests.map(({ body }) => body), ...aws.requests]
    .filter(({ grantType }) => grantType === "refresh_token");
  assertEquals([renewals.length, aws.refusals], [2, []]);
  assert(read(".aws/config").startsWith(SIGN_IN_CONFIG));
  assertStringIncludes(read(".aws/config"), `login_session = ${ALICE}\n`);
}
