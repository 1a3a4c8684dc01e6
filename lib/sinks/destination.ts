/**
 * Stores temporary credentials in the shared credentials file under a separate profile, and
 * protects what must not be overwritten there.
 *
 * @module
 */

import { sourcesOf } from "../config/chain.ts";
import type { EditableIni } from "../config/ini_edit.ts";
import { destinationOf, placeOf, type Profile } from "../config/profile.ts";
import { rewriteFile, type RewriteHost } from "../config/rewrite.ts";
import { parseSharedConfig, type Section, type SharedConfig } from "../config/shared_config.ts";
import { isSourceKey } from "../plan/base.ts";
import { type Credentials, toTimestamp } from "../plan/credentials.ts";
import { EacError, type ErrorDetails } from "../errors.ts";

/** Credentials, their source profile, and the profile to store them in. */
export interface Entry {
  readonly destination: string;
  readonly source: Profile;
  readonly credentials: Credentials;
}

/** What the user allowed. */
export interface StoreOptions {
  /** Long-lived keys may be replaced; a backup is saved. */
  readonly force: boolean;
}

/** The keys that eac writes. All other keys of a section are the user's, and stay. */
const OURS = [
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "expiration",
  "managed_by",
  "eac_source",
] as const;

/** The legacy name of the session token; next to a new one it breaks old SDKs. */
const LEGACY_TOKEN = "aws_security_token";

/** Names that every AWS tool reads the same way. */
const WRITABLE = /^[A-Za-z0-9._-]+$/;

const ANOTHER = "choose another name with -o";

/**
 * Refuses a destination that must not be overwritten: before a code is asked for, and again under
 * the lock.
 *
 * @throws {EacError} `destination_protected`; `usage` or `config_invalid` for a name that cannot be written
 */
export function checkDestination(
  config: SharedConfig,
  destination: string,
  source: Profile,
  { force }: StoreOptions,
): void {
  const key = destinationOf(source) === destination ? "destination_profile" : undefined;
  const owner = source.values.destination_profile ? source : source.defaults ?? source;
  const where = key === undefined ? {} : placeOf(owner, key);
  if (!WRITABLE.test(destination)) {
    throw new EacError(
      key === undefined ? "usage" : "config_invalid",
      `credentials cannot be stored under the name "${destination}"`,
      { ...where, hint: "use only letters, digits, - _ and . in the name" },
    );
  }
  if (namesOf(source).includes(destination)) {
    throw refusal(
      `"${destination}" provides the credentials of "${source.name}"`,
      { ...where, hint: `${ANOTHER}, such as "${source.name}-temp"` },
    );
  }
  const section = config.profiles.get(destination);
  if (section !== undefined) checkSection(destination, section, force);
}

/** The profile and its sources. A broken chain is reported by the plan, not here. */
function namesOf(source: Profile): string[] {
  const names = [source.name];
  try {
    for (const { name } of sourcesOf(source)) names.push(name);
  } catch {
    // The sources read so far are enough.
  }
  return names;
}

function checkSection(name: string, section: Section, force: boolean): void {
  for (const { key, value, place } of section) {
    // SDKs prefer these to keys in the same profile, or the keys would hide them.
    if (value === "" || !(key === "role_arn" || isSourceKey(key))) continue;
    throw refusal(`"${name}" has ${key}: some AWS tools would use it, others the stored keys`, {
      place,
      hint: ANOTHER,
    });
  }
  const manager = section.get("managed_by");
  if (manager && !["", "eac"].includes(manager.value)) {
    throw refusal(`"${name}" is managed by ${manager.value}`, {
      place: manager.place,
      hint: ANOTHER,
    });
  }
  const keys = longLivedKeys((key) => section.get(key)?.value);
  if (keys !== undefined && !force) {
    throw refusal(`"${name}" has long-lived keys`, {
      place: section.get(keys)!.place,
      hint: `${ANOTHER}, or replace them with --force, which saves a backup`,
    });
  }
}

function refusal(message: string, details: ErrorDetails): EacError {
  return new EacError("destination_protected", message, details);
}

/** The name of the key, if there are keys without a session token. */
function longLivedKeys(get: (key: string) => string | undefined): string | undefined {
  if (get("aws_session_token") || get(LEGACY_TOKEN)) return undefined;
  return ["aws_access_key_id", "aws_secret_access_key"].find((key) => get(key));
}

/**
 * Stores all entries in one rewrite of the credentials file, or none.
 *
 * @returns the backup's path, if long-lived keys were replaced
 * @throws {EacError} what {@linkcode checkDestination} throws for the current file; `io`
 */
export async function storeCredentials(
  host: RewriteHost,
  { files, bytes: seen }: SharedConfig,
  entries: readonly Entry[],
  options: StoreOptions,
): Promise<{ readonly backup?: string }> {
  for (const { source, credentials } of entries) checkTemporary(source, credentials);
  let backup: string | undefined;
  await rewriteFile(host, files.credentials, (document) => {
    const bytes = document.toBytes();
    const config = host.readFile(files.config);
    const now = parseSharedConfig({ files, credentials: bytes, config });
    for (const { destination, source } of entries) {
      checkDestination(now, destination, source, options);
    }
    const replaced = entries.some(({ destination }) =>
      longLivedKeys((key) => document.get(destination, key)) !== undefined
    );
    if (replaced) {
      // The edit runs again if another program wrote meanwhile: then there are other keys to save.
      if (backup !== undefined) host.remove(backup);
      backup = createBackup(host, files.credentials, bytes);
    }
    write(document, entries);
  }, { seen: seen.credentials });
  return backup === undefined ? {} : { backup };
}

/** Refuses long-lived keys: eac must not write them to a file as plain text. */
function checkTemporary(source: Profile, credentials: Credentials): void {
  if (credentials.sessionToken !== undefined) return;
  throw new EacError(
    "config_invalid",
    `the credentials of "${source.name}" are long-lived, and eac stores only temporary ones`,
    { hint: "use them with eac exec or eac env", profile: source.name },
  );
}

function write(document: EditableIni, entries: readonly Entry[]): void {
  const endless = entries.filter(({ credentials }) => credentials.expiration === undefined);
  document.removeProperties(entries.map(({ destination }) => destination), [LEGACY_TOKEN]);
  document.removeProperties(endless.map(({ destination }) => destination), ["expiration"]);
  document.setSections(entries.map(({ destination, source, credentials }) => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
    return [destination, {
      aws_access_key_id: accessKeyId,
      aws_secret_access_key: secretAccessKey.reveal(),
      ...(sessionToken === undefined ? {} : { aws_session_token: sessionToken.reveal() }),
      ...(expiration === undefined ? {} : { expiration: toTimestamp(expiration) }),
      managed_by: "eac",
      eac_source: source.name,
    }];
  }));
}

/** A private copy next to the file: `credentials.eac-backup-20261123T130000Z`. */
export function createBackup(host: RewriteHost, path: string, bytes: Uint8Array): string {
  const stamp = toTimestamp(host.now()).replace(/[-:]/g, "");
  const base = `${path}.eac-backup-${stamp}`;
  let backup = base;
  for (let count = 2; host.stat(backup) !== undefined; count++) backup = `${base}-${count}`;
  host.createFile(backup, bytes, 0o600);
  return backup;
}

/**
 * Removes from the credentials file what eac stored there.
 *
 * @param names sources or destinations; if absent, all
 * @returns the destinations that were cleared
 */
export async function clearDestinations(
  host: RewriteHost,
  { files, bytes: seen }: SharedConfig,
  names?: readonly string[],
): Promise<string[]> {
  if (host.stat(files.credentials) === undefined) return [];
  const wanted = names && new Set(names);
  const cleared = new Set<string>();
  await rewriteFile(host, files.credentials, (document) => {
    const stored = [...new Set(document.sections.map(({ header }) => header))].filter((section) =>
      document.get(section, "managed_by") === "eac" &&
      // Keys that the user has put there since must stay.
      longLivedKeys((key) => document.get(section, key)) === undefined &&
      (wanted === undefined || wanted.has(section) ||
        wanted.has(document.get(section, "eac_source") ?? ""))
    );
    for (const section of stored) cleared.add(section);
    document.removeProperties(stored, [...OURS, LEGACY_TOKEN]);
    document.removeSections(stored.filter((section) => document.isEmpty(section)));
  }, { seen: seen.credentials });
  return [...cleared];
}
