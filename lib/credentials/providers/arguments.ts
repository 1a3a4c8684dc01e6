/**
 * Splits a command line into a program and its arguments as the AWS CLI does: no shell, no variables,
 * no `~`.
 *
 * The rules are those of botocore's `compat_shell_split`: Python's `shlex` on POSIX systems, those of
 * Microsoft's C runtime on Windows.
 *
 * @module
 */

import type { Os } from "../../host/host.ts";

/**
 * The words of a command line.
 *
 * @throws {SyntaxError} if a quote is not closed or a backslash is the last character
 */
export function splitArguments(line: string, os: Os): string[] {
  return os === "windows" ? splitWindows(line) : splitPosix(line);
}

/** Outside quotes a backslash escapes any character; inside `"` only `"` and `\`. */
function splitPosix(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (quote !== "" && character === quote) quote = "";
    else if (character === "\\" && quote !== "'") {
      const next = line.charAt(++i);
      if (next === "") throw new SyntaxError("it ends in a backslash");
      word = (word ?? "") + (quote === "" || next === quote || next === "\\" ? next : `\\${next}`);
    } else if (quote !== "") word += character;
    else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (" \t\r\n".includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") throw new SyntaxError("a quote is not closed");
  if (word !== undefined) words.push(word);
  return words;
}

/** Only `"` quotes; a backslash is literal unless a run of them leads up to a `"`. */
function splitWindows(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const [token] of line.matchAll(/\\*"|\\+|[ \t]|[^\\" \t]+/g)) {
    if (token.endsWith('"')) {
      const slashes = token.length - 1;
      word = (word ?? "") + "\\".repeat(slashes >> 1) + (slashes % 2 === 1 ? '"' : "");
      if (slashes % 2 === 0) quoted = !quoted;
    } else if (!quoted && (token === " " || token === "\t")) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + token;
  }
  if (quoted) throw new SyntaxError("a quote is not closed");
  if (word !== undefined) words.push(word);
  return words;
}
