// @ts-check
/**
 * Signs in to a company's SAML identity provider with a password and a one-time code. The roles
 * of saml-role.js share the sign-in.
 *
 *     [profile corp]
 *     saml_url = https://login.example.com
 *     saml_user = alice
 *
 * @module
 */

import process from "node:process";
import { hasField, SignInPage } from "./_sign_in_page.js";

/** The identity provider ends its session after this time. */
const SESSION_SECONDS = 8 * 3600;

/** @type {import("eac/strategy").Strategy} */
export default {
  api: 1,
  name: "saml-sign-in",
  summary: "signs in to the company's identity provider",
  needs: [["saml_url"]],
  reads: ["saml_user"],
  gives: "sign-in",
  wants: ["ask", "fetch"],
  timeout: 300,

  async obtain({ profile }, { ask, fetch }) {
    const site = new SignInPage(fetch, profile.saml_url ?? "");
    const form = await site.load("/login");
    const user = profile.saml_user ?? await ask("User:");
    const password = process.env.SAML_PASSWORD ??
      await ask(`Password of ${user}:`, { secret: true });
    let page = await site.submit(form, { username: user, password });
    if (hasField(page, "otp")) page = await site.submit(page, { otp: await ask("Code:") });
    // Many identity providers answer a wrong password with the form again, and 200.
    if (hasField(page, "password") || hasField(page, "otp")) {
      throw Object.assign(new Error(`${profile.saml_url} rejected the sign-in of ${user}`), {
        code: "access_denied",
        hint: "check the password and the code, and run the command again",
      });
    }
    return { Token: site.cookies, Expiration: new Date(Date.now() + SESSION_SECONDS * 1000) };
  },
};
