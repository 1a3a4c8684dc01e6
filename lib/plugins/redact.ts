/**
 * Secrets are removed from what a strategy prints on stderr.
 *
 * @module
 */

/**
 * A value that looks like a secret because of its name: `SecretAccessKey: "..."`, `token=...`. Not in
 * the query of a URL: a user has to open the URL of a sign-in page as it is.
 */
const NAMED =
  /(?<![?&][\w.-]*)((?:secret|token|password)[\w ]{0,40}["']?[ \t]*[:=][ \t]*["']?)[^\s"',}]{4,}/gi;

/** Such a value at the end of a text, where the rest of it may follow. */
const OPEN_VALUE =
  /(?<![?&][\w.-]*)(?:secret|token|password)[\w ]{0,40}["']?[ \t]*[:=][ \t]*["']?([^\s"',}]+)$/i;

/** A shorter secret could be any word. */
const SHORTEST = 6;

/** Characters of stderr that are shown of one run: no honest strategy prints more. */
export const MOST_SHOWN = 64 * 1024;

/** Known secrets, and texts without them. */
export interface Redactor {
  add(...secrets: readonly (string | undefined)[]): void;
  clean(text: string): string;
  /** Redacts a text that arrives in pieces, also a secret that two pieces share. */
  stream(show: (text: string) => void): RedactedStream;
}

/** A text that arrives in pieces. At most {@linkcode MOST_SHOWN} characters of it are shown. */
export interface RedactedStream {
  write(text: string): void;
  /** Shows the rest. */
  end(): void;
}

/** A redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  const clean = (text: string) => {
    const longestFirst = [...known].sort((a, b) => b.length - a.length);
    for (const secret of longestFirst) text = text.replaceAll(secret, "***");
    return text.replace(NAMED, "$1***");
  };
  return {
    add(...secrets) {
      for (const secret of secrets) {
        if (secret !== undefined && secret.length >= SHORTEST) known.add(secret);
      }
    },
    clean,
    stream: (show) => redactedStream(known, clean, show),
  };
}

/** A line is shown as it arrives, since it may be a prompt; but not the beginning of a secret. */
function redactedStream(
  known: ReadonlySet<string>,
  clean: (text: string) => string,
  show: (text: string) => void,
): RedactedStream {
  let line = "";
  let shown = 0;
  let left = MOST_SHOWN;
  const showUpTo = (end: number) => {
    const text = clean(line.slice(0, end));
    if (text.length > shown) show(text.slice(shown));
    shown = Math.max(shown, text.length);
  };
  const endLine = () => {
    showUpTo(line.length);
    [line, shown] = ["", 0];
  };
  return {
    write(text) {
      if (left < 0) return;
      const parts = text.slice(0, left).split(/(?<=\n)/);
      left -= text.length;
      for (const part of parts) {
        line += part;
        if (part.endsWith("\n")) endLine();
      }
      if (left < 0) {
        line = ""; // it could be cut within a secret
        show(`\n[more than ${MOST_SHOWN / 1024} KiB on stderr: the rest is not shown]\n`);
      } else showUpTo(line.length - openSecret(line, known));
    },
    end: endLine,
  };
}

/** The length of the end of a text that may be the beginning of a secret. */
function openSecret(text: string, known: ReadonlySet<string>): number {
  let longest = OPEN_VALUE.exec(text)?.[1]?.length ?? 0;
  for (const secret of known) {
    let length = Math.min(secret.length - 1, text.length);
    while (length > longest && !text.endsWith(secret.slice(0, length))) length--;
    longest = Math.max(longest, length);
  }
  return longest;
}
