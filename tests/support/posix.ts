/**
 * What of the tests holds on POSIX systems alone.
 *
 * @module
 */

const WINDOWS = Deno.build.os === "windows";

/** The mode that `stat` reports for a file of its owner alone; Windows has no modes. */
export const PRIVATE_FILE: number | undefined = WINDOWS ? undefined : 0o600;

/** The same of a folder. */
export const PRIVATE_FOLDER: number | undefined = WINDOWS ? undefined : 0o700;

/** A test whose scripts run in a POSIX shell: Windows ignores it, and its name says why. */
export function posixShellTest(
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const reason = WINDOWS ? " (ignored: there is no POSIX shell on Windows)" : "";
  Deno.test({ name: name + reason, ignore: WINDOWS, fn });
}
