/**
 * The help, from the same tables that the command line is read by.
 *
 * @module
 */

import { type CommandName, COMMANDS, type CommandSpec, type OptionName, OPTIONS } from "./args.ts";

/** The help of a command, or of eac: examples first, and no more than a screen. */
export function showHelp(command: CommandName | undefined): string {
  return command === undefined ? overview() : helpOf(COMMANDS[command]);
}

function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return `eac turns long-lived AWS keys into short-lived ones, whatever way an account protects them.

  eac get prod              ask for the MFA code if one is due, store the credentials
  eac exec prod -- CMD      run CMD with them
  eac explain prod          what would happen, and why
  eac                       pick a profile from a list

Commands
${columns(commands)}

eac COMMAND --help shows a command's examples and options. Options of every command:
${columns(COMMON.map(optionLine))}
`;
}

const COMMON: readonly OptionName[] = [
  "no-input",
  "quiet",
  "verbose",
  "color",
  "help",
  "version",
];

function helpOf(spec: CommandSpec): string {
  const options = spec.options.length === 0
    ? ""
    : `\nOptions\n${columns(spec.options.map(optionLine))}\n`;
  const more = spec.more === undefined ? "" : `\n${spec.more}\n`;
  return `${columns(spec.examples)}

eac ${spec.synopsis}
${spec.summary}
${options}${more}`;
}

function optionLine(name: OptionName): readonly [string, string] {
  const { short, value, help }: { short?: string; value?: string; help: string } = OPTIONS[name];
  const long = `--${name}${value ? ` ${value}` : ""}`;
  return [short ? `-${short}, ${long}` : `    ${long}`, help];
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
