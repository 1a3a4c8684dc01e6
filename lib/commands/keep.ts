/**
 * `eac get --keep`: stays in the foreground and renews stored credentials before they expire.
 *
 * @module
 */

import { join, locksFolder } from "../config/locations.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { type Context, loadConfig } from "../context.ts";
import { asEacError, EacError, showPlace } from "../errors.ts";
import type { Host, Lock } from "../host/host.ts";
import { codeOrigin } from "../plan/code_origin.ts";
import type { Credentials } from "../plan/credentials.ts";
import { createGetCredentials, type GetCredentials } from "../session/get_credentials.ts";
import { dueSerial, planProfile } from "../session/plan_profile.ts";
import { storeCredentials } from "../sinks/destination.ts";
import { showSpan, showTime } from "../text/duration.ts";
import { sha256 } from "../text/hash.ts";
import { selectProfile } from "./pick/select_profile.ts";

/** A profile whose stored credentials are kept valid. */
export interface RenewedProfile {
  readonly name: string;
  readonly destination: string;
  readonly credentials: Credentials;
}

/** The state of a renewed profile. */
interface State {
  readonly name: string;
  readonly destination: string;
  /** The key that was stored last. */
  keyId: string;
  /** When to renew, in milliseconds since 1970. */
  due: number;
  /** True during a renewal, which may prompt the user. */
  busy: boolean;
  /** Why it could not be renewed. */
  failure?: string | undefined;
}

/** Milliseconds between checks of the clock and the files. */
const TICK = 30_000;

/** Milliseconds until a retry after a failure. */
const RETRY = 60_000;

/**
 * Credentials are renewed with at least this many milliseconds left; after as many if the
 * expiration is unknown.
 */
const MARGIN = 15 * 60_000;

/** Milliseconds to wait for a lock, since even a free one takes a moment. */
const LOCK_WAIT = 500;

/** The locks of this process: they must not be garbage-collected. */
const held: Lock[] = [];

/**
 * Claims a destination for this process. The lock ends with the process.
 *
 * @throws {EacError} `destination_protected` if another process renews it
 */
export async function claimDestination(
  host: Pick<Host, "env" | "os" | "makeFolder" | "lock" | "deadline">,
  { files }: SharedConfig,
  destination: string,
): Promise<void> {
  const folder = locksFolder(host);
  host.makeFolder(folder, 0o700);
  const name = await sha256(`keep ${files.credentials} ${destination}`);
  const path = join(host.os, folder, `${name.slice(0, 32)}.lock`);
  const lock = await host.lock(path, host.deadline(LOCK_WAIT));
  if (lock !== undefined) {
    held.push(lock);
    return;
  }
  throw new EacError(
    "destination_protected",
    `another eac process is renewing "${destination}"`,
    { hint: "leave that process running, or stop it with Ctrl-C first" },
  );
}

/**
 * Renews the profiles until a signal ends the process: without a prompt while the MFA session is
 * valid, and with one after that. A failure is reported once and retried.
 *
 * @returns the exit code for the signal
 */
export async function keepRenewed(
  first: Context,
  profiles: readonly RenewedProfile[],
): Promise<number> {
  // A code from an option works only once.
  const context: Context = {
    ...first,
    host: { ...first.host, env: { ...first.host.env, EAC_MFA_TOKEN: undefined } },
    options: { ...first.options, mfaToken: undefined },
    offersSignIn: false,
  };
  const { host, log } = context;
  const end = new AbortController();
  let code = 130;
  const stop = host.onSignal(["SIGINT", "SIGTERM", "SIGHUP"], (name) => {
    // The terminal shows ^C: the shell's prompt must not stand behind it.
    if (name === "SIGINT" && host.stderr.isTerminal) host.stderr.write("\n");
    if (name !== "SIGINT") code = name === "SIGTERM" ? 143 : 129;
    end.abort();
  });
  const states = profiles.map(({ name, destination, credentials }): State => ({
    name,
    destination,
    keyId: credentials.accessKeyId,
    due: dueTime(credentials, host.now()),
    busy: false,
  }));
  log.done(`renewing ${profiles.map(({ destination }) => destination).join(", ")} until Ctrl-C`);
  try {
    for (let last = host.now(); !end.signal.aborted; last = host.now()) {
      await host.sleep(TICK, end.signal);
      if (end.signal.aborted) break;
      const passed = host.now() - last;
      if (passed > 4 * TICK) log.done(`this machine was suspended for ${showSpan(passed)}`);
      await renewDue(context, states, () => end.abort());
    }
  } finally {
    stop();
  }
  return code;
}

function dueTime({ expiration }: Credentials, now: number): number {
  if (expiration === undefined) return now + MARGIN;
  // Just after cached credentials stop counting as fresh.
  return expiration - Math.min(MARGIN, (expiration - now) / 3) + 1000;
}

async function renewDue(
  context: Context,
  states: readonly State[],
  interrupt: () => void,
): Promise<void> {
  const idle = states.filter(({ busy }) => !busy);
  let config: SharedConfig;
  try {
    config = loadConfig(context);
  } catch (thrown) {
    for (const state of idle) fail(context, state, asEacError(thrown));
    return;
  }
  const now = context.host.now();
  const getCredentials = createGetCredentials(context, config, { orStillValid: false });
  for (const state of idle) {
    const stored = config.profiles.get(state.destination)?.get("aws_access_key_id")?.value;
    // Another program removed or replaced the stored credentials: they are stored again.
    const lost = stored !== state.keyId && state.failure === undefined;
    if (now < state.due && !lost) continue;
    if (lost) {
      context.log.done(`"${state.destination}" was changed by another program: storing it again`);
    }
    const renewal = renew(context, config, getCredentials, state, (thrown) => {
      const error = asEacError(thrown);
      if (error.code === "interrupted") interrupt();
      else fail(context, state, error);
    });
    // A prompt may stay unanswered for hours, and other profiles must not wait for it.
    await Promise.race([renewal.done, renewal.asks]);
  }
}

/** Renews a profile; `asks` resolves if that prompts the user. */
function renew(
  context: Context,
  config: SharedConfig,
  getCredentials: GetCredentials,
  state: State,
  failed: (thrown: unknown) => void,
): { readonly done: Promise<void>; readonly asks: Promise<void> } {
  const { host, options } = context;
  const asks = Promise.withResolvers<void>();
  const work = async () => {
    const profile = await selectProfile(context, config, state.name);
    const planned = await planProfile(context, config, profile);
    const serial = dueSerial(planned);
    const origin = serial && codeOrigin(profile, host.env, options.mfaToken, serial).origin;
    if (origin === "prompt") asks.resolve();
    const { credentials } = await getCredentials(planned);
    const entry = { destination: state.destination, source: profile, credentials };
    await storeCredentials(host, config, [entry], { force: false });
    renewed(context, state, credentials);
  };
  state.busy = true;
  const done = work().catch(failed).finally(() => state.busy = false);
  return { done, asks: asks.promise };
}

function renewed({ host, log }: Context, state: State, credentials: Credentials): void {
  const now = host.now();
  const { expiration, accessKeyId } = credentials;
  const isNews = state.keyId !== accessKeyId || state.failure !== undefined;
  state.keyId = accessKeyId;
  state.due = dueTime(credentials, now);
  state.failure = undefined;
  if (!isNews) return;
  const until = expiration === undefined
    ? "expiration unknown"
    : `expires ${showTime(expiration, now)} (in ${showSpan(expiration - now)})`;
  log.done(`${state.name} -> ${state.destination}, ${until}`);
}

function fail({ host, log }: Context, state: State, error: EacError): void {
  state.due = host.now() + RETRY;
  if (state.failure !== error.message) {
    const at = error.place === undefined ? "" : ` (${showPlace(error.place)})`;
    log.done(`${state.name} could not be renewed: ${error.message}${at}; retrying every minute`);
  }
  state.failure = error.message;
}
