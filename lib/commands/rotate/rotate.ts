/**
 * `eac rotate`: replaces the long-lived access key of a profile.
 *
 * @module
 */

import { profileNamed } from "../../config/chain.ts";
import { placeOf, type Profile } from "../../config/profile.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import { type Context, loadConfig, whyNoPrompt, withTerminal } from "../../context.ts";
import { type Credentials, Secret } from "../../plan/credentials.ts";
import { iamEndpoint, stsEndpoint } from "../../plan/endpoint.ts";
import { journalFile, lockJournal, readJournal, type Rotation } from "./journal.ts";
import type { RotationContext } from "./rotation.ts";
import { asEacError, EacError } from "../../errors.ts";
import { createGetCredentials } from "../../session/get_credentials.ts";
import { narrow, planProfile } from "../../session/plan_profile.ts";
import { selectProfile } from "../pick/select_profile.ts";
import { withProgress } from "../../terminal/progress.ts";
import { printable } from "../../text/printable.ts";

/** How long to wait for another rotation of the same profile, in milliseconds. */
const LOCK_WAIT = 1000;

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, log } = context;
  const config = loadConfig(context);
  const { name } = await selectProfile(context, config, names[0]);
  checkRotatable(config, name);
  const journal = await journalFile(host, config.files.credentials, name);
  const lock = await lockJournal(host, journal, LOCK_WAIT);
  if (lock === undefined) {
    throw new EacError("io", `another eac process is rotating the key of "${name}"`, {
      hint: `wait for it to finish, then check the key: eac whoami ${name}`,
      profile: name,
    });
  }
  try {
    await rotateProfile(context, name, journal);
    return 0;
  } catch (thrown) {
    const error = asEacError(thrown).of(name);
    if (host.stat(journal) !== undefined) {
      log.warn(`the rotation is not complete; to resume it: eac rotate ${name}`);
    }
    throw error;
  } finally {
    lock.release();
  }
}

/** Starts or resumes the rotation of a profile. Call it under the journal's lock. */
async function rotateProfile(context: Context, name: string, journal: string): Promise<void> {
  const { host, options, log } = context;
  const [{ createIam }, { createSts }, { ensureStored, newRotation, rotate }] = await Promise.all([
    import("../../aws/iam.ts"),
    import("../../aws/sts.ts"),
    import("./rotation.ts"),
  ]);
  const report = (text: string) => log.done(text);
  const begun = readJournal(host, journal);
  // Another rotation may have replaced the key while this process waited for the lock.
  let config = loadConfig(context);
  if (begun !== undefined) {
    checkJournal(begun, journal, longLivedKeys(profileNamed(config, name)).accessKeyId);
    report(`resuming the rotation of ${begun.oldId}`);
    if (begun.newKey !== undefined && begun.stage !== "created") {
      // The old key may be inactive by now: nothing may be signed with it, even if another program
      // restored it.
      await ensureStored({ ...begun, newKey: begun.newKey }, { host, config, journal, report });
      config = loadConfig(context);
    }
  }
  const profile = profileNamed(config, name);
  const keys = longLivedKeys(profile);
  // A session for the user's own keys, even if the profile also names a role.
  const sessionContext: Context = {
    ...context,
    options: { ...options, strategy: "session-token" },
  };
  const planned = await planProfile(sessionContext, config, profile);
  narrow(sessionContext, [planned], { net: true });
  const getCredentials = createGetCredentials(sessionContext, config, { orStillValid: false });
  const hasSession = planned.plan.mfa !== undefined;
  let session: Promise<Credentials> | undefined;
  const logDetail = (text: string) => log.detail(text);
  const target = iamEndpoint({
    profile,
    services: config.services,
    env: host.env,
    region: options.region,
  });
  await rotate(begun ?? newRotation(name, keys.accessKeyId), {
    host,
    config,
    journal,
    iam: createIam(host, target, { log: logDetail }),
    sts: createSts(host, stsEndpoint(planned.where), { log: logDetail }),
    signer: () =>
      hasSession
        ? session ??= getCredentials(planned).then(({ credentials }) => credentials)
        : Promise.resolve(keys),
    hasSession,
    force: options.force,
    confirm: confirmOn(context),
    report,
    withProgress: (text, work) => withProgress(host, text, work),
  });
}

/** Asks on the terminal, unless prompts are disabled. */
function confirmOn(context: Context): RotationContext["confirm"] {
  return async (question) => {
    if (whyNoPrompt(context) !== undefined) return undefined;
    const { askYesNo } = await import("../../terminal/ask.ts");
    return withTerminal(
      context.host,
      (device) => askYesNo(device, printable(question), false),
    );
  };
}

/** Throws unless the profile, as selected, has a long-lived key in the shared files. */
function checkRotatable(config: SharedConfig, name: string): void {
  if (config.profiles.has(name)) longLivedKeys(profileNamed(config, name));
  else {
    throw new EacError("missing_credentials", `"${name}" is not a profile in the shared files`, {
      hint: "name the profile that has the long-lived key: eac rotate PROFILE",
    });
  }
}

/** The profile's own long-lived keys. */
function longLivedKeys(profile: Profile): Credentials {
  const { values, places, name } = profile;
  const { aws_access_key_id: id, aws_secret_access_key: secret } = values;
  if (!id || !secret || places.aws_access_key_id === undefined) {
    const { source_profile: source, credential_process: command } = values;
    if (command) {
      throw new EacError(
        "missing_credentials",
        `eac cannot replace the key of "${name}": its credential_process provides it, and eac cannot write to a vault`,
        {
          ...placeOf(profile, "credential_process"),
          hint: "create a key in IAM, store it in the vault, then delete the old one",
          profile: name,
        },
      );
    }
    throw new EacError("missing_credentials", `profile "${name}" has no access key`, {
      hint: source
        ? `rotate the key of its source profile: eac rotate ${source}`
        : "name the profile that has the long-lived key: eac rotate PROFILE",
      profile: name,
    });
  }
  if (values.aws_session_token) {
    throw new EacError(
      "config_invalid",
      `the keys of "${name}" are temporary and cannot be rotated`,
      {
        ...placeOf(profile, "aws_session_token"),
        hint: "rotate the profile that has the long-lived key",
        profile: name,
      },
    );
  }
  return { accessKeyId: id, secretAccessKey: new Secret(secret) };
}

/** Throws unless the profile has the old or the new key of the rotation in the journal. */
function checkJournal({ oldId, newKey, profile }: Rotation, journal: string, id: string): void {
  if (id === oldId || id === newKey?.id) return;
  const keys = newKey === undefined ? oldId : `${oldId} or ${newKey.id}`;
  throw new EacError(
    "config_invalid",
    `profile "${profile}" has the access key ${id}, but its unfinished rotation replaces ${keys}`,
    {
      hint: newKey === undefined
        ? `remove ${journal} to forget that rotation`
        : `${journal} contains the key ${newKey.id}: save it if you need it, then remove the file`,
      profile,
    },
  );
}
