import { parseDuration, showCountdown, showSpan, showTime } from "../../lib/text/duration.ts";
import { assertEquals } from "../support/assert.ts";

const DURATIONS: readonly (readonly [text: string, seconds: number | undefined])[] = [
  ["900", 900],
  ["0900", 900],
  ["15m", 900],
  ["1h", 3600],
  ["1h30m", 5400],
  ["1H30M", 5400],
  ["90s", 90],
  ["1h1m1s", 3661],
  ["0", 0],
  ["36h", 129_600],
  ["", undefined],
  ["1d", undefined],
  ["1.5h", undefined],
  ["-900", undefined],
  ["+900", undefined],
  ["1e3", undefined],
  ["30m1h", undefined],
  ["1h 30m", undefined],
  ["h", undefined],
  [" 900", undefined],
  ["9".repeat(30), undefined],
];

Deno.test("parseDuration accepts seconds, and hours, minutes and seconds in that order", async (t) => {
  for (const [text, seconds] of DURATIONS) {
    await t.step(text || "nothing", () => assertEquals(parseDuration(text), seconds));
  }
});

const SPANS: readonly (readonly [seconds: number, text: string])[] = [
  [-5, "0 s"],
  [0, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [3599, "59 min"],
  [3600, "1 h"],
  [5400, "1 h 30 min"],
  [86_399, "23 h 59 min"],
  [86_400, "1 d"],
  [97_200, "1 d 3 h"],
];

Deno.test("showSpan never shows more time than is left", async (t) => {
  for (const [seconds, text] of SPANS) {
    await t.step(text, () => assertEquals(showSpan(seconds * 1000), text));
  }
});

Deno.test("showCountdown counts in seconds, and stops at zero", () => {
  const rows = [[0, "0:00"], [-5000, "0:00"], [59_999, "0:59"], [3_599_000, "59:59"], [
    3_600_000,
    "1:00:00",
  ], [43_199_000, "11:59:59"]] as const;
  for (const [milliseconds, text] of rows) assertEquals(showCountdown(milliseconds), text);
});

Deno.test("showTime shows the date only if it is another day", () => {
  const now = new Date(2026, 10, 23, 13, 5).getTime();
  assertEquals(showTime(new Date(2026, 10, 23, 19, 4).getTime(), now), "19:04");
  assertEquals(showTime(new Date(2026, 10, 24, 1, 0).getTime(), now), "2026-11-24 01:00");
});
