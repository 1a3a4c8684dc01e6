/**
 * Asks for an MFA code on the terminal, or in a desktop dialog.
 *
 * @module
 */

import { findProgram } from "../config/find_program.ts";
import type { Profile } from "../config/profile.ts";
import { type Context, promptsDisabled, whyNoTerminal, withTerminal } from "../context.ts";
import { EacError } from "../errors.ts";
import { printable } from "../text/printable.ts";
import { promptMode } from "../plan/code_origin.ts";
import { askCodeInDialog, type DialogHost, whyNoDialog } from "../terminal/dialog.ts";
import { askMfaCode } from "../terminal/mfa_prompt.ts";

/** Where to ask, or why it is not possible, as the end of a sentence. */
type Place = { readonly ask: "terminal" | "dialog" } | { readonly why: string };

/**
 * Why the user cannot be asked for a code of this profile; `undefined` if they can.
 *
 * @throws {EacError} `config_invalid` for an unknown `mfa_prompt`
 */
export function whyNoCodePrompt(context: Context, profile: Profile): string | undefined {
  const place = placeFor(context, profile);
  return "why" in place ? place.why : undefined;
}

/**
 * Asks for a code in the place that `mfa_prompt` sets.
 *
 * @param again why the user is asked again
 * @throws {EacError} `interrupted` if the user cancels, `input_required` if they cannot be asked
 */
export async function askCode(
  context: Context,
  profile: Profile,
  serial: string,
  again: string | undefined,
): Promise<string> {
  const place = placeFor(context, profile);
  if ("why" in place) throw new EacError("input_required", place.why);
  if (place.ask === "dialog") {
    const question = { profile: profile.name, serial, again };
    return askCodeInDialog(dialogHost(context), question);
  }
  const code = await withTerminal(context.host, (device) => {
    if (again !== undefined) device.write(`${printable(again)}\n`);
    return askMfaCode(device, serial);
  });
  if (code === undefined) throw new EacError("input_required", "the terminal was closed");
  return code;
}

function placeFor(context: Context, profile: Profile): Place {
  const disabled = promptsDisabled(context);
  if (disabled !== undefined) return { why: disabled };
  const mode = promptMode(profile, context.host.env, context.options.mfaPrompt);
  const terminal = (): Place => {
    const why = whyNoTerminal(context.host);
    return why === undefined ? { ask: "terminal" } : { why };
  };
  const dialog = (): Place => {
    const why = whyNoDialog(dialogHost(context));
    return why === undefined ? { ask: "dialog" } : { why };
  };
  switch (mode) {
    case "none":
      return { why: "prompts are disabled (mfa_prompt = none)" };
    case "terminal":
      return terminal();
    case "dialog":
      return dialog();
    case "auto": {
      const first = terminal();
      if ("ask" in first) return first;
      const second = dialog();
      return "ask" in second ? second : first;
    }
  }
}

function dialogHost({ host }: Context): DialogHost {
  return { ...host, findProgram: (name) => findProgram(host, name) };
}
