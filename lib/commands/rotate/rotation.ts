/**
 * Replacing a user's long-lived access key: a new one is made, tried and stored before the old one
 * goes. Each step is noted first, so that whatever fails in the middle goes on from there.
 *
 * @module
 */

import type { EditableIni } from "../../config/ini_edit.ts";
import { rewriteFile } from "../../config/rewrite.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import type { Credentials } from "../../plan/credentials.ts";
import { Secret } from "../../plan/credentials.ts";
import type { AccessKeyInfo, Iam, NewAccessKey } from "../../aws/iam.ts";
import { isNoSuchEntity } from "../../aws/refusal_kind.ts";
import { type Rotation, writeJournal } from "./journal.ts";
import type { Sts } from "../../aws/sts.ts";
import { asEacError, EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

/** What a rotation needs. */
export interface RotationContext {
  readonly host: Host;
  readonly config: SharedConfig;
  readonly journal: string;
  readonly iam: Iam;
  readonly sts: Pick<Sts, "getCallerIdentity">;
  /** What signs the calls of IAM: a session with MFA where the profile has a serial, else the keys. */
  readonly signer: () => Promise<Credentials>;
  /** Whether `signer` asks for a code, so that it is used for all calls. */
  readonly hasSession: boolean;
  readonly force: boolean;
  readonly tell: (text: string) => void;
  /** Does what may take its time, and shows it meanwhile. */
  readonly busy: <T>(text: string, work: () => Promise<T>) => Promise<T>;
}

/** IAM spreads a new key through its servers within seconds; this long it is waited for, in ms. */
const SPREADING = 60_000;

/** Milliseconds between two looks whether a new key works. */
const LOOK_AGAIN = 2000;

/** A key that was made so long around an attempt, in milliseconds, is that attempt's. */
const LOST = 2 * 60_000;

/** A rotation from its beginning. */
export function newRotation(profile: string, old: string): Rotation {
  return { stage: "begun", profile, old };
}

/**
 * Carries a rotation on to its end; resolves to the id of the new key.
 *
 * @throws {EacError} where it fails; the journal then says how far it came
 */
export async function rotate(rotation: Rotation, context: RotationContext): Promise<string> {
  const { host, journal, tell } = context;
  const note = (next: Rotation) => {
    writeJournal(host, journal, next);
    return rotation = next;
  };

  if (rotation.made === undefined) {
    await makeRoom(rotation, context);
    note({ ...rotation, asked: host.now() });
    const made = await make(context);
    note({ ...rotation, stage: "created", made: { id: made.id, secret: made.secret.reveal() } });
    tell(`new key ${made.id}: made`);
  }
  const { id, secret } = rotation.made!;
  const fresh: Credentials = { accessKeyId: id, secretAccessKey: new Secret(secret) };

  if (rotation.stage === "created") {
    await context.busy(
      "waiting until AWS knows the new key",
      () => untilKnown(context, () => context.sts.getCallerIdentity(fresh)),
    );
    const files = await store(rotation, context);
    note({ ...rotation, stage: "stored" });
    tell(`new key ${id}: works, and stands in ${files.join(" and ")}`);
  }
  // The old key must not sign what puts an end to it; a session with MFA does not end with it.
  const signer = context.hasSession ? context.signer : () => Promise.resolve(fresh);
  await context.busy("removing the old key", async () => {
    if (rotation.stage === "stored") {
      await gone(() =>
        untilKnown(
          context,
          async () => context.iam.deactivateAccessKey(await signer(), rotation.old),
        )
      );
      note({ ...rotation, stage: "deactivated" });
    }
    await gone(async () => context.iam.deleteAccessKey(await signer(), rotation.old));
  });
  host.remove(journal);
  tell(`old key ${rotation.old}: deactivated and deleted`);
  return id;
}

/** Makes the new key. Where AWS said no there is none, and so no rotation that was begun. */
async function make({ host, iam, signer, journal, busy }: RotationContext): Promise<NewAccessKey> {
  try {
    return await busy("making a new key", async () => iam.createAccessKey(await signer()));
  } catch (thrown) {
    const error = asEacError(thrown);
    if (!["network", "timeout", "service", "interrupted"].includes(error.code)) {
      host.remove(journal);
    }
    throw error;
  }
}

/**
 * A user has two keys at most. The one that an earlier attempt made, and whose answer was lost, goes;
 * what is in use never.
 */
async function makeRoom(
  rotation: Rotation,
  { iam, signer, force, tell, busy }: RotationContext,
): Promise<void> {
  const credentials = await signer();
  const keys = await busy("looking at the user's keys", () => iam.listAccessKeys(credentials));
  if (!keys.some((key) => key.id === rotation.old)) {
    throw new EacError("config_invalid", `${rotation.old} is no key of the user who signs`, {
      hint: "check the profile's mfa_serial and keys: they have to be of one user",
      profile: rotation.profile,
    });
  }
  for (const key of keys) {
    if (key.id === rotation.old) continue;
    const ours = rotation.asked !== undefined && Math.abs(key.created - rotation.asked) < LOST;
    if (!ours && (key.active || !force)) throw noRoom(key, rotation);
    await iam.deleteAccessKey(credentials, key.id);
    tell(ours ? `key ${key.id} of an earlier attempt: deleted` : `inactive key ${key.id}: deleted`);
  }
}

function noRoom({ id, active }: AccessKeyInfo, { profile }: Rotation): EacError {
  return new EacError(
    "config_invalid",
    `the user has a second access key, ${id}, and IAM allows no third`,
    {
      hint: active
        ? "it is active: if nothing uses it, deactivate it in the IAM console, then try again"
        : "it is inactive: --force deletes it",
      profile,
    },
  );
}

/** Repeats what AWS refuses because it has not heard of the new key yet. */
async function untilKnown<T>({ host }: RotationContext, work: () => Promise<T>): Promise<T> {
  const until = host.now() + SPREADING;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const error = asEacError(thrown);
      if (error.code !== "invalid_credentials" || host.now() >= until) throw error;
      await host.sleep(LOOK_AGAIN);
    }
  }
}

/** What is to go may be gone already. */
async function gone(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isNoSuchEntity(error)) throw error;
  }
}

/** Puts the new key wherever the old one stands in the shared files. */
async function store(rotation: Rotation, { host, config }: RotationContext): Promise<string[]> {
  const { old, made, profile } = rotation;
  const files = new Set<string>();
  for (const keys of config.profiles.values()) {
    const id = keys.get("aws_access_key_id");
    if (id?.value === old || id?.value === made!.id) files.add(id.place.file);
  }
  let found = false;
  for (const file of files) {
    await rewriteFile(host, file, (document: EditableIni) => {
      const holders = document.sections.map(({ header }) => header)
        .filter((header) => document.get(header, "aws_access_key_id") === old);
      for (const header of new Set(holders)) {
        document.setProperties(header, {
          aws_access_key_id: made!.id,
          aws_secret_access_key: made!.secret,
        });
      }
      found ||= document.sections.some(({ header }) =>
        document.get(header, "aws_access_key_id") === made!.id
      );
    });
  }
  if (found) return [...files];
  throw new EacError("config_invalid", `${old} stands in no shared file any more`, {
    hint: "eac keeps the new key in its journal: put the old one back, then try again",
    profile,
  });
}
