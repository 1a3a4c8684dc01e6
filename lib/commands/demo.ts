/**
 * `eac demo`: a tour with a built-in STS and a temporary home folder.
 *
 * @module
 */

import { join } from "../config/locations.ts";
import type { Context } from "../context.ts";
import { EacError } from "../errors.ts";
import type { Host, TerminalDevice } from "../host/host.ts";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import { totp } from "../emulator/totp.ts";
import type { WorldDescription } from "../emulator/world.ts";
import { makeStyle, type Style, usesColor } from "../terminal/style.ts";

const DEVICE = "arn:aws:iam::123456789012:mfa/alice";
const DEVICE_SECRET = "JBSWY3DPEHPK3PXP";

/**
 * AWS's documented example account: a user with MFA, a role that requires it, and a role that is
 * assumed from that role.
 */
const WORLD: WorldDescription = {
  users: [{
    arn: "arn:aws:iam::123456789012:user/alice",
    accessKeys: [{
      id: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }],
    mfaDevices: [{ serial: DEVICE, secret: DEVICE_SECRET }],
  }],
  roles: [
    {
      arn: "arn:aws:iam::123456789012:role/Deploy",
      trust: { principals: ["arn:aws:iam::123456789012:user/alice"], mfa: true },
    },
    {
      arn: "arn:aws:iam::210987654321:role/Audit",
      trust: { principals: ["arn:aws:iam::123456789012:role/Deploy"] },
    },
  ],
};

const CONFIG = `[profile alice]
mfa_serial = ${DEVICE}
destination_profile = alice-temp

[profile deploy]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = alice
mfa_serial = ${DEVICE}
destination_profile = deploy-temp

[profile audit]
role_arn = arn:aws:iam::210987654321:role/Audit
source_profile = deploy
destination_profile = audit-temp
`;

const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** Runs the command. */
export async function run(context: Context): Promise<number> {
  const { host, options } = context;
  const style = makeStyle(usesColor(host.stdout, host, options.color));
  const home = host.makeTempFolder();
  const emulator = startEmulator(host, WORLD);
  try {
    await tour(context, demoHost(host, home, emulator), style);
    host.stdout.write(
      `\nThat was all of it: ${emulator.calls.length} calls over HTTP to an STS on this machine, ` +
        `whose\nhome ${home} is gone now. Your own files were not touched.\n`,
    );
    return 0;
  } finally {
    await emulator.stop();
    host.removeFolder(home);
  }
}

async function tour(context: Context, host: Host, style: Style): Promise<void> {
  const say = (text: string) => host.stdout.write(`\n${style.bold(text)}\n`);
  // Without a reader, as in `eac demo | head`, there is nothing to show, and nothing fails.
  const hasReader = () => host.stdout.isOpen !== false;
  const type = async (...argv: string[]) => {
    const [prompt, quote] = host.os === "windows" ? [">", '"'] : ["$", "'"];
    if (!hasReader()) return;
    const words = argv.map((word) => /\s/.test(word) ? quote + word + quote : word);
    host.stdout.write(`${style.cyan(`${prompt} eac ${words.join(" ")}`)}\n`);
    const code = await context.runLine(argv, host);
    if (code !== 0 && hasReader()) {
      throw new EacError("internal", `a step of the demo exited with ${code}`);
    }
  };

  say("This home folder has an IAM user's keys, a role that requires MFA, and a chained role:");
  host.stdout.write(style.dim(CONFIG.replace(/^(?=.)/gm, "    ")));

  say("List the profiles and what each needs:");
  await type("list");

  say("Explain what eac would do for the last one:");
  await type("explain", "audit");

  say("One MFA code is enough for all three: the user's session, the role and the chained role.");
  await type("get", "alice", "deploy", "audit");

  say("The second time eac does not ask for a code: the credentials are still valid.");
  await type("get", "deploy");

  say("Every AWS tool can now use --profile audit-temp. Its identity:");
  await type("whoami", "audit-temp");

  say("Or run a single command with the credentials:");
  await type("exec", "deploy", "--", ...SHOW_ENV[host.os]);
}

/** A command that shows a child's environment without secrets. */
const SHOW_ENV = {
  linux: ["sh", "-c", "echo $EAC_PROFILE has $AWS_ACCESS_KEY_ID until $AWS_CREDENTIAL_EXPIRATION"],
  darwin: ["sh", "-c", "echo $EAC_PROFILE has $AWS_ACCESS_KEY_ID until $AWS_CREDENTIAL_EXPIRATION"],
  windows: ["cmd", "/c", "echo %EAC_PROFILE% has %AWS_ACCESS_KEY_ID%"],
} as const;

/**
 * The same Host with another home folder, the emulator as STS, and codes that are typed
 * automatically.
 */
function demoHost(host: Host, home: string, emulator: Emulator): Host {
  const aws = join(host.os, home, ".aws");
  host.makeFolder(aws, 0o700);
  const write = (name: string, text: string) =>
    host.createFile(join(host.os, aws, name), new TextEncoder().encode(text), 0o600);
  write("config", CONFIG);
  write("credentials", CREDENTIALS);
  const { PATH, SYSTEMROOT, TERM, LANG } = host.env;
  return {
    ...host,
    env: {
      HOME: home,
      AWS_ENDPOINT_URL_STS: emulator.url,
      AWS_REGION: "us-east-1",
      PATH,
      SYSTEMROOT,
      TERM,
      LANG,
    },
    stderr: host.stdout,
    openTerminal: () => typist(host),
    // The demo is one run: it must not drop permissions that its next step needs.
    narrow() {},
    // A signal ends the demo, not just one step.
    onSignal: () => () => {},
  };
}

/** Types the MFA device's current code. */
function typist(host: Host): TerminalDevice {
  return {
    async read() {
      return new TextEncoder().encode(`${await totp(DEVICE_SECRET, host.now())}\r`);
    },
    write: (text) => host.stdout.write(text),
    setRaw() {},
    size: () => ({ columns: 100, rows: 30 }),
    close() {},
  };
}
