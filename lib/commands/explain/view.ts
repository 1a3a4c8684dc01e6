/**
 * Formats a plan as a tree, from its base credentials to its destination, with the file and line of
 * every value.
 *
 * @module
 */

import { sourcesOf } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import type { Context } from "../../context.ts";
import { describeBase } from "../../plan/base_names.ts";
import { DEFAULT_SECONDS } from "../../plan/durations.ts";
import type { AssumeRoleStep, Step } from "../../plan/step.ts";
import { showSpan } from "../../text/duration.ts";
import { showPlace } from "../../errors.ts";
import type { Explanation } from "./model.ts";
import { maskSettings } from "../../text/mask.ts";
import type { PlannedProfile } from "../../session/plan_profile.ts";
import { printable } from "../../text/printable.ts";
import { makeStyle, type Style, usesColor, usesUnicode } from "../../terminal/style.ts";
import { formatTable } from "../../terminal/table.ts";

/** A line of the tree and its children. */
interface Branch {
  readonly text: string;
  readonly leaves?: readonly string[] | undefined;
}

/** The plan as a tree, then the reasons. */
export function showExplanation(
  { host, options }: Context,
  planned: PlannedProfile,
  explanation: Explanation,
): string {
  const style = makeStyle(usesColor(host.stdout, host, options.color));
  const branches = [
    ...profilesOf(planned, explanation, style),
    ...signInOf(explanation, host.now(), style),
    callsOf(planned, explanation, host.now(), style),
    { text: storeOf(explanation) },
  ];
  const notes = [...explanation.notes, ...reasonsOf(planned)];
  const others = explanation.considered.filter(({ matched }) => !matched)
    .map(({ strategy, missing, file, problem }) => {
      const from = file === undefined || file === strategy ? "" : ` (${file})`;
      return `not ${strategy}${from}: ${problem ?? missing.map(showMissing).join(", ")}`;
    });
  const file = explanation.considered.find(({ matched }) => matched)?.file;
  return [
    `${style.bold(printable(explanation.profile))}  ${
      style.cyan(printable(explanation.strategy))
    }` +
    (file === undefined ? "" : `  ${style.dim(printable(file))}`),
    ...drawn(branches, usesUnicode(host), style),
    ...notes.map((note) => `${style.yellow("note")}  ${printable(note)}`),
    ...others.map((line) => style.dim(printable(line))),
  ].join("\n") + "\n";
}

function drawn(branches: readonly Branch[], unicode: boolean, style: Style): string[] {
  const [fork, end, bar] = unicode ? ["├─ ", "└─ ", "│  "] : ["|- ", "`- ", "|  "];
  return branches.flatMap(({ text, leaves = [] }, index) => {
    const last = index === branches.length - 1;
    const below = last ? "   " : bar!;
    return [
      style.dim(last ? end! : fork!) + text,
      ...leaves.map((leaf, at) =>
        style.dim(below + (at === leaves.length - 1 ? end! : fork!)) + leaf
      ),
    ];
  });
}

/** The base, then every profile of the chain, each with its settings and their places. */
function profilesOf({ plan }: PlannedProfile, explanation: Explanation, style: Style): Branch[] {
  const { base, profile, hops } = plan;
  const way = [profile, ...reached(profile)];
  const source = way.find(({ name }) => name === base.profile);
  const rest = [...hops, ...(hops.includes(profile) || profile === source ? [] : [profile])];
  const described = printable(describeBase(explanation.base.kind, base.profile));
  const isKnown = base.kind !== "process" && base.kind !== "environment";
  const keys = isKnown ? "" : LONGEVITY[plan.longevity];
  const roles = rest.filter((one) => one !== source || hops.includes(one));
  const baseRows = source === undefined || hops.includes(source) ? [] : settingRows(source);
  const defaults = Object.entries(explanation.defaults)
    .map(([key, { value, file, line }]) => [key, value, file ? showPlace({ file, line }) : ""]);
  const groups = [baseRows, ...roles.map(settingRows), defaults];
  const [leaves = [], ...others] = aligned(groups, style);
  return [
    { text: `base  ${described}${keys}`, leaves },
    ...roles.map((one, index) => ({
      text: `${one.values.role_arn ? "role" : "then"}  "${printable(one.name)}"`,
      leaves: others[index] ?? [],
    })),
    ...(defaults.length > 0 ? [{ text: "defaults of [eac]", leaves: others.at(-1) }] : []),
  ];
}

/** The profile's sources, as far as they can be followed. */
function reached(profile: Profile): Profile[] {
  const found: Profile[] = [];
  try {
    for (const source of sourcesOf(profile)) found.push(source);
  } catch {
    // The sources of the base do not matter.
  }
  return found;
}

const LONGEVITY = {
  "long-lived": ": long-lived keys",
  temporary: ": temporary credentials",
  unknown: ": long-lived or temporary, known only after it has run",
};

function settingRows(profile: Profile): string[][] {
  return Object.entries(maskSettings(profile.values))
    // eac does not use nested blocks.
    .filter(([, value]) => value !== "" && !value.startsWith("\n"))
    .map(([key, value]) => {
      const place = profile.places[key];
      return [key, value, place === undefined ? "" : showPlace(place)];
    });
}

/** The rows of all groups, aligned as one table. */
function aligned(groups: readonly string[][][], style: Style): string[][] {
  const paint = (text: string, _row: number, column: number) =>
    column === 2 ? style.dim(text) : text;
  const lines = formatTable(groups.flat(), { style: paint }).split("\n");
  return groups.map((rows) => lines.splice(0, rows.length));
}

/** The sign-in that the calls need, if the plan begins with one. */
function signInOf({ sign_in, cache }: Explanation, now: number, style: Style): Branch[] {
  if (sign_in === undefined) return [];
  const { strategy, expiration } = sign_in;
  const state = expiration
    ? `${style.green("cached")}  ${showSpan(Date.parse(expiration) - now)} left`
    : cache.hit
    ? `${style.dim("none  ")}  not needed: the credentials are cached`
    : `${style.yellow("due   ")}  the user signs in`;
  return [{ text: `sign-in by ${printable(strategy)}`, leaves: [state] }];
}

/** The calls in their order; cached ones are not sent. */
function callsOf(
  { plan, prefix }: PlannedProfile,
  explanation: Explanation,
  now: number,
  style: Style,
): Branch {
  const until = prefix.entry === undefined
    ? ""
    : `, ${showSpan(prefix.entry.credentials.expiration - now)} left`;
  const lines = plan.steps.map((step, index) => {
    const what = printable(showStep(step, explanation));
    if (index >= prefix.done) return `${style.yellow("due   ")}  ${what}`;
    return `${style.green("cached")}  ${what}${index === prefix.done - 1 ? until : ""}`;
  });
  if (lines.length === 0 && plan.base.kind === "sign-in") {
    return {
      text: "calls none: it provides a token to the profiles that have it as source_profile",
    };
  }
  if (lines.length === 0) {
    return { text: "calls none: the base credentials are used unchanged" };
  }
  const { url, region, region_from: from } = explanation.endpoint;
  const origin = from === null || from === plan.profile.name ? "" : ` (from ${from})`;
  return {
    text: `calls to ${printable(url)}, region ${printable(region + origin)}`,
    leaves: lines,
  };
}

function showStep(step: Step, { mfa }: Explanation): string {
  if (step.call === "Custom") return `${step.strategy}: ${step.summary}`;
  const seconds = step.durationSeconds ?? DEFAULT_SECONDS;
  const what = step.call === "AssumeRole" ? ` ${step.roleArn}` : "";
  const code = step.mfaSerial === undefined
    ? ""
    : `, with a code for ${step.mfaSerial}${mfa === null ? "" : `, ${FROM[mfa.from]}`}`;
  const more = step.call === "AssumeRole" ? parametersOf(step) : [];
  return [`${step.call}${what} for ${showSpan(seconds * 1000)}${code}`, ...more].join(", ");
}

/** Other parameters of the request: they affect the role's permissions and CloudTrail's records. */
function parametersOf(step: AssumeRoleStep): string[] {
  const tags = Object.entries(step.tags ?? {}).map(([key, value]) => `${key}=${value}`);
  const parts: readonly (readonly [string, string | undefined])[] = [
    ["session name", step.sessionName],
    ["source identity", step.sourceIdentity],
    ["tags", tags.join(" ")],
    ["transitive tags", step.transitiveTagKeys?.join(" ")],
    ["session policies", step.policyArns?.join(" ")],
    ["session policy", step.policy],
  ];
  return parts.filter(([, value]) => value).map(([name, value]) => `${name} ${value}`);
}

const FROM = {
  flag: "from --mfa-token",
  environment: "from EAC_MFA_TOKEN",
  process: "from a command",
  prompt: "typed at the terminal",
  dialog: "typed in a dialog",
};

function storeOf({ destination }: Explanation): string {
  return destination === null
    ? "not stored: no destination_profile"
    : `store in profile "${printable(destination)}"`;
}

/** Explains the number of codes and the one-hour limit. */
function reasonsOf({ plan }: PlannedProfile): string[] {
  const { steps } = plan;
  const codes = steps.filter((step) => step.mfaSerial !== undefined).length;
  const [first, ...rest] = steps;
  const shared = first?.call === "GetSessionToken" && first.mfaSerial !== undefined &&
    rest.length > 0;
  const capped = rest.some((step) =>
    step.call === "AssumeRole" && (step.durationSeconds ?? DEFAULT_SECONDS) === 3600
  );
  return [
    ...(shared
      ? ["one code: its session is cached and serves every role of this device"]
      : codes > 1
      ? [`${codes} codes: each of these calls needs its own`]
      : []),
    ...(capped && !plan.notes.some((note) => note.includes("3600 s"))
      ? ["1 h: AWS allows no more for a role assumed with temporary credentials"]
      : []),
  ];
}

function showMissing(path: string): string {
  return path.startsWith("!") ? `has ${path.slice(1)}` : `no ${path}`;
}
