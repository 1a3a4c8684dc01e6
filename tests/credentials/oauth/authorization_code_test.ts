/** Waiting for the browser: what counts as the answer is tested with the whole program (login_test.ts). */

import { authorizationCode, newPkce } from "../../../lib/credentials/oauth/authorization_code.ts";
import { EacError } from "../../../lib/errors.ts";
import { assertEquals, assertMatch, assertRejects } from "../../support/assert.ts";
import { challengeOf } from "../../support/consent_page.ts";
import { testHost } from "../../support/fakes.ts";

Deno.test("a sign-in that nobody completes ends after ten minutes, and its server with it", async () => {
  using host = testHost();
  const ends = new AbortController();
  const limits: number[] = [];
  host.deadline = (milliseconds) => {
    limits.push(milliseconds);
    return ends.signal;
  };
  let callback = "";
  let stopped = false;
  const error = await assertRejects(
    () =>
      authorizationCode(host, {
        state: "s",
        authorizeUrl: (redirectUri) => callback = redirectUri,
        browse: (_, signal) => {
          signal.addEventListener("abort", () => stopped = true);
          ends.abort();
          return Promise.resolve();
        },
      }),
    EacError,
  );
  assertEquals([(error as EacError).code, limits, stopped], ["timeout", [600_000], true]);
  await assertRejects(() => fetch(callback));
});

Deno.test("a failure to show the URL ends the sign-in", async () => {
  using host = testHost();
  const error = await assertRejects(
    () =>
      authorizationCode(host, {
        state: "s",
        authorizeUrl: (redirectUri) => redirectUri,
        browse: () => Promise.reject(new EacError("io", "the terminal is gone")),
      }),
    EacError,
  );
  assertEquals((error as EacError).code, "io");
});

Deno.test("a verifier is new each time, of unreserved characters, and its challenge is S256", async () => {
  const seen = new Set<string>();
  for (let count = 0; count < 20; count++) {
    const { verifier, challenge, state } = await newPkce();
    assertMatch(verifier, /^[A-Za-z0-9._~-]{43,128}$/);
    assertEquals(challenge, await challengeOf(verifier));
    seen.add(verifier).add(state);
  }
  assertEquals(seen.size, 40);
});
