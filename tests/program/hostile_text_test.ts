/**
 * Text that is not eac's own, in the output of every command: names and values of the shared files,
 * file names, arguments, and messages of a server never control the terminal.
 */

import { COMMANDS } from "../../lib/commands/mod.ts";
import { EacError } from "../../lib/errors.ts";
import type { HttpAnswer } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { printable } from "../../lib/text/printable.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { testHost } from "../support/fakes.ts";

/** Colour, a window title, C1 and bidirectional controls, and a character of no width. */
const EVIL = "\x1b[31mX\x1b]0;t\x07\u009b2J\u202eevil\u2066\u200b\u{e0041}";

const KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

/** Windows allows no control characters in the name of a file. */
const FILE_NAME = Deno.build.os === "windows" ? "\u202eevil\u2066\u200b" : EVIL.replaceAll("/", "");

const HOME = {
  ".aws/config": [
    `[profile plain]\nrole_arn = arn:aws:iam::123456789012:role/One\nsource_profile = alice\n`,
    `[profile "q ${EVIL}"]\nrole_arn = arn:aws:iam::123456789012:role/One\nsource_profile = alice\n`,
    `[profile role]\nrole_arn = arn:aws:iam::123456789012:role/${EVIL}\nsource_profile = alice\n` +
    `external_id = ${EVIL}\nrole_session_name = ${EVIL}\ndestination_profile = ${EVIL}\n`,
    `[profile device]\nmfa_serial = arn:aws:iam::123456789012:mfa/${EVIL}\nsource_profile = alice\n`,
    `[profile where]\nregion = ${EVIL}\nendpoint_url = http://${EVIL}/\nsource_profile = alice\n`,
    `[profile gone]\nrole_arn = arn:aws:iam::123456789012:role/One\nsource_profile = ${EVIL}\n`,
    `[profile source]\nrole_arn = arn:aws:iam::123456789012:role/One\ncredential_source = ${EVIL}\n`,
    `[profile duration]\nduration_seconds = ${EVIL}\nsource_profile = alice\n`,
    `[profile strategy]\neac_strategy = ${EVIL}\nsource_profile = alice\n`,
    `[profile program]\ncredential_process = ${EVIL}\n`,
    `[profile speaks]\ncredential_process = sh -c "printf '%b' '\\\\033[31m\\\\302\\\\233' >&2; exit 3"\n`,
    `[${EVIL}]\nregion = x\n`,
  ].join("\n"),
  ".aws/credentials":
    `[alice]\n${KEYS}[session]\n${KEYS}aws_session_token = x\n[temp]\n${KEYS}aws_session_token = ${EVIL}\n` +
    `managed_by = ${EVIL}\nexpiration = ${EVIL}\n`,
  [`.aws/eac/strategies/bad${FILE_NAME}.js`]: `throw new Error("${EVIL}");\n`,
};

const PROFILES = [
  "plain",
  `q ${EVIL}`,
  "role",
  "device",
  "where",
  "gone",
  "source",
  "duration",
  "strategy",
  "program",
  "speaks",
  "temp",
  EVIL,
];

const encode = (text: string) => new TextEncoder().encode(text);

const error = (code: string, message: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

function identity(text: string): HttpAnswer {
  const members = ["Arn", "UserId", "Account"].map((name) => `<${name}>${text}</${name}>`).join("");
  const result = `<GetCallerIdentityResult>${members}</GetCallerIdentityResult>`;
  const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
  const body =
    `<GetCallerIdentityResponse xmlns="${namespace}">${result}</GetCallerIdentityResponse>`;
  return { status: 200, headers: {}, body: encode(body) };
}

/** What a hostile server answers to every call. */
const ANSWERS: Readonly<Record<string, HttpAnswer | EacError>> = {
  "a message": { status: 403, headers: {}, body: encode(error("AccessDenied", EVIL)) },
  "a code": { status: 400, headers: {}, body: encode(error(EVIL.repeat(100), "")) },
  "a code and a message": { status: 400, headers: {}, body: encode(error(EVIL, EVIL)) },
  "a redirect": { status: 302, headers: { location: EVIL }, body: new Uint8Array() },
  "a page": { status: 500, headers: { date: EVIL }, body: encode(EVIL) },
  "an identity": identity(EVIL),
  "an identity without control characters": identity("\u202eevil\u2066\u200b"),
  "a failure": new EacError("network", `cannot reach ${EVIL}`, { hint: EVIL }),
};

/** Runs a command line in that home; returns everything that it showed. */
async function shown(argv: readonly string[], answer: HttpAnswer | EacError): Promise<string> {
  using host = testHost({
    home: HOME,
    env: { NO_COLOR: "1", EAC_MFA_TOKEN: "123456", AWS_MAX_ATTEMPTS: "1" },
  });
  const http = () => answer instanceof EacError ? Promise.reject(answer) : Promise.resolve(answer);
  await run(argv, { ...host, http, converse: () => Promise.reject(answer) }, strategies);
  const { stdout, stderr, terminal } = host.printed;
  return stdout + stderr + terminal;
}

function assertHarmless(text: string, what: string): void {
  const bad = text.split("\n").find((line) => printable(line) !== line);
  assert(bad === undefined, `${what}: ${JSON.stringify(bad)}`);
}

const REFUSED = ANSWERS["a message"]!;

Deno.test("list, doctor and strategies escape control characters in names and values of the files", async () => {
  for (
    const argv of [["list"], ["list", "--settings"], ["doctor"], ["doctor", "--fix", "--yes"], [
      "strategies",
    ]]
  ) {
    for (const more of [[], ["--json"], ["--verbose"]]) {
      const text = await shown([...argv, ...more], REFUSED);
      assertHarmless(text, [...argv, ...more].join(" "));
      assert(text.includes("evil"), `${argv} shows it`);
    }
  }
});

for (
  const command of ["explain", "get", "process", "env", "whoami", "console", "rotate", "clear"]
) {
  Deno.test(`${command} escapes control characters in names, values and server messages`, async () => {
    for (const profile of PROFILES) {
      for (const more of [[], ["--json"], ["-v"]]) {
        const argv = [command, profile, ...more, ...(command === "console" ? ["--print"] : [])];
        assertHarmless(await shown(argv, REFUSED), argv.join(" "));
      }
    }
  });
}

Deno.test("exec and link escape control characters in names and values", async () => {
  for (const profile of PROFILES) {
    assertHarmless(await shown(["exec", profile, "--", EVIL], REFUSED), `exec ${profile}`);
    assertHarmless(await shown(["link", profile, EVIL], REFUSED), `link ${profile}`);
    assertHarmless(await shown(["link", "plain", profile], REFUSED), `link plain ${profile}`);
  }
});

for (const [what, answer] of Object.entries(ANSWERS)) {
  Deno.test(`a server's response cannot control the terminal: ${what}`, async () => {
    for (const argv of [["get", "plain", "-o", "x"], ["whoami", "session"], ["rotate", "alice"]]) {
      for (const more of [[], ["--json"], ["-v"]]) {
        const text = await shown([...argv, ...more], answer);
        assertHarmless(text, [...argv, ...more].join(" "));
        assert(text.length < 10_000, `${argv} shows ${text.length} characters`);
      }
    }
  });
}

Deno.test("every command escapes control characters in arguments", async () => {
  for (const command of ["", ...Object.keys(COMMANDS)]) {
    for (const word of [EVIL, `--${EVIL}`, `--format=${EVIL}`, `--region=${EVIL}`]) {
      for (const more of [[], ["--json"]]) {
        const argv = [command, word, ...more].filter(Boolean);
        assertHarmless(await shown(argv, REFUSED), argv.join(" "));
      }
    }
  }
});

Deno.test("completion offers no word with control characters", async () => {
  const text = await shown(["__complete", "get", ""], REFUSED);
  assertStringIncludes(text, "plain\t");
  assertHarmless(text, "completion");
  assertEquals(text.split("\n").filter((line) => line.startsWith("q ")), []);
});

Deno.test("an argument that is not UTF-8 is refused, and never passed to a command", async () => {
  for (
    const argv of [["exec", "session", "--", "cat", "caf\ufffd.txt"], ["get", "\ufffd"], ["\ufffd"]]
  ) {
    using host = testHost({ home: HOME });
    const started: unknown[] = [];
    const replace = (program: unknown) => Promise.resolve(started.push(program));
    assertEquals(await run(argv, { ...host, replace }, strategies), 2);
    assertStringIncludes(host.printed.stderr, argv.at(-1)!);
    assertStringIncludes(host.printed.stderr, "eac env");
    assertEquals(started, []);
  }
});
