/**
 * From the files in the user's folder to strategies in the registry.
 *
 * @module
 */

import { join } from "../config/locations.ts";
import { type Profile, withoutKey } from "../config/profile.ts";
import { asEacError, EacError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { CustomStep, Step } from "../plan/step.ts";
import type {
  BrokenFile,
  Given,
  PlanContext,
  Plugins,
  RegisteredStrategy,
} from "../plan/strategy.ts";
import { sessionToken } from "../../strategies/session_token.ts";
import { sha256 } from "../text/hash.ts";
import { maskSetting } from "../text/mask.ts";
import { type AllowPolicy, allowPolicy, checkAllowed } from "./allowed.ts";
import { accept, askChild, strategyEnv } from "./child.ts";
import { createStepSource, placeSteps, type StepSource } from "./declared_steps.ts";
import { declaredPaths, type Described, readDescription } from "./description.ts";
import {
  type CacheEntry,
  hashOf,
  isSame,
  readCache,
  recentFailure,
  writeCache,
} from "./description_cache.ts";
import { filesOf } from "./module_graph.ts";
import { checkSafety } from "./safety.ts";
import { type StrategyFile, strategyFile } from "./strategy_file.ts";

/** Seconds to give a description: it takes no more than loading the file. */
const DESCRIBE_TIMEOUT = 10;

/** A user's file, and the result of loading it. */
export interface OwnFile {
  readonly path: string;
  readonly kind?: StrategyFile["kind"] | undefined;
  readonly described?: Described | undefined;
  /** SHA-256 of the file; with imports, of the hashes of all files. */
  readonly hash?: string | undefined;
  readonly error?: EacError | undefined;
}

/** The user's strategies, file by file. */
export interface Loaded extends Plugins {
  readonly files: readonly OwnFile[];
}

/**
 * Loads the files in the folder.
 *
 * @param again true to ask files again that failed a short while ago
 */
export async function loadFolder(
  host: Host,
  folder: string,
  names: readonly string[],
  again = false,
): Promise<Loaded> {
  let policy: AllowPolicy;
  try {
    checkSafety(host, folder);
    policy = allowPolicy(host, folder);
  } catch (thrown) {
    const error = asEacError(thrown);
    const files = names.map((name) => ({ path: join(host.os, folder, name), error }));
    const close = () => Promise.resolve();
    return { strategies: [], broken: [{ file: folder, error }], failing: [], files, close };
  }
  return await loadFiles(host, names.map((name) => join(host.os, folder, name)), again, policy);
}

/**
 * Loads these files, in this order; of two with one name, the first one gets it.
 *
 * @param policy which of them may run; absent: all
 */
export async function loadFiles(
  host: Host,
  paths: readonly string[],
  again = false,
  policy?: AllowPolicy,
): Promise<Loaded> {
  const known = readCache(host);
  const before = JSON.stringify([...known]);
  for (const path of [...known.keys()]) if (!paths.includes(path)) known.delete(path);

  const source = createStepSource(host);
  const strategies: RegisteredStrategy[] = [];
  const broken: BrokenFile[] = [];
  const failing: BrokenFile[] = [];
  const files: OwnFile[] = [];
  for (const path of paths) {
    let file: StrategyFile | undefined;
    let hash: string | undefined;
    try {
      file = strategyFile(host, path);
      if (file === undefined) continue;
      file = { ...file, realPath: checkSafety(host, path) ?? path };
      const entry = await entryOf(host, file, known, again);
      hash = entry.hash;
      if (policy !== undefined) checkAllowed(host, policy, path, entry);
      const described = await describedBy(host, file, entry);
      checkName(described.name, strategies);
      strategies.push(register(host, file, described, entry, source));
      files.push({ path, kind: file.kind, described, hash });
    } catch (thrown) {
      const error = asEacError(thrown);
      const last = known.get(path)?.described;
      files.push({ path, error, kind: file?.kind, described: last, hash });
      // It still claims the profiles that it served: they fail, and no other strategy serves them.
      if (last === undefined || strategies.some(({ name }) => name === last.name)) {
        broken.push({ file: path, error });
      } else {
        failing.push({ file: path, error });
        strategies.push(claim(path, last, error));
      }
    }
  }
  return {
    strategies,
    broken,
    failing,
    files,
    async close() {
      await source.end();
      if (JSON.stringify([...known]) !== before) writeCache(host, known);
    },
  };
}

/**
 * The cache entry for the files as they are now; after a change only the last description is left.
 *
 * @throws {EacError} `strategy_failed` for an imported file that others can change
 */
async function entryOf(
  host: Host,
  { path, kind, realPath }: StrategyFile,
  known: Map<string, CacheEntry>,
  again: boolean,
): Promise<CacheEntry> {
  const before = known.get(path);
  if (before !== undefined && again) before.failure = undefined;
  if (before?.files[realPath] !== undefined && isSame(before, host)) {
    for (const imported of Object.keys(before.files)) {
      if (imported !== realPath) checkSafety(host, imported);
    }
    return before;
  }
  const at = host.now();
  const contents = contentsOf(host, { kind, realPath });
  const files: CacheEntry["files"] = {};
  for (const imported of contents.keys()) {
    const info = host.stat(imported);
    if (info !== undefined) files[imported] = { size: info.size, mtime: info.mtime };
  }
  const hash = await hashOf([...contents.values()]);
  if (before?.hash === hash) return Object.assign(before, { files, at });
  const entry = { files, at, hash, described: before?.described, stale: true, steps: {} };
  known.set(path, entry);
  return entry;
}

/** The content of a file, and of what a module imports, by path. */
function contentsOf(
  host: Host,
  { kind, realPath }: Pick<StrategyFile, "kind" | "realPath">,
): ReadonlyMap<string, Uint8Array> {
  return kind === "module"
    ? filesOf(host, realPath)
    : new Map([[realPath, host.readFile(realPath) ?? new Uint8Array()]]);
}

/**
 * The hash of a strategy and of what it imports, without running it.
 *
 * @throws {EacError} `strategy_failed` for a file that is not a strategy, or that others can change
 */
export async function hashOfStrategy(host: Host, path: string): Promise<string> {
  const file = strategyFile(host, path);
  if (file === undefined) {
    throw new EacError("strategy_failed", `${path} is not a strategy`, {
      hint: "eac strategies lists those that are",
    });
  }
  const realPath = checkSafety(host, path) ?? path;
  return await hashOf([...contentsOf(host, { ...file, realPath }).values()]);
}

/**
 * The file's description: from the cache, or asked for now.
 *
 * @throws {EacError} `strategy_failed`
 */
async function describedBy(host: Host, file: StrategyFile, entry: CacheEntry): Promise<Described> {
  const failure = recentFailure(entry, host.now());
  if (failure !== undefined) {
    const { message, hint } = failure;
    throw new EacError("strategy_failed", message, { place: { file: file.path }, hint });
  }
  if (entry.described !== undefined && !entry.stale) return entry.described;
  try {
    const answer = await askChild(host, file, { api: 1, request: "describe" }, {
      timeout: DESCRIBE_TIMEOUT,
      tooSlow: "a description only says what the strategy is: move the work into obtain",
      env: strategyEnv(host.env, { wants: [], env: [] }, { EAC_REQUEST: "describe" }),
    });
    entry.described = accept(file.path, () => readDescription(answer, file.kind));
    entry.stale = false;
    entry.failure = undefined;
    return entry.described;
  } catch (thrown) {
    const { code, message, hint } = asEacError(thrown);
    if (code === "strategy_failed") entry.failure = { message, hint, at: host.now() };
    throw thrown;
  }
}

function checkName(name: string, before: readonly RegisteredStrategy[]): void {
  const other = before.find((one) => one.name === name);
  if (other === undefined) return;
  throw new EacError("strategy_failed", `the name "${name}" is taken by ${other.file}`, {
    hint: "the first file by name gets it: give one of them another name",
  });
}

/** A value that every mask changes. */
const ANY_VALUE = "a b";

/** A strategy in the registry. Its code runs only when it is needed. */
function register(
  host: Host,
  file: StrategyFile,
  described: Described,
  entry: CacheEntry,
  source: StepSource,
): RegisteredStrategy {
  const { name, summary, needs, reads } = described;
  const asks = described.wants.includes("ask");
  // A module has no terminal, but programs that it runs do.
  const usesTerminal = file.kind === "executable" || described.wants.includes("run");
  const declared = { name, summary, needs, reads, asks, usesTerminal };
  const common = { api: 1, ...declared, file: file.path } as const;
  if (described.gives === "steps") {
    // Steps are cached by the keys themselves: hashing takes longer than planning a profile.
    const mayHaveSecret = described.env.length > 0 ||
      declaredPaths(described).some((path) => maskSetting(path, ANY_VALUE) !== ANY_VALUE);
    return {
      ...common,
      async steps(profile, context) {
        // --duration applies to the last call, whatever the strategy makes of the keys.
        const keys = declaredKeys(profile, described, { region: context.region });
        if (described.wants.includes("files")) { // they may have changed: nothing is cached
          return placeSteps(profile, await source.ask(file, described, keys), context);
        }
        const text = JSON.stringify([keys, variablesOf(host, described)]);
        const key = mayHaveSecret ? await sha256(text) : text;
        const declared = entry.steps[key] ??= await source.ask(file, described, keys);
        return placeSteps(profile, declared, context);
      },
    };
  }
  const obtain = async (step: CustomStep, given: Given) => {
    const { runStrategy } = await import("./run_strategy.ts");
    return runStrategy(host, file, described, step, given);
  };
  const baseOf = (profile: Profile, region: string | undefined) => ({
    profile: profile.name,
    strategy: name,
    summary,
    keys: declaredKeys(profile, described, { region }),
    version: JSON.stringify([entry.hash, variablesOf(host, described)]),
  });
  if (described.gives === "keys") {
    return {
      ...common,
      begins: true,
      base: (profile, region) => ({ kind: "keys", ...baseOf(profile, region) }),
      steps: (profile, context) => sessionOfKeys(profile, context),
      obtain,
    };
  }
  if (described.gives === "sign-in") {
    return {
      ...common,
      begins: true,
      base: (profile, region) => ({ kind: "sign-in", ...baseOf(profile, region) }),
      steps: () => [],
      async signIn(step, given) {
        const { runSignIn } = await import("./run_strategy.ts");
        return runSignIn(host, file, described, step, given);
      },
    };
  }
  const begins = beginsChain(described);
  return {
    ...common,
    begins,
    async steps(profile, context): Promise<readonly Step[]> {
      const before = begins ? [] : context.sourceSteps();
      const variables = variablesOf(host, described);
      return [...before, await customStep(profile, described, [entry.hash, variables], context)];
    },
    obtain,
  };
}

/**
 * A session for the keys, so that the keys themselves reach neither a file nor a child. Roles start from
 * the keys, and share the MFA session as those of static keys do.
 */
function sessionOfKeys(profile: Profile, context: PlanContext): readonly Step[] {
  // The token belongs to other keys.
  return sessionToken.steps(withoutKey(profile, "aws_session_token"), context);
}

/** True for a strategy that needs no other credentials: the chain begins with it. */
function beginsChain({ gives, wants }: Described): boolean {
  return gives !== "steps" && !wants.includes("source");
}

/** A strategy that replaces one that currently fails. */
function claim(file: string, described: Described, error: EacError): RegisteredStrategy {
  const { name, summary, needs, reads } = described;
  const steps = () => {
    throw error;
  };
  return { api: 1, name, summary, needs, reads, file, begins: beginsChain(described), steps };
}

/** The values of the variables in the strategy's `env`. */
function variablesOf(
  { env }: Pick<Host, "env">,
  described: Described,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(described.env.map((name) => [name, env[name]]));
}

async function customStep(
  profile: Profile,
  described: Described,
  [hash, variables]: readonly [string, Readonly<Record<string, string | undefined>>],
  context: PlanContext,
): Promise<CustomStep> {
  const { name, summary, wants, reads } = described;
  const { durationSeconds, region } = context;
  const duration = durationSeconds === undefined ? undefined : String(durationSeconds);
  const keys = declaredKeys(profile, described, { duration_seconds: duration, region });
  if (duration !== undefined && !reads.includes("duration_seconds")) {
    context.note(`"${name}" does not read duration_seconds: --duration has no effect`, "warning");
  }
  const serial = wants.includes("mfa") ? keys.mfa_serial : undefined;
  // A key that no other run has, so nothing cached matches.
  const once = described.keep ? [] : [crypto.randomUUID()];
  return {
    call: "Custom",
    strategy: name,
    summary,
    keys,
    cacheKey: await sha256(JSON.stringify([hash, keys, variables, ...once])),
    mfaSerial: serial,
    usesSts: wants.includes("sts") ? true : undefined,
    asks: wants.includes("ask") ? true : undefined,
    keep: described.keep ? undefined : false,
  };
}

/** The values of the declared keys; the command line overrides the profile. */
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
