/**
 * `eac console`: signs in to the AWS console.
 *
 * @module
 */

import type { SharedConfig } from "../config/shared_config.ts";
import { placeOf } from "../config/profile.ts";
import { type Context, loadConfig } from "../context.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { consolePage, consoleSite, signInUrl } from "../aws/federation.ts";
import type { Plan } from "../plan/plan.ts";
import { asEacError, EacError } from "../errors.ts";
import { createObtain } from "../session/get_credentials.ts";
import { narrow, prepare } from "../session/plan_profile.ts";
import { selectProfile } from "./pick/select_profile.ts";
import { noteRecent } from "./pick/recent.ts";
import { noBrowser, openInBrowser } from "../sinks/browser.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, talk } = context;
  const config = loadConfig(context);
  const profile = await selectProfile(context, config, names[0]);
  const prepared = await prepare(context, config, profile);
  checkRole(prepared.plan, config);
  const site = consoleSite(stsEndpoint(prepared.where));
  const page = consolePage(site, options.service, prepared.region);
  const why = options.print ? undefined : noBrowser(host);
  const prints = options.print || why !== undefined;
  narrow(context, [prepared], { net: true, run: !prints });
  const { credentials } = await createObtain(context, config)(prepared);
  noteRecent(host, [profile.name]);
  const url = await signInUrl(host, site, credentials, page);
  if (why !== undefined) talk.done(`${why}: open this address elsewhere, within 15 minutes`);
  if (prints || !await opened(context, url)) host.stdout.write(`${url}\n`);
  else talk.done(`${profile.name}: ${page}`);
  return 0;
}

/** False where the person has to open the address. */
async function opened({ host, talk }: Context, url: string): Promise<boolean> {
  try {
    if (await openInBrowser(host, url)) return true;
    talk.warn("no browser came; open this address yourself, within 15 minutes");
  } catch (thrown) {
    const error = asEacError(thrown);
    if (error.code !== "exec_failed") throw error;
    talk.warn(`${error.message}; open this address yourself, within 15 minutes`);
  }
  return false;
}

/** A user's own session cannot sign in: said before a code is asked for. */
function checkRole({ profile, base, steps }: Plan, config: SharedConfig): void {
  const last = steps.at(-1);
  const isUser = last === undefined
    ? base.kind === "static" && base.credentials.sessionToken === undefined
    : last.call === "GetSessionToken";
  if (!isUser) return;
  const roles = [...config.profiles]
    .filter(([, keys]) =>
      keys.get("role_arn") && keys.get("source_profile")?.value === profile.name
    )
    .map(([name]) => `eac console ${name}`);
  throw new EacError(
    "config_invalid",
    `"${profile.name}" comes to a session of a user's own keys, which the console does not take`,
    {
      ...placeOf(profile, "aws_access_key_id"),
      hint: roles.length > 0
        ? `a role's credentials can: ${roles.slice(0, 3).join(", ")}`
        : `a role's credentials can: add a profile with role_arn and source_profile = ${profile.name}`,
      profile: profile.name,
    },
  );
}
