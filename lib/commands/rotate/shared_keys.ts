/**
 * Finds and replaces the access key in the shared files.
 *
 * @module
 */

import type { EditableIni } from "../../config/ini_edit.ts";
import { checkWritable, rewriteFile } from "../../config/rewrite.ts";
import { readSharedConfig, type SharedConfig } from "../../config/shared_config.ts";
import { EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { NewKey, Rotation } from "./journal.ts";

/**
 * Checks that every copy of the key can be replaced. Call it before a new key is created.
 *
 * @returns the files that contain the key
 * @throws {EacError} `config_invalid` if a key's ID and secret are in different files: replacing them could not be atomic; `io` if a file cannot be written
 */
export async function checkReplaceable(
  host: Host,
  config: SharedConfig,
  id: string,
): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const [profile, section] of config.profiles) {
    const key = section.get("aws_access_key_id");
    if (key?.value !== id) continue;
    const secret = section.get("aws_secret_access_key");
    if (secret !== undefined && secret.place.file !== key.place.file) {
      throw new EacError(
        "config_invalid",
        `profile "${profile}" has its access key ID in ${key.place.file} ` +
          `and its secret in ${secret.place.file}`,
        { hint: "move both into one file, then run the command again", place: key.place, profile },
      );
    }
    files.add(key.place.file);
  }
  for (const file of files) await checkWritable(host, file);
  return [...files];
}

/**
 * Replaces the old key wherever it is in the shared files, then reads the files again to check that
 * they contain the new key.
 *
 * @param config the files as the run read them at its start
 * @returns the files that contain the new key
 * @throws {EacError} `config_invalid` if they do not; its hint says where the new key is
 */
export async function storeKey(
  host: Host,
  config: SharedConfig,
  rotation: Rotation & { readonly newKey: NewKey },
  journal: string,
): Promise<readonly string[]> {
  const { oldId, newKey } = rotation;
  const holders = [
    ...holdersOf(config, oldId),
    ...holdersOf(config, newKey.id),
    ...holdersOf(readSharedConfig(host), oldId),
  ];
  for (const file of new Set(holders.map((holder) => holder.file))) {
    const seen = file === config.files.config ? config.bytes.config : config.bytes.credentials;
    await rewriteFile(
      host,
      file,
      (document: EditableIni) => replaceKey(document, oldId, newKey),
      { seen },
    );
  }
  const written = readSharedConfig(host);
  if (holdersOf(written, oldId).length === 0) {
    const files = holdersOf(written, newKey.id)
      .filter(({ secret }) => secret === newKey.secret)
      .map(({ file }) => file);
    if (files.length > 0) return [...new Set(files)];
  }
  throw new EacError(
    "config_invalid",
    `the shared files do not contain the new key ${newKey.id} of "${rotation.profile}"`,
    {
      hint: `the new key is in ${journal}: copy it from there, or put ${oldId} back into the ` +
        `profile and run eac rotate ${rotation.profile} again`,
      profile: rotation.profile,
    },
  );
}

/** True if no profile has the old key, and the rotated profile has the new one. */
export function isStored(config: SharedConfig, { profile, oldId, newKey }: Rotation): boolean {
  const section = config.profiles.get(profile);
  return newKey !== undefined &&
    section?.get("aws_access_key_id")?.value === newKey.id &&
    section.get("aws_secret_access_key")?.value === newKey.secret &&
    holdersOf(config, oldId).length === 0;
}

interface Holder {
  readonly file: string;
  readonly secret: string | undefined;
}

/** The profiles whose access key ID is `id`. */
function holdersOf({ profiles }: SharedConfig, id: string): Holder[] {
  return [...profiles.values()].flatMap((section) => {
    const key = section.get("aws_access_key_id");
    if (key?.value !== id) return [];
    return [{ file: key.place.file, secret: section.get("aws_secret_access_key")?.value }];
  });
}

function replaceKey(document: EditableIni, oldId: string, { id, secret }: NewKey): void {
  const headers = document.sections.map(({ header }) => header)
    .filter((header) => document.get(header, "aws_access_key_id") === oldId);
  for (const header of new Set(headers)) {
    document.setProperties(header, { aws_access_key_id: id, aws_secret_access_key: secret });
  }
}
