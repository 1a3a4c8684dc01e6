/**
 * The error of a profile whose user has to sign in, which a command may answer with an offer to do so.
 *
 * @module
 */

import { EacError } from "../../errors.ts";
import { shellWord } from "../../text/printable.ts";

/** The cause that marks the errors of {@linkcode signInRequired}. */
const SIGN_IN_REQUIRED = Symbol("sign-in required");

/** The error of a profile whose user has to sign in. */
export function signInRequired(profile: string, message: string): EacError {
  return new EacError("input_required", message, {
    hint: `run eac login ${shellWord(profile)}`,
    profile,
    cause: SIGN_IN_REQUIRED,
  });
}

/** True for an error that ends once the user has signed in. */
export function needsSignIn({ cause }: EacError): boolean {
  return cause === SIGN_IN_REQUIRED;
}
