/**
 * `eac explain`: what would happen, and why. Makes no calls.
 *
 * @module
 */

import { type Context, openConfig } from "../../context.ts";
import { explain } from "./model.ts";
import {
  cachePolicy,
  narrowToPlanning,
  type PlannedProfile,
  planProfile,
} from "../../session/plan_profile.ts";
import { selectProfile } from "../pick/select_profile.ts";
import { showExplanation } from "./view.ts";
import { printableJson } from "../../text/printable.ts";

/** The expiration of the cached sign-in that the plan begins with. */
async function signInOf(
  context: Context,
  { plan: { base }, where }: PlannedProfile,
): Promise<number | undefined> {
  if (base.kind !== "sign-in") return undefined;
  const { signInKey, validSignIn } = await import(
    "../../credentials/cache/custom_sign_in_cache.ts"
  );
  const policy = cachePolicy(context, where);
  return validSignIn(context.host, await signInKey(base), policy)?.expiration;
}

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  const config = openConfig(context);
  const profile = await selectProfile(context, config, names[0]);
  await narrowToPlanning(context);
  const planned = await planProfile(context, config, profile);
  const explanation = explain(context, planned, await signInOf(context, planned));
  if (options.json) host.stdout.write(`${printableJson(explanation, 2)}\n`);
  else host.stdout.write(showExplanation(context, planned, explanation));
  return 0;
}
