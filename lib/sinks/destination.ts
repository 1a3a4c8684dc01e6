/**
 * Temporary credentials in the shared credentials file, under a profile of their own, and what must
 * never be overwritten there.
 *
 * @module
 */

import { sourcesOf } from "../config/chain.ts";
import type { EditableIni } from "../config/ini_edit.ts";
import { destinationOf, placeOf, type Profile } from "../config/profile.ts";
import { rewriteFile, type RewriteHost } from "../config/rewrite.ts";
import { parseSharedConfig, type Section, type SharedConfig } from "../config/shared_config.ts";
import { type Credentials, toTimestamp } from "../plan/credentials.ts";
import { EacError, type ErrorDetails } from "../errors.ts";

/** Credentials, the profile that they are of, and the profile that is to hold them. */
export interface Entry {
  readonly destination: string;
  readonly source: Profile;
  readonly credentials: Credentials;
}

/** What the person allowed. */
export interface StoreOptions {
  /** Long-lived keys may be replaced; a backup is kept. */
  readonly force: boolean;
}

/** The keys that eac writes. All others of a section are the person's, and stay. */
const OURS = [
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "expiration",
  "managed_by",
  "eac_source",
] as const;

/** The old name of the session token; beside a new one it breaks old SDKs. */
const LEGACY_TOKEN = "aws_security_token";

/** Ways to credentials that SDKs prefer to keys in the same profile, or that the keys would hide. */
const OTHER_CREDENTIALS =
  /^(role_arn|credential_process|web_identity_token_file|login_session|sso_.+)$/;

/** Names that every reader takes alike. */
const WRITABLE = /^[A-Za-z0-9._-]+$/;

const ANOTHER = "choose another name with -o";

/**
 * Refuses a destination that must not be written: before a code is asked for, and again under the
 * lock.
 *
 * @throws {EacError} `destination_protected`; `usage` or `config_invalid` for a name that cannot be
 * written
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
      { ...where, hint: "letters, digits, - _ and . make a name that every tool reads" },
    );
  }
  if (namesOf(source).includes(destination)) {
    throw refusal(
      `"${destination}" is where the credentials of "${source.name}" come from`,
      { ...where, hint: `${ANOTHER}, such as "${source.name}-temp"` },
    );
  }
  const section = config.profiles.get(destination);
  if (section !== undefined) checkSection(destination, section, force);
}

/** The profile and its sources. A chain that is broken is the plan's affair, not ours. */
function namesOf(source: Profile): string[] {
  const names = [source.name];
  try {
    for (const { name } of sourcesOf(source)) names.push(name);
  } catch {
    // What was read so far is enough.
  }
  return names;
}

function checkSection(name: string, section: Section, force: boolean): void {
  for (const { key, value, place } of section) {
    if (value === "" || !OTHER_CREDENTIALS.test(key)) continue;
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
    throw refusal(`"${name}" holds long-lived keys`, {
      place: section.get(keys)!.place,
      hint: `${ANOTHER}, or replace them with --force, which keeps a backup`,
    });
  }
}

function refusal(message: string, details: ErrorDetails): EacError {
  return new EacError("destination_protected", message, details);
}

/** The name of the key in question, when there are keys without a session token. */
function longLivedKeys(get: (key: string) => string | undefined): string | undefined {
  if (get("aws_session_token") || get(LEGACY_TOKEN)) return undefined;
  return ["aws_access_key_id", "aws_secret_access_key"].find((key) => get(key));
}

/**
 * Stores all entries in one rewrite of the credentials file: all of them or none.
 *
 * @returns the backup's path, when long-lived keys were replaced
 * @throws {EacError} what {@linkcode checkDestination} throws, for the file as it is then; `io`
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
      // The edit runs again when another program wrote in between: then there are other keys to save.
      if (backup !== undefined) host.remove(backup);
      backup = createBackup(host, files.credentials, bytes);
    }
    write(document, entries);
  }, { seen: seen.credentials });
  return backup === undefined ? {} : { backup };
}

/** Long-lived keys do not belong in a file as plain text, least of all when they were not there. */
function checkTemporary(source: Profile, credentials: Credentials): void {
  if (credentials.sessionToken !== undefined) return;
  throw new EacError(
    "config_invalid",
    `the credentials of "${source.name}" are long-lived, and only temporary ones are stored`,
    { hint: "use them by eac exec or eac env", profile: source.name },
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

/** A copy beside the file, for its owner alone: `credentials.eac-backup-20261123T130000Z`. */
export function createBackup(host: RewriteHost, path: string, bytes: Uint8Array): string {
  const stamp = toTimestamp(host.now()).replace(/[-:]/g, "");
  const base = `${path}.eac-backup-${stamp}`;
  let backup = base;
  for (let count = 2; host.stat(backup) !== undefined; count++) backup = `${base}-${count}`;
  host.createFile(backup, bytes, 0o600);
  return backup;
}

/**
 * Takes out of the credentials file what eac stored there.
 *
 * @param names profiles, as the source or as the destination; absent: all
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
      // Keys that the person put there since then are not ours to drop.
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
