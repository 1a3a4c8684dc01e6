/**
 * From the files in the user's folder to strategies in the registry.
 *
 * @module
 */

import { join } from "../config/locations.ts";
import type { Profile } from "../config/profile.ts";
import type { CustomStep, Step } from "../plan/step.ts";
import { asEacError, EacError } from "../errors.ts";
import { sha256 } from "../text/hash.ts";
import type { Host } from "../host/host.ts";
import type {
  BrokenFile,
  Given,
  PlanContext,
  Plugins,
  RegisteredStrategy,
} from "../plan/strategy.ts";
import { accept, askChild, strategyEnv } from "./child.ts";
import { declaredPaths, type Described, readDescription } from "./description.ts";
import { type StrategyFile, strategyFile } from "./strategy_file.ts";
import {
  type CacheEntry,
  hashOf,
  isSame,
  readCache,
  recentFailure,
  writeCache,
} from "./description_cache.ts";
import { placeSteps } from "./declared_steps.ts";
import { checkSafety } from "./safety.ts";
import { createStepSource, type StepSource } from "./declared_steps.ts";

/** Seconds in which a file has to say what it is: no more than loading it may take. */
const DESCRIBE_TIMEOUT = 10;

/** A file of the user's own, and what became of it. */
export interface OwnFile {
  readonly path: string;
  readonly kind?: StrategyFile["kind"] | undefined;
  readonly described?: Described | undefined;
  readonly error?: EacError | undefined;
}

/** The user's own strategies, file by file. */
export interface Loaded extends Plugins {
  readonly files: readonly OwnFile[];
}

/**
 * Loads what lies in the folder.
 *
 * @param again true to ask those files again that failed a short while ago
 */
export async function loadFolder(
  host: Host,
  folder: string,
  names: readonly string[],
  again = false,
): Promise<Loaded> {
  try {
    checkSafety(host, folder);
  } catch (thrown) {
    const error = asEacError(thrown);
    const files = names.map((name) => ({ path: join(host.os, folder, name), error }));
    const close = () => Promise.resolve();
    return { strategies: [], broken: [{ file: folder, error }], files, close };
  }
  return await loadFiles(host, names.map((name) => join(host.os, folder, name)), again);
}

/** Loads these files, in this order; the first of a name has it. */
export async function loadFiles(
  host: Host,
  paths: readonly string[],
  again = false,
): Promise<Loaded> {
  const known = readCache(host);
  const before = JSON.stringify([...known]);
  for (const path of [...known.keys()]) if (!paths.includes(path)) known.delete(path);

  const source = createStepSource(host);
  const strategies: RegisteredStrategy[] = [];
  const broken: BrokenFile[] = [];
  const files: OwnFile[] = [];
  for (const path of paths) {
    let file: StrategyFile | undefined;
    try {
      file = strategyFile(host, path);
      if (file === undefined) continue;
      checkSafety(host, path);
      const entry = await look(host, file, known, again);
      const described = await describedBy(host, file, entry);
      checkName(described.name, strategies);
      strategies.push(register(host, file, described, entry, source));
      files.push({ path, kind: file.kind, described });
    } catch (thrown) {
      const error = asEacError(thrown);
      const last = known.get(path)?.described;
      files.push({
        path,
        error,
        ...(file ? { kind: file.kind } : {}),
        ...(last ? { described: last } : {}),
      });
      // What it served, it still claims: these profiles fail, and no other way in is taken for them.
      if (last === undefined || strategies.some(({ name }) => name === last.name)) {
        broken.push({ file: path, error });
      } else strategies.push(claim(path, last, error));
    }
  }
  return {
    strategies,
    broken,
    files,
    async close() {
      await source.end();
      if (JSON.stringify([...known]) !== before) writeCache(host, known);
    },
  };
}

/** What is known of the file as it is now; where it has changed, only what it once was. */
async function look(
  host: Host,
  { path, info }: StrategyFile,
  known: Map<string, CacheEntry>,
  again: boolean,
): Promise<CacheEntry> {
  const before = known.get(path);
  if (before !== undefined && again) delete before.failure;
  if (before !== undefined && isSame(before, info)) return before;
  const seen = { size: info.size, mtime: info.mtime, at: host.now() };
  const hash = await hashOf(host, path);
  if (before?.hash === hash) return Object.assign(before, seen);
  const entry: CacheEntry = {
    ...seen,
    hash,
    steps: {},
    stale: true,
    ...(before?.described ? { described: before.described } : {}),
  };
  known.set(path, entry);
  return entry;
}

/** What the file says of itself: as it did, or asked now. */
async function describedBy(host: Host, file: StrategyFile, entry: CacheEntry): Promise<Described> {
  const failure = recentFailure(entry, host.now());
  if (failure !== undefined) {
    const { message, hint } = failure;
    const place = { file: file.path };
    throw new EacError("strategy_failed", message, { place, ...(hint ? { hint } : {}) });
  }
  if (entry.described !== undefined && !entry.stale) return entry.described;
  try {
    const answer = await askChild(host, file, { api: 1, request: "describe" }, {
      timeout: DESCRIBE_TIMEOUT,
      tooSlow: "it only has to say what it is: work takes obtain",
      env: strategyEnv(host.env, false, { EAC_REQUEST: "describe" }),
    });
    entry.described = accept(file.path, () => readDescription(answer, file.kind));
    entry.stale = false;
    delete entry.failure;
    return entry.described;
  } catch (thrown) {
    const { code, message, hint } = asEacError(thrown);
    if (code === "strategy_failed") {
      entry.failure = { message, at: host.now(), ...(hint ? { hint } : {}) };
    }
    throw thrown;
  }
}

function checkName(name: string, before: readonly RegisteredStrategy[]): void {
  const other = before.find((one) => one.name === name);
  if (other === undefined) return;
  throw new EacError("strategy_failed", `the name "${name}" is taken by ${other.file}`, {
    hint: "the first file by name has it: give one of them another name",
  });
}

/** A strategy in the registry, without its code: that is run when it is needed. */
function register(
  host: Host,
  file: StrategyFile,
  described: Described,
  entry: CacheEntry,
  source: StepSource,
): RegisteredStrategy {
  const { name, summary, needs, reads } = described;
  const common = { api: 1, name, summary, needs, reads, file: file.path } as const;
  if (described.gives === "steps") {
    return {
      ...common,
      async steps(profile, context) {
        // --duration is for the last call, whatever the strategy makes of the keys.
        const keys = declaredKeys(profile, described, { region: context.region });
        const key = await sha256(JSON.stringify(keys));
        const declared = entry.steps[key] ??= await source.ask(file, keys);
        return placeSteps(profile, declared, context);
      },
    };
  }
  const begins = !described.wants.includes("source");
  return {
    ...common,
    begins,
    async steps(profile, context): Promise<readonly Step[]> {
      const before = begins ? [] : context.sourceSteps();
      return [...before, await customStep(profile, described, entry.hash, context)];
    },
    async obtain(step: CustomStep, given: Given) {
      const { runStrategy } = await import("./run_strategy.ts");
      return await runStrategy(host, file, described, step, given);
    },
  };
}

function claim(file: string, { name, summary, needs, reads }: Described, error: EacError) {
  const steps = () => {
    throw error;
  };
  return { api: 1, name, summary, needs, reads, file, steps } as const;
}

async function customStep(
  profile: Profile,
  described: Described,
  hash: string,
  context: PlanContext,
): Promise<CustomStep> {
  const { name, summary, wants, reads } = described;
  const { durationSeconds, region } = context;
  const duration = durationSeconds === undefined ? undefined : String(durationSeconds);
  const keys = declaredKeys(profile, described, { duration_seconds: duration, region });
  if (duration !== undefined && !reads.includes("duration_seconds")) {
    context.note(`"${name}" reads no duration_seconds: it is not told of --duration`, "warning");
  }
  const serial = wants.includes("mfa") ? keys.mfa_serial : undefined;
  return {
    call: "Custom",
    strategy: name,
    summary,
    keys,
    cacheKey: await sha256(JSON.stringify([hash, keys])),
    mfaSerial: serial,
  };
}

/** The values of the declared keys; what the command line says comes first. */
function declaredKeys(
  profile: Profile,
  described: Described,
  commandLine: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const path of declaredPaths(described)) {
    const [, ofSource] = /^source_profile\.(.*)$/.exec(path) ?? [];
    const value = commandLine[path] ??
      (ofSource === undefined ? profile.values[path] : profile.source?.values[ofSource]);
    if (value) keys[path] = value;
  }
  return keys;
}
