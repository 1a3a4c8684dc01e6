/**
 * `eac activate`: prints the shell function behind `eac use`, and the completion of that shell.
 *
 * @module
 */

import { SCRIPTS } from "../cli/completion/scripts.ts";
import { SHELLS } from "../cli/completion/shells.ts";
import type { Context } from "../context.ts";
import { EacError } from "../errors.ts";
import { ACTIVATED, type ActivatedShell, ACTIVATION } from "../sinks/activation.ts";
import { didYouMean } from "../text/nearest.ts";

/** Other names of the shells. */
const ALIASES: Readonly<Record<string, ActivatedShell>> = {
  pwsh: "powershell",
  nushell: "nu",
  posix: "sh",
  dash: "sh",
  ksh: "sh",
};

/** Runs the command. */
export function run({ host }: Context, names: readonly string[]): number {
  const name = names[0] ?? "";
  const shell = ACTIVATED.find((one) => one === name || ALIASES[name] === one);
  if (shell === undefined) {
    throw new EacError("usage", `eac use does not work in shell "${name}"`, {
      hint: didYouMean(name, ACTIVATED) || `use one of ${ACTIVATED.join(", ")}`,
    });
  }
  host.stdout.write(ACTIVATION[shell] + completionOf(shell));
  return 0;
}

function completionOf(shell: ActivatedShell): string {
  const known = SHELLS.find((one) => one === shell);
  if (known === undefined) return "";
  // Without compinit zsh has no completion, which is not an error.
  return known === "zsh"
    ? `if (( $+functions[compdef] )); then\n${SCRIPTS.zsh}fi\n`
    : SCRIPTS[known];
}
