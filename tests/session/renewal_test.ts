/** Credentials that are renewed in the background. */

import { assertEquals, assertRejects } from "../support/assert.ts";
import { EacError, type ErrorCode } from "../../lib/errors.ts";
import { type Credentials, Secret } from "../../lib/plan/credentials.ts";
import { startRenewal } from "../../lib/session/renewal.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-23T13:00:00Z");

/** A renewal whose clock and timer the test controls, with the number of its attempts. */
function begin(options: { minTtl?: number; fails?: () => ErrorCode | undefined } = {}) {
  let now = START;
  let wake: (() => void)[] = [];
  const attempts: boolean[] = [];
  const failures: string[] = [];
  const credentials = (): Credentials => ({
    accessKeyId: `ASIA${attempts.length}`,
    secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    sessionToken: new Secret("token"),
    expiration: now + 60 * MINUTE,
  });
  const renewal = startRenewal({
    host: {
      now: () => now,
      sleep: (milliseconds, signal) => {
        const until = now + milliseconds;
        return new Promise((resolve) => {
          const look = () => signal?.aborted || now >= until ? resolve() : void wake.push(look);
          signal?.addEventListener("abort", () => resolve());
          look();
        });
      },
    },
    first: credentials(),
    minTtl: options.minTtl,
    renew: (ask) => {
      attempts.push(ask);
      const code = options.fails?.();
      if (code !== undefined) return Promise.reject(new EacError(code, `${code} it is`));
      return Promise.resolve(credentials());
    },
    failed: (error) => failures.push(error.code),
  });
  return {
    renewal,
    attempts,
    failures,
    id: async () => (await renewal.current()).accessKeyId,
    async pass(minutes: number) {
      for (let count = 0; count < minutes; count++) {
        now += MINUTE;
        const all = wake;
        wake = [];
        for (const look of all) look();
        // The loop continues in microtasks.
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      }
    },
  };
}

Deno.test("credentials are renewed in advance, 15 minutes before they expire", async () => {
  const { renewal, attempts, id, pass } = begin();
  await pass(44);
  assertEquals(attempts.length, 0);
  await pass(2);
  assertEquals(attempts, [true]);
  assertEquals(await id(), "ASIA1");
  renewal.stop();
  await pass(120);
  assertEquals(attempts.length, 1);
});

Deno.test("valid credentials are served while renewals fail, with one report per cause", async () => {
  let code: ErrorCode | undefined = "network";
  const { renewal, attempts, failures, id, pass } = begin({ fails: () => code });
  await pass(58);
  assertEquals(await id(), "ASIA0");
  assertEquals(failures, ["network"]);
  // Once a minute, not once a request.
  assertEquals(attempts.length >= 10 && attempts.length <= 14, true, String(attempts.length));
  await pass(2);
  await assertRejects(() => renewal.current(), EacError, "network it is");
  code = "throttled";
  await pass(1);
  await assertRejects(() => renewal.current(), EacError, "throttled it is");
  assertEquals(failures, ["network", "throttled"]);
  code = undefined;
  await pass(1);
  assertEquals(await id(), `ASIA${attempts.length}`);
  renewal.stop();
});

Deno.test("a canceled or refused code is not asked for again; after other failures it may be", async () => {
  for (const code of ["interrupted", "mfa_rejected", "network", "throttled"] as const) {
    const { renewal, attempts, pass } = begin({ fails: () => code });
    await pass(55);
    assertEquals(attempts[0], true);
    const asks = code === "network" || code === "throttled";
    assertEquals(attempts.slice(1), attempts.slice(1).map(() => asks), code);
    renewal.stop();
  }
});

Deno.test("requests at the same time share one renewal, and its failure for two seconds", async () => {
  const { renewal, attempts, pass } = begin({ fails: () => "access_denied" });
  await pass(60);
  const before = attempts.length;
  const all = await Promise.allSettled([1, 2, 3, 4].map(() => renewal.current()));
  assertEquals(all.every(({ status }) => status === "rejected"), true);
  assertEquals(attempts.length - before <= 1, true);
  renewal.stop();
});

Deno.test("with --min-ttl no credentials with less time are served", async () => {
  const { renewal, id, pass } = begin({ minTtl: 30 * 60, fails: () => "network" });
  await pass(29);
  assertEquals(await id(), "ASIA0");
  await pass(2);
  await assertRejects(() => renewal.current(), EacError, "network it is");
  renewal.stop();
});
