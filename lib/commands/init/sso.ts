/**
 * `eac init --sso`: writes a profile for every role that a session of IAM Identity Center may assume.
 *
 * @module
 */

import type { EditableIni } from "../../config/ini_edit.ts";
import { rewriteFile } from "../../config/rewrite.ts";
import { configHeader, type SharedConfig } from "../../config/shared_config.ts";
import { type Context, loadConfig } from "../../context.ts";
import type { SsoRole } from "../../credentials/providers/sso_roles.ts";
import { EacError } from "../../errors.ts";
import type { SsoBase } from "../../plan/base.ts";
import { profilesOfRoles, roleKey, sessionRoles } from "../../session/session_roles.ts";
import { applyEdit, changes } from "./draft.ts";
import { createAsker } from "./questions.ts";

/** The default of aws-sso-util. Granted's has a `/`, which not every AWS tool supports. */
const TEMPLATE = "{account}.{role}";

/** A profile to write. */
interface NewProfile {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Runs `eac init --sso`. */
export async function initFromSso(context: Context, name: string | undefined): Promise<number> {
  const { host, options, log } = context;
  const template = options.template ?? TEMPLATE;
  checkTemplate(template);
  const config = loadConfig(context);
  const { base, roles } = await sessionRoles(context, config, name);
  const written = profilesOfRoles(config, base);
  const due = roles.filter((role) => !written.has(roleKey(role)));
  const profiles = newProfiles(due, { template, base, config, region: options.region });
  const taken = profiles.filter(({ name }) => config.profiles.has(name));
  for (const { name } of taken) {
    log.warn(`"${name}" exists and is a different profile: not changed`);
  }
  const wanted = profiles.filter(({ name }) => !config.profiles.has(name));
  if (wanted.length === 0) {
    const have = roles.length - due.length;
    log.done(`nothing to write: ${have} of ${roles.length} roles have a profile`);
    return 0;
  }
  const { files, bytes } = config;
  const before = host.readFile(files.config);
  const edit = (document: EditableIni) => addProfiles(document, wanted);
  const asker = createAsker(context);
  await asker.show(
    [`${files.config}:`, ...changes(before, applyEdit(before, files.config, edit))].join("\n"),
  );
  const count = `${wanted.length} profile${wanted.length === 1 ? "" : "s"}`;
  if (!options.yes && !await asker.confirm(`Write ${count}?`, true)) {
    log.done("nothing was written");
    return 0;
  }
  await rewriteFile(host, files.config, edit, { seen: bytes.config });
  log.done(`${count} written; for example: eac get ${wanted[0]!.name}`);
  return 0;
}

function checkTemplate(template: string): void {
  const rest = template.replace(/\{(account|account_id|role)\}/g, "");
  const names = /\{account(_id)?\}/.test(template) && template.includes("{role}");
  if (names && /^[\w.-]*$/.test(rest)) return;
  throw new EacError("usage", `--template ${template} is not a valid template for profile names`, {
    hint:
      `use {account} or {account_id}, and {role}, with letters, digits, "-", "_" and ".": ${TEMPLATE}`,
  });
}

/**
 * The profiles of roles. Each needs a unique name: accounts with the same name get their ID appended, and
 * roles whose names differ only in characters that a profile name cannot contain get a number.
 */
function newProfiles(
  roles: readonly SsoRole[],
  { template, base, config, region }: {
    readonly template: string;
    readonly base: SsoBase;
    readonly config: SharedConfig;
    readonly region: string | undefined;
  },
): readonly NewProfile[] {
  const configured = config.profiles.get(base.profile)?.get("region")?.value;
  const nameOf = ({ accountName, accountId, roleName }: SsoRole, withId: boolean) => {
    const account = plainName(accountName) + (withId ? `-${accountId}` : "");
    const values = { account, account_id: accountId, role: plainName(roleName) };
    return template.replace(
      /\{(account|account_id|role)\}/g,
      (_, key: keyof typeof values) => values[key],
    );
  };
  const count = Map.groupBy(roles, (role) => nameOf(role, false));
  const names = new Set<string>();
  const ownNameOf = (role: SsoRole) => {
    const wanted = nameOf(role, count.get(nameOf(role, false))!.length > 1);
    let name = wanted;
    for (let number = 2; names.has(name); number++) name = `${wanted}-${number}`;
    names.add(name);
    return name;
  };
  return roles.map((role) => ({
    name: ownNameOf(role),
    settings: {
      ...(base.session === undefined
        ? { sso_start_url: base.startUrl, sso_region: base.region }
        : { sso_session: base.session }),
      sso_account_id: role.accountId,
      sso_role_name: role.roleName,
      ...settingsOf("region", region ?? configured),
    },
  }));
}

function settingsOf(key: string, value: string | undefined): Readonly<Record<string, string>> {
  return value ? { [key]: value } : {};
}

/** A name as part of a profile name: letters without accents, digits, and dashes for the rest. */
function plainName(text: string): string {
  const letters = text.normalize("NFKD").replace(/\p{M}/gu, "");
  return letters.replace(/[^\w.]+/g, "-").replace(/^-+|-+$/g, "") || "account";
}

/** Adds the profiles; one that another program has written in the meantime is not changed. */
function addProfiles(document: EditableIni, profiles: readonly NewProfile[]): void {
  const sections = profiles
    .map(({ name, settings }) => [configHeader(name, document), settings] as const)
    .filter(([section]) => !document.has(section));
  document.setSections(sections); // adding thousands one by one would take minutes
}
