/**
 * `eac process`: the credentials as the JSON that a `credential_process` prints.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { asEacError } from "../errors.ts";
import type { Host, TerminalDevice } from "../host/host.ts";
import { chooseProfile } from "./pick/select_profile.ts";
import { getCredentials } from "../session/get_credentials.ts";
import { processJson } from "../sinks/process_json.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  try {
    const parent = host.parentId();
    const openTerminal = () => abandonable(host, parent);
    const asking = { ...context, host: { ...host, openTerminal }, offersSignIn: false };
    const { credentials } = await getCredentials(asking, await chooseProfile(asking, names[0]));
    host.stdout.write(processJson(credentials));
    return 0;
  } catch (thrown) {
    const error = asEacError(thrown);
    if (!options.quiet) {
      const { noticeOnTerminal } = await import("../sinks/notice.ts");
      await noticeOnTerminal(host, error);
    }
    throw error;
  }
}

/** How often to check whether the caller still waits, in milliseconds. */
const LOOK = 250;

/**
 * The terminal, whose input ends when the caller exits: otherwise eac would stay after an SDK's
 * timeout, and read the next command that the user types.
 */
function abandonable(host: Host, parent: number): TerminalDevice | undefined {
  const device = host.openTerminal();
  if (device === undefined) return undefined;
  return {
    ...device,
    ownLines: host.os !== "windows",
    async read() {
      const typed = device.read();
      for (;;) {
        const look = new Promise<"look">((resolve) => {
          host.deadline(LOOK).addEventListener("abort", () => resolve("look"));
        });
        const next = await Promise.race([typed, look]);
        if (next !== "look") return next;
        if (host.parentId() !== parent || !isAwaited(host)) return undefined;
      }
    },
  };
}

/**
 * True while stdout has a reader, which only a write shows. A space before the JSON is harmless.
 */
function isAwaited({ stdout }: Host): boolean {
  if (!stdout.isTerminal) stdout.write(" ");
  return stdout.isOpen !== false;
}
