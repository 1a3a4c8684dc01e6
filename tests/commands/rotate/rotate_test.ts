/** `eac rotate`: the key is replaced, whatever fails on the way, and never lost. */

import { iamEndpoint } from "../../../lib/plan/endpoint.ts";
import { type Emulator, startEmulator } from "../../../lib/emulator/emulator.ts";
import type { Fault } from "../../../lib/emulator/faults.ts";
import { totp } from "../../../lib/emulator/totp.ts";
import type { User } from "../../../lib/emulator/world.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { DEVICE } from "../../support/world.ts";

const OLD = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const IAM = ["ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"];

const HOME = {
  ".aws/config": `[profile alice]
region = eu-west-1
[profile twin]
aws_access_key_id = ${OLD.id}
aws_secret_access_key = ${OLD.secret}
`,
  ".aws/credentials": `# mine
[alice]
aws_access_key_id = ${OLD.id}
aws_secret_access_key = ${OLD.secret}  

[other]
aws_access_key_id = AKIAI44QH8DHBEXAMPLE
`,
};

interface Stage {
  readonly host: TestHost;
  readonly emulator: Emulator;
  readonly user: User;
  /** Runs eac with the device's code at hand; resolves to its exit code. */
  eac(...argv: string[]): Promise<number>;
}

/** A home, a user, and what is to be tried with them. */
async function stage(
  test: (stage: Stage) => Promise<void>,
  { mfa = false, user = {} }: { mfa?: boolean; user?: Partial<User> } = {},
): Promise<void> {
  using host = testHost({ home: HOME });
  if (mfa) host.write(".aws/config", `[profile alice]\nmfa_serial = ${DEVICE.serial}\n`);
  const emulator = startEmulator(host, {
    users: [{
      arn: "arn:aws:iam::123456789012:user/alice",
      accessKeys: [{ ...OLD }],
      mfaDevices: [DEVICE],
      deniedWithoutMfa: mfa ? IAM.map((action) => `iam:${action}`) : [],
      ...user,
    }],
    roles: [],
    keyDelay: 5000,
  });
  Object.assign(host.env, { AWS_ENDPOINT_URL: emulator.url });
  try {
    await test({
      host,
      emulator,
      user: emulator.world.users[0]!,
      async eac(...argv) {
        const code = await totp(DEVICE.secret, host.time);
        const at = { ...host, now: () => host.time, env: { ...host.env, EAC_MFA_TOKEN: code } };
        return await run(argv, at, strategies);
      },
    });
  } finally {
    await emulator.stop();
  }
}

/** One active key is left, it is not the old one, and it stands where the old one stood. */
function assertRotated({ host, user }: Stage): void {
  const [key, ...rest] = user.accessKeys;
  assertEquals(rest, []);
  assert(key && key.id !== OLD.id && key.active !== false);
  assertEquals(
    host.text(".aws/credentials"),
    HOME[".aws/credentials"].replace(OLD.id, key.id).replace(`${OLD.secret}  `, key.secret),
  );
  assertEquals(journals(host), []);
  assert(!host.printed.stderr.includes(key.secret));
}

function journals(host: TestHost): readonly string[] {
  return host.list(`${host.home}/.aws/eac/rotate`).filter((name) => name.endsWith(".json"));
}

Deno.test("rotate makes, tries and stores a new key wherever the old one stands, then ends that", async () => {
  await stage(async (all) => {
    const { host, emulator, user, eac } = all;
    assertEquals(await eac("rotate", "alice"), 0, host.printed.stderr);
    assertRotated(all);
    const { id } = user.accessKeys[0]!;
    assertStringIncludes(host.text(".aws/config")!, `[profile twin]\naws_access_key_id = ${id}\n`);
    const calls = emulator.calls.filter(({ status }) => status === 200)
      .map(({ action, signedWith }) => `${action} by ${signedWith === OLD.id ? "old" : "new"}`);
    assertEquals(calls, [
      "ListAccessKeys by old",
      "CreateAccessKey by old",
      "GetCallerIdentity by new",
      "UpdateAccessKey by new",
      "DeleteAccessKey by new",
    ]);
    assertEquals(
      host.printed.stderr,
      `new key ${id}: made
new key ${id}: works, and stands in ${host.home}/.aws/credentials and ${host.home}/.aws/config
old key ${OLD.id}: deactivated and deleted
`,
    );
  });
});

Deno.test("rotate does all with one code where the profile has a serial", async () => {
  await stage(async (all) => {
    assertEquals(await all.eac("rotate", "alice"), 0, all.host.printed.stderr);
    assertRotated(all);
    const codes = all.emulator.calls.filter(({ parameters }) => parameters.TokenCode);
    assertEquals(codes.map(({ action }) => action), ["GetSessionToken"]);
  }, { mfa: true });
});

Deno.test("rotate says that the policies may want MFA where there is no serial", async () => {
  await stage(async ({ eac, host, user }) => {
    assertEquals(await eac("rotate", "alice"), 5);
    assertStringIncludes(host.printed.stderr, "if they want MFA for it, set mfa_serial");
    assertEquals(user.accessKeys.length, 1);
    assertEquals(journals(host), []);
  }, { user: { deniedWithoutMfa: ["iam:CreateAccessKey"] } });
});

/** What can go wrong with a call: before it takes effect, or after. */
const FAULTS: readonly Omit<Fault, "action">[] = [
  { answer: 500, times: 3 },
  { answer: "closed", times: 3 },
  { answer: "closed", times: 3, late: true },
  { answer: { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" } },
  { answer: { status: 200, body: "<html>sign in, please</html>" }, late: true },
];

for (const mfa of [false, true]) {
  Deno.test(`rotate ${mfa ? "with MFA " : ""}goes on wherever it failed, and loses no key`, async () => {
    for (const action of [...IAM, "GetCallerIdentity"]) {
      for (const fault of FAULTS) {
        const what = `${action} ${JSON.stringify(fault)}`;
        await stage(async (all) => {
          const { host, emulator, user, eac } = all;
          emulator.faults.push({ action, ...fault });
          const first = await eac("rotate", "alice");
          emulator.faults.length = 0;
          // Whatever happened, the key that stands in the file works.
          const held = user.accessKeys.find(({ id }) =>
            host.text(".aws/credentials")!.includes(id)
          );
          assert(held && held.active !== false, what);
          if (first !== 0) {
            host.time += 30_000;
            assertEquals(await eac("rotate", "alice"), 0, `${what}\n${host.printed.stderr}`);
          }
          assertRotated(all);
        }, { mfa });
      }
    }
  });
}

Deno.test("rotate keeps the new key where the file cannot be written, and stores it then", async () => {
  await stage(async (all) => {
    const { host, user, eac } = all;
    Deno.removeSync(`${host.home}/.aws/config`);
    const { rename } = host;
    Object.assign(host, {
      rename(from: string, to: string) {
        if (to.endsWith("credentials")) throw new Deno.errors.PermissionDenied("no");
        rename(from, to);
      },
    });
    assert(await eac("rotate", "alice") !== 0);
    assertStringIncludes(host.printed.stderr, "eac rotate alice goes on with it");
    assertEquals(user.accessKeys.map(({ active }) => active), [undefined, true]);
    const [journal] = journals(host);
    assertEquals(host.stat(`${host.home}/.aws/eac/rotate/${journal}`)?.mode, 0o600);
    Object.assign(host, { rename });
    assertEquals(await eac("rotate", "alice"), 0, host.printed.stderr);
    assertRotated(all);
  });
});

Deno.test("rotate takes no second key away but an inactive one, by --force", async () => {
  const second = { id: "AKIAI44QH8DHBEXAMPLE", secret: "s", active: true };
  await stage(async (all) => {
    const { host, user, eac } = all;
    assertEquals(await eac("rotate", "alice", "--force"), 3);
    assertStringIncludes(host.printed.stderr, "it is active: if nothing uses it");
    user.accessKeys[1]!.active = false;
    assertEquals(await eac("rotate", "alice"), 3);
    assertStringIncludes(host.printed.stderr, "hint: it is inactive: --force deletes it");
    assertEquals(await eac("rotate", "alice", "--force"), 0);
    assertRotated(all);
  }, { user: { accessKeys: [{ ...OLD }, second] } });
});

Deno.test("rotate refuses a profile without a long-lived key of its own", async () => {
  await stage(async ({ host, eac }) => {
    host.write(
      ".aws/config",
      `[profile role]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = alice\n`,
    );
    assertEquals(await eac("rotate", "role"), 3);
    assertStringIncludes(host.printed.stderr, "hint: its source may have one: eac rotate alice\n");
    host.write(
      ".aws/credentials",
      "[t]\naws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n",
    );
    assertEquals(await eac("rotate", "t"), 3);
    assertStringIncludes(host.printed.stderr, `the keys of "t" are temporary`);
  });
});

Deno.test("rotate calls IAM where it is for the region's partition, or where somebody says", () => {
  const at = (region: string, env: Record<string, string> = {}) => {
    const profile = { name: "p", values: { region }, places: {} };
    const { url, signingRegion } = iamEndpoint({ profile, services: new Map(), env });
    return [url, signingRegion];
  };
  assertEquals(at("eu-west-1"), ["https://iam.amazonaws.com", "us-east-1"]);
  assertEquals(at("us-gov-east-1"), ["https://iam.us-gov.amazonaws.com", "us-gov-west-1"]);
  assertEquals(at("cn-northwest-1"), ["https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"]);
  assertEquals(at("eusc-de-east-1")[0], "https://iam.eusc-de-east-1.amazonaws.eu");
  const own = { AWS_ENDPOINT_URL: "https://a.example", AWS_ENDPOINT_URL_IAM: "https://b.example" };
  assertEquals(at("eu-west-1", own), ["https://b.example", "us-east-1"]);
});
