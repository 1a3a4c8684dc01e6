/**
 * MFA codes: their sources, and the record that each is used only once.
 *
 * @module
 */

import { eacHome, join, locksFolder } from "../config/locations.ts";
import { placeOf, type Profile } from "../config/profile.ts";
import { EacError } from "../errors.ts";
import { writeAtomically, type WriteHost } from "../config/own_files.ts";
import type { Host, Lock } from "../host/host.ts";
import { type CodeOrigin, codeOrigin } from "../plan/code_origin.ts";
import type { LiveHost } from "../terminal/live_output.ts";
import { sha256 } from "../text/hash.ts";

/** A source of codes for one run. */
export interface CodeSource {
  readonly origin: CodeOrigin;
  /**
   * Checks in advance whether a code is available.
   *
   * @throws {EacError} `input_required` if a prompt is needed and prompts are disabled
   */
  check(serial: string): void;
  /**
   * The next code of the device. `again` is the reason why the last one was not accepted.
   *
   * @throws {EacError} `input_required`, `process_failed` or `interrupted`
   */
  code(serial: string, again?: string): Promise<string>;
}

/** The time step of RFC 6238 that virtual MFA devices use, in milliseconds. */
const STEP = 30_000;

/** What a run needs to get codes. */
export interface CodeContext {
  readonly host:
    & WriteHost
    & LiveHost
    & Pick<Host, "env" | "sleep" | "readFile" | "makeFolder" | "capture">;
  /** `--mfa-token`. */
  readonly flag?: string | undefined;
  /** Why the user cannot be asked; `undefined` if they can. */
  readonly whyNoPrompt: (profile: Profile) => string | undefined;
  /** Asks the user. */
  readonly ask: (profile: Profile, serial: string, again?: string) => Promise<string>;
  /** Shows the user a message while they wait. */
  readonly show: (text: string) => void;
  /** Waits for this many milliseconds, and shows the user why. */
  readonly wait: (milliseconds: number, text: (seconds: number) => string) => Promise<void>;
}

/** The source of codes for the profile. */
export function codeSource(
  profile: Profile,
  context: CodeContext,
  mfaSerial?: string,
): CodeSource {
  const { origin, value, where } = codeOrigin(profile, context.host.env, context.flag, mfaSerial);
  switch (origin) {
    case "flag":
    case "environment":
      return given(context, origin, value, where);
    case "process":
      return fromProcess(context, profile, value, where);
    case "prompt":
      return prompted(context, profile);
  }
}

/** Runs that have sent their given code, which works for only one call. */
const givenAway = new WeakSet<CodeContext>();

function given(context: CodeContext, origin: CodeOrigin, value: string, where: string): CodeSource {
  return {
    origin,
    check() {},
    async code(serial) {
      if (!/^\d{6}$/.test(value)) {
        throw new EacError("usage", `${where} is not an MFA code: a code has six digits`, {
          hint: `${where} must be only the code, such as 123456`,
        });
      }
      if (givenAway.has(context)) {
        throw new EacError("input_required", `a second MFA code is needed, for ${serial}`, {
          hint:
            `${where} provides one code, and each code works only once: run the command again with the next one`,
        });
      }
      // Before the first await: profiles of other devices run concurrently.
      givenAway.add(context);
      if (await wasSpent(context.host, serial, value)) {
        throw new EacError("mfa_rejected", `the code in ${where} was already used`, {
          hint: "each code works only once: wait for the next one",
        });
      }
      return value;
    },
  };
}

function fromProcess(
  context: CodeContext,
  profile: Profile,
  text: string,
  where: string,
): CodeSource {
  return {
    origin: "process",
    check() {},
    async code(serial) {
      await waitForNextStep(context, serial);
      const { runLine } = await import("./providers/command_line.ts");
      const line = { what: `${where} for profile "${profile.name}"`, text, profile: profile.name };
      const stdout = await runLine(context.host, line, { limit: 64 * 1024 });
      const code = new TextDecoder().decode(stdout).replace(/\s+/g, "");
      if (/^\d{6}$/.test(code)) return code;
      throw new EacError(
        "process_failed",
        `${where} did not print an MFA code (six digits)`,
        {
          ...placeOf(profile, "mfa_process"),
          hint: "it must print only the code on stdout",
          profile: profile.name,
        },
      );
    },
  };
}

function prompted(context: CodeContext, profile: Profile): CodeSource {
  const check = (serial: string) => {
    const why = context.whyNoPrompt(profile);
    if (why === undefined) return;
    throw new EacError("input_required", `an MFA code for ${serial} is needed, but ${why}`, {
      hint: "pass --mfa-token or set EAC_MFA_TOKEN, or set mfa_process or EAC_MFA_PROCESS to a " +
        "command that prints the code",
    });
  };
  return {
    origin: "prompt",
    check,
    async code(serial, again) {
      check(serial);
      const left = await secondsUntilNext(context.host, serial);
      if (left !== undefined && again === undefined) {
        context.show(`the current code was already used; the next one comes in ${left} s`);
      }
      for (let reason = again;;) {
        const code = await context.ask(profile, serial, reason);
        if (!await wasSpent(context.host, serial, code)) return code;
        const seconds = await secondsUntilNext(context.host, serial);
        reason = "that code was already used; each code works only once" +
          (seconds === undefined ? "" : `. The next one comes in ${seconds} s`);
      }
    },
  };
}

interface Spent {
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
  host: CodeContext["host"] & Pick<Host, "lock" | "deadline">,
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
    await rememberSpent(host, serial, code);
    // If the lock's file was removed meanwhile, another process may be claiming the same code.
    return lock === undefined || lock.isHeld() ? "claimed" : "used";
  } finally {
    lock?.release();
  }
}

/** Releases the claim on a code that was not sent. */
export async function releaseCode(
  host: CodeContext["host"],
  serial: string,
  code: string,
): Promise<void> {
  const spent = await readSpent(host, serial);
  if (spent?.code === await codeHash(serial, code)) host.remove(await spentFile(host, serial));
}

/** Records that AWS rejected a code: it is not used up, but need not be sent again. */
export async function noteRejected(
  host: CodeContext["host"],
  serial: string,
  code: string,
): Promise<void> {
  await rememberSpent(host, serial, code, true);
}

/** Records the hash of a used code: AWS accepts each code once. */
export async function rememberSpent(
  host: CodeContext["host"],
  serial: string,
  code: string,
  rejected?: true,
): Promise<void> {
  const step = Math.floor(host.now() / STEP);
  const spent: Spent = { step, code: await codeHash(serial, code), rejected };
  const file = await spentFile(host, serial);
  host.makeFolder(join(host.os, eacHome(host.env, host.os), "mfa"), 0o700);
  writeAtomically(host, file, new TextEncoder().encode(JSON.stringify(spent) + "\n"));
}

/**
 * The record of this code, if it was the last one sent. Its age does not matter: clocks jump, and a
 * device repeats a code only once in a million.
 */
async function sentBefore(
  host: CodeContext["host"],
  serial: string,
  code: string,
): Promise<Spent | undefined> {
  const spent = await readSpent(host, serial);
  return spent?.code === await codeHash(serial, code) ? spent : undefined;
}

/** Whether AWS accepted this code recently. */
async function wasSpent(
  host: CodeContext["host"],
  serial: string,
  code: string,
): Promise<boolean> {
  const sent = await sentBefore(host, serial, code);
  return sent !== undefined && !sent.rejected;
}

async function secondsUntilNext(
  host: CodeContext["host"],
  serial: string,
): Promise<number | undefined> {
  const spent = await readSpent(host, serial);
  const now = host.now();
  if (spent === undefined || spent.rejected || spent.step !== Math.floor(now / STEP)) {
    return undefined;
  }
  return Math.ceil((STEP - now % STEP) / 1000);
}

/** Waits until a command cannot print the same code again. */
async function waitForNextStep(context: CodeContext, serial: string): Promise<void> {
  for (;;) {
    const seconds = await secondsUntilNext(context.host, serial);
    if (seconds === undefined) return;
    await context.wait(
      STEP - context.host.now() % STEP,
      (left) => `the current code of ${serial} was used; waiting ${left} s for the next one`,
    );
  }
}

async function readSpent(host: CodeContext["host"], serial: string): Promise<Spent | undefined> {
  try {
    const bytes = host.readFile(await spentFile(host, serial));
    if (bytes === undefined) return undefined;
    const { step, code, rejected } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Spent>;
    if (typeof step !== "number" || typeof code !== "string") return undefined;
    return { step, code, rejected: rejected === true ? true : undefined };
  } catch {
    return undefined;
  }
}

async function spentFile(host: Pick<Host, "env" | "os">, serial: string): Promise<string> {
  const name = `${(await sha256(serial)).slice(0, 32)}.json`;
  return join(host.os, eacHome(host.env, host.os), "mfa", name);
}

function codeHash(serial: string, code: string): Promise<string> {
  return sha256(`${serial}\n${code}`);
}
