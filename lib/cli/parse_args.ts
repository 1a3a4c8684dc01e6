/**
 * `parseArgs` of `@std/cli`, with types: the one place that gives them.
 *
 * @module
 */

// @ts-types="./parse_args.d.ts"
export { parseArgs } from "@std/cli/parse-args";
