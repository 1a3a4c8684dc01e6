/**
 * The journal of an access key rotation: its progress, so that rerunning the command resumes it.
 *
 * IAM returns a secret key only once, so the journal contains the new key until the shared files
 * do.
 *
 * @module
 */

import { eacHome, folderOf, join, nameOf } from "../../config/locations.ts";
import { EacError } from "../../errors.ts";
import { removeQuietly, writeAtomically, type WriteHost } from "../../config/own_files.ts";
import { sha256 } from "../../text/hash.ts";
import type { Host } from "../../host/host.ts";

/** The last completed stage, in the order in which a rotation passes through them. */
export const STAGES = ["begun", "created", "stored", "deactivated"] as const;

/** The last completed stage. */
export type Stage = typeof STAGES[number];

/** An access key that IAM has created. */
export interface NewKey {
  readonly id: string;
  readonly secret: string;
}

/** A rotation in progress. */
export interface Rotation {
  readonly stage: Stage;
  readonly profile: string;
  /** The ID of the key that is being replaced. */
  readonly oldId: string;
  /** When the new key was requested, in milliseconds since 1970; absent before the request. */
  readonly requestedAt?: number | undefined;
  /** The new key; present from the stage `created` on. */
  readonly newKey?: NewKey | undefined;
}

type JournalHost =
  & WriteHost
  & Pick<Host, "env" | "readFile" | "makeFolder" | "lock" | "deadline" | "syncFolder">;

/** The folder of the journals. */
function journalFolder(host: Pick<Host, "env" | "os">): string {
  return join(host.os, eacHome(host.env, host.os), "rotate");
}

/** The journal of a profile, for the shared files in use. */
export async function journalFile(
  host: Pick<Host, "env" | "os">,
  credentialsFile: string,
  profile: string,
): Promise<string> {
  const name = (await sha256(`${credentialsFile}\n${profile}`)).slice(0, 32);
  return join(host.os, journalFolder(host), `${name}.json`);
}

/** Takes the lock that guards a journal; `undefined` once `wait` milliseconds have passed. */
export function lockJournal(host: Pick<Host, "lock" | "deadline">, file: string, wait: number) {
  return host.lock(`${file}.lock`, host.deadline(wait));
}

/**
 * The rotation in progress; `undefined` without one. Call it under the journal's lock.
 *
 * A process that was killed while writing the journal may have left the only copy of the new key in a
 * temp file: the most advanced complete one replaces the journal. The other temp files are removed.
 *
 * @throws {EacError} `io` for a journal that cannot be read: it may contain the only copy of a key
 */
export function readJournal(host: JournalHost, file: string): Rotation | undefined {
  const bytes = host.readFile(file);
  const rotation = bytes === undefined ? undefined : parseRotation(bytes);
  if (bytes !== undefined && rotation === undefined) {
    throw new EacError(
      "io",
      `${file} is not a rotation journal that this version of eac can read`,
      {
        hint:
          "use the version that wrote it, or save the key in it that you need, then remove the file",
      },
    );
  }
  let latest = rotation;
  let latestFile = file;
  const parts = partsOf(host, file);
  for (const part of parts) {
    const other = parseRotation(host.readFile(part) ?? new Uint8Array());
    if (other === undefined || !isLater(other, latest)) continue;
    latest = other;
    latestFile = part;
  }
  if (latestFile !== file) {
    host.rename(latestFile, file);
    host.syncFolder(folderOf(host.os, file));
  }
  for (const part of parts) if (part !== latestFile) removeQuietly(host, part);
  return latest;
}

/**
 * True if `a` is a later stage of the same rotation than `b`, or `b` is absent and `a` contains a
 * key.
 */
function isLater(a: Rotation, b: Rotation | undefined): boolean {
  // Without a journal the rotation is complete, or has not requested a key: the temp file is obsolete.
  if (b === undefined) return false;
  return a.oldId === b.oldId && STAGES.indexOf(a.stage) > STAGES.indexOf(b.stage);
}

/** The temp files that writing this journal leaves behind when the process is killed. */
function partsOf(host: Pick<Host, "list" | "os">, file: string): string[] {
  const folder = folderOf(host.os, file);
  const prefix = `${nameOf(host.os, file)}.`;
  return host.list(folder).filter((name) => name.startsWith(prefix) && name.endsWith(".tmp"))
    .map((name) => join(host.os, folder, name));
}

function parseRotation(bytes: Uint8Array): Rotation | undefined {
  try {
    const rotation = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Rotation>;
    const { stage, profile, oldId, newKey } = rotation;
    if (typeof profile !== "string" || typeof oldId !== "string") return undefined;
    if (!STAGES.includes(stage!)) return undefined;
    const hasKey = typeof newKey?.id === "string" && typeof newKey.secret === "string";
    return (stage === "begun") === (newKey === undefined) && (newKey === undefined || hasKey)
      ? rotation as Rotation
      : undefined;
  } catch {
    return undefined;
  }
}

/** Records the rotation on disk, readable by its owner only; it survives a power loss from then on. */
export function writeJournal(host: JournalHost, file: string, rotation: Rotation): void {
  const folder = folderOf(host.os, file);
  host.makeFolder(folder, 0o700);
  const text = `${JSON.stringify(rotation)}\n`;
  writeAtomically(host, file, new TextEncoder().encode(text));
  host.syncFolder(folder);
}

/** Removes the journal of a finished rotation, and its temp files. */
export function removeJournal(host: JournalHost, file: string): void {
  for (const part of partsOf(host, file)) host.remove(part);
  host.remove(file);
}

/**
 * Removes temp files that killed processes left next to any journal, except those that contain the
 * only copy of a new key. Journals that another process is using are skipped.
 */
export async function sweepJournals(host: JournalHost): Promise<void> {
  const folder = journalFolder(host);
  const names = host.list(folder).map((name) => /^(.*\.json)\.[^.]+\.tmp$/.exec(name)?.[1]);
  for (const name of new Set(names.filter((name) => name !== undefined))) {
    const file = join(host.os, folder, name);
    const lock = await lockJournal(host, file, SWEEP_WAIT);
    if (lock === undefined) continue;
    try {
      readJournal(host, file);
    } catch {
      // An unreadable journal is for `eac rotate` to report.
    } finally {
      lock.release();
    }
  }
}

/** How long a sweep waits for a journal that is in use, in milliseconds. */
const SWEEP_WAIT = 50;
