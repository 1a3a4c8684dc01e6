/**
 * A home folder with custom strategies, and eac run in it as a user runs it.
 *
 * @module
 */

import { type Call, startEmulator } from "../../lib/emulator/emulator.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { type TestHost, testHost, type TestHostOptions } from "./fakes.ts";
import { WORLD } from "./world.ts";

/** The folder of strategies, below HOME. */
export const FOLDER = ".aws/eac/strategies";

/** What the test hosts' clock makes of "in an hour". */
export const IN_AN_HOUR = "2026-11-23T14:00:00Z";

/** The keys of alice, who may assume the role Open. */
export const ALICE = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

/** Credentials that no STS knows, as JSON. */
export const ANSWER = JSON.stringify({
  AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
  SecretAccessKey: "secret-of-the-strategy",
  SessionToken: "token-of-the-strategy",
  Expiration: IN_AN_HOUR,
});

let denoDir: string | undefined;

/** Modules run in a separate Deno process, which would look for packages below this HOME. */
function cacheFolder(): string {
  if (denoDir !== undefined) return denoDir;
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  return denoDir = String(JSON.parse(new TextDecoder().decode(stdout)).denoDir);
}

/** A machine with these strategies (a name without an ending: executable) and this config. */
export function strategyHost(
  files: Readonly<Record<string, string>>,
  config: string,
  { env, ...options }: TestHostOptions = {},
): TestHost {
  const home: Record<string, string> = { ".aws/config": config, ".aws/credentials": ALICE };
  for (const [name, text] of Object.entries(files)) home[`${FOLDER}/${name}`] = text;
  const host = testHost({ ...options, env: { DENO_DIR: cacheFolder(), ...env }, home });
  for (const name of Object.keys(files)) {
    if (!name.includes(".")) Deno.chmodSync(host.path(`${FOLDER}/${name}`), 0o700);
  }
  return host;
}

/** The result of a run. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs eac once. */
export async function eac(host: TestHost, ...argv: string[]): Promise<Ended> {
  const output = { stdout: "", stderr: "" };
  const at: TestHost = {
    ...host,
    now: () => host.time,
    stdout: { isTerminal: false, write: (text) => void (output.stdout += text) },
    stderr: { isTerminal: false, write: (text) => void (output.stderr += text) },
  };
  const code = await run(argv, at, strategies);
  return { code, ...output };
}

/** Runs a test with an STS that the host uses. */
export async function withSts<T>(
  host: TestHost,
  work: (calls: readonly Call[]) => Promise<T>,
): Promise<T> {
  const emulator = startEmulator({ ...host, now: () => host.time }, WORLD);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    return await work(emulator.calls);
  } finally {
    await emulator.stop();
  }
}

/** An executable that describes itself and gets credentials by lines of shell. */
export function script(description: Readonly<Record<string, unknown>>, obtain: string): string {
  const all = { api: 1, name: "box", summary: "a box", needs: [["box"]], ...description };
  return `#!/bin/sh
case $EAC_REQUEST in
describe) printf '%s\\n' '${JSON.stringify(all)}' ;;
obtain)
${obtain}
;;
esac
`;
}

/** A module that gets credentials by the body of a function of `request` and `context`. */
export function obtainModule(body: string, more = ""): string {
  return `export default {
  api: 1, name: "box", summary: "a box", needs: [["box"]], ${more}
  async obtain(request, context) { ${body} },
};
`;
}
