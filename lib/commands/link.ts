/**
 * `eac link`: writes a profile whose `credential_process` is this eac, so that its credentials
 * renew themselves.
 *
 * @module
 */

import { profileNamed } from "../config/chain.ts";
import { findProgram } from "../config/find_program.ts";
import { isAbsolute } from "../config/locations.ts";
import { rewriteFile, sweepTempFiles } from "../config/rewrite.ts";
import { configHeader, type SharedConfig } from "../config/shared_config.ts";
import { type Context, loadConfig } from "../context.ts";
import { EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { isSourceKey } from "../plan/base.ts";
import type { Plan } from "../plan/plan.ts";
import { configuredRegion } from "../plan/region.ts";
import { narrowToPlanning, planProfile } from "../session/plan_profile.ts";
import { warnOfEnvironmentKeys } from "../sinks/environment_keys.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, log } = context;
  const [from, name] = names as [string, string];
  await narrowToPlanning(context);
  const config = loadConfig(context);
  const profile = profileNamed(config, from);
  if (from === name) {
    throw new EacError("usage", "a profile cannot be linked to itself", {
      hint: `choose another name: eac link ${from} ${from}-auto`,
    });
  }
  const { plan } = await planProfile(context, config, profile); // an invalid profile is refused now
  checkName(context, config, name);
  await checkCircle(context, config, plan, name);
  const command = commandLine(host, ["process", from]);
  // A region that the user set in the linked profile stays.
  const region = config.profiles.get(name)?.get("region")?.value ||
    configuredRegion({ profile, env: {}, region: undefined });
  const values = { credential_process: command, ...(region && { region }) };
  const { files, bytes } = config;
  await rewriteFile(host, files.config, (document) => {
    document.setProperties(configHeader(name, document), values);
  }, { seen: bytes.config });
  // Some tools read only this file: restic, Java 1, and Go 1 and JavaScript 2 unless told
  // otherwise.
  await rewriteFile(host, files.credentials, (document) => {
    document.setProperties(name, values);
  }, { seen: bytes.credentials });
  warnOfEnvironmentKeys(context, name);
  await sweepTempFiles(host, config.files);
  log.done(
    `${name} now gets its credentials from eac: aws --profile ${name} sts get-caller-identity`,
  );
  return 0;
}

/** Refuses a profile that already gets its credentials from the linked one. */
async function checkCircle(
  context: Context,
  config: SharedConfig,
  plan: Plan,
  name: string,
): Promise<void> {
  const path = [plan.profile.name];
  for (let { base } = plan; base.kind === "process";) {
    if (base.profile !== path.at(-1)) path.push(base.profile);
    if (base.profile === name) break;
    const next = /\bprocess ("[^"]+"|'[^']+'|\S+)$/.exec(base.command)?.[1]?.replace(/["']/g, "");
    if (next === undefined || path.includes(next)) return;
    path.push(next);
    if (next === name) break;
    if (!config.profiles.has(next)) return;
    ({ base } = (await planProfile(context, config, profileNamed(config, next))).plan);
  }
  if (path.length === 1 || path.at(-1) !== name) return;
  throw new EacError("cycle", `profile "${name}" would be its own source`, {
    hint: `${[name, ...path].join(" -> ")}: choose another name`,
    profile: name,
  });
}

/**
 * Refuses a profile with credentials of another kind: a role takes precedence over
 * `credential_process` in every SDK, and keys do in some.
 */
function checkName({ options }: Context, config: SharedConfig, name: string): void {
  const keys = config.profiles.get(name);
  if (keys === undefined) return;
  for (const { key, place } of keys) {
    if (!isSourceKey(key) && !/^(role_arn|aws_access_key_id|aws_secret_access_key)$/.test(key)) {
      continue;
    }
    if (key === "credential_process") continue; // replaceable, see below
    throw new EacError(
      "destination_protected",
      `profile "${name}" has ${key}, which AWS tools would use instead of eac`,
      {
        place,
        hint: `choose another name, such as ${name}-auto`,
        profile: name,
      },
    );
  }
  const other = keys.get("credential_process");
  if (other === undefined || options.force || /\bprocess\b/.test(other.value)) return;
  throw new EacError(
    "destination_protected",
    `profile "${name}" has another tool's credential_process`,
    { place: other.place, hint: "use --force to replace it", profile: name },
  );
}

/**
 * eac's own command. The operating system reports a path without symbolic links, such as
 * `/nix/store/HASH-eac-0.1.0/bin/eac` or `../Cellar/eac/0.1.0/bin/eac`, which the next upgrade
 * removes; the link on PATH stays.
 */
function lastingCommand(
  host: Pick<Host, "env" | "executable" | "os" | "realPath" | "stat">,
): readonly string[] {
  const command = host.executable();
  const found = command.length === 1 ? findProgram(host, "eac") : undefined;
  if (found === undefined || !isAbsolute(host.os, found)) return command;
  const target = host.realPath(found);
  return target !== undefined && target === host.realPath(command[0]!) ? [found] : command;
}

/**
 * A command line that means the same with and without a shell: an absolute path, and single quotes
 * around words with spaces, because Go 1 and rclone do not support double ones. On Windows only
 * double quotes work, with forward slashes. (botocore splits a credential_process itself; other
 * SDKs pass it to a shell.)
 */
function commandLine(
  host: Pick<Host, "env" | "executable" | "os" | "realPath" | "stat">,
  args: readonly string[],
): string {
  const words = [...lastingCommand(host), ...args].map((word) =>
    host.os === "windows" ? word.replaceAll("\\", "/") : word
  );
  for (const word of words) {
    if (!/["'`$\\\n\r]/.test(word)) continue;
    throw new EacError("config_invalid", `a credential_process line cannot contain ${word}`, {
      hint: "tools read quotes, $ and backslashes in different ways: move or rename it",
    });
  }
  const quote = host.os === "windows" ? '"' : "'";
  return words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : quote + word + quote).join(" ");
}
