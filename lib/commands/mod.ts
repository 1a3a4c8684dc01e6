/**
 * Every command, declared once. The parser, the help, completion, the manual page,
 * docs/reference.md and the list in the README come from this table. To add a command, add an entry
 * here and a file next to it.
 *
 * @module
 */

import { SHELLS } from "../cli/completion/shells.ts";
import type { CommandSpec } from "../cli/declaration.ts";
import { FORMATS, type OptionName } from "../cli/options.ts";
import type { Context } from "../context.ts";
import { run as runProcess } from "./process.ts";
import { ACTIONS } from "./strategies/actions.ts";

/** The code of a command: does the work and returns the exit code. */
export interface CommandModule {
  run(
    context: Context,
    names: readonly string[],
    child: readonly string[],
  ): Promise<number> | number;
}

/** Loads the code of a command. */
export type LoadCommand = () => Promise<CommandModule> | CommandModule;

/** The options of every command that gets credentials, except those for MFA codes. */
const PLAN: readonly OptionName[] = [
  "duration",
  "refresh",
  "no-cache",
  "min-ttl",
  "no-session",
  "source",
  "strategy",
  "region",
  "role-session-name",
  "external-id",
  "mfa-serial",
  "source-identity",
  "tag",
  "policy",
  "policy-arn",
  "set",
];

/** The options of every command that gets credentials. */
const GET: readonly OptionName[] = [...PLAN, "mfa-token", "mfa-prompt"];

const PROFILE = {
  name: "PROFILE",
  count: "?",
  help: "A profile, or the ARN of a role. Default: AWS_PROFILE, else a list to pick from",
  complete: "profiles",
} as const;

/** Every command, in the order of the help. */
export const COMMANDS = {
  get: {
    group: "use",
    summary: "Get credentials and store or print them",
    usage: "[PROFILE...] [--all] [-o DEST | --print] [--keep] [OPTIONS]",
    arguments: [{ ...PROFILE, count: "*" }],
    options: ["output-profile", "print", "all", "keep", "force", ...GET, "format", "json"],
    meanings: {
      all: "Every profile that has a destination_profile",
      force: "Allow replacing long-lived keys (saves a backup)",
    },
    examples: [
      ["eac get prod", "Store in prod's destination_profile"],
      ["eac get prod -o prod-temp", "Store in the profile prod-temp"],
      ["eac get --all", "Get every profile with a destination: one code per MFA device"],
      ["eac get prod dev --keep", "Keep running, and renew both before they expire"],
    ],
    run: () => import("./get.ts"),
  },
  exec: {
    group: "use",
    summary: "Run a command, or your shell, with credentials in its environment",
    usage: "PROFILE [OPTIONS] [--] [CMD ARG...]",
    arguments: [PROFILE],
    child: true,
    options: ["serve", ...GET],
    examples: [
      ["eac exec prod -- terraform plan", "Only this command gets the credentials"],
      ["eac exec prod -d 4h", "Start your shell with credentials for four hours"],
      ["eac exec prod --serve -- ./run-all-day", "Renew the credentials while the command runs"],
    ],
    notes: "Exits with the exit code of CMD. Everything after -- belongs to CMD.",
    run: () => import("./exec.ts"),
  },
  env: {
    group: "use",
    summary: "Print credentials for a shell",
    usage: "[PROFILE] [--format F | --unset] [OPTIONS]",
    arguments: [PROFILE],
    options: ["unset", ...GET, "format"],
    examples: [
      ['eval "$(eac env prod)"', "bash, zsh, sh", "posix"],
      ["eac env prod --format fish | source", "fish", "posix"],
      ["eac env prod --format powershell | Invoke-Expression", "PowerShell"],
      ["eac env prod --format json | from json | load-env", "Nushell"],
      ['eval "$(eac env --unset)"', "Unset them", "posix"],
      [
        "eac env --unset --format powershell | Invoke-Expression",
        "Unset them, in PowerShell",
      ],
    ],
    notes: `Formats: ${FORMATS.join(", ")}; the last four are the AWS CLI's.`,
    run: () => import("./env.ts"),
  },
  use: {
    group: "use",
    summary: "Set a profile's credentials in this shell, after eac activate",
    usage: "[PROFILE] [--unset] [OPTIONS]",
    arguments: [PROFILE],
    options: ["unset", ...GET, "format"],
    examples: [
      ["eac use prod", "Switch this shell to prod"],
      ["eac use --unset", "Unset the credentials"],
    ],
    notes: "Needs the shell function that eac activate prints.",
    run: () => import("./use.ts"),
  },
  process: {
    group: "use",
    summary: "Print credentials as credential_process JSON",
    usage: "[PROFILE] [OPTIONS]",
    arguments: [PROFILE],
    options: GET,
    examples: [
      ["credential_process = /usr/local/bin/eac process prod", "In ~/.aws/config", "posix"],
    ],
    notes: "eac link PROFILE NAME writes such a profile.",
    // Other programs run this command and wait, so it is loaded with every run.
    run: () => ({ run: runProcess }),
  },
  console: {
    group: "use",
    summary: "Sign in to the AWS console in a browser",
    usage: "[PROFILE] [--service S | --destination PAGE] [--print] [OPTIONS]",
    arguments: [PROFILE],
    options: ["service", "destination", "print", ...GET],
    examples: [
      ["eac console prod", "The console's home in prod's region"],
      ["eac console prod --service s3", "The page of a service"],
      ["eac console prod --destination /s3/buckets/NAME", "Any page, by its path or URL"],
      ["eac console prod --print", "Print the URL, which is valid for 15 minutes"],
    ],
    notes:
      "The console accepts a role's credentials. A user without a role signs in as a federated user " +
      "(GetFederationToken), with the user's own permissions or those of --policy.",
    run: () => import("./console.ts"),
  },
  login: {
    group: "use",
    summary: "Sign in to IAM Identity Center, or with console credentials",
    usage: "[PROFILE] [--no-browser] [--region R]",
    arguments: [{
      ...PROFILE,
      help: "A profile, or the name of a new one. Default: AWS_PROFILE, else default",
    }],
    options: ["no-browser", "region"],
    meanings: { region: "Region to sign in to; stored in a new profile" },
    examples: [
      ["eac login prod", "Sign in for prod, in your browser"],
      ["eac login prod --no-browser", "With a browser on another device, for example over SSH"],
      ["eac login new", "Sign in with console credentials; writes the profile new"],
    ],
    notes: "A profile with sso_session or sso_start_url signs in to IAM Identity Center. One " +
      "with login_session or without credentials signs in as aws login does. eac and the AWS " +
      "CLI share these sign-ins. A custom strategy with " +
      'gives: "sign-in" signs in with its own code.',
    run: () => import("./login.ts"),
  },
  list: {
    group: "look",
    summary: "List profiles, their strategies, and which credentials are valid",
    usage: "[PROFILE...] [--watch | --json] [OPTIONS]",
    arguments: [{ ...PROFILE, count: "*", help: "Profiles to list. Default: all" }],
    options: ["watch", "json", "settings"],
    examples: [
      ["eac list", "A table: each profile below its source"],
      ["eac list --watch", "Refresh the table until Ctrl-C"],
      ["eac list --json", "For scripts"],
    ],
    run: () => import("./list/list.ts"),
  },
  explain: {
    group: "look",
    summary: "Show what eac would do for a profile, and why, without calls",
    usage: "[PROFILE] [OPTIONS]",
    arguments: [PROFILE],
    options: [...PLAN, "json"],
    examples: [["eac explain prod", "The base credentials, MFA, each role, and what is cached"]],
    run: () => import("./explain/explain.ts"),
  },
  whoami: {
    group: "look",
    summary: "Show the identity of the credentials (GetCallerIdentity)",
    usage: "[PROFILE] [OPTIONS]",
    arguments: [PROFILE],
    options: [...GET, "json"],
    examples: [["eac whoami prod", "Account, ARN and user ID"]],
    run: () => import("./whoami.ts"),
  },
  init: {
    group: "manage",
    summary: "Write a profile from your answers, or one for each SSO role",
    usage: "[NAME] [--sso] [OPTIONS]",
    arguments: [{
      name: "NAME",
      count: "?",
      help: "Name of the new profile; with --sso, of a profile or sso-session that exists",
      complete: "nothing",
    }],
    options: [
      "sso",
      "template",
      "role-arn",
      "csv",
      "source",
      "mfa-serial",
      "external-id",
      "region",
      "output-profile",
      "force",
      "mfa-token",
      "yes",
    ],
    meanings: { force: "Change an existing profile (saves a backup of its keys)" },
    examples: [
      ["eac init", "Ask, then show what will be written"],
      ["eac init alice --csv accessKeys.csv", "Use the key file of the IAM console"],
      ["eac init --sso corp", "A profile for every role of the sso-session corp"],
      ["eac init x --yes --role-arn ARN --source alice", "For scripts"],
    ],
    notes: "With --yes and without --csv, the keys are AWS_ACCESS_KEY_ID and " +
      "AWS_SECRET_ACCESS_KEY.",
    run: () => import("./init/init.ts"),
  },
  link: {
    group: "manage",
    summary: "Write a profile whose credentials eac renews",
    usage: "PROFILE NAME [--force]",
    arguments: [
      { ...PROFILE, count: 1, help: "The profile that provides the credentials" },
      { name: "NAME", count: 1, help: "The profile to write", complete: "nothing" },
    ],
    options: ["force"],
    meanings: { force: "Replace another tool's credential_process" },
    notes: "Writes NAME to both AWS files, so that every tool finds it. Keys and roles are " +
      "never replaced; eac clear leaves the profile.",
    examples: [["eac link prod prod-auto", "Then: aws --profile prod-auto s3 ls"]],
    run: () => import("./link.ts"),
  },
  clear: {
    group: "manage",
    summary: "Remove cached and stored temporary credentials",
    usage: "[PROFILE...] [--all | --mfa]",
    arguments: [{ ...PROFILE, count: "*", help: "Profiles to clear" }],
    options: ["all", "mfa"],
    meanings: { all: "All profiles, and everything cached" },
    examples: [
      ["eac clear prod", "Remove the credentials of one profile"],
      ["eac clear --all", "Remove the credentials of all profiles"],
      ["eac clear --mfa", "Remove only the MFA sessions, not the roles' credentials"],
    ],
    notes: "Removes only what eac wrote; never long-lived keys.",
    run: () => import("./clear.ts"),
  },
  roles: {
    group: "look",
    summary: "List the roles that an IAM Identity Center session may assume",
    usage: "[PROFILE] [--json]",
    arguments: [{
      name: "PROFILE",
      count: "?",
      help: "A profile with sso_session or sso_start_url, or an sso-session. Default: the only " +
        "sso-session",
      complete: "profiles",
    }],
    options: ["json"],
    examples: [
      ["eac roles corp", "Accounts and roles, with the profiles that use them"],
      ["eac roles corp --json", "For scripts"],
    ],
    notes: "eac init --sso writes profiles for them.",
    run: () => import("./roles.ts"),
  },
  rotate: {
    group: "manage",
    summary: "Replace the long-lived access key of a profile",
    usage: "[PROFILE] [OPTIONS]",
    arguments: [{ ...PROFILE, help: "A profile with long-lived keys" }],
    options: ["region", "force", "mfa-token"],
    meanings: { force: "Delete a second key that is inactive" },
    examples: [["eac rotate alice", "Create, test and store a new key; then delete the old one"]],
    notes: "Rerun the command to resume after a failure. The user needs the permissions " +
      "ListAccessKeys, CreateAccessKey, UpdateAccessKey and DeleteAccessKey; after a " +
      "lost response also GetAccessKeyLastUsed.\n" +
      "--force deletes a second key that is inactive: IAM allows only two.",
    run: () => import("./rotate/rotate.ts"),
  },
  doctor: {
    group: "manage",
    summary: "Check files, profiles, clock, keys and the connection to AWS",
    usage: "[PROFILE...] [--fix] [OPTIONS]",
    arguments: [{
      ...PROFILE,
      count: "*",
      help: "Profiles to check, with their sources. Default: all",
    }],
    options: ["fix", "yes", "json"],
    examples: [
      ["eac doctor", "Show problems and how to fix them"],
      ["eac doctor prod", "Check one profile, and the files and connections it needs"],
      ["eac doctor --fix", "Fix what can be fixed, after asking"],
      ["eac doctor --json", "For scripts"],
    ],
    notes: "Exits 0 without warnings, 3 with warnings, and with the first error's code " +
      "otherwise.",
    run: () => import("./doctor/doctor.ts"),
  },
  strategies: {
    group: "manage",
    summary: "List, create, test and allow strategies, built-in and custom",
    usage: "[list | new FILE | check FILE... [--tap] | allow FILE...]",
    arguments: [
      {
        name: "ACTION",
        count: "?",
        help: "list (default), new, check or allow",
        complete: ACTIONS,
      },
      { name: "FILE", count: "*", help: "A strategy's file", complete: "files" },
    ],
    options: ["tap", "json"],
    examples: [
      ["eac strategies", "List all strategies, your own first"],
      ["eac strategies new vault.js", "Write a working example and its test"],
      ["eac strategies check vault.js", "Test it against a built-in STS"],
      ["eac strategies allow vault.js", "Allow this version of a file in a clone to run"],
    ],
    run: () => import("./strategies/strategies.ts"),
  },
  activate: {
    group: "more",
    summary: "Print the shell function behind eac use, with completion",
    usage: "SHELL",
    arguments: [{
      name: "SHELL",
      count: 1,
      help: "bash, zsh, sh, fish, powershell, cmd or nu",
      complete: ["bash", "zsh", "sh", "fish", "powershell", "cmd", "nu"],
    }],
    options: [],
    examples: [
      ['eval "$(eac activate bash)"', "In ~/.bashrc", "posix"],
      ['eval "$(eac activate zsh)"', "In ~/.zshrc, after compinit", "posix"],
      ["eac activate fish | source", "In config.fish", "posix"],
      ["eac activate powershell | Out-String | Invoke-Expression", "In $PROFILE"],
      ["eac activate nu | save -f eac.nu", "Then, in config.nu: source eac.nu"],
    ],
    run: () => import("./activate.ts"),
  },
  completion: {
    group: "more",
    summary: "Print the completion script of a shell",
    usage: "SHELL",
    arguments: [{
      name: "SHELL",
      count: 1,
      help: "bash, zsh, fish, powershell or nu",
      complete: SHELLS,
    }],
    options: [],
    examples: [
      ['eval "$(eac completion bash)"', "In ~/.bashrc", "posix"],
      ['eval "$(eac completion zsh)"', "In ~/.zshrc", "posix"],
      ["eac completion fish | source", "In config.fish", "posix"],
      ["eac completion powershell | Out-String | Invoke-Expression", "In $PROFILE"],
      ["eac completion nu | save -f eac.nu", "Then, in config.nu: source eac.nu"],
    ],
    run: () => import("./completion.ts"),
  },
  demo: {
    group: "more",
    summary: "Show a tour of eac with a built-in STS",
    usage: "",
    arguments: [],
    options: [],
    examples: [["eac demo", "Uses none of your files"]],
    run: () => import("./demo.ts"),
  },
} as const satisfies Record<string, CommandSpec<LoadCommand>>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;
