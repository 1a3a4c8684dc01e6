/**
 * Passes through credentials that are already temporary.
 *
 * @module
 */

import type { RegisteredStrategy } from "../lib/plan/strategy.ts";

/** Web identity, a credential process, SSO, `aws login` or the machine itself: no call beyond the base. */
export const passThrough = {
  api: 1,
  name: "pass-through",
  summary:
    "passes through credentials that are already temporary (web identity, SSO, aws login, a process)",
  needs: [
    ["web_identity_token_file"],
    ["credential_process", "!role_arn", "!mfa_serial"],
    ["sso_session", "!role_arn"],
    ["sso_start_url", "!role_arn"],
    ["login_session", "!role_arn"],
    ["credential_source", "!role_arn"],
  ],
  reads: [],
  temporaryOnly: true,
  steps: () => [],
} as const satisfies RegisteredStrategy;
