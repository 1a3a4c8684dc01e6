/**
 * `deno task fuzz`: checks the properties of tests/properties for a given time.
 *
 * `--for 10m` sets the time (default: one minute), `--only WORD` selects properties, `--seed N` sets the
 * first seed. Exits 1 at the first counterexample and prints the seed that reproduces it.
 *
 * @module
 */

import fc from "fast-check";
import { parseDuration } from "../lib/text/duration.ts";
import { PROPERTIES } from "../tests/properties/all.ts";

const options = new Map<string, string>();
for (let index = 0; index < Deno.args.length; index += 2) {
  options.set(Deno.args[index]!, Deno.args[index + 1] ?? "");
}
const seconds = parseDuration(options.get("--for") ?? "1m");
const first = Number(options.get("--seed") ?? Date.now() & 0x7fffffff);
const only = options.get("--only") ?? "";
const chosen = PROPERTIES.filter(({ name, skip }) => skip === undefined && name.includes(only));
const known = [...options.keys()].every((name) => /^--(for|only|seed)$/.test(name));
if (seconds === undefined || Number.isNaN(first) || chosen.length === 0 || !known) {
  console.error("usage: deno task fuzz [--for 10m] [--only WORD] [--seed N]");
  Deno.exit(2);
}
for (const { name, skip } of PROPERTIES) {
  if (skip !== undefined) console.log(`skipped: ${name}: ${skip}`);
}

const end = Date.now() + seconds * 1000;
let tried = 0;
let failed = false;
for (let seed = first; Date.now() < end && !failed; seed++) {
  for (const { name, runs, property } of chosen) {
    if (Date.now() >= end || failed) break;
    const result = await fc.check(property, { seed, numRuns: runs });
    tried += result.numRuns;
    if (!result.failed) continue;
    failed = true;
    console.error(`${name}\n${await fc.asyncDefaultReportMessage(result)}`);
    console.error(`reproduce: deno task fuzz --seed ${seed} --only ${JSON.stringify(name)}`);
  }
}
for (const property of PROPERTIES) await property.end?.();
console.log(
  `${tried} inputs of ${chosen.length} properties, ${failed ? "one" : "no"} counterexample`,
);
Deno.exit(failed ? 1 : 0);
