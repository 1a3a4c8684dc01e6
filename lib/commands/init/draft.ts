/**
 * Profiles that are to be written, and what the shared files look like with them. Pure.
 *
 * Keys go into the credentials file, all else into the config file, as `aws configure` has it.
 *
 * @module
 */

import { EditableIni } from "../../config/ini_edit.ts";
import { configHeader } from "../../config/shared_config.ts";

/** A profile that is to be written. */
export interface Draft {
  readonly name: string;
  /** For the config file. */
  readonly settings: Readonly<Record<string, string>>;
  /** For the credentials file. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Ways to credentials: what a profile had of them goes when it gets another one. */
const WAYS = [
  "role_arn",
  "source_profile",
  "credential_source",
  "credential_process",
  "external_id",
  "mfa_serial",
];
const KEYS = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

/** Writes the profiles' settings into the config file. */
export function writeSettings(document: EditableIni, drafts: readonly Draft[]): void {
  for (const { name, settings, keys } of drafts) {
    const section = configHeader(name, document);
    for (const key of [...WAYS, ...KEYS]) {
      if (!(key in settings) && !(key in keys)) document.removeProperty(section, key);
    }
    if (Object.keys(settings).length > 0) document.setProperties(section, settings);
  }
}

/** Writes the profiles' keys into the credentials file. */
export function writeKeys(document: EditableIni, drafts: readonly Draft[]): void {
  for (const { name, keys } of drafts) {
    for (const key of [...WAYS, ...KEYS]) {
      if (!(key in keys)) document.removeProperty(name, key);
    }
    if (Object.keys(keys).length > 0) document.setProperties(name, keys);
  }
}

/** The file's bytes with the profiles in it. */
export function withDrafts(
  bytes: Uint8Array | undefined,
  file: string,
  drafts: readonly Draft[],
  write: typeof writeKeys,
): Uint8Array {
  const document = EditableIni.parse(bytes ?? new Uint8Array(), file);
  write(document, drafts);
  return document.toBytes();
}

/**
 * What changes between two states of a file: lines with `-` or `+` before them, and `@ LINE` above.
 * Secrets are not shown.
 */
export function changes(before: Uint8Array | undefined, after: Uint8Array): string[] {
  const [old, now] = [before ?? new Uint8Array(), after].map(linesOf) as [string[], string[]];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
  let same = 0;
  while (
    same < Math.min(old.length, now.length) - start && old.at(-1 - same) === now.at(-1 - same)
  ) same++;
  const removed = old.slice(start, old.length - same).map((line) => `- ${masked(line)}`);
  const added = now.slice(start, now.length - same).map((line) => `+ ${masked(line)}`);
  if (removed.length + added.length === 0) return [];
  return [`@ ${start + 1}`, ...removed, ...added];
}

function linesOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function masked(line: string): string {
  return line.replace(/^(\s*aws_(?:secret_access_key|session_token)\s*=\s*).*/i, "$1***");
}
