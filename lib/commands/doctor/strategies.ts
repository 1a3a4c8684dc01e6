/**
 * Checks for custom strategies that cannot be used.
 *
 * @module
 */

import type { Context } from "../../context.ts";
import { asEacError } from "../../errors.ts";
import { type Finding, findingOf } from "./finding.ts";

/** Every strategy file that cannot be used, also one that worked before. */
export async function checkStrategies(context: Pick<Context, "plugins">): Promise<Finding[]> {
  try {
    const { broken, failing } = await context.plugins();
    return [...broken, ...failing].map(({ file, error }) => ({
      ...findingOf(error),
      place: error.place ?? { file },
    }));
  } catch (thrown) {
    return [findingOf(asEacError(thrown))];
  }
}
