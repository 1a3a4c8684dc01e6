/**
 * Checks of what only Windows has: names of programs and variables, quoting, code pages, and files that
 * other programs hold open.
 *
 * @module
 */

import { join } from "../../lib/config/locations.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../../tests/support/assert.ts";
import { holdFile } from "../../tests/support/held_file.ts";
import { type Check, CONFIG, CREDENTIALS, type Ended, type Home, KEY, start } from "./home.ts";

const path = (...parts: [string, ...string[]]) => join("windows", ...parts);

/** The environment without some variables, whatever the case of their names. */
function without(env: Home["env"], ...names: string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !names.includes(name.toUpperCase())),
  );
}

/** Runs a line as other programs do: `cmd /d /s /c "LINE"`. */
async function cmd(line: string, env: Home["env"]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command("cmd", {
    args: ["/d", "/s", "/c", `"${line}"`],
    windowsRawArguments: true,
    clearEnv: true,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Writes a batch file into a folder below `.aws`, and returns the folder. */
function batchFile(home: Home, name: string, ...lines: string[]): string {
  const folder = path(home.folder, ".aws", "my bin");
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(path(folder, name), ["@echo off", ...lines, ""].join("\r\n"));
  return folder;
}

/** A strategy as a batch file: its description, then what it runs for credentials. */
function strategyFile(home: Home, name: string, ...obtain: string[]): string {
  const folder = path(home.folder, ".aws", "eac", "strategies");
  Deno.mkdirSync(folder, { recursive: true });
  const expiration = new Date(Date.now() + 3_600_000).toISOString();
  const keys = { AccessKeyId: "ASIABOX", SecretAccessKey: "s", SessionToken: "t" };
  const described = { api: 1, name: "box", summary: "a box", needs: [["box"]] };
  const lines = [
    "@echo off",
    'if "%EAC_REQUEST%"=="describe" (',
    `echo ${JSON.stringify(described)}`,
    "exit /b 0",
    ")",
    ...obtain,
    `echo ${JSON.stringify({ ...keys, Expiration: expiration })}`,
    "",
  ];
  const file = path(folder, name);
  Deno.writeTextFileSync(file, lines.join("\r\n"));
  Deno.writeTextFileSync(
    path(folder, "box.test.json"),
    JSON.stringify([{ name: "gives keys", profile: { box: "1" } }]),
  );
  return file;
}

/** The checks of `program`, an eac.exe. */
export function windowsChecks(program: string): Check[] {
  return [
    {
      name: "USERPROFILE names the home, else HOMEDRIVE and HOMEPATH do",
      async run({ env, folder }) {
        const profile = without(env, "HOME");
        const drive = {
          ...without(env, "HOME", "USERPROFILE"),
          HOMEDRIVE: folder.slice(0, 2),
          HOMEPATH: folder.slice(2),
        };
        for (const variables of [profile, drive]) {
          const { code, stdout, stderr } = await start(program, ["list"], variables);
          assertEquals(code, 0, stderr);
          assertStringIncludes(stdout, "deploy");
        }
      },
    },
    {
      name: "files with CRLF line endings keep them throughout",
      async run({ eac, eacWithCode, folder, read }) {
        for (const [name, text] of Object.entries({ config: CONFIG, credentials: CREDENTIALS })) {
          Deno.writeTextFileSync(path(folder, ".aws", name), text.replaceAll("\n", "\r\n"));
        }
        assertEquals((await eacWithCode("get", "deploy")).code, 0);
        assertEquals((await eac("link", "deploy", "auto")).code, 0);
        for (const name of ["config", "credentials"]) {
          const text = read(`.aws/${name}`);
          assertMatch(text, /\[deploy-temp\]|\[profile auto\]/);
          assert(!/[^\r]\n/.test(text), JSON.stringify(text));
        }
      },
    },
    {
      name: "a file that begins with a byte order mark is read; one in UTF-16 is named as such",
      async run({ eac, folder }) {
        const file = path(folder, ".aws", "config");
        Deno.writeTextFileSync(file, `\ufeff${CONFIG}`);
        assertStringIncludes((await eac("list")).stdout, "deploy");
        const units = Uint16Array.from(`\ufeff${CONFIG}`, (unit) => unit.charCodeAt(0));
        Deno.writeFileSync(file, new Uint8Array(units.buffer));
        const { code, stderr } = await eac("list");
        assertEquals(code, 3);
        assertStringIncludes(stderr, "UTF-16");
      },
    },
    {
      name: "the line that link writes works for eac, and for programs that pass it to cmd",
      async run({ env, eac, eacWithCode, folder, read }) {
        const copy = path(folder, ".aws", "my eac.exe");
        Deno.copyFileSync(program, copy);
        assertEquals((await eacWithCode("process", "audit")).code, 0);
        assertEquals((await start(copy, ["link", "audit", "auto"], { ...env })).code, 0);
        const line = /^credential_process = (.*)$/m.exec(read(".aws/config"))?.[1] ?? "";
        assertStringIncludes(line, "my eac.exe");
        for (const ended of [await eac("process", "auto"), await cmd(line, env)]) {
          assertEquals(ended.code, 0, ended.stderr);
          assertMatch(JSON.parse(ended.stdout).AccessKeyId, /^ASIA/);
        }
      },
    },
    {
      name: "exec finds .cmd, .bat and .exe by their bare names, and passes arguments unchanged",
      async run(home) {
        await home.warm();
        const bin = batchFile(home, "tool.cmd", "echo [%*] %AWS_ACCESS_KEY_ID%", "exit /b 7");
        batchFile(home, "two.bat", "exit /b 8");
        Deno.writeTextFileSync(path(bin, "text"), "no program");
        const env = { ...home.env, PATH: `${bin};${home.env.PATH}` };
        const exec = (...child: string[]) =>
          start(program, ["exec", "deploy", "--", ...child], env);
        const tool = await exec("tool", "one", "a b");
        assertEquals(tool.code, 7, tool.stderr);
        assertMatch(tool.stdout, /one.*a b.* ASIA/);
        assertEquals((await exec("two")).code, 8);
        assertEquals((await exec("no-such-program-anywhere")).code, 127);
        assertEquals((await exec(path(bin, "text"))).code, 126);
        const injected = await exec("tool", 'x" & echo injected & "');
        assert(!/^injected/m.test(injected.stdout), injected.stdout);
      },
    },
    {
      name: "exec --serve gives its child credentials over loopback, and ends with its exit code",
      async run({ eacWithCode, folder }) {
        const script = path(folder, ".aws", "ask.js");
        Deno.writeTextFileSync(
          script,
          `const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } =
            Deno.env.toObject();
          const answer = await fetch(url, { headers: { authorization: token } });
          console.log((await answer.json()).AccessKeyId);
          Deno.exit(5);`,
        );
        const child = [Deno.execPath(), "run", "--no-config", "-A", script];
        const { code, stdout, stderr } = await eacWithCode(
          ...["exec", "deploy", "--serve", "--", ...child],
        );
        assertEquals(code, 5, stderr);
        assertMatch(stdout, /^ASIA/);
      },
    },
    {
      name: "the child of exec inherits no old credentials, whatever the case of the variables",
      async run({ env, warm }) {
        await warm();
        const old = {
          ...env,
          aws_access_key_id: "AKIAOLD",
          Aws_Secret_Access_Key: "old",
          aws_session_token: "old",
          aws_profile: "old",
          AWS_Security_Token: "old",
        };
        const { code, stdout, stderr } = await start(
          program,
          ["exec", "deploy", "--", "cmd", "/c", "set aws"],
          old,
        );
        assertEquals(code, 0, stderr);
        assertMatch(stdout, /^AWS_ACCESS_KEY_ID=ASIA/im);
        assert(!/=old|AKIAOLD/i.test(stdout), stdout.replace(/=.{60,}/g, "=..."));
      },
    },
    {
      name: "aws_profile is AWS_PROFILE, and Path is PATH",
      async run(home) {
        await home.warm();
        const selected = { ...home.env, aws_profile: "deploy" };
        const { code, stderr } = await start(program, ["process"], selected);
        assertEquals(code, 0, stderr);
        const bin = batchFile(home, "tool.cmd", "exit /b 9");
        const path = { ...without(home.env, "PATH"), Path: `${bin};${home.env.PATH}` };
        assertEquals((await start(program, ["exec", "deploy", "--", "tool"], path)).code, 9);
      },
    },
    {
      name: "strategies check passes PATH to a strategy, however its name is spelled",
      async run(home) {
        const bin = batchFile(home, "tool.cmd", "exit /b 0");
        const file = strategyFile(home, "box.cmd", "call tool || exit /b 4");
        for (const name of ["PATH", "Path"]) {
          const env = { ...without(home.env, "PATH"), [name]: `${bin};${home.env.PATH}` };
          const { code, stdout, stderr } = await start(program, ["strategies", "check", file], env);
          assertEquals(code, 0, stdout + stderr);
        }
      },
    },
    {
      name: "a .cmd file can be a strategy",
      async run(home) {
        Deno.writeTextFileSync(path(home.folder, ".aws", "config"), "[profile box]\nbox = 1\n");
        strategyFile(home, "box.cmd");
        const { code, stdout, stderr } = await home.eac("process", "box");
        assertEquals(code, 0, stderr);
        assertEquals(JSON.parse(stdout).AccessKeyId, "ASIABOX");
      },
    },
    {
      name: "strategies new writes only what Windows can run, and names the other file types",
      async run({ eac, folder }) {
        for (const name of ["acme", "acme.sh", "acme.cmd", "acme.bat", "acme.exe"]) {
          const { code, stderr } = await eac("strategies", "new", name);
          assertEquals(code, 2, stderr);
          assertStringIncludes(stderr, "eac strategies new acme.js");
          assertMatch(stderr, /\.cmd|cannot write a program/);
        }
        const strategies = path(folder, ".aws", "eac", "strategies");
        assertEquals((await eac("strategies", "new", "acme.js")).code, 0);
        assertEquals((await eac("strategies", "check", "acme.js")).code, 0);
        Deno.writeTextFileSync(path(strategies, "script"), "#!/bin/sh\n");
        const { code, stdout } = await eac("strategies", "check", "script");
        assertEquals(code, 8);
        for (const ending of [".js", ".exe", ".cmd", ".bat"]) assertStringIncludes(stdout, ending);
      },
    },
    {
      name: "env --format cmd is read by `for /f`, and unsets what would take precedence",
      async run(home) {
        await home.warm();
        const folder = batchFile(
          home,
          "use.cmd",
          "set AWS_PROFILE=old",
          `for /f "delims=" %%i in ('""${program}" env deploy --format cmd"') do %%i`,
          "echo [%AWS_ACCESS_KEY_ID%][%AWS_PROFILE%]",
        );
        const { stdout, stderr } = await start(path(folder, "use.cmd"), [], { ...home.env });
        assertMatch(stdout, /\[ASIA\w+\]\[\]/, stderr);
      },
    },
    ...(["read", "nothing"] as const).map((sharing): Check => ({
      name: "eac waits for a file that another program holds briefly " +
        `(it shares ${sharing === "read" ? "reading" : "nothing"})`,
      async run({ eac, emulator, folder, read }) {
        const file = path(folder, ".aws", "credentials");
        emulator.faults.push({ action: "GetSessionToken", delay: 300 });
        let held: Disposable | undefined = sharing === "nothing"
          ? holdFile(file, sharing)
          : undefined;
        const ended = eac("get", "alice", "-o", "alice-temp");
        if (held === undefined) {
          while (emulator.faults.length > 0) await new Promise((done) => setTimeout(done, 10));
          held = holdFile(file, sharing);
          await new Promise((done) => setTimeout(done, 450)); // eac tries to replace it meanwhile
        } else await new Promise((done) => setTimeout(done, 300)); // eac starts, and tries to read it
        held[Symbol.dispose]();
        const { code, stderr } = await ended;
        assertEquals(code, 0, stderr);
        assert(read(".aws/credentials").startsWith(CREDENTIALS));
        assertStringIncludes(read(".aws/credentials"), "[alice-temp]");
      },
    })),
    {
      name:
        "a file that another program keeps open is not changed, and the hint says to close the program",
      async run({ eac, emulator, folder, read }) {
        for (
          const [sharing, line] of [["read", "get"], ["nothing", "get"], [
            "read",
            "rotate",
          ]] as const
        ) {
          const held = holdFile(path(folder, ".aws", "credentials"), sharing);
          const { code, stderr } = line === "get"
            ? await eac("get", "alice", "-o", "alice-temp")
            : await eac("rotate", "alice");
          held[Symbol.dispose]();
          assertEquals(code, 7, stderr);
          assertMatch(stderr, /\nhint: close the program/);
          assertEquals(read(".aws/credentials"), CREDENTIALS);
        }
        assert(emulator.calls.every(({ action }) => action !== "CreateAccessKey"));
        const left = [...Deno.readDirSync(path(folder, ".aws"))].map(({ name }) => name);
        assert(left.every((name) => !name.endsWith(".tmp")), left.join());
      },
    },
    {
      name: "a read-only file is not changed, and the hint names attrib",
      async run({ eac, emulator, folder, read }) {
        const file = path(folder, ".aws", "credentials");
        await start("attrib", ["+r", file], Deno.env.toObject());
        for (const args of [["get", "alice", "-o", "alice-temp"], ["rotate", "alice"]]) {
          const { code, stderr } = await eac(...args);
          assertEquals(code, 7, stderr);
          assertStringIncludes(stderr, `attrib -r "${file}"`);
          assertEquals(read(".aws/credentials"), CREDENTIALS);
        }
        assert(emulator.calls.every(({ action }) => action !== "CreateAccessKey"));
        await start("attrib", ["-r", file], Deno.env.toObject());
      },
    },
    {
      name:
        "credential_process and mfa_process accept quotes, backslashes, and the bare name of a .cmd",
      async run(home) {
        const answer = { Version: 1, AccessKeyId: KEY.id, SecretAccessKey: KEY.secret };
        const bin = batchFile(home, "creds.cmd", `echo ${JSON.stringify(answer)}`);
        batchFile(home, "code.cmd", `echo ${await home.code()}`);
        Deno.writeTextFileSync(
          path(home.folder, ".aws", "config"),
          `${CONFIG.replace("source_profile = alice", "source_profile = base")}
[profile base]
credential_process = "${bin}\\creds.cmd" one "two three"
mfa_process = "${bin}\\code.cmd"
[profile bare]
credential_process = creds
`.replace("region = eu", `mfa_process = "${bin}\\code.cmd"\nregion = eu`),
        );
        const env = { ...home.env, PATH: `${bin};${home.env.PATH}` };
        for (
          const [name, id] of [["base", "A"], ["deploy", "ASIA"], ["bare", "A"]] as const
        ) {
          const { code, stdout, stderr } = await start(program, ["process", name], env);
          assertEquals(code, 0, stderr);
          assert(JSON.parse(stdout).AccessKeyId.startsWith(id), name);
        }
      },
    },
    {
      name: "help and demo show no line that only a POSIX shell understands",
      async run({ eac }) {
        for (const command of ["env", "activate", "completion", "process"]) {
          const { stdout } = await eac(command, "--help");
          assert(!/eval "|\/usr\/|\| source/.test(stdout), stdout);
        }
        assertMatch((await eac("env", "--help")).stdout, /--unset --format powershell/);
        const { stdout } = await eac("demo");
        assertMatch(stdout, /^> eac exec deploy -- cmd \/c "echo /m);
        assert(!/^\$ eac/m.test(stdout));
      },
    },
  ];
}
