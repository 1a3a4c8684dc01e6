/**
 * `eac completion`: what a shell evaluates so that it completes eac's words; and what that asks eac
 * while somebody types.
 *
 * @module
 */

import { SHELLS } from "../cli/parse.ts";
import { type Candidate, candidatesFor } from "../cli/completion/candidates.ts";
import { SCRIPTS } from "../cli/completion/scripts.ts";
import { readSharedConfig, type Section } from "../config/shared_config.ts";
import type { Context } from "../context.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { didYouMean } from "../text/nearest.ts";
import type { RegisteredStrategy } from "../plan/strategy.ts";

/** Runs the command. */
export function run({ host }: Context, names: readonly string[]): number {
  const shell = names[0] ?? "";
  const known = SHELLS.find((name) => name === shell || ALIASES[shell] === name);
  if (known === undefined) {
    throw new EacError("usage", `there is no completion for the shell "${shell}"`, {
      hint: didYouMean(shell, SHELLS) || `it can be ${SHELLS.join(", ")}`,
    });
  }
  host.stdout.write(SCRIPTS[known]);
  return 0;
}

/** What people call them. */
const ALIASES: Readonly<Record<string, typeof SHELLS[number]>> = {
  pwsh: "powershell",
  nushell: "nu",
};

/**
 * Lines of a word, a tab and what to say of it. A line without a word says what else to complete:
 * file names, or a command of its own. Never fails: who types is not to be interrupted.
 */
export async function complete(
  words: readonly string[],
  host: Host,
  strategies: () => Promise<readonly RegisteredStrategy[]>,
): Promise<string> {
  try {
    const found = await candidatesFor(words, {
      profiles: () => profilesIn(host),
      strategies: async () =>
        (await strategies()).map(({ name, summary }) => ({ word: name, about: summary })),
    });
    if (typeof found === "string") return `\t${found}\n`;
    return found.map(({ word, about }) => `${oneLine(word)}\t${oneLine(about)}\n`).join("");
  } catch {
    return "";
  }
}

function profilesIn(host: Host): Candidate[] {
  return [...readSharedConfig(host).profiles].map(([word, keys]) => ({ word, about: about(keys) }));
}

/** What tells a profile from the others, as far as its own keys say it. */
function about(keys: Section): string {
  const value = (key: string) => keys.get(key)?.value ?? "";
  if (value("managed_by") === "eac") return `credentials of ${value("eac_source")}`;
  return value("role_arn") || value("sso_account_id") || value("mfa_serial") || value("region");
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
