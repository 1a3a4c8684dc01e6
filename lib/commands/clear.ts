/**
 * `eac clear`: removes cached and stored temporary credentials that eac wrote.
 *
 * @module
 */

import { profileNamed } from "../config/chain.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, loadConfig } from "../context.ts";
import { cachedKeys, cacheFile, cacheFolder, readCache } from "../credentials/cache/cache.ts";
import { cliCacheFiles, cliCacheFolder, readCliCache } from "../credentials/cache/cli_cache.ts";
import { removeSignIn, signInKey, signInKeys } from "../credentials/cache/custom_sign_in_cache.ts";
import { processKey } from "../credentials/cache/process_cache.ts";
import { subjectOf } from "../plan/step.ts";
import { asEacError, EacError } from "../errors.ts";
import { sweepJournals } from "./rotate/journal.ts";
import { sweepTempFiles } from "../config/rewrite.ts";
import { removeLeftovers } from "../config/own_files.ts";
import { narrowToPlanning, planProfile } from "../session/plan_profile.ts";
import { clearDestinations } from "../sinks/destination.ts";
import { clearSettings } from "../sinks/stored_settings.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, log } = context;
  if (options.mfa && !options.all) return clearSessions(context, names);
  if (options.mfa || options.all === (names.length > 0)) {
    throw new EacError("usage", "eac clear takes profile names, --all or --mfa", {
      hint: "eac clear PROFILE..., eac clear --all, or eac clear --mfa",
    });
  }
  await narrowToPlanning(context);
  const config = loadConfig(context);
  const profiles = options.all ? [...config.profiles.keys()] : [...new Set(names)];
  const { keys, signIns } = options.all
    ? { keys: cachedKeys(host), signIns: signInKeys(host) }
    : await keysOf(context, config, profiles);
  // A file that cannot be removed must not keep the secrets in the others.
  const failures: unknown[] = [];
  const attempt = (remove: () => boolean): boolean => {
    try {
      return remove();
    } catch (error) {
      failures.push(error);
      return false;
    }
  };
  const removed = removeCached(context, keys, attempt) +
    signIns.filter((key) => attempt(() => removeSignIn(host, key))).length;
  if (options.all) {
    // A killed process may have left the same secrets in a temp file.
    removeLeftovers(host, cacheFolder(host), (name) => name.endsWith(".tmp"), -Infinity);
    // The AWS CLI's own temp files have other names.
    removeLeftovers(host, cliCacheFolder(host), undefined, -Infinity);
    await sweepJournals(host);
  }
  await sweepTempFiles(host, config.files);
  const cleared = await clearDestinations(host, config, options.all ? undefined : profiles);
  await clearSettings(host, config, cleared);
  const found = [
    ...(removed === 0 ? [] : [counted(removed, "cached entry", "cached entries")]),
    ...(cleared.length === 0 ? [] : [counted(cleared.length, "stored profile", "stored profiles")]),
  ];
  log.done(
    found.length === 0
      ? "nothing is cached or stored, so nothing was removed"
      : `${found.join(" and ")} removed${cleared.length > 0 ? `: ${cleared.join(", ")}` : ""}`,
  );
  if (failures.length > 0) throw failures[0];
  return 0;
}

/** Removes the cached MFA sessions: those of these profiles' MFA devices, or all. */
async function clearSessions(context: Context, names: readonly string[]): Promise<number> {
  const { host, log } = context;
  await narrowToPlanning(context);
  const config = loadConfig(context);
  const serials = new Set<string>();
  for (const name of names) {
    const { plan } = await planProfile(context, config, profileNamed(config, name));
    for (const { mfaSerial } of plan.steps) if (mfaSerial !== undefined) serials.add(mfaSerial);
    if (plan.sourceDevice !== undefined) serials.add(plan.sourceDevice.serial);
  }
  const ended = new Set<string>();
  for (const key of cachedKeys(host)) {
    const subject = readCache(host, key)?.subject;
    if (subject === undefined || /:role\//.test(subject)) continue;
    if (names.length > 0 && !serials.has(subject)) continue;
    host.remove(cacheFile(host, key));
    ended.add(subject);
  }
  log.done(
    ended.size === 0
      ? "there is no MFA session"
      : `${counted(ended.size, "MFA session", "MFA sessions")} ended: ${[...ended].join(", ")}`,
  );
  return 0;
}

/** The cache keys of everything cached for these profiles, whatever its duration, and their sign-ins. */
async function keysOf(
  context: Context,
  config: SharedConfig,
  names: readonly string[],
): Promise<{ readonly keys: string[]; readonly signIns: string[] }> {
  const { host, log } = context;
  const signIns = new Set<string>();
  const keys = new Set<string>();
  const subjects = new Set<string | undefined>();
  for (const name of names) {
    const profile = profileNamed(config, name); // an unknown name is an error
    try {
      const { plan, keys: planKeys } = await planProfile(context, config, profile);
      for (const key of planKeys) keys.add(key);
      if (plan.base.kind === "process") keys.add(await processKey(host, plan.base));
      if (plan.base.kind === "sign-in") signIns.add(await signInKey(plan.base));
      for (const step of plan.steps) subjects.add(subjectOf(step));
    } catch (error) {
      log.detail(`nothing is cached for "${name}": ${asEacError(error).message}`);
    }
  }
  const cached = cachedKeys(host).filter((key) => {
    const subject = readCache(host, key)?.subject;
    return keys.has(key) || subject !== undefined && subjects.has(subject);
  });
  return { keys: cached, signIns: [...signIns] };
}

/**
 * Removes these entries, also from the AWS CLI's cache; returns the number of those removed.
 *
 * @param attempt runs a removal; false if it failed
 */
function removeCached(
  { host }: Context,
  keys: readonly string[],
  attempt: (remove: () => boolean) => boolean,
): number {
  const remove = (path: string) =>
    attempt(() => {
      host.remove(path);
      return true;
    });
  const ids = new Set(keys.map((key) => readCache(host, key)?.credentials.accessKeyId));
  for (const file of cliCacheFiles(host)) {
    const id = readCliCache({ ...host, now: () => 0 }, file)?.accessKeyId;
    if (id !== undefined && ids.has(id)) remove(file);
  }
  return keys.filter((key) => remove(cacheFile(host, key))).length;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
