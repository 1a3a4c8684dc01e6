/** A short run of `deno task fuzz`. */

import fc from "fast-check";
import { PROPERTIES } from "../properties/all.ts";

for (const { name, runs, property, skip, end } of PROPERTIES) {
  Deno.test({
    name: skip === undefined ? name : `${name} (ignored: ${skip})`,
    ignore: skip !== undefined || Deno.build.os === "windows",
    async fn() {
      try {
        await fc.assert(property, { numRuns: runs });
      } finally {
        await end?.();
      }
    },
  });
}
