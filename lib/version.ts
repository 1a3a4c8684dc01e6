/**
 * The version. `deno.json` has none: the executable would contain the rest of it too.
 *
 * @module
 */

/** The version of eac, as in `eac 1.2.3`. */
export const VERSION = "0.1.0";
