/**
 * The record of used MFA codes: AWS accepts each code once, so each is claimed before it is sent.
 *
 * @module
 */

import { eacHome, join, locksFolder } from "../../config/locations.ts";
import { writeAtomically, type WriteHost } from "../../config/own_files.ts";
import type { Host, Lock } from "../../host/host.ts";
import { sha256 } from "../../text/hash.ts";

/** The parts of the Host that the record needs. */
export type UsedCodesHost = WriteHost & Pick<Host, "env" | "readFile" | "makeFolder">;

/** The time step of RFC 6238 that virtual MFA devices use, in milliseconds. */
export const STEP = 30_000;

/** The last code of a device that was sent. */
interface UsedCode {
  /** The time step in which AWS accepted the code. */
  readonly step: number;
  readonly code: string;
  /** True if AWS rejected it. */
  readonly rejected?: true | undefined;
}

/** How long to wait for another process that claims a code, in milliseconds: it only writes a file. */
const CLAIM_WAIT = 5000;

/**
 * Claims a code before it is sent. Its hash is recorded, and from then on it counts as used, since
 * after a lost response it is unknown whether AWS accepted it. Of two processes with the same code,
 * one claims it.
 *
 * @returns "used" or "rejected" if an earlier run sent this code, or may have; "busy" if another process
 * claims a code of this device for too long
 * @throws {EacError} `io` if it cannot be recorded
 */
export async function claimCode(
  host: UsedCodesHost & Pick<Host, "lock" | "deadline">,
  serial: string,
  code: string,
): Promise<"claimed" | "used" | "rejected" | "busy"> {
  const locks = locksFolder(host);
  const name = `${(await sha256(`code of ${serial}`)).slice(0, 32)}.lock`;
  let lock: Lock | undefined;
  try {
    host.makeFolder(locks, 0o700);
    lock = await host.lock(join(host.os, locks, name), host.deadline(CLAIM_WAIT));
    if (lock === undefined) return "busy";
  } catch {
    // A file system without locks: the record must be enough.
  }
  try {
    const sent = await sentBefore(host, serial, code);
    if (sent !== undefined) return sent.rejected ? "rejected" : "used";
    await recordUsed(host, serial, code);
    // If the lock's file was removed meanwhile, another process may be claiming the same code.
    return lock === undefined || lock.isHeld() ? "claimed" : "used";
  } finally {
    lock?.release();
  }
}

/** Releases the claim on a code that was not sent. */
export async function releaseCode(
  host: UsedCodesHost,
  serial: string,
  code: string,
): Promise<void> {
  const used = await readUsed(host, serial);
  if (used?.code === await codeHash(serial, code)) host.remove(await usedFile(host, serial));
}

/** Records that AWS rejected a code: it is not used up, but need not be sent again. */
export async function noteRejected(
  host: UsedCodesHost,
  serial: string,
  code: string,
): Promise<void> {
  await recordUsed(host, serial, code, true);
}

/** Records the hash of a used code: AWS accepts each code once. */
export async function recordUsed(
  host: UsedCodesHost,
  serial: string,
  code: string,
  rejected?: true,
): Promise<void> {
  const step = Math.floor(host.now() / STEP);
  const used: UsedCode = { step, code: await codeHash(serial, code), rejected };
  const file = await usedFile(host, serial);
  host.makeFolder(join(host.os, eacHome(host.env, host.os), "mfa"), 0o700);
  writeAtomically(host, file, new TextEncoder().encode(JSON.stringify(used) + "\n"));
}

/**
 * The record of this code, if it was the last one sent. Its age does not matter: clocks jump, and a
 * device repeats a code only once in a million.
 */
async function sentBefore(
  host: UsedCodesHost,
  serial: string,
  code: string,
): Promise<UsedCode | undefined> {
  const used = await readUsed(host, serial);
  return used?.code === await codeHash(serial, code) ? used : undefined;
}

/** Whether AWS accepted this code recently. */
export async function wasUsed(
  host: UsedCodesHost,
  serial: string,
  code: string,
): Promise<boolean> {
  const sent = await sentBefore(host, serial, code);
  return sent !== undefined && !sent.rejected;
}

/** Seconds until the device shows another code than the last used one; `undefined` if it already does. */
export async function secondsUntilNext(
  host: UsedCodesHost,
  serial: string,
): Promise<number | undefined> {
  const used = await readUsed(host, serial);
  const now = host.now();
  if (used === undefined || used.rejected || used.step !== Math.floor(now / STEP)) {
    return undefined;
  }
  return Math.ceil((STEP - now % STEP) / 1000);
}

async function readUsed(host: UsedCodesHost, serial: string): Promise<UsedCode | undefined> {
  try {
    const bytes = host.readFile(await usedFile(host, serial));
    if (bytes === undefined) return undefined;
    const { step, code, rejected } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<
      UsedCode
    >;
    if (typeof step !== "number" || typeof code !== "string") return undefined;
    return { step, code, rejected: rejected === true ? true : undefined };
  } catch {
    return undefined;
  }
}

async function usedFile(host: Pick<Host, "env" | "os">, serial: string): Promise<string> {
  const name = `${(await sha256(serial)).slice(0, 32)}.json`;
  return join(host.os, eacHome(host.env, host.os), "mfa", name);
}

function codeHash(serial: string, code: string): Promise<string> {
  return sha256(`${serial}\n${code}`);
}
