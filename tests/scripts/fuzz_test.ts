/** A short run of `deno task fuzz`. */

import fc from "fast-check";
import { PROPERTIES } from "../properties/all.ts";
import { testUnless } from "../support/ignored.ts";

for (const { name, runs, property, skip, end } of PROPERTIES) {
  testUnless(skip, name, async () => {
    try {
      await fc.assert(property, { numRuns: runs });
    } finally {
      await end?.();
    }
  });
}
