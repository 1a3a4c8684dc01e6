/**
 * Assumes a role with base credentials.
 *
 * @module
 */

import { roleKeys, roleSteps } from "../lib/plan/role_steps.ts";
import type { RegisteredStrategy } from "../lib/plan/strategy.ts";

/**
 * Calls AssumeRole with the credentials of another profile, of the machine, or of the profile itself.
 */
export const assumeRole = {
  api: 1,
  name: "assume-role",
  summary: "assumes a role from another profile's credentials",
  needs: [
    ["role_arn", "source_profile"],
    ["role_arn", "credential_source"],
    ["role_arn", "aws_access_key_id"],
  ],
  reads: roleKeys,
  steps: roleSteps,
} as const satisfies RegisteredStrategy;
