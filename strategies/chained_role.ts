/**
 * Assumes a role through other roles.
 *
 * @module
 */

import { roleKeys, roleSteps } from "../lib/plan/role_steps.ts";
import type { RegisteredStrategy } from "../lib/plan/strategy.ts";

/** Calls AssumeRole for each role of the chain, up to the requested profile. */
export const chainedRole = {
  api: 1,
  name: "chained-role",
  summary: "assumes a role through other roles, one after another",
  needs: [["role_arn", "source_profile", "source_profile.role_arn"]],
  reads: roleKeys,
  steps: roleSteps,
} as const satisfies RegisteredStrategy;
