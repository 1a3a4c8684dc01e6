/**
 * Picking one of the profiles on the terminal.
 *
 * @module
 */

import type { SharedConfig } from "./config/shared_config.ts";
import type { Context } from "./context.ts";
import { listProfiles } from "./listing.ts";

/** Asks for one of the profiles. */
export async function pickProfile(context: Context, config: SharedConfig): Promise<string> {
  const { pick } = await import("./terminal/picker.ts");
  const listed = await listProfiles(context, config);
  const stored = new Set(listed.map(({ destination }) => destination));
  // What eac filled is no source of credentials.
  const isFilled = (name: string) =>
    stored.has(name) || config.profiles.get(name)?.get("managed_by")?.value === "eac";
  const items = listed
    .filter(({ name, strategy }) => strategy !== null && !isFilled(name))
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
