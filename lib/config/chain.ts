/**
 * Resolves a profile and its sources in the shared config, by the rules of the AWS SDKs.
 *
 * @module
 */

import { EacError, type Place, showPlace } from "../errors.ts";
import { didYouMean } from "../text/nearest.ts";
import { shellWord } from "../text/printable.ts";
import { DEFAULT_KEYS, DEFAULTS_NAME, placeOf, type Profile } from "./profile.ts";
import type { Section, Setting } from "./section.ts";
import { type Misnamed, misnamed, type SharedConfig } from "./shared_config.ts";

/** True if the profile has both halves of a key pair. */
export function hasStaticKeys(values: Readonly<Record<string, string>>): boolean {
  return Boolean(values.aws_access_key_id && values.aws_secret_access_key);
}

/**
 * The profile of that name.
 *
 * Reading `source` follows `source_profile` by botocore's rules: a source with static keys ends the
 * chain, whatever else it has; a profile with static keys may name itself; a cycle is an error that
 * shows the path.
 *
 * @throws {EacError} `profile_not_found`, with the nearest names
 */
export function profileNamed(config: SharedConfig, name: string): Profile {
  const section = config.profiles.get(name);
  if (section === undefined) throw profileNotFound(config, name);
  return profileOf(config, name, section, [name]);
}

/** A profile that is in no file: its keys and its source profile. */
export function profileFrom(
  config: SharedConfig,
  name: string,
  values: Readonly<Record<string, string>>,
  places: Readonly<Record<string, Place>> = {},
): Profile {
  return new FollowedProfile(config, name, values, [], { places });
}

/** A key that only a profile has. */
const TELLS_PROFILE =
  /^(aws_|sso_|credential_|web_identity_|role_arn$|source_profile$|mfa_serial$)/;

/** The error if there are no profiles: it names the files, or a section that is no profile. */
export function noProfiles({ files, ignored }: SharedConfig, message: string): EacError {
  const section = ignored.find(({ header, keys }) =>
    /^profile\b/i.test(header) || keys.some((key) => TELLS_PROFILE.test(key))
  );
  if (section !== undefined) {
    return new EacError("profile_not_found", `${message}: [${section.header}] is not one`, {
      place: section.place,
      hint: "eac doctor shows how to write it",
    });
  }
  return new EacError("profile_not_found", message, {
    hint: `profiles are read from ${files.config} and ${files.credentials}; ` +
      "eac init writes one, eac login signs you in without access keys",
  });
}

function profileNotFound(config: SharedConfig, name: string): EacError {
  const unread = unreadProfile(config, name);
  if (unread !== undefined) {
    const { message, fix, place } = unread;
    return new EacError("profile_not_found", `there is no profile "${name}": ${message}`, {
      hint: fix,
      profile: name,
      place,
    });
  }
  if (config.ssoSessions.has(name)) {
    return new EacError("profile_not_found", `"${name}" is an sso-session, not a profile`, {
      hint: `eac init --sso ${shellWord(name)} writes a profile for each of its roles`,
      profile: name,
    });
  }
  if (config.profiles.size === 0) {
    return noProfiles(config, `there is no profile "${name}"; no file has a profile yet`).of(name);
  }
  const hint = didYouMean(name, config.profiles.keys()) || "eac list shows all profiles";
  return new EacError("profile_not_found", `there is no profile "${name}"`, {
    hint,
    profile: name,
  });
}

/** An ignored section that was probably meant as this profile. */
function unreadProfile(
  { ignored, files }: SharedConfig,
  name: string,
): Misnamed & { readonly place: Place } | undefined {
  for (const section of ignored) {
    const found = misnamed(section, files);
    if (found.profile === name) return { ...found, place: section.place };
  }
  return undefined;
}

/** Creates objects without inherited keys, as fast as ordinary objects. */
const Values = function () {} as unknown as new () => Record<string, string>;
Values.prototype = Object.create(null);

function profileOf(
  config: SharedConfig,
  name: string,
  section: Section,
  path: readonly string[],
): Profile {
  const values = new Values();
  section.forEach((value, key) => {
    values[key] = value;
  });
  hideShadowed(values, section, config.files.credentials);
  return new FollowedProfile(config, name, values, path, { section });
}

/**
 * If a profile has static keys and `credential_process` or `login_session`, only one applies: keys
 * in the credentials file take precedence over these, and these over keys in the config file
 * (botocore's order).
 */
function hideShadowed(
  values: Record<string, string>,
  section: Section,
  credentialsFile: string,
): void {
  if (!values.credential_process && !values.login_session || !hasStaticKeys(values)) return;
  if (section.get("aws_access_key_id")?.place.file === credentialsFile) {
    delete values.credential_process;
    delete values.login_session;
  } else {
    for (const key of ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]) {
      delete values[key];
    }
  }
}

/** A profile that resolves its source and places on first use. */
class FollowedProfile implements Profile {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  readonly #config: SharedConfig;
  readonly #section: Section | undefined;
  readonly #path: readonly string[];
  #places: Readonly<Record<string, Place>> | undefined;
  #source: Profile | undefined;

  constructor(
    config: SharedConfig,
    name: string,
    values: Readonly<Record<string, string>>,
    path: readonly string[],
    from: { readonly section?: Section; readonly places?: Readonly<Record<string, Place>> },
  ) {
    this.name = name;
    this.values = values;
    this.#config = config;
    this.#path = path;
    this.#section = from.section;
    this.#places = from.places;
  }

  get places(): Readonly<Record<string, Place>> {
    return this.#places ??= placesOf(this.#section ?? []);
  }

  get defaults(): Profile | undefined {
    return defaultsOf(this.#config);
  }

  get source(): Profile | undefined {
    const { source_profile } = this.values;
    if (!source_profile) return undefined;
    return this.#source ??= follow(this.#config, this, source_profile, this.#path);
  }
}

const defaults = new WeakMap<SharedConfig, Profile | undefined>();

/** `[eac]` as a profile: its known keys that have a value. */
function defaultsOf(config: SharedConfig): Profile | undefined {
  if (config.defaults === undefined) return undefined;
  const known = defaults.get(config);
  if (known !== undefined) return known;
  const values = new Values();
  for (const key of DEFAULT_KEYS) {
    const value = config.defaults.get(key)?.value;
    if (value) values[key] = value;
  }
  const made = { name: DEFAULTS_NAME, values, places: placesOf(config.defaults) };
  defaults.set(config, made);
  return made;
}

/**
 * The maximum number of profiles in a chain: each needs a call, and more than a few are a mistake.
 */
const LONGEST = 100;

function placesOf(section: Iterable<Setting>): Record<string, Place> {
  const places: Record<string, Place> = Object.create(null);
  for (const { key, place } of section) places[key] = place;
  return places;
}

function follow(
  config: SharedConfig,
  from: Profile,
  sourceName: string,
  path: readonly string[],
): Profile {
  const section = config.profiles.get(sourceName);
  if (section === undefined) throw missingSource(config, from, sourceName);
  if (path.length > LONGEST) throw tooLong(from, path);
  const itself = sourceName === from.name;
  const end = endOf(config, sourceName, section);
  if (end !== undefined && (itself || !path.includes(sourceName))) return end;
  if (path.includes(sourceName)) throw cycle(from, sourceName, path);
  return profileOf(config, sourceName, section, [...path, sourceName]);
}

function missingSource(config: SharedConfig, from: Profile, sourceName: string): EacError {
  const unread = unreadProfile(config, sourceName);
  const hint = unread === undefined
    ? didYouMean(sourceName, config.profiles.keys()) ||
      `add a profile "${sourceName}", or name another source_profile`
    : `${unread.message} (${showPlace(unread.place)}); ${unread.fix}`;
  return new EacError(
    "profile_not_found",
    `profile "${from.name}" names source_profile "${sourceName}", which does not exist`,
    { ...placeOf(from, "source_profile"), profile: from.name, hint },
  );
}

function tooLong(from: Profile, [first]: readonly string[]): EacError {
  return new EacError(
    "config_invalid",
    `profile "${first}" has a chain of more than ${LONGEST} roles`,
    {
      ...placeOf(from, "source_profile"),
      profile: from.name,
      hint: "use a source_profile that is closer to the keys",
    },
  );
}

function cycle(from: Profile, sourceName: string, path: readonly string[]): EacError {
  const loop = rotated(path.slice(path.indexOf(sourceName))).join(" -> ");
  return new EacError("cycle", `source_profile forms a cycle: ${loop}`, {
    ...placeOf(from, "source_profile"),
    profile: from.name,
    hint: sourceName === from.name
      ? `a profile may be its own source only with aws_access_key_id and aws_secret_access_key`
      : `let one of them name a profile with keys`,
  });
}

/** A cycle from its first name and back, so that it reads the same from each of its profiles. */
function rotated(names: readonly string[]): string[] {
  const first = names.indexOf([...names].sort()[0]!);
  return [...names.slice(first), ...names.slice(0, first), names[first]!];
}

/** The sources at which chains end, by name: thousands of roles may share one. */
const ends = new WeakMap<SharedConfig, Map<string, Profile | undefined>>();

/** The source without the settings that continue the chain, if it has static keys. */
function endOf(config: SharedConfig, name: string, section: Section): Profile | undefined {
  const known = ends.get(config) ?? new Map<string, Profile | undefined>();
  ends.set(config, known);
  if (known.has(name)) return known.get(name);
  const source = profileOf(config, name, section, []);
  const hasKey = source.values.aws_access_key_id || source.values.aws_secret_access_key;
  const end = hasKey ? keysOnly(source) : undefined;
  known.set(name, end);
  return end;
}

/** A source with static keys, without the settings that continue the chain. */
function keysOnly(source: Profile): Profile {
  const values: Record<string, string> = Object.assign(Object.create(null), source.values);
  delete values.source_profile;
  delete values.credential_source;
  if (!values.web_identity_token_file) delete values.role_arn;
  return { name: source.name, values, places: source.places };
}

/** The profile's sources, nearest first, up to the end of the chain. */
export function* sourcesOf(profile: Profile): Iterable<Profile> {
  for (let source = profile.source; source !== undefined; source = source.source) yield source;
}
