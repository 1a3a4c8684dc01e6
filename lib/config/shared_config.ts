/**
 * The two shared files as profiles, as the AWS SDKs read them.
 *
 * @module
 */

import type { Place } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { IDENTIFIER, IniDocument, type IniSection, parseHeader } from "./ini.ts";
import { type SharedFiles, sharedFiles } from "./locations.ts";
import { MergedSection, type Section } from "./section.ts";

export { parseNested } from "./ini.ts";
export type { Section, Setting } from "./section.ts";

/** Something that other tools read differently. */
export interface ConfigWarning {
  readonly code: "refused_by_aws_cli" | "read_differently";
  readonly message: string;
  readonly place: Required<Place>;
  readonly fix: string;
}

/** A section that is ignored. */
export interface IgnoredSection {
  /** The header as written. */
  readonly header: string;
  readonly place: Required<Place>;
  readonly keys: readonly string[];
}

/** A property that is ignored because its key is not an identifier. */
export interface IgnoredProperty {
  readonly key: string;
  readonly header: string;
  readonly place: Required<Place>;
}

/** The bytes of both files; `undefined` for a missing one. */
export interface FileBytes {
  readonly config?: Uint8Array | undefined;
  readonly credentials?: Uint8Array | undefined;
}

/** Both files, merged: for a key in both, the credentials file wins. */
export interface SharedConfig {
  readonly files: SharedFiles;
  /** The bytes that were parsed: a rewrite refuses a file that has since lost some of them. */
  readonly bytes: FileBytes;
  /** In the order of the config file, then those that only the credentials file has. */
  readonly profiles: ReadonlyMap<string, Section>;
  readonly ssoSessions: ReadonlyMap<string, Section>;
  readonly services: ReadonlyMap<string, Section>;
  /** `[eac]` of the config file: defaults for eac's own keys. Other tools ignore it. */
  readonly defaults: Section | undefined;
  readonly warnings: readonly ConfigWarning[];
  /** Sections that are none of the above, such as `[prod]` in the config file. */
  readonly ignored: readonly IgnoredSection[];
  readonly ignoredProperties: readonly IgnoredProperty[];
}

/**
 * Reads both files; a missing one counts as empty.
 *
 * @throws {EacError} `config_invalid` with file and line; `io` if a file exists but cannot be read
 */
export function readSharedConfig(host: Pick<Host, "env" | "os" | "readFile">): SharedConfig {
  const files = sharedFiles(host.env, host.os);
  const config = host.readFile(files.config);
  const credentials = host.readFile(files.credentials);
  return parseSharedConfig({ files, config, credentials });
}

/** {@linkcode readSharedConfig} for bytes that were already read. */
export function parseSharedConfig(
  from: { readonly files: SharedFiles } & FileBytes,
): SharedConfig {
  const reading: Reading = {
    profile: new Map(),
    "sso-session": new Map(),
    services: new Map(),
    eac: new Map(),
    warnings: [],
    ignored: [],
    ignoredProperties: [],
  };
  if (from.config) readConfig(reading, IniDocument.parse(from.config, from.files.config));
  if (from.credentials) {
    readCredentials(reading, IniDocument.parse(from.credentials, from.files.credentials));
  }
  return {
    files: from.files,
    bytes: { config: from.config, credentials: from.credentials },
    profiles: reading.profile,
    ssoSessions: reading["sso-session"],
    services: reading.services,
    defaults: reading.eac.get(DEFAULTS),
    warnings: reading.warnings,
    ignored: reading.ignored,
    ignoredProperties: reading.ignoredProperties,
  };
}

/**
 * The header of a profile in the config file, existing or new. For `default` it is `profile default` if
 * the document has that, because it takes precedence over `default`.
 */
export function configHeader(profile: string, document?: IniDocument): string {
  if (profile === "default" && !document?.has("profile default")) return profile;
  return `profile ${profile}`;
}

type Sections = Map<string, Section>;

interface Reading {
  readonly profile: Sections;
  readonly "sso-session": Sections;
  readonly services: Sections;
  readonly eac: Sections;
  readonly warnings: ConfigWarning[];
  readonly ignored: IgnoredSection[];
  readonly ignoredProperties: IgnoredProperty[];
}

/** The header of the section with the defaults for eac's own keys. */
const DEFAULTS = "eac";

type Kind = "profile" | "sso-session" | "services";

const PROFILE = "profile ";

/** The kind and name of a section in the config file; `undefined` if the SDKs ignore it. */
function kindOf(section: IniSection): { kind: Kind; name: string } | undefined {
  const { header } = section;
  if (header.startsWith(PROFILE)) {
    const name = header.slice(PROFILE.length); // the usual case
    if (IDENTIFIER.test(name)) return { kind: "profile", name };
  }
  const { kind, name, quoted } = section.title;
  if (kind !== "profile" && kind !== "sso-session" && kind !== "services") return undefined;
  // A quoted name may contain spaces: the AWS CLI writes such names itself.
  return quoted || IDENTIFIER.test(name) ? { kind, name } : undefined;
}

function readConfig(reading: Reading, document: IniDocument): void {
  const hidden: ConfigWarning[] = [];
  let prefixed: boolean | undefined; // most files have no [default], so this is looked up lazily
  let added = 0;
  for (const section of document.sections) {
    const kind = kindOf(section);
    if (kind !== undefined) {
      if (merge(reading, kind.kind, kind.name, section)) added++;
    } else if (section.header === DEFAULTS) {
      if (merge(reading, "eac", DEFAULTS, section)) added++;
    } else if (section.header !== "default") {
      reading.ignored.push(ignoredSection(document, section));
    } else {
      prefixed ??= document.has("profile default");
      if (prefixed) {
        hidden.push({
          code: "refused_by_aws_cli",
          message: "[default] is ignored because there is a [profile default];" +
            " the AWS CLI uses the last one",
          place: placeOf(document, section),
          fix: MERGE,
        });
      } else if (merge(reading, "profile", "default", section)) added++;
    }
  }
  warnOfPython(reading, document, added === document.sections.length);
  reading.warnings.push(...hidden);
}

function readCredentials(reading: Reading, document: IniDocument): void {
  let added = 0;
  for (const section of document.sections) {
    const { header } = section;
    // `aws configure` quotes a name with spaces in the config file, but not in the credentials
    // file.
    if (IDENTIFIER.test(header) || reading.profile.has(header)) {
      if (merge(reading, "profile", header, section)) added++;
    } else reading.ignored.push(ignoredSection(document, section));
  }
  warnOfPython(reading, document, added === document.sections.length);
}

/** Adds the section's settings to those of that name; true if it is the first of its name. */
function merge(
  reading: Reading,
  kind: Kind | "eac",
  name: string,
  section: IniSection,
): boolean {
  const sections = reading[kind];
  const known = sections.get(name);
  if (known === undefined && section.isPlain) {
    sections.set(name, section); // the usual case: no merging
    return true;
  }
  const merged = known instanceof MergedSection ? known : new MergedSection(known ?? []);
  for (const property of section) {
    const { key, place } = property;
    if (IDENTIFIER.test(key)) merged.set(property);
    else reading.ignoredProperties.push({ key, header: section.header, place });
  }
  sections.set(name, merged);
  return known === undefined;
}

/** The fix for repeated sections or keys, which the AWS CLI rejects. */
const MERGE = "merge the sections, with each key once";

/**
 * Lines that Python, JavaScript and Go accept, and the SDKs for Rust or Java do not: message and
 * fix.
 */
const ODDITIES = {
  "unicode-blank": [
    "this line contains a Unicode space, such as a no-break space: some AWS SDKs do not ignore it",
    "type a plain space instead",
  ],
  "indented-key": [
    "this key is indented: some AWS SDKs reject such a file",
    "remove the leading spaces",
  ],
  "indented-section": [
    "this section line is indented: some AWS SDKs reject such a file",
    "remove the leading spaces",
  ],
} as const;

/** Warns of the first line of each kind only: such a file often has many. */
function warnOfOthers(reading: Reading, { file, oddities }: IniDocument): void {
  for (const [kind, [message, fix]] of Object.entries(ODDITIES)) {
    const line = oddities.find((odd) => odd.kind === kind)?.line;
    if (line === undefined) continue;
    reading.warnings.push({ code: "read_differently", message, place: { file, line }, fix });
  }
}

/**
 * Warns of what Python's parser rejects and other SDKs accept: the AWS CLI and boto3 use it.
 *
 * @param distinct true if no header is known to be repeated
 */
function warnOfPython(reading: Reading, document: IniDocument, distinct: boolean): void {
  const warn = (message: string, line: number, fix = MERGE) =>
    reading.warnings.push({
      code: "refused_by_aws_cli",
      message,
      place: { file: document.file, line },
      fix,
    });
  if (document.hasByteOrderMark) {
    warn(
      "the file begins with a byte order mark: the AWS CLI rejects such a file",
      1,
      "save the file without a byte order mark",
    );
  }
  if (document.oddities.length > 0) warnOfOthers(reading, document);
  if (distinct && document.isPlain && !reading.profile.has("DEFAULT")) return;
  const headers = new Set<string>();
  for (const { header, line, properties } of document.sections) {
    if (headers.has(header)) {
      warn(`[${header}] appears twice in this file: the AWS CLI rejects such a file`, line);
    }
    headers.add(header);
    if (header === "DEFAULT") {
      warn(
        "the AWS CLI applies the keys of [DEFAULT] to all profiles",
        line,
        "rename the section to [default]",
      );
    }
    const keys = new Set<string>();
    for (const { key, line } of properties) {
      if (keys.has(key)) {
        warn(`${key} appears twice in [${header}]: the AWS CLI rejects such a file`, line);
      }
      keys.add(key);
    }
  }
}

function ignoredSection(document: IniDocument, section: IniSection): IgnoredSection {
  const { header, properties } = section;
  return {
    header,
    place: placeOf(document, section),
    keys: properties.map(({ key }) => key),
  };
}

/** Why a section is ignored, and how to write it as a profile. */
export interface Misnamed {
  /** The profile that the user meant. */
  readonly profile: string;
  readonly message: string;
  readonly fix: string;
}

/** The problem with the header of a section that was meant as a profile. */
export function misnamed(
  { header, place }: Pick<IgnoredSection, "header" | "place">,
  { credentials }: SharedFiles,
): Misnamed {
  const { kind, name } = parseHeader(header);
  const isPrefixed = kind?.toLowerCase() === "profile";
  const profile = isPrefixed ? name : header;
  const inCredentials = place.file === credentials;
  if (/^["'\s]*$/.test(profile) || (header === "profile" && !inCredentials)) {
    const fix = `write it as ${inCredentials ? "[NAME]" : "[profile NAME]"}`;
    return { profile, message: `[${header}] is not read: it has no name`, fix };
  }
  const oddName = `some AWS SDKs do not read the name in [${header}], and neither does eac`;
  if (inCredentials) {
    return isPrefixed
      ? {
        profile,
        message: `[${header}] is not read: sections of the credentials file have no prefix`,
        fix: `write it as [${name}]`,
      }
      : { profile, message: oddName, fix: `add ${headerFor(header)} to the config file` };
  }
  const isOdd = kind === "profile";
  const message = isOdd
    ? `${oddName} without quotes`
    : `[${header}] is not read: profiles of the config file begin with "profile"`;
  return { profile, message, fix: `write it as ${headerFor(profile)}` };
}

/** The header of a profile in the config file, in quotes where the name needs them. */
function headerFor(profile: string): string {
  if (IDENTIFIER.test(profile)) return `[profile ${profile}]`;
  const quote = profile.includes("'") ? '"' : "'";
  return `[profile ${quote}${profile}${quote}]`;
}

function placeOf(document: IniDocument, section: IniSection): Required<Place> {
  return { file: document.file, line: section.line };
}

/** True for the profile of `eac exec --serve`, which has no credentials. */
export function isServedProfile(section: Section | undefined, name: string): boolean {
  if (section === undefined || !/^eac-serve(-\d+)?$/.test(name)) return false;
  const settings = [...section];
  return settings.length === 1 && settings[0]!.key === "managed_by" && settings[0]!.value === "eac";
}
