/** The whole program on a pseudo-terminal: what the user sees, line by line. */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import { realHost } from "../../lib/host/real.ts";
import { screenOf, textOf } from "../../scripts/screen.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";
import { installEac } from "../support/program.ts";
import { NO_PTY, onTerminal, type Session } from "../support/pty.ts";
import { DEVICE, WORLD } from "../support/world.ts";

const ROLE = "arn:aws:iam::123456789012:role";
const HOME = {
  ".aws/config": `[profile alice]
mfa_serial = ${DEVICE.serial}
destination_profile = alice-temp

[profile production]
role_arn = ${ROLE}/Mfa
source_profile = alice
mfa_serial = ${DEVICE.serial}
destination_profile = production-temp
region = eu-west-1

[profile staging]
role_arn = ${ROLE}/Open
source_profile = alice
`,
  ".aws/credentials": `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`,
};

/** What a test has at hand. */
interface Stage {
  readonly home: string;
  /** The device's code, `steps` of 30 seconds from now. */
  code(steps?: number): Promise<string>;
  /** Types a command line at a terminal of that size, then the input of the turns. */
  type(
    line: string,
    turns?: readonly (readonly [wait: string, type: string])[],
    options?: { columns?: number; env?: Record<string, string> },
  ): Promise<Session & { readonly shown: string; shot(index: number): string }>;
}

function onScreen(
  name: string,
  test: (stage: Stage) => Promise<void>,
  { delay = 0 }: { delay?: number } = {},
): void {
  Deno.test({
    name: `${name}${NO_PTY ? ` (ignored: ${NO_PTY})` : ""}`,
    ignore: NO_PTY !== undefined,
    async fn() {
      using host = testHost({ home: HOME });
      const emulator = startEmulator(realHost(), WORLD, { serverDelay: delay });
      const env = {
        ...installEac(host),
        AWS_ENDPOINT_URL: emulator.url,
        // The environment of this machine or of CI must not matter.
        ...{ CI: "", AWS_PROFILE: "", AWS_ACCESS_KEY_ID: "", NO_COLOR: "1", TZ: "UTC" },
      };
      try {
        await test({
          home: host.home,
          code: (steps = 0) => totp(DEVICE.secret, Date.now() + steps * 30_000),
          async type(line, turns = [], { columns = 80, env: more = {} } = {}) {
            const command = `stty cols ${columns} rows 24; ${line}`;
            const session = await onTerminal(command, turns, { ...env, ...more });
            const show = (output: string) => textOf(screenOf(output, columns));
            return {
              ...session,
              shown: show(session.screen),
              shot: (index) => show(session.shots[index] ?? ""),
            };
          },
        });
      } finally {
        await emulator.stop();
      }
    },
  });
}

onScreen("eac picks a profile by a part of its role, and gets it", async (stage) => {
  const { shot, shown } = await stage.type("eac", [
    ["staging", ""],
    ["select", "role/mf"],
    ["role/mf", ""],
    ["select", "\r"],
    ["): ", `${await stage.code()}\r`],
  ]);
  assertEquals(
    shot(1),
    `Profile
❯ alice                         MFA  -> alice-temp     session-token
  production  Mfa 123456789012  MFA  -> production-t…  assume-role    eu-west-1
  staging     Open 1234567890…                         assume-role

type to search, ↑↓ move, ⏎ select`,
  );
  assertStringIncludes(shot(3), "Profile role/mf\n❯ production ");
  assert(!shot(3).includes("staging"));
  // The picker is gone from the screen.
  assertMatch(shown, /^MFA code for alice .*: \d{6}\nproduction -> production-temp, expires .*$/);
});

onScreen("eac get --keep asks where to store, and Ctrl-C leaves an empty line", async (stage) => {
  const { code, shown, screen } = await stage.type("eac get staging --keep", [
    ["instead)? ", "mine\r"],
    ["until Ctrl-C", "\x03"],
  ], { columns: 100 });
  assertEquals(code, 130);
  assertMatch(
    shown,
    /^Store "staging" in which profile, such as staging-temp \(Enter: print instead\)\? mine$/m,
  );
  assertMatch(screen, /\^C\r?\n$/);
});

onScreen("eac exec says whose credentials its shell has, and until when", async (stage) => {
  const shell = async (options: string) =>
    (await stage.type(`SHELL=/bin/true eac exec staging ${options}`)).shown;
  assertMatch(
    await shell(""),
    /^staging -> a new shell, expires \d\d:\d\d \(in \d+ min\)$/,
  );
  assertEquals(await shell("--serve"), "staging -> a new shell, renewed until it exits");
  assertEquals([await shell("--quiet"), await shell("-- true")], ["", ""]);
});

for (const command of ["use --format json", "get --print --format json", "exec"]) {
  onScreen(
    `eac ${command} asks for another profile where eac exported the last one`,
    async (stage) => {
      const env = {
        EAC_PROFILE: "staging",
        AWS_ACCESS_KEY_ID: "AKIA1",
        AWS_SECRET_ACCESS_KEY: "s",
      };
      const turns = [["production", ""], ["select", "\x03"]] as const;
      const { code, shot } = await stage.type(`eac ${command}`, turns, { env });
      assertEquals(code, 130);
      assertStringIncludes(shot(1), "Profile\n❯ alice ");
    },
  );
}

onScreen("eac shows the one used last first, and fits 40 columns", async (stage) => {
  const { code } = await stage.type("eac exec staging -- true");
  assertEquals(code, 0);
  const turns = [["production", ""], ["select", "\x03"]] as const;
  const { shot, screen } = await stage.type("eac", turns, { columns: 40 });
  assertEquals(
    shot(1).replace(/\d+ (min|h) left/, "<LEFT>"),
    `Profile
❯ staging     <LEFT>  Open 123456…
  alice
  production               Mfa 1234567…

type to search, ↑↓ move, ⏎ select`,
  );
  assertEquals(textOf(screenOf(screen, 40)), "error: interrupted");
});

onScreen("eac numbers the profiles on a dumb terminal", async (stage) => {
  const { shown } = await stage.type("eac explain", [["name) ", "7\r"], ["name) ", "staging\r"]], {
    env: { TERM: "dumb" },
  });
  assertStringIncludes(shown, "1  alice ");
  assertStringIncludes(shown, "3  staging ");
  assertStringIncludes(shown, "that profile is not in the list");
  assertStringIncludes(shown, "\nstaging  assume-role\n|- base  keys of ");
});

onScreen(
  "eac get asks again after a wrong code, and says how many tries are left",
  async (stage) => {
    const right = await stage.code();
    const wrong = right === "000000" ? "000001" : "000000";
    const { code, shown } = await stage.type("eac get alice", [
      [": ", "12345\r"],
      [": ", `${wrong}\r`],
      ["left)\r\n", ""],
      [": ", `${right}\r`],
    ]);
    assertEquals(code, 0);
    const question = `MFA code for alice (${DEVICE.serial}): `;
    assertEquals(shown.split("\n").slice(0, 5), [
      `${question}12345`,
      "an MFA code has six digits",
      `${question}${wrong}`,
      "AWS rejected the code; each code works only once (2 tries left)",
      `${question}${right}`,
    ]);
  },
);

onScreen(
  "eac shows a spinner while AWS takes its time, and nothing of it afterwards",
  async (stage) => {
    const { screen, shown } = await stage.type("eac get staging --print --format dotenv");
    assertMatch(screen, /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] assuming arn:aws:iam::123456789012:role\/Open/);
    assertMatch(shown, /^AWS_ACCESS_KEY_ID=ASIA/);
    const quiet = await stage.type("eac get staging --print --no-cache 2>&1 >/dev/null | cat");
    assertEquals(quiet.shown, "");
  },
  { delay: 700 },
);

onScreen("eac get shows a bar for many profiles", async (stage) => {
  const { screen, shown } = await stage.type("eac get --all", [[": ", `${await stage.code()}\r`]]);
  assertMatch(screen, /[█░]{20} [01]\/2 /);
  assertEquals(shown.split("\n").map((line) => line.split(",")[0]).slice(1), [
    "alice -> alice-temp",
    "production -> production-temp",
  ]);
}, { delay: 700 });

onScreen("eac waits for the next code, and counts the seconds down", async (stage) => {
  const step = () => Math.floor(Date.now() / 30_000);
  for (let tries = 1;; tries++) {
    const began = step();
    const env = { EAC_MFA_PROCESS: `printf ${await stage.code()}` };
    const first = await stage.type("eac get alice --refresh", [], { env });
    assertEquals(first.code, 0, first.shown);
    try {
      const { shot } = await stage.type("eac get alice --refresh", [["waiting", "\x03"]], { env });
      assertMatch(shot(0), /the current code of .* was used; waiting/);
      return;
    } catch (error) {
      // If the time step has just ended there is nothing to wait for.
      if (step() === began || tries === 3) throw error;
    }
  }
});

onScreen("eac list --watch fills the screen and gives it back at Ctrl-C", async (stage) => {
  const { code, shot, shown } = await stage.type("echo before; eac list --watch", [
    ["production-temp", ""],
    ["staging", "\x03"],
  ]);
  assertEquals(code, 130);
  assertStringIncludes(shot(1), "PROFILE       STRATEGY");
  assertEquals(shown, "before");
});

onScreen(
  "eac prints an error and its hint in two lines, and no line of help is wrapped",
  async (stage) => {
    const error = await stage.type("eac get prodction");
    assertEquals(
      error.shown,
      'error: there is no profile "prodction"\nhint: did you mean production?',
    );
    assertEquals(error.code, 3);
    const help = await stage.type("eac get --help");
    assert(help.shown.split("\n").every((line) => line.length <= 80));
  },
);

onScreen("eac init writes a first profile by a few answers", async (stage) => {
  const { shown, code } = await stage.type("rm ~/.aws/*; eac init", [
    ["profile: ", "bob\r"],
    ["(1-3) ", "1\r"],
    ["Region", "\r"],
    ["console: ", "AKIA111111111EXAMPLE\r"],
    ["hidden): ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY\r"],
    ["none): ", "\r"],
    ["(Y/n) ", "n\r"],
    ["(Y/n) ", "\r"],
  ]);
  assertEquals(code, 0, shown);
  assert(!shown.includes("bPxRfiCYzEXAMPLEKEY"));
  assertStringIncludes(shown, "arn:aws:iam::123456789012:user/bob");
  assertStringIncludes(shown, "bob is ready: eac get bob");
});
