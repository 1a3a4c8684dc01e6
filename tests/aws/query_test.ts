/** The start of a call over TLS. */

import { inParallel } from "../../lib/async/parallel.ts";
import { createSts } from "../../lib/aws/sts.ts";
import { EacError } from "../../lib/errors.ts";
import { Secret } from "../../lib/plan/credentials.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";

const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};

Deno.test("TLS is initialized once, before the first call, and only for https", async () => {
  const { subtle } = crypto;
  const { generateKey } = subtle;
  const seen: string[] = [];
  const note = (what: string) => void seen.push(what);
  Object.defineProperty(subtle, "generateKey", {
    configurable: true,
    value(...given: unknown[]) {
      note("seed");
      return Reflect.apply(generateKey, subtle, given);
    },
  });
  try {
    const host = {
      env: { AWS_MAX_ATTEMPTS: "1" },
      now: () => Date.UTC(2026, 10, 23),
      sleep: () => Promise.resolve(),
      http() {
        note("call");
        throw new EacError("network", "no network");
      },
    };
    const call = (url: string) =>
      assertRejects(() =>
        createSts(host, { region: "us-east-1", url }).getCallerIdentity(CREDENTIALS)
      );
    await call("http://127.0.0.1:1");
    await call("https://127.0.0.1:1");
    await call("https://127.0.0.1:1");
    assertEquals(seen, ["call", "seed", "call", "call"]);
  } finally {
    Reflect.deleteProperty(subtle, "generateKey");
  }
});

/** A clock that jumps to the end of the next sleep when nothing else runs. */
function virtualClock() {
  let time = Date.UTC(2026, 10, 23);
  const sleepers: { readonly end: number; readonly wake: () => void }[] = [];
  let isDue = false;
  const tick = () => {
    isDue = false;
    sleepers.sort((a, b) => a.end - b.end);
    const next = sleepers.shift();
    if (next === undefined) return;
    time = Math.max(time, next.end);
    next.wake();
    schedule();
  };
  const schedule = () => {
    if (isDue) return;
    isDue = true;
    setTimeout(tick, 2);
  };
  return {
    now: () => time,
    sleep: (milliseconds: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ end: time + milliseconds, wake });
        schedule();
      }),
  };
}

/** Calls an STS with a rate limit; returns the time taken and the failed calls. */
async function throttled(count: number, perSecond: number) {
  const clock = virtualClock();
  const begin = clock.now();
  let tokens = perSecond;
  let filled = begin;
  const host = {
    ...clock,
    env: {},
    async http() {
      await clock.sleep(20);
      tokens = Math.min(perSecond, tokens + (clock.now() - filled) / 1000 * perSecond);
      filled = clock.now();
      const isAllowed = tokens >= 1;
      if (isAllowed) tokens--;
      const text = isAllowed
        ? "<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>U</UserId>" +
          "<Account>1</Account><Arn>A</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>"
        : "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
      return { status: isAllowed ? 200 : 400, headers: {}, body: new TextEncoder().encode(text) };
    },
  };
  const target = { region: "us-east-1", url: "http://127.0.0.1:1" };
  const calls = { succeeded: 0 };
  const failures: unknown[] = [];
  const all = Array.from({ length: count }, (_, index) => index);
  await inParallel(16, all, async () => {
    await createSts(host, target, { calls }).getCallerIdentity(CREDENTIALS)
      .catch((error) => void failures.push(error));
  });
  return { seconds: (clock.now() - begin) / 1000, failures };
}

Deno.test("many calls succeed at the rate that a throttling STS allows", async () => {
  const { seconds, failures } = await throttled(300, 10);
  assertEquals(failures, []);
  // 10 calls at once, then 10 a second.
  assert(seconds <= 29 * 1.1, `${seconds} s`);
});

Deno.test("a call that is throttled while no other succeeds fails after three attempts", async () => {
  const { failures } = await throttled(1, 0);
  assertEquals(failures.map((error) => (error as EacError).code), ["throttled"]);
});
