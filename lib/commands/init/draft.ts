/**
 * Profiles to write, and the shared files with them. Pure.
 *
 * Access keys go into the credentials file and settings into the config file, as with `aws configure`.
 *
 * @module
 */

import { EditableIni } from "../../config/ini_edit.ts";
import { configHeader } from "../../config/shared_config.ts";
import { MASK, maskSetting } from "../../text/mask.ts";

/** A profile to write. */
export interface Draft {
  readonly name: string;
  /** Settings for the config file. */
  readonly settings: Readonly<Record<string, string>>;
  /** Access keys for the credentials file. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Keys that select a credential source: a profile that gets another source loses them. */
const SOURCE_KEYS = [
  "role_arn",
  "source_profile",
  "credential_source",
  "credential_process",
  "external_id",
  "mfa_serial",
];
const KEYS = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];

/** Writes the settings of the profiles to the config file. */
export function writeSettings(document: EditableIni, drafts: readonly Draft[]): void {
  for (const { name, settings, keys } of drafts) {
    const section = configHeader(name, document);
    for (const key of [...SOURCE_KEYS, ...KEYS]) {
      if (!(key in settings) && !(key in keys)) document.removeProperty(section, key);
    }
    if (Object.keys(settings).length > 0) document.setProperties(section, settings);
  }
}

/** Writes the access keys of the profiles to the credentials file. */
export function writeKeys(document: EditableIni, drafts: readonly Draft[]): void {
  for (const { name, keys } of drafts) {
    for (const key of [...SOURCE_KEYS, ...KEYS]) {
      if (!(key in keys)) document.removeProperty(name, key);
    }
    if (Object.keys(keys).length > 0) document.setProperties(name, keys);
  }
}

/** The bytes of a shared file with the profiles written to it. */
export function applyDrafts(
  bytes: Uint8Array | undefined,
  file: string,
  drafts: readonly Draft[],
  write: typeof writeKeys,
): Uint8Array {
  return applyEdit(bytes, file, (document) => write(document, drafts));
}

/** The bytes of a shared file after an edit. */
export function applyEdit(
  bytes: Uint8Array | undefined,
  file: string,
  edit: (document: EditableIni) => void,
): Uint8Array {
  const document = EditableIni.parse(bytes ?? new Uint8Array(), file);
  edit(document);
  return document.toBytes();
}

/**
 * The difference between two states of a file: the changed lines, prefixed with `-` or `+`, below
 * `@ LINE`. Secrets are masked.
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

/**
 * A line without secrets: section headers and settings are shown, with secret values masked.
 * Comments may contain a commented-out key, and an indented line may continue a secret: neither is
 * shown.
 */
function masked(line: string): string {
  if (line.trim() === "" || /^\[[^\]]*\]\s*$/.test(line)) return line;
  const marker = /^\s*[#;]|^\s+/.exec(line)?.[0];
  if (marker !== undefined) return `${marker.trimEnd() === "" ? marker : `${marker} `}${MASK}`;
  const [, key, equals, value] = /^([^=:]+?)(\s*[=:]\s*)(.*)$/.exec(line) ?? [];
  return key === undefined ? MASK : `${key}${equals}${maskSetting(key, value!)}`;
}
