/**
 * `action.yml`: its steps as GitHub runs them, with the files that GitHub provides, against a release
 * and an STS on loopback.
 */

import { startEmulator } from "../../lib/emulator/emulator.ts";
import { realHost } from "../../lib/host/real.ts";
import { sha256, tarGz } from "../../scripts/archive.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);
const ID = "AKIAIOSFODNN7EXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

const USER = "arn:aws:iam::123456789012:user/ci";
const ROLES = ["hub", "deploy"].map((name) => ({
  arn: `arn:aws:iam::123456789012:role/${name}`,
  trust: { principals: ["123456789012"] },
}));

/** A config with a role, and a second role that is assumed from it. */
const config = (endpoint: string) =>
  `[profile hub]
role_arn = arn:aws:iam::123456789012:role/hub
source_profile = ci
region = eu-central-1
endpoint_url = ${endpoint}

[profile deploy]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = hub
endpoint_url = ${endpoint}
`;

/** A job on a runner: the folders and files that its steps use. */
interface Job {
  readonly runner: string;
  readonly endpoint: string;
  /** Runs a step of the action with these inputs. */
  step(file: "main" | "post", inputs: Record<string, string>): Promise<Step>;
  /** Starts the main step and kills it, and nothing else, when eac calls STS. */
  killMain(inputs: Record<string, string>, signal: Deno.Signal): Promise<void>;
  /** The values that the steps have set in one of the runner's files, such as `GITHUB_ENV`. */
  values(file: string): Record<string, string>;
}

interface Step {
  readonly code: number;
  readonly log: string;
}

/** A release archive whose program runs this source. */
async function sourceAsRelease(): Promise<[name: string, archive: Uint8Array<ArrayBuffer>]> {
  const os = Deno.build.os === "darwin" ? "macos" : Deno.build.os;
  const name = `eac-9.9.9-${os}-${Deno.build.arch}`;
  const main = new URL("main.ts", ROOT).pathname;
  const program = `#!/bin/sh\nexec '${Deno.execPath()}' run -A --no-check '${main}' "$@"\n`;
  const bytes = new TextEncoder().encode(program);
  return [name, await tarGz([{ path: `${name}/eac`, bytes, executable: true }], 0)];
}

/** Runs a job with an empty HOME. */
async function onRunner(test: (job: Job) => Promise<void>): Promise<void> {
  const runner = await Deno.makeTempDir();
  const called = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const sleep = () => {
    called.resolve();
    return released.promise;
  };
  const emulator = startEmulator({ ...realHost(), sleep }, {
    users: [{ arn: USER, accessKeys: [{ id: ID, secret: SECRET }] }],
    roles: ROLES,
  });
  const [name, archive] = await sourceAsRelease();
  const sums = `${await sha256(archive)}  ${name}.tar.gz\n`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const path = new URL(request.url).pathname;
    return new Response(path === "/SHA256SUMS" ? sums : archive);
  });
  const files = ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE"];
  for (const file of files) await Deno.writeTextFile(`${runner}/${file}`, "");
  await Deno.mkdir(`${runner}/temp`);
  await Deno.mkdir(`${runner}/home`);
  const values = (file: string) => {
    const lines = Deno.readTextFileSync(`${runner}/${file}`).split("\n").filter(Boolean);
    return Object.fromEntries(lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }));
  };
  const command = (
    file: "main" | "post",
    inputs: Record<string, string>,
    output: "piped" | "null" = "piped",
  ) => {
    const state = Object.entries(values("GITHUB_STATE"));
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL(`action/${file}.mjs`, ROOT).href],
      clearEnv: true,
      env: {
        CI: "true",
        GITHUB_ACTIONS: "true",
        HOME: `${runner}/home`,
        PATH: Deno.env.get("PATH")!,
        DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
        RUNNER_TEMP: `${runner}/temp`,
        EAC_BASE_URL: `http://127.0.0.1:${server.addr.port}`,
        ...Object.fromEntries(files.map((one) => [one, `${runner}/${one}`])),
        ...Object.fromEntries(state.map(([key, value]) => [`STATE_${key}`, value])),
        ...Object.fromEntries(
          Object.entries(inputs).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value]),
        ),
      },
      stdin: "null",
      stdout: output,
      stderr: output,
    });
  };
  try {
    await test({
      runner,
      endpoint: emulator.url,
      values,
      async step(file, inputs) {
        const { code, stdout, stderr } = await command(file, inputs).output();
        const decoder = new TextDecoder();
        return { code, log: decoder.decode(stdout) + decoder.decode(stderr) };
      },
      async killMain(inputs, signal) {
        emulator.faults.push({ action: "AssumeRole", delay: 1 });
        const child = command("main", inputs, "null").spawn();
        await called.promise;
        child.kill(signal);
        await child.status;
      },
    });
  } finally {
    released.resolve();
    await server.shutdown();
    await emulator.stop();
    await Deno.remove(runner, { recursive: true });
  }
}

/** Every file below a folder that has this text in it. */
function holding(folder: string, text: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return holding(path, text);
    return Deno.readTextFileSync(path).includes(text) ? [path] : [];
  });
}

const keys = {
  "source-profile": "ci",
  "aws-access-key-id": ID,
  "aws-secret-access-key": SECRET,
};

const ignore = Deno.build.os === "windows";
/** Why a test is ignored, for its name. */
const IGNORED = ignore ? " (ignored on Windows: no POSIX shell)" : "";

Deno.test({
  name: "the action sets one profile in the environment, masked, and leaves no file" + IGNORED,
  ignore,
  fn: () =>
    onRunner(async ({ runner, endpoint, step, values }) => {
      const { code, log } = await step("main", {
        profiles: "deploy",
        config: config(endpoint),
        ...keys,
      });
      assertEquals(code, 0, log);
      const env = values("GITHUB_ENV");
      assertMatch(env.AWS_ACCESS_KEY_ID!, /^ASIA/);
      assertStringIncludes(log, `::add-mask::${ID}\n`);
      assertStringIncludes(log, `::add-mask::${SECRET}\n`);
      assertStringIncludes(log, `::add-mask::${env.AWS_ACCESS_KEY_ID}\n`);
      assertStringIncludes(log, `::add-mask::${env.AWS_SECRET_ACCESS_KEY}\n`);
      assertStringIncludes(log, `::add-mask::${env.AWS_SESSION_TOKEN}\n`);
      assertEquals(values("GITHUB_OUTPUT").expiration, env.AWS_CREDENTIAL_EXPIRATION);
      assertEquals(holding(runner, SECRET), []);
      assertEquals(holding(runner, env.AWS_SESSION_TOKEN!), [`${runner}/GITHUB_ENV`]);
      assertEquals([...Deno.readDirSync(`${runner}/home`)], []);
    }),
});

Deno.test({
  name: "the action writes several profiles to the job's files, and the post step removes them" +
    IGNORED,
  ignore,
  fn: () =>
    onRunner(async ({ runner, endpoint, step, values }) => {
      const { code, log } = await step("main", {
        profiles: "hub\ndeploy",
        config: config(endpoint),
        ...keys,
      });
      assertEquals(code, 0, log);
      const { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: settings } = values("GITHUB_ENV");
      const credentials = await Deno.readTextFile(file!);
      assertMatch(credentials, /^\[hub\]\naws_access_key_id = ASIA\w+\n/);
      assertMatch(credentials, /^\[deploy\]\naws_access_key_id = ASIA\w+\n/m);
      assertStringIncludes(await Deno.readTextFile(settings!), "[profile hub]\nregion = eu-");
      assertEquals((await Deno.stat(file!)).mode! & 0o777, 0o600);
      assertEquals(holding(runner, SECRET), []);

      const post = await step("post", {});
      assertEquals(post.code, 0, post.log);
      assertEquals(holding(runner, "ASIA"), []);
    }),
});

Deno.test({
  name: "the action shows eac's error and exports no key" + IGNORED,
  ignore,
  fn: () =>
    onRunner(async ({ runner, endpoint, step, values }) => {
      const { code, log } = await step("main", {
        profiles: "deplyo",
        config: config(endpoint),
        ...keys,
      });
      assertEquals(code, 1);
      assertStringIncludes(log, "error: ");
      assertStringIncludes(log, "deploy");
      assertMatch(log, /^::error::eac process deplyo .*exited with 3$/m);
      assertEquals(values("GITHUB_ENV"), {});
      assertEquals(holding(runner, SECRET), []);
    }),
});

Deno.test({
  name: "the action refuses invalid inputs before it installs anything" + IGNORED,
  ignore,
  fn: () =>
    onRunner(async ({ runner, step }) => {
      for (
        const [inputs, words] of [
          [{ profiles: "a b", export: "env" }, "one profile"],
          [{ profiles: "a", export: "nowhere" }, "env or file"],
          [{ profiles: "a --help" }, "--help"],
        ] as const
      ) {
        const { code, log } = await step("main", inputs);
        assertEquals(code, 1);
        assert(log.startsWith("::error::") && log.includes(words), log);
      }
      assertEquals([...Deno.readDirSync(`${runner}/temp`)], []);
    }),
});

for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `the post step removes the long-lived keys when ${signal} ended the main step` + IGNORED,
    ignore,
    fn: () =>
      onRunner(async ({ runner, endpoint, step, killMain }) => {
        await killMain({ profiles: "deploy", config: config(endpoint), ...keys }, signal);
        assertEquals(holding(runner, SECRET).length, 1);
        const post = await step("post", {});
        assertEquals(post.code, 0, post.log);
        assertEquals(holding(runner, SECRET), []);
      }),
  });
}

Deno.test({
  name: "the action masks every line of a key that contains a line break, and refuses it" + IGNORED,
  ignore,
  fn: () =>
    onRunner(async ({ runner, endpoint, step }) => {
      for (const input of ["aws-access-key-id", "aws-secret-access-key", "source-profile"]) {
        const value = "first-part\nsecond-part";
        const { code, log } = await step("main", {
          profiles: "deploy",
          config: config(endpoint),
          ...keys,
          [input]: value,
        });
        assertEquals(code, 1);
        assertStringIncludes(log, "line breaks");
        if (input !== "source-profile") {
          assertStringIncludes(log, "::add-mask::first-part\n");
          assertStringIncludes(log, "::add-mask::second-part\n");
        }
        assertEquals(holding(runner, "second-part"), []);
      }
    }),
});

Deno.test({
  name: "the action without profiles only installs eac" + IGNORED,
  ignore,
  fn: () =>
    onRunner(async ({ runner, step, values }) => {
      const { code, log } = await step("main", {});
      assertEquals(code, 0, log);
      assertEquals(values("GITHUB_OUTPUT"), { "eac-path": `${runner}/temp/eac-bin/eac` });
      assertEquals(values("GITHUB_ENV"), {});
    }),
});
