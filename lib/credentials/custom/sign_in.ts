/**
 * Sign-ins of custom strategies: one password and one code serve all profiles that name the sign-in as
 * their source, in all processes.
 *
 * @module
 */

import type { StsResult } from "../../aws/sts.ts";
import { asEacError } from "../../errors.ts";
import type { SignInBase } from "../../plan/base.ts";
import type { Secret } from "../../plan/credentials.ts";
import type { CustomStep } from "../../plan/step.ts";
import { signInKey, validSignIn, writeSignIn } from "../cache/custom_sign_in_cache.ts";
import type { ExecutorContext, SignInToken } from "../executor_context.ts";
import { cachedOrOnce, tryToCache } from "../single_flight.ts";
import { runCustomStep, withCalls } from "./calls.ts";

/**
 * Runs a strategy with the token of its sign-in. A cached token may have been revoked: when the strategy
 * reports that it has expired, the user signs in again, once.
 */
export async function runWithSignIn(
  base: SignInBase,
  step: CustomStep,
  context: ExecutorContext,
): Promise<StsResult> {
  const first = await getSignInToken(base, context);
  try {
    return await runCustomStep(step, { token: first.token }, context);
  } catch (error) {
    if (!first.isCached || asEacError(error).code !== "expired") throw error;
    const { token } = await getSignInToken(base, context, first.token);
    return runCustomStep(step, { token }, context);
  }
}

/**
 * The token of a sign-in: cached, from another profile of this run, or new from the strategy.
 *
 * @param refused a token that is no longer accepted
 */
export async function getSignInToken(
  base: SignInBase,
  context: ExecutorContext,
  refused?: Secret,
): Promise<SignInToken> {
  const { signIns } = context.shared;
  const key = await signInKey(base);
  const known = signIns.get(key);
  if (known !== undefined && !isSame((await known).token, refused)) return known;
  // While this waited, another profile of the run may have signed in again.
  if (signIns.get(key) === known) signIns.set(key, cachedOrNew(base, key, context, refused));
  return signIns.get(key)!;
}

function cachedOrNew(
  base: SignInBase,
  key: string,
  context: ExecutorContext,
  refused: Secret | undefined,
): Promise<SignInToken> {
  const { host, policy } = context;
  return cachedOrOnce<SignInToken>(key, "signs in", context, {
    cached() {
      const entry = validSignIn(host, key, policy);
      return entry !== undefined && !isSame(entry.token, refused)
        ? { ...entry, isCached: true }
        : undefined;
    },
    async work() {
      const { strategy, summary, keys } = base;
      const step = { call: "Custom", strategy, summary, keys, cacheKey: "" } as const;
      const signInContext = { ...context, codes: context.signInCodes ?? context.codes };
      const { token, expiration } = await withCalls(
        signInContext,
        (calls) => context.signIn(step, calls),
      );
      const entry = { token, expiration, receivedAt: host.now(), strategy };
      await tryToCache("the sign-in", context, () => writeSignIn(host, key, entry));
      return { token, expiration, isCached: false };
    },
  });
}

function isSame(token: Secret, other: Secret | undefined): boolean {
  return other !== undefined && token.reveal() === other.reveal();
}
