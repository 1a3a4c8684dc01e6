// @ts-check
/**
 * Gets a role's credentials with the sign-in of saml-sign-in.js.
 *
 *     [profile payments]
 *     source_profile = corp
 *     saml_role = arn:aws:iam::123456789012:role/payments
 *
 * With `saml_role = choose` the user chooses among the roles that the identity provider offers.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { hasField, hiddenFields, SignInPage } from "./_sign_in_page.js";

/** @type {import("eac/strategy").Strategy} */
export default {
  api: 1,
  name: "saml-role",
  summary: "assumes a role with the company's SAML sign-in",
  needs: [["saml_role", "source_profile.saml_url"]],
  reads: ["duration_seconds"],
  wants: ["source", "ask", "fetch", "sts"],

  async obtain({ profile, token }, { choose, fetch, sts }) {
    const site = new SignInPage(fetch, profile["source_profile.saml_url"] ?? "", token);
    const page = await site.load("/app/aws");
    if (hasField(page, "password")) {
      // eac signs in again, and then runs this strategy once more.
      throw Object.assign(new Error("the session has ended"), { code: "expired" });
    }
    const samlAssertion = hiddenFields(page).SAMLResponse;
    if (samlAssertion === undefined) throw new Error("/app/aws sent no SAMLResponse");

    const roles = rolesOf(Buffer.from(samlAssertion, "base64").toString());
    const wanted = profile.saml_role ?? "";
    const roleArn = wanted === "choose" ? await choose("Role:", [...roles.keys()]) : wanted;
    const principalArn = roles.get(roleArn);
    if (principalArn === undefined) {
      throw Object.assign(new Error(`the identity provider does not offer ${roleArn}`), {
        code: "access_denied",
        hint: `it offers ${[...roles.keys()].join(", ") || "no role"}`,
      });
    }
    const durationSeconds = Number(profile.duration_seconds ?? 3600);
    return await sts.assumeRoleWithSaml({ roleArn, principalArn, samlAssertion, durationSeconds });
  },
};

/**
 * The roles of an assertion, with the SAML provider of each. Identity providers write the two ARNs
 * in either order.
 *
 * @param {string} assertion
 */
function rolesOf(assertion) {
  /** @type {Map<string, string>} */
  const roles = new Map();
  for (
    const [, one = "", other = ""] of assertion.matchAll(/>\s*(arn:[^<,]+),\s*(arn:[^<,]+?)\s*</g)
  ) {
    const [role, provider] = one.includes(":role/") ? [one, other] : [other, one];
    roles.set(role.trim(), provider.trim());
  }
  return roles;
}
