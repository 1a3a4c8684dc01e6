/**
 * A finding of `eac doctor`: a level, a stable code, a sentence, and a fix.
 *
 * @module
 */

import { EacError, EXIT_CODES, type Place } from "../../errors.ts";

/** `error`: something cannot work. `warning`: it works, and should not stay so. `note`: good to know. */
export type Level = "error" | "warning" | "note";

/** A problem, or a fact to know. */
export interface Finding {
  readonly level: Level;
  /** For scripts; where a command would fail for it, that error's code. */
  readonly code: string;
  readonly message: string;
  readonly profile?: string | undefined;
  readonly place?: Place | undefined;
  /** What the user can do about it. */
  readonly fix?: string | undefined;
  /** What eac can do about it without losing anything. */
  readonly repair?: Repair | undefined;
}

/** A change that is safe to make. */
export interface Repair {
  /** The change, as it is shown before it is made. */
  readonly change: string;
  /**
   * Makes it, unless what was found has changed since. Throws {@linkcode EacError} `io`, also for what has
   * changed.
   */
  make(): void | Promise<void>;
}

/** The error for what has changed since it was examined: the user has agreed to another change. */
export function changedError(path: string): EacError {
  return new EacError("io", `${path} has changed since it was examined; eac left it alone`, {
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

/** The findings, worst first and otherwise in order, each once. */
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

/** The finding as `--json` prints it. */
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
