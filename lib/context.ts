/**
 * The context of a command: the Host, the strategies, the options and the log.
 *
 * @module
 */

import type { Plugins, RegisteredStrategy } from "./plan/strategy.ts";
import type { Options } from "./cli/options.ts";
import { readSharedConfig, type SharedConfig } from "./config/shared_config.ts";
import { openSharedConfig } from "./config/sections_on_demand.ts";
import { showPlace } from "./errors.ts";
import type { Host, TerminalDevice } from "./host/host.ts";
import { pauseProgress } from "./terminal/line.ts";
import type { Log } from "./terminal/log.ts";

/**
 * Runs another command line on another Host, as the demo and `strategies check` do.
 *
 * @param first strategies that precede the built-in ones
 */
export type RunLine = (
  argv: readonly string[],
  host: Host,
  first?: readonly RegisteredStrategy[],
) => Promise<number>;

/** The context of one run. */
export interface Context {
  readonly host: Host;
  /** The built-in strategies. */
  readonly strategies: readonly RegisteredStrategy[];
  /** The user's strategies; loaded when a command first plans. */
  readonly plugins: () => Promise<Plugins>;
  readonly options: Options;
  readonly log: Log;
  readonly runLine: RunLine;
  /** False where a program waits for the credentials: no user watches, or it may give up waiting. */
  readonly offersSignIn: boolean;
  /** When the run began, in milliseconds since 1970. */
  readonly began: number;
}

/** Reads the shared files, and warns of what the AWS CLI would refuse in them. */
export function loadConfig(context: Context): SharedConfig {
  return withWarnings(context, readSharedConfig(context.host));
}

/** {@linkcode loadConfig} for a command about one profile: only its sections are read, if possible. */
export function openConfig(context: Context): SharedConfig {
  return withWarnings(context, openSharedConfig(context.host));
}

function withWarnings({ log }: Context, config: SharedConfig): SharedConfig {
  for (const { message, place } of config.warnings) log.warn(`${message} (${showPlace(place)})`);
  return config;
}

/** The strategies to match profiles against, the user's own first. */
export async function strategiesOf(
  { strategies, plugins, log }: Context,
): Promise<Pick<Plugins, "strategies" | "broken">> {
  const { strategies: first, broken } = await plugins();
  for (const { error } of broken) {
    const at = error.place ? ` (${showPlace(error.place)})` : "";
    log.warn(`${error.message}${at}${error.hint === undefined ? "" : `; ${error.hint}`}`);
  }
  return { strategies: [...first, ...strategies], broken };
}

/** Why the user cannot be asked, as the end of a sentence; `undefined` if they can. */
export function whyNoPrompt(context: Context): string | undefined {
  return promptsDisabled(context) ?? whyNoTerminal(context.host);
}

/** True if the user may be asked to sign in now, rather than told to. */
export function maySignIn(context: Context): boolean {
  const { offersSignIn, options } = context;
  return offersSignIn && !options.quiet && whyNoPrompt(context) === undefined;
}

/** Why prompts are disabled, wherever they would be shown; `undefined` if they are not. */
export function promptsDisabled({ host, options }: Context): string | undefined {
  if (!options.input) return "prompts are disabled (--no-input)";
  const { CI, EAC_NO_INPUT } = host.env;
  if (isOn(EAC_NO_INPUT)) return "prompts are disabled (EAC_NO_INPUT is set)";
  return isOn(CI) ? "prompts are disabled (CI is set)" : undefined;
}

/** Why there is no terminal, as the end of a sentence; `undefined` if there is one. */
export function whyNoTerminal(host: Pick<Host, "openTerminal">): string | undefined {
  const device = host.openTerminal();
  device?.close();
  return device === undefined ? "there is no terminal" : undefined;
}

/** A variable that is set, and not to `false` or `0`. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}

/** Runs `use` with the terminal, and closes it afterwards; `undefined` if there is none. */
export async function withTerminal<T>(
  host: Host,
  use: (device: TerminalDevice) => Promise<T>,
): Promise<T | undefined> {
  const device = host.openTerminal();
  if (device === undefined) return undefined;
  const resume = pauseProgress(host.stderr);
  try {
    return await use(device);
  } finally {
    resume();
    device.close();
  }
}
