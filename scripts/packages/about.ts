/**
 * The description of eac in every package.
 *
 * @module
 */

export const SUMMARY = "Temporary AWS credentials from any profile: one MFA code, every tool";
export const LICENSE = "MIT";

/** The repository with the releases: `GITHUB_REPOSITORY` in a workflow. */
export function homepage(): string {
  return `https://github.com/${Deno.env.get("GITHUB_REPOSITORY") ?? "eac-cli/eac"}`;
}
