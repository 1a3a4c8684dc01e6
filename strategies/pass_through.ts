/**
 * Credentials that are temporary already, handed on as they come.
 *
 * @module
 */

import type { RegisteredStrategy } from "../lib/plan/strategy.ts";

/** Web identity, a credential process, or SSO: nothing to call beyond the base itself. */
export const passThrough = {
  api: 1,
  name: "pass-through",
  summary: "hands on credentials that are temporary already (web identity, SSO, a process)",
  needs: [
    ["web_identity_token_file"],
    ["credential_process", "!role_arn"],
    ["sso_session", "!role_arn"],
    ["sso_start_url", "!role_arn"],
  ],
  reads: [],
  steps: () => [],
} as const satisfies RegisteredStrategy;
