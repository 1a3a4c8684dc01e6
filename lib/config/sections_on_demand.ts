/**
 * The shared files for a run about one profile: what it looks up is read, and nothing else.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { IDENTIFIER } from "./ini.ts";
import { sharedFiles } from "./locations.ts";
import { MergedSection, type Section } from "./section.ts";
import { SeparableFile } from "./separable_file.ts";
import { parseSharedConfig, type SharedConfig } from "./shared_config.ts";

/**
 * Reads both files as `readSharedConfig` does. Sections are read when they are looked up, and the whole
 * when they are listed, or when a file has anything to report.
 *
 * @throws {EacError} `config_invalid` with file and line; `io` if a file exists but cannot be read
 */
export function openSharedConfig(host: Pick<Host, "env" | "os" | "readFile">): SharedConfig {
  const files = sharedFiles(host.env, host.os);
  const bytes = {
    config: host.readFile(files.config),
    credentials: host.readFile(files.credentials),
  };
  const config = SeparableFile.open(bytes.config, files.config);
  const credentials = SeparableFile.open(bytes.credentials, files.credentials);
  let all: SharedConfig | undefined;
  const whole = () => all ??= parseSharedConfig({ files, ...bytes });
  if (config === undefined || credentials === undefined) return whole();
  const profile = (name: string) => {
    if (!IDENTIFIER.test(name)) return undefined; // such a file has no others
    const first = config.section(`profile ${name}`) ??
      (name === "default" ? config.section(name) : undefined);
    const second = credentials.section(name);
    if (first === undefined || second === undefined) return first ?? second;
    const merged = new MergedSection(first);
    for (const setting of second) merged.set(setting);
    return merged;
  };
  return {
    files,
    bytes,
    profiles: new SectionsOnDemand(profile, () => whole().profiles),
    ssoSessions: new SectionsOnDemand(
      (name) => config.section(`sso-session ${name}`),
      () => whole().ssoSessions,
    ),
    services: new SectionsOnDemand(
      (name) => config.section(`services ${name}`),
      () => whole().services,
    ),
    defaults: config.section("eac"),
    warnings: [],
    get ignored() {
      return whole().ignored;
    },
    ignoredProperties: [],
  };
}

/** Sections by their names, each read when it is looked up. */
class SectionsOnDemand implements ReadonlyMap<string, Section> {
  readonly #read: (name: string) => Section | undefined;
  readonly #readAll: () => ReadonlyMap<string, Section>;
  readonly #known = new Map<string, Section | undefined>();
  #whole: ReadonlyMap<string, Section> | undefined;

  constructor(
    read: (name: string) => Section | undefined,
    all: () => ReadonlyMap<string, Section>,
  ) {
    this.#read = read;
    this.#readAll = all;
  }

  /** All of them. From then on each lookup uses them: searching the file for each would be quadratic. */
  #all(): ReadonlyMap<string, Section> {
    return this.#whole ??= this.#readAll();
  }

  get(name: string): Section | undefined {
    if (this.#whole !== undefined) return this.#whole.get(name);
    if (!this.#known.has(name)) this.#known.set(name, this.#read(name));
    return this.#known.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get size(): number {
    return this.#all().size;
  }

  forEach(visit: (section: Section, name: string, map: ReadonlyMap<string, Section>) => void) {
    this.#all().forEach(visit);
  }

  entries() {
    return this.#all().entries();
  }

  keys() {
    return this.#all().keys();
  }

  values() {
    return this.#all().values();
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}
