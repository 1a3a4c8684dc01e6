/**
 * Re-exports the prompts of `@inquirer/prompts` that eac uses, so that the bundler can drop the others
 * (the editor alone carries half a megabyte of tables). Import it only by `await import(...)`.
 *
 * @module
 */

export { search, Separator } from "@inquirer/prompts";
