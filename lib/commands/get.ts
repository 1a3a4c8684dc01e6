/**
 * `eac get`: obtains credentials and stores them, or prints them.
 *
 * @module
 */

import { inParallel } from "../async/parallel.ts";
import type { Profile } from "../config/profile.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, loadConfig, unaskable, withTerminal } from "../context.ts";
import { type Credentials, toTimestamp } from "../plan/credentials.ts";
import type { Obtained } from "../credentials/executor.ts";
import { showSpan } from "../text/duration.ts";
import { asEacError, EacError, errorToJson } from "../errors.ts";
import { createObtain } from "../session/get_credentials.ts";
import { dueSerial, narrow, prepare, type Prepared } from "../session/plan_profile.ts";
import { noteRecent } from "./pick/recent.ts";
import { selectProfile } from "./pick/select_profile.ts";
import { withBar } from "../terminal/progress.ts";
import { checkDestination, storeCredentials } from "../sinks/destination.ts";
import { checkFormat, printEnv, printMasks } from "./env.ts";

/** One profile on its way through the command. */
interface Item {
  readonly name: string;
  profile?: Profile;
  prepared?: Prepared;
  /** `undefined`: printed. */
  destination?: string;
  obtained?: Obtained;
  error?: EacError;
}

/** How many roles are assumed at once: AWS throttles above that sooner than it gains. */
const AT_ONCE = 16;

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const config = loadConfig(context);
  const items = await itemsOf(context, config, names);
  for (const item of items) await attempt(item, () => prepareItem(context, config, item, items));
  narrow(context, items.flatMap(({ prepared }) => prepared ?? []));
  const obtain = createObtain(context, config);
  const obtainItem = (item: Item) =>
    attempt(item, async () => {
      if (item.prepared !== undefined) item.obtained = await obtain(item.prepared);
    });
  if (items.length === 1) await obtainItem(items[0]!);
  else {
    await withBar(context.host, items.length, async (advance) => {
      const obtainNext = async (item: Item) => {
        await obtainItem(item);
        advance();
      };
      const first = firstOfDevices(items);
      for (const item of first) await obtainNext(item);
      await inParallel(AT_ONCE, items.filter((item) => !first.includes(item)), obtainNext);
    });
  }
  await deliver(context, config, items);
  noteRecent(
    context.host,
    items.filter(({ obtained }) => obtained !== undefined).map(({ name }) => name),
  );
  return report(context, items);
}

/**
 * The first profile of each device whose code is due. They go one after another, in the order asked:
 * a code that was given is of the first device, and nobody wonders which one is meant.
 */
function firstOfDevices(items: readonly Item[]): Item[] {
  const seen = new Set<string>();
  return items.filter(({ prepared }) => {
    const serial = prepared && dueSerial(prepared);
    if (serial === undefined || seen.has(serial)) return false;
    seen.add(serial);
    return true;
  });
}

async function itemsOf(
  context: Context,
  config: SharedConfig,
  names: readonly string[],
): Promise<Item[]> {
  const { options } = context;
  if (options.format !== undefined && !options.print) {
    throw new EacError("usage", "--format says how to print", { hint: "add --print" });
  }
  checkFormat(context);
  if (options.all) {
    if (names.length > 0 || options.outputProfile !== undefined || options.print) {
      throw new EacError("usage", "--all takes no names, and stores in each destination_profile", {
        hint: "leave out --all to name profiles",
      });
    }
    const all = [...config.profiles].filter(([, keys]) => keys.get("destination_profile")?.value);
    if (all.length > 0) return all.map(([name]) => ({ name }));
    throw new EacError("missing_credentials", "no profile has a destination_profile", {
      hint: "name one in the profiles that --all is to get",
    });
  }
  const wanted = [...new Set(names)];
  if (wanted.length > 1 && (options.outputProfile !== undefined || options.print)) {
    const option = options.print ? "--print" : "--output-profile";
    throw new EacError("usage", `${option} goes with one profile, and ${wanted.length} are named`, {
      hint: "give each profile a destination_profile",
    });
  }
  if (wanted.length > 0) return wanted.map((name) => ({ name }));
  const profile = await selectProfile(context, config, undefined);
  return [{ name: profile.name, profile }];
}

/** A failure is the profile's own: the others go on. */
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

/** Plans, and refuses what could not be stored before a code is asked for. */
async function prepareItem(
  context: Context,
  config: SharedConfig,
  item: Item,
  items: readonly Item[],
): Promise<void> {
  item.profile ??= await selectProfile(context, config, item.name);
  item.prepared = await prepare(context, config, item.profile);
  const destination = await destinationOf(context, item.profile, items.length);
  if (destination === undefined) return;
  item.destination = destination;
  const other = items.find((one) => one !== item && one.destination === destination);
  if (other !== undefined) {
    throw new EacError(
      "config_invalid",
      `"${item.name}" and "${other.name}" both want to store in "${destination}"`,
      { hint: "give each a destination_profile of its own", profile: item.name },
    );
  }
  checkDestination(config, destination, item.profile, { force: context.options.force });
}

/** Where to store; `undefined` to print. */
async function destinationOf(
  context: Context,
  profile: Profile,
  count: number,
): Promise<string | undefined> {
  const { options, host } = context;
  if (options.print) return undefined;
  const known = options.outputProfile ?? profile.values.destination_profile;
  if (known) return known;
  if (unaskable(context) === undefined) {
    const { askLine } = await import("../terminal/ask.ts");
    const suggestion = `${profile.name.replace(/^.*\//, "")}-temp`;
    const question =
      `Store "${profile.name}" in which profile, such as ${suggestion} (Enter alone prints)? `;
    const answer = await withTerminal(host, (device) => askLine(device, question));
    return answer?.trim() || undefined;
  }
  if (count === 1) return undefined;
  throw new EacError("usage", `profile "${profile.name}" has no destination_profile`, {
    hint: "only a single profile is printed; give each of several a destination_profile",
    profile: profile.name,
  });
}

/** All destinations in one rewrite of the credentials file; what has none is printed. */
async function deliver(
  context: Context,
  config: SharedConfig,
  items: readonly Item[],
): Promise<void> {
  const { host, options, talk } = context;
  const obtained = items.filter((item) => item.error === undefined && item.obtained !== undefined);
  if (host.env.GITHUB_ACTIONS === "true" || options.format === "github") {
    for (const { obtained: got } of obtained) printMasks(context, got!.credentials);
  }
  const stored = obtained.filter((item) => item.destination !== undefined);
  if (stored.length > 0) {
    try {
      const { backup } = await storeCredentials(
        host,
        config,
        stored.map((item) => ({
          destination: item.destination!,
          source: item.profile!,
          credentials: item.obtained!.credentials,
        })),
        { force: options.force },
      );
      if (backup !== undefined) talk.done(`the old credentials file is kept as ${backup}`);
    } catch (thrown) {
      for (const item of stored) item.error = asEacError(thrown).of(item.name);
    }
  }
  for (const item of obtained) {
    if (item.destination !== undefined || options.json) continue;
    printEnv(context, item.obtained!.credentials, item.prepared!.region);
  }
}

/** Says how each fared, in the order asked; the exit code is the first failure's. */
function report(context: Context, items: readonly Item[]): number {
  const { host, options, talk } = context;
  if (options.json) {
    host.stdout.write(`${JSON.stringify(items.map(itemToJson), null, 2)}\n`);
  } else {
    const said = new Set<string>();
    for (const item of items) {
      if (item.error !== undefined) {
        const error = items.length === 1 ? item.error : withNames(item.error, items);
        if (!said.has(error.message)) talk.error(error);
        said.add(error.message);
      } else if (item.destination !== undefined) talk.done(lineOf(context, item));
    }
  }
  return items.find((item) => item.error !== undefined)?.error?.exitCode ?? 0;
}

/** How many profiles of the same error are named. */
const NAMED = 5;

/** Says whose error it is, since several were asked for: what befell many, a wrong code say, once. */
function withNames(error: EacError, items: readonly Item[]): EacError {
  const names = items.filter((item) => item.error?.message === error.message)
    .map(({ name }) => name);
  if (names.length === 1 && error.message.includes(`"${names[0]}"`)) return error;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return error.saying(`${names.slice(0, NAMED).join(", ")}${more}: ${error.message}`);
}

function itemToJson({ name, prepared, destination, obtained, error }: Item) {
  const expiration = obtained?.credentials.expiration;
  return {
    profile: name,
    strategy: prepared?.plan.strategy ?? null,
    destination: destination ?? null,
    expiration: expiration === undefined ? null : toTimestamp(expiration),
    cached: obtained?.cached ?? false,
    ...(error === undefined ? {} : { error: errorToJson(error) }),
  };
}

function lineOf({ host }: Context, { name, destination, obtained }: Item): string {
  return `${name} -> ${destination}, ${showExpiration(obtained!.credentials, host.now())}`;
}

/** `expires 14:03 (in 59 min)`, in the person's own time. */
export function showExpiration({ expiration }: Credentials, now: number): string {
  if (expiration === undefined) return "which say not when they expire";
  const [at, today] = [new Date(expiration), new Date(now)];
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const day = at.toDateString() === today.toDateString()
    ? ""
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `;
  return `expires ${day}${time} (in ${showSpan(expiration - now)})`;
}
