/**
 * `deno task reference`: generates `docs/reference.md`, the manual page `docs/eac.1` and the
 * README's list of commands from the declarations of commands, options, keys, variables and exit
 * codes.
 *
 * @module
 */

import { type CommandSpec } from "../lib/cli/declaration.ts";
import { ABOUT, EXAMPLES, optionSyntax, showHelp, usageOf } from "../lib/cli/help.ts";
import { GLOBAL, type OptionName, OPTIONS, type OptionSpec } from "../lib/cli/options.ts";
import { COMMANDS } from "../lib/commands/mod.ts";
import { AWS_KEYS, EAC_KEYS } from "../lib/config/keys.ts";
import { DEFAULT_KEYS } from "../lib/config/profile.ts";
import { VARIABLES } from "../lib/config/variables.ts";
import { EXIT_CODES, EXIT_MEANINGS } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { strategies } from "../strategies/mod.ts";

const ROOT = new URL("../", import.meta.url);
const SPECS: readonly (readonly [string, CommandSpec])[] = Object.entries(COMMANDS);

const FILES: readonly (readonly [file: string, meaning: string])[] = [
  ["~/.aws/config, ~/.aws/credentials", "The profiles, shared with all AWS tools"],
  ["~/.aws/eac", "eac's own caches, locks and strategies"],
  ["~/.aws/cli/cache", "The cache of the AWS CLI, which eac shares"],
];

/** The options of all commands, in the order of their declarations. */
function options(): readonly OptionName[] {
  const used = new Set<OptionName>([...SPECS.flatMap(([, spec]) => spec.options), ...GLOBAL]);
  return (Object.keys(OPTIONS) as OptionName[]).filter((name) => used.has(name));
}

/** The error codes that end with this exit code. */
function codesOf(exit: number): string[] {
  return Object.entries(EXIT_CODES).filter(([, code]) => code === exit).map(([name]) => name);
}

/** The manual page, in the macros of man(7). */
export function manPage(): string {
  return [
    `.TH EAC 1 "" "eac ${VERSION}" "User Commands"`,
    ".SH NAME",
    "eac \\- get short\\-lived AWS credentials for any profile",
    ".SH SYNOPSIS",
    ...SPECS.flatMap(([name, spec]) => [`.B ${roff(usageOf(name, spec))}`, ".br"]).slice(0, -1),
    ".SH DESCRIPTION",
    roff(ABOUT),
    ".PP",
    roff("eac without a command shows a list of profiles to pick from."),
    ".SH EXAMPLES",
    ...EXAMPLES.flatMap(([line, meaning]) => tagged([line, meaning])),
    ".SH COMMANDS",
    ...SPECS.flatMap(([name, spec]) => section(name, spec)),
    ".SH OPTIONS",
    ...options().flatMap((name) => tagged([optionSyntax(name), OPTIONS[name].help])),
    ".SH ENVIRONMENT",
    ...VARIABLES.flatMap(([names, meaning]) => tagged([names.join(", "), plain(meaning)])),
    ".SH FILES",
    ...FILES.flatMap(tagged),
    ".SH EXIT STATUS",
    ...Object.entries(EXIT_MEANINGS).flatMap(([code, meaning]) => {
      const codes = codesOf(Number(code));
      return tagged([code, `${plain(meaning)}${codes.length > 0 ? ` (${codes.join(", ")})` : ""}`]);
    }),
    "",
  ].join("\n");
}

function section(name: string, spec: CommandSpec): string[] {
  const { summary, options, examples, notes } = spec;
  const words = options.map((option) => `\\fB${roff(`--${option}`)}\\fR`).join(", ");
  return [
    `.SS "${roff(usageOf(name, spec)).replaceAll('"', "\\(dq")}"`,
    roff(`${summary}.`),
    ...(notes === undefined ? [] : [roff(notes)]),
    ...(options.length === 0 ? [] : [".PP", `Options: ${words}.`]),
    ".PP",
    ".EX",
    ...examples.flatMap(([line, meaning]) => [roff(`# ${meaning}`), roff(line)]),
    ".EE",
  ];
}

function tagged([tag, text]: readonly [string, string]): string[] {
  return [".TP", `.B ${roff(tag)}`, roff(text)];
}

/** Text without the backticks of Markdown. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}

/** Text in which roff finds no macros or escapes. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("~", "\\(ti")
    .replaceAll("^", "\\(ha").replaceAll("`", "\\(ga").replace(/^(?=[.'])/, "\\&");
}

const coded = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(", ");
const escaped = (text: string) => text.replaceAll("|", "\\|");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** `docs/reference.md`. */
export function referencePage(): string {
  const help = (name?: string) => `\`\`\`text\n${showHelp(COMMANDS, name)}\`\`\``;
  const all = SPECS.length;
  const optionRows = options().map((name) => {
    const { aliases = [], type, help }: OptionSpec = OPTIONS[name];
    const on = SPECS.filter(([, spec]) => spec.options.includes(name)).map(([command]) => command);
    const also = aliases.length > 0 ? ` Also ${coded(aliases.map((one) => `--${one}`))}.` : "";
    const values = Array.isArray(type) ? ` One of ${coded(type)}.` : "";
    const where = GLOBAL.includes(name) || on.length === all ? "all" : coded(on);
    return [`\`${optionSyntax(name)}\``, where, `${help}.${values}${also}`];
  });
  return `<!-- Made by \`deno task reference\`. Change the declarations, not this file. -->
<!-- deno-fmt-ignore-file -->

# Reference

- [Commands](#commands)
- [Options](#options)
- [Profile keys](#profile-keys)
- [Strategies](#strategies)
- [Environment variables](#environment-variables)
- [Exit codes](#exit-codes)
- [JSON output](#json-output)
- [Files](#files)

## Commands

${help()}

${SPECS.map(([name]) => `### eac ${name}\n\n${help(name)}`).join("\n\n")}

The first release's call still works:
\`eac --profile P --temp_profile D --mfa_token 123456\` is \`eac get P -o D --mfa-token 123456\`, and
\`--temp_profile NONE\` is \`--print\`.

## Options

${table(["option", "on", "meaning"], optionRows)}

Everything after the first \`--\`, or from the first word after \`exec\`'s profile on, belongs to the
command that \`exec\` runs.

## Profile keys

eac reads the AWS SDKs' own keys as the SDKs do:

${table(["key", "meaning"], AWS_KEYS.map(([keys, meaning]) => [coded(keys), `${meaning}.`]))}

These keys are eac's own; other tools ignore them:

${table(["key", "meaning"], EAC_KEYS.map(([keys, meaning]) => [coded(keys), `${meaning}.`]))}

A section \`[eac]\` in the config file holds defaults for ${
    coded(DEFAULT_KEYS)
  }. Other tools ignore it. A profile's own key wins; \`EAC_MFA_PROCESS\` and \`EAC_MFA_PROMPT\` win over
the defaults. In \`destination_profile = {profile}-temp\`, \`{profile}\` is the profile's name; it applies
to every profile but long-lived keys without MFA and stored credentials.

    [eac]
    mfa_process = pass otp aws
    destination_profile = {profile}-temp

Together with stored credentials, eac writes \`expiration\`, \`managed_by = eac\` and \`eac_source\`. In the
config file it writes the source's \`region\` and the like, and \`eac_settings\`, which says what it wrote.

## Strategies

The first strategy whose keys the profile has is used: your own by file name, then these.
\`eac explain PROFILE\` shows which, and what the others miss. A profile that matches a strategy but is
broken is an error; eac never falls through to another strategy.

${
    table(
      ["strategy", "needs (any of)", "does"],
      strategies.map(({ name, needs, summary }) => [
        `\`${name}\``,
        needs.map((keys) => keys.map((key) => `\`${key}\``).join(" + ")).join("; "),
        `${summary}.`,
      ]),
    )
  }

## Environment variables

${table(["variable", "meaning"], VARIABLES.map(([names, text]) => [coded(names), `${text}.`]))}

## Exit codes

${
    table(
      ["exit", "meaning", "\`error.code\`"],
      Object.entries(EXIT_MEANINGS).map((
        [exit, meaning],
      ) => [exit, `${meaning}.`, coded(codesOf(Number(exit)))]),
    )
  }

\`exec\` otherwise exits as its command does, with 128+N for signal N. \`get\` tries all profiles that it
is given; its exit code is the first failure's.

An error is \`error: \` and a sentence with file and line, then \`hint: \` and what to do next. With
\`--json\` it is one object on stderr:

\`\`\`json
{ "error": { "code": "mfa_rejected", "message": "...", "hint": "...", "profile": "..." } }
\`\`\`

## JSON output

- \`get --json\`: an array in the order of the arguments of
  \`{"profile", "strategy", "destination", "expiration", "cached", "error"?}\`; no secrets. The first error is
  on stderr too.
- \`list --json\`: an array of \`{"name", "strategy", "mfa", "mfa_session", "source", "region", "destination",
  "expiration", "status", "problem"?}\`. \`strategy\` is null where none matches; \`mfa_session\` is when the
  valid MFA session of the device expires; \`status\` is \`none\`,
  \`valid\`, \`expiring\` (less than 15 minutes left) or \`expired\`. \`--settings\` adds \`settings\`: the
  merged profile with secrets as \`"***"\`.
- \`explain --json\`: \`{"profile", "strategy", "considered", "base", "mfa", "hops", "calls",
  "sign_in"?, "settings", "defaults", "cache", "destination", "endpoint", "notes"}\`. \`hops\` is what the profiles say, base first;
  \`calls\` is what would go out now. Of a \`credential_process\`, \`base.long_lived\` is what it prints; null
  until it has run.
- \`whoami --json\`: \`{"UserId", "Account", "Arn"}\`.
- \`roles --json\`: an array of \`{"account_id", "account_name", "role_name", "profile"}\`; \`profile\` is null
  where none has the role.
- \`doctor --json\`: an array of
  \`{"level", "code", "message", "profile"?, "file"?, "line"?, "fix"?}\`; \`level\` is \`error\`, \`warning\`
  or \`note\`.
- \`strategies --json\`: an array of \`{"name", "kind", "file", "needs", "summary", "gives"?, "wants"?,
  "env"?, "hash"?, "allowed"?, "problem"?}\`; \`kind\` is \`built-in\`, \`module\` or \`executable\`. \`strategies check --json\`:
  an array of \`{"file", "name", "status", "problem"?}\`; \`status\` is \`ok\`, \`failed\` or \`skipped\`.
- \`process\`: \`{"Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration",
  "AccountId"?}\`; \`AccountId\` if the source provides it.

Times are RFC 3339 in UTC.

## Files

${table(["file", "content"], FILES.map(([file, meaning]) => [`\`${file}\``, `${meaning}.`]))}
`;
}

const START = "<!-- commands: made by `deno task reference` -->";
const END = "<!-- end of commands -->";

/** The README with its list of commands regenerated. */
export function readmeWithCommands(readme: string): string {
  const [before, rest] = readme.split(START);
  const after = rest?.split(END)[1];
  if (rest === undefined || after === undefined) throw new Error(`README.md has no "${START}"`);
  const width = Math.max(...SPECS.map(([name]) => name.length));
  const lines = SPECS.map(([name, { summary }]) => `eac ${name.padEnd(width)}  ${summary}`);
  return `${before}${START}\n\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n\n${END}${after}`;
}

if (import.meta.main) {
  const docs = new URL("docs/", ROOT);
  Deno.writeTextFileSync(new URL("eac.1", docs), manPage());
  Deno.writeTextFileSync(new URL("reference.md", docs), referencePage());
  const readme = new URL("README.md", ROOT);
  Deno.writeTextFileSync(readme, readmeWithCommands(Deno.readTextFileSync(readme)));
}
