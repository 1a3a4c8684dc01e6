/**
 * Bare `eac`: pick a profile, and get it.
 *
 * @module
 */

import { noProfiles } from "../../config/chain.ts";
import { type Context, loadConfig, unaskable } from "../../context.ts";
import { EacError } from "../../errors.ts";
import { pickProfile } from "./profile_picker.ts";

/** Picks a profile and gets it. */
export async function runPicker(context: Context): Promise<number> {
  const why = unaskable(context);
  if (why !== undefined) {
    throw new EacError("input_required", `eac alone picks a profile from a list, and ${why}`, {
      hint: "name one: eac get PROFILE; eac --help shows what else there is",
    });
  }
  const config = loadConfig(context);
  if (config.profiles.size === 0) throw noProfiles(config, "there are no profiles to pick from");
  const name = await pickProfile(context, config);
  const { run } = await import("../get.ts");
  return await run(context, [name]);
}
