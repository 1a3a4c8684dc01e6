/**
 * `eac roles`: lists the roles that an IAM Identity Center session may assume.
 *
 * @module
 */

import { type Context, loadConfig } from "../context.ts";
import { profilesOfRoles, roleKey, sessionRoles } from "../session/session_roles.ts";
import { formatTable } from "../terminal/table.ts";
import { printableJson, shellWord } from "../text/printable.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, log } = context;
  const config = loadConfig(context);
  const { base, roles } = await sessionRoles(context, config, names[0]);
  const profiles = profilesOfRoles(config, base);
  const listed = roles.map((role) => ({
    account_id: role.accountId,
    account_name: role.accountName,
    role_name: role.roleName,
    profile: profiles.get(roleKey(role)) ?? null,
  }));
  if (options.json) {
    host.stdout.write(`${printableJson(listed, 2)}\n`);
    return 0;
  }
  if (listed.length === 0) {
    log.done("no account is assigned to you");
    return 0;
  }
  const rows = listed.map(({ account_id, account_name, role_name, profile }) => [
    account_id,
    account_name,
    role_name,
    profile ?? "-",
  ]);
  host.stdout.write(formatTable([["ACCOUNT", "NAME", "ROLE", "PROFILE"], ...rows]));
  const missing = listed.filter(({ profile }) => profile === null).length;
  if (missing > 0) {
    const name = shellWord(names[0] ?? base.profile);
    log.done(`${missing} without a profile; to write profiles for them: eac init --sso ${name}`);
  }
  return 0;
}
