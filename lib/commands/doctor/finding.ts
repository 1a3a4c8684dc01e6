/**
 * What `eac doctor` finds: a level, a code that stays the same, a sentence, and what to do.
 *
 * @module
 */

import { EacError, EXIT_CODES, type Place } from "../../errors.ts";

/** `error`: something cannot work. `warning`: it works, and should not stay so. `note`: good to know. */
export type Level = "error" | "warning" | "note";

/** One thing that was found. */
export interface Finding {
  readonly level: Level;
  /** For scripts; where a command would fail for it, that error's code. */
  readonly code: string;
  readonly message: string;
  readonly profile?: string | undefined;
  readonly place?: Place | undefined;
  /** What the person can do about it. */
  readonly fix?: string | undefined;
  /** What eac can do about it by itself, without losing anything. */
  readonly mend?: Mend | undefined;
}

/** A change that is safe to make. */
export interface Mend {
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

/** A failure as something found, where other checks go on. */
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

/** The worst come first; otherwise the order stays. What two checks found is there once. */
export function sorted(findings: readonly Finding[]): Finding[] {
  const once = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify(findingToJson(finding));
    if (!once.has(key)) once.set(key, finding);
  }
  const order: readonly Level[] = ["error", "warning", "note"];
  return order.flatMap((level) => [...once.values()].filter((finding) => finding.level === level));
}

/** 0 with notes at most; else that of the first error, and 3 where there are only warnings. */
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
