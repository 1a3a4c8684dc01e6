/**
 * The action's main step: installs eac, gets credentials, masks them, and passes them to the job.
 *
 * The name of each folder that holds credentials is saved for post.mjs before the folder is created,
 * so the post step removes it even if this step is canceled or killed. Long-lived keys are on the disk
 * only while eac runs.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const { env } = process;

/** The value of an input; empty when the workflow does not set it. */
function input(name) {
  return (env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
}

/** Prints a workflow command: `::error::...`. */
function command(name, value) {
  const escaped = value.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  process.stdout.write(`::${name}::${escaped}\n`);
}

/** Masks a value in the log. The runner masks line by line, so each line is masked by itself too. */
function mask(value) {
  for (const line of new Set([value, ...value.split(/\r?\n/)])) {
    if (line !== "") command("add-mask", line);
  }
}

/** Appends `NAME=value` to one of the runner's files. None of our values contains a line break. */
function append(file, name, value) {
  if (/[\r\n]/.test(value)) throw new Error(`${name} contains a line break`);
  appendFileSync(env[file], `${name}=${value}\n`);
}

/** Installs eac into the job's temporary folder; returns the path of the program. */
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
      // The folder is added to PATH below, so the installer need not suggest it.
      PATH: `${env.PATH}${delimiter}${folder}`,
    },
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("could not install eac");
  appendFileSync(env.GITHUB_PATH, `${folder}\n`);
  return join(folder, process.platform === "win32" ? "eac.exe" : "eac");
}

/** Writes the config and keys that the inputs give; returns the environment for eac. */
function writeSources(folder) {
  const environment = { ...env, EAC_HOME: join(folder, "eac") };
  const config = env.INPUT_CONFIG ?? "";
  if (config.trim() !== "") {
    environment.AWS_CONFIG_FILE = join(folder, "config");
    writeFileSync(environment.AWS_CONFIG_FILE, config, { mode: 0o600 });
  }
  const id = input("aws-access-key-id");
  const secret = input("aws-secret-access-key");
  if ((id === "") !== (secret === "")) {
    throw new Error("set both aws-access-key-id and aws-secret-access-key, or neither");
  }
  if (id !== "") {
    mask(id);
    mask(secret);
    const values = [id, secret, input("source-profile")];
    if (values.some((value) => /[\r\n]/.test(value))) {
      throw new Error(
        "aws-access-key-id, aws-secret-access-key and source-profile must not contain line breaks",
      );
    }
    environment.AWS_SHARED_CREDENTIALS_FILE = join(folder, "credentials");
    writeFileSync(
      environment.AWS_SHARED_CREDENTIALS_FILE,
      `[${input("source-profile") || "default"}]\naws_access_key_id = ${id}\n` +
        `aws_secret_access_key = ${secret}\n`,
      { mode: 0o600 },
    );
  }
  return environment;
}

/** Runs eac and returns its stdout; its stderr goes to the log. */
function runEac(program, args, environment) {
  const { status, stdout, error } = spawnSync(program, [...args, "--no-input"], {
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`eac ${args.join(" ")} exited with ${status}`);
  return stdout;
}

/** Gets the credentials of one profile and masks them in the log. */
function getCredentials(program, profile, environment) {
  const duration = input("duration");
  const args = [
    "process",
    profile,
    "--no-cache",
    ...(duration === "" ? [] : ["--duration", duration]),
  ];
  const credentials = JSON.parse(runEac(program, args, environment));
  mask(credentials.AccessKeyId);
  mask(credentials.SecretAccessKey);
  if (credentials.SessionToken) mask(credentials.SessionToken);
  const list = JSON.parse(runEac(program, ["list", "--json"], environment));
  const region = list.find((one) => one.name === profile)?.region ?? "";
  return { profile, credentials, region };
}

/** Sets environment variables for the following steps. */
function exportToEnvironment({ credentials, region }) {
  append("GITHUB_ENV", "AWS_ACCESS_KEY_ID", credentials.AccessKeyId);
  append("GITHUB_ENV", "AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey);
  append("GITHUB_ENV", "AWS_SESSION_TOKEN", credentials.SessionToken ?? "");
  if (credentials.Expiration) {
    append("GITHUB_ENV", "AWS_CREDENTIAL_EXPIRATION", credentials.Expiration);
  }
  if (region) {
    append("GITHUB_ENV", "AWS_REGION", region);
    append("GITHUB_ENV", "AWS_DEFAULT_REGION", region);
  }
}

/** Writes every profile, under its own name, to the job's shared files. */
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
  append("GITHUB_ENV", "AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
  append("GITHUB_ENV", "AWS_CONFIG_FILE", join(folder, "config"));
}

/**
 * Creates a folder for credentials. Its name is saved first: whenever this process dies, post.mjs
 * removes the folder.
 */
function createFolder(name) {
  const folder = join(env.RUNNER_TEMP, `eac-${name}-${randomUUID()}`);
  append("GITHUB_STATE", name, folder);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

function main() {
  const profiles = input("profiles").split(/\s+/).filter((name) => name !== "");
  const target = input("export") || (profiles.length > 1 ? "file" : "env");
  if (target !== "env" && target !== "file") {
    throw new Error(`export must be env or file, not ${target}`);
  }
  if (target === "env" && profiles.length > 1) {
    throw new Error("the environment holds only one profile: use `export: file` for several");
  }
  const option = profiles.find((name) => name.startsWith("-"));
  if (option !== undefined) throw new Error(`${option} is not a profile name`);

  const program = install();
  append("GITHUB_OUTPUT", "eac-path", program);
  if (profiles.length === 0) return;

  const keys = createFolder("keys");
  let all;
  try {
    const environment = writeSources(keys);
    all = profiles.map((profile) => getCredentials(program, profile, environment));
  } finally {
    rmSync(keys, { recursive: true, force: true });
  }

  if (target === "env") exportToEnvironment(all[0]);
  else exportToFiles(createFolder("profiles"), all);
  const expirations = all.map(({ credentials }) => credentials.Expiration).filter(Boolean).sort();
  if (expirations.length > 0) append("GITHUB_OUTPUT", "expiration", expirations[0]);
}

try {
  main();
} catch (error) {
  command("error", error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
