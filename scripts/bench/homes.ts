/**
 * Home folders for the benchmark: shared files of many profiles, and cached entries.
 *
 * @module
 */

/** The long-lived keys of the profile `ci`. */
export const KEY = {
  id: "AKIAIOSFODNN7EXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

/** How many roles the emulator knows. */
export const ROLES = 500;

/** Creates a home folder with this config; returns the environment to use it. */
export function makeHome(path: string, endpoint: string, config: string): Record<string, string> {
  Deno.mkdirSync(`${path}/.aws`, { recursive: true });
  Deno.writeTextFileSync(`${path}/.aws/config`, config);
  Deno.writeTextFileSync(
    `${path}/.aws/credentials`,
    `[ci]\naws_access_key_id = ${KEY.id}\naws_secret_access_key = ${KEY.secret}\n`,
  );
  const { PATH = "", DENO_DIR, HOME = "" } = Deno.env.toObject();
  return {
    HOME: path,
    PATH,
    DENO_DIR: DENO_DIR ?? `${HOME}/.cache/deno`,
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1", // what the AWS CLI 1 reads
    CI: "true",
  };
}

/** The ARN of a role, by its number. */
export function roleArn(index: number): string {
  return `arn:aws:iam::123456789012:role/role-${index}`;
}

/** Config text of `count` role profiles. */
export function roles(count: number, { stored = false } = {}): string {
  return Array.from(
    { length: count },
    (_, index) =>
      `[profile role-${index}]\nrole_arn = ${roleArn(index % ROLES)}\nsource_profile = ci\n` +
      (stored ? `destination_profile = role-${index}-temp\n` : ""),
  ).join("\n");
}

/** Config text of a role chain of `count` calls. */
export function chain(count: number): string {
  return Array.from(
    { length: count },
    (_, index) =>
      `[profile link-${index + 1}]\nrole_arn = ${roleArn(index)}\n` +
      `source_profile = ${index === 0 ? "ci" : `link-${index}`}\n`,
  ).join("\n");
}

/** Config text of `count` SSO profiles. */
export function ssoProfiles(count: number): string {
  return "[sso-session s]\nsso_start_url = https://example.awsapps.com/start\n" +
    "sso_region = us-east-1\n" +
    Array.from(
      { length: count },
      (_, index) =>
        `[profile sso-${index}]\nsso_session = s\nsso_account_id = ${100_000_000_000 + index}\n` +
        "sso_role_name = Admin\n",
    ).join("\n");
}

/** Config text of `count` profiles, a third each roles, SSO and `credential_process`. */
export function mixedProfiles(count: number): string {
  const third = Math.ceil(count / 3);
  return roles(third) + ssoProfiles(third) +
    Array.from(
      { length: count - 2 * third },
      (_, index) => `[profile p-${index}]\ncredential_process = /bin/tool ${index}\n`,
    ).join("\n");
}

/** Writes `count` cached entries that expired long ago. */
export function writeExpired(home: string, count: number): void {
  const cache = `${home}/.aws/eac/cache`;
  Deno.mkdirSync(cache, { recursive: true });
  const text = JSON.stringify({
    Version: 1,
    AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
    SecretAccessKey: KEY.secret,
    SessionToken: "token",
    Expiration: "2020-01-01T01:00:00Z",
    Obtained: "2020-01-01T00:00:00.000Z",
    Subject: roleArn(0),
  });
  for (let index = 0; index < count; index++) {
    Deno.writeTextFileSync(`${cache}/${index.toString(16).padStart(64, "0")}.json`, text);
  }
}

/** Removes what eac has cached. */
export function removeCache({ HOME }: Readonly<Record<string, string>>): void {
  for (const folder of ["eac", "cli"]) {
    try {
      Deno.removeSync(`${HOME}/.aws/${folder}`, { recursive: true });
    } catch {
      // Nothing is cached.
    }
  }
}

/** Copies a folder in place of another. */
export function replaceFolder(from: string, to: string): void {
  try {
    Deno.removeSync(to, { recursive: true });
  } catch {
    // It does not exist yet.
  }
  Deno.mkdirSync(to);
  for (const entry of Deno.readDirSync(from)) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory) replaceFolder(source, target);
    else Deno.copyFileSync(source, target);
  }
}
