/**
 * Credentials as text for a shell, a file of variables or another program. Pure.
 *
 * @module
 */

import type { Format } from "../cli/options.ts";
import type { Credentials } from "../plan/credentials.ts";
import { EacError } from "../errors.ts";
import { shellQuoted, shellWord } from "../text/printable.ts";
import { processJson } from "./process_json.ts";
import {
  type Carrier,
  CARRIERS,
  carriersOf,
  COMPETITORS,
  type ExportOptions,
} from "./variables.ts";

/** How a shell sets and unsets variables. */
interface Dialect {
  set(name: string, value: string): string;
  unset(names: readonly string[]): string;
}

/** Where a variable that is already set could win, what competes is unset first. */
const SHELLS = {
  // eval "$(eac env PROFILE)"
  posix: {
    set: (name, value) => `export ${name}=${shellQuoted(value)}`,
    unset: (names) => `unset ${names.join(" ")}`,
  },
  // eac env PROFILE --format fish | source. The semicolons are for `eval (...)`, which joins lines.
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replace(/['\\]/g, "\\$&")}';`,
    unset: (names) => names.map((name) => `set -e ${name};`).join("\n"),
  },
  // eac env PROFILE --format powershell | Invoke-Expression. To PowerShell, curly quotes are quotes.
  powershell: {
    set: (name, value) => `$Env:${name} = '${value.replace(/['\u2018-\u201b]/g, "$&$&")}'`,
    unset: (names) => names.map((name) => `$Env:${name} = $null`).join("\n"),
  },
  // for /f "delims=" %i in ('eac env PROFILE --format cmd') do @%i. Within the quotes, and after %i
  // was put in, no character means anything; a batch file would take a % otherwise.
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
 * Formats of `aws configure export-credentials`, letter by letter: no region, and no quotes around
 * what AWS gives. Quotes stand only where a shell would otherwise run a piece of the value.
 */
const AWS_CLI = {
  env: (name: string, value: string) => `export ${name}=${shellWord(value)}`,
  "env-no-export": (name: string, value: string) => `${name}=${shellWord(value)}`,
  "windows-cmd": (name: string, value: string) => `set ${name}=${value}`,
} as const;

/** What means something to cmd outside of quotes: nothing escapes all of it. */
const CMD_ACTIVE = /["%&|<>^()!]/;

/** All formats that are text on stdout. */
export type TextFormat = Exclude<Format, "github">;

/**
 * The credentials in a format, with a line end at its end.
 *
 * @throws {EacError} `process_failed` for a value with a line break or another control character
 */
export function formatEnv(
  format: TextFormat,
  credentials: Credentials,
  options: ExportOptions = {},
): string {
  if (format === "process") return processJson(credentials);
  const values = checkedCarriers(credentials, options);
  if (format === "windows-cmd") refuseActive(values);
  if (format === "json") return `${JSON.stringify(Object.fromEntries(values), null, 2)}\n`;
  if (format === "dotenv") return lines(values, (name, value) => `${name}=${dotenvValue(value)}`);
  if (isAwsCli(format)) {
    values.delete("AWS_REGION");
    values.delete("AWS_DEFAULT_REGION");
    return lines(values, AWS_CLI[format]);
  }
  // A token or an expiration of other credentials would make these useless.
  const stale = (["AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"] as const)
    .filter((name) => !values.has(name));
  const { set, unset } = SHELLS[format];
  return `${unset([...COMPETITORS, ...stale])}\n${lines(values, set)}`;
}

/**
 * What takes back all that {@linkcode formatEnv} sets.
 *
 * @throws {EacError} `usage` for a format that can only set
 */
export function unsetEnv(format: Format): string {
  const names = [...CARRIERS, "AWS_SECURITY_TOKEN"];
  if (format === "env" || format === "env-no-export") return `${SHELLS.posix.unset(names)}\n`;
  if (format === "windows-cmd") return lines(names.map((name) => [name, ""]), AWS_CLI[format]);
  if (format in SHELLS) return `${SHELLS[format as keyof typeof SHELLS].unset(names)}\n`;
  throw new EacError("usage", `--format ${format} cannot unset anything`, {
    hint: `it can be ${[...Object.keys(SHELLS), ...Object.keys(AWS_CLI)].join(", ")}`,
  });
}

/** Workflow commands that make a GitHub runner mask the credentials in all that is logged after. */
export function githubMasks(credentials: Credentials): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  // aws-actions/configure-aws-credentials masks the id of the key as well.
  return [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal()]
    .filter((value) => value !== undefined)
    .map((value) => `::add-mask::${commandData(value)}\n`)
    .join("");
}

/** What is added to the file that `$GITHUB_ENV` names, for the steps that follow. */
export function githubEnv(credentials: Credentials, options: ExportOptions = {}): string {
  const values: Map<Carrier, string> = checkedCarriers(credentials, options);
  // Nothing can be unset there; an empty token is none to the SDKs.
  if (!values.has("AWS_SESSION_TOKEN")) values.set("AWS_SESSION_TOKEN", "");
  return lines(values, (name, value) => `${name}=${value}`);
}

/** Escapes as `@actions/core` does. */
function commandData(value: string): string {
  return value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** No format can carry a line break, and a value with one would run as a command of its own. */
function checkedCarriers(credentials: Credentials, options: ExportOptions): Map<Carrier, string> {
  const values = carriersOf(credentials, options);
  for (const [name, value] of values) {
    if (/\p{Cc}/u.test(value)) {
      throw new EacError("process_failed", `${name} holds a line break or a control character`, {
        hint: "what gave these credentials is broken: check it with eac explain",
      });
    }
  }
  return values;
}

function refuseActive(values: ReadonlyMap<Carrier, string>): void {
  for (const [name, value] of values) {
    if (!CMD_ACTIVE.test(value)) continue;
    throw new EacError("process_failed", `${name} holds a character that cmd would act on`, {
      hint: "use --format cmd or --format powershell",
    });
  }
}

/** Bare where every reader agrees; else quoted, with what a reader could expand taken care of. */
function dotenvValue(value: string): string {
  if (/^[\w+/=.,:@-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replace(/["\\$`]/g, "\\$&")}"`;
}

function isAwsCli(format: TextFormat): format is keyof typeof AWS_CLI {
  return format in AWS_CLI;
}

function lines(
  values: Iterable<readonly [string, string]>,
  line: (name: string, value: string) => string,
): string {
  return [...values].map(([name, value]) => `${line(name, value)}\n`).join("");
}
