/**
 * `eac process`: the credentials as the JSON that a `credential_process` prints.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { asEacError } from "../errors.ts";
import { chooseProfile } from "./pick/select_profile.ts";
import { getCredentials } from "../session/get_credentials.ts";
import { processJson } from "../sinks/process_json.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  try {
    const { credentials } = await getCredentials(context, await chooseProfile(context, names[0]));
    host.stdout.write(processJson(credentials));
    return 0;
  } catch (thrown) {
    const error = asEacError(thrown);
    if (!options.quiet) {
      const { noticeOnTerminal } = await import("../sinks/notice.ts");
      noticeOnTerminal(host, error);
    }
    throw error;
  }
}
