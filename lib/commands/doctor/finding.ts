/**
 * A finding of `eac doctor`: a level, a stable code, a message and a fix.
 *
 * @module
 */

import { EacError, EXIT_CODES, type Place } from "../../errors.ts";

/**
 * `error`: something does not work. `warning`: it works, but should be fixed. `note`: information.
 */
export type Level = "error" | "warning" | "note";

/** A problem, or a useful fact. */
export interface Finding {
  readonly level: Level;
  /** For scripts; if a command would fail for this reason, that error's code. */
  readonly code: string;
  readonly message: string;
  readonly profile?: string | undefined;
  readonly place?: Place | undefined;
  /** What the user can do about it. */
  readonly fix?: string | undefined;
  /** What eac can do about it without losing data. */
  readonly repair?: Repair | undefined;
}

/** A safe change. */
export interface Repair {
  /** The change, as shown before it is applied. */
  readonly change: string;
  /**
   * Applies it, unless the file has changed since. Throws {@linkcode EacError} `io`, also if it has
   * changed.
   */
  make(): void | Promise<void>;
}

/**
 * The error for a file that has changed since it was checked: the user confirmed a different
 * change.
 */
export function changedError(path: string): EacError {
  return new EacError("io", `${path} has changed since it was checked; eac did not change it`, {
    hint: "run eac doctor again",
  });
}

/** A failure as a finding, so that other checks can continue. */
export function findingOf(error: EacError, level: Level = "error"): Finding {
  return {
    level,
    code: error.code,
    message: error.message,
    profile: error.profile,
    place: error.place,
    fix: error.hint,
  };
}

/** The findings without duplicates, worst first and otherwise in order. */
export function sorted(findings: readonly Finding[]): Finding[] {
  const once = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify(findingToJson(finding));
    if (!once.has(key)) once.set(key, finding);
  }
  const order: readonly Level[] = ["error", "warning", "note"];
  return order.flatMap((level) => [...once.values()].filter((finding) => finding.level === level));
}

/** 0 without warnings, 3 with warnings, and the first error's exit code otherwise. */
export function exitCodeOf(findings: readonly Finding[]): number {
  const [worst] = sorted(findings);
  if (worst === undefined || worst.level === "note") return 0;
  if (worst.level === "warning") return EXIT_CODES.config_invalid;
  return Object.hasOwn(EXIT_CODES, worst.code)
    ? EXIT_CODES[worst.code as keyof typeof EXIT_CODES]
    : EXIT_CODES.config_invalid;
}

/** The finding in the format of `--json`. */
export function findingToJson(
  { level, code, message, profile, place, fix }: Finding,
): Record<string, unknown> {
  return {
    level,
    code,
    message,
    profile,
    ...(place === undefined ? {} : { file: place.file }),
    ...(place?.line === undefined ? {} : { line: place.line }),
    fix,
  };
}
