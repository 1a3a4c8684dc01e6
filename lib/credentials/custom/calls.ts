/**
 * Runs custom strategies, and makes the STS calls that they ask for.
 *
 * @module
 */

import type { StsResult } from "../../aws/sts.ts";
import { EacError } from "../../errors.ts";
import type { CustomStep } from "../../plan/step.ts";
import type { ExecutorContext, Source, StrategyCalls } from "../executor_context.ts";
import { callWithMfa, claim, tryCodes, withGivenCode } from "../mfa/call.ts";
import { callSts, federate } from "../sts_call.ts";

/** Runs the code of a custom strategy for a step. */
export async function runCustomStep(
  step: CustomStep,
  source: Source,
  context: ExecutorContext,
): Promise<StsResult> {
  const credentials = await withCalls(context, (calls) => context.custom(step, source, calls));
  const { expiration } = credentials;
  if (expiration !== undefined) return { credentials: { ...credentials, expiration } };
  throw new EacError("internal", `strategy "${step.strategy}" returned no expiration`);
}

/** Runs a custom strategy, which may call STS and take codes through eac. */
export async function withCalls<T>(
  context: ExecutorContext,
  run: (calls: StrategyCalls) => Promise<T>,
): Promise<T> {
  const { devices } = context.shared;
  const givenCodes = new Map<string, string>();
  const done = Promise.withResolvers<void>();
  try {
    const result = await run({
      async call(wanted, by, given) {
        const serial = wanted.mfaSerial;
        const sent = given !== undefined
          ? withGivenCode(wanted, by, given, context)
          : serial !== undefined && givenCodes.has(serial) // this strategy already holds the device's queue
          ? tryCodes(serial, (code) => callSts(wanted, by, code, context), context)
          : callWithMfa(wanted, by, context);
        return (await sent).credentials;
      },
      async federate(wanted) {
        return (await federate(wanted, context)).credentials;
      },
      async code(serial) {
        if (!givenCodes.has(serial)) {
          const before = devices.get(serial);
          devices.set(serial, Promise.all([before, done.promise]));
          await before;
        }
        const code = await context.codes.code(serial);
        givenCodes.set(serial, code);
        return code;
      },
    });
    // Only the strategy knows whether it sent them; with a result it did.
    for (const [serial, code] of givenCodes) await claim(serial, code, context);
    return result;
  } finally {
    done.resolve();
  }
}
