/**
 * Errors: what is wrong, where, what to do about it, and the exit code.
 *
 * @module
 */

/** The process's exit code for each `error.code`; scripts rely on both. */
export const EXIT_CODES = {
  internal: 1,
  usage: 2,
  profile_not_found: 3,
  no_strategy: 3,
  config_invalid: 3,
  cycle: 3,
  missing_credentials: 3,
  destination_protected: 3,
  wrong_account: 3,
  input_required: 4,
  access_denied: 5,
  mfa_rejected: 5,
  invalid_credentials: 5,
  expired: 5,
  invalid_parameter: 5,
  clock_skew: 5,
  network: 6,
  timeout: 6,
  throttled: 6,
  service: 6,
  io: 7,
  strategy_failed: 8,
  process_failed: 8,
  exec_failed: 126,
  interrupted: 130,
} as const;

/** What each exit code means. */
export const EXIT_MEANINGS = {
  0: "Success",
  1: "A defect in eac",
  2: "Wrong usage",
  3: "The configuration cannot work",
  4: "Input is needed and prompts are disabled, or there is no terminal",
  5: "AWS refused",
  6: "AWS could not be reached",
  7: "A file could not be read or written",
  8: "A strategy, an `mfa_process` or a `credential_process` failed",
  126: "`exec`: the command could not be started; 127 if it was not found",
  130: "Interrupted: Ctrl-C, also at a prompt; 143, 129 and 131 for TERM, HUP and QUIT",
} as const satisfies Record<number, string>;

/** What went wrong, as scripts see it. */
export type ErrorCode = keyof typeof EXIT_CODES;

/** The place of an error in a file; `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number | undefined;
}

/** Details of an {@linkcode EacError}. */
export interface ErrorDetails {
  /** What the user can do about it, in one sentence. */
  readonly hint?: string | undefined;
  readonly place?: Place | undefined;
  readonly profile?: string | undefined;
  /** Overrides the exit code of the error code (only `exec`: 127 for not found). */
  readonly exitCode?: number | undefined;
  readonly cause?: unknown | undefined;
}

/** Every expected failure. Anything else that is thrown is a defect (`internal`). */
export class EacError extends Error {
  override readonly name = "EacError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: Place | undefined;
  readonly profile: string | undefined;
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.place = details.place;
    this.profile = details.profile;
    this.exitCode = details.exitCode ?? EXIT_CODES[code];
  }

  /** The same error, with the profile it concerns. */
  of(profile: string): EacError {
    return this.profile === undefined ? this.#with(this.message, profile) : this;
  }

  /** The same error with another message. */
  saying(message: string): EacError {
    return this.#with(message, this.profile);
  }

  #with(message: string, profile: string | undefined): EacError {
    const { hint, place, exitCode, cause } = this;
    return new EacError(this.code, message, {
      exitCode,
      cause,
      profile,
      hint,
      place,
    });
  }
}

/** Any thrown value as an {@linkcode EacError}; an unexpected one becomes `internal`. */
export function asEacError(thrown: unknown): EacError {
  if (thrown instanceof EacError) return thrown;
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new EacError("internal", `unexpected failure: ${what}`, {
    hint: "this is a bug in eac: please report it with the command you ran",
    cause: thrown,
  });
}

/** A place as `FILE:LINE`. */
export function showPlace(place: Place): string {
  return place.line === undefined ? place.file : `${place.file}:${place.line}`;
}

/** The error as the user sees it: `error: ` and a sentence, then `hint: ` and what to do. */
export function showError(error: EacError): string {
  const at = error.place ? ` (${showPlace(error.place)})` : "";
  const hint = error.hint ? `\nhint: ${error.hint}` : "";
  return `error: ${error.message}${at}${hint}\n`;
}

/** The `error` member of JSON output. */
export function errorToJson(error: EacError): Record<string, unknown> {
  return {
    code: error.code,
    message: error.message + (error.place ? ` (${showPlace(error.place)})` : ""),
    hint: error.hint,
    profile: error.profile,
    ...(error.place === undefined ? {} : { file: error.place.file, line: error.place.line }),
  };
}
