/**
 * Every option, declared once: its syntax, its help and the type of its value. The
 * parser, the help, completion and the type of the parsed options follow from it.
 *
 * @module
 */

/** The groups of options in the help, in their order. */
export const GROUPS = {
  credentials: "Credential options",
  request: "Request options (override the keys of the profile)",
  store: "Destination options",
  prompts: "Prompt options",
  command: "Options",
  output: "Output options",
} as const;

/** The declaration of an option. */
export interface OptionSpec {
  readonly short?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  /** The placeholder of its value; absent for a switch. */
  readonly value?: string | undefined;
  /**
   * The type of the value (default: text): a duration, an MFA code, a repeatable text, or one of
   * these words.
   */
  readonly type?: "duration" | "code" | "list" | readonly string[] | undefined;
  /** What a shell completes as its value. */
  readonly complete?: "profiles" | "strategies" | "files" | undefined;
  readonly group: keyof typeof GROUPS;
  readonly help: string;
}

/** The formats of `--format`: eac's own, then the AWS CLI's names for some of them. */
export const FORMATS = [
  "posix",
  "fish",
  "powershell",
  "cmd",
  "nu",
  "dotenv",
  "json",
  "github",
  "env",
  "env-no-export",
  "windows-cmd",
  "process",
] as const;

/** The name of a format. */
export type Format = typeof FORMATS[number];

/** Every option, by its long name. */
export const OPTIONS = {
  "output-profile": {
    short: "o",
    aliases: ["to", "temp_profile"],
    value: "DEST",
    complete: "profiles",
    group: "store",
    help: "Store the credentials in this profile",
  },
  print: { group: "store", help: "Print the result instead of storing or opening it" },
  all: { group: "store", help: "All profiles; for get, those with a destination_profile" },
  keep: { group: "store", help: "Keep running, and renew the stored credentials until Ctrl-C" },
  mfa: { group: "store", help: "Only the MFA sessions, so that the next command asks for a code" },
  force: {
    group: "store",
    help: "Replace what is protected (see the command's help)",
  },
  duration: {
    short: "d",
    value: "D",
    type: "duration",
    group: "credentials",
    help: "Duration of the credentials: seconds, or 15m, 1h, 1h30m",
  },
  refresh: { short: "r", group: "credentials", help: "Ignore cached credentials" },
  "no-cache": { group: "credentials", help: "Do not use a cache" },
  "min-ttl": {
    value: "D",
    type: "duration",
    group: "credentials",
    help: "Renew credentials with less time left than this",
  },
  "no-session": {
    short: "n",
    group: "credentials",
    help: "Send the code with AssumeRole, without a shared MFA session",
  },
  source: {
    value: "PROFILE",
    complete: "profiles",
    group: "credentials",
    help: "Source of the credentials that assume a role given by ARN: a profile, or environment, " +
      "web-identity, container, instance; one of these alone works without a role",
  },
  strategy: {
    value: "NAME",
    complete: "strategies",
    group: "credentials",
    help: "Use this strategy, not the first that matches",
  },
  region: {
    value: "R",
    group: "credentials",
    help: "Region of the STS call and of the credentials",
  },
  "role-session-name": { value: "NAME", group: "request", help: "Name of the role session" },
  "external-id": { value: "ID", group: "request", help: "External ID that the role requires" },
  "mfa-serial": { value: "SERIAL", group: "request", help: "MFA device to use" },
  "source-identity": { value: "ID", group: "request", help: "Source identity of the session" },
  tag: { value: "K=V", type: "list", group: "request", help: "Session tag (repeatable)" },
  policy: { value: "JSON", group: "request", help: "Session policy: JSON, or file://PATH" },
  "policy-arn": {
    value: "ARN",
    type: "list",
    group: "request",
    help: "Managed session policy (repeatable)",
  },
  set: {
    value: "KEY=VALUE",
    type: "list",
    group: "request",
    help: "Key of the profile, or source_profile.KEY (repeatable)",
  },
  "mfa-token": {
    aliases: ["mfa_token", "token-code", "otp"],
    value: "CODE",
    type: "code",
    group: "prompts",
    help: "The MFA code",
  },
  "mfa-prompt": {
    value: "WHERE",
    type: ["auto", "terminal", "dialog", "none"],
    group: "prompts",
    help: "Where to ask for the code: auto, terminal, dialog or none",
  },
  yes: { short: "y", group: "prompts", help: "Answer every question with its default" },
  "no-input": { group: "prompts", help: "Never ask; fail if input is required" },
  "role-arn": { value: "ARN", group: "command", help: "Role to assume; without it, an IAM user" },
  sso: { group: "command", help: "Write profiles for the roles of IAM Identity Center" },
  template: {
    value: "T",
    group: "command",
    help: "With --sso, how profiles are named. Default: {account}.{role}; also {account_id}",
  },
  csv: {
    value: "FILE",
    complete: "files",
    group: "command",
    help: "Access key file downloaded from the IAM console",
  },
  serve: { group: "command", help: "Serve and renew credentials on loopback while CMD runs" },
  service: { value: "S", group: "command", help: "Page of a service, such as s3 or lambda" },
  destination: {
    value: "PAGE",
    group: "command",
    help: "Page of the console: its URL, or its path from /",
  },
  "no-browser": {
    aliases: ["remote", "use-device-code"],
    group: "command",
    help: "Use a browser on another device (--remote of aws login)",
  },
  unset: { group: "command", help: "Unset what eac set, instead of setting credentials" },
  fix: { group: "command", help: "Fix what can be fixed; shows the changes and asks first" },
  watch: { group: "output", help: "Refresh the table until Ctrl-C" },
  settings: { group: "output", help: "With --json, include each profile's settings" },
  tap: { group: "output", help: "Print the checks in TAP, for test reports of CI systems" },
  format: {
    value: "F",
    type: FORMATS,
    group: "output",
    help: "posix (default), fish, powershell, cmd, nu, json, ...",
  },
  json: { group: "output", help: "Print JSON; errors go to stderr as JSON" },
  quiet: { short: "q", group: "output", help: "Print errors only" },
  verbose: { short: "v", group: "output", help: "Print what eac does" },
  color: {
    value: "WHEN",
    type: ["auto", "always", "never"],
    group: "output",
    help: "Color: auto, always or never",
  },
  help: { short: "h", group: "output", help: "Print help" },
  version: { short: "V", group: "output", help: "Print the version" },
} as const satisfies Record<string, OptionSpec>;

/** The name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** The options of every command. */
export const GLOBAL: readonly OptionName[] = [
  "no-input",
  "quiet",
  "verbose",
  "color",
  "help",
  "version",
];

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** `--min-ttl` sets `minTtl`, `--no-cache` sets `cache` to false. */
type PropertyOf<Name extends string> = Name extends `no-${infer Rest}` ? CamelCase<Rest>
  : CamelCase<Name>;

type Table = typeof OPTIONS;

type ValueOf<Spec> = Spec extends { type: "duration" } ? number
  : Spec extends { type: "list" } ? readonly string[]
  : Spec extends { type: readonly (infer Word)[] } ? Word
  : string;

/** The parsed options. Durations are in seconds. */
export type Options =
  & {
    readonly [
      Name in OptionName as Table[Name] extends { value: string } ? never : PropertyOf<Name>
    ]: boolean;
  }
  & {
    readonly [
      Name in OptionName as Table[Name] extends { value: string } ? PropertyOf<Name> : never
    ]?: ValueOf<Table[Name]> | undefined;
  };

/** The property that an option sets: `minTtl` for `min-ttl`, `cache` for `no-cache`. */
export function propertyOf(name: string): string {
  // Every run calls this for every switch: a regular expression would take ten times as long.
  let property = "";
  for (let at = name.startsWith("no-") ? 3 : 0; at < name.length; at++) {
    property += name[at] === "-" ? name[++at]!.toUpperCase() : name[at];
  }
  return property;
}

/** True for an option without a value. */
export function isSwitch(name: OptionName): boolean {
  return !("value" in OPTIONS[name]);
}

/** The options that these switches set, and the defaults of all others. */
export function optionsWith(switches: readonly OptionName[]): Options {
  const options: Record<string, boolean> = {};
  for (const name of Object.keys(OPTIONS) as OptionName[]) {
    if (isSwitch(name)) {
      options[propertyOf(name)] = switches.includes(name) !== name.startsWith("no-");
    }
  }
  return options as unknown as Options;
}

/** True if options set keys of the profile for this run. */
export function changesRequest(options: Options): boolean {
  return Object.entries(OPTIONS).some(([name, { group }]) =>
    group === "request" && options[propertyOf(name) as keyof Options] !== undefined
  );
}
