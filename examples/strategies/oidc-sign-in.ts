/**
 * Signs in to an OpenID Connect provider with a device code (RFC 8628): the user opens a page on any
 * device and confirms the code. The roles of oidc-role.ts share the sign-in.
 *
 *     [profile corp]
 *     oidc_issuer = https://login.example.com
 *     oidc_client = eac
 *
 * @module
 */

import type { SignInStrategy } from "eac/strategy";

/** The members of the provider's answers that this strategy reads. */
interface Metadata {
  readonly device_authorization_endpoint: string;
  readonly token_endpoint: string;
}

interface DeviceCode {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete?: string;
  readonly expires_in: number;
  readonly interval?: number;
}

type Tokens = { readonly id_token: string } | { readonly error: string };

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

export default {
  api: 1,
  name: "oidc-sign-in",
  summary: "signs in to the company's OpenID Connect provider with a device code",
  needs: [["oidc_issuer", "oidc_client"]],
  gives: "sign-in",
  wants: ["ask", "fetch"],
  timeout: 600,

  async obtain({ profile, interactive }, { fetch, open, show, signal }) {
    if (!interactive) {
      throw Object.assign(new Error("signing in needs a user"), { code: "input_required" });
    }
    const { oidc_issuer: issuer = "", oidc_client: client = "" } = profile;
    const post = async <T>(url: string, values: Record<string, string>): Promise<T> => {
      const body = new URLSearchParams({ client_id: client, ...values });
      return await (await fetch(url, { method: "POST", body })).json();
    };

    const configuration = await fetch(`${issuer}/.well-known/openid-configuration`);
    if (!configuration.ok) throw new Error(`${issuer} answered ${configuration.status}`);
    const metadata: Metadata = await configuration.json();
    const device = await post<DeviceCode>(metadata.device_authorization_endpoint, {
      scope: "openid",
    });
    await show(`Confirm the code ${device.user_code} at ${device.verification_uri}`);
    await open(device.verification_uri_complete ?? device.verification_uri);

    const deadline = Date.now() + device.expires_in * 1000;
    let seconds = device.interval ?? 5;
    while (Date.now() < deadline) {
      await delay(seconds, signal);
      const tokens = await post<Tokens>(metadata.token_endpoint, {
        grant_type: DEVICE_CODE,
        device_code: device.device_code,
      });
      if ("id_token" in tokens) {
        return { Token: tokens.id_token, Expiration: expirationOf(tokens.id_token) };
      }
      if (tokens.error === "slow_down") seconds += 5;
      else if (tokens.error === "access_denied") {
        throw Object.assign(new Error("the sign-in was denied"), { code: "access_denied" });
      } else if (tokens.error !== "authorization_pending") {
        throw new Error(`the identity provider answered ${tokens.error}`);
      }
    }
    throw Object.assign(new Error("nobody confirmed the code"), { code: "timeout" });
  },
} satisfies SignInStrategy;

/** The time in an ID token, which is three parts in base64url. STS checks its signature. */
function expirationOf(idToken: string): Date {
  const payload = (idToken.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  return new Date(JSON.parse(atob(payload)).exp * 1000);
}

function delay(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
