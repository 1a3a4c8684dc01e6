// @ts-check
/**
 * Gets STS credentials from the AWS secrets engine of HashiCorp Vault over HTTP.
 *
 *     [profile deploy]
 *     vault_role = deploy
 *     vault_addr = https://vault.example.com:8200
 *     vault_username = alice
 *
 * The token is `VAULT_TOKEN` if that is set. Else the user signs in: with a password (the userpass auth
 * method) if the profile has `vault_username`, with a token otherwise.
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
  reads: ["vault_mount", "vault_username"],
  env: ["VAULT_TOKEN"],
  wants: ["fetch", "ask"],

  async obtain({ profile }, { fetch, ask, log }) {
    const { vault_role: role = "", vault_addr: url, vault_mount: mount = "aws" } = profile;

    /**
     * @param {string} path
     * @param {RequestInit} init
     */
    async function vault(path, init) {
      const answer = await fetch(`${url}/v1/${path}`, init);
      const body = await answer.json();
      if (answer.ok) return body;
      const problem = `${answer.status} ${body.errors?.join(", ") ?? ""}`.trim();
      // Vault answers a wrong password with 400.
      const denied = answer.status === 403 || answer.status === 400 && path.startsWith("auth/");
      const code = denied ? "access_denied" : "service";
      throw Object.assign(new Error(problem), { code });
    }

    async function signIn() {
      const user = profile.vault_username;
      if (!user) return await ask("Vault token:", { secret: true });
      const password = await ask(`Vault password of ${user}:`, { secret: true });
      const { auth } = await vault(`auth/userpass/login/${encodeURIComponent(user)}`, {
        method: "POST",
        body: JSON.stringify({ password }),
      });
      return auth.client_token;
    }

    const token = process.env.VAULT_TOKEN || await signIn();
    log(`asking ${url} for ${role}`);
    const { data, lease_duration } = await vault(`${mount}/sts/${encodeURIComponent(role)}`, {
      headers: { "x-vault-token": token },
    });
    return {
      AccessKeyId: data.access_key,
      SecretAccessKey: data.secret_key,
      SessionToken: data.session_token ?? data.security_token,
      Expiration: new Date(Date.now() + lease_duration * 1000),
    };
  },
};
