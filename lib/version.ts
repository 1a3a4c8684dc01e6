/**
 * The version, read from `deno.json`.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/** The version of eac, as in `eac 1.2.3`. */
export const VERSION: string = config.version;
