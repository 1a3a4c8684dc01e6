/**
 * Finds what earlier runs left behind: expired credentials, temp files of killed processes,
 * backups.
 *
 * @module
 */

import { eacHome, folderOf, join, nameOf } from "../../config/locations.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import {
  type CacheEntry,
  cacheFile,
  cacheFolder,
  lockFile,
  readCache,
} from "../../credentials/cache/cache.ts";
import {
  readSignIn,
  signInFile,
  signInKeys,
} from "../../credentials/cache/custom_sign_in_cache.ts";
import { parseTimestamp, toTimestamp } from "../../plan/credentials.ts";
import { asEacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { changedError, type Finding, findingOf } from "./finding.ts";

type LeftoverHost = Pick<
  Host,
  "env" | "os" | "now" | "list" | "stat" | "readFile" | "remove" | "lock" | "deadline"
>;

/** How long to wait for a process that renews an entry, in milliseconds. */
const LOCK_WAIT = 5000;

/** A temp file younger than this, in milliseconds, may belong to a running eac process. */
const YOUNG = 60_000;

/** What can or should be removed. */
export function checkLeftovers(host: LeftoverHost, config: SharedConfig): Finding[] {
  const checks = [
    () => checkCache(host),
    () => checkSignIns(host),
    () => checkParts(host, config),
    () => checkBackups(host, config),
    () => checkRotations(host),
    () => checkStored(host, config),
  ];
  return checks.flatMap((check) => {
    try {
      return check();
    } catch (thrown) {
      return [findingOf(asEacError(thrown), "warning")];
    }
  });
}

/** Expired cached credentials have no use. */
function checkCache(host: LeftoverHost): Finding[] {
  const folder = cacheFolder(host);
  return host.list(folder).flatMap((name) => {
    const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    if (key === undefined) return [];
    const entry = readCache(host, key);
    if (isValid(entry, host)) return [];
    const finding = leftover(
      host,
      join(host.os, folder, name),
      entry === undefined
        ? "a cached entry cannot be read"
        : `cached credentials expired at ${toTimestamp(entry.credentials.expiration)}`,
    );
    return [{
      ...finding,
      repair: {
        change: finding.repair!.change,
        make: () => removeEntry(host, key, cacheFile(host, key), () => readCache(host, key)),
      },
    }];
  });
}

/** Expired tokens of sign-ins. */
function checkSignIns(host: LeftoverHost): Finding[] {
  return signInKeys(host).flatMap((key) => {
    const read = () => readSignIn(host, key);
    const entry = read();
    if (entry !== undefined && entry.expiration > host.now()) return [];
    const file = signInFile(host, key);
    const finding = leftover(
      host,
      file,
      entry === undefined
        ? "a cached sign-in cannot be read"
        : `the sign-in of "${entry.strategy}" expired at ${toTimestamp(entry.expiration)}`,
    );
    const make = () =>
      removeEntry(host, key, file, () => {
        const credentials = read();
        return credentials && { credentials };
      });
    return [{ ...finding, repair: { change: finding.repair!.change, make } }];
  });
}

/** The parts of a cache entry that show whether it has expired. */
interface Expiring {
  readonly credentials: Pick<CacheEntry["credentials"], "expiration">;
}

function isValid(entry: Expiring | undefined, host: LeftoverHost): boolean {
  return entry !== undefined && entry.credentials.expiration > host.now();
}

/** Removes a cache entry under its lock, unless another process has renewed it meanwhile. */
async function removeEntry(
  host: LeftoverHost,
  key: string,
  path: string,
  read: () => Expiring | undefined,
): Promise<void> {
  const lock = await host.lock(lockFile(host, key), host.deadline(LOCK_WAIT));
  try {
    if (lock === undefined || isValid(read(), host)) throw changedError(path);
    host.remove(path);
  } finally {
    lock?.release();
  }
}

/** Temp files of killed processes. */
function checkParts(host: LeftoverHost, { files }: SharedConfig): Finding[] {
  const home = eacHome(host.env, host.os);
  // A temp file next to a rotation journal may contain the only copy of a key: `eac rotate`
  // recovers it.
  const folders = ["cache", "mfa"].map((name) => join(host.os, home, name));
  const shared = [files.config, files.credentials].map((file) => ({
    folder: folderOf(host.os, file),
    isPart: (name: string) =>
      name.startsWith(`.${nameOf(host.os, file)}.eac-`) && name.endsWith(".tmp"),
  }));
  const places = [
    ...folders.map((folder) => ({ folder, isPart: (name: string) => name.endsWith(".tmp") })),
    ...shared,
  ];
  return places.flatMap(({ folder, isPart }) =>
    host.list(folder).filter(isPart).map((name) => join(host.os, folder, name))
      .filter((path) => (host.stat(path)?.mtime ?? Infinity) < host.now() - YOUNG)
      .map((path) => leftover(host, path, "a killed process left a temp file"))
  );
}

function leftover(host: LeftoverHost, path: string, message: string): Finding {
  const mtime = host.stat(path)?.mtime;
  return {
    level: "note",
    code: "leftover",
    message,
    place: { file: path },
    fix: "eac doctor --fix removes it",
    repair: {
      change: `remove ${path}`,
      make() {
        if (host.stat(path)?.mtime !== mtime) throw changedError(path);
        host.remove(path);
      },
    },
  };
}

/** Backups contain long-lived keys that the user replaced: only they know whether they need them. */
function checkBackups(host: LeftoverHost, { files }: SharedConfig): Finding[] {
  const folder = folderOf(host.os, files.credentials);
  const prefix = `${nameOf(host.os, files.credentials)}.eac-backup-`;
  return host.list(folder).filter((name) => name.startsWith(prefix)).map((name) => ({
    level: "note",
    code: "backup",
    message: "a backup of the credentials file contains the replaced keys",
    place: { file: join(host.os, folder, name) },
    fix: "remove it when you no longer need it",
  }));
}

/** A rotation that stopped halfway: its journal may hold the only copy of the new key. */
function checkRotations(host: LeftoverHost): Finding[] {
  const folder = join(host.os, eacHome(host.env, host.os), "rotate");
  return host.list(folder).filter((name) => name.endsWith(".json")).map((name) => {
    const file = join(host.os, folder, name);
    const profile = profileIn(host.readFile(file));
    return {
      level: "warning",
      code: "rotation",
      message: "the rotation of an access key was not completed",
      profile,
      place: { file },
      fix: `to resume it: eac rotate ${profile ?? "PROFILE"}`,
    };
  });
}

function profileIn(bytes: Uint8Array | undefined): string | undefined {
  try {
    const { profile } = JSON.parse(new TextDecoder().decode(bytes)) as { profile?: unknown };
    return typeof profile === "string" ? profile : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Stored credentials that have expired. The section stays, so that a tool that uses it reports the
 * expiration.
 */
function checkStored(host: LeftoverHost, { profiles }: SharedConfig): Finding[] {
  return [...profiles].flatMap(([name, section]) => {
    const expiration = section.get("expiration");
    const ended = parseTimestamp(expiration?.value ?? "");
    if (section.get("managed_by")?.value !== "eac" || !expiration) return [];
    if (ended === undefined || ended > host.now()) return [];
    const source = section.get("eac_source")?.value ?? "PROFILE";
    return [{
      level: "note",
      code: "expired",
      message: `the credentials stored in "${name}" expired at ${toTimestamp(ended)}`,
      profile: name,
      place: expiration.place,
      fix: `eac get ${source} -o ${name} renews them, eac clear ${name} removes them`,
    }];
  });
}
