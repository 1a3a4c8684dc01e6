import { readForDoctor } from "../../../lib/commands/doctor/config.ts";
import { sharedFiles } from "../../../lib/config/locations.ts";
import { type Emulator, startEmulator } from "../../../lib/emulator/emulator.ts";
import type { WorldDescription } from "../../../lib/emulator/world.ts";
import { EacError } from "../../../lib/errors.ts";
import type { Host, HttpAnswer, HttpRequest } from "../../../lib/host/host.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals, assertMatch } from "../../support/assert.ts";
import { asProcess, type TestHost, testHost } from "../../support/fakes.ts";
import { DEVICE, WORLD } from "../../support/world.ts";

const windows = Deno.build.os === "windows";
/** Why a test is ignored, for its name. */
const IGNORED = windows ? " (ignored on Windows: no file modes and no POSIX shell)" : "";

const KEYS = `aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;
const CREDENTIALS = `[alice]\n${KEYS}`;
const ROLE = "role_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = alice\n";

/** A finding as `--json` prints it. */
interface Found {
  readonly level: string;
  readonly code: string;
  readonly message: string;
  readonly profile?: string;
  readonly file?: string;
  readonly line?: number;
  readonly fix?: string;
}

interface Machine {
  readonly config?: string;
  readonly credentials?: string;
  readonly typed?: string;
  readonly world?: WorldDescription;
  readonly prepare?: (host: TestHost, emulator: Emulator) => void;
}

/** Doctor's findings for a machine. */
async function examine(
  { config = "", credentials = CREDENTIALS, typed, world = WORLD, prepare }: Machine,
  argv: readonly string[] = ["--json"],
): Promise<{ exit: number; host: TestHost; found: Found[]; calls: string[] }> {
  const host = testHost({
    home: { ".aws/config": config, ".aws/credentials": credentials },
    ...(typed === undefined ? {} : { typed }),
  });
  const emulator = startEmulator(host, world);
  // Not this machine's aws: only what a test puts there.
  Object.assign(host.env, { AWS_ENDPOINT_URL: emulator.url, PATH: host.path("bin") });
  try {
    prepare?.(host, emulator);
    const exit = await run(["doctor", ...argv], asProcess(host), strategies);
    const found = argv.includes("--json") && host.printed.stdout !== ""
      ? JSON.parse(host.printed.stdout) as Found[]
      : [];
    return { exit, host, found, calls: emulator.calls.map(({ action }) => action) };
  } finally {
    await emulator.stop();
  }
}

/** Without what is a note on every machine. */
function worthAWord(found: readonly Found[]): Found[] {
  return found.filter(({ code }) => code !== "aws_cli" && code !== "core_dumps");
}

Deno.test("doctor exits 0 without findings when nothing is wrong", async () => {
  const { exit, host, found } = await examine({ config: `[profile p]\n${ROLE}` });
  assertEquals([exit, worthAWord(found), host.printed.stderr], [0, [], ""]);
  host.dispose();
  const { host: again } = await examine({ config: `[profile p]\n${ROLE}` }, []);
  assertMatch(again.printed.stdout, /no problems found\n$/);
  again.dispose();
});

Deno.test("doctor names a file that it cannot read once", async () => {
  const prepare = (host: TestHost) => {
    Deno.removeSync(host.path(".aws/credentials"));
    Deno.mkdirSync(host.path(".aws/credentials"));
  };
  const { host } = await examine({ prepare }, []);
  const [line = ""] = host.printed.stdout.split("\n").filter((one) => one.startsWith("error"));
  assertEquals(line.split(host.path(".aws/credentials")).length, 2, line);
  host.dispose();
});

interface Expected {
  readonly machine: Machine;
  readonly exit: number;
  /** The one finding. */
  readonly level: "error" | "warning" | "note";
  readonly code: string;
  readonly message: RegExp;
  readonly place?: string;
  /** Absent: there is nothing to do. */
  readonly fix?: RegExp | undefined;
}

const OLD: WorldDescription = {
  users: [{
    arn: "arn:aws:iam::123456789012:user/alice",
    accessKeys: [{
      id: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      created: Date.UTC(2026, 10, 23, 13) - 100 * 86_400_000,
    }],
  }],
  roles: [],
};

const put = (path: string, text: string, mode = 0o600) => (host: TestHost) => {
  host.write(path, text);
  Deno.chmodSync(host.path(path), mode);
  const old = new Date(host.time - 3_600_000);
  Deno.utimeSync(host.path(path), old, old);
};

/** A folder without write permission, without taking it from the test itself. */
const readOnly = (path: string) => (host: TestHost) => {
  const { stat } = host;
  Deno.mkdirSync(host.path(path), { recursive: true, mode: 0o700 });
  Object.assign(host, {
    stat: (asked: string) => {
      const info = stat(asked);
      return asked === host.path(path) && info ? { ...info, mode: 0o500 } : info;
    },
  });
};

const CASES: Readonly<Record<string, Expected>> = {
  "a file that cannot be parsed": {
    machine: { config: "[profile p]\nregion\n" },
    exit: 3,
    level: "error",
    code: "config_invalid",
    message: /this line has no "="/,
    place: ".aws/config:2",
    fix: /key = value/,
  },
  "a section that stands twice": {
    machine: { config: "[profile p]\nregion = x\n[profile p]\noutput = json\n" },
    exit: 3,
    level: "warning",
    code: "refused_by_aws_cli",
    message: /\[profile p\]/,
    place: ".aws/config:3",
    fix: /merge the sections/,
  },
  "a section that nobody reads": {
    machine: { config: "[prod]\nregion = x\n" },
    exit: 3,
    level: "warning",
    code: "section_ignored",
    message: /\[prod\]/,
    place: ".aws/config:1",
    fix: /write it as \[profile prod\]/,
  },
  "a profile in the credentials file with the prefix of the config file": {
    machine: {
      config: "",
      credentials: "[profile prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n",
    },
    exit: 3,
    level: "warning",
    code: "section_ignored",
    message: /\[profile prod\]/,
    place: ".aws/credentials:1",
    fix: /write it as \[prod\]/,
  },
  "a name that aws configure writes and some SDKs do not read": {
    machine: { config: "[profile größe]\nregion = x\n" },
    exit: 3,
    level: "warning",
    code: "section_ignored",
    message: /\[profile größe\]/,
    place: ".aws/config:1",
    fix: /\[profile 'größe'\]/,
  },
  ...Object.fromEntries(["[]", "[profile ]", "[profile '']", '[profile ""]'].map((header) => [
    `a profile without a name: ${header}`,
    {
      machine: { config: `${header}\nregion = x\n` },
      exit: 3,
      level: "warning",
      code: "section_ignored",
      message: /it has no name$/,
      place: ".aws/config:1",
      fix: /^write it as \[profile NAME\]$/,
    },
  ])),
  "a section without a name in the credentials file": {
    machine: { config: "", credentials: "[]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" },
    exit: 3,
    level: "warning",
    code: "section_ignored",
    message: /^\[\] is not read: it has no name$/,
    place: ".aws/credentials:1",
    fix: /^write it as \[NAME\]$/,
  },
  "a section of another tool": {
    machine: { config: "[plugins]\ncli_legacy_plugin_path = /x\n" },
    exit: 0,
    level: "note",
    code: "section_ignored",
    message: /\[plugins\]/,
    place: ".aws/config:1",
  },
  "a key with an invalid character": {
    machine: { config: "[profile p]\nmy region = x\n" },
    exit: 3,
    level: "warning",
    code: "key_ignored",
    message: /"my region" in \[profile p\]/,
    place: ".aws/config:2",
    fix: /use letters/,
  },
  "an indented key": {
    machine: { config: "[profile p]\n  region = x\n" },
    exit: 3,
    level: "warning",
    code: "read_differently",
    message: /indented/,
    place: ".aws/config:2",
    fix: /remove the leading spaces/,
  },
  "a no-break space": {
    machine: { config: "[profile p]\nregion\u00a0= x\n" },
    exit: 3,
    level: "warning",
    code: "read_differently",
    message: /no-break space/,
    place: ".aws/config:2",
    fix: /plain space/,
  },
  "a folder of the shared files that is read-only": {
    machine: { prepare: readOnly(".aws") },
    exit: 3,
    level: "warning",
    code: "read_only",
    message: /^the folder is read-only/,
    place: ".aws",
    fix: /^chmod u\+w .*\.aws$/,
  },
  "a folder of eac's own that is read-only": {
    machine: { prepare: readOnly(".aws/eac/locks") },
    exit: 3,
    level: "warning",
    code: "read_only",
    message: /^the folder is read-only/,
    place: ".aws/eac/locks",
    fix: /^chmod u\+w .*locks$/,
  },
  "keys next to a credential_process": {
    machine: { config: "[profile alice]\ncredential_process = /bin/sh -c x\n" },
    exit: 3,
    level: "warning",
    code: "shadowed",
    message: /profile "alice" has long-lived keys and credential_process/,
    place: ".aws/credentials:2",
    fix: /keep one of them/,
  },
  "a profile that no strategy takes": {
    machine: { config: "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/Open\n" },
    exit: 3,
    level: "error",
    code: "no_strategy",
    message: /profile "p" has role_arn but neither source_profile nor credential_source/,
    place: ".aws/config:2",
    fix: /^add one of the two; pass-through needs /,
  },
  "a source that does not exist": {
    machine: { config: `[profile p]\n${ROLE.replace("= alice", "= alic")}` },
    exit: 3,
    level: "error",
    code: "profile_not_found",
    message: /profile "p" names source_profile "alic", which does not exist/,
    place: ".aws/config:3",
    fix: /did you mean alice\?/,
  },
  "sources that lead nowhere": {
    machine: {
      config: `[profile p]\n${ROLE.replace("= alice", "= q")}[profile q]\n${
        ROLE.replace("= alice", "= q")
      }`,
    },
    exit: 3,
    level: "error",
    code: "cycle",
    message: /source_profile forms a cycle/,
    fix: /its own source only/,
  },
  "a security key's serial": {
    machine: {
      config: `[profile p]\n${ROLE}mfa_serial = arn:aws:iam::123456789012:u2f/user/alice/x\n`,
    },
    exit: 3,
    level: "error",
    code: "config_invalid",
    message: /is a security key \(u2f\)/,
    place: ".aws/config:4",
    fix: /virtual MFA device/,
  },
  "a role without its ARN": {
    machine: { config: `[profile p]\nrole_arn = Deploy\nsource_profile = alice\n` },
    exit: 3,
    level: "warning",
    code: "role_arn",
    message: /not the ARN of a role/,
    place: ".aws/config:2",
    fix: /arn:aws:iam::ACCOUNT:role\/NAME/,
  },
  "an account's ARN for a role": {
    machine: {
      config: `[profile p]\nrole_arn = arn:aws:iam::123456789012:root\nsource_profile = alice\n`,
    },
    exit: 3,
    level: "warning",
    code: "role_arn",
    message: /not the ARN of a role/,
    place: ".aws/config:2",
    fix: /arn:aws:iam::ACCOUNT:role\/NAME/,
  },
  "an invalid serial": {
    machine: { config: `[profile p]\n${ROLE}mfa_serial = alice\n` },
    exit: 3,
    level: "warning",
    code: "mfa_serial",
    message: /neither an ARN nor/,
    place: ".aws/config:4",
    fix: /arn:aws:iam::ACCOUNT:mfa\/NAME/,
  },
  "a program that is not there": {
    machine: { config: "[profile p]\ncredential_process = ~/bin/get-keys p\n" },
    exit: 8,
    level: "error",
    code: "process_failed",
    message: /program: ~\/bin\/get-keys/,
    place: ".aws/config:2",
    fix: /full path, without ~/,
  },
  "a destination that is protected": {
    machine: { config: `[profile p]\n${ROLE}destination_profile = alice\n` },
    exit: 3,
    level: "error",
    code: "destination_protected",
    message: /"alice" provides the credentials of "p"/,
    place: ".aws/config:4",
    fix: /choose another name/,
  },
  "two profiles that store in the same place": {
    machine: {
      config: ["p", "q"].map((name) => `[profile ${name}]\n${ROLE}destination_profile = x\n`).join(
        "",
      ),
    },
    exit: 3,
    level: "warning",
    code: "config_invalid",
    message: /"p" and "q" would both be stored in "x"/,
    place: ".aws/config:8",
    fix: /its own/,
  },
  "a strategy that is refused": {
    machine: { prepare: put(".aws/eac/strategies/mine.sh", "#!/bin/sh\n") },
    exit: 8,
    level: "error",
    code: "strategy_failed",
    message: /mine\.sh is neither a module nor executable/,
    place: ".aws/eac/strategies/mine.sh",
    fix: /chmod u\+x/,
  },
  "a file that belongs to another user": {
    machine: { prepare: (host) => void (host.userId = () => 4711) },
    exit: 3,
    level: "warning",
    code: "owner",
    message: /the config file belongs to user \d+, but eac runs as user 4711/,
    place: ".aws/config",
    fix: /chown 4711/,
  },
  "stored credentials that ended": {
    machine: {
      credentials: `${CREDENTIALS}[p-temp]\n${KEYS}aws_session_token = x\n` +
        "expiration = 2026-11-23T13:00:00Z\nmanaged_by = eac\neac_source = p\n",
    },
    exit: 0,
    level: "note",
    code: "expired",
    message: /the credentials stored in "p-temp" expired at 2026-11-23T13:00:00Z/,
    place: ".aws/credentials:8",
    fix: /eac get p -o p-temp renews them/,
  },
  "a half-written file": {
    machine: { prepare: put(".aws/.credentials.eac-0a1b2c3d.tmp", "[al") },
    exit: 0,
    level: "note",
    code: "leftover",
    message: /temp file/,
    place: ".aws/.credentials.eac-0a1b2c3d.tmp",
    fix: /--fix removes it/,
  },
  "a cached entry that ended": {
    machine: {
      prepare: put(
        `.aws/eac/cache/${"a".repeat(64)}.json`,
        JSON.stringify({
          Version: 1,
          AccessKeyId: "A",
          SecretAccessKey: "B",
          SessionToken: "C",
          Expiration: "2026-11-23T12:00:00Z",
          Obtained: "2026-11-23T11:00:00Z",
        }),
      ),
    },
    exit: 0,
    level: "note",
    code: "leftover",
    message: /cached credentials expired at 2026-11-23T12:00:00Z/,
    fix: /--fix removes it/,
  },
  "a backup": {
    machine: { prepare: put(".aws/credentials.eac-backup-20261101T000000Z", KEYS) },
    exit: 0,
    level: "note",
    code: "backup",
    message: /replaced keys/,
    fix: /remove it/,
  },
  "a rotation that was not completed": {
    machine: { prepare: put(".aws/eac/rotate/a.json", '{"profile":"alice"}') },
    exit: 3,
    level: "warning",
    code: "rotation",
    message: /rotation/,
    place: ".aws/eac/rotate/a.json",
    fix: /eac rotate alice$/,
  },
  "a rotation whose profile cannot be read": {
    machine: { prepare: put(".aws/eac/rotate/a.json", "{") },
    exit: 3,
    level: "warning",
    code: "rotation",
    message: /rotation/,
    place: ".aws/eac/rotate/a.json",
    fix: /eac rotate PROFILE$/,
  },
  "a key that is older than 90 days": {
    machine: { world: OLD },
    exit: 3,
    level: "warning",
    code: "key_old",
    message: /the access key AKIAIOSFODNN7EXAMPLE is 100 days old/,
    place: ".aws/credentials:2",
    fix: /eac rotate alice/,
  },
  "a key that AWS does not know": {
    machine: { world: { users: [], roles: [] } },
    exit: 5,
    level: "error",
    code: "invalid_credentials",
    message: /AWS does not know the access key AKIAIOSFODNN7EXAMPLE, or it is inactive/,
    place: ".aws/credentials:2",
    fix: /check the key in the console/,
  },
  "a key whose age nobody may see": {
    machine: {
      world: { ...OLD, users: [{ ...OLD.users[0]!, denied: ["iam:ListAccessKeys"] }] },
    },
    exit: 0,
    level: "note",
    code: "key_age",
    message: /access key AKIAIOSFODNN7EXAMPLE/,
    fix: /^$/,
  },
  "a clock that is a minute off": {
    machine: { prepare: (_, emulator) => void (emulator.clockOffset = 60_000) },
    exit: 3,
    level: "warning",
    code: "clock_skew",
    message: /this machine's clock is 60 s behind AWS's$/,
    fix: /NTP/,
  },
  "an endpoint that is not there": {
    machine: {
      // The port was free a moment ago.
      prepare: (host) => void (host.env.AWS_ENDPOINT_URL_STS = `http://127.0.0.1:${freePort()}`),
    },
    exit: 6,
    level: "error",
    code: "network",
    message: /cannot reach 127\.0\.0\.1:\d+: the connection was refused; profile "alice" needs it/,
    fix: /check endpoint_url/,
  },
  "an invalid endpoint": {
    machine: { config: "[profile alice]\nendpoint_url = sts.example\n", prepare: withoutEndpoint },
    exit: 3,
    level: "error",
    code: "config_invalid",
    message: /endpoint_url is not a valid endpoint URL/,
    fix: /an endpoint URL looks like/,
    place: ".aws/config:2",
  },
};

function withoutEndpoint(host: TestHost): void {
  delete host.env.AWS_ENDPOINT_URL;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

for (const [name, expected] of Object.entries(CASES)) {
  Deno.test({
    name: `doctor finds ${name}` + IGNORED,
    ignore: windows,
    async fn() {
      const { exit, host, found } = await examine(expected.machine);
      const worth = worthAWord(found);
      const findings = JSON.stringify(worth, null, 1);
      const [first] = worth;
      assert(first !== undefined, "nothing was found");
      assertEquals([worth.length > 2, first.level, first.code], [
        false,
        expected.level,
        expected.code,
      ], findings);
      assertMatch(first.message, expected.message);
      assertMatch(first.fix ?? "", expected.fix ?? /^$/);
      assertEquals([exit, host.printed.stderr], [expected.exit, ""], findings);
      if (expected.place !== undefined) {
        const at = [first.file, first.line].filter((part) => part !== undefined).join(":");
        assertEquals(at, host.path(expected.place));
      }
      host.dispose();
    },
  });
}

Deno.test("doctor reports a wrong clock when AWS rejects a call for it", async () => {
  const { exit, host, found } = await examine({
    prepare: (_, emulator) => void (emulator.clockOffset = -3_600_000),
  });
  assertEquals(found[0]?.code, "clock_skew");
  assertMatch(found[0]!.message, /clock is 3600 s ahead of AWS's.* 15 minutes/);
  assertEquals(exit, 5);
  host.dispose();
});

Deno.test("doctor never asks for a code or assumes a role", async () => {
  const { host, calls } = await examine({
    config: `[profile p]\n${ROLE}mfa_serial = ${DEVICE.serial}\n`,
  });
  assertEquals(calls, ["", "ListAccessKeys"]);
  host.dispose();
});

Deno.test({
  name: "doctor reports file modes that are too open, and does not change them without --fix" +
    IGNORED,
  ignore: windows,
  async fn() {
    const { exit, host, found } = await examine({ prepare: widen });
    const paths = found.filter(({ code }) => code === "mode").map(({ file }) => file);
    assertEquals(
      paths,
      ["", "/config", "/credentials", "/eac/cache", "/eac/cache/x"].map((path) =>
        host.path(`.aws${path}`)
      ).sort((a, b) => paths.indexOf(a) - paths.indexOf(b)),
    );
    assertEquals(exit, 3);
    assertEquals(modeOf(host, ".aws/credentials"), 0o644);
    host.dispose();
  },
});

/** The modes of a permissive umask; a config file that others can read is fine. */
function widen(host: TestHost): void {
  host.write(".aws/eac/cache/x", "");
  const modes: readonly [string, number][] = [
    [".aws", 0o777],
    [".aws/config", 0o664],
    [".aws/credentials", 0o644],
    [".aws/eac", 0o755],
    [".aws/eac/cache", 0o755],
    [".aws/eac/cache/x", 0o640],
  ];
  for (const [path, mode] of modes) Deno.chmodSync(host.path(path), mode);
}

function modeOf(host: TestHost, path: string): number | undefined {
  return host.stat(host.path(path))?.mode;
}

Deno.test({
  name: "doctor --fix shows each change, asks once, and applies them" + IGNORED,
  ignore: windows,
  async fn() {
    const tmp = ".aws/eac/cache/y.json.0a1b2c3d.tmp";
    const machine: Machine = {
      prepare(host) {
        widen(host);
        put(tmp, "half")(host);
      },
    };
    const { exit, host } = await examine({ ...machine, typed: "y\r" }, ["--fix"]);
    const { stderr, stdout, terminal } = host.printed;
    assertMatch(stdout, /warning {2}others can read the credentials file: its mode is 644/);
    assertMatch(stderr, /planned: chmod 600 .*credentials \(from 644\)/);
    assertMatch(stderr, new RegExp(`planned: remove .*${tmp}\n`));
    assertMatch(terminal, /Apply these 6 changes \(y\/N\)\? y/);
    assertMatch(stderr, /done: chmod 600 .*credentials/);
    assertEquals(exit, 0, stdout + stderr);
    assertEquals(
      [".aws", ".aws/config", ".aws/credentials", ".aws/eac/cache", ".aws/eac/cache/x"]
        .map((path) => modeOf(host, path)),
      [0o755, 0o644, 0o600, 0o700, 0o600],
    );
    assertEquals([host.text(tmp), host.text(".aws/credentials")], [undefined, CREDENTIALS]);
    host.dispose();

    for (const typed of ["n\r", "\r"]) {
      const { exit, host } = await examine({ ...machine, typed }, ["--fix"]);
      assertEquals([exit, modeOf(host, ".aws/credentials")], [3, 0o644]);
      host.dispose();
    }
  },
});

Deno.test({
  name: "doctor --fix changes nothing without a yes, or --yes" + IGNORED,
  ignore: windows,
  async fn() {
    for (const argv of [["--fix"], ["--fix", "--no-input"]]) {
      const { exit, host } = await examine({ prepare: widen }, argv);
      assertMatch(host.printed.stderr, /planned: chmod/);
      assertMatch(host.printed.stderr, /error: these changes need confirmation, but /);
      assertMatch(host.printed.stderr, /hint: use --yes to apply all of them/);
      assertEquals([exit, modeOf(host, ".aws/credentials")], [4, 0o644]);
      host.dispose();
    }
    const { exit, host, found } = await examine({ prepare: widen }, ["--fix", "--yes", "--json"]);
    assertEquals([exit, worthAWord(found), modeOf(host, ".aws/credentials")], [0, [], 0o600]);
    host.dispose();
  },
});

Deno.test({
  name: "doctor shows the AWS CLI's version, and whether it shares the cache" + IGNORED,
  ignore: windows,
  async fn() {
    const cases: readonly [place: string, script: string, note: RegExp][] = [
      ["bin/aws", "echo aws-cli/2.31.9 Python/3.13.7", /^aws-cli\/2\.31\.9 at .*bin\/aws shares/],
      ["snap/bin/aws", "echo aws-cli/2.31.9 Python/3.13.7", /snap/],
      ["bin/aws", "exit 1", /an AWS CLI of unknown version at .* unknown whether/],
      ["bin/other", "", /the AWS CLI is not in PATH; eac does not need it/],
    ];
    for (const [place, script, note] of cases) {
      const { exit, host, found } = await examine({
        prepare(host) {
          put(place, `#!/bin/sh\n${script}\n`, 0o700)(host);
          host.env.PATH = `${host.home}/nowhere:${host.home}/snap/bin:${host.home}/bin`;
        },
      });
      assertMatch(found.find(({ code }) => code === "aws_cli")!.message, note);
      assertEquals(exit, 0);
      host.dispose();
    }
  },
});

Deno.test("doctor names an unreadable file and still checks the rest", async () => {
  const { exit, host, found } = await examine({
    prepare(host) {
      Deno.removeSync(host.path(".aws/credentials"));
      Deno.mkdirSync(host.path(".aws/credentials"));
    },
  });
  assertEquals(exit, 7);
  assertEquals([found[0]?.code, found[0]?.file], ["io", host.path(".aws/credentials")]);
  assert(found.some(({ code }) => code === "aws_cli"), "the other checks were left out");
  host.dispose();
});

Deno.test("doctor reports a cycle of two profiles once", async () => {
  for (const names of [[], ["p"], ["q"]]) {
    using host = testHost({
      home: {
        ".aws/config": `[profile p]\n${ROLE.replace("= alice", "= q")}[profile q]\n${
          ROLE.replace("= alice", "= p")
        }[profile above]\n${ROLE.replace("= alice", "= q")}`,
      },
    });
    await run(["doctor", ...names, "--json"], host, strategies);
    const found = JSON.parse(host.printed.stdout)
      .filter(({ code }: { code: string }) => code === "cycle");
    assertEquals(found.map(({ message }: { message: string }) => message), [
      "source_profile forms a cycle: p -> q -> p",
    ]);
  }
});

Deno.test("doctor reports a wrong value in [eac] once, not for each profile", async () => {
  for (
    const [line, message] of [
      ["cli_cache = x", 'unknown cli_cache "x" in [eac]'],
      ["mfa_session = x", 'unknown mfa_session "x" in [eac]'],
      ["mfa_session_duration = 1", "mfa_session_duration = 1 of [eac] is out of range"],
    ] as const
  ) {
    const mfa = `${ROLE}mfa_serial = arn:aws:iam::123456789012:mfa/alice\n`;
    using host = testHost({
      home: {
        ".aws/config": `[eac]\n${line}\n[profile p]\n${mfa}[profile q]\n${mfa}`,
        ".aws/credentials": "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
          "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
      },
    });
    await run(["doctor", "p", "q", "--json"], host, strategies);
    const found = JSON.parse(host.printed.stdout)
      .filter(({ code }: { code: string }) => code === "config_invalid");
    assertEquals(found.map(({ message }: { message: string }) => message), [message]);
  }
});

Deno.test("doctor warns of a key in [eac] that has no effect, and suggests the right one", () => {
  using host = testHost({
    home: {
      ".aws/config": "[eac]\nmfa_prompts = none\nregion = x\ndestination_profile = temp\n" +
        "mfa_process = true\n",
    },
  });
  const { findings } = readForDoctor(host, sharedFiles(host.env, host.os));
  assertEquals(
    findings.map(({ level, place, code }) => [level, place?.line, code]),
    [
      ["warning", 2, "unknown_default"],
      ["warning", 3, "unknown_default"],
      ["warning", 4, "config_invalid"],
    ],
  );
  assertMatch(findings[0]!.fix!, /mfa_prompt/);
  assertMatch(findings[2]!.fix!, /\{profile\}-temp/);
});

Deno.test("doctor finds a wrong mfa_prompt before a code is due, that of [eac] once", async () => {
  const mfa = "mfa_serial = arn:aws:iam::123456789012:mfa/alice\naws_access_key_id = EXAMPLE\n" +
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
  using host = testHost({
    home: {
      ".aws/config": "[eac]\nmfa_prompt = window\n" +
        `[profile a]\n${mfa}[profile b]\n${mfa}[profile c]\n${mfa}mfa_prompt = door\n`,
    },
  });
  await run(["doctor", "a", "b", "c", "--json"], host, strategies);
  const found: Found[] = JSON.parse(host.printed.stdout);
  assertEquals(
    found.filter(({ message }) => message.includes("mfa_prompt")).map(({ level, line, fix }) => [
      level,
      line,
      fix,
    ]),
    [2, 15].map((line) => ["error", line, "use auto, terminal, dialog or none"]),
  );
});

/** A home with that many profiles, each with its own key and region. */
function manyKeys(count: number): Record<string, string> {
  const each = (text: (index: number) => string) =>
    Array.from({ length: count }, (_, at) => text(at)).join("");
  return {
    ".aws/config": each((at) => `[profile p${at}]\nregion = zz-test-${at}\n`),
    ".aws/credentials": each((at) =>
      `[p${at}]\naws_access_key_id = EXAMPLE${at}\n` +
      "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
    ),
  };
}

/** The time in milliseconds for which requests wait that are never answered, side by side or not. */
async function waiting(
  home: Record<string, string>,
  answer: (request: HttpRequest) => HttpAnswer | undefined,
): Promise<{ waited: number; found: Found[] }> {
  using host = testHost({ home, env: { PATH: "" } });
  let waited = 0;
  let open: PromiseWithResolvers<void> | undefined;
  const at: Host = {
    ...host,
    async http(request) {
      const answered = answer(request);
      if (answered !== undefined) return answered;
      // Requests that wait at the same time end at the same time.
      if (open === undefined) {
        const all = open = Promise.withResolvers<void>();
        setTimeout(() => {
          waited += request.timeout;
          open = undefined;
          all.resolve();
        }, 20);
      }
      await open.promise;
      throw new EacError("timeout", `${new URL(request.url).host} did not answer`);
    },
  };
  await run(["doctor", "--json"], at, strategies);
  return { waited, found: JSON.parse(host.printed.stdout) as Found[] };
}

Deno.test("doctor without a network takes no longer for 60 endpoints than for one", async () => {
  const { waited, found } = await waiting(manyKeys(60), () => undefined);
  assertEquals(found.filter(({ code }) => code === "timeout").length, 60);
  assertEquals(waited, 2000);
});

Deno.test("doctor that cannot reach IAM waits for one key only, and names all of them", async () => {
  const nobody: HttpAnswer = { status: 404, headers: {}, body: new Uint8Array() };
  const { waited, found } = await waiting(
    manyKeys(60),
    ({ url }) => url.includes("//iam.") ? undefined : nobody,
  );
  assertEquals(found.filter(({ code }) => code === "key_age").length, 60);
  assertEquals(waited, 2000);
});

Deno.test("doctor PROFILE checks that profile and its sources, and no others", async () => {
  const config = `[profile base]
credential_process = /none/such
[profile good]
role_arn = arn:aws:iam::123456789012:role/R
source_profile = base
[profile other]
credential_process = /none/other
`;
  using host = testHost({ home: { ".aws/config": config } });
  const findings = async (...names: string[]) => {
    host.printed.stdout = "";
    await run(["doctor", "--json", ...names], host, strategies);
    const all: { code: string; profile?: string }[] = JSON.parse(host.printed.stdout);
    return all.filter(({ code }) => code === "process_failed").map(({ profile }) => profile);
  };
  assertEquals(await findings(), ["base", "other"]);
  assertEquals(await findings("good"), ["base"]);
  assertEquals(await findings("other", "good"), ["base", "other"]);
  assertEquals(await run(["doctor", "nobody"], host, strategies), 3);
});

const ENTRY = `.aws/eac/cache/${"a".repeat(64)}.json`;

function entryUntil(expiration: string): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: "A",
    SecretAccessKey: "B",
    SessionToken: "C",
    Expiration: expiration,
    Obtained: "2026-11-23T11:00:00Z",
  });
}

/** Changes something after doctor has checked the files, before the user confirms. */
function meanwhile(host: TestHost, change: () => void): void {
  const { openTerminal } = host;
  Object.assign(host, {
    openTerminal() {
      change();
      return openTerminal();
    },
  });
}

Deno.test("doctor --fix keeps a cache entry that was renewed meanwhile, and removes the others", async () => {
  for (const [renewed, exit] of [["2026-11-23T14:00:00Z", 7], [undefined, 0]] as const) {
    const { exit: ended, host } = await examine({
      typed: "y\r",
      prepare(host) {
        put(ENTRY, entryUntil("2026-11-23T12:00:00Z"))(host);
        if (renewed !== undefined) {
          meanwhile(host, () => host.write(ENTRY, entryUntil(renewed)));
        }
      },
    }, ["--fix"]);
    assertEquals(ended, exit, host.printed.stderr);
    assertEquals(host.text(ENTRY), renewed && entryUntil(renewed));
    if (renewed !== undefined) assertMatch(host.printed.stderr, /has changed since/);
    host.dispose();
  }
});

Deno.test("doctor --fix removes no cache entry while another process holds its lock to renew it", async () => {
  const { exit, host } = await examine({
    prepare(host) {
      put(ENTRY, entryUntil("2026-11-23T12:00:00Z"))(host);
      Object.assign(host, { lock: () => Promise.resolve(undefined) });
    },
  }, ["--fix", "--yes"]);
  assertEquals(exit, 7);
  assert(host.text(ENTRY) !== undefined);
  host.dispose();
});

Deno.test({
  name: "doctor --fix does not follow symbolic links among eac's files" + IGNORED,
  ignore: windows,
  async fn() {
    for (const folder of ["cache", "locks", "mfa", "rotate"]) {
      const { host } = await examine({
        prepare(host) {
          host.write("page.html", "x");
          host.write("site/index.html", "x");
          Deno.chmodSync(host.path("page.html"), 0o644);
          Deno.chmodSync(host.path("site"), 0o755);
          host.makeFolder(host.path(`.aws/eac/${folder}`), 0o700);
          Deno.symlinkSync(host.path("page.html"), host.path(`.aws/eac/${folder}/x.json`));
          Deno.symlinkSync(host.path("site"), host.path(`.aws/eac/${folder}/folder`));
        },
      }, ["--fix", "--yes"]);
      assertEquals([modeOf(host, "page.html"), modeOf(host, "site")], [0o644, 0o755]);
      host.dispose();
    }
  },
});

Deno.test({
  name:
    "doctor --fix changes the target of a linked credentials file, unless the link changes meanwhile" +
    IGNORED,
  ignore: windows,
  async fn() {
    for (const moved of [false, true]) {
      const { exit, host } = await examine({
        typed: "y\r",
        prepare(host) {
          const file = host.path(".aws/credentials");
          host.write("dotfiles", CREDENTIALS);
          host.write("other", "x");
          for (const name of ["dotfiles", "other"]) Deno.chmodSync(host.path(name), 0o644);
          const leadTo = (name: string) => {
            host.remove(file);
            Deno.symlinkSync(host.path(name), file);
          };
          leadTo("dotfiles");
          if (moved) meanwhile(host, () => leadTo("other"));
        },
      }, ["--fix"]);
      assertEquals(exit, moved ? 7 : 0, host.printed.stderr);
      assertEquals(modeOf(host, "dotfiles"), moved ? 0o644 : 0o600);
      assertEquals(modeOf(host, "other"), 0o644);
      host.dispose();
    }
  },
});

Deno.test({
  name: "doctor names the owner of eac's own files that belong to another user" + IGNORED,
  ignore: windows,
  async fn() {
    const { found, host } = await examine({
      prepare(host) {
        put(ENTRY, entryUntil("2026-11-23T14:00:00Z"))(host);
        host.write(".aws/eac/note.txt", "the user's own");
        Object.assign(host, { userId: () => 4711 });
      },
    });
    const files = found.filter(({ code }) => code === "owner").map(({ file }) => file);
    assert(files.includes(host.path(ENTRY)), files.join());
    assert(files.includes(host.path(".aws/eac/cache")), files.join());
    assert(!files.includes(host.path(".aws/eac/note.txt")), files.join());
    host.dispose();
  },
});
