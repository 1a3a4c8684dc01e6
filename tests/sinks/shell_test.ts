/** Credentials as text: how real shells read it, and what must never be printed. */

import { assert, assertEquals, assertMatch, assertThrows } from "../support/assert.ts";
import { isInstalled } from "../support/program.ts";
import { FORMATS } from "../../lib/cli/options.ts";
import { type Credentials, Secret } from "../../lib/plan/credentials.ts";
import { EacError } from "../../lib/errors.ts";
import { processJson } from "../../lib/sinks/process_json.ts";
import {
  formatEnv,
  githubEnv,
  githubMasks,
  type TextFormat,
  unsetEnv,
} from "../../lib/sinks/shell.ts";
import { testHost } from "../support/fakes.ts";
import { testUnless } from "../support/ignored.ts";

const ID = "ASIAIOSFODNN7EXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EXPIRATION = "2026-11-23T14:00:00Z";

/** The profile alone, and with its region. */
const BARE = { profile: "prod" };
const HERE = {
  ...BARE,
  region: { value: "eu-west-1", from: "profile", name: "prod" },
} as const;

/** All that a shell could take for something else than text. */
const NASTY = "a'b\"c$HOME`id`%PATH%!x\\n\\ {y} #z;&|<>*?~(é) ’漢 ''";

function credentials(secret = SECRET, token?: string): Credentials {
  return {
    accessKeyId: ID,
    secretAccessKey: new Secret(secret),
    ...(token === undefined ? {} : { sessionToken: new Secret(token) }),
    expiration: Date.parse(EXPIRATION),
  };
}

Deno.test("formatEnv posix unsets competing variables, then exports", () => {
  assertEquals(
    formatEnv("posix", credentials("it's", "token=="), HERE),
    `unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SECURITY_TOKEN
export AWS_ACCESS_KEY_ID='${ID}'
export AWS_SECRET_ACCESS_KEY='it'\\''s'
export AWS_SESSION_TOKEN='token=='
export AWS_CREDENTIAL_EXPIRATION='${EXPIRATION}'
export AWS_REGION='eu-west-1'
export AWS_DEFAULT_REGION='eu-west-1'
export EAC_PROFILE='prod'
export EAC_REGION='eu-west-1'
`,
  );
});

Deno.test("formatEnv quotes for shells that may not be installed", () => {
  const line = (format: TextFormat) =>
    formatEnv(format, credentials(NASTY), BARE).split("\n").find((line) =>
      line.includes("SECRET_ACC")
    );
  assertEquals(
    line("powershell"),
    "$Env:AWS_SECRET_ACCESS_KEY = 'a''b\"c$HOME`id`%PATH%!x\\n\\ {y} #z;&|<>*?~(é) ’’漢 '''''",
  );
  assertEquals(line("cmd"), `set "AWS_SECRET_ACCESS_KEY=${NASTY}"`);
  assertEquals(
    line("nu"),
    `$env.AWS_SECRET_ACCESS_KEY = "${NASTY.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`,
  );
});

Deno.test("formatEnv unsets a token and an expiration that the new credentials do not have", () => {
  const { expiration: _, ...forever } = credentials();
  const first = (format: TextFormat) => formatEnv(format, forever, BARE).split("$env")[0];
  assertEquals(
    formatEnv("posix", forever, BARE).split("\n")[0],
    "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SECURITY_TOKEN AWS_SESSION_TOKEN" +
      " AWS_CREDENTIAL_EXPIRATION",
  );
  assert(first("nu")?.includes("hide-env --ignore-errors AWS_SESSION_TOKEN\n"));
  assert(formatEnv("cmd", forever, BARE).includes('set "AWS_SESSION_TOKEN="\n'));
  assert(formatEnv("powershell", forever, BARE).includes("$Env:AWS_SESSION_TOKEN = $null\n"));
});

Deno.test("formatEnv prints the AWS CLI's formats like the AWS CLI, with the region", () => {
  const plain = (format: TextFormat) => formatEnv(format, credentials(SECRET, "token"), HERE);
  const values =
    `AWS_ACCESS_KEY_ID=${ID}\nAWS_SECRET_ACCESS_KEY=${SECRET}\nAWS_SESSION_TOKEN=token\nAWS_CREDENTIAL_EXPIRATION=${EXPIRATION}\n` +
    "AWS_REGION=eu-west-1\nAWS_DEFAULT_REGION=eu-west-1\nEAC_PROFILE=prod\nEAC_REGION=eu-west-1\n";
  assertEquals(plain("env-no-export"), values);
  assertEquals(plain("env"), values.replaceAll(/^/gm, "export ").slice(0, -"export ".length));
  assertEquals(plain("windows-cmd"), values.replaceAll(/^/gm, "set ").slice(0, -"set ".length));
  assertEquals(plain("process"), processJson(credentials(SECRET, "token")));
});

Deno.test("formatEnv quotes or refuses values that a shell would run in the AWS CLI's formats", () => {
  const value = "$(touch${IFS}x)'`id`";
  const word = "'$(touch${IFS}x)'\\''`id`'";
  const lineOf = (format: TextFormat) => formatEnv(format, credentials(value), BARE).split("\n")[1];
  assertEquals(lineOf("env"), `export AWS_SECRET_ACCESS_KEY=${word}`);
  assertEquals(lineOf("env-no-export"), `AWS_SECRET_ACCESS_KEY=${word}`);
  const { code } = assertThrows(
    () => formatEnv("windows-cmd", credentials("a&calc"), BARE),
    EacError,
  );
  assertEquals(code, "process_failed");
});

Deno.test("processJson prints one line without empty fields", () => {
  assertEquals(
    processJson(credentials(SECRET, "token")),
    `{"Version":1,"AccessKeyId":"${ID}","SecretAccessKey":"${SECRET}","SessionToken":"token","Expiration":"${EXPIRATION}"}\n`,
  );
  const { expiration: _, ...forever } = credentials();
  assertEquals(Object.keys(JSON.parse(processJson(forever))), [
    "Version",
    "AccessKeyId",
    "SecretAccessKey",
  ]);
});

Deno.test("formatEnv json and dotenv have every value, and unset nothing", () => {
  const json = JSON.parse(formatEnv("json", credentials(NASTY, "token"), HERE));
  assertEquals(json, {
    AWS_ACCESS_KEY_ID: ID,
    AWS_SECRET_ACCESS_KEY: NASTY,
    AWS_SESSION_TOKEN: "token",
    AWS_CREDENTIAL_EXPIRATION: EXPIRATION,
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    EAC_PROFILE: "prod",
    EAC_REGION: "eu-west-1",
  });
  const secret = (value: string) => formatEnv("dotenv", credentials(value), BARE).split("\n")[1];
  assertEquals(secret(SECRET), `AWS_SECRET_ACCESS_KEY=${SECRET}`);
  assertEquals(secret("a b$c"), "AWS_SECRET_ACCESS_KEY='a b$c'");
  assertEquals(secret(`a'b"c$d\\`), 'AWS_SECRET_ACCESS_KEY="a\'b\\"c\\$d\\\\"');
});

Deno.test("formatEnv and githubEnv refuse a value with a line break", () => {
  for (const value of ["a\nrm -rf /", "a\rb", "a\0b"]) {
    const bad = credentials(value);
    for (const print of [() => formatEnv("posix", bad, BARE), () => githubEnv(bad, BARE)]) {
      const error = assertThrows(print, EacError) as EacError;
      assert(error.message.startsWith("AWS_SECRET_ACCESS_KEY contains a line break"));
      assert(!error.message.includes("rm"));
    }
  }
});

Deno.test("githubMasks masks each value in the runner's encoding", () => {
  assertEquals(
    githubMasks(credentials("50%\n", "token")),
    `::add-mask::${ID}\n::add-mask::50%25%0A\n::add-mask::token\n`,
  );
});

Deno.test("githubEnv clears a token that an earlier step may have set", () => {
  assertEquals(
    githubEnv(credentials(), HERE),
    `AWS_ACCESS_KEY_ID=${ID}
AWS_SECRET_ACCESS_KEY=${SECRET}
AWS_CREDENTIAL_EXPIRATION=${EXPIRATION}
AWS_REGION=eu-west-1
AWS_DEFAULT_REGION=eu-west-1
EAC_PROFILE=prod
EAC_REGION=eu-west-1
AWS_SESSION_TOKEN=
`,
  );
});

Deno.test("unsetEnv refuses the formats that can only set", () => {
  for (const format of FORMATS) {
    if (["json", "dotenv", "github", "process"].includes(format)) {
      assertEquals((assertThrows(() => unsetEnv(format), EacError) as EacError).code, "usage");
    } else assert(unsetEnv(format).includes("AWS_SESSION_TOKEN"), format);
  }
});

testUnless(
  Deno.build.os !== "windows" && isInstalled("fish") ? undefined : "no fish",
  "formatEnv fish keeps the user's universal variables, and names those that compete",
  async () => {
    using host = testHost({ env: { AWS_PROFILE: "other", LC_ALL: "C.UTF-8" } });
    const run = async (...lines: string[]) => {
      const env = { ...host.env, EAC_TEXT: formatEnv("fish", credentials("s"), HERE) };
      const args = ["-c", lines.join("\n")];
      const { stdout, stderr } = await host.capture({ command: "fish", args, env });
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { stdout: decode(stdout), stderr: decode(stderr) };
    };
    const evaluate = 'printf %s "$EAC_TEXT" | source';
    const { stderr } = await run("set -Ux AWS_PROFILE mine", evaluate);
    assertMatch(stderr, /^eac: .*AWS_PROFILE.*set -eU AWS_PROFILE\n$/);
    assertEquals((await run("set -eg AWS_PROFILE", "echo $AWS_PROFILE")).stdout, "mine\n");
    await run("set -eU AWS_PROFILE");
    assertEquals(await run(evaluate, 'echo "[$AWS_PROFILE]"'), { stdout: "[]\n", stderr: "" });
  },
);

/** How a shell is started so that it evaluates `$EAC_TEXT` and then runs `env`. */
interface Shell {
  readonly program: string;
  readonly format: TextFormat;
  readonly args: (text: string) => string[];
}

const SHELLS: readonly Shell[] = [
  ...["sh", "dash", "bash", "zsh", "ksh"].map((program): Shell => ({
    program,
    format: "posix",
    args: () => ["-c", 'eval "$EAC_TEXT"; env'],
  })),
  {
    program: "fish",
    format: "fish",
    args: () => ["--no-config", "-c", 'printf %s "$EAC_TEXT" | source; env'],
  },
  // The syntax that users of other shells would try.
  {
    program: "fish",
    format: "fish",
    args: () => ["--no-config", "-c", 'eval (printf %s "$EAC_TEXT"); env'],
  },
  {
    program: "pwsh",
    format: "powershell",
    args: () => [
      "-NoProfile",
      "-Command",
      '$Env:EAC_TEXT -split "`n" | Where-Object { $_ } | Invoke-Expression;' +
      ' Get-ChildItem Env: | ForEach-Object { "$($_.Name)=$($_.Value)" }',
    ],
  },
  { program: "nu", format: "nu", args: (text) => ["--no-config-file", "-c", `${text}\n^env`] },
];

for (const [index, { program, format, args }] of SHELLS.entries()) {
  const installed = Deno.build.os !== "windows" && isInstalled(program);
  const way = SHELLS.findIndex((shell) => shell.program === program) < index ? ", by eval" : "";
  Deno.test({
    name: `formatEnv ${format} sets every value in ${program}, and unsetEnv unsets it${way}${
      installed ? "" : ` (ignored: ${program} is not installed)`
    }`,
    ignore: !installed,
    async fn() {
      using host = testHost({
        env: {
          AWS_PROFILE: "old",
          AWS_DEFAULT_PROFILE: "old",
          AWS_SECURITY_TOKEN: "old",
          AWS_SESSION_TOKEN: "old",
          LC_ALL: "C.UTF-8",
        },
      });
      const after = async (text: string) => {
        const env = { ...host.env, EAC_TEXT: text } as Record<string, string>;
        const outcome = await host.capture({ command: program, args: args(text), env });
        assertEquals(new TextDecoder().decode(outcome.stderr), "");
        const lines = new TextDecoder().decode(outcome.stdout).split("\n");
        return Object.fromEntries(
          lines.filter((line) => line.startsWith("AWS_")).map((line) => {
            const equals = line.indexOf("=");
            return [line.slice(0, equals), line.slice(equals + 1)];
          }),
        );
      };
      const text = formatEnv(format, credentials(NASTY), HERE);
      assertEquals(await after(text), {
        AWS_ACCESS_KEY_ID: ID,
        AWS_SECRET_ACCESS_KEY: NASTY,
        AWS_CREDENTIAL_EXPIRATION: EXPIRATION,
        AWS_REGION: "eu-west-1",
        AWS_DEFAULT_REGION: "eu-west-1",
      });
      assertEquals(await after(text + unsetEnv(format)), {});
    },
  });
}
