/**
 * Bare `eac`: pick a profile, and get it.
 *
 * @module
 */

import { type Context, loadConfig, unaskable } from "../context.ts";
import { EacError } from "../errors.ts";
import { pickProfile } from "../picking.ts";

/** Picks a profile and gets it. */
export async function runPicker(context: Context): Promise<number> {
  const why = unaskable(context);
  if (why !== undefined) {
    throw new EacError("input_required", `eac alone picks a profile from a list, and ${why}`, {
      hint: "name one: eac get PROFILE; eac --help shows what else there is",
    });
  }
  const config = loadConfig(context);
  if (config.profiles.size === 0) {
    throw new EacError("profile_not_found", "there are no profiles to pick from", {
      hint: `profiles are read from ${config.files.config} and ${config.files.credentials}; ` +
        "eac demo shows how it goes",
    });
  }
  const name = await pickProfile(context, config);
  const { run } = await import("./get.ts");
  return await run(context, [name]);
}
