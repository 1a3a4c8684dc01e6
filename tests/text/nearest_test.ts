import { didYouMean, nearest } from "../../lib/text/nearest.ts";
import { assertEquals } from "../support/assert.ts";

const NAMES = ["default", "prod", "prod-eu", "prod-us", "staging", "dev", "a", "Sandbox"];

const TABLE: readonly (readonly [typed: string, meant: string[]])[] = [
  ["prdo", ["prod"]],
  ["prd", ["prod"]],
  ["prodd", ["prod"]],
  ["PROD", ["prod", "prod-eu", "prod-us"]],
  ["prod-e", ["prod", "prod-eu", "prod-us"]],
  ["stag", ["staging"]],
  ["sandbx", ["Sandbox"]],
  ["defualt", ["default"]],
  ["x", []],
  ["A", ["a"]],
  ["apple", []],
  ["production-of-last-year-in-europe", ["prod"]],
  ["", []],
  ["zzzzzz", []],
];

Deno.test("nearest finds similar names, nearest first", async (t) => {
  for (const [typed, meant] of TABLE) {
    await t.step(typed || "nothing", () => assertEquals(nearest(typed, NAMES), meant));
  }
});

Deno.test("didYouMean suggests at most three names", () => {
  assertEquals(
    didYouMean("role", ["role1", "role2", "role3", "role4"]),
    "did you mean role1 or role2 or role3?",
  );
  assertEquals(didYouMean("role", ["x"]), "");
});

Deno.test("nearest compares only the beginning of a long name", () => {
  const long = "x".repeat(100_000);
  assertEquals(nearest(long, ["y".repeat(100_000), "prod"]), []);
});
