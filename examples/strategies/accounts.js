// @ts-check
/**
 * A convention for hundreds of profiles: an account and an access level determine the role and the
 * session tags. The accounts are data.
 *
 *     [profile payments-prod-admin]
 *     account = payments-prod
 *     access = admin
 *     source_profile = alice
 *
 * @module
 */

import accounts from "./_accounts.json" with { type: "json" };

const ROLES = { admin: "Administrator", write: "Developer", read: "ReadOnly" };

/** @type {import("eac/strategy").Strategy} */
export default {
  api: 1,
  name: "accounts",
  summary: "assumes a role by the company's accounts and access levels",
  needs: [["account", "access", "source_profile"]],
  reads: ["mfa_serial", "duration_seconds"],

  steps({ account = "", access = "", mfa_serial, duration_seconds }) {
    const { id, team, environment } = entry(accounts, "account", account);
    return [{
      call: "AssumeRole",
      roleArn: `arn:aws:iam::${id}:role/${entry(ROLES, "access", access)}`,
      durationSeconds: duration_seconds === undefined ? undefined : Number(duration_seconds),
      mfaSerial: mfa_serial,
      tags: { team, environment, access },
      transitiveTagKeys: ["team"],
    }];
  },
};

/**
 * @template T
 * @param {Readonly<Record<string, T>>} table
 * @param {string} key
 * @param {string} name
 * @returns {T}
 */
function entry(table, key, name) {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  if (value !== undefined) return value;
  throw Object.assign(new Error(`unknown ${key} "${name}"`), {
    code: "config_invalid",
    hint: `set ${key} to one of: ${Object.keys(table).join(", ")}`,
  });
}
