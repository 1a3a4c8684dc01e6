/** `eac init`: what it asks, looks up, tests, shows and writes. */

import { type Emulator, startEmulator } from "../../../lib/emulator/emulator.ts";
import { totp } from "../../../lib/emulator/totp.ts";
import type { User } from "../../../lib/emulator/world.ts";
import { changes } from "../../../lib/commands/init/draft.ts";
import { readKeyFile } from "../../../lib/commands/init/key_file.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { PRIVATE_FILE } from "../../support/posix.ts";
import { NO_PTY, onTerminal, word } from "../../support/pty.ts";
import { DEVICE, WORLD } from "../../support/world.ts";

const KEY = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const ROLE = "arn:aws:iam::123456789012:role/Mfa";
const CSV = `\ufeffAccess key ID,Secret access key\r\n${KEY.id},${KEY.secret}\r\n`;

interface Init {
  readonly code: number;
  readonly host: TestHost;
  readonly emulator: Emulator;
}

/** Runs `eac init`; `{code}` in the typed lines stands for a valid MFA code. */
async function init(
  argv: string[],
  typed: string[] | undefined,
  check: (init: Init) => void,
  { home = {}, user = {}, env = {} }: {
    home?: Record<string, string>;
    user?: Partial<User>;
    env?: Record<string, string>;
  } = {},
): Promise<void> {
  const now = Date.UTC(2026, 10, 23, 13);
  const code = await totp(DEVICE.secret, now);
  const keys = typed?.map((line) => `${line.replace("{code}", code)}\r`);
  using host = testHost({ home, now, env, typed: keys });
  const world = structuredClone(WORLD);
  Object.assign(world.users[0]!, user);
  const emulator = startEmulator(host, world);
  host.env.AWS_ENDPOINT_URL = emulator.url;
  try {
    const exit = await run(["init", ...argv], { ...host, now: () => host.time }, strategies);
    assert(
      !host.printed.stderr.includes(KEY.secret) && !host.printed.terminal.includes(KEY.secret),
    );
    check({ code: exit, host, emulator });
  } finally {
    await emulator.stop();
  }
}

const ALICE = {
  config: `[profile alice]\nregion = eu-west-1\nmfa_serial = ${DEVICE.serial}\n` +
    `destination_profile = alice-temp\n`,
  credentials: `[alice]\naws_access_key_id = ${KEY.id}\naws_secret_access_key = ${KEY.secret}\n`,
};

Deno.test("init asks for a user's keys, looks up the MFA device, tests the profile, shows it and writes it", async () => {
  const typed = ["alice", "1", "eu-west-1", KEY.id, KEY.secret, "", "y", "{code}", ""];
  await init([], typed, ({ code, host, emulator }) => {
    assertEquals(code, 0, host.printed.stderr + host.printed.terminal);
    assertEquals(host.text(".aws/config"), ALICE.config);
    assertEquals(host.text(".aws/credentials"), ALICE.credentials);
    assertEquals(host.stat(host.path(".aws/credentials"))?.mode, PRIVATE_FILE);
    const calls = emulator.calls.map(({ action }) => action);
    assertEquals(calls, ["GetCallerIdentity", "ListMFADevices", "GetSessionToken"]);
    const { terminal } = host.printed;
    assertStringIncludes(terminal, "arn:aws:iam::123456789012:user/alice\n");
    assertStringIncludes(terminal, `MFA device: ${DEVICE.serial}\n`);
    assertStringIncludes(terminal, "works\n");
    assertStringIncludes(
      terminal,
      `${host.path(".aws/credentials")}\n@ 1\n+ [alice]\n+ aws_access_key_id = ${KEY.id}\n` +
        "+ aws_secret_access_key = ***\nWrite these changes? (Y/n) \n",
    );
    assertEquals(host.printed.stderr, "alice is ready: eac get alice\n");
  });
});

Deno.test("init writes a role and its new source profile, and tests them with one MFA code", async () => {
  const typed = [
    "prod",
    "2",
    "arn:aws:iam::123456789012:role/",
    ROLE,
    "alice",
    "-",
    "keys.csv",
    `${KEY.id}`,
    KEY.secret,
    "",
    "",
    "-",
    "",
    "{code}",
    "",
  ];
  await init([], typed, ({ code, host, emulator }) => {
    assertEquals(code, 0, host.printed.stderr + host.printed.terminal);
    assertEquals(
      host.text(".aws/config"),
      `[profile alice]\nmfa_serial = ${DEVICE.serial}\n` +
        `[profile prod]\nrole_arn = ${ROLE}\nsource_profile = alice\nmfa_serial = ${DEVICE.serial}\n`,
    );
    assertStringIncludes(
      host.printed.terminal,
      "arn:aws:iam::123456789012:role/NAME",
    );
    assertStringIncludes(host.printed.terminal, "keys.csv does not exist");
    const numbers = [...host.printed.terminal.matchAll(/^ {2}(\d+) {2}/gm)].map(([, n]) => n);
    assertEquals(numbers, numbers.map((_, index) => `${index + 1}`));
    assertEquals(emulator.calls.map(({ action }) => action).slice(-2), [
      "GetSessionToken",
      "AssumeRole",
    ]);
  });
});

Deno.test("init tests a role at once, without a code, where the device has a session", async () => {
  const now = Date.UTC(2026, 10, 23, 13);
  const typed = ["4", "2", ROLE, "", "", "", "", "", ""].map((line) => `${line}\r`);
  using host = testHost({
    home: { ".aws/config": ALICE.config, ".aws/credentials": ALICE.credentials },
    now,
    typed,
  });
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL = emulator.url;
  const eac = (...argv: string[]) => run(argv, { ...host, now: () => host.time }, strategies);
  try {
    const code = await totp(DEVICE.secret, now);
    assertEquals(await eac("get", "alice", "--mfa-token", code), 0, host.printed.stderr);
    assertEquals(await eac("init", "prod"), 0, host.printed.stderr + host.printed.terminal);
    const { terminal } = host.printed;
    assertStringIncludes(terminal, "type a number from 1 to 3\n");
    assertStringIncludes(terminal, "the profile works\n");
    assert(!/MFA code|Test the profile/.test(terminal), terminal);
    assertStringIncludes(host.text(".aws/config")!, `role_arn = ${ROLE}\n`);
  } finally {
    await emulator.stop();
  }
});

Deno.test("init writes a chained role, and suggests profiles with a role as its source", async () => {
  const home = {
    ".aws/config":
      `${ALICE.config}\n[profile hub]\nrole_arn = arn:aws:iam::123456789012:role/Open\n` +
      "source_profile = alice\n",
    ".aws/credentials": ALICE.credentials,
  };
  const typed = ["far", "3", "arn:aws:iam::123456789012:role/Chained", "", "", "", "", ""];
  await init([], typed, ({ code, host }) => {
    assertEquals(code, 0, host.printed.stderr + host.printed.terminal);
    assertStringIncludes(host.printed.terminal, "(hub): ");
    assertEquals(
      host.text(".aws/config"),
      `${home[".aws/config"]}[profile far]\nrole_arn = arn:aws:iam::123456789012:role/Chained\n` +
        "source_profile = hub\ndestination_profile = far-temp\n",
    );
    assertEquals(host.text(".aws/credentials"), home[".aws/credentials"]);
  }, { home });
});

Deno.test("init asks for the MFA device if IAM does not return it, and refuses a security key", async () => {
  const typed = [
    "alice",
    "1",
    "-",
    KEY.id,
    KEY.secret,
    "arn:aws:iam::123456789012:u2f/user/alice/key",
    DEVICE.serial,
    "-",
    "n",
    "n",
  ];
  await init([], typed, ({ code, host }) => {
    assertEquals(code, 0, host.printed.stderr + host.printed.terminal);
    const { terminal } = host.printed;
    assertStringIncludes(terminal, "IAM did not return the user's MFA device\n");
    assertStringIncludes(terminal, `ARN of the MFA device, such as ${DEVICE.serial}: `);
    assertStringIncludes(terminal, "STS does not accept security keys");
    assertStringIncludes(host.printed.stderr, "nothing was written");
    assertEquals(host.text(".aws/config"), undefined);
  }, { user: { denied: ["iam:ListMFADevices"] } });
});

Deno.test("init asks again after AWS rejects the keys, and does not write a failed profile by default", async () => {
  const wrong = KEY.secret.replace("wJ", "xJ");
  const typed = ["alice", "1", "-", KEY.id, wrong, KEY.id, KEY.secret, "-", "", "000000", "000000"];
  typed.push("000000", "");
  await init([], typed, ({ code, host }) => {
    assertEquals(code, 0, host.printed.stderr + host.printed.terminal);
    const { terminal } = host.printed;
    assertStringIncludes(
      terminal,
      "error: the secret access key does not match AKIAIOSFODNN7EXAMPLE",
    );
    assertStringIncludes(terminal, "error: this MFA code was already rejected");
    assertStringIncludes(terminal, "(y/N) ");
    assertEquals(host.text(".aws/credentials"), undefined);
    assert(!terminal.includes(wrong));
  });
});

Deno.test("init --yes takes everything from options and the IAM console's CSV file", async () => {
  const home = { "accessKeys.csv": CSV };
  await init(["alice", "--yes", "--csv", "accessKeys.csv"], undefined, ({ code, host }) => {
    assertEquals(code, 2);
    assertStringIncludes(host.printed.stderr, "accessKeys.csv does not exist");
  });
  using folder = testHost({ home });
  const csv = `${folder.home}/accessKeys.csv`;
  await init(
    ["alice", "-y", "--csv", csv, "--region", "eu-west-1", "-o", "alice-temp"],
    undefined,
    ({ code, host, emulator }) => {
      assertEquals(code, 0, host.printed.stderr);
      assertEquals(host.text(".aws/config"), ALICE.config);
      assertEquals(host.text(".aws/credentials"), ALICE.credentials);
      assertStringIncludes(host.printed.stderr, "--mfa-token");
      assertStringIncludes(host.printed.stderr, "+ aws_secret_access_key = ***\n");
      assertEquals(emulator.calls.length, 2);
    },
  );
});

Deno.test("init --yes takes a user's keys from the environment, and a role's settings from options", async () => {
  const env = { AWS_ACCESS_KEY_ID: KEY.id, AWS_SECRET_ACCESS_KEY: KEY.secret };
  await init(["alice", "--yes"], undefined, ({ code, host }) => {
    assertEquals(code, 0, host.printed.stderr);
    assertEquals(host.text(".aws/credentials"), ALICE.credentials);
  }, { env });
  const home = { ".aws/config": ALICE.config, ".aws/credentials": ALICE.credentials };
  const external = "arn:aws:iam::123456789012:role/External";
  const argv = ["ext", "--yes", "--role-arn", external, "--source", "alice"];
  await init([...argv, "--external-id", "partner-7"], undefined, ({ code, host }) => {
    assertEquals(code, 0, host.printed.stderr);
    assertStringIncludes(
      host.text(".aws/config")!,
      `\n[profile ext]\nrole_arn = ${external}\nsource_profile = alice\n` +
        `mfa_serial = ${DEVICE.serial}\nexternal_id = partner-7\n` +
        // What the source has, and what `eac get` needs.
        "region = eu-west-1\ndestination_profile = ext-temp\n",
    );
  }, { home });
  await init([...argv, "--external-id", "partner-8", "--mfa-token", "000000"], undefined, (all) => {
    assertEquals(all.code, 5);
    assertEquals(all.host.text(".aws/config"), ALICE.config);
  }, { home });
});

Deno.test("init --yes names the wrong value and the option that corrects it", async () => {
  const home = { ".aws/config": ALICE.config, ".aws/credentials": ALICE.credentials };
  const role = "arn:aws:iam::123456789012:role/External";
  for (
    const [argv, value, option] of [
      [["ext", "--role-arn", "External", "--source", "alice"], '"External"', "--role-arn"],
      [["ext", "--role-arn", role, "--source", "nobody"], '"nobody"', "--source"],
      [
        ["ext", "--role-arn", role, "--source", "alise"],
        '"alise"; did you mean alice?',
        "--source",
      ],
      [["ext", "--role-arn", role, "--source", "alice", "--region", "E U"], '"E U"', "--region"],
      [["e t", "--role-arn", role, "--source", "alice"], '"e t"', "NAME"],
    ] as const
  ) {
    await init([...argv, "--yes"], undefined, ({ code, host }) => {
      assertEquals(code, 2);
      const [error, hint] = host.printed.stderr.split("\n");
      assertStringIncludes(error!, value);
      assertMatch(error!, /[^;\s]$/);
      assertStringIncludes(hint!, option);
    }, { home });
  }
});

Deno.test("init changes an existing profile only with --force, and saves a backup", async () => {
  const home = {
    ".aws/config":
      "[profile alice]\nrole_arn = arn:aws:iam::123456789012:role/Old\nregion = eu-west-1\n",
    ".aws/credentials":
      "# keep\n[alice]\naws_access_key_id = AKIAOLDOLDOLDOLDOLD1\naws_secret_access_key = old\n",
  };
  const env = { AWS_ACCESS_KEY_ID: KEY.id, AWS_SECRET_ACCESS_KEY: KEY.secret };
  await init(["alice", "--yes"], undefined, ({ code, host }) => {
    assertEquals(code, 2);
    assertMatch(host.printed.stderr, /profile "alice" .*\(.*config:2\); --force/);
  }, { home, env });
  await init(["alice", "--yes", "--force"], undefined, ({ code, host }) => {
    assertEquals(code, 0, host.printed.stderr);
    assertEquals(
      host.text(".aws/config"),
      `[profile alice]\nregion = eu-west-1\nmfa_serial = ${DEVICE.serial}\n` +
        "destination_profile = alice-temp\n",
    );
    assertEquals(host.text(".aws/credentials"), `# keep\n${ALICE.credentials}`);
    const backup = host.list(host.path(".aws")).find((name) => name.includes("eac-backup"));
    assertEquals(host.text(`.aws/${backup}`), home[".aws/credentials"]);
  }, { home, env });
});

Deno.test("init fails without a terminal and names the options", async () => {
  await init([], undefined, ({ code, host }) => {
    assertEquals(code, 4);
    assertStringIncludes(host.printed.stderr, "eac init needs to prompt");
    assertStringIncludes(host.printed.stderr, "--yes");
  });
  await init(["--yes"], undefined, ({ code, host }) => {
    assertEquals(code, 2);
    assertStringIncludes(host.printed.stderr, "--yes requires NAME");
  });
});

Deno.test({
  name: "init does not echo the secret key after the process was suspended and resumed" +
    (NO_PTY ? ` (ignored: ${NO_PTY})` : ""),
  ignore: NO_PTY !== undefined,
  fn: async () => {
    using host = testHost();
    const [deno, ...args] = host.executable();
    const pidFile = host.path("pid");
    const command = `echo $$ >${word(pidFile)}; exec ${
      [deno!, ...args, "init", "alice"].map(word).join(" ")
    }`;
    const secret = "Secret access key (hidden): ";
    const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
    const env = { HOME: host.home, PATH: host.env.PATH!, DENO_DIR: denoDir };
    const { screen } = await onTerminal(`exec sh -c ${word(command)}`, [
      ["(1-3) ", "1\r"],
      ["Region", "-\r"],
      ["Access key ID", `${KEY.id}\r`],
      [secret, () => {
        // What a shell does: it resets the terminal, then continues the process.
        const pid = Number(host.text("pid"));
        const terminal = Deno.readLinkSync(`/proc/${pid}/fd/0`);
        new Deno.Command("stty", { args: ["-F", terminal, "sane"] }).outputSync();
        Deno.kill(pid, "SIGCONT");
      }],
      [secret, "SUPERSECRET\r"],
      [secret, "\x03"],
      ["interrupted", ""],
    ], env);
    assert(!screen.includes("SUPERSECRET"), screen);
  },
});

Deno.test("readKeyFile reads the formats of the IAM console", () => {
  const read = (text: string) => readKeyFile(new TextEncoder().encode(text));
  assertEquals(read(CSV), KEY);
  assertEquals(
    read(
      `User name,Password,Access key ID,Secret access key,Console login link\n` +
        `"alice",,"${KEY.id}","${KEY.secret}",https://x\n`,
    ),
    KEY,
  );
  assertEquals(read("Access key ID,Secret access key\n"), undefined);
  assertEquals(read("a,b\n1,2\n"), undefined);
  assertEquals(read(""), undefined);
});

Deno.test("changes shows the changed lines and masks secrets", () => {
  const shown = (before: string, after: string) =>
    changes(new TextEncoder().encode(before), new TextEncoder().encode(after));
  assertEquals(shown("[a]\n[b]\n[c]\n", "[a]\n[B]\n[c]\n"), ["@ 2", "- [b]", "+ [B]"]);
  assertEquals(shown("", "[a]\nx = 1\n"), ["@ 1", "+ [a]", "+ x = 1"]);
  assertEquals(shown("a\r\n", "a\r\n"), []);
  const before = `[bob]
#aws_secret_access_key = SECRET
; password=SECRET
x_principal_password = SECRET
aws_security_token = SECRET
aws_session_token = SECRET
 SECRET
\tSECRET
s3 =
  max_concurrent_requests = 20
mfa_process = oathtool --totp -b SECRET
credential_process = "/opt/my vault/vault" --password SECRET
sso_start_url: https://example.com/start
SECRET
region = eu-west-1
`;
  const lines = shown(before, "");
  assert(!lines.join("\n").includes("SECRET"), lines.join("\n"));
  const masked = ["# ***", "; ***", " ***", "\t***"];
  assertEquals(lines.filter((line) => masked.includes(line.slice(2))).length, 4, lines.join("\n"));
  for (
    const line of ["[bob]", "mfa_process = oathtool ***", "region = eu-west-1", "s3 ="]
  ) assert(lines.some((shown) => shown.trimEnd() === `- ${line}`), line);
  assertEquals(shown("aws_secret_access_key = old\n", "AWS_SECRET_ACCESS_KEY=new\n"), [
    "@ 1",
    "- aws_secret_access_key = ***",
    "+ AWS_SECRET_ACCESS_KEY=***",
  ]);
});
