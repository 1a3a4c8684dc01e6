/**
 * `eac` without arguments: picks the profile to get.
 *
 * @module
 */

import { noProfiles } from "../../config/chain.ts";
import { type Context, loadConfig, whyNoPrompt } from "../../context.ts";
import { EacError } from "../../errors.ts";
import { pickProfile } from "./profile_picker.ts";

/**
 * The name of the profile that the user picks.
 *
 * @throws {EacError} `input_required` if prompts are disabled, `profile_not_found` without profiles
 */
export async function pickName(context: Context): Promise<string> {
  const why = whyNoPrompt(context);
  if (why !== undefined) {
    throw new EacError(
      "input_required",
      `eac without arguments picks a profile from a list, but ${why}`,
      {
        hint: "name a profile: eac get PROFILE; eac --help lists all commands",
      },
    );
  }
  const config = loadConfig(context);
  if (config.profiles.size === 0) throw noProfiles(config, "there are no profiles to pick from");
  return await pickProfile(context, config);
}
