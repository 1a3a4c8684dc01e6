/**
 * The action's main step: installs eac, gets the credentials, masks them, and hands them on.
 *
 * Long-lived keys lie in a folder of their own only while eac runs; what stays for the job is
 * temporary and is removed by post.mjs.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const { env } = process;

/** What the workflow gives for an input; empty without one. */
function input(name) {
  return (env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
}

/** A line for the runner: `::error::...`, `::add-mask::...`. */
function command(name, value) {
  const escaped = value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  process.stdout.write(`::${name}::${escaped}\n`);
}

/** Appends `NAME=value` to one of the runner's files. None of our values has a line end. */
function tell(file, name, value) {
  if (/[\r\n]/.test(value)) throw new Error(`${name} has a line end in it`);
  appendFileSync(env[file], `${name}=${value}\n`);
}

/** Installs eac into this job's temporary folder; its path. */
function install() {
  const scripts = join(dirname(fileURLToPath(import.meta.url)), "..", "scripts");
  const folder = join(env.RUNNER_TEMP, "eac-bin");
  const [program, ...args] = process.platform === "win32"
    ? [
      "powershell",
      "-NoProfile",
      "-ExecutionPolicy",
      "Bypass",
      "-File",
      join(scripts, "install.ps1"),
    ]
    : ["sh", join(scripts, "install.sh")];
  const { status } = spawnSync(program, args, {
    env: {
      ...env,
      EAC_INSTALL_DIR: folder,
      EAC_REPOSITORY: env.EAC_REPOSITORY || env.GITHUB_ACTION_REPOSITORY || "",
      EAC_VERSION: input("version"),
      // The folder joins PATH below: no advice about it.
      PATH: `${env.PATH}${delimiter}${folder}`,
    },
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("eac could not be installed");
  appendFileSync(env.GITHUB_PATH, `${folder}\n`);
  return join(folder, process.platform === "win32" ? "eac.exe" : "eac");
}

/** The environment in which eac finds the profiles, and the keys that were given. */
function sources(folder) {
  const made = { ...env, EAC_HOME: join(folder, "eac") };
  const config = env.INPUT_CONFIG ?? "";
  if (config.trim() !== "") {
    made.AWS_CONFIG_FILE = join(folder, "config");
    writeFileSync(made.AWS_CONFIG_FILE, config, { mode: 0o600 });
  }
  const id = input("aws-access-key-id");
  const secret = input("aws-secret-access-key");
  if ((id === "") !== (secret === "")) {
    throw new Error("aws-access-key-id and aws-secret-access-key belong together");
  }
  if (id !== "") {
    command("add-mask", secret);
    made.AWS_SHARED_CREDENTIALS_FILE = join(folder, "credentials");
    writeFileSync(
      made.AWS_SHARED_CREDENTIALS_FILE,
      `[${input("source-profile") || "default"}]\naws_access_key_id = ${id}\n` +
        `aws_secret_access_key = ${secret}\n`,
      { mode: 0o600 },
    );
  }
  return made;
}

/** Runs eac and gives what it prints; its own words go to the log. */
function eac(program, args, environment) {
  const { status, stdout, error } = spawnSync(program, [...args, "--no-input"], {
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`eac ${args.join(" ")} ended with ${status}`);
  return stdout;
}

/** Credentials of one profile, masked in the log from here on. */
function obtain(program, profile, environment) {
  const duration = input("duration");
  const args = [
    "process",
    profile,
    "--no-cache",
    ...(duration === "" ? [] : ["--duration", duration]),
  ];
  const credentials = JSON.parse(eac(program, args, environment));
  command("add-mask", credentials.SecretAccessKey);
  if (credentials.SessionToken) command("add-mask", credentials.SessionToken);
  const list = JSON.parse(eac(program, ["list", "--json"], environment));
  const region = list.find((one) => one.name === profile)?.region ?? "";
  return { profile, credentials, region };
}

/** Sets the variables for the steps that follow. */
function exportToEnvironment({ credentials, region }) {
  tell("GITHUB_ENV", "AWS_ACCESS_KEY_ID", credentials.AccessKeyId);
  tell("GITHUB_ENV", "AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey);
  tell("GITHUB_ENV", "AWS_SESSION_TOKEN", credentials.SessionToken ?? "");
  if (credentials.Expiration) {
    tell("GITHUB_ENV", "AWS_CREDENTIAL_EXPIRATION", credentials.Expiration);
  }
  if (region) {
    tell("GITHUB_ENV", "AWS_REGION", region);
    tell("GITHUB_ENV", "AWS_DEFAULT_REGION", region);
  }
}

/** Writes every profile, under its own name, into files of this job. */
function exportToFiles(folder, all) {
  const credentials = all.map(({ profile, credentials }) =>
    `[${profile}]\naws_access_key_id = ${credentials.AccessKeyId}\n` +
    `aws_secret_access_key = ${credentials.SecretAccessKey}\n` +
    (credentials.SessionToken ? `aws_session_token = ${credentials.SessionToken}\n` : "")
  );
  const config = all.map(({ profile, region }) =>
    `[${profile === "default" ? profile : `profile ${profile}`}]\n` +
    (region ? `region = ${region}\n` : "")
  );
  writeFileSync(join(folder, "credentials"), credentials.join("\n"), { mode: 0o600 });
  writeFileSync(join(folder, "config"), config.join("\n"), { mode: 0o600 });
  tell("GITHUB_ENV", "AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
  tell("GITHUB_ENV", "AWS_CONFIG_FILE", join(folder, "config"));
}

function main() {
  const profiles = input("profiles").split(/\s+/).filter((name) => name !== "");
  const how = input("export") || (profiles.length > 1 ? "file" : "env");
  if (how !== "env" && how !== "file") throw new Error(`export is env or file, not ${how}`);
  if (how === "env" && profiles.length > 1) {
    throw new Error("the environment holds one profile: use `export: file` for several");
  }

  const program = install();
  tell("GITHUB_OUTPUT", "eac-path", program);
  if (profiles.length === 0) return;

  const secret = mkdtempSync(join(env.RUNNER_TEMP, "eac-keys-"));
  let all;
  try {
    const environment = sources(secret);
    all = profiles.map((profile) => obtain(program, profile, environment));
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }

  if (how === "env") exportToEnvironment(all[0]);
  else {
    const folder = mkdtempSync(join(env.RUNNER_TEMP, "eac-profiles-"));
    tell("GITHUB_STATE", "folder", folder);
    exportToFiles(folder, all);
  }
  const ends = all.map(({ credentials }) => credentials.Expiration).filter(Boolean).sort();
  if (ends.length > 0) tell("GITHUB_OUTPUT", "expiration", ends[0]);
}

try {
  main();
} catch (error) {
  command("error", error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
