/**
 * Checks the connection to AWS: whether each endpoint in use answers, and its clock.
 *
 * @module
 */

import { identityCenterEndpoint, signInEndpoint, stsEndpoint } from "../../plan/endpoint.ts";
import { signedInAt } from "../../credentials/providers/login_token.ts";
import { asEacError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { inParallel } from "../../async/parallel.ts";
import type { PlannedProfile } from "../../session/plan_profile.ts";
import { type Finding, findingOf } from "./finding.ts";

type NetworkHost = Pick<Host, "env" | "http" | "now" | "os" | "readFile">;

/** The timeout of an endpoint in milliseconds, including DNS. */
export const PATIENCE = 2000;

/**
 * The number of concurrent requests. It is more than anyone uses, because without DNS each request
 * takes the whole {@linkcode PATIENCE}, and together they should take no longer than one.
 */
const AT_ONCE = 100;

/** The clock skew that AWS refuses, in milliseconds. */
const SKEW_LIMIT = 15 * 60_000;

/** The clock skew from which codes computed on this machine begin to fail. */
const SKEW_WORTH_A_WORD = 30_000;

/** An endpoint and its profiles. */
interface Endpoint {
  readonly url: string;
  readonly profiles: string[];
  readonly caBundle?: string | undefined;
}

/** The results for the endpoints. */
export interface CheckedNetwork {
  readonly findings: readonly Finding[];
  /** The endpoints that answered. */
  readonly reached: ReadonlySet<string>;
}

/** Sends a plain request to every endpoint that the profiles use; any response will do. */
export async function checkNetwork(
  host: NetworkHost,
  planned: readonly PlannedProfile[],
): Promise<CheckedNetwork> {
  const findings: Finding[] = [];
  const endpoints = await endpointsOf(host, planned, findings);
  const reached = new Set<string>();
  const skews: number[] = [];
  await inParallel(AT_ONCE, endpoints, async (endpoint) => {
    const { url, profiles, caBundle } = endpoint;
    const before = host.now();
    try {
      const { headers } = await host.http({
        method: "GET",
        url,
        headers: {},
        timeout: PATIENCE,
        caBundle,
      });
      reached.add(url);
      const theirs = Date.parse(headers.date ?? "");
      const after = host.now();
      if (!Number.isNaN(theirs)) skews.push((before + after) / 2 - theirs);
    } catch (thrown) {
      const finding = findingOf(asEacError(thrown));
      findings.push({
        ...finding,
        message: `${finding.message}; ${named(profiles)} it`,
        ...(profiles.length === 1 ? { profile: profiles[0]! } : {}),
      });
    }
  });
  return { findings: [...checkClock(skews), ...findings], reached };
}

/** The endpoints; one that cannot be determined is a finding. */
async function endpointsOf(
  host: NetworkHost,
  planned: readonly PlannedProfile[],
  findings: Finding[],
): Promise<Endpoint[]> {
  const endpoints = new Map<string, Endpoint>();
  const add = (url: string, profile: string, caBundle: string | undefined) => {
    const known = endpoints.get(url);
    if (known) known.profiles.push(profile);
    else endpoints.set(url, { url, profiles: [profile], ...(caBundle ? { caBundle } : {}) });
  };
  for (const { plan, where } of planned) {
    const target = stsEndpoint(where);
    const { name } = plan.profile;
    const { base, steps } = plan;
    const usesSts = steps.some((step) => step.call !== "Custom" || step.usesSts === true);
    if (usesSts || base.kind === "web-identity") add(target.url, name, target.caBundle);
    if (base.kind === "sso") {
      const portal = identityCenterEndpoint(where, "sso", base.region);
      add(portal.url, name, portal.caBundle);
    }
    if (base.kind === "login") {
      try {
        const signIn = signInEndpoint(where, await signedInAt(host, base.session));
        add(signIn.url, name, signIn.caBundle);
      } catch (thrown) {
        findings.push({ ...findingOf(asEacError(thrown)), profile: name });
      }
    }
  }
  return [...endpoints.values()];
}

function named(profiles: readonly string[]): string {
  const [first, second, ...others] = profiles.map((name) => `"${name}"`);
  if (second === undefined) return `profile ${first} needs`;
  if (others.length === 0) return `profiles ${first} and ${second} need`;
  return `${first} and ${others.length + 1} other profiles need`;
}

/** Of several servers, the one with the smallest skew counts: a proxy may serve an old page. */
function checkClock(skews: readonly number[]): Finding[] {
  const [skew] = [...skews].sort((a, b) => Math.abs(a) - Math.abs(b));
  if (skew === undefined || Math.abs(skew) < SKEW_WORTH_A_WORD) return [];
  const way = skew > 0 ? "ahead of" : "behind";
  const fails = Math.abs(skew) > SKEW_LIMIT;
  return [{
    level: fails ? "error" : "warning",
    code: "clock_skew",
    message: `this machine's clock is ${Math.abs(Math.round(skew / 1000))} s ${way} AWS's` +
      (fails ? ", more than the 15 minutes that AWS accepts" : ""),
    fix: "set the clock (NTP)",
  }];
}
