/**
 * Checks what in the environment affects every profile.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { environmentKeys, unsetCommand } from "../../sinks/environment_keys.ts";
import type { Finding } from "./finding.ts";

/** Keys in the environment take precedence over profiles in most tools. */
export function checkEnvironmentKeys(host: Pick<Host, "os" | "env">): readonly Finding[] {
  if (environmentKeys(host.env).length === 0) return [];
  return [{
    level: "warning",
    code: "environment_keys",
    message: "AWS_ACCESS_KEY_ID is set, and most AWS tools use it instead of a profile",
    fix: unsetCommand(host),
  }];
}
