// @ts-check
/**
 * Gets STS credentials from the AWS secrets engine of HashiCorp Vault over HTTP.
 *
 *     [profile deploy]
 *     vault_role = deploy
 *     vault_addr = https://vault.example.com:8200
 *
 * The token is taken from `VAULT_TOKEN`; if it is not set, the user is asked.
 *
 * @module
 */

import process from "node:process";

/** @type {import("eac/strategy").Strategy} */
export default {
  api: 1,
  name: "vault",
  summary: "gets credentials from the AWS engine of HashiCorp Vault",
  needs: [["vault_role", "vault_addr"]],
  reads: ["vault_mount"],
  env: ["VAULT_TOKEN"],
  wants: ["fetch", "ask"],

  async obtain({ profile }, { fetch, ask, log }) {
    const { vault_role: role = "", vault_addr: address, vault_mount: mount = "aws" } = profile;
    const token = process.env.VAULT_TOKEN || await ask("Vault token:", { secret: true });
    log(`asking ${address} for ${role}`);
    const answer = await fetch(`${address}/v1/${mount}/sts/${encodeURIComponent(role)}`, {
      headers: { "x-vault-token": token },
    });
    const { data, lease_duration, errors } = await answer.json();
    if (!answer.ok) throw new Error(`${answer.status} ${errors?.join(", ") ?? ""}`.trim());
    return {
      AccessKeyId: data.access_key,
      SecretAccessKey: data.secret_key,
      SessionToken: data.session_token ?? data.security_token,
      Expiration: new Date(Date.now() + lease_duration * 1000),
    };
  },
};
