/**
 * What a home needs to sign in: profiles of IAM Identity Center, and the servers on loopback.
 *
 * @module
 */

import { startAwsSignInServer } from "./aws_sign_in_server.ts";
import { startOidcServer } from "./oidc_server.ts";

/** Config text: the sso-session `corp`. */
export const CORP_SESSION = `[sso-session corp]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
`;

/** Config text: a profile of the session, with more lines. */
export function corpProfile(
  name: string,
  { role = "admin", account = "123456789012" } = {},
  ...lines: string[]
): string {
  const keys = ["sso_session = corp", `sso_account_id = ${account}`, `sso_role_name = ${role}`];
  return [`[profile ${name}]`, ...keys, ...lines, ""].join("\n");
}

/** The servers that a user signs in to. */
export interface SignInServices extends AsyncDisposable {
  /** IAM Identity Center. */
  readonly oidc: ReturnType<typeof startOidcServer>;
  /** AWS Sign-In, for `aws login`. */
  readonly aws: ReturnType<typeof startAwsSignInServer>;
  /** The variables that lead to them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the servers. */
export function startSignInServices(now?: () => number): SignInServices {
  const oidc = startOidcServer(now);
  const aws = startAwsSignInServer(now);
  return {
    oidc,
    aws,
    env: {
      AWS_ENDPOINT_URL_SSO: oidc.url,
      AWS_ENDPOINT_URL_SSO_OIDC: oidc.url,
      AWS_ENDPOINT_URL_SIGNIN: aws.url,
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([oidc[Symbol.asyncDispose](), aws[Symbol.asyncDispose]()]);
    },
  };
}
