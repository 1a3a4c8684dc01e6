/**
 * A role reached through other roles.
 *
 * @module
 */

import { roleKeys, roleSteps } from "../lib/plan/role_steps.ts";
import type { RegisteredStrategy } from "../lib/plan/strategy.ts";

/** AssumeRole hop by hop, from the far end of the chain to the profile that was asked for. */
export const chainedRole = {
  api: 1,
  name: "chained-role",
  summary: "assumes a role from another role, hop by hop",
  needs: [["role_arn", "source_profile", "source_profile.role_arn"]],
  reads: roleKeys,
  steps: roleSteps,
} as const satisfies RegisteredStrategy;
