/**
 * The commands of docs/vaults.md: each with a mock that prints what the vault's documentation shows, and
 * installed vaults also for real, in a separate home.
 */

import { totp } from "../../lib/emulator/totp.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import type { TestHost } from "../support/fakes.ts";
import { type Machine, machineWith } from "../support/machine.ts";
import { posixShellTest } from "../support/posix.ts";
import { DEVICE } from "../support/world.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/vaults.md", import.meta.url));

/** The command of each vault, by its name in the table. */
const COMMANDS = new Map(
  [...PAGE.matchAll(/^\| ([\w-]+) +\| `(\S+ .+?)` +\|$/gm)].map(([, name, line]) => [name!, line!]),
);
const CONFIG = /^```ini\n(.*?)^```/ms.exec(PAGE)![1]!.replace("role/Deploy", "role/Mfa2");
const KEY = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const ITEM = JSON.stringify({ Version: 1, AccessKeyId: KEY.id, SecretAccessKey: KEY.secret });

/** What the program is expected to be called with, and what it prints then. */
const PRINTS: Readonly<Record<string, string>> = {
  pass: `${ITEM}\n`,
  gopass: ITEM,
  // The template of the page with its fields filled in.
  "1Password": [...PAGE.matchAll(/^```json\n(.*?)^```/gms)][1]![1]!
    .replace(/\{\{ .*access key id \}\}/, KEY.id).replace(/\{\{ .* \}\}/, KEY.secret),
  // cli/export.go of aws-vault: json.MarshalIndent of its credential_process output.
  "aws-vault": JSON.stringify(JSON.parse(ITEM), null, 2) + "\n",
  Bitwarden: ITEM,
};

/** A machine with the page's profiles on this command. */
function machineFor(command: string): Machine {
  const config = CONFIG.replace(/credential_process = .*/, `credential_process = ${command}`);
  return machineWith({ home: { ".aws/config": config } });
}

/** One code gets the session and the role, and the vault's keys are not passed on. */
async function check({ eac, host, calls }: Machine): Promise<void> {
  const refused = await eac("process", "alice", "--no-input");
  assertEquals([refused.exit, refused.stdout], [4, ""], refused.stderr);
  const code = await totp(DEVICE.secret, host.time);
  const role = await eac("process", "deploy", "--mfa-token", code);
  assertEquals(role.exit, 0, role.stderr);
  const session = await eac("process", "alice", "--no-input");
  assertEquals(session.exit, 0, session.stderr);
  for (const { stdout } of [role, session]) assertMatch(stdout, /"AccessKeyId":"ASIA/);
  assertEquals(calls(), ["GetSessionToken", "AssumeRole"]);
  const { stdout } = await eac("explain", "alice");
  assertMatch(stdout, /credential_process of "alice": long-lived keys/);
}

Deno.test("docs/vaults.md has a command for each vault that is tested here", () => {
  assertEquals([...COMMANDS.keys()].sort(), Object.keys(PRINTS).sort());
  assert(CONFIG.includes(`credential_process = ${COMMANDS.get("pass")}`));
});

for (const [name, command] of COMMANDS) {
  posixShellTest(
    `the command of docs/vaults.md for ${name} is a base for MFA and roles`,
    async () => {
      await using on = machineFor(command);
      const [program, ...args] = command.split(" ");
      on.host.write("output", PRINTS[name]!);
      on.host.write(
        `bin/${program}`,
        `#!/bin/sh\n[ "$*" = '${args.join(" ")}' ] || exit 9\ncat '${on.host.home}/output'\n`,
      );
      Deno.chmodSync(on.host.path(`bin/${program}`), 0o700);
      on.host.env.PATH = `${on.host.home}/bin:${on.host.env.PATH}`;
      await check(on);
    },
  );
}

/** Runs a program in the machine's home, with this input. */
async function inHome(host: TestHost, line: string, input = ""): Promise<void> {
  const child = new Deno.Command("sh", {
    args: ["-c", line],
    clearEnv: true,
    env: Object.fromEntries(
      Object.entries(host.env).filter(([, value]) => value !== undefined),
    ) as Record<string, string>,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stderr } = await child.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

/** Tests a vault that is installed here. Debian's package gopass is another program. */
function realVault(
  name: string,
  programs: readonly string[],
  setUp: (on: Machine) => Promise<void>,
  tearDown: (on: Machine) => Promise<void> = () => Promise.resolve(),
): void {
  const missing = Deno.build.os === "windows"
    ? programs
    : programs.filter((program) => !hasProgram(program));
  const reason = missing.length > 0 ? ` (ignored: no ${missing.join(", no ")})` : "";
  Deno.test({
    name: `${name} itself is a base for MFA and roles${reason}`,
    ignore: missing.length > 0,
    async fn() {
      await using on = machineFor(COMMANDS.get(name)!);
      try {
        await setUp(on);
        await check(on);
      } finally {
        await tearDown(on);
      }
    },
  });
}

function hasProgram(program: string): boolean {
  const { success } = new Deno.Command("sh", {
    args: ["-c", `${program} --version`],
    env: { HOME: "/dev/null" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success;
}

const newKey = "mkdir -m 700 .gnupg && " +
  "gpg --batch --quiet --passphrase '' --quick-gen-key eac@example.com default default never";

/** A password store with a separate key, and the item that a command reads from stdin. */
const storeBy = (command: string) => async ({ host }: Machine) => {
  host.env.GNUPGHOME = host.path(".gnupg");
  host.env.PASSWORD_STORE_DIR = host.path(".password-store");
  await inHome(host, `cd && ${newKey} && pass init eac@example.com`);
  await inHome(host, command, `${ITEM}\n`);
};

const endAgent = ({ host }: Machine) => inHome(host, "gpgconf --kill all");

realVault("pass", ["pass", "gpg"], storeBy("pass insert --multiline aws/alice"), endAgent);

realVault(
  "gopass",
  ["gopass", "pass", "gpg"],
  storeBy("gopass insert --multiline aws/alice"),
  endAgent,
);

realVault("aws-vault", ["aws-vault"], async ({ host }) => {
  Object.assign(host.env, { AWS_VAULT_BACKEND: "file", AWS_VAULT_FILE_PASSPHRASE: "passphrase" });
  await inHome(
    host,
    `AWS_ACCESS_KEY_ID=${KEY.id} AWS_SECRET_ACCESS_KEY=${KEY.secret} aws-vault add --env alice`,
  );
});
