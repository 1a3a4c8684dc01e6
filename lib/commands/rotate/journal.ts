/**
 * How far a rotation of an access key has come, on the disk: what fails halfway goes on from there.
 * The new key is kept here until it stands in the file that it is for, since IAM gives it only once.
 *
 * @module
 */

import { eacHome, join } from "../../config/locations.ts";
import { EacError } from "../../errors.ts";
import { writeAtomically, type WriteHost } from "../../config/own_files.ts";
import { sha256 } from "../../text/hash.ts";
import type { Host } from "../../host/host.ts";

/** What was done last. */
export type Stage = "begun" | "created" | "stored" | "deactivated";

/** A rotation that is under way. */
export interface Rotation {
  readonly stage: Stage;
  readonly profile: string;
  /** The id of the key that goes. */
  readonly old: string;
  /** When a new key was asked for, in milliseconds since 1970; absent while none was. */
  readonly asked?: number;
  /** The key that comes; there from the stage `created` on. */
  readonly made?: { readonly id: string; readonly secret: string };
}

type JournalHost = WriteHost & Pick<Host, "readFile" | "makeFolder">;

/** The file of a profile's rotation, in the shared files that are in use. */
export async function journalFile(
  host: Pick<Host, "env" | "os">,
  credentialsFile: string,
  profile: string,
): Promise<string> {
  const name = (await sha256(`${credentialsFile}\n${profile}`)).slice(0, 32);
  return join(host.os, eacHome(host.env, host.os), "rotate", `${name}.json`);
}

/**
 * The rotation that was begun and not ended; `undefined` where there is none.
 *
 * @throws {EacError} `io` for a journal that cannot be read: it may hold the only copy of a key
 */
export function readJournal(host: JournalHost, file: string): Rotation | undefined {
  const bytes = host.readFile(file);
  if (bytes === undefined) return undefined;
  try {
    const rotation = JSON.parse(new TextDecoder().decode(bytes)) as Rotation;
    if (typeof rotation.old === "string" && typeof rotation.stage === "string") return rotation;
  } catch {
    // Said below.
  }
  throw new EacError("io", `${file} cannot be read as the journal of a rotation`, {
    hint: "look whether it holds a key that you need; then remove it",
  });
}

/** Notes how far the rotation is; readable by its owner alone. */
export function writeJournal(host: JournalHost, file: string, rotation: Rotation): void {
  host.makeFolder(file.replace(/[/\\][^/\\]*$/, ""), 0o700);
  const text = `${JSON.stringify(rotation)}\n`;
  writeAtomically(host, file, new TextEncoder().encode(text), 0o600);
}
