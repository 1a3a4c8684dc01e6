/**
 * `eac doctor`: checks files, profiles, clock, network and keys; fixes what is safe to fix.
 *
 * @module
 */

import { profileNamed, sourcesOf } from "../../config/chain.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import { sharedFiles } from "../../config/locations.ts";
import { type Context, whyNoPrompt, withTerminal } from "../../context.ts";
import { checkProfiles, readForDoctor } from "./config.ts";
import { checkFiles } from "./files.ts";
import { exitCodeOf, type Finding, findingOf, findingToJson, sorted } from "./finding.ts";
import { checkKeys } from "./keys.ts";
import { checkEnvironmentKeys } from "./environment.ts";
import { checkLeftovers } from "./leftovers.ts";
import { checkNetwork } from "./network.ts";
import { checkAwsCli, checkCoreDumps } from "./programs.ts";
import { checkSignIns } from "./sign_ins.ts";
import { checkStrategies } from "./strategies.ts";
import { asEacError, EacError } from "../../errors.ts";
import { withProgress } from "../../terminal/progress.ts";
import { showFindings } from "./view.ts";
import { printableJson } from "../../text/printable.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options } = context;
  host.narrow({ net: true, run: true });
  let findings = sorted(await withProgress(host, "looking", () => examine(context, names)));
  if (!options.json) host.stdout.write(showFindings(context, findings));
  if (options.fix) findings = await repair(context, findings);
  if (options.json) {
    host.stdout.write(`${printableJson(findings.map(findingToJson), 2)}\n`);
  }
  return exitCodeOf(findings);
}

/** The findings of all checks. A failing check does not stop the others. */
async function examine(asked: Context, names: readonly string[]): Promise<Finding[]> {
  const { host } = asked;
  // The checks report what planning would warn of, so its warnings are dropped.
  const hush = () => {};
  const context: Context = { ...asked, log: { ...asked.log, done: hush, warn: hush } };
  const files = sharedFiles(host.env, host.os);
  const { config, whole, findings: read } = readForDoctor(host, files);
  const wanted = names.length === 0 ? undefined : withSources(config, names);
  // With half of the profiles, most would only seem broken.
  const { planned, findings: profiles } = whole
    ? await checkProfiles(context, config, wanted)
    : { planned: [], findings: [] };
  const refused = await checkStrategies(context);
  const { findings: network, reached } = await checkNetwork(host, planned);
  const [keys, cli] = await Promise.all([
    checkKeys(host, config, planned, reached),
    checkAwsCli(host),
  ]);
  const found = [
    ...read,
    ...checkFiles(host, files),
    ...refused,
    ...profiles,
    ...checkEnvironmentKeys(host),
    ...network,
    ...await checkSignIns(host, planned),
    ...keys,
    ...checkLeftovers(host, config),
    ...cli,
    ...checkCoreDumps(host),
  ];
  return found.filter(({ profile }) => profile === undefined || (wanted?.has(profile) ?? true));
}

/** The profiles of these names, and their sources. */
function withSources(config: SharedConfig, names: readonly string[]): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const name of names) {
    wanted.add(name);
    const profile = profileNamed(config, name); // throws for an unknown one
    try {
      for (const source of sourcesOf(profile)) wanted.add(source.name);
    } catch {
      // A broken chain is a finding about the profile.
    }
  }
  return wanted;
}

/** Shows the changes, applies them after confirmation, and returns the remaining findings. */
async function repair(context: Context, findings: readonly Finding[]): Promise<Finding[]> {
  const { log } = context;
  const changes = findings.flatMap(({ repair }) => repair ?? []);
  if (changes.length === 0) {
    log.done("eac cannot fix any of these");
    return [...findings];
  }
  for (const { change } of changes) log.done(`planned: ${change}`);
  if (!await agreed(context, changes.length)) return [...findings];
  const left: Finding[] = [];
  for (const finding of findings) {
    if (finding.repair === undefined) left.push(finding);
    else {
      try {
        await finding.repair.make();
        log.done(`done: ${finding.repair.change}`);
      } catch (thrown) {
        const error = asEacError(thrown);
        log.error(error);
        left.push(findingOf(error));
      }
    }
  }
  return left;
}

async function agreed(context: Context, count: number): Promise<boolean> {
  if (context.options.yes) return true;
  const why = whyNoPrompt(context);
  if (why !== undefined) {
    throw new EacError("input_required", `these changes need confirmation, but ${why}`, {
      hint: "use --yes to apply all of them",
    });
  }
  const { askLine } = await import("../../terminal/ask.ts");
  const question = count === 1
    ? "Apply this change (y/N)? "
    : `Apply these ${count} changes (y/N)? `;
  const answer = await withTerminal(context.host, (device) => askLine(device, question));
  return /^y(es)?$/i.test(answer ?? "");
}
