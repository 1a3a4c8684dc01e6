/**
 * The environment of a program that runs with the credentials: them, and nothing that competes.
 *
 * @module
 */

import type { Credentials } from "../plan/credentials.ts";
import { CARRIERS, carriersOf, COMPETITORS, type ExportOptions } from "./variables.ts";

/** Who the credentials are of, and where they are used. */
export interface ChildOptions extends ExportOptions {
  readonly profile: string;
}

/** A server of ours that hands out credentials, as ECS does. */
export interface CredentialsEndpoint {
  readonly url: string;
  readonly token: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * All that an SDK, an old SDK, or a tool may take credentials or a profile from, and what is eac's
 * own secret. Beyond what aws-vault removes: a role or a token file would be assumed anew, and
 * `AWS_ACCOUNT_ID` makes botocore choose endpoints of another account.
 */
const REMOVED: ReadonlySet<string> = new Set([
  ...CARRIERS.filter((name) => !name.endsWith("REGION")),
  ...COMPETITORS,
  "AWS_ACCESS_KEY",
  "AWS_SECRET_KEY",
  "AWS_CREDENTIAL_FILE",
  "AWS_SESSION_EXPIRATION",
  "AWS_ACCOUNT_ID",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "EAC_CALLERS",
  "EAC_MFA_TOKEN",
  "EAC_PROFILE",
]);

/** The environment for `eac exec`: the parent's, with these credentials and no others. */
export function childEnv(
  env: Env,
  credentials: Credentials,
  options: ChildOptions,
): Record<string, string> {
  return {
    ...withoutCredentials(env),
    ...Object.fromEntries(carriersOf(credentials, options)),
    EAC_PROFILE: options.profile,
  };
}

/** The environment for `eac exec --serve`: where to fetch the credentials, again and again. */
export function servedChildEnv(
  env: Env,
  endpoint: CredentialsEndpoint,
  { profile, region }: ChildOptions,
): Record<string, string> {
  return {
    ...withoutCredentials(env),
    ...(region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: endpoint.token,
    EAC_PROFILE: profile,
  };
}

/** Names of AWS's MFA helpers come and go (`AWS_MFA_TOKEN`, `AWS_MFA_SERIAL`): all are removed. */
function withoutCredentials(env: Env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] =>
      entry[1] !== undefined && !REMOVED.has(entry[0]) && !entry[0].startsWith("AWS_MFA_")
    ),
  );
}
