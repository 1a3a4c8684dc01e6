/**
 * The conformance cases next to the repository, if they are there.
 *
 * @module
 */

/** All cases of a kind; if there are none, `missing` reports it in a test's name. */
export function readCases<T>(kind: string): { list: readonly T[]; missing: string } {
  const url = new URL(`../../../shared/conformance/${kind}-cases.public.json`, import.meta.url);
  try {
    return { list: JSON.parse(Deno.readTextFileSync(url)), missing: "" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { list: [], missing: " (ignored: the cases are not next to this repository)" };
  }
}
