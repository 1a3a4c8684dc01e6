/**
 * The options that set keys of the profile for one run: `--set`, `--role-session-name` and similar.
 *
 * @module
 */

import type { Options } from "../../cli/options.ts";
import type { Profile } from "../../config/profile.ts";
import { EacError } from "../../errors.ts";

/**
 * The profile with the keys that options set for this run.
 *
 * @throws {EacError} `usage` for a pair that is not KEY=VALUE
 */
export function withRequestOptions(profile: Profile, options: Options): Profile {
  const own: Record<string, string> = {};
  const ofSource: Record<string, string> = {};
  for (const [key, value] of Object.entries(requestKeys(options))) {
    const [, sourceKey] = /^source_profile\.(.*)$/.exec(key) ?? [];
    if (sourceKey === undefined) own[key] = value;
    else ofSource[sourceKey] = value;
  }
  return withKeys(profile, own, ofSource);
}

function withKeys(
  profile: Profile,
  set: Readonly<Record<string, string>>,
  ofSource: Readonly<Record<string, string>>,
): Profile {
  if (Object.keys(set).length === 0 && Object.keys(ofSource).length === 0) return profile;
  const values = Object.assign(Object.create(null), profile.values, set);
  const places = Object.fromEntries(
    Object.entries(profile.places).filter(([key]) => !Object.hasOwn(set, key)),
  );
  let source: Profile | undefined;
  return {
    name: profile.name,
    values,
    places,
    defaults: profile.defaults,
    // Resolved lazily: it may be broken and not needed. Always the same object, as plans expect.
    get source() {
      return source ??= profile.source && withKeys(profile.source, ofSource, {});
    },
  };
}

/** The keys that the options set. */
function requestKeys(options: Options): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const pair of options.set ?? []) {
    const [, key, value] = /^((?:source_profile\.)?[a-z][a-z0-9_]*)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw new EacError("usage", `--set ${pair} is not KEY=VALUE`, {
        hint: "for example --set region=eu-west-1",
      });
    }
    keys[key] = value;
  }
  const wrongTag = options.tag?.find((pair) => !/^[^=,]+=[^,]*$/.test(pair));
  if (wrongTag !== undefined) {
    throw new EacError("usage", `--tag ${wrongTag} is not KEY=VALUE`, {
      hint: "for example --tag team=payments; AWS does not allow commas in a tag",
    });
  }
  const given: Record<string, string | undefined> = {
    role_session_name: options.roleSessionName,
    external_id: options.externalId,
    mfa_serial: options.mfaSerial,
    source_identity: options.sourceIdentity,
    session_tags: options.tag?.join(","),
    session_policy: options.policy,
    session_policy_arns: options.policyArn?.join(","),
  };
  for (const [key, value] of Object.entries(given)) if (value !== undefined) keys[key] = value;
  return keys;
}
