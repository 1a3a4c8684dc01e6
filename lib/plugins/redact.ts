/**
 * What a strategy says on stderr, without secrets.
 *
 * @module
 */

/** What looks like a secret beside its name: `SecretAccessKey: "..."`, `token=...`. */
const NAMED = /((?:secret|token|password)[\w ]{0,40}["']?[ \t]*[:=][ \t]*["']?)[^\s"',}]{4,}/gi;

/** Shorter than this a secret could be any word. */
const SHORTEST = 6;

/** Secrets that were handed out, and texts without them. */
export interface Redactor {
  add(...secrets: readonly (string | undefined)[]): void;
  clean(text: string): string;
}

/** Knows no secret yet. */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  return {
    add(...secrets) {
      for (const secret of secrets) {
        if (secret !== undefined && secret.length >= SHORTEST) known.add(secret);
      }
    },
    clean(text) {
      for (const secret of known) text = text.replaceAll(secret, "***");
      return text.replace(NAMED, "$1***");
    },
  };
}
