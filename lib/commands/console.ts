/**
 * `eac console`: signs in to the AWS console.
 *
 * @module
 */

import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, openConfig } from "../context.ts";
import { stsEndpoint } from "../plan/endpoint.ts";
import { consoleDestination, consolePage, consoleSite, signInUrl } from "../aws/federation.ts";
import type { Credentials } from "../plan/credentials.ts";
import { asEacError, EacError } from "../errors.ts";
import { createGetCredentials } from "../session/get_credentials.ts";
import { narrow, type PlannedProfile, planProfile } from "../session/plan_profile.ts";
import { selectProfile } from "./pick/select_profile.ts";
import { noteRecent } from "./pick/recent.ts";
import { openInBrowser } from "../sinks/browser.ts";
import { whyNoBrowser } from "../terminal/desktop.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, log } = context;
  if (options.service !== undefined && options.destination !== undefined) {
    throw new EacError("usage", "--service and --destination cannot be used together", {
      hint: "choose one of them",
    });
  }
  const config = openConfig(context);
  const profile = await selectProfile(context, config, names[0]);
  const planned = await planProfile(context, config, profile);
  const site = consoleSite(stsEndpoint(planned.where));
  const page = options.destination === undefined
    ? consolePage(site, options.service, planned.region?.value)
    : consoleDestination(site, options.destination);
  const why = options.print ? undefined : whyNoBrowser(host);
  const prints = options.print || why !== undefined;
  narrow(context, [planned], { net: true, run: !prints || planned.plan.base.kind !== "static" });
  const credentials = await consoleCredentials(context, config, planned);
  noteRecent(host, [profile.name]);
  const url = await signInUrl(host, site, credentials, page);
  if (why !== undefined) log.done(`${why}: open this URL elsewhere, within 15 minutes`);
  if (prints || !await opened(context, url)) host.stdout.write(`${url}\n`);
  else log.done(`${profile.name}: ${page}`);
  return 0;
}

/** What the console accepts: a role's credentials, or those of a federated user. */
async function consoleCredentials(
  context: Context,
  config: SharedConfig,
  planned: PlannedProfile,
): Promise<Credentials> {
  const { federatedUser, isUser } = await import("../session/federated_user.ts");
  if (isUser(planned)) return federatedUser(context, config, planned);
  return (await createGetCredentials(context, config)(planned)).credentials;
}

/** False if the user has to open the URL. */
async function opened({ host, log }: Context, url: string): Promise<boolean> {
  try {
    const outcome = await openInBrowser(host, url);
    if (outcome === "opened") return true;
    const why = outcome === "no browser"
      ? "could not open a browser"
      : "could not verify that the browser is yours";
    log.warn(`${why}; open this URL yourself, within 15 minutes`);
  } catch (thrown) {
    const error = asEacError(thrown);
    if (error.code !== "exec_failed") throw error;
    log.warn(`${error.message}; open this URL yourself, within 15 minutes`);
  }
  return false;
}
