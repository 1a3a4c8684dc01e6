/**
 * `eac explain`: what would happen, and why. Makes no calls.
 *
 * @module
 */

import { type Context, loadConfig } from "../../context.ts";
import { explain } from "./model.ts";
import { narrowToPlanning, planProfile } from "../../session/plan_profile.ts";
import { selectProfile } from "../pick/select_profile.ts";
import { showExplanation } from "./view.ts";
import { printableJson } from "../../text/printable.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  const config = loadConfig(context);
  const profile = await selectProfile(context, config, names[0]);
  await narrowToPlanning(context);
  const planned = await planProfile(context, config, profile);
  const explanation = explain(context, planned);
  if (options.json) host.stdout.write(`${printableJson(explanation, 2)}\n`);
  else host.stdout.write(showExplanation(context, planned, explanation));
  return 0;
}
