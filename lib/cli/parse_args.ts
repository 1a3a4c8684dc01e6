/**
 * `parseArgs` of `@std/cli`, with types: the only file that imports it.
 *
 * @module
 */

// @ts-types="./parse_args.d.ts"
export { parseArgs } from "@std/cli/parse-args";
