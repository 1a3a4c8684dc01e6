/**
 * The home in which each check of the compiled program runs: two roles, and an STS that knows them.
 *
 * @module
 */

import { join } from "../../lib/config/locations.ts";
import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { WorldDescription } from "../../lib/emulator/world.ts";
import { realHost } from "../../lib/host/real.ts";
import { assertEquals } from "../../tests/support/assert.ts";

export const WINDOWS = Deno.build.os === "windows";
/** Set by `deno task platforms` where qemu runs the program, which then starts more slowly. */
export const EMULATED = Deno.env.has("EAC_SMOKE_EMULATED");
/** On Windows, with a space and a non-ASCII letter, as in user names there. */
const PREFIX = WINDOWS ? "eac smoke é " : "eac-smoke-";
export const SERIAL = "arn:aws:iam::123456789012:mfa/alice";
export const DEVICE = "JBSWY3DPEHPK3PXP";
export const KEY = {
  id: "AKIAIOSFODNN7EXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

export const CONFIG = `[profile deploy]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = alice
mfa_serial = ${SERIAL}
destination_profile = deploy-temp
region = eu-central-1

[profile audit]
role_arn = arn:aws:iam::123456789012:role/audit
source_profile = deploy
destination_profile = audit-temp
`;

export const CREDENTIALS = `[alice]
aws_access_key_id = ${KEY.id}
aws_secret_access_key = ${KEY.secret}
`;

const account = { principals: ["123456789012"] };

/** The user of these keys, and the roles. */
export const WORLD: WorldDescription = {
  users: [{
    arn: "arn:aws:iam::123456789012:user/alice",
    accessKeys: [KEY],
    mfaDevices: [{ serial: SERIAL, secret: DEVICE }],
  }],
  roles: [
    { arn: "arn:aws:iam::123456789012:role/deploy", trust: { ...account, mfa: true } },
    { arn: "arn:aws:iam::123456789012:role/audit", trust: account },
  ],
};

/** The result of a run. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home with two roles, an STS that knows them, and the program. */
export interface Home {
  readonly program: string;
  readonly folder: string;
  readonly emulator: Emulator;
  readonly env: Readonly<Record<string, string>>;
  /** Runs the program. */
  eac(...args: string[]): Promise<Ended>;
  /** Runs the program with more variables. */
  eacWith(more: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended>;
  /** Runs the program with the device's current code. */
  eacWithCode(...args: string[]): Promise<Ended>;
  /** The device's current code. */
  code(): Promise<string>;
  /** Gets and caches `deploy`, so that later runs find it valid. */
  warm(): Promise<void>;
  read(path: string): string;
}

/** A check of the program. */
export interface Check {
  readonly name: string;
  /** Why it cannot run on this machine. */
  readonly skip?: string | undefined;
  run(home: Home): Promise<unknown>;
}

/** Runs a program with exactly this environment, and no input. */
export async function start(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Ended> {
  const child = new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Waits until another process has written this many lines to a file, and returns them. */
export async function written(path: string, count: number): Promise<string[]> {
  for (;;) {
    try {
      const lines = Deno.readTextFileSync(path).split("\n");
      if (lines.length > count) return lines.slice(0, count);
    } catch {
      // Not written yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a check in a new home, then inspects what the program left there. */
export async function inHome(program: string, check: Check["run"]): Promise<void> {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: PREFIX }));
  const folder = join(realHost().os, root, "home");
  const temp = join(realHost().os, root, "temp");
  // A start under qemu may take longer than a code is valid: there the clock of STS and of the MFA device
  // stands still.
  const began = Date.now();
  const now = EMULATED ? () => began : Date.now;
  const emulator = startEmulator({ ...realHost(), now }, WORLD);
  const env: Record<string, string> = {
    HOME: folder,
    USERPROFILE: folder,
    TMPDIR: temp,
    TEMP: temp,
    TMP: temp,
    PATH: Deno.env.get("PATH") ?? "",
    SystemRoot: Deno.env.get("SystemRoot") ?? "",
    // Without it, Windows finds no program by its bare name.
    ...(WINDOWS ? { PATHEXT: Deno.env.get("PATHEXT") ?? "" } : {}),
    AWS_ENDPOINT_URL_STS: emulator.url,
    AWS_ENDPOINT_URL_IAM: emulator.url,
    NO_COLOR: "1",
  };
  const code = () => totp(DEVICE, now());
  const home: Home = {
    program,
    folder,
    emulator,
    env,
    code,
    eac: (...args) => start(program, args, env),
    eacWith: (more, ...args) => start(program, args, { ...env, ...more }),
    eacWithCode: async (...args) => start(program, args, { ...env, EAC_MFA_TOKEN: await code() }),
    async warm() {
      const { code, stderr } = await home.eacWithCode("process", "deploy");
      assertEquals(code, 0, stderr);
    },
    read: (path) => Deno.readTextFileSync(`${folder}/${path}`),
  };
  try {
    Deno.mkdirSync(`${folder}/.aws`, { recursive: true });
    Deno.mkdirSync(temp);
    Deno.writeTextFileSync(`${folder}/.aws/config`, CONFIG);
    Deno.writeTextFileSync(`${folder}/.aws/credentials`, CREDENTIALS, { mode: 0o600 });
    await check(home);
    assertEquals([...Deno.readDirSync(temp)], [], "left in the temporary folder");
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name), [".aws"]);
  } finally {
    await emulator.stop();
    Deno.removeSync(root, { recursive: true });
  }
}
