/**
 * `eac rotate`: replaces the long-lived access key of a profile.
 *
 * @module
 */

import { placeOf, type Profile } from "../../config/profile.ts";
import { type Context, loadConfig } from "../../context.ts";
import { type Credentials, Secret } from "../../plan/credentials.ts";
import { iamEndpoint, stsEndpoint } from "../../plan/endpoint.ts";
import { journalFile, readJournal, type Rotation } from "./journal.ts";
import { asEacError, EacError } from "../../errors.ts";
import { createGetCredentials } from "../../session/get_credentials.ts";
import { narrow, planProfile } from "../../session/plan_profile.ts";
import { selectProfile } from "../pick/select_profile.ts";
import { withProgress } from "../../terminal/progress.ts";

/** How long to wait for another rotation of the same profile, in milliseconds. */
const LOCK_WAIT = 1000;

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, log } = context;
  const config = loadConfig(context);
  const profile = await selectProfile(context, config, names[0]);
  const keys = ownKeys(profile);
  const journal = await journalFile(host, config.files.credentials, profile.name);
  const lock = await host.lock(`${journal}.lock`, host.deadline(LOCK_WAIT));
  if (lock === undefined) {
    throw new EacError("io", `another eac is rotating the key of "${profile.name}"`, {
      hint: "let it end, then see with eac whoami",
      profile: profile.name,
    });
  }
  try {
    const [{ createIam }, { createSts }, { newRotation, rotate }] = await Promise.all([
      import("../../aws/iam.ts"),
      import("../../aws/sts.ts"),
      import("./rotation.ts"),
    ]);
    const begun = readJournal(host, journal);
    if (begun !== undefined) {
      checkJournal(begun, journal, keys.accessKeyId);
      log.done(`going on with the rotation of ${begun.old}`);
    }
    // A session for the user's own keys, also where the profile is a role that has them.
    const session: Context = {
      ...context,
      options: { ...context.options, strategy: "session-token" },
    };
    const planned = await planProfile(session, config, profile);
    narrow(session, [planned], { net: true });
    const obtain = createGetCredentials(session, config);
    const hasSession = planned.plan.mfa !== undefined;
    let signer: Promise<Credentials> | undefined;
    const { region } = context.options;
    const logDetail = (text: string) => log.detail(text);
    const target = iamEndpoint({
      profile,
      services: config.services,
      env: host.env,
      ...(region === undefined ? {} : { region }),
    });
    await rotate(begun ?? newRotation(profile.name, keys.accessKeyId), {
      host,
      config,
      journal,
      iam: createIam(host, target, { log: logDetail }),
      sts: createSts(host, stsEndpoint(planned.where), { log: logDetail }),
      signer: () =>
        hasSession
          ? signer ??= obtain(planned).then(({ credentials }) => credentials)
          : Promise.resolve(keys),
      hasSession,
      force: context.options.force,
      tell: (text) => log.done(text),
      busy: (text, work) => withProgress(host, text, work),
    });
    return 0;
  } catch (thrown) {
    const error = asEacError(thrown).of(profile.name);
    if (host.stat(journal) !== undefined) {
      log.warn(`the rotation is not done yet: eac rotate ${profile.name} goes on with it`);
    }
    throw error;
  } finally {
    lock.release();
  }
}

/** The profile's own long-lived keys. */
function ownKeys(profile: Profile): Credentials {
  const { values, places, name } = profile;
  const { aws_access_key_id: id, aws_secret_access_key: secret } = values;
  if (!id || !secret || places.aws_access_key_id === undefined) {
    const source = values.source_profile;
    throw new EacError("missing_credentials", `profile "${name}" has no access key of its own`, {
      hint: source
        ? `its source may have one: eac rotate ${source}`
        : "name the profile that has it",
      profile: name,
    });
  }
  if (values.aws_session_token) {
    throw new EacError(
      "config_invalid",
      `the keys of "${name}" are temporary: they end by themselves`,
      {
        ...placeOf(profile, "aws_session_token"),
        hint: "rotate the profile that has the long-lived key",
        profile: name,
      },
    );
  }
  return { accessKeyId: id, secretAccessKey: new Secret(secret) };
}

/** A journal is of this profile's key as it was, or as it is to be. */
function checkJournal({ old, made, profile }: Rotation, journal: string, current: string): void {
  if (current === old || current === made?.id) return;
  throw new EacError(
    "config_invalid",
    `"${profile}" has neither the old nor the new key of a rotation that was begun`,
    {
      hint: `see whether ${made?.id ?? old} is still needed; then remove ${journal}`,
      profile,
    },
  );
}
