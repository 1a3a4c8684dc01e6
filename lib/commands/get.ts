/**
 * `eac get`: gets credentials and stores them, or prints them.
 *
 * @module
 */

import { inParallel } from "../async/parallel.ts";
import { profileNamed } from "../config/chain.ts";
import { destinationOf, type Profile } from "../config/profile.ts";
import { checkWritable, rewriteFile, sweepTempFiles } from "../config/rewrite.ts";
import { configHeader, type SharedConfig } from "../config/shared_config.ts";
import { type Context, loadConfig, whyNoPrompt, withTerminal } from "../context.ts";
import { toTimestamp } from "../plan/credentials.ts";
import type { PlanResult } from "../credentials/executor.ts";
import { showExpiration } from "../text/duration.ts";
import { asEacError, EacError, errorToJson } from "../errors.ts";
import { createGetCredentials } from "../session/get_credentials.ts";
import { dueSerial, narrow, type PlannedProfile, planProfile } from "../session/plan_profile.ts";
import { noteRecent } from "./pick/recent.ts";
import { hasExported, selectProfile } from "./pick/select_profile.ts";
import { withBar } from "../terminal/progress.ts";
import { checkDestination, storeCredentials } from "../sinks/destination.ts";
import { warnOfEnvironmentKeys } from "../sinks/environment_keys.ts";
import { storeSettings } from "../sinks/stored_settings.ts";
import { checkFormat, printEnv, printMasks } from "../sinks/print_env.ts";
import { printableJson } from "../text/printable.ts";

/** The state of one profile. */
interface Item {
  readonly name: string;
  /** True if the user was asked for the destination. */
  asked?: boolean | undefined;
  profile?: Profile | undefined;
  planned?: PlannedProfile | undefined;
  /** `undefined`: printed. */
  destination?: string | undefined;
  result?: PlanResult | undefined;
  error?: EacError | undefined;
}

/** The number of concurrent AssumeRole calls: with more, AWS throttles and nothing is gained. */
const AT_ONCE = 16;

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const config = loadConfig(context);
  const items = await itemsOf(context, config, names);
  const byDestination = new Map<string, Item>();
  for (const item of items) {
    await attempt(item, () => planItem(context, config, item, items.length, byDestination));
  }
  if (context.options.keep) await claim(context, config, items);
  const also = context.options.keep ? { net: true, run: true } : {};
  narrow(context, items.flatMap(({ planned }) => planned ?? []), also);
  await checkStorable(context, config, items);
  const getCredentials = createGetCredentials(context, config);
  const getItem = (item: Item) =>
    attempt(item, async () => {
      if (item.planned !== undefined) item.result = await getCredentials(item.planned);
    });
  if (items.length === 1) await getItem(items[0]!);
  else {
    await withBar(context.host, items.length, async (advance) => {
      const getNext = async (item: Item) => {
        await getItem(item);
        advance();
      };
      const first = firstToAsk(items);
      for (const item of first) await getNext(item);
      await inParallel(AT_ONCE, items.filter((item) => !first.has(item)), getNext);
    });
  }
  await deliver(context, config, items);
  await sweepTempFiles(context.host, config.files);
  noteRecent(
    context.host,
    items.filter(({ result }) => result !== undefined).map(({ name }) => name),
  );
  const code = report(context, items);
  await rememberDestinations(context, config, items);
  if (!context.options.keep || code !== 0) return code;
  const { keepRenewed } = await import("./keep.ts");
  return keepRenewed(
    context,
    items.map(({ name, destination, result }) => ({
      name,
      destination: destination!,
      credentials: result!.credentials,
    })),
  );
}

/**
 * With `--keep`: refuses profiles that are not stored, or that another process renews, before a
 * code is asked for.
 */
async function claim(
  { host }: Context,
  config: SharedConfig,
  items: readonly Item[],
): Promise<void> {
  const { claimDestination } = await import("./keep.ts");
  for (const item of items) {
    await attempt(item, async () => {
      if (item.destination !== undefined) {
        return await claimDestination(host, config, item.destination);
      }
      throw new EacError("usage", "--keep renews stored credentials, and these would be printed", {
        hint: "name a profile to store them in with -o",
      });
    });
    if (item.error !== undefined) item.planned = undefined;
  }
}

/**
 * The profiles that prompt the user: the first of each device whose code is due, the first of each
 * sign-in, and every one whose strategy prompts. They run one after another, in the requested order, so
 * that prompts do not mix, and a code from an option belongs to the first device.
 */
function firstToAsk(items: readonly Item[]): ReadonlySet<Item> {
  const first = new Map<string | Item, Item>();
  for (const item of items) {
    const asker = item.planned && askerOf(item, item.planned);
    if (asker === undefined) continue;
    const other = first.get(asker);
    if (other === undefined || sessionSeconds(item) > sessionSeconds(other)) first.set(asker, item);
  }
  return new Set(first.values());
}

/** What prompts the user for this profile: a device, a sign-in, or a strategy for it alone. */
function askerOf(item: Item, planned: PlannedProfile): string | Item | undefined {
  const { steps, base } = planned.plan;
  const due = steps.slice(planned.prefix.done);
  if (due.some((step) => step.call === "Custom" && step.asks)) return item;
  if (base.kind === "sign-in" && due.length === steps.length) {
    return JSON.stringify([base.strategy, base.keys]);
  }
  return dueSerial(planned);
}

/** The length of the MFA session that an item would get: the longest one serves all the others. */
function sessionSeconds({ planned }: Item): number {
  const step = planned?.plan.steps.find(({ mfaSerial }) => mfaSerial !== undefined);
  return step?.call === "GetSessionToken" ? step.durationSeconds : 0;
}

async function itemsOf(
  context: Context,
  config: SharedConfig,
  names: readonly string[],
): Promise<Item[]> {
  const { options } = context;
  if (options.format !== undefined && !options.print) {
    throw new EacError("usage", "--format applies only to printed credentials", {
      hint: "add --print",
    });
  }
  if (options.keep && (options.print || options.json)) {
    const other = options.print ? "--print" : "--json";
    throw new EacError("usage", `--keep does not work with ${other}`, {
      hint: `remove ${other}: --keep stores credentials, and reports each renewal`,
    });
  }
  checkFormat(context);
  if (options.all) {
    const other = names.length > 0
      ? "profile names"
      : options.print
      ? "--print"
      : options.outputProfile !== undefined
      ? "--output-profile"
      : undefined;
    if (other !== undefined) {
      throw new EacError("usage", `--all does not work with ${other}`, {
        hint: `remove one of the two: --all gets every profile with a destination_profile`,
      });
    }
    const all = [...config.profiles.keys()].filter((name) =>
      destinationOf(profileNamed(config, name))
    );
    if (all.length > 0) return all.map((name) => ({ name }));
    throw new EacError("missing_credentials", "no profile has a destination_profile", {
      hint: "add one to each profile that --all should get",
    });
  }
  const wanted = [...new Set(names)];
  if (wanted.length > 1 && (options.outputProfile !== undefined || options.print)) {
    const option = options.print ? "--print" : "--output-profile";
    throw new EacError(
      "usage",
      `${option} works with one profile, but ${wanted.length} are named`,
      {
        hint: "give each profile a destination_profile",
      },
    );
  }
  if (wanted.length > 0) return wanted.map((name) => ({ name }));
  const profile = await selectProfile(context, config, undefined, hasExported(context.host));
  return [{ name: profile.name, profile }];
}

/** A failure affects only its profile: the others continue. */
async function attempt(item: Item, work: () => Promise<void>): Promise<void> {
  if (item.error !== undefined) return;
  try {
    await work();
  } catch (thrown) {
    const error = asEacError(thrown);
    if (error.code === "interrupted") throw error;
    item.error = error.of(item.name);
  }
}

/** Plans a profile, and refuses a destination that cannot be written before a code is asked for. */
async function planItem(
  context: Context,
  config: SharedConfig,
  item: Item,
  count: number,
  byDestination: Map<string, Item>,
): Promise<void> {
  item.profile ??= await selectProfile(context, config, item.name);
  item.planned = await planProfile(context, config, item.profile);
  const destination = await chooseDestination(context, item, item.profile, count);
  if (destination === undefined) return;
  item.destination = destination;
  const other = byDestination.get(destination);
  if (other !== undefined) {
    throw new EacError(
      "config_invalid",
      `"${item.name}" and "${other.name}" would both be stored in "${destination}"`,
      { hint: "give each its own destination_profile", profile: item.name },
    );
  }
  byDestination.set(destination, item);
  checkDestination(config, destination, item.profile, { force: context.options.force });
}

/** Checks, before a code is asked for, that the credentials file can be written. */
async function checkStorable(
  { host }: Context,
  { files }: SharedConfig,
  items: readonly Item[],
): Promise<void> {
  const due = items.filter(({ planned, destination, error }) =>
    planned !== undefined && destination !== undefined && error === undefined &&
    planned.prefix.done < planned.plan.steps.length
  );
  if (due.length === 0) return;
  try {
    await checkWritable(host, files.credentials);
  } catch (thrown) {
    for (const item of due) item.error = asEacError(thrown).of(item.name);
  }
}

/** Where to store; `undefined` to print. */
async function chooseDestination(
  context: Context,
  item: Item,
  profile: Profile,
  count: number,
): Promise<string | undefined> {
  const { options, host } = context;
  if (options.print) return undefined;
  const known = options.outputProfile ?? destinationOf(profile);
  if (known) return known;
  if (whyNoPrompt(context) === undefined) {
    const { askLine } = await import("../terminal/ask.ts");
    const suggestion = `${profile.name.replace(/^.*\//, "")}-temp`;
    const question =
      `Store "${profile.name}" in which profile, such as ${suggestion} (Enter: print instead)? `;
    const answer = await withTerminal(host, (device) => askLine(device, question));
    item.asked = true;
    return answer?.trim() || undefined;
  }
  if (count === 1) return undefined;
  throw new EacError("usage", `profile "${profile.name}" has no destination_profile`, {
    hint: "only a single profile can be printed: add a destination_profile to each",
    profile: profile.name,
  });
}

/** Stores all destinations in one rewrite of the credentials file; prints the others. */
async function deliver(
  context: Context,
  config: SharedConfig,
  items: readonly Item[],
): Promise<void> {
  const { host, options, log } = context;
  const result = items.filter((item) => item.error === undefined && item.result !== undefined);
  if (host.env.GITHUB_ACTIONS === "true" || options.format === "github") {
    for (const { result: got } of result) printMasks(context, got!.credentials);
  }
  const stored = result.filter((item) => item.destination !== undefined);
  if (stored.length > 0) {
    try {
      const { backup } = await storeCredentials(
        host,
        config,
        stored.map((item) => ({
          destination: item.destination!,
          source: item.profile!,
          credentials: item.result!.credentials,
        })),
        { force: options.force },
      );
      if (backup !== undefined) log.done(`saved the old credentials file as ${backup}`);
      await storeSettingsOf(context, config, stored);
      warnOfEnvironmentKeys(context, stored[0]!.destination!);
    } catch (thrown) {
      for (const item of stored) item.error = asEacError(thrown).of(item.name);
    }
  }
  for (const item of result) {
    if (item.destination !== undefined || options.json) continue;
    printEnv(context, item.result!.credentials, {
      profile: item.name,
      region: item.planned!.region,
      inFiles: config.profiles.has(item.name),
    });
  }
}

/** Writes the region and similar settings; without them, stored credentials are still useful. */
async function storeSettingsOf(
  { host, log }: Context,
  config: SharedConfig,
  stored: readonly Item[],
): Promise<void> {
  try {
    await storeSettings(
      host,
      config,
      stored.map((item) => ({ destination: item.destination!, source: item.profile! })),
    );
  } catch (thrown) {
    const { message } = asEacError(thrown);
    log.warn(`could not write the region of a stored profile: ${message}`);
  }
}

/** Writes the destinations that the user entered as `destination_profile`, for the next run. */
async function rememberDestinations(
  { host, log }: Context,
  { files, profiles, bytes }: SharedConfig,
  items: readonly Item[],
): Promise<void> {
  const named = items.filter(({ name, asked, destination, error }) =>
    asked && destination !== undefined && error === undefined && profiles.has(name)
  );
  if (named.length === 0) return;
  try {
    await rewriteFile(host, files.config, (document) => {
      for (const { name, destination } of named) {
        document.setProperty(configHeader(name, document), "destination_profile", destination!);
      }
    }, { seen: bytes.config });
    for (const { name, destination } of named) {
      log.done(`${files.config}: "${name}" now has destination_profile = ${destination}`);
    }
  } catch (thrown) {
    log.warn(`could not save the destination: ${asEacError(thrown).message}`);
  }
}

/**
 * Reports the result of each profile, in the given order; returns the exit code of the first
 * failure.
 */
function report(context: Context, items: readonly Item[]): number {
  const { host, options, log } = context;
  const failure = items.find((item) => item.error !== undefined)?.error;
  if (options.json) {
    host.stdout.write(`${printableJson(items.map(itemToJson), 2)}\n`);
    // As of every command: a script that reads only stderr, or whose stdout is a pipe, learns why.
    if (failure !== undefined) {
      host.stderr.write(`${printableJson({ error: errorToJson(failure) })}\n`);
    }
  } else {
    const failed = Map.groupBy(items, ({ error }) => error?.message);
    for (const item of items) {
      const { error } = item;
      if (error === undefined) {
        if (item.destination !== undefined) log.done(lineOf(context, item));
        continue;
      }
      const same = failed.get(error.message)!;
      if (same[0] === item) log.error(items.length === 1 ? error : withNames(error, same));
    }
  }
  return failure?.exitCode ?? 0;
}

/** The maximum number of profiles that are named with one error. */
const NAMED = 5;

/** Adds the names of the profiles that failed with this error, if several were requested. */
function withNames(error: EacError, failed: readonly Item[]): EacError {
  const names = failed.map(({ name }) => name);
  if (names.length === 1 && error.message.includes(`"${names[0]}"`)) return error;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return error.saying(`${names.slice(0, NAMED).join(", ")}${more}: ${error.message}`);
}

function itemToJson({ name, planned, destination, result, error }: Item) {
  const expiration = result?.credentials.expiration;
  return {
    profile: name,
    strategy: planned?.plan.strategy ?? null,
    destination: destination ?? null,
    expiration: expiration === undefined ? null : toTimestamp(expiration),
    cached: result?.cached ?? false,
    ...(error === undefined ? {} : { error: errorToJson(error) }),
  };
}

function lineOf({ host }: Context, { name, destination, result }: Item): string {
  return `${name} -> ${destination}, ${showExpiration(result!.credentials.expiration, host.now())}`;
}
