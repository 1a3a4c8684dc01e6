/**
 * The profile that programs under `eac exec --serve` select: it exists and has no credentials, so
 * every SDK continues with the container endpoint. Without it they would use the keys of
 * `[default]`.
 *
 * It stays in the user's own config file. There every other profile still works, and a program's
 * changes are where the user expects them.
 *
 * @module
 */

import {
  configHeader,
  isServedProfile,
  parseSharedConfig,
  type SharedConfig,
} from "../config/shared_config.ts";
import { join } from "../config/locations.ts";
import { rewriteFile, type RewriteHost } from "../config/rewrite.ts";
import { asEacError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** The name of the profile; a number follows if the user has changed a profile of that name. */
const NAME = "eac-serve"; // isServedProfile knows it

/** The files that a child's SDKs read. */
export interface ServedFiles {
  readonly profile: string;
  /** The config file to read; `undefined` if it is the user's own. */
  readonly config: string | undefined;
  /** A file with the token, readable by the user alone. */
  readonly token: string;
  remove(): void;
}

/**
 * Adds the profile if it does not exist, and writes the token to a file.
 *
 * If the config file cannot be written, the child reads a copy of it, which is read-only too.
 *
 * @throws {EacError} `io` if there is no temp folder
 */
export async function createServedFiles(
  host: RewriteHost & Pick<Host, "makeTempFolder" | "removeFolder">,
  config: SharedConfig,
  token: string,
): Promise<ServedFiles> {
  const folder = host.makeTempFolder();
  const remove = () => host.removeFolder(folder);
  const bytes = new TextEncoder();
  try {
    const tokenFile = join(host.os, folder, "token");
    host.createFile(tokenFile, bytes.encode(token), 0o600);
    const found = emptyProfile(config);
    if (found !== undefined) return { profile: found, config: undefined, token: tokenFile, remove };
    let profile = "";
    try {
      await rewriteFile(host, config.files.config, (document) => {
        const credentials = host.readFile(config.files.credentials);
        const now = parseSharedConfig({
          files: config.files,
          config: document.toBytes(),
          ...(credentials && { credentials }),
        });
        profile = emptyProfile(now) ?? freeName(now);
        document.setProperty(configHeader(profile, document), "managed_by", "eac");
      });
      return { profile, config: undefined, token: tokenFile, remove };
    } catch (thrown) {
      if (asEacError(thrown).code !== "io") throw thrown;
      profile = freeName(config);
      const copy = join(host.os, folder, "config");
      const original = host.readFile(config.files.config) ?? new Uint8Array();
      const section = bytes.encode(`\n[profile ${profile}]\nmanaged_by = eac\n`);
      host.createFile(copy, new Uint8Array([...original, ...section]), 0o400);
      return { profile, config: copy, token: tokenFile, remove };
    }
  } catch (error) {
    remove();
    throw error;
  }
}

function emptyProfile(config: SharedConfig): string | undefined {
  return [...config.profiles.keys()].find((name) =>
    isServedProfile(config.profiles.get(name), name)
  );
}

function freeName(config: SharedConfig): string {
  let name = NAME;
  for (let count = 2; config.profiles.has(name); count++) name = `${NAME}-${count}`;
  return name;
}
