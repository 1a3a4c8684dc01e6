/**
 * Errors as part of the product: what is wrong, where it lies, what to do, and the exit code.
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

/** What went wrong, as scripts see it. */
export type ErrorCode = keyof typeof EXIT_CODES;

/** Where in a file an error lies; `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** What an {@linkcode EacError} may say beside its message. */
export interface ErrorDetails {
  /** What the person can do about it: one sentence. */
  readonly hint?: string;
  readonly place?: Place;
  readonly profile?: string;
  /** An exit code other than that of the code (`exec` alone: 127 for not found). */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** Every failure that eac foresees. Anything else that is thrown is a defect (`internal`). */
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

  /** The same error, said of a profile. */
  of(profile: string): EacError {
    return this.profile === undefined ? this.#with(this.message, profile) : this;
  }

  /** The same error in other words. */
  saying(message: string): EacError {
    return this.#with(message, this.profile);
  }

  #with(message: string, profile: string | undefined): EacError {
    const { hint, place, exitCode, cause } = this;
    return new EacError(this.code, message, {
      exitCode,
      cause,
      ...(profile === undefined ? {} : { profile }),
      ...(hint === undefined ? {} : { hint }),
      ...(place === undefined ? {} : { place }),
    });
  }
}

/** Any thrown value as an {@linkcode EacError}; what nobody foresaw becomes `internal`. */
export function asEacError(thrown: unknown): EacError {
  if (thrown instanceof EacError) return thrown;
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new EacError("internal", `eac failed in a way nobody foresaw: ${what}`, {
    hint: "please report this, with the command you ran",
    cause: thrown,
  });
}

/** `FILE:LINE`, as every message spells a place. */
export function showPlace(place: Place): string {
  return place.line === undefined ? place.file : `${place.file}:${place.line}`;
}

/** The error as a person sees it: `error: ` and a sentence, then `hint: ` and a way out. */
export function showError(error: EacError): string {
  const at = error.place ? ` (${showPlace(error.place)})` : "";
  const hint = error.hint ? `\nhint: ${error.hint}` : "";
  return `error: ${error.message}${at}${hint}\n`;
}

/** The `error` member of every JSON answer. */
export function errorToJson(error: EacError): Record<string, unknown> {
  return {
    code: error.code,
    message: error.message + (error.place ? ` (${showPlace(error.place)})` : ""),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.profile === undefined ? {} : { profile: error.profile }),
    ...(error.place === undefined ? {} : { file: error.place.file, line: error.place.line }),
  };
}
