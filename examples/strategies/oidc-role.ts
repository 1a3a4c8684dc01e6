/**
 * Gets a role's credentials with the sign-in of oidc-sign-in.ts.
 *
 *     [profile payments]
 *     source_profile = corp
 *     oidc_role = arn:aws:iam::123456789012:role/payments
 *
 * @module
 */

import type { ObtainStrategy } from "eac/strategy";

export default {
  api: 1,
  name: "oidc-role",
  summary: "assumes a role with the company's OpenID Connect sign-in",
  needs: [["oidc_role", "source_profile.oidc_issuer"]],
  reads: ["duration_seconds", "role_session_name"],
  wants: ["source", "sts"],

  // If AWS reports that the token has expired, eac signs in again and runs this strategy once more.
  async obtain({ profile, token = "" }, { sts }) {
    return await sts.assumeRoleWithWebIdentity({
      roleArn: profile.oidc_role ?? "",
      webIdentityToken: token,
      sessionName: profile.role_session_name,
      durationSeconds: Number(profile.duration_seconds ?? 3600),
    });
  },
} satisfies ObtainStrategy;
