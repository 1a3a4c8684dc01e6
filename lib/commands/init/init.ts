/**
 * `eac init`: writes a profile, by questions; tries it, and shows what it would write, before.
 *
 * @module
 */

import { profileNamed } from "../../config/chain.ts";
import type { IniDocument } from "../../config/ini.ts";
import { rewriteFile } from "../../config/rewrite.ts";
import { parseSharedConfig, type SharedConfig } from "../../config/shared_config.ts";
import { type Context, loadConfig, whyNoPrompt } from "../../context.ts";
import { codeOrigin } from "../../plan/code_origin.ts";
import { asEacError, EacError, showError } from "../../errors.ts";
import { changes, type Draft, withDrafts, writeKeys, writeSettings } from "./draft.ts";
import type { Asker } from "./questions.ts";
import { createGetCredentials } from "../../session/get_credentials.ts";
import { planProfile } from "../../session/plan_profile.ts";
import { checkDestination, createBackup } from "../../sinks/destination.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, log } = context;
  const why = whyNoPrompt(context);
  if (why !== undefined && !options.yes) {
    throw new EacError("input_required", `eac init asks questions, and ${why}`, {
      hint: "--yes and options answer them all: see eac init --help",
    });
  }
  const config = loadConfig(context);
  const { createAsker } = await import("./questions.ts");
  const { gather } = await import("./answers.ts");
  const asker = createAsker(context);
  const drafts = await gather(context, config, asker, names[0]);
  const { name } = drafts.at(-1)!;

  const { files } = config;
  const before = { config: host.readFile(files.config), keys: host.readFile(files.credentials) };
  const after = {
    config: withDrafts(before.config, files.config, drafts, writeSettings),
    keys: withDrafts(before.keys, files.credentials, drafts, writeKeys),
  };
  const changed = parseSharedConfig({ files, config: after.config, credentials: after.keys });
  checkDrafts(context, changed, drafts);
  const works = await tried(context, changed, name, asker);

  const shown = [
    ...titled(files.config, changes(before.config, after.config)),
    ...titled(files.credentials, changes(before.keys, after.keys)),
  ];
  await asker.show(shown.join("\n"));
  if (!await asker.confirm("Write it?", works || options.yes)) {
    log.done("nothing was written");
    return 0;
  }
  await write(context, config, drafts);
  log.done(`${name} is ready: eac get ${name}`);
  return 0;
}

/** What eac or another tool would refuse is not written. */
function checkDrafts({ options }: Context, config: SharedConfig, drafts: readonly Draft[]): void {
  for (const { name, settings } of drafts) {
    const destination = settings.destination_profile;
    if (destination === undefined) continue;
    checkDestination(config, destination, profileNamed(config, name), { force: options.force });
  }
}

/** Obtains the profile's credentials as if it were written. What they are is kept for later runs. */
async function tried(
  context: Context,
  config: SharedConfig,
  name: string,
  asker: Asker,
): Promise<boolean> {
  const { host, options } = context;
  const profile = profileNamed(config, name);
  const planned = await planProfile(context, config, profile);
  const { origin } = codeOrigin(profile, host.env, options.mfaToken);
  if (planned.plan.mfa !== undefined && origin === "prompt") {
    if (!asker.person) {
      await asker.show("not tried: that takes an MFA code (--mfa-token)");
      return true;
    }
    if (!await asker.confirm("Try it now? It takes an MFA code", true)) return true;
  }
  try {
    await createGetCredentials(context, config)(planned);
    await asker.show("it works");
    return true;
  } catch (thrown) {
    const error = asEacError(thrown);
    const gone = error.code === "interrupted" || error.code === "input_required";
    if (!asker.person || gone) throw error;
    await asker.show(showError(error).trimEnd());
    return false;
  }
}

function titled(file: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [file, ...lines];
}

/** Keys first: a profile without them would be an error, keys without a profile are none. */
async function write(
  { host, log }: Context,
  { files }: SharedConfig,
  drafts: readonly Draft[],
): Promise<void> {
  let backup: string | undefined;
  await rewriteFile(host, files.credentials, (document) => {
    if (backup !== undefined) host.remove(backup);
    backup = drafts.some((draft) => replacesKeys(document, draft))
      ? createBackup(host, files.credentials, document.toBytes())
      : undefined;
    writeKeys(document, drafts);
  });
  await rewriteFile(host, files.config, (document) => writeSettings(document, drafts));
  if (backup !== undefined) log.done(`the old credentials file is kept as ${backup}`);
}

function replacesKeys(document: IniDocument, { name, keys }: Draft): boolean {
  const old = document.get(name, "aws_access_key_id");
  return old !== undefined && old !== keys.aws_access_key_id &&
    document.get(name, "aws_session_token") === undefined;
}
