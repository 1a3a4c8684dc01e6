/**
 * The strategies of the user's own: those that are refused, and why.
 *
 * @module
 */

import type { Context } from "../../context.ts";
import { asEacError } from "../../errors.ts";
import { type Finding, findingOf } from "./finding.ts";

/** Every file that should be a strategy and cannot be used. */
export async function checkStrategies(context: Pick<Context, "plugins">): Promise<Finding[]> {
  try {
    const { broken } = await context.plugins();
    return broken.map(({ file, error }) => ({
      ...findingOf(error),
      place: error.place ?? { file },
    }));
  } catch (thrown) {
    return [findingOf(asEacError(thrown))];
  }
}
