/**
 * Bare `eac`: pick a profile, and get it.
 *
 * @module
 */

import { type Context, loadConfig, unaskable } from "../context.ts";
import type { SharedConfig } from "../config/shared_config.ts";
import { EacError } from "../errors.ts";
import { listProfiles } from "./list.ts";

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

/** Asks for one of the profiles. */
export async function pickProfile(context: Context, config: SharedConfig): Promise<string> {
  const { pick } = await import("../terminal/picker.ts");
  const listed = await listProfiles(context, config);
  const stored = new Set(listed.map(({ destination }) => destination));
  const items = listed
    .filter(({ name, strategy }) => strategy !== null && !stored.has(name))
    .map(({ name, strategy, region, destination }) => {
      const role = config.profiles.get(name)?.get("role_arn")?.value ?? "";
      return {
        name,
        columns: [strategy ?? "", role, destination ? `-> ${destination}` : ""],
        search: `${name} ${role} ${region ?? ""}`,
      };
    });
  return await pick(context.host, items, { message: "Profile" });
}
