/**
 * A plan as a person reads it: from the keys it begins with to where its credentials go.
 *
 * @module
 */

import type { Explanation } from "../explanation.ts";
import type { Context } from "../context.ts";
import { showSpan } from "../duration.ts";
import { makeStyle, usesColor, usesUnicode } from "./style.ts";
import { printable } from "./printable.ts";

/** The plan as a tree. */
export function showExplanation({ host, options }: Context, plan: Explanation): string {
  const style = makeStyle(usesColor(host.stdout, host, options.color));
  const [fork, end] = usesUnicode(host) ? ["├─ ", "└─ "] : ["|- ", "`- "];
  const branches: string[] = [`base   ${showBase(plan)}`];
  if (plan.mfa !== null) {
    branches.push(
      `MFA    ${plan.mfa.serial}, set by "${plan.mfa.profile}", code from ${FROM[plan.mfa.from]}`,
    );
  }
  for (const hop of plan.hops) branches.push(`role   ${showHop(plan, hop)}`);
  branches.push(`cache  ${showCache(plan, host.now())}`);
  for (const call of plan.calls) branches.push(`call   ${showCall(call)}`);
  if (plan.calls.length === 0) branches.push("call   none");
  branches.push(
    plan.destination === null ? "store  nowhere: printed" : `store  in profile ${plan.destination}`,
  );
  const tree = branches.map((branch, index) =>
    style.dim(index === branches.length - 1 ? end : fork) + printable(branch)
  );
  const notes = plan.notes.map((note) => `${style.yellow("note")}   ${printable(note)}`);
  const others = plan.considered.filter(({ matched }) => !matched)
    .map(({ strategy, missing }) =>
      style.dim(`not ${strategy}: ${missing.map(showMissing).join(", ")}`)
    );
  return [
    `${style.bold(printable(plan.profile))}  ${style.cyan(plan.strategy)}`,
    ...tree,
    ...notes,
    ...others,
  ].join("\n") + "\n";
}

const FROM = {
  flag: "--mfa-token",
  environment: "EAC_MFA_TOKEN",
  process: "a command",
  prompt: "you, at the terminal",
};

function showMissing(path: string): string {
  return path.startsWith("!") ? `has ${path.slice(1)}` : `no ${path}`;
}

function showBase({ base, settings }: Explanation): string {
  const details = Object.entries(base).filter(([key]) => key !== "kind" && key !== "profile");
  const what = details.map(([key, value]) => key === "access_key_id" ? value : `${key} ${value}`);
  return `${KINDS[base.kind]} of "${base.profile}"${
    what.length > 0 ? `: ${what.join(", ")}` : ""
  }` +
    at(settings.aws_access_key_id);
}

const KINDS = {
  static: "keys",
  environment: "keys in the environment",
  process: "credential_process",
  instance: "the EC2 instance's role",
  container: "the container's role",
  sso: "SSO sign-in",
  "web-identity": "web identity",
  custom: "a strategy of your own",
};

function showHop({ profile, settings }: Explanation, hop: Explanation["hops"][number]): string {
  const parts = [
    `${hop.role_arn}`,
    ...(hop.external_id ? [`external id ${hop.external_id}`] : []),
    ...(hop.role_session_name ? [`session ${hop.role_session_name}`] : []),
    ...(hop.duration_seconds ? [`${hop.duration_seconds} s`] : []),
    ...(hop.mfa_serial ? ["with MFA"] : []),
  ];
  const place = hop.profile === profile ? at(settings.role_arn) : "";
  return `${parts.join(", ")} ("${hop.profile}"${place})`;
}

function at(setting: { file?: string; line?: number } | undefined): string {
  return setting?.file === undefined ? "" : `, ${setting.file}:${setting.line}`;
}

function showCall(call: Explanation["calls"][number]): string {
  if (call.call === "Custom") return `${call.strategy}: ${call.summary}`;
  const what = "role_arn" in call ? ` ${call.role_arn}` : "";
  const code = call.serial === undefined ? "" : ", with an MFA code";
  return `${call.call}${what} for ${call.duration_seconds} s${code}`;
}

function showCache({ cache, calls }: Explanation, now: number): string {
  if (cache.expiration !== null) {
    return `fresh, expires in ${showSpan(Date.parse(cache.expiration) - now)}`;
  }
  return calls.length === 0 ? "nothing to keep" : "not all of it: the calls below are due";
}
