/**
 * Gets the credentials of a base from its source.
 *
 * @module
 */

import { EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { Base, StaticBase, WebIdentityBase } from "../../plan/base.ts";
import {
  type Credentials,
  isKeyText,
  parseTimestamp,
  Secret,
  toTimestamp,
} from "../../plan/credentials.ts";
import type { ProcessHost } from "./process_source.ts";
import type { EndpointInput } from "../../plan/region.ts";
import type { ExchangeOptions } from "./exchange.ts";
import type { MetadataHost } from "./metadata.ts";
import type { TokenHost } from "./cached_token.ts";
import type { Sts } from "../../aws/sts.ts";
import { notSet } from "../../text/not_set.ts";

/** What resolving a base needs. */
export interface ResolveContext extends ExchangeOptions {
  /** Assumes a role with a web identity. */
  readonly sts: Pick<Sts, "assumeRoleWithWebIdentity">;
  /** The requested profile, which configures the endpoints of SSO and instance metadata. */
  readonly where: EndpointInput;
}

/** The parts of the Host that the sources need. */
export type ResolveHost = ProcessHost & MetadataHost & TokenHost;

/**
 * The base's credentials.
 *
 * @throws {EacError} `missing_credentials`, `process_failed`, `expired`, `network`, `timeout`, ...
 */
export async function resolveBase(
  host: ResolveHost,
  base: Base,
  context: ResolveContext,
): Promise<Credentials> {
  switch (base.kind) {
    case "static":
      return stillGood(base, host.now());
    case "environment":
      return environmentCredentials(host);
    case "custom":
    case "keys":
    case "sign-in":
      throw new EacError("internal", `strategy "${base.strategy}" begins with nothing`);
    case "process": {
      const { runCredentialProcess } = await import("./process_source.ts");
      return runCredentialProcess(host, base.profile, base.command, context.signal);
    }
    case "instance":
      return (await metadata()).instanceCredentials(host, context.where.profile, context);
    case "container":
      return (await metadata()).containerCredentials(host, context);
    case "web-identity":
      return webIdentityCredentials(host, base, context.sts);
    case "login": {
      const { loginCredentials } = await import("./login_session.ts");
      return loginCredentials(host, base, context.where, context);
    }
    case "sso": {
      const { accountId, roleName } = base;
      if (accountId && roleName) {
        const { ssoCredentials } = await import("./sso.ts");
        return ssoCredentials(host, { ...base, accountId, roleName }, context.where, context);
      }
      throw new EacError(
        "config_invalid",
        `profile "${base.profile}" has an sso_session but neither sso_account_id nor sso_role_name`,
        { hint: "add both, or run aws configure sso", profile: base.profile },
      );
    }
  }
}

const metadata = () => import("./metadata.ts");

/** Refuses expired credentials without a call to AWS. */
function stillGood({ profile, credentials, storedFrom }: StaticBase, now: number): Credentials {
  checkTexts(credentials, `of profile "${profile}"`);
  const { expiration } = credentials;
  if (expiration === undefined || expiration > now) return credentials;
  throw new EacError(
    "expired",
    `the credentials stored in profile "${profile}" expired at ${toTimestamp(expiration)}`,
    {
      hint: storedFrom === undefined
        ? `renew them with the tool that stored them in "${profile}"`
        : `run eac get ${storedFrom} -o ${profile}`,
    },
  );
}

/**
 * Checks for a key pasted with part of another line: it would break a header, and look like a
 * network failure.
 */
function checkTexts({ accessKeyId, secretAccessKey, sessionToken }: Credentials, whose: string) {
  const secrets = [secretAccessKey, ...(sessionToken ? [sessionToken] : [])];
  if ([accessKeyId, ...secrets.map((secret) => secret.reveal())].every(isKeyText)) return;
  throw new EacError(
    "config_invalid",
    `the keys ${whose} contain a space or another invalid character`,
    { hint: "copy them again: neither contains spaces" },
  );
}

/** The static keys of the environment; never a web identity token or another source. */
function environmentCredentials({ env, now }: Pick<Host, "env" | "now">): Credentials {
  const read = (name: string) => env[name]?.trim() || undefined;
  const id = read("AWS_ACCESS_KEY_ID");
  const secret = read("AWS_SECRET_ACCESS_KEY");
  const token = read("AWS_SESSION_TOKEN") ?? read("AWS_SECURITY_TOKEN");
  if (!id || !secret) {
    const missing = [
      ...(id ? [] : ["AWS_ACCESS_KEY_ID"]),
      ...(secret ? [] : ["AWS_SECRET_ACCESS_KEY"]),
    ];
    throw new EacError(
      "missing_credentials",
      `credential_source = Environment, but ${notSet(missing)}`,
      { hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use another source" },
    );
  }
  const expiration = parseTimestamp(read("AWS_CREDENTIAL_EXPIRATION") ?? "");
  if (expiration !== undefined && expiration <= now()) {
    throw new EacError(
      "expired",
      `the credentials in the environment expired at ${toTimestamp(expiration)}`,
      { hint: "set new ones" },
    );
  }
  const credentials: Credentials = {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
    expiration,
  };
  checkTexts(credentials, "in the environment");
  return credentials;
}

async function webIdentityCredentials(
  host: Pick<Host, "readFile" | "now">,
  base: WebIdentityBase,
  sts: ResolveContext["sts"],
): Promise<Credentials> {
  const { tokenFile, roleArn, durationSeconds, profile } = base;
  const bytes = host.readFile(tokenFile);
  const token = new TextDecoder().decode(bytes).trim();
  if (token === "") {
    throw new EacError(
      "missing_credentials",
      `web_identity_token_file of profile "${profile}" ${
        bytes === undefined ? "does not exist" : "is empty"
      }: ${tokenFile}`,
      { hint: "Kubernetes or the CI system writes this file", profile },
    );
  }
  const { credentials } = await sts.assumeRoleWithWebIdentity({
    roleArn,
    sessionName: base.sessionName ?? `eac-${Math.floor(host.now() / 1000)}`,
    token: new Secret(token),
    durationSeconds,
  });
  return credentials;
}
