/**
 * `eac login` as a separate process: with a real browser, together with the AWS CLI, and canceled by the user.
 */

import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { NO_AWS_SIGN_IN, NO_BOTOCORE } from "../support/aws_cli.ts";
import { ALICE } from "../support/aws_sign_in_server.ts";
import { NO_CHROMIUM, startChromium } from "../support/chromium.ts";
import { click } from "../support/consent_page.ts";
import { testHost } from "../support/fakes.ts";
import { installEac } from "../support/program.ts";
import { NO_PTY, onTerminal } from "../support/pty.ts";
import { CORP_SESSION, corpProfile, startSignInServices } from "../support/sign_in_services.ts";

const CONFIG = `${CORP_SESSION}
${corpProfile("corp", {}, "region = eu-west-1")}
[profile mine]
region = eu-west-1
`;

/** Where `xdg-open` opens URLs, the environment names the opener, and peers are known by /proc. */
const NO_DESKTOP = Deno.build.os === "linux" ? undefined : "desktops of Linux only";

/** A home with eac, the services, and an opener that records what it opens. */
function machine() {
  const host = testHost({ home: { ".aws/config": CONFIG } });
  const services = startSignInServices();
  const { oidc, aws } = services;
  host.write("bin/xdg-open", `#!/bin/sh\necho "$1" >>"$HOME/opened"\n`);
  Deno.chmodSync(host.path("bin/xdg-open"), 0o700);
  const env = {
    ...installEac(host),
    DISPLAY: ":0",
    BROWSER: host.path("bin/xdg-open"), // for the AWS CLI
    ...services.env,
  };
  let seen = 0;
  return {
    host,
    oidc,
    aws,
    env,
    /** Runs a program to its end. */
    async run(...line: string[]) {
      const [command, ...args] = line;
      const { code, stdout, stderr } = await new Deno.Command("env", {
        args: [command!, ...args],
        env,
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    },
    /** The next page that a program opened. */
    async opened(): Promise<string> {
      for (;;) {
        const lines = (host.text("opened") ?? "").split("\n");
        if (lines.length > seen + 1) return lines[seen++]!;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async [Symbol.asyncDispose]() {
      await services[Symbol.asyncDispose]();
      host.dispose();
    },
  };
}

function only(why: string | undefined, name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: why === undefined ? name : `${name} (ignored: ${why})`,
    ignore: why !== undefined,
    fn,
  });
}

only(NO_DESKTOP ?? NO_CHROMIUM, "login signs in with a real browser", async () => {
  await using m = machine();
  await using browser = await startChromium();
  for (const [profile, session] of [["corp", "IAM Identity Center"], ["mine", ALICE]] as const) {
    const ended = m.run("eac", "login", profile);
    const page = await browser.open(await m.opened());
    await page.click("allow");
    assertStringIncludes(await page.text("eac"), "return to the terminal");
    const { code, stderr } = await ended;
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, session);
    assertEquals((await m.run("eac", "process", profile)).code, 0);
  }
  const refused = m.run("eac", "login", "corp");
  const page = await browser.open(await m.opened());
  await page.click("deny");
  assertStringIncludes(await page.text("sign-in"), "failed");
  assertEquals((await refused).code, 5);
  assertEquals(m.aws.refusals, []);
});

only(NO_DESKTOP ?? NO_PTY, "Ctrl-C ends login immediately", async () => {
  await using m = machine();
  for (const [args, waits] of [["corp", "open this URL"], ["corp --no-browser", "ABCD-EFGH"]]) {
    m.oidc.polls.push(...Array(100).fill("authorization_pending"));
    const began = performance.now();
    let pressed = 0;
    const { code } = await onTerminal(`eac login ${args}`, [[
      waits!,
      async () => {
        if (!args!.includes("--")) await m.opened();
        pressed = performance.now();
      },
    ], ["", "\x03"]], m.env);
    assertEquals(code, 130);
    assert(pressed > began);
    assert(performance.now() - pressed < 3000, "it ends at once");
  }
});

/** Prints the session token that botocore gets for a profile. */
const BOTOCORE = `import sys, botocore.session
session = botocore.session.Session(profile=sys.argv[1])
print(session.get_credentials().get_frozen_credentials().token)`;

only(NO_DESKTOP ?? NO_BOTOCORE, "botocore uses and renews the token of login", async () => {
  await using m = machine();
  m.oidc.lifetime = 60;
  await signIn(m, "eac", "login", "corp");
  const used = await m.run("python3", "-c", BOTOCORE, "corp");
  assertEquals(used.code, 0, used.stderr);
  assertStringIncludes(used.stdout, "session-by-access-token");
  assertEquals(grants(m), ["authorization_code", "refresh_token"]);
  // eac renews the token that botocore has renewed.
  assertEquals((await m.run("eac", "process", "corp")).code, 0);
  assertEquals(grants(m).length, 3);
});

only(NO_DESKTOP ?? NO_AWS_SIGN_IN, "eac and the AWS CLI share each other's sign-ins", async () => {
  await using m = machine();
  m.oidc.lifetime = m.aws.lifetime = 60;
  const used = async (...line: string[]) => {
    const { code, stderr } = await m.run(...line);
    assertEquals(code, 0, stderr);
  };
  // The AWS CLI signs in with the registration of eac.
  await signIn(m, "eac", "login", "corp");
  await signIn(m, "aws", "sso", "login", "--profile", "corp");
  assertEquals(m.oidc.requests.filter(({ path }) => path === "/client/register").length, 1);
  await used("eac", "process", "corp");
  // Each renews the session of the other one, with its DPoP key.
  await signIn(m, "eac", "login", "mine");
  await used("aws", "configure", "export-credentials", "--profile", "mine");
  await signIn(m, "aws", "login", "--profile", "mine");
  await used("eac", "process", "mine");
  assertEquals(m.aws.requests.map(({ grantType }) => grantType), [
    "authorization_code",
    "refresh_token",
    "authorization_code",
    "refresh_token",
  ]);
  assertEquals(m.aws.refusals, []);
});

type Machine = ReturnType<typeof machine>;

/** Runs a sign-in, and allows it in the browser. */
async function signIn(m: Machine, ...line: string[]): Promise<void> {
  const ended = m.run(...line);
  let url = await m.opened();
  if (line[0] === "eac") {
    const page = await fetch(url, { redirect: "manual" });
    await page.body?.cancel();
    url = page.headers.get("location")!;
  }
  await (await fetch(await click(url, "allow"))).body?.cancel();
  const { code, stderr } = await ended;
  assertEquals(code, 0, stderr);
}

/** The grants for which tokens were issued. */
function grants({ oidc }: Machine): unknown[] {
  return oidc.requests.filter(({ path }) => path === "/token").map(({ body }) => body.grantType);
}
