/**
 * The help, from the same tables that the command line is read by.
 *
 * @module
 */

import { COMMANDS, type CommandSpec, type OptionName, OPTIONS, type OptionSpec } from "./parse.ts";
import type { CommandName } from "./declaration.ts";

/** The help of a command, or of eac: examples first, and no more than a screen of 24 by 80. */
export function showHelp(command: CommandName | undefined): string {
  return command === undefined ? overview() : helpOf(COMMANDS[command]);
}

/** What `eac --help` begins with. */
export const EXAMPLES: CommandSpec["examples"] = [
  ["eac", "pick a profile, and get its credentials"],
  ["eac get prod", "ask for the MFA code if one is due, store them"],
  ["eac exec prod -- CMD", "run CMD with them"],
  ["eac explain prod", "what would happen, and why"],
];

function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return `${columns(EXAMPLES)}

${columns(commands)}

eac COMMAND --help shows a command's examples and options. All commands know
--no-input, --quiet (-q), --verbose (-v), --color WHEN and --version (-V).
`;
}

function helpOf(spec: CommandSpec): string {
  const options = spec.options.length === 0 ? "" : `\n${columns(spec.options.map(optionLine))}\n`;
  const more = spec.more === undefined ? "" : `\n${spec.more}\n`;
  return `${columns(spec.examples)}

eac ${spec.synopsis}
${spec.summary}
${options}${more}`;
}

/** An option as it is written: `-o, --output-profile DEST`. */
export function optionSyntax(name: OptionName): string {
  const { short, value }: OptionSpec = OPTIONS[name];
  const long = `--${name}${value ? ` ${value}` : ""}`;
  return short ? `-${short}, ${long}` : long;
}

function optionLine(name: OptionName): readonly [string, string] {
  const syntax = optionSyntax(name);
  return [syntax.startsWith("--") ? `    ${syntax}` : syntax, OPTIONS[name].help];
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
