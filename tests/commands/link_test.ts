/** `eac link`: what every AWS tool can read. */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

const CONFIG = `[profile alice]
region = eu-west-1

[profile prod]
role_arn = arn:aws:iam::123456789012:role/Prod
source_profile = alice
`;
const CREDENTIALS = `[alice]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
`;

const WINDOWS = Deno.build.os === "windows";

/** Runs command lines one after another; returns the files and the last messages. */
async function linked(
  lines: readonly (readonly string[])[],
  machine: { executable?: string; env?: Record<string, string>; config?: string } = {},
) {
  using host = testHost({
    home: { ".aws/config": machine.config ?? CONFIG, ".aws/credentials": CREDENTIALS },
    ...(machine.env && { env: machine.env }),
  });
  let code = 0;
  const { executable = "/opt/eac" } = machine;
  for (const argv of lines) {
    host.printed.stderr = "";
    code = await run(["link", ...argv], {
      ...host,
      executable: () => [executable],
    }, strategies);
  }
  return {
    code,
    config: host.text(".aws/config")!,
    credentials: host.text(".aws/credentials")!,
    stderr: host.printed.stderr,
  };
}

Deno.test("link writes both files, with the region of the profile or of its source", async () => {
  const { code, config, credentials, stderr } = await linked([["prod", "auto"]]);
  assertEquals(code, 0, stderr);
  const lines = "credential_process = /opt/eac process prod\nregion = eu-west-1\n";
  assertEquals(config, `${CONFIG}[profile auto]\n${lines}`);
  assertEquals(credentials, `${CREDENTIALS}[auto]\n${lines}`);
});

Deno.test("link quotes a path with spaces so that every SDK reads it: single quotes, double on Windows", async () => {
  const executable = WINDOWS ? "C:\\my tools\\eac.exe" : "/opt/my tools/eac";
  const quoted = WINDOWS ? '"C:/my tools/eac.exe"' : "'/opt/my tools/eac'";
  const { config } = await linked([["prod", "auto"]], { executable });
  assertStringIncludes(config, `credential_process = ${quoted} process prod\n`);
});

Deno.test({
  name: `link writes the path on PATH, which an upgrade keeps, if it is a link to this eac${
    WINDOWS ? " (ignored on Windows: installers make no symbolic links)" : ""
  }`,
  ignore: WINDOWS,
  async fn() {
    using place = testHost({ home: {} });
    for (const folder of ["store/eac-1", "store/eac-2", "bin", "other"]) {
      Deno.mkdirSync(place.path(folder), { recursive: true });
    }
    const [own, next] = ["store/eac-1/eac", "store/eac-2/eac"].map((path) => place.path(path));
    for (const path of [own!, next!]) Deno.writeTextFileSync(path, "", { mode: 0o755 });
    Deno.symlinkSync(own!, place.path("bin/eac"));
    Deno.symlinkSync(next!, place.path("other/eac"));
    const written = async (PATH: string) => {
      const { config } = await linked([["prod", "auto"]], { executable: own!, env: { PATH } });
      return /credential_process = (.*) process prod/.exec(config)?.[1];
    };
    assertEquals(await written(place.path("bin")), place.path("bin/eac"));
    // Another eac, and none.
    assertEquals(await written(`${place.path("other")}:${place.path("bin")}`), own);
    assertEquals(await written(place.path("store")), own);
  },
});

Deno.test("link keeps the region that the user set in the linked profile", async () => {
  const own = { config: `${CONFIG}[profile auto]\nregion = us-west-2\n` };
  const { code, config, credentials } = await linked([["prod", "auto"]], own);
  assertEquals(code, 0);
  assertStringIncludes(config, "region = us-west-2\n");
  assertStringIncludes(credentials, "region = us-west-2\n");
});

Deno.test("link refuses a cycle through a quoted path", async () => {
  const executable = "/opt/my tools/eac";
  const { code, stderr } = await linked([["prod", "a"], ["a", "b"], ["b", "a"]], { executable });
  assertEquals(code, 3);
  assertStringIncludes(stderr, "a -> b -> a");
});

Deno.test("link warns of keys in the environment that take precedence, with the command that unsets them", async () => {
  const env = {
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const { code, stderr } = await linked([["prod", "auto"]], { env });
  assertEquals(code, 0);
  if (Deno.build.os === "windows") {
    assertStringIncludes(stderr, "eac env --unset --format powershell");
  } else assertStringIncludes(stderr, "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY\n");
  const fish = await linked([["prod", "auto"]], { env: { ...env, SHELL: "/usr/bin/fish" } });
  if (Deno.build.os !== "windows") {
    assertStringIncludes(fish.stderr, "set -eg AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY\n");
  }
  const { AWS_SECRET_ACCESS_KEY: _, ...half } = env;
  assert(!(await linked([["prod", "auto"]], { env: half })).stderr.includes("warning"));
});

Deno.test("link refuses a profile with credentials that tools would use instead", async () => {
  for (
    const key of [
      "aws_access_key_id",
      "aws_secret_access_key",
      "role_arn",
      "login_session",
      "sso_session",
      "sso_account_id",
      "web_identity_token_file",
    ]
  ) {
    const config = `${CONFIG}[profile other]\nregion = eu-west-1\n${key} = x\n`;
    const refused = await linked([["prod", "other"]], { config });
    assertEquals([refused.code, refused.config], [3, config], key);
    assertStringIncludes(refused.stderr, `has ${key}`);
    assertMatch(refused.stderr, /\.aws[/\\]config:9/);
  }
});

Deno.test("link replaces another tool's credential_process only with --force", async () => {
  const config = `${CONFIG}[profile other]\ncredential_process = /bin/token\n`;
  assertEquals((await linked([["prod", "other"]], { config })).code, 3);
  const forced = await linked([["prod", "other", "--force"]], { config });
  assertEquals(forced.code, 0, forced.stderr);
  assertStringIncludes(
    forced.config,
    "[profile other]\ncredential_process = /opt/eac process prod",
  );
});
