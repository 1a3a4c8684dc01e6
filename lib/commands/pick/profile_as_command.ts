/**
 * `eac prod`: a profile where a command is expected.
 *
 * @module
 */

import { readSharedConfig } from "../../config/shared_config.ts";
import { EacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { shellWord } from "../../text/printable.ts";

/** The error for an unknown command, with the command line that is probably meant. */
export function suggestGet(
  host: Pick<Host, "env" | "os" | "readFile">,
  argv: readonly string[],
  error: EacError,
): EacError {
  const word = argv.find((argument) => !argument.startsWith("-"));
  try {
    if (word === undefined || !readSharedConfig(host).profiles.has(word)) return error;
  } catch {
    return error; // the files cannot be read: the original error stays
  }
  return new EacError("usage", error.message, {
    hint: `"${word}" is a profile: eac get ${shellWord(word)}`,
  });
}
