/**
 * Reads the AWS CLI's cache of assumed roles, under botocore's keys. cli_cache_write.ts writes it.
 *
 * @module
 */

import { ownSetting, type Profile } from "../../config/profile.ts";
import { awsFolder, join } from "../../config/locations.ts";
import type { Host } from "../../host/host.ts";
import type { Plan } from "../../plan/plan.ts";
import {
  type ExpiringCredentials,
  parseTimestamp,
  temporaryKeysIn,
} from "../../plan/credentials.ts";
import { sha1 } from "../../text/hash.ts";

/** The remaining milliseconds under which the AWS CLI treats an entry as expired. */
export const LEAST_LEFT = 15 * 60_000;

/**
 * Keys that affect a role but are unknown to the AWS CLI, so its cache key does not contain them.
 */
const FOREIGN_KEYS = [
  "session_tags",
  "transitive_session_tags",
  "source_identity",
  "session_policy",
  "session_policy_arns",
];

/**
 * The arguments of AssumeRole that botocore would take from the profile, in the order in which it
 * hashes them, or `undefined` if the AWS CLI's cache must not be shared.
 */
export function cliCacheArguments(profile: Profile): string | undefined {
  const { values } = profile;
  if (!values.role_arn || ownSetting(profile, "cli_cache") === "off") return undefined;
  if (FOREIGN_KEYS.some((key) => values[key])) return undefined;
  const entries: [string, string | number][] = [];
  const duration = pythonInt(values.duration_seconds);
  if (duration !== undefined) entries.push(["DurationSeconds", duration]);
  if (values.external_id) entries.push(["ExternalId", values.external_id]);
  entries.push(["RoleArn", values.role_arn]);
  if (values.role_session_name) entries.push(["RoleSessionName", values.role_session_name]);
  if (values.mfa_serial) entries.push(["SerialNumber", values.mfa_serial]);
  const members = entries.map(([key, value]) => `"${key}": ${pythonJson(value)}`);
  return `{${members.join(", ")}}`;
}

/** The same for the step number `done` of a plan. */
export function sharedArguments({ hops, steps }: Plan, done: number): string | undefined {
  const hop = hops[hops.length - 1 - (steps.length - done)];
  const step = steps[done - 1];
  const isHop = step?.call === "AssumeRole" && step.roleArn === hop?.values.role_arn;
  return hop !== undefined && isHop ? cliCacheArguments(hop) : undefined;
}

/** The file of a role: SHA-1 of the arguments. */
export async function cliCacheFile(
  host: Pick<Host, "env" | "os">,
  hashed: string,
): Promise<string> {
  return join(host.os, cliCacheFolder(host), `${await sha1(hashed)}.json`);
}

/** The files of all roles. Other files in the folder are not read. */
export function cliCacheFiles(host: Pick<Host, "env" | "os" | "list">): string[] {
  const folder = cliCacheFolder(host);
  return host.list(folder).filter((name) => /^[0-9a-f]{40}\.json$/.test(name))
    .map((name) => join(host.os, folder, name));
}

/** The folder of the AWS CLI's cache. */
export function cliCacheFolder({ env, os }: Pick<Host, "env" | "os">): string {
  return join(os, awsFolder(env, os), "cli", "cache");
}

/**
 * The role's credentials, with at least 15 minutes left; a damaged file, which the AWS CLI rejects,
 * is a miss.
 */
export function readCliCache(
  host: Pick<Host, "readFile" | "now">,
  file: string,
): ExpiringCredentials | undefined {
  try {
    const bytes = host.readFile(file);
    if (bytes === undefined) return undefined;
    const { Credentials: found } = JSON.parse(new TextDecoder().decode(bytes)) as {
      Credentials: Record<string, unknown>;
    };
    const keys = temporaryKeysIn(found);
    const expiration = parseTimestamp(String(found.Expiration));
    if (keys === undefined || expiration === undefined) return undefined;
    return expiration - host.now() < LEAST_LEFT ? undefined : { ...keys, expiration };
  } catch {
    return undefined;
  }
}

/** Parses the text like Python's `int()`; botocore silently ignores what that rejects. */
function pythonInt(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? "";
  return /^[+-]?\d+(_\d+)*$/.test(trimmed) ? Number(trimmed.replaceAll("_", "")) : undefined;
}

/** Formats a value like Python's `json.dumps`: ASCII only. */
export function pythonJson(value: string | number): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
