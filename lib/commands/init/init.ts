/**
 * `eac init`: asks for a new profile, tests it, shows the changes, and writes them.
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
import { applyDrafts, changes, type Draft, writeKeys, writeSettings } from "./draft.ts";
import type { Asker } from "./questions.ts";
import { createGetCredentials } from "../../session/get_credentials.ts";
import { dueSerial, planProfile } from "../../session/plan_profile.ts";
import { checkDestination, createBackup } from "../../sinks/destination.ts";

/** Runs the command. */
export async function run(context: Context, names: readonly string[]): Promise<number> {
  const { host, options, log } = context;
  const why = whyNoPrompt(context);
  if (why !== undefined && !options.yes) {
    throw new EacError("input_required", `eac init needs to prompt, but ${why}`, {
      hint: "use --yes and options: see eac init --help",
    });
  }
  if (options.sso) {
    const { initFromSso } = await import("./sso.ts");
    return initFromSso(context, names[0]);
  }
  if (options.template !== undefined) {
    throw new EacError("usage", "--template names the profiles of --sso", { hint: "add --sso" });
  }
  const config = loadConfig(context);
  const { createAsker } = await import("./questions.ts");
  const { askForProfile } = await import("./ask_profile.ts");
  const asker = createAsker(context);
  const drafts = await askForProfile(context, config, asker, names[0]);
  const { name } = drafts.at(-1)!;

  const { files } = config;
  const before = { config: host.readFile(files.config), keys: host.readFile(files.credentials) };
  const after = {
    config: applyDrafts(before.config, files.config, drafts, writeSettings),
    keys: applyDrafts(before.keys, files.credentials, drafts, writeKeys),
  };
  const changed = parseSharedConfig({ files, config: after.config, credentials: after.keys });
  checkDrafts(context, changed, drafts);
  const works = await tryProfile(context, changed, name, asker);

  const shown = [
    ...withTitle(files.config, changes(before.config, after.config)),
    ...withTitle(files.credentials, changes(before.keys, after.keys)),
  ];
  await asker.show(shown.join("\n"));
  if (!await asker.confirm("Write these changes?", works || options.yes)) {
    log.done("nothing was written");
    return 0;
  }
  await writeFiles(context, config, drafts);
  log.done(`${name} is ready: eac get ${name}`);
  return 0;
}

/** Throws for a destination that `eac get` would refuse. */
function checkDrafts({ options }: Context, config: SharedConfig, drafts: readonly Draft[]): void {
  for (const { name, settings } of drafts) {
    const destination = settings.destination_profile;
    if (destination === undefined) continue;
    checkDestination(config, destination, profileNamed(config, name), { force: options.force });
  }
}

/** Gets credentials as if the profile were written, and caches them for later runs. */
async function tryProfile(
  context: Context,
  config: SharedConfig,
  name: string,
  asker: Asker,
): Promise<boolean> {
  const { host, options } = context;
  const profile = profileNamed(config, name);
  const planned = await planProfile(context, config, profile);
  // A session of another profile of the device may be valid still.
  const asksCode = dueSerial(planned) !== undefined;
  const { origin } = codeOrigin(profile, host.env, options.mfaToken);
  if (asksCode && origin === "prompt") {
    if (!asker.interactive) {
      await asker.show("not tested: that requires an MFA code (--mfa-token)");
      return true;
    }
    if (!await asker.confirm("Test the profile now? It requires an MFA code", true)) return true;
  }
  try {
    await createGetCredentials(context, config, { orStillValid: false })(planned);
    await asker.show("the profile works");
    return true;
  } catch (thrown) {
    const error = asEacError(thrown);
    const isFinal = error.code === "interrupted" || error.code === "input_required";
    if (!asker.interactive || isFinal) throw error;
    await asker.show(showError(error).trimEnd());
    return false;
  }
}

function withTitle(file: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [file, ...lines];
}

/** Writes the keys first: keys without a profile are harmless, a profile without keys is an error. */
async function writeFiles(
  { host, log }: Context,
  { files, bytes: seen }: SharedConfig,
  drafts: readonly Draft[],
): Promise<void> {
  let backup: string | undefined;
  await rewriteFile(host, files.credentials, (document) => {
    if (drafts.some((draft) => replacesKeys(document, draft))) {
      // The edit runs again if another program wrote meanwhile: then there are other keys to save.
      if (backup !== undefined) host.remove(backup);
      backup = createBackup(host, files.credentials, document.toBytes());
    }
    writeKeys(document, drafts);
  }, { seen: seen.credentials });
  await rewriteFile(host, files.config, (document) => writeSettings(document, drafts), {
    seen: seen.config,
  });
  if (backup !== undefined) log.done(`the previous credentials file is saved as ${backup}`);
}

function replacesKeys(document: IniDocument, { name, keys }: Draft): boolean {
  const old = document.get(name, "aws_access_key_id");
  return old !== undefined && old !== keys.aws_access_key_id &&
    document.get(name, "aws_session_token") === undefined;
}
