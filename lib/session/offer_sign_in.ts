/**
 * Offers to sign in where a profile needs it, instead of failing.
 *
 * @module
 */

import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, maySignIn, withTerminal } from "../context.ts";
import { needsSignIn } from "../credentials/providers/sign_in_required.ts";
import type { EacError } from "../errors.ts";
import type { Base } from "../plan/base.ts";
import { askYesNo } from "../terminal/ask.ts";
import { printable } from "../text/printable.ts";
import type { SignIn } from "./sign_in.ts";

/** The sessions that this run has asked about, with the answers: profiles may share one. */
export type OfferedSignIns = Map<string, Promise<boolean>>;

/**
 * Signs in if the error asks for that and the user agrees.
 *
 * @returns true if the profile is worth another try
 * @throws {EacError} of a sign-in that failed
 */
export async function offerSignIn(
  context: Context,
  config: SharedConfig,
  base: Base,
  error: EacError,
  offered: OfferedSignIns,
): Promise<boolean> {
  if (!needsSignIn(error) || (base.kind !== "sso" && base.kind !== "login")) return false;
  const session = base.kind === "login" ? base.session : base.session ?? base.startUrl;
  const known = offered.get(session);
  if (known !== undefined) return await known;
  const answer = ask(context, config, base, error);
  offered.set(session, answer);
  return await answer;
}

async function ask(
  context: Context,
  config: SharedConfig,
  to: SignIn,
  { message }: EacError,
): Promise<boolean> {
  if (!maySignIn(context) || !await context.host.inForeground()) return false;
  const agreed = await withTerminal(
    context.host,
    (device) => askYesNo(device, printable(`${message}. Sign in now?`), true),
  );
  if (!agreed) return false;
  const { signIn } = await import("./sign_in.ts");
  await signIn(context, config, to);
  return true;
}
