/**
 * `deno task man`: the manual page `docs/eac.1` and `docs/commands.md`, from the tables that the
 * command line and the help come from.
 *
 * @module
 */

import { COMMANDS, type CommandSpec, COMMON, type OptionName, OPTIONS } from "../lib/cli/parse.ts";
import { EXIT_CODES } from "../lib/errors.ts";
import { EXAMPLES, optionSyntax, showHelp } from "../lib/cli/help.ts";
import { VERSION } from "../lib/version.ts";

const DOCS = new URL("../docs/", import.meta.url);

/** What eac reads in the environment, and why. */
const VARIABLES: readonly (readonly [names: string, meaning: string])[] = [
  ["AWS_PROFILE, AWS_DEFAULT_PROFILE", "the profile where a command names none"],
  ["AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE", "where the shared files are"],
  ["AWS_REGION, AWS_DEFAULT_REGION", "the region, before that of the profile"],
  ["AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS", "another STS"],
  ["AWS_CA_BUNDLE", "certificates to trust beside the system's"],
  ["HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "the way out"],
  ["AWS_MAX_ATTEMPTS", "how often a call is tried; 3 by default"],
  ["EAC_HOME", "eac's own folder instead of ~/.aws/eac"],
  ["EAC_MFA_TOKEN", "the MFA code, as --mfa-token"],
  ["EAC_MFA_PROCESS", "a command that prints the MFA code, as the key mfa_process"],
  ["EAC_NO_INPUT, CI", "never ask, as --no-input"],
  ["NO_COLOR, FORCE_COLOR", "whether to colour, as --color"],
];

const FILES: readonly (readonly [file: string, meaning: string])[] = [
  ["~/.aws/config, ~/.aws/credentials", "the profiles, shared with all AWS tools"],
  ["~/.aws/eac", "eac's own caches, locks and strategies"],
  ["~/.aws/cli/cache", "the cache of the AWS CLI, which eac shares"],
];

/** What each exit code stands for. */
const STATUS: readonly (readonly [code: number, meaning: string])[] = [
  [0, "done"],
  [1, "a defect in eac"],
  [2, "wrong usage"],
  [3, "the configuration cannot work"],
  [4, "a person is needed and there is none"],
  [5, "AWS said no"],
  [6, "AWS could not be reached"],
  [7, "a file could not be read or written"],
  [8, "a strategy, an mfa_process or a credential_process failed"],
  [126, "the program to run is not executable (127: not found)"],
  [130, "interrupted"],
];

/** The manual page, in the macros of man(7). */
export function manPage(): string {
  const specs = Object.values(COMMANDS) as CommandSpec[];
  const used = new Set<OptionName>([...specs.flatMap(({ options }) => options), ...COMMON]);
  const options = (Object.keys(OPTIONS) as OptionName[]).filter((name) => used.has(name));
  return [
    `.TH EAC 1 "" "eac ${VERSION}" "User Commands"`,
    ".SH NAME",
    "eac \\- turn long-lived AWS keys into short-lived ones",
    ".SH SYNOPSIS",
    ...specs.flatMap(({ synopsis }) => [`.B eac ${roff(synopsis)}`, ".br"]).slice(0, -1),
    ".SH DESCRIPTION",
    roff(
      "eac gets temporary credentials for any profile of the shared AWS files, whatever way its " +
        "account protects them: a role, a role behind a role, an MFA code, or a session for a " +
        "user's own keys. One code serves all profiles of a device.",
    ),
    ".PP",
    roff("Bare eac picks a profile from a list."),
    ".SH EXAMPLES",
    ...EXAMPLES.flatMap(tagged),
    ".SH COMMANDS",
    ...specs.flatMap(command),
    ".SH OPTIONS",
    ...options.flatMap((name) => tagged([optionSyntax(name), OPTIONS[name].help])),
    ".SH ENVIRONMENT",
    ...VARIABLES.flatMap(tagged),
    ".SH FILES",
    ...FILES.flatMap(tagged),
    ".SH EXIT STATUS",
    ...STATUS.flatMap(([code, meaning]) => tagged([`${code}`, `${meaning}${codes(code)}`])),
    "",
  ].join("\n");
}

function command({ synopsis, summary, examples, options, more }: CommandSpec): string[] {
  return [
    `.SS "eac ${roff(synopsis).replaceAll('"', "\\(dq")}"`,
    roff(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`),
    ...(more === undefined ? [] : [roff(more)]),
    ...(options.length === 0
      ? []
      : [".PP", `Options: ${options.map((name) => `\\fB${roff(`--${name}`)}\\fR`).join(", ")}.`]),
    ".PP",
    ".EX",
    ...examples.map(([line, meaning]) => `${roff(line)}    ${roff(`# ${meaning}`)}`),
    ".EE",
  ];
}

/** The `error.code`s that end with this exit code. */
function codes(exit: number): string {
  const names = Object.entries(EXIT_CODES).filter(([, code]) => code === exit);
  return names.length === 0 ? "" : `: ${names.map(([name]) => name).join(", ")}`;
}

function tagged([tag, text]: readonly [string, string]): string[] {
  return [".TP", `.B ${roff(tag)}`, roff(text)];
}

/** Text in which roff finds nothing to obey. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("~", "\\(ti")
    .replaceAll("^", "\\(ha").replaceAll("`", "\\(ga").replace(/^(?=[.'])/, "\\&");
}

/** Every command's help on one page. */
export function commandsPage(): string {
  const help = (name?: keyof typeof COMMANDS) => `\`\`\`text\n${showHelp(name)}\`\`\`\n`;
  const names = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
  return `# Commands

What \`eac --help\` and \`eac COMMAND --help\` print. This page is made by \`deno task man\`.

${help()}
${names.map((name) => `## eac ${name}\n\n${help(name)}`).join("\n")}`;
}

if (import.meta.main) {
  Deno.mkdirSync(DOCS, { recursive: true });
  Deno.writeTextFileSync(new URL("eac.1", DOCS), manPage());
  Deno.writeTextFileSync(new URL("commands.md", DOCS), commandsPage());
}
