/** Storing in the shared credentials file: what is written, preserved and refused. */

import { assert, assertEquals, assertRejects, assertThrows } from "../support/assert.ts";
import { profileNamed } from "../../lib/config/chain.ts";
import { readSharedConfig } from "../../lib/config/shared_config.ts";
import { type Credentials, Secret } from "../../lib/plan/credentials.ts";
import { EacError } from "../../lib/errors.ts";
import {
  checkDestination,
  clearDestinations,
  type Entry,
  storeCredentials,
} from "../../lib/sinks/destination.ts";
import { type TestHost, testHost } from "../support/fakes.ts";

const CONFIG = `[profile base]
region = eu-west-1

[profile prod]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
destination_profile = prod-temp
`;

const BASE = `[base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

function temporary(id: string): Credentials {
  return {
    accessKeyId: id,
    secretAccessKey: new Secret("secret"),
    sessionToken: new Secret("token=="),
    expiration: Date.parse("2026-11-23T14:00:00Z"),
  };
}

function machine(credentials = BASE, config = CONFIG): TestHost {
  return testHost({ home: { ".aws/config": config, ".aws/credentials": credentials } });
}

function entry(host: TestHost, destination: string, id = "ASIAIOSFODNN7EXAMPLE"): Entry {
  const source = profileNamed(readSharedConfig(host), "prod");
  return { destination, source, credentials: temporary(id) };
}

function store(host: TestHost, entries: Entry[], force = false) {
  return storeCredentials(host, readSharedConfig(host), entries, { force });
}

/** The section that eac writes, below its header. */
function section(id = "ASIAIOSFODNN7EXAMPLE"): string {
  return `aws_access_key_id = ${id}
aws_secret_access_key = secret
aws_session_token = token==
expiration = 2026-11-23T14:00:00Z
managed_by = eac
eac_source = prod
`;
}

Deno.test("storeCredentials adds a section, and changes nothing else", async () => {
  using host = machine("# mine\r\n[base]\naws_access_key_id=A\naws_secret_access_key = B ; c\n");
  assertEquals(await store(host, [entry(host, "prod-temp")]), {});
  assertEquals(
    host.text(".aws/credentials"),
    "# mine\r\n[base]\naws_access_key_id=A\naws_secret_access_key = B ; c\n[prod-temp]\n" +
      section(),
  );
});

Deno.test("storeCredentials renews its section, keeps other keys, and drops a legacy token", async () => {
  using host = machine(`${BASE}
[prod-temp]
region = us-east-1
aws_access_key_id = ASIAOLD
aws_secret_access_key = old
aws_session_token = old
aws_security_token = old
managed_by = eac
# the end
`);
  await store(host, [entry(host, "prod-temp")]);
  const { profiles } = readSharedConfig(host);
  const stored = [...profiles.get("prod-temp") ?? []].map(({ key, value }) => [key, value]);
  assertEquals(Object.fromEntries(stored), {
    region: "us-east-1",
    aws_access_key_id: "ASIAIOSFODNN7EXAMPLE",
    aws_secret_access_key: "secret",
    aws_session_token: "token==",
    expiration: "2026-11-23T14:00:00Z",
    managed_by: "eac",
    eac_source: "prod",
  });
  assert(host.text(".aws/credentials")?.endsWith("# the end\n"));
});

Deno.test("storeCredentials creates a private file if there is none", async () => {
  using host = testHost({ home: { ".aws/config": CONFIG } });
  await store(host, [entry(host, "prod-temp")]);
  assertEquals(host.text(".aws/credentials"), "[prod-temp]\n" + section());
  if (host.os !== "windows") {
    assertEquals(host.stat(host.path(".aws/credentials"))?.mode, 0o600);
  }
});

Deno.test("storeCredentials stores all entries or none", async () => {
  using host = machine();
  const both = [entry(host, "one", "ASIAONE"), entry(host, "two", "ASIATWO")];
  await store(host, both);
  const { profiles } = readSharedConfig(host);
  assertEquals(profiles.get("one")?.get("aws_access_key_id")?.value, "ASIAONE");
  assertEquals(profiles.get("two")?.get("aws_access_key_id")?.value, "ASIATWO");
  const before = host.text(".aws/credentials");
  await assertRejects(() => store(host, [entry(host, "three"), entry(host, "base")]), EacError);
  assertEquals(host.text(".aws/credentials"), before);
});

Deno.test("storeCredentials loses nothing when many processes store at once", async () => {
  using host = machine();
  const names = Array.from({ length: 8 }, (_, index) => `temp-${index}`);
  await Promise.all(names.map((name) => store(host, [entry(host, name)])));
  const { profiles } = readSharedConfig(host);
  for (const name of names) assert(profiles.get(name)?.get("aws_session_token"), name);
  assert(host.text(".aws/credentials")?.startsWith(BASE));
});

/** Why that destination is refused. */
function refused(host: TestHost, destination: string, force = false): EacError {
  const config = readSharedConfig(host);
  const source = profileNamed(config, "prod");
  return assertThrows(
    () => checkDestination(config, destination, source, { force }),
    EacError,
  ) as EacError;
}

Deno.test("checkDestination refuses to overwrite long-lived keys without --force, with their line", () => {
  using host = machine(`${BASE}\n[other]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n`);
  const error = refused(host, "other");
  assertEquals(error.code, "destination_protected");
  assertEquals(error.message, '"other" has long-lived keys');
  assertEquals(error.place, { file: host.path(".aws/credentials"), line: 6 });
  const config = readSharedConfig(host);
  checkDestination(config, "other", profileNamed(config, "prod"), { force: true });
});

Deno.test("checkDestination refuses profiles with credentials of another kind, even with --force", () => {
  for (
    const line of [
      "role_arn = arn:aws:iam::123456789012:role/Other",
      "credential_process = /bin/token",
      "web_identity_token_file = /token",
      "sso_session = corp",
      "sso_start_url = https://example.awsapps.com/start",
      "login_session = arn:aws:iam::123456789012:user/alice",
    ]
  ) {
    using host = machine(BASE, `${CONFIG}\n[profile other]\nregion = eu-west-1\n${line}\n`);
    const error = refused(host, "other", true);
    assertEquals(error.code, "destination_protected");
    assertEquals(error.place, { file: host.path(".aws/config"), line: 11 });
    assert(error.message.includes(line.split(" ")[0] ?? "?"), error.message);
  }
});

Deno.test("checkDestination refuses profiles that another tool manages, even with --force", () => {
  using host = machine(`${BASE}
[other]
aws_access_key_id = ASIAOTHER
aws_session_token = token
managed_by = granted
`);
  const error = refused(host, "other", true);
  assertEquals(error.code, "destination_protected");
  assertEquals(error.message, '"other" is managed by granted');
});

Deno.test("checkDestination allows temporary keys to be replaced that no tool manages", () => {
  using host = machine(`${BASE}
[other]
aws_access_key_id = ASIAOTHER
aws_secret_access_key = secret
aws_session_token = token
`);
  const config = readSharedConfig(host);
  const source = profileNamed(config, "prod");
  checkDestination(config, "other", source, { force: false });
  checkDestination(config, "new-one", source, { force: false });
});

Deno.test("checkDestination refuses the profile itself, and each of its sources", () => {
  using host = machine();
  for (const name of ["prod", "base"]) {
    const error = refused(host, name, true);
    assertEquals(error.code, "destination_protected");
    assertEquals(error.message, `"${name}" provides the credentials of "prod"`);
  }
});

Deno.test("checkDestination refuses names that some tools cannot read, with their place", () => {
  using host = machine(BASE, CONFIG.replace("prod-temp", "prod temp"));
  assertEquals(refused(host, "a/b").code, "usage");
  assertEquals(refused(host, "a]b").code, "usage");
  const error = refused(host, "prod temp");
  assertEquals(error.code, "config_invalid");
  assertEquals(error.place, { file: host.path(".aws/config"), line: 7 });
});

Deno.test("storeCredentials with --force saves a private backup of the file", async () => {
  const before = `${BASE}\n[other]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n`;
  using host = machine(before);
  const { backup } = await store(host, [entry(host, "other")], true);
  assertEquals(backup, host.path(".aws/credentials.eac-backup-20261123T130000Z"));
  assertEquals(host.text(".aws/credentials.eac-backup-20261123T130000Z"), before);
  if (host.os !== "windows") assertEquals(host.stat(backup ?? "")?.mode, 0o600);
  assertEquals(await store(host, [entry(host, "other")], true), {});
});

Deno.test("storeCredentials repeats the protection checks under the lock", async () => {
  using host = machine();
  const config = readSharedConfig(host);
  const late = entry(host, "late");
  checkDestination(config, "late", late.source, { force: false });
  // Between the check and the store, the user adds keys of that name.
  host.write(".aws/credentials", `${BASE}\n[late]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n`);
  const error = await assertRejects(
    () => storeCredentials(host, config, [late], { force: false }),
    EacError,
  );
  assertEquals((error as EacError).code, "destination_protected");
  host.write(".aws/credentials", BASE);
  host.write(".aws/config", `${CONFIG}\n[profile late]\nsso_session = corp\n`);
  await assertRejects(() => storeCredentials(host, config, [late], { force: false }), EacError);
});

Deno.test("storeCredentials writes no long-lived keys into the file", async () => {
  using host = machine();
  const { sessionToken: _, ...credentials } = temporary("AKIAI44QH8DHBEXAMPLE");
  const error = await assertRejects(
    () => store(host, [{ ...entry(host, "prod-temp"), credentials }]),
    EacError,
    "stores only temporary ones",
  );
  assertEquals((error as EacError).code, "config_invalid");
  assertEquals(host.text(".aws/credentials"), BASE);
});

Deno.test("clearDestinations removes what eac stored and nothing else", async () => {
  const others = `[theirs]
aws_access_key_id = ASIATHEIRS
aws_session_token = token
managed_by = granted

[replaced]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
managed_by = eac
`;
  using host = machine(`${BASE}
[one]
region = eu-west-1
${section()}
[two]
${section()}
${others}`);
  assertEquals(await clearDestinations(host, readSharedConfig(host)), ["one", "two"]);
  assertEquals(host.text(".aws/credentials"), `${BASE}\n[one]\nregion = eu-west-1\n\n${others}`);
  assertEquals(await clearDestinations(host, readSharedConfig(host)), []);
});

Deno.test("clearDestinations accepts the name of the source or of the destination", async () => {
  const two = `[one]\n${section()}\n[two]\n${section().replace("prod", "dev")}`;
  for (const [name, cleared] of [["one", "one"], ["prod", "one"], ["dev", "two"]] as const) {
    using host = machine(two);
    assertEquals(await clearDestinations(host, readSharedConfig(host), [name]), [cleared]);
  }
  using host = testHost();
  assertEquals(await clearDestinations(host, readSharedConfig(host), ["x"]), []);
  assertEquals(host.list(host.home), []);
});
