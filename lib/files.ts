/**
 * Files of eac's own, written whole or not at all.
 *
 * @module
 */

import type { Host } from "./host.ts";

/**
 * Writes a sibling and puts it in the file's place in one step: a reader sees the old bytes or the
 * new ones. For files that only eac writes; the shared files have their own way (config/rewrite.ts).
 *
 * @throws {EacError} `io`; the file is as it was
 */
export function writeAtomically(
  host: Pick<Host, "createFile" | "rename" | "remove">,
  path: string,
  bytes: Uint8Array,
  mode: number,
): void {
  const part = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    host.createFile(part, bytes, mode);
    host.rename(part, path);
  } catch (error) {
    host.remove(part);
    throw error;
  }
}
