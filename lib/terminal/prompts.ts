/**
 * The prompts of `@inquirer/prompts` that eac shows, by name, so that a bundler can leave the others
 * out: an editor among them, with half a megabyte of tables. Only ever imported by
 * `await import(...)`.
 *
 * @module
 */

export { search } from "@inquirer/prompts";
