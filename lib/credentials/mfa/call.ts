/**
 * Calls with an MFA code: each code is claimed before it is sent, and the calls of a device are sequential.
 *
 * @module
 */

import { isMfaRefusal, wasNotSent } from "../../aws/refusal_kind.ts";
import type { StsResult } from "../../aws/sts.ts";
import { asEacError, EacError } from "../../errors.ts";
import type { Credentials } from "../../plan/credentials.ts";
import type { ServiceCall } from "../../plan/services.ts";
import type { AssumeRoleStep, GetSessionTokenStep } from "../../plan/step.ts";
import { sha256 } from "../../text/hash.ts";
import type { ExecutorContext } from "../executor_context.ts";
import { claimCode, noteRejected, releaseCode } from "./used_codes.ts";
import { lockFor } from "../single_flight.ts";
import { callSts } from "../sts_call.ts";

/** How many codes the user may type before eac gives up. */
const TRIES = 3;

/** Makes the STS call of a step, with a code if the step names an MFA device. */
export async function callWithMfa(
  step: AssumeRoleStep | GetSessionTokenStep,
  credentials: Credentials,
  context: ExecutorContext,
): Promise<StsResult> {
  return step.mfaSerial === undefined
    ? await callSts(step, credentials, undefined, context)
    : await withCode(
      step.mfaSerial,
      (code) => callSts(step, credentials, code, context),
      context,
    );
}

/** A call with a code. A device shows one code at a time, so its calls are sequential. */
function withCode(
  serial: string,
  call: (code: string) => Promise<StsResult>,
  context: ExecutorContext,
): Promise<StsResult> {
  const { devices } = context.shared;
  const queued = (devices.get(serial) ?? Promise.resolve()).then(() =>
    tryCodes(serial, call, context)
  );
  devices.set(serial, queued.catch(() => {}));
  return queued;
}

/** A call with a code that the strategy supplies, from a hardware key for example. */
export async function withGivenCode(
  step: ServiceCall,
  credentials: Credentials,
  code: string,
  context: ExecutorContext,
): Promise<StsResult> {
  const { mfaSerial } = step;
  const send = () => callSts(step, credentials, code, context);
  if (mfaSerial === undefined) return send();
  const claimed = await claim(mfaSerial, code, context);
  if (claimed !== "claimed") throw sentCode(claimed);
  return withClaim(mfaSerial, code, send, context);
}

/** The user may type another code after a wrong one; nothing else is retried. */
export async function tryCodes(
  serial: string,
  call: (code: string) => Promise<StsResult>,
  context: ExecutorContext,
): Promise<StsResult> {
  const { codes } = context;
  let again: string | undefined;
  for (let left = TRIES;;) {
    // A command prints the same code to every process: the next one must know that it is used.
    const lock = codes.origin === "process"
      ? await lockFor(await sha256(serial), "uses the same MFA device", context)
      : undefined;
    try {
      const code = await codes.code(serial, again);
      const claimed = await claim(serial, code, context);
      if (claimed !== "claimed") {
        // A command is run again when its code has changed; the user is asked again immediately.
        const asksAgain = codes.origin === "prompt" ||
          (codes.origin === "process" && claimed === "used");
        if (!asksAgain || (claimed === "rejected" && --left === 0)) throw sentCode(claimed);
        again = `that code was already ${claimed}; each code works only once`;
        continue;
      }
      return await withClaim(serial, code, () => call(code), context);
    } catch (error) {
      left--;
      if (codes.origin !== "prompt" || left === 0 || !isMfaRefusal(error)) throw error;
      again = `AWS rejected the code; each code works only once (${left} ${
        left === 1 ? "try" : "tries"
      } left)`;
    } finally {
      lock?.release();
    }
  }
}

/**
 * Makes a call with a claimed code; the claim is released if AWS rejects the code or the call was
 * not sent.
 */
async function withClaim(
  serial: string,
  code: string,
  call: () => Promise<StsResult>,
  { host, warn }: ExecutorContext,
): Promise<StsResult> {
  try {
    return await call();
  } catch (error) {
    const note = isMfaRefusal(error) ? noteRejected : wasNotSent(error) ? releaseCode : undefined;
    await note?.(host, serial, code).catch((thrown: unknown) =>
      warn(`could not record that the code is unused: ${asEacError(thrown).message}`)
    );
    throw error;
  }
}

/**
 * Claims a code, with a second try if the first fails. If nothing can be written, no other run can
 * have claimed it either: the code is used anyway, with a warning.
 *
 * @throws {EacError} `io` if another process claims a code of this device for too long
 */
export async function claim(
  serial: string,
  code: string,
  context: ExecutorContext,
): Promise<"claimed" | "used" | "rejected"> {
  const attempt = () => claimCode(context.host, serial, code);
  const claimed = await attempt().catch(attempt).catch((error: unknown) => {
    context.warn(`could not record that the code is used: ${asEacError(error).message}`);
    return "claimed" as const;
  });
  if (claimed !== "busy") return claimed;
  throw new EacError(
    "io",
    `another eac process is still recording an MFA code of ${serial}; this code was not sent`,
    { hint: "stop the other process, then run the command again with the next code" },
  );
}

function sentCode(how: "used" | "rejected"): EacError {
  return new EacError("mfa_rejected", `this MFA code was already ${how}`, {
    hint: "each code works only once: wait for the next one",
  });
}
