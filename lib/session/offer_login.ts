/**
 * Offers to sign in where a profile needs it, instead of failing.
 *
 * @module
 */

import { createMutex, type Mutex } from "../async/mutex.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, maySignIn, withTerminal } from "../context.ts";
import { needsSignIn } from "../credentials/providers/sign_in_required.ts";
import { asEacError, type EacError } from "../errors.ts";
import type { Base } from "../plan/base.ts";
import { askYesNo } from "../terminal/ask.ts";
import { printable } from "../text/printable.ts";
import type { LoginTarget } from "./login.ts";

/** The questions of one run. */
export interface LoginOffers {
  /** Only one prompt at a time is on the terminal. */
  readonly questions: Mutex;
  /** The answers, by session: profiles may share one. */
  readonly answers: Map<string, Promise<boolean>>;
}

/** The start of a run: no question has been asked. */
export function newLoginOffers(questions: Mutex = createMutex()): LoginOffers {
  return { questions, answers: new Map() };
}

/**
 * Does the work. If it needs a sign-in, and the user agrees to one, signs in and does it again.
 *
 * @throws {EacError} of the work, or of a sign-in that failed
 */
export async function withLoginOffer<T>(
  context: Context,
  config: SharedConfig,
  base: Base,
  work: () => Promise<T>,
  { questions, answers }: LoginOffers = newLoginOffers(),
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = asEacError(thrown);
    if (!needsSignIn(error) || (base.kind !== "sso" && base.kind !== "login")) throw error;
    const session = base.kind === "login" ? base.session : base.session ?? base.startUrl;
    const answer = answers.get(session) ??
      questions(() => offerLogin(context, config, base, error));
    answers.set(session, answer);
    if (!await answer) throw error;
  }
  return work();
}

/** True once the user has signed in; false if they cannot now, or do not want to. */
async function offerLogin(
  context: Context,
  config: SharedConfig,
  to: LoginTarget,
  { message }: EacError,
): Promise<boolean> {
  if (!maySignIn(context) || !await context.host.inForeground()) return false;
  const sentence = message[0]!.toUpperCase() + message.slice(1);
  const agreed = await withTerminal(
    context.host,
    (device) => askYesNo(device, printable(`${sentence}. Sign in now?`), true),
  );
  if (!agreed) return false;
  const { login } = await import("./login.ts");
  await login(context, config, to);
  return true;
}
