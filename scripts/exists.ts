/**
 * Whether a file or folder exists.
 *
 * @module
 */

/** True if the path can be reached; false for a dangling link. */
export function exists(path: string | URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
