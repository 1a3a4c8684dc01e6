/**
 * The profile keys that eac reads, and what they mean: for the reference. The strategies declare which
 * of them they need.
 *
 * @module
 */

/** Keys and their meaning, one row per topic. */
export type KeyTable = readonly (readonly [keys: readonly string[], meaning: string])[];

/** The AWS SDKs' own keys, which eac reads as they do. */
export const AWS_KEYS: KeyTable = [
  [
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"],
    "Keys of the profile itself. `aws_security_token` is the old name of the session token",
  ],
  [["role_arn"], "The role to assume"],
  [["source_profile"], "The profile whose credentials assume the role"],
  [
    ["credential_source"],
    "Instead of a source profile: `Environment`, `Ec2InstanceMetadata` or `EcsContainer`",
  ],
  [
    ["mfa_serial"],
    "The MFA device. A role without one uses its source's where a session is valid, or AWS requires it",
  ],
  [["external_id", "role_session_name"], "Sent with AssumeRole"],
  [["duration_seconds"], "Lifetime of the credentials in seconds. Default: 3600"],
  [["region"], "Region of the STS call and of the credentials"],
  [
    ["credential_process"],
    "A command that prints credentials. It can use the terminal to show messages and ask questions; what it " +
    "prints is cached until its `Expiration`. Keys without a session token are long-lived: they get a session",
  ],
  [["web_identity_token_file"], "A file with the token that assumes `role_arn`"],
  [
    ["sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"],
    "IAM Identity Center, after `eac login` or `aws sso login`",
  ],
  [
    ["sso_registration_scopes"],
    "In an sso-session, for `eac login`: what the token may be used for. Default: `sso:account:access`",
  ],
  [["login_session"], "The user who signed in with `eac login` or `aws login`"],
  [
    [
      "endpoint_url",
      "services",
      "sts_regional_endpoints",
      "use_fips_endpoint",
      "use_dualstack_endpoint",
      "ignore_configured_endpoint_urls",
    ],
    "The endpoint of STS",
  ],
  [
    [
      "ec2_metadata_service_endpoint",
      "ec2_metadata_service_endpoint_mode",
      "ec2_metadata_v1_disabled",
      "metadata_service_timeout",
      "metadata_service_num_attempts",
    ],
    "The instance metadata service: its URL, `IPv4` or `IPv6`, whether version 1 is disabled, seconds " +
    "for a request, number of attempts",
  ],
  [["ca_bundle"], "Certificates to trust in addition to the system's"],
];

/** eac's own keys, which other tools ignore. */
export const EAC_KEYS: KeyTable = [
  [
    ["aws_account_id"],
    "The account that the credentials must be of. Others are an error before anything is stored",
  ],
  [["destination_profile"], "The profile in which `eac get` stores the credentials"],
  [["session_duration"], "The first release's name for `duration_seconds`"],
  [
    ["mfa_process"],
    "A command that prints the MFA code, as in aws-vault. It can use the terminal to show messages and ask questions",
  ],
  [
    ["mfa_session"],
    "`auto` (default): share an MFA session where the role's duration is an hour or less. " +
    "`shared`: always. `off`: send the code with AssumeRole",
  ],
  [
    ["mfa_session_duration"],
    "Lifetime of the shared MFA session in seconds, 129600 at most. Default: 43200 (12 hours). No older " +
    "session is used for the profile. On the profile that owns the device, it counts for all its roles",
  ],
  [
    ["session_tags", "transitive_session_tags", "source_identity"],
    "Sent with AssumeRole, as in aws-vault: `team=red,stage=prod`",
  ],
  [
    ["session_policy", "session_policy_arns"],
    "Session policies that restrict the role: JSON or `file:///path`, and ARNs separated by commas",
  ],
  [
    ["mfa_prompt"],
    "Where to ask for the code: `auto` (default: the terminal, else a dialog), `terminal`, `dialog` or " +
    "`none`",
  ],
  [["cli_cache"], "`off` keeps the profile's role out of the AWS CLI's cache"],
  [["eac_strategy"], "Name of the strategy to use"],
];
