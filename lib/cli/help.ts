/**
 * The help, from the declarations that the parser uses.
 *
 * @module
 */

import { COMMAND_GROUPS, type Commands, type CommandSpec, optionHelp } from "./declaration.ts";
import { GLOBAL, GROUPS, type OptionName, OPTIONS, type OptionSpec } from "./options.ts";

/** What eac is, in one line. */
export const ABOUT =
  "Get short-lived AWS credentials for any profile: users with MFA, roles, chains.";

/** What `eac --help` shows as examples. */
export const EXAMPLES: CommandSpec["examples"] = [
  ["eac", "pick a profile and get its credentials"],
  ["eac get prod", "ask for an MFA code if needed; store them"],
  ["eac exec prod -- terraform plan", "run a command with them"],
  ["eac explain prod", "show what eac would do, without calling AWS"],
];

/** Where to read more. */
const MORE = "Documentation: https://github.com/eac-cli/eac/tree/main/docs";

/** The width that no line of help exceeds. */
const WIDTH = 80;

/** The help of a command, or of eac; for Windows, with the examples that work there. */
export function showHelp(commands: Commands, name: string | undefined, windows = false): string {
  return name === undefined ? overview(commands) : helpOf(name, commands[name]!, windows);
}

function overview(commands: Commands): string {
  const lines = [ABOUT, "", "Usage: eac COMMAND [ARGUMENTS] [OPTIONS]", "       eac"];
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  for (const [group, title] of Object.entries(COMMAND_GROUPS)) {
    const members = Object.entries(commands).filter(([, spec]) => spec.group === group);
    const rows = members.map(([name, { summary }]) => [name, summary] as const);
    if (rows.length > 0) lines.push("", `${title}:`, ...columns(rows, width));
  }
  return [
    ...lines,
    "",
    "Global options:",
    ...optionLines(GLOBAL),
    "",
    "Examples:",
    ...columns(EXAMPLES.map(([line, meaning]) => [line, `# ${meaning}`] as const)),
    "",
    "eac COMMAND --help shows the arguments, options and examples of a command.",
    MORE,
    "",
  ].join("\n");
}

function helpOf(name: string, spec: CommandSpec, windows: boolean): string {
  const lines = [`${spec.summary}.`, "", ...usageLines(name, spec)];
  if (spec.arguments.length > 0) {
    const rows = spec.arguments.map((one) => [one.name, one.help] as const);
    lines.push("", "Arguments:", ...columns(rows));
  }
  for (const [group, title] of Object.entries(GROUPS)) {
    const inGroup = spec.options.filter((option) => OPTIONS[option].group === group);
    if (inGroup.length > 0) lines.push("", `${title}:`, ...optionLines(inGroup, spec));
  }
  lines.push("", "Global options:", ...optionLines(GLOBAL));
  const examples = spec.examples.filter(([, , shell]) => !windows || shell !== "posix");
  if (examples.length > 0) {
    lines.push("", "Examples:");
    for (const [line, meaning] of examples) lines.push(`  # ${meaning}`, `  ${line}`);
  }
  if (spec.notes !== undefined) lines.push("", ...wrapped(spec.notes));
  return [...lines, "", MORE, ""].join("\n");
}

/** The usage line of a command: `eac get [PROFILE...] [OPTIONS]`. */
export function usageOf(name: string, spec: CommandSpec): string {
  return `eac ${name}${spec.usage === "" ? "" : ` ${spec.usage}`}`;
}

function usageLines(name: string, spec: CommandSpec): string[] {
  return wrapped(`Usage: ${usageOf(name, spec)}`, " ".repeat(11 + name.length + 1));
}

/** An option as the help shows it: `-o, --output-profile DEST`. */
export function optionSyntax(name: OptionName): string {
  const { short, value }: OptionSpec = OPTIONS[name];
  const long = `--${name}${value ? ` ${value}` : ""}`;
  return short ? `-${short}, ${long}` : long;
}

function optionLines(names: readonly OptionName[], spec?: CommandSpec): string[] {
  const rows = names.map((name) => {
    const syntax = optionSyntax(name);
    return [syntax.startsWith("--") ? `    ${syntax}` : syntax, optionHelp(spec, name)] as const;
  });
  return columns(rows);
}

/** Two columns, the second wrapped within the width. */
function columns(rows: readonly (readonly [string, string])[], least = 0): string[] {
  const width = Math.max(least, ...rows.map(([left]) => left.length));
  const indent = " ".repeat(width + 4);
  return rows.flatMap(([left, right]) => wrapped(`  ${left.padEnd(width)}  ${right}`, indent));
}

/** Text in lines of at most 80 columns; later lines begin with the indent. */
function wrapped(text: string, indent = ""): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = paragraph;
    while (line.length > WIDTH) {
      const at = line.lastIndexOf(" ", WIDTH);
      if (at <= indent.length) break;
      lines.push(line.slice(0, at));
      line = indent + line.slice(at + 1);
    }
    lines.push(line);
  }
  return lines;
}
