/** `eac explain` as the user sees it: a tree with the place of every value, and the reasons. */

import { startEmulator } from "../../../lib/emulator/emulator.ts";
import { totp } from "../../../lib/emulator/totp.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { testHost } from "../../support/fakes.ts";
import { DEVICE, WORLD } from "../../support/world.ts";

const HOME = {
  ".aws/config": `[profile mfa]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = ${DEVICE.serial}

[profile far]
role_arn = arn:aws:iam::123456789012:role/Chained
source_profile = mfa
destination_profile = far-temp
s3 =
  region = eu-west-1

[profile long]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = ${DEVICE.serial}
duration_seconds = 14400
`,
  ".aws/credentials": `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`,
};

const SERIAL = DEVICE.serial;
const TREE = `far  chained-role
|- base  keys of "alice"
|  |- aws_access_key_id      AKIAIOSFODNN7EXAMPLE                    <HOME>/.aws/credentials:2
|  \`- aws_secret_access_key  ***                                     <HOME>/.aws/credentials:3
|- role  "mfa"
|  |- role_arn               arn:aws:iam::123456789012:role/Mfa      <HOME>/.aws/config:2
|  |- source_profile         alice                                   <HOME>/.aws/config:3
|  \`- mfa_serial             ${SERIAL}     <HOME>/.aws/config:4
|- role  "far"
|  |- role_arn               arn:aws:iam::123456789012:role/Chained  <HOME>/.aws/config:7
|  |- source_profile         mfa                                     <HOME>/.aws/config:8
|  \`- destination_profile    far-temp                                <HOME>/.aws/config:9
|- calls to <STS>, region us-east-1
|  |- due     GetSessionToken for 12 h, with a code for ${SERIAL}, typed at the terminal
|  |- due     AssumeRole arn:aws:iam::123456789012:role/Mfa for 1 h
|  \`- due     AssumeRole arn:aws:iam::123456789012:role/Chained for 1 h
\`- store in profile "far-temp"
note  one code: its session is cached and serves every role of this device
note  1 h: AWS allows no more for a role assumed with temporary credentials
not pass-through: no web_identity_token_file
`;

Deno.test("explain shows how a profile resolves, with file, line and reason", async () => {
  using host = testHost({ home: HOME, env: { LC_ALL: "C" }, typed: "" });
  const emulator = startEmulator(host, WORLD);
  Object.assign(host.env, { AWS_ENDPOINT_URL_STS: emulator.url });
  const at = { ...host, now: () => host.time };
  const explained = async (name: string) => {
    host.printed.stdout = "";
    assertEquals(await run(["explain", name], at, strategies), 0, host.printed.stderr);
    return host.printed.stdout.replaceAll(host.home, "<HOME>").replaceAll("\\", "/")
      .replaceAll(emulator.url, "<STS>");
  };
  try {
    assertEquals(await explained("far"), TREE);
    assertEquals(emulator.calls, []);
    const code = await totp(DEVICE.secret, host.time);
    const got = await run(["get", "mfa", "--print", "--mfa-token", code], at, strategies);
    assertEquals(got, 0, host.printed.stderr);
    host.time += 10 * 60_000;
    const later = await explained("far");
    assertStringIncludes(
      later,
      `|  |- cached  GetSessionToken for 12 h, with a code for ${SERIAL}`,
    );
    assertStringIncludes(later, "role/Mfa for 1 h, 50 min left\n");
    assertStringIncludes(later, "|  `- due     AssumeRole arn:aws:iam::123456789012:role/Chained");
    const long = await explained("long");
    assertStringIncludes(
      long,
      "AssumeRole arn:aws:iam::123456789012:role/Mfa for 4 h, with a code",
    );
    assertStringIncludes(long, "note  no shared MFA session: 14400 s exceeds the 3600 s");
    assert(!long.includes("note  one code"));
  } finally {
    await emulator.stop();
  }
});

Deno.test("explain says that a dialog asks where there is a desktop and no terminal", async () => {
  for (
    const [from, env, typed, argv] of [
      ["dialog", { DISPLAY: ":0" }, undefined, []],
      ["prompt", { DISPLAY: ":0" }, "", []],
      ["prompt", {}, undefined, []],
      ["prompt", { DISPLAY: ":0" }, undefined, ["--set", "mfa_prompt=terminal"]],
      ["dialog", {}, "", ["--set", "mfa_prompt=dialog"]],
    ] as const
  ) {
    using host = testHost({ home: HOME, env, typed });
    const on = { ...host, os: "linux" as const };
    assertEquals(await run(["explain", "mfa", "--json", ...argv], on, strategies), 0);
    assertEquals(JSON.parse(host.printed.stdout).mfa.from, from, JSON.stringify([env, argv]));
  }
});

Deno.test("explain says which limit of AWS applies, and that a session is shared, only where it is so", async () => {
  const home = {
    ...HOME,
    ".aws/config": `${HOME[".aws/config"]}[profile alice]\nmfa_serial = ${SERIAL}\n`,
  };
  using host = testHost({ home, env: { LC_ALL: "C" } });
  const notes = async (...argv: string[]) => {
    host.printed.stdout = "";
    assertEquals(await run(["explain", ...argv], host, strategies), 0, host.printed.stderr);
    const count = (words: RegExp) => host.printed.stdout.match(words)?.length ?? 0;
    return [count(/^note .*1 h/gm), count(/^note .*one code/gm)];
  };
  assertEquals(await notes("alice"), [0, 0]);
  assertEquals(await notes("long"), [0, 0]); // its code goes out with AssumeRole itself
  assertEquals(await notes("mfa"), [1, 1]);
  assertEquals(await notes("mfa", "--duration", "30m"), [0, 1]);
  assertEquals(await notes("far"), [1, 1]);
});
