/**
 * The environment variables that eac reads, and what they mean: for the reference and the manual page.
 *
 * @module
 */

/** Variables and their meaning, one row per topic. */
export const VARIABLES: readonly (readonly [names: readonly string[], meaning: string])[] = [
  [["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], "The profile, if the command names none"],
  [["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"], "Paths of the shared files"],
  [
    [
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AWS_SECURITY_TOKEN",
      "AWS_CREDENTIAL_EXPIRATION",
    ],
    "Keys for `credential_source = Environment`. If the command names no profile, they come " +
    "before AWS_PROFILE, as in the AWS CLI",
  ],
  [["AWS_REGION", "AWS_DEFAULT_REGION"], "The region; comes before the profile's"],
  [
    [
      "AWS_ENDPOINT_URL_STS",
      "AWS_ENDPOINT_URL",
      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
      "AWS_STS_REGIONAL_ENDPOINTS",
      "AWS_USE_FIPS_ENDPOINT",
      "AWS_USE_DUALSTACK_ENDPOINT",
    ],
    "The endpoint of STS",
  ],
  [["AWS_ENDPOINT_URL_IAM"], "The endpoint of IAM, for `rotate`"],
  [
    ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"],
    "The endpoints of IAM Identity Center",
  ],
  [
    ["AWS_ENDPOINT_URL_SIGNIN"],
    "The endpoint of AWS Sign-In, for `eac login` and sessions of `aws login`",
  ],
  [
    ["AWS_LOGIN_CACHE_DIRECTORY"],
    "The folder of the sessions of `aws login`. Default: `~/.aws/login/cache`",
  ],
  [["AWS_CA_BUNDLE"], "Certificates to trust in addition to the system's"],
  [["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"], "The proxy"],
  [["AWS_MAX_ATTEMPTS"], "How often a call is tried. Default: 3"],
  [
    ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME"],
    "A role by a token in a file, for a command that names no profile and for `--source web-identity`",
  ],
  [
    [
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ],
    "For `credential_source = EcsContainer`",
  ],
  [
    [
      "AWS_EC2_METADATA_DISABLED",
      "AWS_EC2_METADATA_SERVICE_ENDPOINT",
      "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
      "AWS_EC2_METADATA_V1_DISABLED",
      "AWS_METADATA_SERVICE_TIMEOUT",
      "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    ],
    "For `credential_source = Ec2InstanceMetadata`",
  ],
  [["EAC_MFA_TOKEN"], "The MFA code, as `--mfa-token`"],
  [["EAC_MFA_PROCESS"], "A command that prints the MFA code, for profiles without `mfa_process`"],
  [["EAC_MFA_PROMPT"], "Where to ask for the code, as `mfa_prompt`"],
  [["EAC_NO_INPUT", "CI"], "If set and not `false` or `0`: never ask, as `--no-input`"],
  [["EAC_CALLERS"], "Set by eac for a `credential_process`: the profiles that led to it"],
  [
    ["EAC_REGION"],
    "Set by eac with the region that it exported: the next profile ignores that region",
  ],
  [["EAC_PROFILE"], "Set by eac with the profile whose credentials it exported, for your prompt"],
  [["EAC_HOME"], "The folder of caches, locks and strategies. Default: `~/.aws/eac`"],
  [
    ["GITHUB_ACTIONS", "GITHUB_ENV"],
    "In a GitHub workflow: mask secrets; the file for `--format github`",
  ],
  [["NO_COLOR", "FORCE_COLOR"], "Disable or force color, as `--color`"],
];
