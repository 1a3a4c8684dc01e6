/** The part of `@std/cli/parse-args` that eac uses; the package carries plain JavaScript only. */
export interface ParseOptions {
  string: readonly string[];
  boolean: readonly string[];
  alias: Readonly<Record<string, readonly string[]>>;
  collect: readonly string[];
  /** `key` is absent for a word that is not an option. */
  unknown: (argument: string, key?: string, value?: unknown) => boolean;
}

export function parseArgs(
  args: string[],
  options: ParseOptions,
): { readonly _: readonly unknown[]; readonly [key: string]: unknown };
