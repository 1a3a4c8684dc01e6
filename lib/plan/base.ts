/**
 * The base: the credentials that a chain of calls starts with. Pure; resolve_base.ts gets them.
 *
 * @module
 */

import { placeOf, type Profile } from "../config/profile.ts";
import type { Lookup } from "../config/section.ts";
import { EacError } from "../errors.ts";
import { type Credentials, parseTimestamp, Secret } from "./credentials.ts";
import { ROLE_BOUNDS } from "./durations.ts";

/** What the machine provides without a profile, by the names for `--source`. */
export const MACHINE_SOURCES = ["environment", "web-identity", "container", "instance"] as const;

/** Where a chain starts. Only `static` contains secrets. */
export type Base =
  | StaticBase
  | { readonly kind: "environment" | "instance" | "container"; readonly profile: string }
  | ProcessBase
  | SsoBase
  | WebIdentityBase
  | KeysBase
  | SignInBase
  | LoginBase
  /** None: a custom strategy provides credentials by itself. */
  | { readonly kind: "custom"; readonly profile: string; readonly strategy: string };

/** Long-lived keys that a custom strategy reads, from a password manager for example. */
export interface KeysBase {
  readonly kind: "keys";
  readonly profile: string;
  readonly strategy: string;
  readonly summary: string;
  /** The keys of the profile that the strategy declares. */
  readonly keys: Readonly<Record<string, string>>;
  /** Changes with the strategy's files and with the variables that it declares. */
  readonly version: string;
}

/** A shared sign-in: a custom strategy gives a token, with which other strategies get credentials. */
export interface SignInBase extends Omit<KeysBase, "kind"> {
  readonly kind: "sign-in";
}

/** What a `credential_process` prints. */
export interface ProcessBase {
  readonly kind: "process";
  readonly profile: string;
  readonly command: string;
}

/** Keys from a file. */
export interface StaticBase {
  readonly kind: "static";
  readonly profile: string;
  readonly credentials: Credentials;
  /** The profile for which eac stored them, if it did. */
  readonly storedFrom?: string | undefined;
}

/** IAM Identity Center. Without account and role it is only a token for AWS's own tools. */
export interface SsoBase {
  readonly kind: "sso";
  readonly profile: string;
  readonly startUrl: string;
  readonly region: string;
  readonly accountId?: string | undefined;
  readonly roleName?: string | undefined;
  readonly session?: string | undefined;
}

/** A session of `aws login`. */
export interface LoginBase {
  readonly kind: "login";
  readonly profile: string;
  /** The value of `login_session`: the ARN of the user who signed in. */
  readonly session: string;
}

/** A role assumed with a token in a file, as in EKS and in CI. */
export interface WebIdentityBase {
  readonly kind: "web-identity";
  readonly profile: string;
  readonly tokenFile: string;
  readonly roleArn: string;
  readonly sessionName?: string | undefined;
  readonly durationSeconds?: number | undefined;
}

/** What {@linkcode baseOf} needs from the shared config. */
export interface BaseConfig {
  readonly ssoSessions: ReadonlyMap<string, Lookup>;
  /**
   * The path of the credentials file: its static keys take precedence over a `credential_process`.
   */
  readonly credentialsFile: string;
}

/** The values of `credential_source`, case-sensitive as in the AWS CLI. */
const CREDENTIAL_SOURCES: Readonly<Record<string, "environment" | "instance" | "container">> = {
  Environment: "environment",
  Ec2InstanceMetadata: "instance",
  EcsContainer: "container",
};

/**
 * True for a key that selects a credential source other than keys in the same profile. Such a
 * profile is not a destination of credentials, and has a sign-in of its own or none.
 */
export function isSourceKey(key: string): boolean {
  return /^(credential_process|web_identity_token_file|login_session|sso_.+)$/.test(key);
}

/**
 * The profile's own base, without `source_profile`, in the order of the AWS CLI; `undefined` if it
 * has none.
 *
 * @throws {EacError} `config_invalid` for invalid keys
 */
export function baseOf(profile: Profile, config: BaseConfig): Base | undefined {
  const { values, name } = profile;
  if (values.web_identity_token_file) return webIdentity(profile, values.web_identity_token_file);
  if (values.role_arn && values.credential_source) {
    return { kind: sourceKind(profile, values.credential_source), profile: name };
  }
  // The machine's own credentials, without a profile: no file can have this (the AWS CLI refuses
  // it).
  if (values.credential_source && Object.keys(profile.places).length === 0 && !values.role_arn) {
    return { kind: sourceKind(profile, values.credential_source), profile: name };
  }
  if (values.sso_account_id || values.sso_role_name) return sso(profile, config);
  const keysComeFirst = profile.places.aws_access_key_id?.file === config.credentialsFile;
  if (values.login_session && !keysComeFirst) {
    return { kind: "login", profile: name, session: values.login_session };
  }
  const command = values.credential_process;
  if (command && !keysComeFirst) return { kind: "process", profile: name, command };
  const keys = staticKeys(profile);
  if (keys) return keys;
  if (values.sso_session || values.sso_start_url) return sso(profile, config);
  return undefined;
}

function webIdentity(profile: Profile, tokenFile: string): WebIdentityBase {
  const { role_arn: roleArn, role_session_name: sessionName } = profile.values;
  if (!roleArn) {
    throw invalid(
      profile,
      "web_identity_token_file",
      "has web_identity_token_file but no role_arn",
      {
        hint: "add role_arn to the profile; AWS_ROLE_ARN does not apply here",
      },
    );
  }
  const duration = durationOf(profile);
  return {
    kind: "web-identity",
    profile: profile.name,
    tokenFile,
    roleArn,
    ...(sessionName ? { sessionName } : {}),
    durationSeconds: duration,
  };
}

function durationOf(profile: Profile): number | undefined {
  const key = profile.values.duration_seconds ? "duration_seconds" : "session_duration";
  const value = profile.values[key];
  if (!value) return undefined;
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) : NaN;
  if (seconds >= ROLE_BOUNDS.least && seconds <= ROLE_BOUNDS.most) return seconds;
  throw invalid(profile, key, `has ${key} = ${value}, which is out of range`, {
    hint: `a role lasts ${ROLE_BOUNDS.least} to ${ROLE_BOUNDS.most} seconds`,
  });
}

function sourceKind(profile: Profile, value: string): "environment" | "instance" | "container" {
  const kind = Object.hasOwn(CREDENTIAL_SOURCES, value) ? CREDENTIAL_SOURCES[value] : undefined;
  if (kind !== undefined) return kind;
  throw invalid(profile, "credential_source", `has an unknown credential_source "${value}"`, {
    hint: `use one of ${Object.keys(CREDENTIAL_SOURCES).join(", ")}`,
  });
}

function staticKeys(profile: Profile): Base | undefined {
  const { values, name } = profile;
  const id = values.aws_access_key_id;
  const secret = values.aws_secret_access_key;
  if (!id && !secret) return undefined;
  if (!id || !secret) throw halfPair(profile);
  const token = values.aws_session_token || values.aws_security_token;
  const expiration = token ? parseTimestamp(values.expiration ?? "") : undefined;
  return {
    kind: "static",
    profile: name,
    credentials: {
      accessKeyId: id,
      secretAccessKey: new Secret(secret),
      ...(token ? { sessionToken: new Secret(token) } : {}),
      expiration,
    },
    ...(values.managed_by === "eac" && values.eac_source ? { storedFrom: values.eac_source } : {}),
  };
}

function halfPair(profile: Profile): EacError {
  const [there, missing] = profile.values.aws_access_key_id
    ? ["aws_access_key_id", "aws_secret_access_key"] as const
    : ["aws_secret_access_key", "aws_access_key_id"] as const;
  return invalid(profile, there, `has ${there} but no ${missing}`, { hint: `add ${missing}` });
}

/**
 * In a profile that names a session, the session's keys apply, and the profile's must not differ.
 */
function sso(profile: Profile, { ssoSessions }: BaseConfig): SsoBase {
  const { values, name } = profile;
  const session = values.sso_session;
  const section = session ? ssoSessions.get(session) : undefined;
  if (session && section === undefined) {
    throw invalid(profile, "sso_session", `names sso_session "${session}", which does not exist`, {
      hint: `add a section [sso-session ${session}], or run aws configure sso`,
    });
  }
  const shared: Record<string, string | undefined> = {};
  for (const key of ["sso_start_url", "sso_region"]) {
    const own = values[key];
    shared[key] = section === undefined ? own : section.get(key)?.value;
    if (section === undefined || !own || own === shared[key]) continue;
    throw invalid(profile, key, `has a different ${key} than its sso-session "${session}"`, {
      hint: `remove ${key} from the profile: the session defines it`,
    });
  }
  const { sso_start_url: startUrl, sso_region: region } = shared;
  const { sso_account_id: accountId, sso_role_name: roleName } = values;
  const tokenOnly = section !== undefined && !accountId && !roleName;
  const missing = Object.entries({
    ...shared,
    ...(tokenOnly ? {} : { sso_account_id: accountId, sso_role_name: roleName }),
  }).filter(([, value]) => !value).map(([key]) => key);
  if (!startUrl || !region || missing.length > 0) {
    const there = Object.keys(values).find((key) => key.startsWith("sso_")) ?? "";
    throw invalid(profile, there, `uses SSO but has no ${missing.join(", no ")}`, {
      hint: session
        ? `sso_start_url and sso_region belong in [sso-session ${session}], the others in the profile`
        : `add ${missing.join(" and ")}, or run aws configure sso`,
    });
  }
  return {
    kind: "sso",
    profile: name,
    startUrl,
    region,
    ...(accountId ? { accountId } : {}),
    ...(roleName ? { roleName } : {}),
    ...(session ? { session } : {}),
  };
}

function invalid(profile: Profile, key: string, problem: string, details: { hint: string }) {
  return new EacError("config_invalid", `profile "${profile.name}" ${problem}`, {
    ...details,
    ...placeOf(profile, key),
    profile: profile.name,
  });
}
