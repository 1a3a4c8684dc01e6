/** A short run of what `deno task fuzz` tries for as long as one likes. */

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
