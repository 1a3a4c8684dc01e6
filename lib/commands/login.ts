/**
 * `eac login`: signs in to what a profile uses.
 *
 * @module
 */

import { profileFrom, profileNamed, sourcesOf } from "../config/chain.ts";
import { canAddSection } from "../config/ini_edit.ts";
import type { Profile } from "../config/profile.ts";
import { configHeader, type SharedConfig } from "../config/shared_config.ts";
import {
  type Context,
  loadConfig,
  promptsDisabled,
  whyNoPrompt,
  withTerminal,
} from "../context.ts";
import { asEacError, EacError } from "../errors.ts";
import { type Base, isSourceKey, type SignInBase } from "../plan/base.ts";
import { checkedRegion, configuredRegion } from "../plan/region.ts";
import { narrow, type PlannedProfile, planProfile } from "../session/plan_profile.ts";
import { type AwsLogin, login, type LoginTarget } from "../session/login.ts";
import { askLine, askYesNo } from "../terminal/ask.ts";
import { whyNoBrowser } from "../terminal/desktop.ts";
import { showSpan, showTime } from "../text/duration.ts";
import { didYouMean } from "../text/nearest.ts";
import { printable, shellWord } from "../text/printable.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host } = context;
  const config = loadConfig(context);
  const name = names[0] ?? (host.env.AWS_PROFILE || host.env.AWS_DEFAULT_PROFILE || "default");
  const why = promptsDisabled(context);
  if (why !== undefined) {
    throw new EacError("input_required", `signing in requires a user, and ${why}`, {
      hint: "run it where you can use a browser",
      profile: name,
    });
  }
  const profile = config.profiles.has(name)
    ? profileNamed(config, name)
    : config.ssoSessions.has(name)
    ? profileFrom(config, name, { sso_session: name })
    : undefined;
  const target = profile === undefined
    ? await newProfile(context, config, name)
    : await signInOf(context, config, profile);
  if ("planned" in target) return signInByStrategy(context, target);
  const to = target.kind === "login" ? await withRegion(context, config, target) : target;
  host.narrow({ net: true, run: context.options.browser && whyNoBrowser(host) === undefined });
  await login(context, config, to);
  return 0;
}

/** The plan of a profile that begins with the sign-in of a custom strategy. */
interface PlannedSignIn {
  readonly planned: PlannedProfile;
  readonly base: SignInBase;
}

async function signInByStrategy(
  context: Context,
  { planned, base }: PlannedSignIn,
): Promise<number> {
  const { host, log } = context;
  // The strategy signs in again even if everything that it provided is cached.
  narrow(context, [planned], { net: true, run: true });
  const { runCustomSignIn } = await import("../session/run_plan.ts");
  const expiration = await runCustomSignIn(context, planned, base);
  const left = showSpan(expiration - host.now());
  log.done(
    `signed in to "${base.profile}" until ${showTime(expiration, host.now())} (in ${left})`,
  );
  return 0;
}

/** The bases that need no sign-in, for the error. */
const WITHOUT_SIGN_IN: Readonly<
  Record<Exclude<Base["kind"], "sso" | "login" | "sign-in">, string>
> = {
  static: "access keys",
  process: "a credential_process",
  environment: "the keys of the environment",
  instance: "the credentials of the instance",
  container: "the credentials of the container",
  "web-identity": "a web identity token",
  custom: "a custom strategy",
  keys: "a custom strategy",
};

/**
 * The sign-in at the beginning of the profile's chain. If the chain ends at a profile without credentials,
 * that profile gets a sign-in like that of `aws login`.
 *
 * @throws {EacError} `config_invalid` for credentials of another kind, and what makes the plan fail
 */
async function signInOf(
  context: Context,
  config: SharedConfig,
  profile: Profile,
): Promise<LoginTarget | PlannedSignIn> {
  let planned: PlannedProfile;
  try {
    planned = await planProfile(context, config, profile);
  } catch (thrown) {
    const { code } = asEacError(thrown);
    const end = [profile, ...sourcesOf(profile)].at(-1)!;
    const isOpen = code === "no_strategy" || code === "missing_credentials";
    if (!isOpen || Object.keys(end.values).some(givesCredentials)) throw thrown;
    return { kind: "login", profile: end.name };
  }
  const { base } = planned.plan;
  if (base.kind === "sso" || base.kind === "login") return base;
  if (base.kind === "sign-in") return { planned, base };
  const whose = base.profile === profile.name ? "" : ` of "${base.profile}"`;
  throw new EacError(
    "config_invalid",
    `profile "${profile.name}" uses ${
      WITHOUT_SIGN_IN[base.kind]
    }${whose}: eac login does not apply`,
    { hint: "sign in under another name: eac login NAME", profile: profile.name },
  );
}

/** True for a key that says where credentials come from, other than an `aws login` session. */
function givesCredentials(key: string): boolean {
  return isSourceKey(key) ? key !== "login_session" : CREDENTIAL_KEYS.test(key);
}

const CREDENTIAL_KEYS =
  /^(role_arn|source_profile|credential_source|aws_(access_key_id|secret_access_key|session_token)|eac_strategy)$/;

/** The sign-in of a profile that does not exist yet, unless its name is a mistake. */
async function newProfile(
  context: Context,
  config: SharedConfig,
  name: string,
): Promise<AwsLogin> {
  const { profiles } = config;
  if (name === "default" && profiles.size === 0) return { kind: "login", profile: name };
  try {
    profileNamed(config, name);
  } catch (thrown) {
    const notFound = asEacError(thrown);
    // A malformed section header, or a name that no section can have, such as a role ARN.
    if (notFound.place !== undefined || !canAddSection(configHeader(name))) throw notFound;
    const guess = didYouMean(name, profiles.keys());
    const question = `There is no profile "${name}"${
      guess && ` (${guess})`
    }. Sign in and create it?`;
    if (whyNoPrompt(context) !== undefined) {
      const create = `to create it, run eac login ${shellWord(name)} in a terminal`;
      throw new EacError(notFound.code, notFound.message, {
        hint: guess ? `${guess} If not, ${create}` : create,
        profile: name,
      });
    }
    const agreed = await withTerminal(
      context.host,
      (device) => askYesNo(device, printable(question), guess === ""),
    );
    if (!agreed) throw notFound;
  }
  return { kind: "login", profile: name };
}

/** Asks for the region where none is configured, as the AWS CLI does. */
async function withRegion(
  context: Context,
  config: SharedConfig,
  target: AwsLogin,
): Promise<AwsLogin> {
  const { host, options } = context;
  const section = config.profiles.get(target.profile);
  if (options.region !== undefined) {
    const region = checkedRegion(options.region, "--region");
    return section?.get("region") ? target : { ...target, region };
  }
  const profile = section === undefined
    ? profileFrom(config, target.profile, {})
    : profileNamed(config, target.profile);
  if (configuredRegion({ profile, env: host.env }) !== undefined) return target;
  if (whyNoPrompt(context) !== undefined) {
    throw new EacError("input_required", `no region is configured for "${target.profile}"`, {
      hint: "name the region to sign in to: --region REGION",
      profile: target.profile,
    });
  }
  const answer = await withTerminal(
    host,
    (device) => askLine(device, `Region (${DEFAULT_REGION}): `),
  );
  return { ...target, region: checkedRegion(answer || DEFAULT_REGION, "region") };
}

/** The region that the AWS CLI suggests. */
const DEFAULT_REGION = "us-east-1";
