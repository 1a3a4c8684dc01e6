/**
 * The IAM Identity Center session behind a profile or an sso-session, and the roles that it may assume.
 *
 * @module
 */

import { profileFrom, profileNamed } from "../config/chain.ts";
import { placeOf } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import type { Context } from "../context.ts";
import { listSsoRoles, type SsoRole } from "../credentials/providers/sso_roles.ts";
import { EacError } from "../errors.ts";
import type { SsoBase } from "../plan/base.ts";
import { withProgress } from "../terminal/progress.ts";
import { withLoginOffer } from "./offer_login.ts";
import { narrow, planProfile } from "./plan_profile.ts";

/** The roles of a session. */
export interface SessionRoles {
  readonly base: SsoBase;
  readonly roles: readonly SsoRole[];
}

/**
 * Lists the roles that a session may assume.
 *
 * @param name of a profile or of an sso-session; absent: the only sso-session
 * @throws {EacError} `config_invalid` for a name without IAM Identity Center, and what the list throws
 */
export async function sessionRoles(
  context: Context,
  config: SharedConfig,
  name: string | undefined,
): Promise<SessionRoles> {
  const { host, log } = context;
  const chosen = name ?? onlySession(config);
  const profile = !config.profiles.has(chosen) && config.ssoSessions.has(chosen)
    ? profileFrom(config, chosen, { sso_session: chosen })
    : profileNamed(config, chosen);
  const planned = await planProfile(context, config, profile);
  const { plan: { base }, where } = planned;
  if (base.kind !== "sso") {
    throw new EacError(
      "config_invalid",
      `profile "${chosen}" does not sign in through IAM Identity Center`,
      {
        ...placeOf(profile, "role_arn"),
        hint: "name a profile with sso_session or sso_start_url, or an sso-session",
        profile: chosen,
      },
    );
  }
  narrow(context, [planned], { net: true });
  const options = { log: (text: string) => log.detail(text) };
  const list = () =>
    withProgress(
      host,
      "listing the roles of IAM Identity Center",
      () => listSsoRoles(host, base, where, options),
    );
  const roles = await withLoginOffer(context, config, base, list);
  return { base, roles };
}

function onlySession({ ssoSessions, files }: SharedConfig): string {
  const [only, ...others] = ssoSessions.keys();
  if (only !== undefined && others.length === 0) return only;
  throw new EacError(
    "config_invalid",
    only === undefined
      ? `${files.config} has no sso-session`
      : `which sso-session? There are ${[only, ...others].join(", ")}`,
    {
      hint: only === undefined
        ? "add a section [sso-session NAME] with sso_start_url and sso_region"
        : `name one, such as ${only}`,
    },
  );
}

/** The profile of each role of the session, by {@linkcode roleKey}: the first in the files. */
export function profilesOfRoles(
  config: SharedConfig,
  { session, startUrl }: Pick<SsoBase, "session" | "startUrl">,
): ReadonlyMap<string, string> {
  const profiles = new Map<string, string>();
  for (const [name, section] of config.profiles) {
    const value = (key: string) => section.get(key)?.value;
    const ssoSession = value("sso_session");
    const url = ssoSession === undefined
      ? value("sso_start_url")
      : config.ssoSessions.get(ssoSession)?.get("sso_start_url")?.value;
    const isSame = ssoSession !== undefined && session !== undefined
      ? ssoSession === session
      : url === startUrl;
    const [accountId, roleName] = [value("sso_account_id"), value("sso_role_name")];
    if (!isSame || !accountId || !roleName) continue;
    const key = roleKey({ accountId, roleName });
    if (!profiles.has(key)) profiles.set(key, name);
  }
  return profiles;
}

/** Identifies a role of a session. */
export function roleKey({ accountId, roleName }: Pick<SsoRole, "accountId" | "roleName">): string {
  return `${accountId} ${roleName}`;
}
