/**
 * Replaces a user's long-lived access key. The new key is created, tested and stored before the old
 * one is deactivated and deleted. Each stage is recorded in the journal, so a rotation that fails
 * can be resumed.
 *
 * Before each call that deactivates or deletes the old key, the shared files are read again and the
 * new key is tested: another program may have restored the old files since they were written.
 *
 * @module
 */

import { readSharedConfig, type SharedConfig } from "../../config/shared_config.ts";
import type { Credentials } from "../../plan/credentials.ts";
import { Secret } from "../../plan/credentials.ts";
import type { AccessKeyInfo, Iam, NewAccessKey } from "../../aws/iam.ts";
import { isNoSuchEntity } from "../../aws/refusal_kind.ts";
import { type NewKey, removeJournal, type Rotation, writeJournal } from "./journal.ts";
import { checkReplaceable, isStored, storeKey } from "./shared_keys.ts";
import type { Sts } from "../../aws/sts.ts";
import { asEacError, EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

/** What a rotation needs. */
export interface RotationContext {
  readonly host: Host;
  readonly config: SharedConfig;
  /** The path of the journal. */
  readonly journal: string;
  readonly iam: Iam;
  readonly sts: Pick<Sts, "getCallerIdentity">;
  /** The credentials for IAM calls: an MFA session if the profile has a serial, else the keys. */
  readonly signer: () => Promise<Credentials>;
  /** Whether `signer` returns a session, which outlives the old key and signs every call. */
  readonly hasSession: boolean;
  readonly force: boolean;
  /** Asks the user a yes-or-no question; `undefined` when prompts are disabled. */
  readonly confirm: (question: string) => Promise<boolean | undefined>;
  /** Reports a completed stage. */
  readonly report: (text: string) => void;
  /** Runs work that may take a while and shows progress. */
  readonly withProgress: <T>(text: string, work: () => Promise<T>) => Promise<T>;
}

/** How long to retry with a new key, in milliseconds: IAM propagates it within seconds. */
const PROPAGATION_TIMEOUT = 60_000;

/** Milliseconds between two attempts with a new key. */
const RETRY_INTERVAL = 2000;

/** How often the shared files are restored to the new key before giving up. */
const STORE_ATTEMPTS = 5;

/** A rotation that has not started. */
export function newRotation(profile: string, oldId: string): Rotation {
  return { stage: "begun", profile, oldId };
}

/** A rotation with a new key. */
type Created = Rotation & { readonly newKey: NewKey };

/**
 * Runs a rotation from its current stage to the end; resolves to the ID of the new key.
 *
 * @throws {EacError} if a stage fails; the journal then records the complete stages
 */
export async function rotate(rotation: Rotation, context: RotationContext): Promise<string> {
  let current = await ensureCreated(rotation, context);
  const { host, journal, report } = context;
  const record = (stage: Rotation["stage"]) => {
    current = { ...current, stage };
    writeJournal(host, journal, current);
  };
  const { id, secret } = current.newKey;
  const newCredentials: Credentials = { accessKeyId: id, secretAccessKey: new Secret(secret) };

  if (current.stage === "created") {
    await context.withProgress(
      "waiting until AWS accepts the new key",
      () => untilPropagated(context, () => context.sts.getCallerIdentity(newCredentials)),
    );
    const files = await storeKey(host, context.config, current, journal);
    record("stored");
    report(`new key ${id}: works, stored in ${files.join(" and ")}`);
  }
  // The old key must not sign the calls that remove it. An MFA session outlives its key.
  const signer = context.hasSession ? context.signer : () => Promise.resolve(newCredentials);
  await context.withProgress("removing the old key", async () => {
    if (current.stage === "stored") {
      await ensureNewKeyWorks(current, newCredentials, context);
      await ignoreMissing(() =>
        untilPropagated(
          context,
          async () => context.iam.deactivateAccessKey(await signer(), current.oldId),
        )
      );
      record("deactivated");
    }
    await ensureNewKeyWorks(current, newCredentials, context);
    await ignoreMissing(async () => context.iam.deleteAccessKey(await signer(), current.oldId));
    await ensureStored(current, context);
  });
  removeJournal(host, journal);
  report(`old key ${current.oldId}: deactivated and deleted`);
  return id;
}

/** Creates the new key unless the journal already holds it. */
async function ensureCreated(rotation: Rotation, context: RotationContext): Promise<Created> {
  if (rotation.newKey !== undefined) return rotation as Created;
  const { host, config, journal } = context;
  await checkReplaceable(host, config, rotation.oldId);
  await freeKeySlot(rotation, context);
  writeJournal(host, journal, { ...rotation, requestedAt: host.now() });
  const { id, secret } = await createKey(context);
  const created: Created = {
    ...rotation,
    stage: "created",
    newKey: { id, secret: secret.reveal() },
  };
  writeJournal(host, journal, created);
  context.report(`new key ${id}: created`);
  return created;
}

/** Creates the new key. If AWS refused, there is no new key and so nothing to resume. */
async function createKey(context: RotationContext): Promise<NewAccessKey> {
  const { host, iam, signer, journal, withProgress } = context;
  try {
    return await withProgress(
      "creating a new key",
      async () => iam.createAccessKey(await signer()),
    );
  } catch (thrown) {
    const error = asEacError(thrown);
    if (!["network", "timeout", "service", "interrupted"].includes(error.code)) {
      removeJournal(host, journal);
    }
    throw error;
  }
}

/** A user can have two access keys: deletes the second one if that is safe. */
async function freeKeySlot(rotation: Rotation, context: RotationContext): Promise<void> {
  const { iam, signer, withProgress, report } = context;
  const credentials = await signer();
  const keys = await withProgress(
    "listing the user's access keys",
    () => iam.listAccessKeys(credentials),
  );
  if (!keys.some((key) => key.id === rotation.oldId)) {
    throw new EacError(
      "config_invalid",
      `${rotation.oldId} is not an access key of the user who signs`,
      {
        hint: "check the profile's mfa_serial and keys: they must belong to the same user",
        profile: rotation.profile,
      },
    );
  }
  for (const key of keys) {
    if (key.id === rotation.oldId) continue;
    await checkDeletable(key, rotation, credentials, context);
    await iam.deleteAccessKey(credentials, key.id);
    report(`${key.active ? "unused" : "inactive"} key ${key.id}: deleted`);
  }
}

/**
 * Throws unless the user's second key may be deleted: an inactive one with `--force`, or one that was
 * never used and may be from an earlier attempt whose response was lost, if the user agrees.
 */
async function checkDeletable(
  key: AccessKeyInfo,
  rotation: Rotation,
  credentials: Credentials,
  { iam, force, confirm }: RotationContext,
): Promise<void> {
  if (!key.active && force) return;
  if (!key.active || rotation.requestedAt === undefined) throw noKeySlot(key, rotation);
  // IAM returns a secret once. If an earlier attempt created this key, its secret is lost and it
  // was never used; a key that was used is in use elsewhere.
  if (await iam.wasAccessKeyUsed(credentials, key.id)) throw noKeySlot(key, rotation);
  const question = `Delete the unused access key ${key.id}? An earlier rotation of ` +
    `"${rotation.profile}" requested a key and got no response`;
  if (force || await confirm(question)) return;
  throw new EacError(
    "config_invalid",
    `the user has a second access key, ${key.id}, which was never used and may be from an earlier ` +
      "attempt; IAM does not allow a third",
    {
      hint: "if nothing needs it, delete it with --force: " +
        `eac rotate ${rotation.profile} --force`,
      profile: rotation.profile,
    },
  );
}

function noKeySlot({ id, active }: AccessKeyInfo, { profile }: Rotation): EacError {
  return new EacError(
    "config_invalid",
    `the user has a second access key, ${id}, and IAM does not allow a third`,
    {
      hint: active
        ? "it is active: if nothing uses it, deactivate it in the IAM console, then try again"
        : "it is inactive: --force deletes it",
      profile,
    },
  );
}

/** Throws unless the shared files contain the new key and AWS accepts it. */
async function ensureNewKeyWorks(
  rotation: Created,
  newCredentials: Credentials,
  context: RotationContext,
): Promise<void> {
  await ensureStored(rotation, context);
  await untilPropagated(context, () => context.sts.getCallerIdentity(newCredentials));
  // The call takes time in which another program may write the files.
  await ensureStored(rotation, context);
}

/** Stores the new key again if the shared files no longer contain it. */
export async function ensureStored(
  rotation: Created,
  { host, config, journal, report }: Pick<
    RotationContext,
    "host" | "config" | "journal" | "report"
  >,
): Promise<void> {
  for (let attempt = 1; attempt <= STORE_ATTEMPTS; attempt++) {
    if (isStored(readSharedConfig(host), rotation)) return;
    const files = await storeKey(host, config, rotation, journal);
    report(`new key ${rotation.newKey.id}: stored again in ${files.join(" and ")}`);
  }
  throw new EacError("io", `another program keeps restoring the old key ${rotation.oldId}`, {
    hint: `stop that program, then run eac rotate ${rotation.profile} again; ` +
      `the new key is in ${journal}`,
    profile: rotation.profile,
  });
}

/** Retries while AWS rejects the new key because it has not propagated yet. */
async function untilPropagated<T>({ host }: RotationContext, work: () => Promise<T>): Promise<T> {
  const until = host.now() + PROPAGATION_TIMEOUT;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const error = asEacError(thrown);
      if (error.code !== "invalid_credentials" || host.now() >= until) throw error;
      await host.sleep(RETRY_INTERVAL);
    }
  }
}

/** Treats a key that is already gone as removed. */
async function ignoreMissing(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isNoSuchEntity(error)) throw error;
  }
}
