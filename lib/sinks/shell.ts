/**
 * Formats credentials for a shell, a file of variables or another program. Pure.
 *
 * @module
 */

import type { Format } from "../cli/options.ts";
import type { Credentials } from "../plan/credentials.ts";
import { EacError } from "../errors.ts";
import { shellQuoted, shellWord } from "../text/printable.ts";
import { processJson } from "./process_json.ts";
import {
  CARRIERS,
  carriersOf,
  COMPETITORS,
  type Env,
  exportedRegionVariables,
  type ExportOptions,
} from "./variables.ts";

/** How a shell sets and unsets variables. */
interface Dialect {
  set(name: string, value: string): string;
  unset(names: readonly string[]): string;
}

/** Shells; each format first unsets what could take precedence over the credentials. */
const SHELLS = {
  // eval "$(eac env PROFILE)"
  posix: {
    set: (name, value) => `export ${name}=${shellQuoted(value)}`,
    unset: (names) => `unset ${names.join(" ")}`,
  },
  // eac env PROFILE --format fish | source. The semicolons are for `eval (...)`, which joins lines.
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replace(/['\\]/g, "\\$&")}';`,
    unset: fishUnset,
  },
  // eac env PROFILE --format powershell | Invoke-Expression. PowerShell treats curly quotes as
  // quotes.
  powershell: {
    set: (name, value) => `$Env:${name} = '${value.replace(/['\u2018-\u201b]/g, "$&$&")}'`,
    unset: (names) => names.map((name) => `$Env:${name} = $null`).join("\n"),
  },
  // for /f "delims=" %i in ('eac env PROFILE --format cmd') do @%i. Inside the quotes, and after %i
  // is replaced, no character is special; a batch file would expand %.
  cmd: {
    set: (name, value) => `set "${name}=${value}"`,
    unset: (names) => names.map((name) => `set "${name}="`).join("\n"),
  },
  // eac env PROFILE --format nu | save eac.nu; source eac.nu
  nu: {
    set: (name, value) => `$env.${name} = "${value.replace(/["\\]/g, "\\$&")}"`,
    unset: (names) => names.map((name) => `hide-env --ignore-errors ${name}`).join("\n"),
  },
} satisfies Record<string, Dialect>;

/**
 * Erases global variables. The user's universal variables (`set -U`) stay: fish exports them even
 * if others shadow them, so the output names them on stderr, with the command that erases them.
 */
function fishUnset(names: readonly string[]): string {
  const name = `'^(${names.join("|")})$'`;
  const warning = "'eac: the universal variable $1 is still set; to erase it: set -eU $1'";
  return [
    `set -nU | string replace -fr ${name} ${warning} >&2;`,
    ...names.map((name) => `set -eg ${name};`),
  ].join("\n");
}

/**
 * Formats of `aws configure export-credentials`, in the AWS CLI's style: no quotes around AWS's own
 * values. A value is quoted only if a shell would otherwise run part of it.
 */
const AWS_CLI = {
  env: (name: string, value: string) => `export ${name}=${shellWord(value)}`,
  "env-no-export": (name: string, value: string) => `${name}=${shellWord(value)}`,
  "windows-cmd": (name: string, value: string) => `set ${name}=${value}`,
} as const;

/** Characters that are special to cmd outside quotes, where they cannot all be escaped. */
const CMD_ACTIVE = /["%&|<>^()!]/;

/** The formats that print to stdout. */
export type TextFormat = Exclude<Format, "github">;

/** How the output is used. */
export interface FormatOptions extends ExportOptions {
  /** The environment of this run, which the output probably extends. */
  readonly env?: Env | undefined;
  /** False if no file has the profile, so that `AWS_PROFILE` cannot name it. */
  readonly inFiles?: boolean | undefined;
}

/**
 * Formats the credentials, with a line break at the end.
 *
 * @throws {EacError} `process_failed` for a value with a line break or another control character
 */
export function formatEnv(
  format: TextFormat,
  credentials: Credentials,
  options: FormatOptions,
): string {
  if (format === "process") return processJson(credentials);
  const values = checkedCarriers(credentials, options);
  if (format === "json") {
    const all = Object.fromEntries([...profileInForce(options), ...values]);
    return `${JSON.stringify(all, null, 2)}\n`;
  }
  if (format === "dotenv") {
    return lines(
      [...profileInForce(options), ...values],
      (name, value) => `${name}=${dotenvValue(value)}`,
    );
  }
  if (format === "env-no-export") {
    return lines([...profileInForce(options), ...values], AWS_CLI[format]);
  }
  const { env = {} } = options;
  // The token, expiration or region of other credentials must not stay.
  const stale = CARRIERS.filter((name) => !values.has(name) && isStale(name, env));
  if (format === "env" || format === "windows-cmd") {
    if (format === "windows-cmd") refuseActive(values);
    // Like the AWS CLI, unless something has to be unset.
    const names = [...COMPETITORS, ...stale].filter((name) => env[name]);
    const unset = names.length === 0 ? "" : unsetLines(format, names);
    return unset + lines(values, AWS_CLI[format]);
  }
  const { set, unset } = SHELLS[format];
  return `${unset([...COMPETITORS, ...stale])}\n${lines(values, set)}`;
}

/** True for a variable without a new value whose old value would be wrong. */
function isStale(name: string, env: Env): boolean {
  if (name === "AWS_SESSION_TOKEN" || name === "AWS_CREDENTIAL_EXPIRATION") return true;
  // Other variables of the user must not be unset.
  if (name.startsWith("AWS_")) return exportedRegionVariables(env).some((one) => one === name);
  return Boolean(env[name]);
}

/**
 * A file of variables cannot unset `AWS_PROFILE`, and an empty value is an error in boto3. The SDK
 * for JavaScript prefers that profile to keys, so another profile must not stay selected.
 */
function profileInForce({ env = {}, profile, inFiles = true }: FormatOptions): [string, string][] {
  const names = (["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] as const)
    .filter((name) => env[name] && env[name] !== profile);
  return inFiles && !/\p{Cc}/u.test(profile) ? names.map((name) => [name, profile]) : [];
}

/**
 * The lines that unset all variables that {@linkcode formatEnv} sets.
 *
 * @throws {EacError} `usage` for a format that cannot unset
 */
export function unsetEnv(format: Format): string {
  return unsetLines(format, [...CARRIERS, "AWS_SECURITY_TOKEN"]);
}

function unsetLines(format: Format, names: readonly string[]): string {
  if (format === "env" || format === "env-no-export") return `${SHELLS.posix.unset(names)}\n`;
  if (format === "windows-cmd") return lines(names.map((name) => [name, ""]), AWS_CLI[format]);
  if (format in SHELLS) return `${SHELLS[format as keyof typeof SHELLS].unset(names)}\n`;
  throw new EacError("usage", `--format ${format} cannot unset variables`, {
    hint: `use one of ${[...Object.keys(SHELLS), ...Object.keys(AWS_CLI)].join(", ")}`,
  });
}

/** Workflow commands that make a GitHub runner mask the credentials in all later logs. */
export function githubMasks(credentials: Credentials): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  // aws-actions/configure-aws-credentials masks the key ID as well.
  return [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal()]
    .filter((value) => value !== undefined)
    .map((value) => `::add-mask::${commandData(value)}\n`)
    .join("");
}

/** The lines for the file `$GITHUB_ENV`, for later steps. */
export function githubEnv(credentials: Credentials, options: FormatOptions): string {
  const values = checkedCarriers(credentials, options);
  const { env = {} } = options;
  // Variables cannot be unset there; SDKs ignore an empty value.
  for (const name of CARRIERS) {
    if (values.has(name)) continue;
    if (name === "AWS_SESSION_TOKEN" || (env[name] && isStale(name, env))) values.set(name, "");
  }
  return lines([...profileInForce(options), ...values], (name, value) => `${name}=${value}`);
}

/** Escapes like `@actions/core`. */
function commandData(value: string): string {
  return value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/**
 * Refuses a line break, which no format can express: the rest of the value would run as a command.
 */
function checkedCarriers(credentials: Credentials, options: ExportOptions): Map<string, string> {
  const values: Map<string, string> = carriersOf(credentials, options);
  for (const [name, value] of values) {
    if (/\p{Cc}/u.test(value)) {
      throw new EacError("process_failed", `${name} contains a line break or a control character`, {
        hint: "their source is broken: eac explain shows where they come from",
      });
    }
  }
  return values;
}

/** Refuses values that cmd would interpret; the profile's name is omitted instead. */
function refuseActive(values: Map<string, string>): void {
  for (const [name, value] of values) {
    if (!CMD_ACTIVE.test(value)) continue;
    if (name !== "EAC_PROFILE") throw interpreted(name);
    values.delete(name);
  }
}

function interpreted(name: string): EacError {
  return new EacError("process_failed", `${name} contains a character that cmd would interpret`, {
    hint: "use --format cmd or --format powershell",
  });
}

/** Unquoted if all parsers agree; else quoted, with special characters escaped. */
function dotenvValue(value: string): string {
  if (/^[\w+/=.,:@-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replace(/["\\$`]/g, "\\$&")}"`;
}

function lines(
  values: Iterable<readonly [string, string]>,
  line: (name: string, value: string) => string,
): string {
  return [...values].map(([name, value]) => `${line(name, value)}\n`).join("");
}
