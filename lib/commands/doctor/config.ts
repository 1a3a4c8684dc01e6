/**
 * Checks the content of the shared files: whether it can be parsed, how other tools read it, and
 * whether each profile works.
 *
 * @module
 */

import { profileNamed } from "../../config/chain.ts";
import { IniDocument } from "../../config/ini.ts";
import type { SharedFiles } from "../../config/locations.ts";
import { DEFAULT_KEYS, destinationOf, placeOf, type Profile } from "../../config/profile.ts";
import {
  type IgnoredSection,
  misnamed,
  parseSharedConfig,
  type Section,
  type SharedConfig,
} from "../../config/shared_config.ts";
import { isMeantAsProfile } from "../../config/unread.ts";
import type { Context } from "../../context.ts";
import { isSourceKey } from "../../plan/base.ts";
import { promptMode } from "../../plan/code_origin.ts";
import { isKeyText } from "../../plan/credentials.ts";
import { asEacError, EacError } from "../../errors.ts";
import { type StsEndpoint, stsEndpoint } from "../../plan/endpoint.ts";
import type { Host } from "../../host/host.ts";
import { type PlannedProfile, planProfile } from "../../session/plan_profile.ts";
import { didYouMean } from "../../text/nearest.ts";
import { checkDestination } from "../../sinks/destination.ts";
import { type Finding, findingOf } from "./finding.ts";
import { findProgram } from "../../config/find_program.ts";

/** The files that can be read, and the problems of the others. */
export interface ReadConfig {
  readonly config: SharedConfig;
  /** True if every existing file could be read. */
  readonly whole: boolean;
  readonly findings: readonly Finding[];
}

/** Reads both files, even if one is broken. */
export function readForDoctor(host: Pick<Host, "readFile">, files: SharedFiles): ReadConfig {
  const findings: Finding[] = [];
  let whole = true;
  const read = (file: string): Uint8Array | undefined => {
    try {
      const bytes = host.readFile(file);
      if (bytes) IniDocument.parse(bytes, file);
      return bytes;
    } catch (thrown) {
      whole = false;
      const error = asEacError(thrown);
      // The check of file modes reports a file that cannot be opened.
      if (error.code !== "io") findings.push(findingOf(error));
      return undefined;
    }
  };
  const config = read(files.config);
  const credentials = read(files.credentials);
  const parsed = parseSharedConfig({ files, config, credentials });
  for (const { code, message, place, fix } of parsed.warnings) {
    findings.push({ level: "warning", code, message, place, fix });
  }
  findings.push(...parsed.ignored.map((section) => ignoredFinding(section, files)));
  for (const { key, header, place } of parsed.ignoredProperties) {
    findings.push({
      level: "warning",
      code: "key_ignored",
      message: `the key "${key}" in [${header}] has no effect: it contains an invalid character`,
      place,
      fix: "use letters, digits, - and _ in a key",
    });
  }
  findings.push(...checkDefaults(parsed.defaults));
  return { config: parsed, whole, findings };
}

/** An ignored section: a mistake if it has keys of a profile, else another tool's. */
function ignoredFinding(section: IgnoredSection, files: SharedFiles): Finding {
  const code = "section_ignored";
  const { header, place } = section;
  if (!isMeantAsProfile(section)) {
    return { level: "note", code, message: `[${header}] has no key of a profile`, place };
  }
  const { message, fix } = misnamed(section, files);
  return { level: "warning", code, message, place, fix };
}

/** The problems of `[eac]`: an unknown key, or the same destination for all profiles. */
function checkDefaults(section: Section | undefined): Finding[] {
  return [...section ?? []].flatMap(({ key, value, place }): Finding[] => {
    if (!DEFAULT_KEYS.some((known) => known === key)) {
      const fix = didYouMean(key, DEFAULT_KEYS) || `use one of ${DEFAULT_KEYS.join(", ")}`;
      const message = `[eac] has an unknown key ${key}, which has no effect`;
      return [{ level: "warning", code: "unknown_default", message, place, fix }];
    }
    if (key !== "destination_profile" || value === "" || value.includes("{profile}")) return [];
    return [{
      level: "warning",
      code: "config_invalid",
      message: `destination_profile = ${value} of [eac] is the same profile for all`,
      place,
      fix: "use {profile} for the profile's name: destination_profile = {profile}-temp",
    }];
  });
}

/** The profiles that work, and the problems of the others. */
export interface CheckedProfiles {
  readonly planned: readonly PlannedProfile[];
  readonly findings: readonly Finding[];
}

/** Plans these profiles, or all, and checks what planning does not check. Makes no calls. */
export async function checkProfiles(
  context: Context,
  config: SharedConfig,
  names?: ReadonlySet<string>,
): Promise<CheckedProfiles> {
  const planned: PlannedProfile[] = [];
  const findings: Finding[] = [];
  const stores = new Map<string, string>();
  for (const [name, section] of config.profiles) {
    // A profile that eac stored is a result, not a source.
    if (section.get("managed_by")?.value === "eac") continue;
    if (names?.has(name) === false) continue;
    const profile = profileNamed(config, name);
    findings.push(
      ...checkShadows(profile, config),
      ...checkRole(profile),
      ...checkSerial(profile),
      ...checkKeyTexts(profile),
      ...checkPrograms(context.host, profile),
      ...checkTokenFile(context.host, profile),
      ...checkStore(config, profile, stores),
    );
    try {
      const one = await planProfile(context, config, profile);
      const target = stsEndpoint(one.where);
      planned.push(one);
      if (target.insecure) findings.push(insecure(profile, target));
      // A wrong value fails only once a code is due.
      if (one.plan.mfa !== undefined) promptMode(profile, context.host.env, undefined);
    } catch (thrown) {
      // A profile with only settings, such as a region, is not an error.
      if (!wantsCredentials(section)) continue;
      const error = asEacError(thrown).of(name);
      // Each profile of a cycle, or above it, has the same one; a value in [eac] fails every profile.
      const isKnown = findings.some(({ message, place }) =>
        message === error.message &&
        (error.code === "cycle" ||
          place?.file === error.place?.file && place?.line === error.place?.line)
      );
      if (!isKnown) findings.push(findingOf(error));
    }
  }
  return { planned, findings };
}

function wantsCredentials(section: Section): boolean {
  return [...section].some(({ key }) =>
    isSourceKey(key) ||
    /^(role_arn|source_profile|credential_source|mfa_serial|destination_profile|eac_strategy|aws_(access_key_id|secret_access_key|session_token))$/
      .test(key)
  );
}

/** Competing credential sources: each tool uses only one of them, and not all tools use the same. */
const WAYS = [
  "role_arn",
  "credential_process",
  "login_session",
  "sso_session",
  "sso_start_url",
] as const;

/** Static keys next to another credential source: which one is used differs between tools. */
function checkShadows({ name }: Profile, config: SharedConfig): Finding[] {
  const section = config.profiles.get(name)!;
  const keys = section.get("aws_access_key_id");
  const way = WAYS.find((key) => section.get(key)?.value);
  if (!keys?.value || way === undefined || section.get("source_profile")?.value === name) return [];
  return [{
    level: "warning",
    code: "shadowed",
    message: `profile "${name}" has long-lived keys and ${way}: many tools use the keys`,
    profile: name,
    place: keys.place,
    fix: `keep one of them; move the keys to a separate profile, and name it as source_profile`,
  }];
}

/** Warns of a role's name in place of its ARN, which AWS rejects. */
function checkRole(profile: Profile): Finding[] {
  const role = profile.values.role_arn;
  if (!role || /^arn:[^:]+:iam::\d{12}:role\/.+$/.test(role)) return [];
  return [{
    level: "warning",
    code: "role_arn",
    message: `role_arn of profile "${profile.name}" is not the ARN of a role`,
    profile: profile.name,
    ...placeOf(profile, "role_arn"),
    fix: "a role ARN looks like arn:aws:iam::ACCOUNT:role/NAME; the IAM console shows it",
  }];
}

/** Warns of an invalid serial; planning refuses u2f/ and user/. */
function checkSerial(profile: Profile): Finding[] {
  const serial = profile.values.mfa_serial;
  if (!serial || /^(arn:[^:]+:iam::\d{12}:(mfa|u2f|user)\/.+|[A-Z0-9]{8,32})$/.test(serial)) {
    return [];
  }
  return [{
    level: "warning",
    code: "mfa_serial",
    message: `mfa_serial of profile "${profile.name}" is neither an ARN nor a serial number`,
    profile: profile.name,
    ...placeOf(profile, "mfa_serial"),
    fix: "a virtual device looks like arn:aws:iam::ACCOUNT:mfa/NAME; the IAM console shows it",
  }];
}

function checkKeyTexts(profile: Profile): Finding[] {
  return ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]
    .filter((key) => profile.values[key] && !isKeyText(profile.values[key]))
    .map((key) => ({
      level: "error",
      code: "config_invalid",
      message: `${key} of profile "${profile.name}" contains a space or another invalid character`,
      profile: profile.name,
      ...placeOf(profile, key),
      fix: "copy it again: it contains no spaces",
    }));
}

/** Programs that are configured but missing. */
function checkPrograms(host: Context["host"], profile: Profile): Finding[] {
  return ["credential_process", "mfa_process"].flatMap((key): Finding[] => {
    const line = profile.values[key];
    if (!line) return [];
    const program = /^"([^"]*)"|^'([^']*)'|^\S+/.exec(line.trim());
    const name = program?.[1] ?? program?.[2] ?? program?.[0] ?? "";
    if (findProgram(host, name) !== undefined) return [];
    return [{
      level: "error",
      code: "process_failed",
      message: `${key} of profile "${profile.name}" names a missing program: ${name}`,
      profile: profile.name,
      ...placeOf(profile, key),
      fix: /^~|\$/.test(name)
        ? "it does not run in a shell: use the full path, without ~ or $"
        : "use its full path, or install it",
    }];
  });
}

function checkTokenFile(host: Pick<Host, "stat">, profile: Profile): Finding[] {
  const file = profile.values.web_identity_token_file;
  if (!file || host.stat(file) !== undefined) return [];
  return [{
    level: "warning",
    code: "missing_credentials",
    message: `web_identity_token_file of profile "${profile.name}" does not exist: ${file}`,
    profile: profile.name,
    ...placeOf(profile, "web_identity_token_file"),
    fix: "Kubernetes or the CI system writes this file",
  }];
}

/** A destination that `get` would refuse, or that two profiles share. */
function checkStore(
  config: SharedConfig,
  profile: Profile,
  stores: Map<string, string>,
): Finding[] {
  const destination = destinationOf(profile);
  if (!destination) return [];
  const other = stores.get(destination);
  stores.set(destination, profile.name);
  try {
    checkDestination(config, destination, profile, { force: false });
  } catch (thrown) {
    return [findingOf(asEacError(thrown).of(profile.name))];
  }
  if (other === undefined) return [];
  const error = new EacError(
    "config_invalid",
    `"${other}" and "${profile.name}" would both be stored in "${destination}"`,
    {
      hint: "give each its own destination_profile",
      profile: profile.name,
      ...placeOf(profile, "destination_profile"),
    },
  );
  return [findingOf(error, "warning")];
}

function insecure({ name }: Profile, { url }: StsEndpoint): Finding {
  return {
    level: "warning",
    code: "insecure",
    message: `${url} is plain HTTP: anyone on the network path can read the credentials`,
    profile: name,
    fix: "use https",
  };
}
