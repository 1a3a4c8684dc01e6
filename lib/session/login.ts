/**
 * Signs the user in: in the browser, or on another device.
 *
 * @module
 */

import { profileFrom, profileNamed } from "../config/chain.ts";
import { loginCacheFolder } from "../config/locations.ts";
import { checkFolderWritable } from "../config/own_files.ts";
import { checkWritable, rewriteFile } from "../config/rewrite.ts";
import { configHeader, type SharedConfig } from "../config/shared_config.ts";
import { type Context, whyNoPrompt, withTerminal } from "../context.ts";
import { saveLoginToken } from "../credentials/providers/login_token.ts";
import { IDENTITY_CENTER, ssoCacheFolder } from "../credentials/providers/sso_token.ts";
import { signInToAws } from "../credentials/oauth/aws_login.ts";
import { signInToIdentityCenter } from "../credentials/oauth/identity_center.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { SsoBase } from "../plan/base.ts";
import { identityCenterEndpoint, signInEndpoint } from "../plan/endpoint.ts";
import type { EndpointInput } from "../plan/region.ts";
import { askYesNo } from "../terminal/ask.ts";
import { whyNoBrowser } from "../terminal/desktop.ts";
import { withProgress } from "../terminal/progress.ts";
import { showSpan, showTime } from "../text/duration.ts";
import { printable, shellWord } from "../text/printable.ts";
import { askAuthorizationCode, browseFor, confirmCode } from "./login_prompts.ts";

/** Signs in with the AWS console's credentials. */
export interface AwsLogin {
  readonly kind: "login";
  /** The profile that gets `login_session`. */
  readonly profile: string;
  /** Its region if the user chose one: the profile gets that too. */
  readonly region?: string | undefined;
}

/** What a profile signs in to. */
export type LoginTarget = SsoBase | AwsLogin;

/**
 * Signs in, and reports the result.
 *
 * @throws {EacError} `access_denied`, `timeout`, `interrupted`, `input_required` without a terminal for the
 * code, and what the network and the files throw
 */
export async function login(
  context: Context,
  config: SharedConfig,
  to: LoginTarget,
): Promise<void> {
  const { host, log, options } = context;
  const region = to.kind === "login" ? to.region ?? options.region : options.region;
  const where: EndpointInput = {
    profile: config.profiles.has(to.profile)
      ? profileNamed(config, to.profile)
      : profileFrom(config, to.profile, {}),
    services: config.services,
    env: host.env,
    region,
  };
  const { url, insecure } = to.kind === "login"
    ? signInEndpoint(where, undefined)
    : identityCenterEndpoint(where, "sso_oidc", to.region);
  if (insecure) {
    log.warn(`${url} is plain HTTP: anyone on the network path can read the credentials`);
  }
  await checkCanStore(host, config, to);
  const logged = { log: (text: string) => log.detail(text) };
  if (to.kind === "login") {
    const session = await withOrWithoutBrowser(
      context,
      (elsewhere) =>
        signInToAws(host, where, {
          browse: browseFor(context, "AWS"),
          askCode: elsewhere
            ? (url, again) => askAuthorizationCode(context, url, again)
            : undefined,
        }, logged),
    );
    await storeSession(context, config, to, session);
    return;
  }
  const scopes = scopesOf(config, to.session);
  const { expiration, renewable } = await withOrWithoutBrowser(
    context,
    (elsewhere) =>
      signInToIdentityCenter(
        host,
        { ...to, scopes },
        where,
        elsewhere ? "device code" : "authorization code",
        {
          browse: browseFor(context, IDENTITY_CENTER),
          confirm: (url, code, signal) => confirmCode(context, { url, code, elsewhere }, signal),
        },
        logged,
      ),
  );
  const now = host.now();
  const until = renewable
    ? "renewed without asking until the session ends"
    : `until ${showTime(expiration, now)} (in ${showSpan(expiration - now)})`;
  log.done(`${to.profile}: signed in to ${IDENTITY_CENTER}, ${until}`);
}

/**
 * Checks that the result of a sign-in can be stored, before the user signs in.
 *
 * @throws {EacError} `io`
 */
async function checkCanStore(
  host: Host,
  { files, profiles }: SharedConfig,
  to: LoginTarget,
): Promise<void> {
  checkFolderWritable(
    host,
    to.kind === "login" ? loginCacheFolder(host.env, host.os) : ssoCacheFolder(host),
  );
  if (to.kind !== "login") return;
  // A user who signs in again changes nothing in the config, which may be read-only.
  const isNamed = profiles.get(to.profile)?.get("login_session") !== undefined;
  if (!isNamed || to.region !== undefined) await checkWritable(host, files.config);
}

/** Does the work with the browser of this machine, or with one on another device. */
async function withOrWithoutBrowser<T>(
  context: Context,
  work: (elsewhere: boolean) => Promise<T>,
): Promise<T> {
  const { host, options } = context;
  const elsewhere = !options.browser || whyNoBrowser(host) !== undefined;
  return await withProgress(
    host,
    "waiting for the browser (Ctrl-C cancels)",
    () => work(elsewhere),
  );
}

/** `sso_registration_scopes` of a session. */
function scopesOf(
  { ssoSessions }: SharedConfig,
  session: string | undefined,
): readonly string[] | undefined {
  const value = session && ssoSessions.get(session)?.get("sso_registration_scopes")?.value;
  const scopes = value ? value.split(",").map((scope) => scope.trim()).filter(Boolean) : [];
  return scopes.length > 0 ? scopes : undefined;
}

/** Caches the session's token, and names the session in the profile. */
async function storeSession(
  context: Context,
  { files, bytes, profiles }: SharedConfig,
  { profile, region }: AwsLogin,
  { name, file }: { readonly name: string; readonly file: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { host, log } = context;
  const old = profiles.get(profile)?.get("login_session")?.value;
  if (old && old !== name) await confirmOtherUser(context, profile, old, name);
  await saveLoginToken(host, name, file, {});
  await rewriteFile(host, files.config, (document) => {
    const values = { login_session: name, ...(region && { region }) };
    document.setProperties(configHeader(profile, document), values);
  }, { seen: bytes.config });
  const option = profile === "default" ? "" : ` --profile ${shellWord(profile)}`;
  log.done(`${profile}: signed in as ${name}; try aws sts get-caller-identity${option}`);
}

/** Confirms that a profile changes its user: scripts may depend on the old one. */
async function confirmOtherUser(
  context: Context,
  profile: string,
  old: string,
  name: string,
): Promise<void> {
  const answer = whyNoPrompt(context) !== undefined
    ? undefined
    : await withTerminal(context.host, (device) =>
      askYesNo(
        device,
        printable(`Profile "${profile}" belongs to ${old}. Use ${name} from now on?`),
        false,
      ));
  if (answer) return;
  throw new EacError(
    answer === undefined ? "input_required" : "interrupted",
    `profile "${profile}" belongs to ${old}, and you signed in as ${name}`,
    { hint: "sign in under another profile: eac login NAME", profile },
  );
}
