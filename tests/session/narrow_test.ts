/** The permissions that a command drops after planning. */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import type { Needs } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { testHost, type TestHostOptions } from "../support/fakes.ts";
import { CORP_SESSION, corpProfile } from "../support/sign_in_services.ts";
import { WORLD } from "../support/world.ts";

const CONFIG = `[profile open]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = alice
[profile program]
credential_process = /bin/false
[profile code]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = arn:aws:iam::123456789012:mfa/alice
mfa_process = /bin/false
${CORP_SESSION}${corpProfile("corp")}`;
const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
[temporary]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
aws_session_token = IQoJb3JpZ2luX2IQoJb3JpZ2luX2
`;

/** The permissions that a command still has. */
const LEFT: Readonly<Record<string, Needs>> = {
  "list": { net: false, run: false, ask: false },
  "explain open": { net: false, run: false, ask: false },
  "link open linked": { net: false, run: false, ask: false },
  "clear --all": { net: false, run: false, ask: false },
  "process temporary": { net: false, run: false, ask: true },
  "process open": { net: true, run: false, ask: true },
  "process program": { net: true, run: true, ask: true },
  "process code": { net: true, run: true, ask: true },
  "console open --print": { net: true, run: false, ask: true },
  "exec open -- /bin/true": { net: true, run: true, ask: true },
};

Deno.test("a command that may open a browser for a sign-in can still run programs", async () => {
  const desktop = { env: { DISPLAY: ":0" }, typed: "n\r" };
  const table: [line: string, options: TestHostOptions, run: boolean][] = [
    ["env corp", desktop, true],
    ["env corp", { env: { DISPLAY: ":0" } }, false],
    ["env corp -q", desktop, false],
    ["env open", desktop, false],
    ["process corp", desktop, false],
    ["login corp", desktop, true],
    ["login corp --no-browser", desktop, false],
  ];
  for (const [line, options, run] of table) {
    const left = await narrowedOn(options, line.split(" "));
    assertEquals([line, left?.net, left?.run], [line, true, run]);
  }
});

for (const [line, left] of Object.entries(LEFT)) {
  const needs = Object.entries(left).filter(([, need]) => need).map(([name]) => name);
  Deno.test(`${line} gives up all but: ${needs.join(", ") || "nothing"}`, async () => {
    const given = await narrowed(line.split(" "));
    assertEquals(given, left);
  });
}

Deno.test("process whose credentials are cached gives up the network, programs and the terminal", async () => {
  assertEquals(await narrowed(["process", "open"], ["process", "open"]), {
    net: false,
    run: false,
    ask: false,
  });
});

/** The permissions that the last of these runs keeps. */
function narrowed(...runs: readonly (readonly string[])[]): Promise<Needs | undefined> {
  return narrowedOn({}, ...runs);
}

async function narrowedOn(
  options: TestHostOptions,
  ...runs: readonly (readonly string[])[]
): Promise<Needs | undefined> {
  const home = { ".aws/config": CONFIG, ".aws/credentials": CREDENTIALS };
  using host = testHost({ home, ...options });
  const emulator = startEmulator(host, WORLD);
  host.env.AWS_ENDPOINT_URL = emulator.url;
  let last: Needs | undefined;
  try {
    for (const argv of runs) {
      last = undefined;
      await run(argv, { ...host, narrow: (needs) => void (last = needs) }, strategies);
    }
  } finally {
    await emulator.stop();
  }
  return last;
}
