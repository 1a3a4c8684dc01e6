/**
 * What the user sees when STS refuses: each error of the emulator, in a whole run. The cause, AWS's
 * message, then a hint; and nothing is stored.
 */

import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { DEVICE, WORLD } from "../support/world.ts";

const MFA = `mfa_serial = ${DEVICE.serial}`;
const KEYS = [
  "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
];
const DENIED = /"User: arn:aws:iam::123456789012:user\/alice is not authorized to perform: sts:/;

interface Refused {
  /** The role of profile `p`, and its other settings. */
  readonly role: string;
  readonly settings?: readonly string[];
  /** More of the config file. */
  readonly config?: readonly string[];
  /** The keys of alice. */
  readonly keys?: readonly string[];
  /** In addition to `get p --print`; `{code}` is the device's code. */
  readonly options?: readonly string[];
  /** What happens before. */
  readonly before?: (host: TestHost, emulator: Emulator) => Promise<void> | void;
  readonly exit: number;
  readonly error: RegExp;
  readonly words?: RegExp;
  readonly hint: RegExp;
  /** 0 if eac knows without a call to AWS. */
  readonly calls?: number;
}

const CODE = ["--mfa-token", "{code}"];

/** Alice's keys are those of a session from here on, without an expiration. */
async function useSession(host: TestHost, emulator: Emulator): Promise<void> {
  assertEquals(await run(["get", "alice", "-o", "alice-temp"], host, strategies), 0);
  const { id, secret, token } = emulator.world.sessions[0]!;
  const keys = [
    `aws_access_key_id = ${id}`,
    `aws_secret_access_key = ${secret}`,
    `aws_session_token = ${token}`,
  ];
  host.write(".aws/credentials", ["[alice]", ...keys, ""].join("\n"));
}

const CASES: Readonly<Record<string, Refused>> = {
  "a wrong code": {
    role: "Mfa",
    settings: [MFA],
    options: ["--mfa-token", "000000"],
    exit: 5,
    error: /AWS rejected the MFA code for arn:aws:iam::123456789012:mfa\/alice/,
    words: /"MultiFactorAuthentication failed with invalid MFA one time pass code\."/,
    hint: /each code works only once: wait for the next one/,
  },
  "a code that another tool used": {
    role: "Mfa",
    settings: [MFA],
    options: CODE,
    before: (host, { world }) => {
      const [device] = world.users[0]!.mfaDevices!;
      device!.spent = [Math.floor(host.time / 30_000)];
    },
    exit: 5,
    error: /MFA code/,
    words: /"MultiFactorAuthentication failed with invalid MFA one time pass code\."/,
    hint: /each code works only once: wait for the next one/,
  },
  "a code that eac used": {
    role: "Mfa",
    settings: [MFA],
    options: ["--refresh", ...CODE],
    before: async (host) => {
      const code = await totp(DEVICE.secret, host.time);
      assertEquals(await run(["get", "p", "--print", "--mfa-token", code], host, strategies), 0);
      host.time += 1000;
    },
    calls: 0,
    exit: 5,
    error: /the code in --mfa-token was already used/,
    hint: /each code works only once: wait for the next one/,
  },
  "a serial that AWS does not know": {
    role: "Mfa",
    settings: ["mfa_serial = arn:aws:iam::123456789012:mfa/bob"],
    options: CODE,
    exit: 5,
    error: /arn:aws:iam::123456789012:mfa\/bob/,
    words: /"MultiFactorAuthentication failed, unable to validate MFA code\./,
    hint: /check mfa_serial against the user's security credentials in the console/,
  },
  "a security key's serial": {
    role: "Mfa",
    settings: ["mfa_serial = arn:aws:iam::123456789012:u2f/user/alice/key-ABC"],
    options: CODE,
    calls: 0,
    exit: 3,
    error: /mfa_serial of profile "p" is a security key \(u2f\).* \(.*config:4\)/,
    hint: /add a virtual MFA device/,
  },
  "a role that wants MFA, and no device": {
    role: "Mfa",
    exit: 5,
    error: /AWS refused to let these credentials assume arn:aws:iam::123456789012:role\/Mfa/,
    words: DENIED,
    hint: /if it requires more, set external_id or mfa_serial/,
  },
  "a role that wants MFA, and a device of the source alone": {
    role: "Mfa",
    config: ["[profile alice]", MFA],
    exit: 5,
    error: /AWS refused to let these credentials assume/,
    words: DENIED,
    hint: /--mfa-token.*MFA device of "alice"/,
  },
  "no external id": {
    role: "External",
    exit: 5,
    error: /AWS refused to let these credentials assume/,
    words: DENIED,
    hint: /if it requires more, set external_id/,
  },
  "a wrong external id": {
    role: "External",
    settings: ["external_id = partner-8"],
    exit: 5,
    error: /AWS refused to let these credentials assume/,
    words: DENIED,
    hint: /trusts this caller and that external_id is right/,
  },
  "a trust policy that names another user": {
    role: "Closed",
    exit: 5,
    error: /AWS refused to let these credentials assume arn:aws:iam::123456789012:role\/Closed/,
    words: DENIED,
    hint: /check that the role exists and trusts this caller/,
  },
  "a duration above the role's maximum": {
    role: "Short",
    options: ["--duration", "2h"],
    exit: 5,
    error: /7200 s is longer than arn:aws:iam::123456789012:role\/Short allows/,
    words: /"The requested DurationSeconds exceeds the MaxSessionDuration set for this role\."/,
    hint: /lower duration_seconds or --duration, or raise the role's maximum duration in IAM/,
  },
  "an inactive key": {
    role: "Open",
    keys: [
      "aws_access_key_id = AKIAI44QH8DHBEXAMPLE",
      "aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    ],
    exit: 5,
    error: /AWS does not know the access key AKIAI44QH8DHBEXAMPLE, or it is inactive/,
    words: /"The security token included in the request is invalid\."/,
    hint: /check the key in the console/,
  },
  "a key that became inactive after its session was cached": {
    role: "Mfa",
    settings: [MFA],
    before: async (host, { world }) => {
      const code = await totp(DEVICE.secret, host.time);
      assertEquals(await run(["get", "p", "--print", "--mfa-token", code], host, strategies), 0);
      host.write(".aws/config", host.text(".aws/config")!.replace("/Mfa\n", "/Mfa2\n"));
      world.sessions.length = 0;
    },
    exit: 5,
    error: /AWS does not accept the session token of ASIA/,
    words: /"The security token included in the request is invalid\."/,
    hint: /try again with --refresh; .*check the user's access key/,
  },
  "a secret that does not fit": {
    role: "Open",
    keys: ["aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key = je7MtGbClwBF"],
    exit: 5,
    error: /the secret access key does not match AKIAIOSFODNN7EXAMPLE/,
    words: /"The request signature we calculated does not match/,
    hint: /check aws_secret_access_key/,
  },
  "a source that has expired": {
    role: "Open",
    before: async (host, emulator) => {
      await useSession(host, emulator);
      host.time += 2 * 3_600_000;
    },
    exit: 5,
    error: /the session token of the base credentials has expired/,
    words: /"The security token included in the request is expired"/,
    hint: /renew the credentials of "alice", the profile's base/,
  },
  "a source that eac knows to have expired": {
    role: "Open",
    config: ["[profile q]", "source_profile = alice-temp", ""],
    before: async (host) => {
      assertEquals(await run(["get", "alice", "-o", "alice-temp"], host, strategies), 0);
      host.write(".aws/config", host.text(".aws/config")!.replace("= alice\n", "= alice-temp\n"));
      host.time += 2 * 3_600_000;
    },
    calls: 0,
    exit: 5,
    error: /the credentials stored in profile "alice-temp" expired at 2026-11-23T14:00:00Z/,
    hint: /run eac get alice -o alice-temp/,
  },
  "a clock that is ahead": {
    role: "Open",
    before: (_, emulator) => void (emulator.clockOffset = -1200_000),
    exit: 5,
    error: /this machine's clock is 1200 s ahead of AWS's/,
    words: /"Signature not yet current: 20261123T130000Z is still later than/,
    hint: /set the clock \(NTP\), then try again/,
  },
  "a clock that is behind": {
    role: "Open",
    before: (_, emulator) => void (emulator.clockOffset = 86_400_000),
    exit: 5,
    error: /this machine's clock is 86400 s behind AWS's/,
    words: /"Signature expired: 20261123T130000Z is now earlier than/,
    hint: /set the clock \(NTP\), then try again/,
  },
  "a region that is switched off": {
    role: "Open",
    options: ["--region", "af-south-1"],
    exit: 5,
    error: /STS is not activated in this region for the account/,
    words: /"STS is not activated in this region for account:123456789012\./,
    hint: /use another --region, or activate it in the account settings of IAM/,
  },
  "a session policy that is too long": {
    role: "Open",
    settings: [`session_policy = {"Statement":[${'"x",'.repeat(600)}"x"]}`],
    exit: 5,
    error: /session_policy/,
    words: /"1 validation error detected: Value '\{"Statement.* 'policy' failed to satisfy constr/,
    hint: /a policy in JSON, of 2048 characters at most/,
  },
  "a session policy and tags that are too large together": {
    role: "Open",
    settings: [
      `session_policy = {"Statement":[${'"x",'.repeat(500)}"x"]}`,
      `session_tags = ${Array.from({ length: 10 }, (_, n) => `k${n}=${"v".repeat(250)}`)}`,
    ],
    exit: 5,
    error: /the session policy and the session tags are too large together/,
    words: /"Packed policy consumes 1\d\d% of allotted space/,
    hint: /shorten session_policy or session_tags/,
  },
};

const EVERY_SECRET = /wJalrXUtnFEMI|je7MtGbClwBF|IQoJb3JpZ2luX2Vj/;

for (const [name, refused] of Object.entries(CASES)) {
  Deno.test(`get reports the error with a hint: ${name}`, () => play(refused));
}

async function play(refused: Refused): Promise<void> {
  const { role, settings = [], config = [], keys = KEYS, options = [], calls } = refused;
  const lines = [
    "[profile p]",
    `role_arn = arn:aws:iam::123456789012:role/${role}`,
    "source_profile = alice",
    ...settings,
    ...config,
    "",
  ];
  using host = testHost({
    home: {
      ".aws/config": lines.join("\n"),
      ".aws/credentials": ["[alice]", ...keys, ""].join("\n"),
    },
    // Windows and macOS always have a desktop, where a dialog would wait for an answer.
    env: { SSH_CONNECTION: "127.0.0.1 1 127.0.0.1 22" },
  });
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    await refused.before?.(host, emulator);
    const stored = host.text(".aws/credentials");
    const cached = filesUnder(host.path(".aws/eac/cache"));
    const before = emulator.calls.length;
    Object.assign(host.printed, { stdout: "", stderr: "" });

    const code = await totp(DEVICE.secret, host.time);
    const argv = ["get", "p", "--print", ...options].map((word) => word.replace("{code}", code));
    const exit = await run(argv, host, strategies);

    const { stdout, stderr } = host.printed;
    const [error = "", hint = "", ...rest] = stderr.trimEnd().split("\n");
    assertMatch(error, refused.error);
    assertMatch(hint, refused.hint);
    assertStringIncludes(error, "error: ");
    assertStringIncludes(hint, "hint: ");
    if (refused.words) assertMatch(error, refused.words);
    assertEquals([exit, stdout, rest], [refused.exit, "", []]);
    assert(!EVERY_SECRET.test(stderr), "a secret is shown");
    if (calls !== undefined) assertEquals(emulator.calls.length - before, calls);
    assertEquals(host.text(".aws/credentials"), stored);
    assertEquals(filesUnder(host.path(".aws/eac/cache")), cached);
  } finally {
    await emulator.stop();
  }
}

function filesUnder(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}
