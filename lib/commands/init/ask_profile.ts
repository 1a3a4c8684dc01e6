/**
 * Asks for a new profile. It gets what AWS knows, such as the user's MFA device, from AWS.
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

/** Names that every tool reads the same way. */
const NAME = /^[A-Za-z0-9._-]+$/;
const ROLE = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const SERIAL = /^(arn:[\w-]+:iam::\d{12}:mfa\/[\w+=,.@/-]+|[A-Za-z0-9]{9,256})$/;

/** Asks for a profile. The draft of a role's new source profile comes before that of the role. */
export async function askForProfile(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  given: string | undefined,
): Promise<readonly Draft[]> {
  const name = await asker.line({
    text: "Name of the profile",
    given,
    flag: "NAME",
    check: (name) => nameProblem(context, config, name),
  });
  const kind = await askForKind(context, asker);
  if (kind === "user") return [await askForUser(context, config, asker, name, true)];
  return askForRole(context, config, asker, name, kind === "chained role");
}

/** What a profile can be for, and the question's choices. */
const KINDS = {
  user: "an IAM user with an access key",
  role: "a role, assumed by a user",
  "chained role": "a role, assumed from another role (role chaining)",
} as const;

async function askForKind({ options }: Context, asker: Asker): Promise<keyof typeof KINDS> {
  if (options.roleArn !== undefined) return "role";
  if (!asker.interactive || options.csv) return "user";
  const index = await asker.choose("What is the profile for?", Object.values(KINDS));
  return (Object.keys(KINDS) as (keyof typeof KINDS)[])[index]!;
}

function nameProblem({ options }: Context, config: SharedConfig, name: string): string | undefined {
  if (!NAME.test(name)) {
    return `"${name}" is not a name that every tool can read: use letters, digits, - _ and .`;
  }
  const keys = config.profiles.get(name);
  const [first] = keys ?? [];
  if (first === undefined || options.force) return undefined;
  const { file, line } = first.place;
  return `profile "${name}" already exists (${file}:${line}); --force changes it`;
}

/** Asks for an IAM user: tries the keys, and looks up the MFA device if IAM allows it. */
async function askForUser(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  name: string,
  withDestination: boolean,
): Promise<Draft> {
  const region = await askForRegion(context, config, asker);
  const profile: Profile = { name, values: region ? { region } : {}, places: {} };
  const { keys, identity } = await askForWorkingKeys(context, config, asker, profile);
  const serial = await askForMfaSerial(context, config, asker, profile, keys, identity);
  const destination = withDestination ? await askForDestination(context, config, asker, name) : "";
  return {
    name,
    settings: withoutEmpty({ region, mfa_serial: serial, destination_profile: destination }),
    keys: {
      aws_access_key_id: keys.accessKeyId,
      aws_secret_access_key: keys.secretAccessKey.reveal(),
    },
  };
}

/** Asks for keys until AWS accepts them. Without a connection, takes them untested. */
async function askForWorkingKeys(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  profile: Profile,
): Promise<{ keys: Credentials; identity: CallerIdentity | undefined }> {
  const { host, options } = context;
  for (;;) {
    const keys = await askForKeys(context, asker);
    const target = stsEndpoint({ profile, services: config.services, env: host.env });
    try {
      const identity = await withProgress(
        host,
        "looking up the owner of the keys",
        () => createSts(host, target).getCallerIdentity(keys),
      );
      await asker.show(`the keys belong to ${identity.Arn}`);
      return { keys, identity };
    } catch (thrown) {
      const error = asEacError(thrown);
      if (!asker.interactive || options.csv !== undefined) throw error;
      await asker.show(showError(error).trimEnd());
      if (error.code === "network" || error.code === "timeout") {
        return { keys, identity: undefined };
      }
    }
  }
}

async function askForKeys({ host, options }: Context, asker: Asker): Promise<Credentials> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = host.env;
  if (options.csv !== undefined) return fromFile(options.csv);
  if (!asker.interactive) {
    if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY && !host.env.AWS_SESSION_TOKEN) {
      return credentials(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY);
    }
    throw new EacError("usage", "eac init --yes requires the user's keys or --role-arn", {
      hint:
        "pass the console's file with --csv, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    });
  }
  const isFile = (answer: string) => /[/\\]|\.csv$/i.test(answer);
  const answer = await asker.line({
    text: "Access key ID, or CSV file from the IAM console",
    flag: "--csv",
    check: (answer) => {
      if (isFile(answer)) {
        return fileProblem(answer);
      }
      if (!/^\w{16,128}$/.test(answer)) return "an access key ID looks like AKIAIOSFODNN7EXAMPLE";
      return answer.startsWith("ASIA")
        ? "that is a temporary key, which expires soon; a long-lived one begins with AKIA"
        : undefined;
    },
  });
  if (isFile(answer)) return fromFile(answer);
  for (;;) {
    const secret = await asker.secret("Secret access key (hidden): ");
    if (/^[!-~]{16,128}$/.test(secret)) return credentials(answer, secret);
    await asker.show("a secret access key has 40 characters and no spaces");
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
    throw new EacError("config_invalid", `${path} does not contain exactly one access key`, {
      hint: "use accessKeys.csv, which the IAM console offers when it creates a key",
    });
  }
}

function credentials(id: string, secret: string): Credentials {
  return { accessKeyId: id, secretAccessKey: new Secret(secret) };
}

/** The user's MFA device: from the option, from IAM, or from the user. */
async function askForMfaSerial(
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
        "looking up the MFA device",
        () => createIam(host, target).listMfaDevices(keys),
      );
      return await chooseMfaDevice(serials, asker);
    } catch (thrown) {
      const error = asEacError(thrown);
      if (error.code === "interrupted" || error.code === "input_required") throw error;
      await asker.show("IAM did not return the user's MFA device");
    }
  }
  const example = identity?.Arn.replace(/:user\/(.*\/)?([^/]+)$/, ":mfa/$2").replace(
    ":sts:",
    ":iam:",
  );
  return asker.line({
    text: `ARN of the MFA device${example?.includes(":mfa/") ? `, such as ${example}` : ""}`,
    given: options.mfaSerial,
    flag: "--mfa-serial",
    suggestion: "",
    optional: true,
    check: (serial) => {
      if (/:u2f\//.test(serial)) {
        return "STS does not accept security keys: use an authenticator app";
      }
      return SERIAL.test(serial)
        ? undefined
        : "an MFA device's serial looks like arn:aws:iam::123456789012:mfa/NAME";
    },
  });
}

async function chooseMfaDevice(serials: readonly string[], asker: Asker): Promise<string> {
  const usable = serials.filter((serial) => !/:u2f\//.test(serial));
  if (usable.length === 0) {
    await asker.show(
      serials.length === 0
        ? "the user has no MFA device"
        : "the user's MFA device is a security key, which STS does not accept",
    );
    return "";
  }
  const at = usable.length === 1 || !asker.interactive
    ? 0
    : await asker.choose("Which MFA device?", usable);
  await asker.show(`MFA device: ${usable[at]}`);
  return usable[at]!;
}

/** Asks for a role; asks for its source profile first if that does not exist yet. */
async function askForRole(
  context: Context,
  config: SharedConfig,
  asker: Asker,
  name: string,
  isChained: boolean,
): Promise<readonly Draft[]> {
  const { options } = context;
  const role = await asker.line({
    text: "ARN of the role",
    given: options.roleArn,
    flag: "--role-arn",
    check: (arn) =>
      ROLE.test(arn)
        ? undefined
        : `"${arn}" is not the ARN of a role, such as arn:aws:iam::123456789012:role/NAME`,
  });
  const sources = [...config.profiles.keys()].filter((other) => {
    const { values } = profileNamed(config, other);
    return isChained ? Boolean(values.role_arn) : hasStaticKeys(values) && !values.managed_by;
  });
  const source = await asker.line({
    text: isChained
      ? "Profile of the role to assume it from"
      : "Profile of the user who assumes it",
    given: options.source,
    flag: "--source",
    suggestion: sources.length === 1 ? sources[0] : undefined,
    check: (other) => {
      if (other === name) return "a profile cannot be its own source";
      if (config.profiles.has(other)) return undefined;
      if (asker.interactive && !isChained && NAME.test(other)) return undefined;
      const meant = didYouMean(other, config.profiles.keys());
      return `there is no profile "${other}"${meant && `; ${meant}`}`;
    },
  });
  const before: Draft[] = [];
  if (!config.profiles.has(source)) {
    await asker.show(`profile "${source}" does not exist yet; its keys first`);
    before.push(await askForUser(context, config, asker, source, false));
  }
  const inherited = before[0]?.settings.mfa_serial ??
    config.profiles.get(source)?.get("mfa_serial")?.value ?? "";
  const wantsMfa = options.mfaSerial === undefined && inherited !== "" && !isChained &&
    await asker.confirm(`Does the role require MFA with ${inherited}?`, true);
  const external = await asker.line({
    text: "External ID, if the role requires one",
    given: options.externalId,
    flag: "--external-id",
    suggestion: "",
    optional: true,
  });
  const region = before[0] === undefined
    ? await askForRegion(context, config, asker, config.profiles.get(source)?.get("region")?.value)
    : before[0].settings.region ?? "";
  const destination = await askForDestination(context, config, asker, name);
  return [...before, {
    name,
    settings: withoutEmpty({
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

/** Asks for the region; suggests the source's, else the usual one. */
async function askForRegion(
  { host, options }: Context,
  config: SharedConfig,
  asker: Asker,
  ofSource?: string,
): Promise<string> {
  const usual = ofSource || host.env.AWS_REGION || host.env.AWS_DEFAULT_REGION ||
    config.profiles.get("default")?.get("region")?.value;
  return await asker.line({
    text: "Region",
    given: options.region,
    flag: "--region",
    suggestion: asker.interactive ? usual ?? "" : ofSource ?? "",
    optional: true,
    check: (region) =>
      /^[a-z][a-z0-9-]{2,62}$/.test(region)
        ? undefined
        : `"${region}" is not a region, such as eu-west-1`,
  });
}

async function askForDestination(
  { options }: Context,
  config: SharedConfig,
  asker: Asker,
  name: string,
): Promise<string> {
  const suggestion = `${name}-temp`;
  return await asker.line({
    text: "Profile in which eac get stores the credentials",
    given: options.outputProfile,
    flag: "--output-profile",
    suggestion: config.profiles.has(suggestion) ? "" : suggestion,
    optional: true,
    check: (other) =>
      !NAME.test(other)
        ? "use only letters, digits, - _ and ., which every tool can read"
        : other === name
        ? "the profile cannot store credentials in itself: choose another name"
        : undefined,
  });
}

function withoutEmpty(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ""));
}
