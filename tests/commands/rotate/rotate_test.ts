/** `eac rotate`: the key is replaced and never lost, whatever fails in between. */

import { iamEndpoint } from "../../../lib/plan/endpoint.ts";
import { type Emulator, startEmulator } from "../../../lib/emulator/emulator.ts";
import type { Fault } from "../../../lib/emulator/faults.ts";
import { totp } from "../../../lib/emulator/totp.ts";
import type { User } from "../../../lib/emulator/world.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { PRIVATE_FILE } from "../../support/posix.ts";
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
  /** Runs eac with a valid MFA code; resolves to its exit code. */
  eac(...argv: string[]): Promise<number>;
}

/** Runs a test with a home folder, a user and an emulator. */
async function stage(
  test: (stage: Stage) => Promise<void>,
  { mfa = false, user = {}, typed }: {
    mfa?: boolean;
    user?: Partial<User>;
    typed?: readonly string[];
  } = {},
): Promise<void> {
  using host = testHost({ home: HOME, typed });
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

/** The user has one active key, which is new and replaces the old one in the shared files. */
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
  return host.list(host.path(".aws/eac/rotate")).filter((name) => name.endsWith(".json"));
}

Deno.test("rotate creates, tests and stores a new key wherever the old one is, then deletes the old one", async () => {
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
      "GetCallerIdentity by new",
      "UpdateAccessKey by new",
      "GetCallerIdentity by new",
      "DeleteAccessKey by new",
    ]);
    const lines = host.printed.stderr.trimEnd().split("\n");
    assertEquals(lines.length, 3);
    assertStringIncludes(lines[0]!, `new key ${id}`);
    assertStringIncludes(
      lines[1]!,
      `${host.path(".aws/credentials")} and ${host.path(".aws/config")}`,
    );
    assertStringIncludes(lines[2]!, `old key ${OLD.id}`);
  });
});

Deno.test("rotate uses one MFA code for all calls when the profile has mfa_serial", async () => {
  await stage(async (all) => {
    assertEquals(await all.eac("rotate", "alice"), 0, all.host.printed.stderr);
    assertRotated(all);
    const codes = all.emulator.calls.filter(({ parameters }) => parameters.TokenCode);
    assertEquals(codes.map(({ action }) => action), ["GetSessionToken"]);
  }, { mfa: true });
});

Deno.test("rotate suggests mfa_serial when IAM denies a call without MFA", async () => {
  await stage(async ({ eac, host, user }) => {
    assertEquals(await eac("rotate", "alice"), 5);
    assertStringIncludes(host.printed.stderr, "set mfa_serial");
    assertEquals(user.accessKeys.length, 1);
    assertEquals(journals(host), []);
  }, { user: { deniedWithoutMfa: ["iam:CreateAccessKey"] } });
});

/** Failures of a call, before or after it takes effect. */
const FAULTS: readonly Omit<Fault, "action">[] = [
  { answer: 500, times: 3 },
  { answer: "closed", times: 3 },
  { answer: "closed", times: 3, late: true },
  { answer: { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" } },
  { answer: { status: 200, body: "<html>sign in, please</html>" }, late: true },
];

for (const mfa of [false, true]) {
  Deno.test(`rotate ${mfa ? "with MFA " : ""}resumes after any failed call and loses no key`, async () => {
    for (const action of [...IAM, "GetCallerIdentity"]) {
      for (const fault of FAULTS) {
        const what = `${action} ${JSON.stringify(fault)}`;
        await stage(async (all) => {
          const { host, emulator, user, eac } = all;
          emulator.faults.push({ action, ...fault });
          const first = await eac("rotate", "alice");
          emulator.faults.length = 0;
          // Whatever failed, the key in the file works.
          const held = user.accessKeys.find(({ id }) =>
            host.text(".aws/credentials")!.includes(id)
          );
          assert(held && held.active !== false, what);
          if (first !== 0) {
            host.time += 30_000;
            // A key whose response was lost is deleted only with the user's consent.
            const lost = action === "CreateAccessKey" && user.accessKeys.length > 1;
            if (lost) assertEquals(await eac("rotate", "alice"), 3, what);
            const force = lost ? ["--force"] : [];
            assertEquals(
              await eac("rotate", "alice", ...force),
              0,
              `${what}\n${host.printed.stderr}`,
            );
          }
          assertRotated(all);
        }, { mfa });
      }
    }
  });
}

Deno.test("rotate keeps the new key in its journal when the file cannot be written, and stores it later", async () => {
  await stage(async (all) => {
    const { host, user, eac } = all;
    Deno.removeSync(host.path(".aws/config"));
    const { rename } = host;
    Object.assign(host, {
      rename(from: string, to: string) {
        if (to.endsWith("credentials")) throw new Deno.errors.PermissionDenied("no");
        rename(from, to);
      },
    });
    assert(await eac("rotate", "alice") !== 0);
    assertStringIncludes(host.printed.stderr, "to resume it: eac rotate alice");
    assertEquals(user.accessKeys.map(({ active }) => active), [undefined, true]);
    const [journal] = journals(host);
    assertEquals(host.stat(host.path(`.aws/eac/rotate/${journal}`))?.mode, PRIVATE_FILE);
    Object.assign(host, { rename });
    assertEquals(await eac("rotate", "alice"), 0, host.printed.stderr);
    assertRotated(all);
  });
});

Deno.test("rotate deletes a second key only when it is inactive, and only with --force", async () => {
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

Deno.test("rotate never deletes a key that was used, even if an earlier attempt may have created it", async () => {
  for (const force of [[], ["--force"]]) {
    await stage(async ({ host, emulator, user, eac }) => {
      emulator.faults.push({ action: "CreateAccessKey", answer: 500 });
      assert(await eac("rotate", "alice") !== 0);
      const other = { id: "AKIAI44QH8DHBEXAMPLE", secret: "s", active: true, created: host.time };
      user.accessKeys.push({
        ...other,
        lastUsed: { at: host.time, service: "sts", region: "us-east-1" },
      });
      assertEquals(await eac("rotate", "alice", ...force), 3, host.printed.stderr);
      assertStringIncludes(host.printed.stderr, other.id);
      assertEquals(user.accessKeys.map(({ id }) => id), [OLD.id, other.id]);
    });
  }
});

Deno.test("rotate asks before it deletes an unused key that an earlier attempt may have created", async () => {
  for (const [answer, code] of [["n", 3], ["", 3], ["y", 0]] as const) {
    await stage(async (all) => {
      const { host, emulator, user, eac } = all;
      emulator.faults.push({ action: "CreateAccessKey", answer: "closed", late: true });
      assert(await eac("rotate", "alice") !== 0);
      const [, lost] = user.accessKeys;
      assertEquals(await eac("rotate", "alice"), code, host.printed.stderr);
      assertStringIncludes(host.printed.terminal, lost!.id);
      if (code === 0) assertRotated(all);
      else assertEquals(user.accessKeys.map(({ id }) => id), [OLD.id, lost!.id]);
    }, { typed: [`${answer}\r`] });
  }
});

Deno.test("rotate deletes no second key when IAM does not say whether it was used", async () => {
  await stage(async ({ emulator, user, eac }) => {
    emulator.faults.push({ action: "CreateAccessKey", answer: "closed", late: true });
    assert(await eac("rotate", "alice") !== 0);
    assertEquals(await eac("rotate", "alice", "--force"), 5);
    assertEquals(user.accessKeys.length, 2);
  }, { user: { denied: ["iam:GetAccessKeyLastUsed"] } });
});

Deno.test("rotate syncs the folder after each file that it replaces, before the next call", async () => {
  await stage(async (all) => {
    const { host, eac } = all;
    const { rename, syncFolder, http } = host;
    let unsynced: string | undefined;
    const synced: string[] = [];
    Object.assign(host, {
      rename(from: string, to: string) {
        rename(from, to);
        unsynced = to.replace(/[/\\][^/\\]*$/, "");
      },
      syncFolder(folder: string) {
        syncFolder(folder);
        if (folder === unsynced) unsynced = undefined;
        synced.push(folder.replace(host.home, "~").replaceAll("\\", "/"));
      },
      http(request: Parameters<typeof http>[0]) {
        assertEquals(unsynced, undefined);
        return http(request);
      },
    });
    assertEquals(await eac("rotate", "alice"), 0, host.printed.stderr);
    assertRotated(all);
    assertEquals([...new Set(synced)].sort(), ["~/.aws", "~/.aws/eac/rotate"]);
  });
});

/** The shared files as another program may write them back while a rotation is in progress. */
function restore(host: TestHost): void {
  for (const [file, text] of Object.entries(HOME)) host.write(file, text);
}

for (const mfa of [false, true]) {
  Deno.test(`rotate ${mfa ? "with MFA " : ""}stores the new key again when the old file is restored`, async (t) => {
    for (const action of ["UpdateAccessKey", "DeleteAccessKey"]) {
      await t.step(`between two runs, after ${action} failed`, () =>
        stage(async (all) => {
          const { host, emulator, eac } = all;
          emulator.faults.push({ action, answer: 500, times: 3 });
          assert(await eac("rotate", "alice") !== 0);
          host.write(".aws/credentials", HOME[".aws/credentials"]);
          host.time += 30_000;
          assertEquals(await eac("rotate", "alice"), 0, host.printed.stderr);
          assertRotated(all);
        }, { mfa }));
    }
    for (const action of ["GetCallerIdentity", "UpdateAccessKey", "DeleteAccessKey"]) {
      for (const nth of [1, 2, 3]) {
        await t.step(`during call ${nth} of ${action}`, () =>
          stage(async (all) => {
            const { host, eac } = all;
            let calls = 0;
            const { http } = host;
            Object.assign(host, {
              http: async (request: Parameters<typeof http>[0]) => {
                const answer = await http(request);
                if (String(request.body).includes(`Action=${action}&`) && ++calls === nth) {
                  restore({ ...host, write: host.write });
                  if (mfa) {
                    host.write(".aws/config", `[profile alice]\nmfa_serial = ${DEVICE.serial}\n`);
                  }
                }
                return answer;
              },
            });
            assertEquals(await eac("rotate", "alice"), 0, host.printed.stderr);
            assertRotated(all);
          }, { mfa }));
      }
    }
  });
}

Deno.test("rotate stops and says where the new key is when the shared files lost both keys", async () => {
  for (const action of ["UpdateAccessKey", "DeleteAccessKey"]) {
    await stage(async ({ host, emulator, user, eac }) => {
      emulator.faults.push({ action, answer: 500, times: 3 });
      assert(await eac("rotate", "alice") !== 0);
      host.write(".aws/credentials", "[alice]\nregion = eu-west-1\n");
      host.write(".aws/config", "[profile alice]\n");
      assertEquals(await eac("rotate", "alice"), 3);
      assertEquals(user.accessKeys.length, 2);
      assertEquals(journals(host).length, 1);
      host.write(
        ".aws/credentials",
        "[alice]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = s\n",
      );
      assertEquals(await eac("rotate", "alice"), 3);
      assertStringIncludes(host.printed.stderr, host.path(`.aws/eac/rotate/${journals(host)[0]}`));
      assertEquals(user.accessKeys.length, 2);
    });
  }
});

Deno.test("rotate refuses a journal that it cannot read, and changes nothing", async () => {
  const newKey = { id: "AKIAI44QH8DHBEXAMPLE", secret: "s" };
  const rotation = { stage: "stored", profile: "alice", oldId: OLD.id, newKey };
  for (
    const journal of [
      { ...rotation, stage: "tested" },
      { ...rotation, stage: undefined },
      { ...rotation, newKey: undefined },
      { ...rotation, newKey: { id: newKey.id } },
      { ...rotation, stage: "begun" },
      { ...rotation, oldId: undefined },
      { stage: "tested", profile: "alice", old: OLD.id, made: newKey },
    ]
  ) {
    await stage(async ({ host, emulator, user, eac }) => {
      emulator.faults.push({ action: "CreateAccessKey", answer: 500 });
      assert(await eac("rotate", "alice") !== 0);
      const file = `.aws/eac/rotate/${journals(host)[0]}`;
      host.write(file, JSON.stringify(journal));
      const before = emulator.calls.length;
      assertEquals(await eac("rotate", "alice"), 7, host.printed.stderr);
      assertStringIncludes(host.printed.stderr, host.path(file));
      assertEquals(host.text(file), JSON.stringify(journal));
      assertEquals([emulator.calls.length, user.accessKeys.length], [before, 1]);
    });
  }
});

Deno.test("rotate refuses files that it could not write, before it creates a key", async (t) => {
  const split = {
    ".aws/config": `[profile alice]\naws_access_key_id = ${OLD.id}\n`,
    ".aws/credentials": `[alice]\naws_secret_access_key = ${OLD.secret}\n`,
  };
  await t.step("id and secret in two files", () =>
    stage(async ({ host, emulator, eac }) => {
      for (const [file, text] of Object.entries(split)) host.write(file, text);
      assertEquals(await eac("rotate", "alice"), 3);
      assertStringIncludes(host.printed.stderr, "move both into one file");
      assertEquals(emulator.calls.length, 0);
      assertEquals(journals(host), []);
    }));
  for (const file of ["credentials", "config"]) {
    await t.step(`${file} is read-only`, () =>
      stage(async ({ host, emulator, user, eac }) => {
        Deno.chmodSync(host.path(`.aws/${file}`), 0o400);
        assertEquals(await eac("rotate", "alice"), 7);
        assertStringIncludes(host.printed.stderr, host.path(`.aws/${file}`));
        assertStringIncludes(host.printed.stderr, "it is read-only");
        assertEquals([emulator.calls.length, user.accessKeys.length], [0, 1]);
      }));
  }
  await t.step("the disk is full", () =>
    stage(async ({ host, emulator, eac }) => {
      const { createFile } = host;
      Object.assign(host, {
        createFile(...file: Parameters<typeof createFile>) {
          if (file[0].includes(".credentials.eac-")) throw new Error("disk full");
          createFile(...file);
        },
      });
      assert(await eac("rotate", "alice") !== 0);
      assertEquals(emulator.calls.length, 0);
    }));
});

Deno.test("rotate recovers the new key from a temp file of a killed process, and leaves none behind", async () => {
  await stage(async (all) => {
    const { host, emulator, user, eac } = all;
    const { rename, remove } = host;
    let killed = false;
    Object.assign(host, {
      rename(from: string, to: string) {
        killed ||= /[/\\]rotate[/\\]/.test(to) &&
          new TextDecoder().decode(host.readFile(from)).includes('"created"');
        if (killed) throw new Error("killed");
        rename(from, to);
      },
      remove: (path: string) => killed || remove(path),
    });
    assert(await eac("rotate", "alice") !== 0);
    Object.assign(host, { rename, remove });
    const folder = host.path(".aws/eac/rotate");
    assert(host.list(folder).some((name) => name.endsWith(".tmp")));
    const made = user.accessKeys[1]!.id;
    // Whatever its age, nothing else may remove it.
    host.time = Date.now() + 3_600_000;
    await eac("doctor", "--fix", "--yes");
    assertEquals(await eac("clear", "--all"), 0);
    assertEquals(await eac("rotate", "alice"), 0, host.printed.stderr);
    assertRotated(all);
    assertEquals(user.accessKeys[0]!.id, made);
    const creations = emulator.calls.filter(({ action }) => action === "CreateAccessKey");
    assertEquals(creations.length, 1);
    assertEquals(host.list(folder).filter((name) => name.endsWith(".tmp")), []);
  });
});

Deno.test("clear --all removes temp files of killed processes that hold secrets", async () => {
  await stage(async ({ host, eac }) => {
    const files = [
      `.aws/eac/rotate/${"a".repeat(32)}.json.0123abcd.tmp`,
      `.aws/eac/cache/${"a".repeat(64)}.json.0123abcd.tmp`,
      `.aws/cli/cache/${"a".repeat(40)}.json.0123abcd.tmp`,
      ".aws/.credentials.eac-0123abcd.tmp",
      ".aws/.config.eac-0123abcd.tmp",
    ];
    const other = ".aws/cli/cache/tmp0123abcd";
    for (const file of [...files, other]) host.write(file, `{"secret":"${OLD.secret}"`);
    assertEquals(await eac("clear", "--all"), 0, host.printed.stderr);
    for (const file of files) assertEquals(host.text(file), undefined, file);
    assert(host.text(other) !== undefined, "a temp file of the AWS CLI");
  });
});

Deno.test("rotate refuses a profile that has no long-lived key itself", async () => {
  await stage(async ({ host, eac }) => {
    host.write(
      ".aws/config",
      `[profile role]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = alice\n`,
    );
    assertEquals(await eac("rotate", "role"), 3);
    assertStringIncludes(host.printed.stderr, "eac rotate alice\n");
    host.write(
      ".aws/credentials",
      "[t]\naws_access_key_id = ASIA\naws_secret_access_key = s\naws_session_token = t\n",
    );
    assertEquals(await eac("rotate", "t"), 3);
    assertStringIncludes(host.printed.stderr, `the keys of "t" are temporary`);
  });
});

Deno.test("rotate calls the IAM endpoint of the partition, or the configured one", () => {
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
