/**
 * Checks whether the user is signed in where profiles need it.
 *
 * @module
 */

import { loginSignInError } from "../../credentials/providers/login_session.ts";
import { ssoSignInError } from "../../credentials/providers/sso_token.ts";
import type { Host } from "../../host/host.ts";
import type { PlannedProfile } from "../../session/plan_profile.ts";
import { type Finding, findingOf } from "./finding.ts";

/** Notes the profiles whose user has to sign in. Sessions end every day, so this is not a problem. */
export async function checkSignIns(
  host: Pick<Host, "env" | "os" | "readFile" | "now">,
  planned: readonly PlannedProfile[],
): Promise<Finding[]> {
  const errors = await Promise.all(planned.map(({ plan: { base } }) => {
    if (base.kind === "sso") return ssoSignInError(host, base);
    return base.kind === "login" ? loginSignInError(host, base) : undefined;
  }));
  return errors.flatMap((error) => error === undefined ? [] : [findingOf(error, "note")]);
}
