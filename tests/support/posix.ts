/**
 * Parts of the tests that apply only to POSIX systems.
 *
 * @module
 */

const WINDOWS = Deno.build.os === "windows";

/** The mode that `stat` reports for a file of its owner alone; Windows has no modes. */
export const PRIVATE_FILE: number | undefined = WINDOWS ? undefined : 0o600;

/** The same of a folder. */
export const PRIVATE_FOLDER: number | undefined = WINDOWS ? undefined : 0o700;

/** A test that Windows ignores, for a reason that becomes part of its name: `no signals`. */
export function posixTest(
  reason: string,
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const suffix = WINDOWS ? ` (ignored on Windows: ${reason})` : "";
  Deno.test({ name: name + suffix, ignore: WINDOWS, fn });
}

/** A test whose scripts run in a POSIX shell. */
export function posixShellTest(
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  posixTest("no POSIX shell", name, fn);
}
