/**
 * `eac explain`: what would happen, and why. Calls nobody.
 *
 * @module
 */

import { type Context, loadConfig } from "../../context.ts";
import { explain } from "./model.ts";
import { narrowToPlanning, prepare } from "../../session/plan_profile.ts";
import { selectProfile } from "../pick/select_profile.ts";
import { showExplanation } from "./view.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  const config = loadConfig(context);
  const profile = await selectProfile(context, config, names[0]);
  await narrowToPlanning(context);
  const prepared = await prepare(context, config, profile);
  const explanation = explain(context, prepared);
  if (options.json) host.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
  else host.stdout.write(showExplanation(context, prepared, explanation));
  return 0;
}
