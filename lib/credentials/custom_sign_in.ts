/**
 * Shared sign-ins: one password and one code serve all profiles that name the sign-in as their source, in
 * all processes.
 *
 * @module
 */

import { asEacError } from "../errors.ts";
import type { Host, Lock } from "../host/host.ts";
import type { SignInBase } from "../plan/base.ts";
import type { Secret, SignIn } from "../plan/credentials.ts";
import type { CachePolicy } from "./cache/cached_prefix.ts";
import {
  type CachedSignIn,
  signInKey,
  validSignIn,
  writeSignIn,
} from "./cache/custom_sign_in_cache.ts";

/** What signing in needs of a run. */
export interface SignInContext {
  readonly host: Host;
  readonly policy: CachePolicy;
  /** The sign-ins of this run, by key: its profiles share them, and their failures. */
  readonly signIns: Map<string, Promise<TokenOfRun>>;
  readonly warn: (text: string) => void;
  /** Waits for the lock of a key; `undefined` where locks cannot be used. */
  readonly lock: (key: string) => Promise<Lock | undefined>;
  /** Runs the strategy. */
  readonly run: () => Promise<SignIn>;
}

/** A token, and whether an earlier run signed in for it. */
export interface TokenOfRun {
  readonly token: Secret;
  /** In milliseconds since 1970. */
  readonly expiration: number;
  readonly isCached: boolean;
}

/**
 * The token of the sign-in: cached, from another profile of this run, or new.
 *
 * @param refused a token that is no longer accepted
 */
export async function tokenOf(
  base: SignInBase,
  context: SignInContext,
  refused?: Secret,
): Promise<TokenOfRun> {
  const { signIns } = context;
  const key = await signInKey(base);
  const known = signIns.get(key);
  if (known !== undefined && !isSame((await known).token, refused)) return await known;
  // While this waited, another profile of the run may have signed in again.
  if (signIns.get(key) === known) signIns.set(key, signIn(base, key, context, refused));
  return await signIns.get(key)!;
}

async function signIn(
  { strategy }: SignInBase,
  key: string,
  { host, policy, warn, lock, run }: SignInContext,
  refused: Secret | undefined,
): Promise<TokenOfRun> {
  const cached = (): CachedSignIn | undefined => {
    const entry = validSignIn(host, key, policy);
    return entry !== undefined && !isSame(entry.token, refused) ? entry : undefined;
  };
  const found = cached();
  if (found !== undefined) return { ...found, isCached: true };
  const locked = policy.use ? await lock(key) : undefined;
  try {
    const meanwhile = cached();
    if (meanwhile !== undefined) return { ...meanwhile, isCached: true };
    const { token, expiration } = await run();
    if (policy.use) {
      try {
        writeSignIn(host, key, { token, expiration, receivedAt: host.now(), strategy });
      } catch (error) {
        warn(`the sign-in could not be cached: ${asEacError(error).message}`);
      }
    }
    return { token, expiration, isCached: false };
  } finally {
    locked?.release();
  }
}

function isSame(token: Secret, other: Secret | undefined): boolean {
  return other !== undefined && token.reveal() === other.reveal();
}
