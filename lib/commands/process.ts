/**
 * `eac process`: the credentials as the JSON that a `credential_process` prints.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { obtainOne } from "../session/get_credentials.ts";
import { processJson } from "../sinks/process_json.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { credentials } = await obtainOne(context, names[0]);
  context.host.stdout.write(processJson(credentials));
  return 0;
}
