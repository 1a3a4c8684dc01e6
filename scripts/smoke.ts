/**
 * `deno task smoke [--binary FILE [--probe FILE]]`: runs every command of the compiled program against an
 * STS on loopback, each in a separate home. Where nothing can be compiled, it reports that and skips all
 * checks.
 *
 * @module
 */

import { COMMANDS } from "../lib/commands/mod.ts";
import { join } from "../lib/config/locations.ts";
import { realHost } from "../lib/host/real.ts";
import { VERSION } from "../lib/version.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../tests/support/assert.ts";
import { NO_PTY, onTerminal, word } from "../tests/support/pty.ts";
import { rawServer } from "../tests/support/raw_server.ts";
import { compileHere } from "./compile.ts";
import { denoLineOf, machineOf } from "./denort.ts";
import {
  type Check,
  CONFIG,
  CREDENTIALS,
  EMULATED,
  type Home,
  inHome,
  KEY,
  start,
  WINDOWS,
  written,
} from "./smoke/home.ts";
import { checkRoles, sourceChecks } from "./smoke/sources.ts";
import { signIn } from "./smoke/login.ts";
import { windowsChecks } from "./smoke/windows.ts";

/** The programs under test. */
interface Programs {
  readonly eac: string;
  /** The same program with permission_probe.ts as main module; absent where it cannot be compiled. */
  readonly probe?: string | undefined;
}

/** Asserts that a run printed no long-lived secret. */
function assertNoSecret(...texts: string[]): void {
  for (const text of texts) assert(!text.includes(KEY.secret), "a long-lived secret was printed");
}

/** Runs a program as the user nobody. */
const NOBODY = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];

const METADATA_SOURCES = ["Ec2InstanceMetadata", "EcsContainer"];

/** A role for each metadata service. */
const METADATA_PROFILES = METADATA_SOURCES.map((source) =>
  `[profile ${source}]\nrole_arn = arn:aws:iam::123456789012:role/deploy\n` +
  `credential_source = ${source}\n`
).join("\n");

/** Acts as the metadata services of an instance and of a container. */
function metadataAnswer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/token")) return new Response("token");
  if (pathname.endsWith("/security-credentials/")) return new Response("role");
  const keys = { AccessKeyId: "ASIAEXAMPLE", SecretAccessKey: "s", Token: "t" };
  const expiration = new Date(Date.now() + 6 * 3_600_000).toISOString();
  return Response.json({ Code: "Success", ...keys, Expiration: expiration });
}

function ipv6Works(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/** True if a program starts and exits 0. */
function works(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args }).outputSync().success;
  } catch {
    return false;
  }
}

/** Parses the output of the `posix` format. */
function exported(lines: string): Record<string, string> {
  return Object.fromEntries(
    [...lines.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
  );
}

/** The check of each command, by name: every command has one. */
const COMMAND_CHECKS: Record<keyof typeof COMMANDS, Check["run"]> = {
  async get({ eacWithCode, read }) {
    const { code, stdout, stderr } = await eacWithCode("get", "deploy", "audit");
    assertEquals([code, stdout], [0, ""], stderr);
    assertMatch(stderr, /deploy -> deploy-temp, expires .*\n.*audit -> audit-temp, expires /);
    assertNoSecret(stderr);
    const credentials = read(".aws/credentials");
    assert(credentials.startsWith(CREDENTIALS), credentials);
    assertMatch(credentials, /\[deploy-temp\]\naws_access_key_id = ASIA/);
    assertMatch(credentials, /\[audit-temp\]\naws_access_key_id = ASIA/);
  },
  async env({ eacWithCode }) {
    const { code, stdout, stderr } = await eacWithCode("env", "deploy");
    assertEquals(code, 0, stderr);
    assertMatch(exported(stdout).AWS_ACCESS_KEY_ID ?? "", /^ASIA/);
  },
  async process({ eacWithCode }) {
    const { code, stdout, stderr } = await eacWithCode("process", "audit");
    assertEquals([code, JSON.parse(stdout).Version], [0, 1], stderr);
  },
  async exec({ eacWithCode }) {
    const child = WINDOWS
      ? ["cmd", "/c", "echo %AWS_ACCESS_KEY_ID%& exit 7"]
      : ["sh", "-c", "echo $AWS_ACCESS_KEY_ID; exit 7"];
    const { code, stdout, stderr } = await eacWithCode("exec", "deploy", "--", ...child);
    assertMatch(stdout, /^ASIA\w+\r?\n$/);
    assertEquals(code, 7, stderr);
  },
  async list({ eac, warm }) {
    await warm();
    const { code, stdout } = await eac("list", "--json");
    const listed: { name: string; strategy: string; status: string }[] = JSON.parse(stdout);
    assertEquals(code, 0);
    assertEquals(listed.map(({ name, strategy, status }) => `${name} ${strategy} ${status}`), [
      "deploy assume-role valid",
      "audit chained-role none",
      "alice session-token none",
    ]);
  },
  async explain({ eac, emulator }) {
    const { code, stdout } = await eac("explain", "audit", "--json");
    const { calls } = JSON.parse(stdout);
    assertEquals(code, 0);
    assertEquals(calls.map((call: { call: string }) => call.call), [
      "GetSessionToken",
      "AssumeRole",
      "AssumeRole",
    ]);
    assertNoSecret(stdout);
    assertEquals(emulator.calls.length, 0);
  },
  async whoami({ eacWithCode }) {
    const { code, stdout, stderr } = await eacWithCode("whoami", "audit", "--json");
    assertEquals(code, 0, stderr);
    assertMatch(JSON.parse(stdout).Arn, /^arn:aws:sts::123456789012:assumed-role\/audit\//);
  },
  async console({ eacWithCode, emulator }) {
    const { code, stdout, stderr } = await eacWithCode("console", "deploy", "--print");
    assertEquals(code, 0, stderr);
    const url = new URL(stdout.trim());
    assertEquals(url.origin, new URL(emulator.url).origin);
    assert(url.searchParams.has("SigninToken"));
  },
  login: signIn,
  async init({ eac, read }) {
    const role = "arn:aws:iam::123456789012:role/audit";
    const options = ["--role-arn", role, "--source", "alice", "--output-profile", "made-temp"];
    const { code, stderr } = await eac("init", "made", "--yes", ...options);
    assertEquals(code, 0, stderr);
    assertStringIncludes(read(".aws/config"), `[profile made]\nrole_arn = ${role}\n`);
    assert(read(".aws/config").startsWith(CONFIG), "existing content is gone");
  },
  roles: checkRoles,
  async rotate({ eacWithCode, eac, read, emulator }) {
    const { code, stderr } = await eacWithCode("rotate", "alice");
    assertEquals(code, 0, stderr);
    assert(!read(".aws/credentials").includes(KEY.id), "the old key is still in the file");
    assertMatch(read(".aws/credentials"), /^aws_access_key_id = AKIA\w+$/m);
    assertEquals(emulator.world.users[0]?.accessKeys.length, 1);
    assertNoSecret(stderr);
    assertEquals((await eac("explain", "alice")).code, 0);
  },
  async link({ eac, read }) {
    const { code, stderr } = await eac("link", "deploy", "auto");
    assertEquals(code, 0, stderr);
    assertMatch(read(".aws/config"), /\[profile auto\]\ncredential_process = .*process deploy\n/);
  },
  async clear({ eac, eacWithCode, read }) {
    await eacWithCode("get", "deploy");
    const { code, stderr } = await eac("clear", "--all");
    assertEquals(code, 0, stderr);
    assert(!read(".aws/credentials").includes("ASIA"));
    assertStringIncludes(read(".aws/credentials"), KEY.id);
  },
  async doctor({ eac }) {
    const { code, stdout, stderr } = await eac("doctor", "--json");
    const findings: { level: string; message: string }[] = JSON.parse(stdout);
    assertEquals(code, 0, stdout + stderr);
    assertEquals(findings.filter(({ level }) => level === "error"), []);
    assertNoSecret(stdout);
  },
  async strategies({ eac, folder }) {
    const file = join(realHost().os, folder, ".aws", "eac", "strategies", "mine.js");
    assertEquals((await eac("strategies", "new", file)).code, 0);
    const { code, stdout, stderr } = await eac("strategies", "check", file);
    assertEquals(code, 0, stdout + stderr);
    const listed: { file: string }[] = JSON.parse((await eac("strategies", "--json")).stdout);
    assert(listed.some((one) => one.file === file), "the new strategy is not listed");
    const strategies = file.slice(0, -"mine.js".length);
    const examples = copyExamples(strategies);
    assert(examples.length >= 5, `only ${examples.length} examples are modules`);
    const tested = await eac("strategies", "check", ...examples.map((name) => strategies + name));
    assertEquals(tested.code, 0, tested.stdout + tested.stderr);
    for (const name of examples) Deno.removeSync(strategies + name);
  },
  async use({ eac, eacWithCode }) {
    const { code, stdout, stderr } = await eacWithCode("use", "deploy", "--format", "posix");
    assertEquals(code, 0, stderr);
    assertMatch(exported(stdout).AWS_ACCESS_KEY_ID ?? "", /^ASIA/);
    assertMatch((await eac("use", "deploy")).stderr, /eac activate/);
  },
  async activate({ eac }) {
    const { code, stdout } = await eac("activate", "sh");
    assertEquals(code, 0);
    assertMatch(stdout, /^eac\(\) \{$/m);
  },
  async completion({ eac }) {
    const { code, stdout } = await eac("completion", "bash");
    assertEquals(code, 0);
    assertMatch(stdout, /^complete .* eac$/m);
  },
  async demo({ eac }) {
    const { code, stdout, stderr } = await eac("demo");
    assertEquals(code, 0, stderr);
    assertMatch(stdout, WINDOWS ? /^> eac whoami /m : /^\$ eac whoami /m);
  },
};

function checksOf({ eac: program, probe }: Programs): Check[] {
  const noSh = WINDOWS ? "there is no sh on Windows" : undefined;
  const noProbe = probe === undefined ? "no other program can be compiled here" : undefined;
  return [
    {
      name: "--version prints the version of the source",
      async run({ eac }) {
        assertEquals(await eac("--version"), { code: 0, stdout: `eac ${VERSION}\n`, stderr: "" });
      },
    },
    {
      name: "every command has --help",
      async run({ eac }) {
        for (const command of ["", ...Object.keys(COMMANDS)]) {
          const { code, stdout } = await eac(...[command, "--help"].filter(Boolean));
          assertEquals(code, 0, command);
          assertStringIncludes(stdout, `eac ${command}`);
        }
      },
    },
    ...Object.entries(COMMAND_CHECKS).map(([name, run]) => ({ name, run })),
    {
      name: "an error is one sentence and a hint, without a stack trace",
      async run({ eac }) {
        const { code, stdout, stderr } = await eac("get", "deplyo");
        assertEquals([code, stdout], [3, ""]);
        assertMatch(stderr, /^error: [^\n]+\nhint: [^\n]*deploy[^\n]*\n$/);
      },
    },
    {
      name:
        "a link to a file that does not exist yet is followed: read as empty, written at its target",
      skip: WINDOWS ? "symbolic links need privileges on Windows" : undefined,
      async run({ folder, eac, read }) {
        Deno.removeSync(`${folder}/.aws/config`);
        Deno.symlinkSync("eac-target", `${folder}/.aws/config`);
        assertEquals((await eac("list")).code, 0);
        const { code, stderr } = await eac("link", "alice", "auto");
        assertEquals(code, 0, stderr);
        assertStringIncludes(read(".aws/eac-target"), "[profile auto]");
        assert(Deno.lstatSync(`${folder}/.aws/config`).isSymlink);
      },
    },
    {
      name: "get waits for an editor that writes the credentials file in place, and loses nothing",
      async run({ folder, emulator, eac }) {
        const file = `${folder}/.aws/credentials`;
        const pause = (milliseconds: number) =>
          new Promise((resolve) => setTimeout(resolve, milliseconds));
        for (const length of [0, 8, CREDENTIALS.length - 9]) {
          const edited = `${Deno.readTextFileSync(file)}# edited ${length}\n`;
          emulator.faults.push({ action: "GetSessionToken", delay: 300 });
          const ended = eac("get", "alice", "-o", "alice-temp", "--refresh");
          // The fault is used up once eac has read the file and sent its call.
          while (emulator.faults.length > 0) await pause(10);
          Deno.writeTextFileSync(file, edited.slice(0, length));
          await pause(700);
          Deno.writeTextFileSync(file, edited);
          const { code, stderr } = await ended;
          assertEquals(code, 0, stderr);
          const text = Deno.readTextFileSync(file);
          assert(text.startsWith(CREDENTIALS), stderr);
          assertStringIncludes(text, `# edited ${length}\n`);
          assertStringIncludes(text, "[alice-temp]");
        }
      },
    },
    {
      name: "files that root creates in another user's home belong to that user",
      skip: WINDOWS || Deno.uid() !== 0 ? "only root can give a file away" : undefined,
      async run({ folder, eac, eacWithCode }) {
        const owners = (path: string): [string, number | null][] => {
          const uid = Deno.lstatSync(path).uid;
          if (!Deno.lstatSync(path).isDirectory) return [[path, uid]];
          const below = [...Deno.readDirSync(path)].flatMap(({ name }) =>
            owners(`${path}/${name}`)
          );
          return [[path, uid], ...below];
        };
        for (const [path] of owners(folder)) Deno.chownSync(path, 65_534, 65_534);
        for (
          const ended of [await eacWithCode("get", "deploy", "audit"), await eac("clear", "deploy")]
        ) {
          assertEquals(ended.code, 0, ended.stderr);
        }
        assertEquals((await eac("link", "alice", "auto")).code, 0);
        assertEquals(owners(folder).filter(([, uid]) => uid !== 65_534), []);
      },
    },
    {
      name: "keys in the environment work if HOME is not a folder",
      skip: WINDOWS ? "there is no /dev/null" : undefined,
      async run({ env, folder }) {
        const file = `${folder}/.aws/config`;
        const keys = { AWS_ACCESS_KEY_ID: KEY.id, AWS_SECRET_ACCESS_KEY: KEY.secret };
        for (const home of ["/dev/null", file]) {
          const { code, stdout, stderr } = await start(program, ["whoami"], {
            ...env,
            ...keys,
            HOME: home,
          });
          assertEquals(code, 0, stderr);
          assertStringIncludes(stdout, "user/alice");
          assertStringIncludes(stderr, `${home} is not a folder`);
          assert(!stderr.includes("permission"), stderr);
        }
      },
    },
    {
      name: "a full disk at stdout or stderr is reported as such, not as a defect of eac",
      skip: Deno.build.os === "linux" ? undefined : "there is no /dev/full",
      async run({ env, warm }) {
        await warm();
        const run = (line: string) => start("sh", ["-c", `exec ${word(program)} ${line}`], env);
        for (const line of ["env deploy", "list --json", "--version", "--help", "process deploy"]) {
          const { code, stderr } = await run(`${line} >/dev/full`);
          assertEquals(code, 7, line);
          assertStringIncludes(stderr, "cannot write to stdout: the disk is full");
        }
        assertEquals((await run("get nobody 2>/dev/full")).code, 3);
        assertEquals((await run("list 2>/dev/full")).code, 0);
      },
    },
    {
      name: "a credentials file that is a mount point is refused before AWS is called",
      skip: Deno.build.os !== "linux" || !works("unshare", "-m", "true")
        ? "mounts need root"
        : undefined,
      async run({ env, emulator, folder, read }) {
        const file = word(`${folder}/.aws/credentials`);
        const mount = `cp ${file} ${file}.out && mount --bind ${file}.out ${file}`;
        for (const line of ["get deploy --no-input --mfa-token 123456", "rotate alice"]) {
          const command = `${mount} && exec ${word(program)} ${line}`;
          const { code, stderr } = await start("unshare", ["-m", "sh", "-c", command], env);
          assertEquals(code, 7, stderr);
          assertMatch(stderr, /credentials: the file is a mount point\nhint: .*eac exec/);
          const sent = emulator.calls.map(({ action }) => action);
          assert(!sent.some((action) => /Session|Assume|Create/.test(action)), sent.join());
          assertEquals(read(".aws/credentials.out"), CREDENTIALS);
        }
      },
    },
    {
      name:
        "exec passes variables that are not UTF-8 to the command, but no credentials among them",
      skip: noSh,
      async run({ env, warm }) {
        await warm();
        const set = `FOO="$(printf '\\377\\376')" BAR="$(printf 'caf\\351')" ` +
          `AWS_SECURITY_TOKEN="$(printf '\\377')" AWS_PROFILE= `;
        const shown = 'printf "%s %s" "$FOO" "$BAR" | od -An -tx1; ' +
          'echo "${AWS_SECURITY_TOKEN-none} ${AWS_PROFILE-none} $AWS_ACCESS_KEY_ID"';
        const line = `${set} exec ${word(program)} exec deploy -- sh -c ${word(shown)}`;
        const { code, stdout, stderr } = await start("sh", ["-c", line], env);
        assertEquals(code, 0, stderr);
        assertMatch(stdout, /^ ff fe 20 63 61 66 e9\nnone none ASIA\w+\n$/);
      },
    },
    {
      name:
        "with a removed working directory, or an argument that is not UTF-8, eac exits before it acts",
      skip: noSh,
      async run({ env, emulator, folder }) {
        const eac = word(program);
        const gone = word(`${folder}/.aws/gone`);
        const lines = [
          `mkdir ${gone} && cd ${gone} && rmdir ${gone} && exec ${eac} get alice -o x --no-input`,
          `exec ${eac} exec alice -- touch "$(printf 'caf\\351')"`,
        ];
        for (const line of lines) {
          const { code, stderr } = await start("sh", ["-c", `cd ${word(folder)}; ${line}`], env);
          // 101: Deno's panic; 1: Deno 2.7 on a removed directory. A later Deno may start there, or
          // replace the bytes.
          assert([0, 1, 2, 101].includes(code), stderr);
          if (code !== 0) assertEquals(emulator.calls.length, 0);
        }
      },
    },
    {
      name: "a strategy of another user is not run",
      skip: WINDOWS || Deno.uid() !== 0 ? "only root can give a file away" : undefined,
      async run({ folder, eac }) {
        Deno.writeTextFileSync(`${folder}/.aws/config`, "[profile theirs]\nacme = 1\n");
        const strategies = `${folder}/.aws/eac/strategies`;
        Deno.mkdirSync(strategies, { recursive: true, mode: 0o700 });
        Deno.writeTextFileSync(`${strategies}/acme.js`, 'throw new Error("it ran");\n');
        Deno.chownSync(`${strategies}/acme.js`, 65_534, 65_534);
        const { code, stdout, stderr } = await eac("process", "theirs");
        assertEquals([code, stdout], [8, ""]);
        assertStringIncludes(stderr, "belongs to another user: eac does not run it");
      },
    },
    {
      name: "a module imports only files that nobody else can write",
      skip: noSh,
      async run({ folder, eac }) {
        Deno.writeTextFileSync(`${folder}/.aws/config`, "[profile own]\nacme = 1\n");
        const strategies = `${folder}/.aws/eac/strategies`;
        Deno.mkdirSync(strategies, { recursive: true, mode: 0o700 });
        Deno.writeTextFileSync(`${strategies}/acme.js`, 'import "./_helper.js";\n', {
          mode: 0o600,
        });
        Deno.writeTextFileSync(`${strategies}/_helper.js`, 'throw new Error("it ran");\n');
        Deno.chmodSync(`${strategies}/_helper.js`, 0o666);
        const { code, stderr } = await eac("process", "own");
        assertEquals(code, 8);
        assertStringIncludes(stderr, "_helper.js can be written by others: eac does not run it");
      },
    },
    {
      name:
        "a module can use files, Unix sockets, the network and programs only if its `wants` lists them",
      async run({ folder, eac }) {
        Deno.writeTextFileSync(
          `${folder}/.aws/config`,
          ["sealed", "files", "fetch", "run"].map((name) => `[profile ${name}]\n${name} = 1\n`)
            .join(""),
        );
        const strategies = `${folder}/.aws/eac/strategies`;
        Deno.mkdirSync(strategies, { recursive: true, mode: 0o700 });
        Deno.writeTextFileSync(`${strategies}/_v.js`, "export const v = 1;\n", { mode: 0o600 });
        const attempts = `{
          read: async () => Deno.readTextFileSync("/etc/hosts"),
          write: async () => Deno.writeTextFileSync(Deno.env.get("HOME") + "/.aws/planted", ""),
          net: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
          run: async () => new Deno.Command("${
          WINDOWS ? "cmd" : "true"
        }", { stdin: "null" }).outputSync(),
        }`;
        for (const name of ["sealed", "files", "fetch", "run"]) {
          const wants = name === "sealed" ? "" : `wants: ["${name}"],`;
          Deno.writeTextFileSync(
            `${strategies}/${name}.js`,
            `import "./_v.js"; import { homedir } from "node:os";
            const allowed = async (when) => {
              for (const [name, attempt] of Object.entries(${attempts})) {
                if (await attempt().then(() => true, (e) => e.name !== "NotCapable")) {
                  console.log(when + " " + name);
                }
              }
            };
            const unix = () => // which entry allows it depends on Deno's version
              Deno.connect({ transport: "unix", path: Deno.env.get("HOME") + "/none.sock" });
            if (${name === "sealed"}) await allowed("at load");
            if (${name === "sealed" && !WINDOWS}) {
              await unix().catch((e) => e.name === "NotCapable" || console.log("can unix"));
            }
            export default { api: 1, name: "${name}", summary: "x", needs: [["${name}"]], ${wants}
              async obtain() { await allowed("can"); throw new Error("home " + homedir()); } };`,
            { mode: 0o600 },
          );
        }
        const expected = {
          sealed: "",
          files: "can read\ncan write\n",
          fetch: "can net\n",
        };
        for (const [name, can] of Object.entries(expected)) {
          const { code, stderr } = await eac("process", name);
          assertEquals([code, stderr.slice(0, stderr.indexOf("error: "))], [8, can]);
          assertStringIncludes(stderr, `home ${folder}`);
        }
        assertStringIncludes((await eac("process", "run")).stderr, "can run\n");
      },
    },
    {
      name:
        "eight processes share one sign-in of a custom strategy, and only its own profiles get the token",
      async run({ folder, eac }) {
        const strategies = `${folder}/.aws/eac/strategies`;
        Deno.mkdirSync(strategies, { recursive: true, mode: 0o700 });
        const write = (name: string, text: string) =>
          Deno.writeTextFileSync(`${strategies}/${name}`, text, { mode: 0o600 });
        const later = "new Date(Date.now() + 3_600_000)";
        write(
          "login.js",
          `import { appendFileSync } from "node:fs"; import { homedir } from "node:os";
          export default { api: 1, name: "login", summary: "x", needs: [["idp"]], gives: "sign-in",
            wants: ["files"],
            async obtain() {
              appendFileSync(homedir() + "/.aws/logins", "x");
              await new Promise((resolve) => setTimeout(resolve, 500));
              return { Token: "token-of-the-session", Expiration: ${later} };
            } };`,
        );
        write(
          "role.js",
          `export default { api: 1, name: "role", summary: "x", needs: [["team"]], wants: ["source"],
            obtain({ profile, token }) {
              if (token !== "token-of-the-session") throw new Error("no token");
              return { AccessKeyId: "ASIA" + profile.team, SecretAccessKey: "secret",
                SessionToken: "t", Expiration: ${later} };
            } };`,
        );
        const roles = [..."abcdefgh"];
        Deno.writeTextFileSync(
          `${folder}/.aws/config`,
          "[profile corp]\nidp = x\n" +
            roles.map((name) => `[profile ${name}]\nteam = ${name}\nsource_profile = corp\n`).join(
              "",
            ),
        );
        const runs = await Promise.all(roles.map((name) => eac("process", name)));
        for (const [index, { code, stdout, stderr }] of runs.entries()) {
          assertEquals(code, 0, stderr);
          assertEquals(JSON.parse(stdout).AccessKeyId, `ASIA${roles[index]}`);
        }
        assertEquals(Deno.readTextFileSync(`${folder}/.aws/logins`), "x");
        const refused = await eac("exec", "corp", "--", program, "--version");
        assertEquals([refused.code, refused.stdout], [3, ""]);
        assertStringIncludes(refused.stderr, "is a sign-in");
        const again = await eac("login", "a");
        assertEquals(again.code, 0, again.stderr);
        assertEquals(Deno.readTextFileSync(`${folder}/.aws/logins`), "xx");
      },
    },
    {
      name: "a strategy in a git clone runs after it is allowed, until it changes",
      async run({ folder, eac }) {
        const strategies = `${folder}/.aws/eac/strategies`;
        Deno.mkdirSync(`${strategies}/.git`, { recursive: true, mode: 0o700 });
        Deno.writeTextFileSync(`${folder}/.aws/config`, "[profile p]\nacme = 1\n");
        const text = `console.log("it ran");
          export default { api: 1, name: "acme", summary: "x", needs: [["acme"]],
            obtain() { throw new Error("asked"); } };\n`;
        Deno.writeTextFileSync(`${strategies}/acme.js`, text, { mode: 0o600 });
        const refused = await eac("process", "p");
        assertEquals(refused.code, 8);
        assertStringIncludes(refused.stderr, "eac strategies allow acme.js");
        assert(!refused.stderr.includes("it ran"));
        assertEquals((await eac("strategies", "allow", "acme.js")).code, 0);
        assertStringIncludes((await eac("process", "p")).stderr, "asked");
        Deno.writeTextFileSync(`${strategies}/acme.js`, `${text}// changed\n`);
        const changed = await eac("process", "p");
        assertEquals(changed.code, 8);
        assertStringIncludes(changed.stderr, "has changed since it was allowed");
      },
    },
    {
      name: "a credential_process that forms a cycle fails immediately and names the cycle",
      async run({ folder, eac }) {
        const throughShell = WINDOWS
          ? `cmd /c ${program} process b`
          : `sh -c 'exec ${program} process b'`;
        Deno.writeTextFileSync(
          `${folder}/.aws/config`,
          `[default]
credential_process = ${program} process
[profile a]
credential_process = ${throughShell}
[profile b]
credential_process = ${program} process a
[profile role]
role_arn = arn:aws:iam::123456789012:role/audit
source_profile = linked
[profile linked]
credential_process = ${program} process role
`,
        );
        for (
          const [name, path] of [
            ["default", "default -> default"],
            ["a", "a -> b -> a"],
            ["role", "linked -> linked"],
          ] as const
        ) {
          const { code, stderr } = await eac("process", name);
          assertEquals(code, 3, stderr);
          assertStringIncludes(
            stderr,
            `error: credential_process forms a cycle: ${path}\n`,
          );
        }
      },
    },
    {
      name: "a code is asked for on the terminal though stdin, stdout and stderr are pipes",
      skip: NO_PTY,
      async run({ env, code, folder }) {
        const line =
          `printf '' | ${word(program)} process deploy 2>${word(folder)}/.aws/stderr | ` +
          `cat >${word(folder)}/.aws/answer`;
        await onTerminal(line, [["MFA code", `${await code()}\r`]], env);
        const answer = Deno.readTextFileSync(`${folder}/.aws/answer`);
        assertEquals(JSON.parse(answer).Version, 1);
      },
    },
    {
      name: "process shows on the terminal, once, what the program that started it hides",
      skip: NO_PTY,
      async run({ env, folder }) {
        const hidden = `EAC_NO_INPUT=1 ${word(program)} process deploy 2>${
          word(folder)
        }/.aws/stderr`;
        const { screen } = await onTerminal(`${hidden}; ${hidden}; sleep 0.2`, [], env);
        assertEquals(screen.match(/eac: .*MFA code.*is needed/g)?.length, 1, screen);
      },
    },
    {
      name: "a profile is picked on the terminal",
      skip: NO_PTY,
      async run({ env, code }) {
        const { code: ended, screen } = await onTerminal(word(program), [
          ["deploy", "aud"],
          ["audit", "\r"],
          ["MFA code", `${await code()}\r`],
        ], env);
        assertEquals(ended, 0, screen);
        assertStringIncludes(screen, "audit-temp");
      },
    },
    {
      name: "exec passes SIGTERM on, and ends as its child does",
      skip: noSh,
      async run({ env, warm }) {
        await warm();
        const script = `trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done`;
        const child = new Deno.Command(program, {
          args: ["exec", "deploy", "--", "sh", "-c", script],
          clearEnv: true,
          env: { ...env },
          stdin: "null",
          stdout: "piped",
        }).spawn();
        const reader = child.stdout.getReader();
        await reader.read();
        child.kill("SIGTERM");
        assertEquals((await child.status).code, 42);
        await reader.cancel();
      },
    },
    {
      name: "exec exits with 128+N for signal N, and with 127 or 126 if the command cannot run",
      skip: noSh,
      async run({ eac, warm, folder }) {
        await warm();
        const code = async (...child: string[]) =>
          (await eac("exec", "deploy", "--", ...child)).code;
        assertEquals(await code("sh", "-c", "kill -KILL $$"), 137);
        assertEquals(await code("no-such-program-anywhere"), 127);
        // qemu's vfork is a fork: its child reports what it cannot run by its exit code.
        assertEquals(await code(`${folder}/.aws/config`), EMULATED ? 127 : 126);
      },
    },
    {
      name: "exec --serve gives its child credentials over loopback",
      skip: works("curl", "--version") ? noSh : "curl is not installed",
      async run({ eacWithCode }) {
        const ask = 'curl -sS -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" ' +
          '"$AWS_CONTAINER_CREDENTIALS_FULL_URI"; test -z "$AWS_ACCESS_KEY_ID"';
        const args = ["exec", "deploy", "--serve", "--", "sh", "-c", ask];
        const { code, stdout, stderr } = await eacWithCode(...args);
        assertEquals(code, 0, stderr);
        assertMatch(JSON.parse(stdout).AccessKeyId, /^ASIA/);
      },
    },
    {
      name: "exec --serve ends with its child, whatever request is open at its server",
      skip: noSh,
      async run({ warm, eac, folder }) {
        await warm();
        const [address, open] = [`${folder}/address`, `${folder}/open`];
        const script = `echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI" >"${address}"; ` +
          `until test -e "${open}"; do sleep 0.05; done; exit 7`;
        const run = eac("exec", "deploy", "--serve", "--", "sh", "-c", script);
        const [line] = await written(address, 1);
        const url = new URL(line!);
        const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(url.port) });
        await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n"));
        Deno.writeTextFileSync(open, "");
        const began = performance.now();
        const { code, stderr } = await run;
        connection.close();
        for (const path of [address, open]) Deno.removeSync(path);
        assertEquals(code, 7, stderr);
        assert(performance.now() - began < 5000, "it waited for the open request");
      },
    },
    {
      name: "console does not sign in another user who opens its page first",
      skip: noSh ??
        (!works("curl", "--version")
          ? "curl is not installed"
          : works("setpriv", ...NOBODY, "true")
          ? undefined
          : "only root can act as another user"),
      async run({ warm, folder, env }) {
        await warm();
        const fetched = 'curl -s -o /dev/null -w "%{http_code} %{redirect_url}\\n" "$1"';
        Deno.writeTextFileSync(
          `${folder}/xdg-open`,
          `#!/bin/sh\nexec >"${folder}/visits"\nsetpriv ${NOBODY.join(" ")} ${fetched}\n` +
            `${fetched}\n`,
          { mode: 0o755 },
        );
        const { code, stdout, stderr } = await start(program, ["console", "deploy"], {
          ...env,
          DISPLAY: ":0",
          PATH: `${folder}:${env.PATH}`,
        });
        assertEquals([code, stdout], [0, ""], stderr);
        const visits = await written(`${folder}/visits`, 2);
        for (const name of ["xdg-open", "visits"]) Deno.removeSync(`${folder}/${name}`);
        assertEquals(visits[0]!.trim(), "403");
        assertMatch(visits[1]!, /^303 .*SigninToken=/);
      },
    },
    ...["127.0.0.1", "::1"].map((hostname) => ({
      name: `base credentials come from instance and container metadata at ${hostname}`,
      skip: hostname !== "::1" || ipv6Works() ? undefined : "there is no IPv6 loopback",
      async run({ env, folder }: Home) {
        const server = Deno.serve({ hostname, port: 0, onListen() {} }, metadataAnswer);
        const { port } = server.addr;
        const url = hostname === "::1" ? `http://[::1]:${port}` : `http://${hostname}:${port}`;
        try {
          Deno.writeTextFileSync(`${folder}/.aws/config`, METADATA_PROFILES);
          for (const source of METADATA_SOURCES) {
            const { code, stderr } = await start(program, ["process", source], {
              ...env,
              AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
              AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`,
            });
            // It calls STS with these credentials, which STS did not issue and refuses.
            assertEquals(code, 5, stderr);
            assertStringIncludes(stderr, "ASIAEXAMPLE");
          }
        } finally {
          await server.shutdown();
        }
      },
    })),
    {
      name: "an SSO profile works as the AWS CLI reads it, and its token is renewed",
      async run({ env, folder }) {
        const seen: string[] = [];
        const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
          seen.push(`${request.method} ${request.headers.get("x-amz-sso_bearer_token")}`);
          if (request.method === "POST") {
            return Response.json({ accessToken: "new-token", expiresIn: 3600 });
          }
          const keys = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "s", sessionToken: "t" };
          return Response.json({
            roleCredentials: { ...keys, expiration: Date.now() + 3_600_000 },
          });
        });
        const cache = `${folder}/.aws/sso/cache`;
        try {
          Deno.writeTextFileSync(
            `${folder}/.aws/config`,
            "[profile\t 'my role' ]\nSSO_Session = My Corp\nsso_account_id = 123456789012\n" +
              "sso_role_name = admin\n\n[sso-session   'My Corp']\n" +
              "sso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n",
          );
          const sha1 = await crypto.subtle.digest("SHA-1", new TextEncoder().encode("My Corp"));
          Deno.mkdirSync(cache, { recursive: true, mode: 0o700 });
          Deno.writeTextFileSync(
            `${cache}/${new Uint8Array(sha1).toHex()}.json`,
            JSON.stringify({
              accessToken: "old-token",
              expiresAt: "2020-01-01T00:00:00UTC",
              clientId: "c",
              clientSecret: "cs",
              refreshToken: "r",
            }),
            { mode: 0o600 },
          );
          const { code, stdout, stderr } = await start(program, ["process", "my role"], {
            ...env,
            AWS_ENDPOINT_URL_SSO: `http://127.0.0.1:${server.addr.port}`,
            AWS_ENDPOINT_URL_SSO_OIDC: `http://127.0.0.1:${server.addr.port}`,
          });
          assertEquals(code, 0, stderr);
          assertEquals(JSON.parse(stdout).AccessKeyId, "ASIAEXAMPLE");
          assertEquals(seen, ["POST null", "GET new-token"]);
        } finally {
          await server.shutdown();
        }
      },
    },
    ...Object.entries({
      "is truncated": 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"Access',
      "is longer than declared": "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n" +
        `transfer-encoding: chunked\r\n\r\n200000\r\n${"x".repeat(0x200000)}\r\n`,
    }).map(([what, answer]) => ({
      name: `a metadata answer that ${what} is one error`,
      async run({ env, folder }: Home) {
        const server = rawServer((connection) => connection.send(answer));
        try {
          Deno.writeTextFileSync(`${folder}/.aws/config`, METADATA_PROFILES);
          for (const source of METADATA_SOURCES) {
            const { code, stderr } = await start(program, ["process", source], {
              ...env,
              AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${server.address}`,
              AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${server.address}/`,
            });
            assertEquals(code, 6, stderr);
            assertMatch(stderr, /^error: the .* returned no credentials: .*\nhint: .*\n$/);
          }
        } finally {
          await server.stop();
        }
      },
    })),
    {
      name: "the AWS CLI gets its credentials through eac link",
      skip: works("aws", "--version") ? undefined : "the AWS CLI is not installed",
      async run({ env, eac, eacWithCode, emulator }) {
        assertEquals((await eacWithCode("get", "deploy")).code, 0);
        assertEquals((await eac("link", "audit", "auto")).code, 0);
        const identity = await start("aws", [
          ...["sts", "get-caller-identity", "--profile", "auto", "--output", "json"],
          ...["--region", "us-east-1", "--endpoint-url", emulator.url],
        ], { ...env });
        assertEquals(identity.code, 0, identity.stderr);
        assertMatch(JSON.parse(identity.stdout).Arn, /assumed-role\/audit\//);
      },
    },
    ...[
      { command: ["list", "--json"], net: "refused", run: "refused" },
      { command: ["explain", "deploy", "--json"], net: "refused", run: "refused" },
      { command: ["process", "deploy"], net: "refused", run: "refused" },
      { command: ["env", "deploy"], net: "refused", run: "refused" },
      { command: ["env", "audit"], net: "allowed", run: "refused" },
      { command: ["whoami", "deploy"], net: "allowed", run: "refused" },
    ].map(({ command, net, run }) => ({
      name: `${command.join(" ")}${command[1] === "audit" ? ", which calls AWS" : ""}: ` +
        `network ${net}, programs ${run}`,
      skip: noProbe,
      async run({ env, warm }: Home) {
        await warm();
        const { stderr } = await start(probe!, command, { ...env });
        assertStringIncludes(stderr, `probe: net ${net}, run ${run}\n`);
      },
    })),
    {
      name: "env of a profile with credential_process: programs allowed",
      skip: noSh ?? noProbe,
      async run({ env, folder }) {
        const answer = `{"Version":1,"AccessKeyId":"${KEY.id}","SecretAccessKey":"${KEY.secret}"}`;
        Deno.writeTextFileSync(
          `${folder}/.aws/config`,
          `[profile made]\ncredential_process = echo '${answer}'\n`,
        );
        const { code, stderr } = await start(probe!, ["env", "made"], { ...env });
        assertEquals(code, 0, stderr);
        assertStringIncludes(stderr, "run allowed\n");
      },
    },
    ...sourceChecks(),
    ...(WINDOWS ? windowsChecks(program) : []),
    sizeCheck(program),
  ];
}

/** Copies the examples in JavaScript with what they import, and returns the names of the strategies. */
function copyExamples(folder: string): readonly string[] {
  const examples = new URL("../examples/strategies/", import.meta.url);
  const names = [...Deno.readDirSync(examples)].map(({ name }) => name)
    .filter((name) => /\.(js|json)$/.test(name));
  for (const name of names) {
    const text = Deno.readTextFileSync(new URL(name, examples));
    Deno.writeTextFileSync(folder + name, text, { mode: 0o600 });
  }
  return names.filter((name) => /^[^_].*\.js$/.test(name));
}

/**
 * Compares the size of the binary with the latest in the changelog for this platform and Deno release
 * line: more than 2 % above it needs a new entry there.
 */
function sizeCheck(eac: string): Check {
  const bytes = Deno.readFileSync(eac);
  const machine = machineOf(bytes);
  const platform = `${machine?.os}-${machine?.arch}, Deno ${denoLineOf(bytes)}`;
  const changelog = Deno.readTextFileSync(new URL("../CHANGELOG.md", import.meta.url));
  const stated = [...changelog.matchAll(/Size: ([\d,]+) bytes \(([^)]+)\)/g)]
    .find(([, , where]) => where === platform)?.[1];
  return {
    name: `the binary has ${bytes.length.toLocaleString("en")} bytes (${platform})`,
    skip: stated === undefined ? "the changelog states no size for this platform" : undefined,
    run() {
      const most = Number(stated!.replaceAll(",", "")) * 1.02;
      assert(
        bytes.length <= most,
        `it is more than 2 % above the ${stated} bytes in the changelog: add an entry that explains it`,
      );
      return Promise.resolve();
    },
  };
}

async function compileAll(folder: string): Promise<Programs> {
  const suffix = WINDOWS ? ".exe" : "";
  const programs = { eac: `${folder}/eac${suffix}`, probe: `${folder}/probe${suffix}` };
  await compileHere("main.ts", programs.eac);
  await compileHere("scripts/permission_probe.ts", programs.probe);
  return programs;
}

/** Time limit of a check in milliseconds. */
const LIMIT = EMULATED ? 600_000 : 60_000;

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const message = `not done after ${milliseconds / 1000} seconds`;
  const timer = setTimeout(() => reject(new Error(message)), milliseconds);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** Runs the checks one after another; true if none failed. */
async function report(checks: readonly Check[], program: string): Promise<boolean> {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, skip, run } of checks) {
    if (skip !== undefined) {
      count.skipped++;
      console.log(`skipped  ${name} (${skip})`);
      continue;
    }
    try {
      await within(LIMIT, inHome(program, run));
      count.passed++;
      console.log(`passed   ${name}`);
    } catch (error) {
      count.failed++;
      console.log(`failed   ${name}\n${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(`smoke: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  return count.failed === 0;
}

async function main(args: readonly string[]): Promise<boolean> {
  const [option, binary, second, probe, ...rest] = args;
  if (option === "--binary" && binary && (second === undefined || second === "--probe" && probe)) {
    const eac = Deno.realPathSync(binary);
    return report(checksOf({ eac, probe: probe && Deno.realPathSync(probe) }), eac);
  }
  if (option !== undefined || rest.length > 0) {
    throw new Error("usage: deno task smoke [--binary FILE [--probe FILE]]");
  }
  const folder = Deno.makeTempDirSync({ prefix: "eac-smoke-" });
  try {
    let programs: Programs;
    try {
      programs = await compileAll(folder);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!reason.includes("cannot be downloaded")) throw error;
      console.log(`skipped  everything: ${reason}\nsmoke: 0 passed, 0 failed, 1 skipped`);
      return true;
    }
    return await report(checksOf(programs), programs.eac);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args) ? 0 : 1);
