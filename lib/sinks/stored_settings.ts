/**
 * Copies settings such as `region` from the source to the stored profile: without a region most AWS
 * tools fail, or use us-east-1.
 *
 * They are written to the config file, where every SDK reads them. `eac_settings` records which
 * ones eac wrote, with their values, as a query string; everything else is the user's.
 *
 * @module
 */

import type { Profile } from "../config/profile.ts";
import { rewriteFile, type RewriteHost } from "../config/rewrite.ts";
import {
  configHeader,
  parseSharedConfig,
  type Section,
  type SharedConfig,
} from "../config/shared_config.ts";
import { configuredRegion } from "../plan/region.ts";

/** A stored profile and its source. */
export interface StoredProfile {
  readonly destination: string;
  readonly source: Profile;
}

/** The settings that are copied. `region` may come from the source's own source. */
const SETTINGS = ["region", "output", "endpoint_url", "services", "ca_bundle"] as const;

/** The key with the settings that eac wrote. */
const MARK = "eac_settings";

/** The changes of one section; `undefined` removes a key. */
type Changes = Readonly<Record<string, string | undefined>>;

/**
 * Copies the settings of their sources to stored profiles, and removes those that a source no
 * longer has. A value that the user wrote stays.
 *
 * @throws {EacError} `io`
 */
export async function storeSettings(
  host: RewriteHost,
  config: SharedConfig,
  entries: readonly StoredProfile[],
): Promise<void> {
  if (entries.every((entry) => changesOf(config, entry) === undefined)) return;
  const { files } = config;
  await rewriteFile(host, files.config, (document) => {
    const credentials = host.readFile(files.credentials);
    const now = parseSharedConfig({ files, credentials, config: document.toBytes() });
    for (const entry of entries) {
      const changes = changesOf(now, entry);
      if (changes === undefined) continue;
      const section = configHeader(entry.destination, document);
      const set = Object.entries(changes).filter(([, value]) => value !== undefined);
      const removed = Object.keys(changes).filter((key) => changes[key] === undefined);
      document.removeProperties([section], removed);
      document.setProperties(section, Object.fromEntries(set) as Record<string, string>);
      if (document.isEmpty(section)) document.removeSections([section]);
    }
  }, { seen: config.bytes.config });
}

/**
 * Removes the settings that eac wrote for these profiles.
 *
 * @throws {EacError} `io`
 */
export async function clearSettings(
  host: RewriteHost,
  config: SharedConfig,
  destinations: readonly string[],
): Promise<void> {
  const chosen = destinations.filter((name) => config.profiles.get(name)?.get(MARK));
  if (chosen.length === 0) return;
  await rewriteFile(host, config.files.config, (document) => {
    for (const name of chosen) {
      const section = configHeader(name, document);
      const written = [...marked(document.get(section, MARK))]
        .filter(([key, value]) => document.get(section, key) === value).map(([key]) => key);
      document.removeProperties([section], [...written, MARK]);
      if (document.isEmpty(section)) document.removeSections([section]);
    }
  }, { seen: config.bytes.config });
}

/** The changes for a stored profile; `undefined` if there are none. */
function changesOf(
  config: SharedConfig,
  { destination, source }: StoredProfile,
): Changes | undefined {
  const section = config.profiles.get(destination);
  const ours = marked(section?.get(MARK)?.value);
  const changes: Record<string, string | undefined> = {};
  const written = new URLSearchParams();
  for (const key of SETTINGS) {
    const current = valueIn(section, key);
    if (current !== undefined && current !== ours.get(key)) continue;
    const wanted = key === "region"
      ? configuredRegion({ profile: source, env: {}, region: undefined })
      : source.values[key] || undefined;
    if (wanted !== undefined) written.set(key, wanted);
    if (wanted !== current) changes[key] = wanted;
  }
  if (Object.keys(changes).length === 0) return undefined;
  return { ...changes, [MARK]: written.size === 0 ? undefined : written.toString() };
}

function valueIn(section: Section | undefined, key: string): string | undefined {
  return section?.get(key)?.value || undefined;
}

/** The settings that eac wrote, from {@linkcode MARK}. */
function marked(value: string | undefined): ReadonlyMap<string, string> {
  const known: readonly string[] = SETTINGS;
  return new Map([...new URLSearchParams(value)].filter(([key]) => known.includes(key)));
}
