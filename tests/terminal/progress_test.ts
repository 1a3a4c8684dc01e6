/** The progress line: only on a terminal, after a delay, and erased at the end. */

import { hideProgress, pauseProgress } from "../../lib/terminal/line.ts";
import { withBar, withCountdown, withProgress } from "../../lib/terminal/progress.ts";
import { createLog } from "../../lib/terminal/log.ts";
import { assertEquals } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";

/** A terminal, and a clock that the test moves. */
function stage(env: Record<string, string> = {}) {
  const host = testHost({ typed: [], env });
  const stderr = { ...host.stderr, isTerminal: true };
  const sleeping = new Set<{ until: number; wake: () => void }>();
  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { until: host.time + milliseconds, wake: resolve };
      sleeping.add(sleeper);
      signal?.addEventListener("abort", () => resolve());
    });
  return {
    // Windows draws Unicode whatever the locale is.
    host: { ...host, os: "linux" as const, stderr, sleep, now: () => host.time },
    printed: host.printed,
    /** Lets time pass, in steps of 50 ms. */
    async pass(milliseconds: number) {
      for (const end = host.time + milliseconds; host.time < end;) {
        host.time += 50;
        for (const sleeper of sleeping) {
          if (sleeper.until > host.time) continue;
          sleeping.delete(sleeper);
          sleeper.wake();
        }
        // Tasks that woke up run.
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      }
    },
    /** The current line; clears the recorded output. */
    line() {
      const last = host.printed.stderr.split("\r\x1b[2K").at(-1);
      return last;
    },
    [Symbol.dispose]: () => host.dispose(),
  };
}

function work(): { readonly done: () => void; readonly promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, done: resolve };
}

Deno.test("withProgress shows a spinner after 300 ms, and erases it", async () => {
  using all = stage();
  const slow = work();
  const result = withProgress(all.host, "asking", () => slow.promise);
  await all.pass(250);
  assertEquals(all.printed.stderr, "");
  await all.pass(50);
  assertEquals(all.line(), "| asking");
  await all.pass(100);
  assertEquals(all.line(), "/ asking");
  slow.done();
  await result;
  assertEquals(all.printed.stderr, "\r\x1b[2K| asking\r\x1b[2K/ asking\r\x1b[2K");
});

Deno.test("withProgress writes nothing for fast work or without a terminal", async () => {
  using all = stage();
  assertEquals(await withProgress(all.host, "asking", () => Promise.resolve(1)), 1);
  assertEquals(all.printed.stderr, "");
  using dumb = stage({ TERM: "dumb" });
  const piped: Pick<TestHost, "stderr"> = { stderr: { ...all.host.stderr, isTerminal: false } };
  for (const host of [{ ...all.host, ...piped }, dumb.host]) {
    const slow = work();
    const result = withProgress(host, "asking", () => slow.promise);
    await all.pass(1000);
    slow.done();
    await result;
  }
  assertEquals(all.printed.stderr + dumb.printed.stderr, "");
});

Deno.test("withProgress has one line for concurrent work, and cuts it to the terminal's width", async () => {
  using all = stage({ LANG: "C.UTF-8" });
  const [first, second] = [work(), work()];
  const results = [
    withProgress(all.host, "first", () => first.promise),
    withProgress(all.host, `second ${"x".repeat(100)}`, () => second.promise),
  ];
  await all.pass(300);
  assertEquals(all.line(), `⠋ second ${"x".repeat(69)}…`);
  second.done();
  await all.pass(100);
  assertEquals(all.line(), "⠙ first");
  first.done();
  await Promise.all(results);
  assertEquals(all.line(), "");
});

Deno.test("withProgress clears its line for messages and prompts", async () => {
  using all = stage({ NO_COLOR: "1" });
  const slow = work();
  const result = withProgress(all.host, "asking", () => slow.promise);
  await all.pass(300);
  createLog(all.host, { quiet: false, verbose: false }).warn("look");
  assertEquals(all.printed.stderr, "\r\x1b[2K| asking\r\x1b[2Kwarning: look\n");
  await all.pass(100);
  assertEquals(all.line(), "/ asking");
  const resume = pauseProgress(all.host.stderr);
  assertEquals(all.line(), "");
  await all.pass(500);
  assertEquals(all.line(), "");
  resume();
  await all.pass(100);
  assertEquals(all.line(), "\\ asking");
  hideProgress(all.host.stderr);
  assertEquals(all.line(), "");
  slow.done();
  await result;
});

Deno.test("withBar shows how many items are done", async () => {
  using all = stage({ LANG: "C.UTF-8" });
  const slow = work();
  const result = withBar(all.host, 4, async (advance) => {
    advance();
    await withProgress(all.host, "assuming a role", () => slow.promise);
  });
  await all.pass(300);
  assertEquals(all.line(), `${"█".repeat(5)}${"░".repeat(15)} 1/4 assuming a role`);
  slow.done();
  await result;
  assertEquals(all.line(), "");
});

Deno.test("withCountdown waits for the given time, and shows the seconds left", async () => {
  using all = stage();
  let over = false;
  const result = withCountdown(all.host, 2500, (left) => `${left} s left`).then(() => over = true);
  await all.pass(300);
  assertEquals(all.line(), "| 3 s left");
  await all.pass(1000);
  assertEquals(all.line()?.slice(2), "2 s left");
  await all.pass(1150);
  assertEquals([all.line()?.slice(2), over], ["1 s left", false]);
  await all.pass(100);
  await result;
  assertEquals(all.line(), "");
});
