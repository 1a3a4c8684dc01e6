/**
 * What a new profile is: asked for, and found out where AWS tells it.
 *
 * @module
 */

import { hasStaticKeys, profileNamed } from "../../config/chain.ts";
import type { Profile } from "../../config/profile.ts";
import type { SharedConfig } from "../../config/shared_config.ts";
import type { Context } from "../../context.ts";
import { type Credentials, Secret } from "../../plan/credentials.ts";
import { iamEndpoint, stsEndpoint } from "../../plan/endpoint.ts";
import { createIam } from "../../aws/iam.ts";
import { type CallerIdentity, createSts } from "../../aws/sts.ts";
import { asEacError, EacError, showError } from "../../errors.ts";
import { didYouMean } from "../../text/nearest.ts";
import { withProgress } from "../../terminal/progress.ts";
import type { Draft } from "./draft.ts";
import { readKeyFile } from "./key_file.ts";
import type { Asker } from "./questions.ts";

/** Names that every reader takes alike (see conformance/rules.md). */
const NAME = /^[A-Za-z0-9._-]+$/;
const ROLE = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const SERIAL = /^(arn:[\w-]+:iam::\d{12}:mfa\/[\w+=,.@/-]+|[A-Za-z0-9]{9,256})$/;

/** Asks for a profile; a role's drafts may hold that of its source before its own. */
export async function gather(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  given: string | undefined,
): Promise<readonly Draft[]> {
  const { options } = context;
  const name = await asker.line({
    text: "Name of the profile",
    given,
    flag: "NAME",
    check: (name) => nameProblem(context, config, name),
  });
  const kind = options.roleArn !== undefined ? 1 : !asker.person || options.csv ? 0 : await asker
    .choose("What does it stand for?", [
      "an IAM user, with an access key",
      "a role, with the credentials of a user",
      "a role behind a role",
    ]);
  if (kind === 0) return [await gatherUser(context, config, asker, name, true)];
  return await gatherRole(context, config, asker, name, kind === 2);
}

function nameProblem({ options }: Context, config: SharedConfig, name: string): string | undefined {
  if (!NAME.test(name)) return "letters, digits, - _ and . make a name that every tool reads";
  const keys = config.profiles.get(name);
  const [first] = keys ?? [];
  if (first === undefined || options.force) return undefined;
  const { file, line } = first.place;
  return `there is a profile "${name}" already (${file}:${line}); --force changes it`;
}

/** An IAM user: the keys are tried, and say who it is; IAM names the MFA device, if it may. */
async function gatherUser(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  name: string,
  asked: boolean,
): Promise<Draft> {
  const { options } = context;
  const region = await regionOf(context, config, asker);
  const profile: Profile = { name, values: region ? { region } : {}, places: {} };
  const { keys, identity } = await triedKeys(context, config, asker, profile);
  const serial = await serialOf(context, config, asker, profile, keys, identity);
  const destination = asked ? await destinationOf(context, config, asker, name) : "";
  return {
    name,
    settings: filled({ region, mfa_serial: serial, destination_profile: destination }),
    keys: {
      aws_access_key_id: keys.accessKeyId,
      aws_secret_access_key: keys.secretAccessKey.reveal(),
    },
  };

  async function triedKeys(
    context: Context,
    config: SharedConfig,
    asker: Asker,
    profile: Profile,
  ): Promise<{ keys: Credentials; identity: CallerIdentity | undefined }> {
    for (;;) {
      const keys = await keysOf(context, asker);
      const { host } = context;
      const target = stsEndpoint({ profile, services: config.services, env: host.env });
      try {
        const identity = await withProgress(
          host,
          "asking AWS whose keys these are",
          () => createSts(host, target).getCallerIdentity(keys),
        );
        await asker.show(`these are keys of ${identity.Arn}`);
        return { keys, identity };
      } catch (thrown) {
        const error = asEacError(thrown);
        if (!asker.person || options.csv !== undefined) throw error;
        await asker.show(showError(error).trimEnd());
        if (error.code === "network" || error.code === "timeout") {
          return { keys, identity: undefined };
        }
      }
    }
  }
}

async function keysOf({ host, options }: Context, asker: Asker): Promise<Credentials> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = host.env;
  if (options.csv !== undefined) return fromFile(options.csv);
  if (!asker.person) {
    if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY && !host.env.AWS_SESSION_TOKEN) {
      return credentials(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY);
    }
    throw new EacError("usage", "eac init --yes needs the user's keys, or --role-arn", {
      hint:
        "name the console's file with --csv, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    });
  }
  const isFile = (answer: string) => /[/\\]|\.csv$/i.test(answer);
  const answer = await asker.line({
    text: "Access key ID, or the CSV file of the IAM console",
    flag: "--csv",
    check: (answer) => {
      if (isFile(answer)) {
        return fileProblem(answer);
      }
      if (!/^\w{16,128}$/.test(answer)) return "an access key ID looks like AKIAIOSFODNN7EXAMPLE";
      return answer.startsWith("ASIA")
        ? "that is a temporary key, which ends soon: a user's own begins with AKIA"
        : undefined;
    },
  });
  if (isFile(answer)) return fromFile(answer);
  for (;;) {
    const secret = await asker.secret("Secret access key (it is not shown): ");
    if (/^[!-~]{16,128}$/.test(secret)) return credentials(answer, secret);
    await asker.show("a secret access key has 40 characters, without blanks");
  }

  function fileProblem(path: string): string | undefined {
    try {
      fromFile(path);
      return undefined;
    } catch (error) {
      return asEacError(error).message;
    }
  }

  function fromFile(path: string): Credentials {
    const bytes = host.readFile(path);
    if (bytes === undefined) throw new EacError("usage", `${path} does not exist`);
    const found = readKeyFile(bytes);
    if (found !== undefined) return credentials(found.id, found.secret);
    throw new EacError("config_invalid", `${path} is not the file of one access key`, {
      hint: "the IAM console offers it once, when it made the key: accessKeys.csv",
    });
  }
}

function credentials(id: string, secret: string): Credentials {
  return { accessKeyId: id, secretAccessKey: new Secret(secret) };
}

/** The user's MFA device: from the flag, from IAM, else from the person. */
async function serialOf(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  profile: Profile,
  keys: Credentials,
  identity: CallerIdentity | undefined,
): Promise<string> {
  const { host, options } = context;
  if (options.mfaSerial === undefined && identity !== undefined) {
    const target = iamEndpoint({ profile, services: config.services, env: host.env });
    try {
      const serials = await withProgress(
        host,
        "looking for the MFA device",
        () => createIam(host, target).listMfaDevices(keys),
      );
      return await chosen(serials, asker);
    } catch (thrown) {
      const error = asEacError(thrown);
      if (error.code === "interrupted" || error.code === "input_required") throw error;
      await asker.show("IAM does not say which MFA device the user has");
    }
  }
  const example = identity?.Arn.replace(/:user\/(.*\/)?([^/]+)$/, ":mfa/$2").replace(
    ":sts:",
    ":iam:",
  );
  return await asker.line({
    text: `ARN of the MFA device${example?.includes(":mfa/") ? `, such as ${example}` : ""}`,
    given: options.mfaSerial,
    flag: "--mfa-serial",
    suggestion: "",
    optional: true,
    check: (serial) => {
      if (/:u2f\//.test(serial)) {
        return "AWS takes no codes of a security key: add an authenticator app";
      }
      return SERIAL.test(serial) ? undefined : "it looks like arn:aws:iam::123456789012:mfa/NAME";
    },
  });
}

async function chosen(serials: readonly string[], asker: Asker): Promise<string> {
  const able = serials.filter((serial) => !/:u2f\//.test(serial));
  if (able.length === 0) {
    await asker.show(
      serials.length === 0
        ? "the user has no MFA device"
        : "the user's MFA is a security key, of which STS takes no codes",
    );
    return "";
  }
  const at = able.length === 1 || !asker.person ? 0 : await asker.choose("Which MFA device?", able);
  await asker.show(`MFA device: ${able[at]}`);
  return able[at]!;
}

/** A role; a source that is not there yet is asked for first. */
async function gatherRole(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  name: string,
  behindRole: boolean,
): Promise<readonly Draft[]> {
  const { options } = context;
  const role = await asker.line({
    text: "ARN of the role",
    given: options.roleArn,
    flag: "--role-arn",
    check: (arn) =>
      ROLE.test(arn) ? undefined : "it looks like arn:aws:iam::123456789012:role/NAME",
  });
  const sources = [...config.profiles.keys()].filter((other) => {
    const { values } = profileNamed(config, other);
    return behindRole ? Boolean(values.role_arn) : hasStaticKeys(values) && !values.managed_by;
  });
  const source = await asker.line({
    text: behindRole ? "Profile of the role before it" : "Profile of the user who assumes it",
    given: options.source,
    flag: "--source",
    suggestion: sources.length === 1 ? sources[0] : undefined,
    check: (other) => {
      if (other === name) return "that is the new profile itself";
      if (config.profiles.has(other)) return undefined;
      if (asker.person && !behindRole && NAME.test(other)) return undefined;
      return `there is no profile "${other}"; ${didYouMean(other, config.profiles.keys())}`;
    },
  });
  const before: Draft[] = [];
  if (!config.profiles.has(source)) {
    await asker.show(`there is no profile "${source}" yet: its keys first`);
    before.push(await gatherUser(context, config, asker, source, false));
  }
  const inherited = before[0]?.settings.mfa_serial ??
    config.profiles.get(source)?.get("mfa_serial")?.value ?? "";
  const wantsMfa = options.mfaSerial === undefined && inherited !== "" && !behindRole &&
    await asker.confirm(`Does the role want a code of ${inherited}?`, true);
  const external = await asker.line({
    text: "External id, if the role's owner gave you one",
    given: options.externalId,
    flag: "--external-id",
    suggestion: "",
    optional: true,
  });
  const region = before[0] === undefined
    ? await regionOf(context, config, asker)
    : before[0].settings.region ?? "";
  const destination = await destinationOf(context, config, asker, name);
  return [...before, {
    name,
    settings: filled({
      role_arn: role,
      source_profile: source,
      mfa_serial: options.mfaSerial ?? (wantsMfa ? inherited : ""),
      external_id: external,
      region,
      destination_profile: destination,
    }),
    keys: {},
  }];
}

async function regionOf(
  { host, options }: Context,
  config: SharedConfig,
  asker: Asker,
): Promise<string> {
  const usual = host.env.AWS_REGION || host.env.AWS_DEFAULT_REGION ||
    config.profiles.get("default")?.get("region")?.value;
  return await asker.line({
    text: "Region, if one is to be set",
    given: options.region,
    flag: "--region",
    suggestion: asker.person ? usual ?? "" : "",
    optional: true,
    check: (region) =>
      /^[a-z][a-z0-9-]{2,62}$/.test(region) ? undefined : "it looks like eu-west-1",
  });
}

async function destinationOf(
  { options }: Context,
  config: SharedConfig,
  asker: Asker,
  name: string,
): Promise<string> {
  const suggestion = `${name}-temp`;
  return await asker.line({
    text: "Profile that eac get stores its credentials in",
    given: options.outputProfile,
    flag: "--output-profile",
    suggestion: asker.person && !config.profiles.has(suggestion) ? suggestion : "",
    optional: true,
    check: (other) =>
      !NAME.test(other)
        ? "letters, digits, - _ and . make a name that every tool reads"
        : other === name
        ? "its own keys stand there: choose another name"
        : undefined,
  });
}

function filled(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""));
}
