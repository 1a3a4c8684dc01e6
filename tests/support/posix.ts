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

/** True in wine, which runs Windows programs on Linux; Windows has no such program. */
export function isWine(): boolean {
  try {
    return WINDOWS && Deno.statSync("C:\\windows\\system32\\winecfg.exe").isFile;
  } catch {
    return false;
  }
}

/** A test that runs on Windows but not in wine, which stops when it starts many processes. */
export function manyProcessesTest(name: string, fn: () => Promise<void>): void {
  const ignore = isWine();
  const suffix = ignore ? " (ignored in wine: a server stalls beside many child processes)" : "";
  Deno.test({ name: name + suffix, ignore, fn });
}

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
