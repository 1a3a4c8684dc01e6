/**
 * Picks one of the profiles on the terminal.
 *
 * @module
 */

import type { Section, SharedConfig } from "../../config/shared_config.ts";
import type { Context } from "../../context.ts";
import { showSpan, showTime } from "../../text/duration.ts";
import { type Listed, listProfiles } from "../list/model.ts";
import { sessionExpirations } from "../list/view.ts";
import { readRecent } from "./recent.ts";
import type { PickItem } from "../../terminal/picker.ts";

/** Asks for one of the profiles; the last used ones come first. */
export async function pickProfile(context: Context, config: SharedConfig): Promise<string> {
  const { pick } = await import("../../terminal/picker.ts");
  const listed = await listProfiles(context, config);
  const stored = new Set(listed.map(({ destination }) => destination));
  // Profiles that eac stored are not sources of credentials.
  const isFilled = (name: string) =>
    stored.has(name) || config.profiles.get(name)?.get("managed_by")?.value === "eac";
  const recent = readRecent(context.host);
  const ranks = new Map(recent.map((name, index) => [name, index]));
  const rank = ({ name }: Listed) => ranks.get(name) ?? Infinity;
  const now = context.host.now();
  const items = listed
    .filter(({ name, strategy }) => strategy !== null && !isFilled(name))
    .sort((a, b) => rank(a) === rank(b) ? 0 : rank(a) - rank(b))
    .map((profile) => itemOf(profile, config.profiles.get(profile.name), now));
  const sessions = [...sessionExpirations(listed)].map(([mfa, expiration]) =>
    `MFA until ${showTime(expiration, now)}: ${mfa.split("/").at(-1)}`
  );
  const message = sessions.length === 0 ? "Profile" : `Profile (${sessions.join(", ")})`;
  return pick(context.host, items, { message });
}

/** The columns of a profile, the most useful ones first. */
function itemOf(profile: Listed, keys: Section | undefined, now: number): PickItem {
  const { name, strategy, mfa, region, destination, expiration, status } = profile;
  const arn = keys?.get("role_arn")?.value ?? "";
  const [, account = "", role = ""] = /:iam::([^:]*):role\/(?:.*\/)?(.+)$/.exec(arn) ?? [];
  const fresh = status === "valid" || status === "expiring"
    ? `${showSpan(Date.parse(expiration!) - now)} left`
    : status === "expired"
    ? "expired"
    : "";
  return {
    name,
    columns: [
      fresh,
      role && `${role} ${account}`,
      mfa === null ? "" : "MFA",
      destination ? `-> ${destination}` : "",
      strategy ?? "",
      region ?? "",
    ],
    search: `${arn} ${keys?.get("sso_account_id")?.value ?? ""} ${mfa ?? ""}`,
  };
}
