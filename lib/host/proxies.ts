/**
 * The proxies of the environment, in the form that Deno reads. Deno ignores a proxy URL that it
 * cannot parse, and would send the request directly.
 *
 * @module
 */

import { EacError } from "../errors.ts";

/**
 * Hosts that a proxy cannot reach, or must not see: loopback, and the addresses where EC2, ECS and
 * EKS provide credentials (botocore bypasses the proxy for these as well).
 */
const NEVER_PROXIED = "localhost,127.0.0.0/8,::1,169.254.0.0/16,fd00:ec2::/32";
const IS_NEVER_PROXIED = /^(localhost|127\.|169\.254\.|\[::1\]|\[fd00:ec2:)/;

/** The kinds of proxy that Deno supports. */
const PROTOCOLS = /^(https?|socks5h?):$/;

/** The variables, by the protocol of the requests that they are for. */
const VARIABLES = { "http:": ["HTTP_PROXY"], "https:": ["HTTPS_PROXY"], all: ["ALL_PROXY"] };

/** The variables that are not valid proxy URLs; `undefined` before {@linkcode setProxies}. */
let invalid: Set<string> | undefined;

/** Both spellings of a variable: curl and the SDKs read either. */
const spellings = (name: string) => [name, name.toLowerCase()];

/**
 * Rewrites the proxy variables of this process for Deno, once: it reads them when it creates its
 * first client. Deno does not know `NO_PROXY=*`, sends loopback requests through the proxy, and
 * splits a password at its first `@`. Children get the original environment (`host.env`).
 */
export function setProxies(): void {
  if (invalid !== undefined) return;
  invalid = new Set();
  const names = Object.values(VARIABLES).flat().flatMap(spellings);
  const set = names.filter((name) => Deno.env.get(name)?.trim());
  if (set.length === 0) return;
  const except = Deno.env.get("NO_PROXY") ?? Deno.env.get("no_proxy") ?? "";
  if (except.split(",").some((host) => host.trim() === "*")) {
    names.forEach((name) => Deno.env.delete(name));
    return;
  }
  for (const name of set) {
    const url = proxyUrl(Deno.env.get(name)!);
    if (url === undefined) invalid.add(name);
    else Deno.env.set(name, url);
  }
  Deno.env.delete("no_proxy");
  Deno.env.set("NO_PROXY", except === "" ? NEVER_PROXIED : `${except},${NEVER_PROXIED}`);
}

/**
 * Refuses a request if its proxy variable is not a valid URL: sent directly, it would bypass the
 * proxy.
 *
 * @throws {EacError} `config_invalid`, without the value, which may contain a password
 */
export function checkProxy({ protocol, hostname }: URL): void {
  if (invalid === undefined || invalid.size === 0 || IS_NEVER_PROXIED.test(hostname)) return;
  const variables = protocol === "http:" || protocol === "https:" ? VARIABLES[protocol] : [];
  const name = [...variables, ...VARIABLES.all].flatMap(spellings).find((one) => invalid!.has(one));
  if (name === undefined) return;
  throw new EacError("config_invalid", `${name} is not a valid proxy URL`, {
    hint: "use http://USER:PASSWORD@HOST:PORT; in the password write / as %2F, # as %23, ? as %3F",
  });
}

/**
 * A proxy URL in the format that Deno reads: with a scheme, and with the user and the password
 * percent-encoded. As for curl and the AWS CLI, the last `@` ends the password.
 */
export function proxyUrl(value: string): string | undefined {
  const text = value.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !PROTOCOLS.test(url.protocol) || url.hostname === "") return undefined;
  const { protocol, username, password, host } = url;
  // Deno ignores a proxy with a user but no password.
  const user = username === "" && password === "" ? "" : `${username}:${password}@`;
  return `${protocol}//${user}${host}`;
}
