/** Bases: the keys that select one. */

import type { Profile } from "../../lib/config/profile.ts";
import { baseOf, isSourceKey } from "../../lib/plan/base.ts";
import { assertEquals } from "../support/assert.ts";

/** Settings that select a base, and its kind. */
const SOURCES: readonly (readonly [Record<string, string>, string])[] = [
  [{ credential_process: "/bin/token" }, "process"],
  [
    { web_identity_token_file: "/token", role_arn: "arn:aws:iam::123456789012:role/A" },
    "web-identity",
  ],
  [{ login_session: "arn:aws:iam::123456789012:user/alice" }, "login"],
  [{
    sso_start_url: "https://example.awsapps.com/start",
    sso_region: "eu-west-1",
    sso_account_id: "123456789012",
    sso_role_name: "Admin",
  }, "sso"],
];

Deno.test("isSourceKey: every key that selects a base is one, so that get and link protect its profile", () => {
  for (const [values, kind] of SOURCES) {
    const profile: Profile = { name: "p", values, places: {}, source: undefined };
    const config = { ssoSessions: new Map(), credentialsFile: "/credentials" };
    assertEquals(baseOf(profile, config)?.kind, kind);
    for (const key of Object.keys(values)) {
      assertEquals(isSourceKey(key), key !== "role_arn", key);
    }
  }
  for (const key of ["region", "source_profile", "credential_source", "aws_access_key_id"]) {
    assertEquals(isSourceKey(key), false, key);
  }
});
