/**
 * `eac completion`: prints a shell's completion script, and answers that script while the user
 * types.
 *
 * @module
 */

import type { Commands } from "../cli/declaration.ts";
import { type Candidate, candidatesFor } from "../cli/completion/candidates.ts";
import { SCRIPTS } from "../cli/completion/scripts.ts";
import { type Shell, SHELLS } from "../cli/completion/shells.ts";
import { readSharedConfig, type Section } from "../config/shared_config.ts";
import type { Context } from "../context.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { printable } from "../text/printable.ts";
import { didYouMean } from "../text/nearest.ts";
import type { RegisteredStrategy } from "../plan/strategy.ts";

/** Runs the command. */
export function run({ host }: Context, names: readonly string[]): number {
  const shell = names[0] ?? "";
  const known = SHELLS.find((name) => name === shell || ALIASES[shell] === name);
  if (known === undefined) {
    throw new EacError("usage", `no completion for shell "${shell}"`, {
      hint: didYouMean(shell, SHELLS) || `use one of ${SHELLS.join(", ")}`,
    });
  }
  host.stdout.write(SCRIPTS[known]);
  return 0;
}

/** Other names of the shells. */
const ALIASES: Readonly<Record<string, Shell>> = {
  pwsh: "powershell",
  nushell: "nu",
};

/**
 * One line per candidate: the word, a tab and its description. A line without a word tells the
 * shell what to complete itself: files, or another command. Never fails: the user is typing.
 */
export async function complete(
  commands: Commands,
  words: readonly string[],
  host: Host,
  strategies: () => Promise<readonly RegisteredStrategy[]>,
): Promise<string> {
  try {
    const found = await candidatesFor(commands, words, {
      profiles: () => profilesIn(host),
      strategies: async () =>
        (await strategies()).map(({ name, summary }) => ({ word: name, about: summary })),
    });
    if (typeof found === "string") return `\t${found}\n`;
    return found
      // The shell shows and inserts the word unescaped, so words with control characters are
      // dropped.
      .filter(({ word }) => oneLine(word) === word)
      .map(({ word, about }) => `${word}\t${oneLine(about)}\n`).join("");
  } catch {
    return "";
  }
}

function profilesIn(host: Host): Candidate[] {
  return [...readSharedConfig(host).profiles].map(([word, keys]) => ({ word, about: about(keys) }));
}

/** What distinguishes a profile from the others, by its own keys. */
function about(keys: Section): string {
  const value = (key: string) => keys.get(key)?.value ?? "";
  if (value("managed_by") === "eac") return `credentials of ${value("eac_source")}`;
  return value("role_arn") || value("sso_account_id") || value("mfa_serial") || value("region");
}

function oneLine(text: string): string {
  return printable(text.replace(/[\t-\r]+/g, " "));
}
