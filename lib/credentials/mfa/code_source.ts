/**
 * The sources of MFA codes: an option, a variable, a command, or the user.
 *
 * @module
 */

import { placeOf, type Profile } from "../../config/profile.ts";
import { EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { type CodeOrigin, codeOrigin } from "../../plan/code_origin.ts";
import type { LiveHost } from "../../terminal/live_output.ts";
import { secondsUntilNext, STEP, type UsedCodesHost, wasUsed } from "./used_codes.ts";

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

/** What a run needs to get codes. */
export interface CodeContext {
  readonly host: UsedCodesHost & LiveHost & Pick<Host, "sleep" | "capture">;
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
      return fromOption(context, origin, value, where);
    case "process":
      return fromProcess(context, profile, value, where);
    case "prompt":
      return fromUser(context, profile);
  }
}

/** Runs that have sent their given code, which works for only one call. */
const sentOption = new WeakSet<CodeContext>();

function fromOption(
  context: CodeContext,
  origin: CodeOrigin,
  value: string,
  where: string,
): CodeSource {
  return {
    origin,
    check() {},
    async code(serial) {
      if (!/^\d{6}$/.test(value)) {
        throw new EacError("usage", `${where} is not an MFA code: a code has six digits`, {
          hint: `${where} must be only the code, such as 123456`,
        });
      }
      if (sentOption.has(context)) {
        throw new EacError("input_required", `a second MFA code is needed, for ${serial}`, {
          hint:
            `${where} provides one code, and each code works only once: run the command again with the next one`,
        });
      }
      // Before the first await: profiles of other devices run concurrently.
      sentOption.add(context);
      if (await wasUsed(context.host, serial, value)) {
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
      const { runLine } = await import("../providers/command_line.ts");
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

function fromUser(context: CodeContext, profile: Profile): CodeSource {
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
        if (!await wasUsed(context.host, serial, code)) return code;
        const seconds = await secondsUntilNext(context.host, serial);
        reason = "that code was already used; each code works only once" +
          (seconds === undefined ? "" : `. The next one comes in ${seconds} s`);
      }
    },
  };
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
