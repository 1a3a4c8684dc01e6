/**
 * No secret where it should not be: every command runs through failures with `-v`, and everything
 * that could contain a secret is searched: outputs, the terminal, errors, the argv and environment
 * of every program that is started, the names and modes of every file that is written.
 */

import { COMMANDS } from "../../lib/commands/mod.ts";
import { type CommandSpec } from "../../lib/cli/declaration.ts";
import { CommandName } from "../../lib/commands/mod.ts";
import { startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { WorldDescription } from "../../lib/emulator/world.ts";
import type { Program } from "../../lib/host/host.ts";
import { ioError } from "../../lib/host/files.ts";
import { http } from "../../lib/host/http.ts";
import { capture } from "../../lib/host/processes.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { installEac } from "../support/program.ts";
import { httpAnswer, type RawServer, rawServer } from "../support/raw_server.ts";
import { DEVICE, WORLD } from "../support/world.ts";
import { testUnless } from "../support/ignored.ts";

const windows = Deno.build.os === "windows";

/** Secrets of the machine; those that AWS issues, and the codes, are added later. */
const SECRETS = [
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
  "FileSessionTokenEXAMPLE/+==",
  "ProcessSecretEXAMPLE/abcdefghijklmnopqrst",
  "ProcessTokenEXAMPLE",
];

const role = (name: string, more = "") =>
  `role_arn = arn:aws:iam::123456789012:role/${name}\nsource_profile = alice\n${more}`;

function home(folder: string): Record<string, string> {
  const printed = JSON.stringify({
    Version: 1,
    AccessKeyId: "ASIAPROCESSEXAMPLE00",
    SecretAccessKey: SECRETS[3],
    SessionToken: SECRETS[4],
  });
  return {
    ".aws/config": [
      `[profile p]\n${
        role("Mfa", `mfa_serial = ${DEVICE.serial}\ndestination_profile = p-temp\n`)
      }`,
      `[profile open]\n${role("Open")}`,
      `[profile closed]\n${role("Closed")}`,
      `[profile behind]\n${role("Chained").replace("alice", "open")}`,
      `[profile temp]\nrole_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = kept\n`,
      `[profile process]\ncredential_process = cat ${folder}/printed.json\n`,
      `[profile fails]\ncredential_process = sh ${folder}/fails.sh\n`,
      `[profile asks]\n${
        role("Mfa", `mfa_serial = ${DEVICE.serial}\nmfa_process = sh ${folder}/code.sh\n`)
      }`,
      "",
    ].join("\n"),
    ".aws/credentials": [
      `[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = ${SECRETS[0]}`,
      `[old]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = ${SECRETS[1]}`,
      `[kept]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = ${SECRETS[1]}` +
      `\naws_session_token = ${SECRETS[2]}`,
      "",
    ].join("\n"),
    "printed.json": printed,
    // A program that fails, and prints more than it should.
    "fails.sh": `echo 'aws_secret_access_key = ${SECRETS[3]}' >&2\n` +
      `echo '{"SecretAccessKey": "${SECRETS[3]}", "SessionToken": "${SECRETS[4]}"}' >&2\nexit 3\n`,
    "code.sh": "echo 000000\n",
    // Quicker than the real one, which doctor asks for its version.
    "bin/aws": "#!/bin/sh\necho aws-cli/2.31.9\n",
  };
}

/** The first four run through every failure, the others through none. */
const PROFILES = [
  "p",
  "temp",
  "behind",
  "fails",
  "open",
  "closed",
  "process",
  "asks",
  "alice",
  "old",
];

/** How a command is called for a profile, beyond its name; what is not here takes the profile. */
const CALLS: Partial<Record<string, (profile: string) => string[][]>> = {
  get: (profile) => [
    [profile, "--json", "-o", "x-temp"],
    [profile, "--print"],
    [profile, "--print", "--format", "github"],
    [profile, "-o", "alice"],
    ["--all"],
  ],
  exec: (profile) => [[profile, "--", "true"]],
  env: (profile) => [[profile], [profile, "--format", "powershell"], ["--unset"]],
  list: () => [[], ["--json", "--settings"]],
  explain: (profile) => [[profile], [profile, "--json"]],
  whoami: (profile) => [[profile], [profile, "--json"]],
  console: (profile) => [[profile], [profile, "--service", "s3"]],
  link: (profile) => [[profile, "linked"]],
  clear: (profile) => [[profile], ["--all"]],
  completion: () => [["bash"]],
  // It has its own emulator and home folder.
  demo: () => [],
};

function callsOf(name: CommandName, profile: string): string[][] {
  const { arguments: specs }: CommandSpec = COMMANDS[name];
  return CALLS[name]?.(profile) ?? [specs.length === 0 ? [] : [profile]];
}

/** Commands whose product, on stdout, is a secret. */
function printsSecrets(argv: readonly string[]): boolean {
  return /^(env|process)$/.test(argv[0]!) || argv.includes("--print");
}

type Failure = (stage: Stage) => void | Promise<void>;

interface Stage {
  readonly host: TestHost;
  readonly emulator: ReturnType<typeof startEmulator>;
  readonly echo: RawServer;
}

/** The failures of a run, and none. */
const FAILURES: Readonly<Record<string, Failure>> = {
  "nothing fails": () => {},
  "AWS refuses": ({ emulator }) => {
    const body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
    emulator.faults.push({ times: 99, answer: { status: 403, body } });
  },
  "the server repeats all that it was sent": ({ host, echo }) => {
    host.env.AWS_ENDPOINT_URL_STS = `http://${echo.address}`;
  },
  "the server fails": ({ emulator }) => void emulator.faults.push({ times: 99, answer: 500 }),
  "the server sends what is no answer": ({ emulator }) => {
    const answer = { status: 200, body: "<html></html>" };
    emulator.faults.push({ times: 99, answer });
  },
  "the clock is wrong": ({ emulator }) => void (emulator.clockOffset = 3_600_000),
  "the disk is full": ({ host }) => {
    host.createFile = (path) => {
      throw ioError("write", path, Object.assign(new Error(), { code: "ENOSPC" }));
    };
  },
  "the config cannot be read": ({ host }) => {
    const text = host.text(".aws/credentials")!;
    // The line holds the secret, and nothing else that could be shown of it.
    host.write(".aws/credentials", text.replace("aws_secret_access_key = je7", "je7"));
  },
  "a key is spoilt": ({ host }) => {
    const text = host.text(".aws/credentials")!;
    host.write(".aws/credentials", text.replaceAll("EXAMPLE/+==", "EXAMPLE/+== \u00e9\ud83d"));
  },
};

/** Every program that was started, and every file that was written. */
interface Seen {
  readonly programs: Program[];
  readonly paths: string[];
}

function watched(host: TestHost, seen: Seen): TestHost {
  const file =
    <T extends unknown[], R>(work: (path: string, ...rest: T) => R) => (...all: [string, ...T]) => {
      seen.paths.push(all[0]);
      return work(...all);
    };
  return {
    ...host,
    now: () => host.time,
    createFile: file(host.createFile),
    appendFile: file(host.appendFile),
    makeFolder: file(host.makeFolder),
    lock: file(host.lock),
    capture(program) {
      seen.programs.push(program);
      return capture(program, host.env);
    },
    replace(program) {
      seen.programs.push(program);
      return Promise.resolve(0);
    },
    launch: (program) => Promise.resolve(void seen.programs.push(program)),
    http: (request) =>
      // The console's sign-in is not emulated here.
      new URL(request.url).hostname === "127.0.0.1"
        ? http(request)
        : Promise.resolve({ status: 500, headers: {}, body: new Uint8Array() }),
  };
}

for (const [failure, prepare] of Object.entries(FAILURES)) {
  testUnless(
    windows ? "the programs that give secrets are POSIX scripts" : undefined,
    `no command shows, forwards or leaves a secret: ${failure}`,
    () => driveAll(prepare, failure === "nothing fails" ? PROFILES : PROFILES.slice(0, 4)),
  );
}

async function driveAll(fail: Failure, profiles: readonly string[]): Promise<void> {
  const echo = echoServer();
  const driven = new Set<string>();
  try {
    for (const name of Object.keys(COMMANDS) as CommandName[]) {
      for (const call of profiles.flatMap((profile) => callsOf(name, profile))) {
        const argv = [name, ...call];
        // What names no profile is the same for all.
        if (driven.has(argv.join(" "))) continue;
        driven.add(argv.join(" "));
        await drive(argv, fail, echo);
      }
    }
  } finally {
    await echo.stop();
  }
}

async function drive(argv: readonly string[], fail: Failure, echo: RawServer): Promise<void> {
  using host = testHost({ env: { GITHUB_ENV: "", BROWSER: "true" } });
  host.env.GITHUB_ENV = host.path("github-env");
  for (const [path, text] of Object.entries(home(host.home))) host.write(path, text);
  Deno.chmodSync(host.path("bin/aws"), 0o700);
  host.env.PATH = `${host.home}/bin:${host.env.PATH}`;
  const emulator = startEmulator(host, WORLD as WorldDescription);
  host.env.AWS_ENDPOINT_URL = emulator.url;
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  host.env.AWS_MAX_ATTEMPTS = "1";
  const before = modes(host.home);
  const seen: Seen = { programs: [], paths: [] };
  const code = await totp(DEVICE.secret, host.time);
  host.env.EAC_MFA_TOKEN = code;
  try {
    await fail({ host, emulator, echo });
    const own = [...argv];
    own.splice(argv.includes("--") ? argv.indexOf("--") : argv.length, 0, "-v");
    const exit = await run(own, watched(host, seen), strategies);

    const { stdout, stderr, terminal } = host.printed;
    const where = `${argv.join(" ")} (exit ${exit})`;
    assert(exit !== 1, `${where}: ${stderr}`);
    const { sessions } = emulator.world;
    const secrets = [...SECRETS, ...sessions.flatMap(({ secret, token }) => [secret, token])];
    const search = (text: string, what: string, among = secrets) => {
      const found = among.find((secret) => text.includes(secret));
      assert(found === undefined, `${where}: a secret in ${what}: ${text.slice(0, 2000)}`);
    };
    search(stderr + terminal, "output");
    // As digits of an account or of a time a code may stand anywhere.
    assert(!new RegExp(`(?<!\\d)${code}(?!\\d)`).test(stderr), `${where}: the code is shown`);
    if (exit !== 0 || !printsSecrets(argv)) search(stdout, "stdout");
    assert(!/Signature=\w|\n {4}at /.test(stderr), stderr);

    for (const program of seen.programs) {
      search([program.command, ...program.args].join(" "), "the argv of a program");
      const own = program.command === "true" && argv[0] === "exec";
      if (!own) search(Object.values(program.env ?? {}).join("\n"), "a program's environment");
    }
    for (const path of seen.paths) {
      search(path, "a path");
      assert(path.startsWith(host.path(".aws")) || path === host.env.GITHUB_ENV, path);
    }
    checkModes(host, before);
  } finally {
    await emulator.stop();
  }
}

/** All files that eac creates are private; existing ones keep their mode. */
function checkModes({ home }: TestHost, before: ReadonlyMap<string, number>): void {
  for (const [path, mode] of modes(home)) {
    if (path === "github-env") continue; // the runner's own
    const folder = Deno.statSync(`${home}/${path}`).isDirectory;
    assertEquals(mode, before.get(path) ?? (folder ? 0o700 : 0o600), path);
  }
}

function modes(home: string): Map<string, number> {
  const found = new Map<string, number>();
  const look = (prefix: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${home}/${prefix}`)) {
      const path = prefix + name;
      found.set(path, Deno.statSync(`${home}/${path}`).mode! & 0o777);
      if (isDirectory) look(`${path}/`);
    }
  };
  look("");
  return found;
}

/** A server that refuses, and repeats in its message what AWS would not. */
function echoServer(): RawServer {
  return rawServer((connection) => {
    const [head = "", form = ""] = connection.head.split("\r\n\r\n");
    const token = /x-amz-security-token: (.*)/i.exec(head)?.[1] ?? "";
    const signature = /Signature=\w+/.exec(head)?.[0] ?? "";
    const code = new URLSearchParams(form).get("TokenCode") ?? "";
    const body = `<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>You sent ` +
      `"${token}", code ${code}, ${signature}.</Message></Error></ErrorResponse>`;
    return connection.send(httpAnswer(403, body));
  });
}

testUnless(
  Deno.build.os === "linux" ? undefined : "no /proc, which shows command lines",
  "exec passes secrets in the child's environment, and on no command line",
  async () => {
    using host = testHost();
    for (const [path, text] of Object.entries(home(host.home))) host.write(path, text);
    const emulator = startEmulator({ ...host, now: () => Date.now() }, WORLD);
    // What mfa_process sees of the machine while it runs, and what the child sees.
    host.write(
      "look.sh",
      `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done >$1.argv 2>/dev/null\n` +
        `env >$1.env\n`,
    );
    host.write("code.sh", `sh ${host.home}/look.sh ${host.home}/asked\ncat ${host.home}/code\n`);
    host.write("code", await totp(DEVICE.secret, Date.now()));
    try {
      const { success, stderr } = await new Deno.Command(host.path("bin/eac"), {
        args: ["exec", "asks", "-v", "--", "sh", host.path("look.sh"), host.path("child")],
        clearEnv: true,
        env: { ...installEac(host), AWS_ENDPOINT_URL_STS: emulator.url },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).output();
      const errors = new TextDecoder().decode(stderr);
      assert(success, errors);
      const { sessions } = emulator.world;
      const secrets = [...SECRETS, ...sessions.flatMap(({ secret, token }) => [secret, token])];
      const { secret, token } = sessions.at(-1)!;
      assertMatch(host.text("asked.argv")!, /main\.ts exec asks -v/);
      assertMatch(host.text("child.argv")!, /main\.ts exec asks -v/);
      for (const name of ["asked.argv", "child.argv", "asked.env"]) {
        const text = host.text(name)!;
        assert(!secrets.some((secret) => text.includes(secret)), `a secret in ${name}`);
      }
      const env = host.text("child.env")!;
      assert(env.includes(`AWS_SECRET_ACCESS_KEY=${secret}\n`));
      assert(env.includes(`AWS_SESSION_TOKEN=${token}\n`));
      const others = secrets.filter((other) => other !== secret && other !== token);
      assert(!others.some((other) => env.includes(other)), "a secret of another step in the child");
      assert(!secrets.some((secret) => errors.includes(secret)), errors);
    } finally {
      await emulator.stop();
    }
  },
);
