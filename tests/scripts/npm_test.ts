/** The npm packages: installed by npm from a registry on loopback, and their launcher. */

import { here } from "../../scripts/compile.ts";
import { TARGETS } from "../../scripts/denort.ts";
import {
  npmPlatformTarball,
  type NpmRelease,
  npmTarball,
  type Tarball,
} from "../../scripts/packages/npm.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { NO_PTY, onTerminal } from "../support/pty.ts";

const LAUNCHER = new URL("../../scripts/packages/launcher.mjs", import.meta.url);
const text = (value: string) => new TextEncoder().encode(value);

const RELEASE: NpmRelease = {
  version: "1.2.3",
  homepage: "https://github.com/example/eac",
  epoch: 1_700_000_000,
  license: text("MIT"),
};

/** A program that shows how it was started. */
const PROGRAM = text(`#!/bin/sh
case $1 in
  args) shift; printf '<%s>' "$@"; exit 7 ;;
  stdin) cat ;;
  tty) [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminal ;;
  die) kill -"$2" $$ ;;
  wait) trap 'echo "got $2"; exit 9' "$2"; echo ready; for i in $(seq 500); do sleep 0.02; done ;;
esac
`);

function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

const windows = Deno.build.os === "windows";
const noNode = windows
  ? "the program in the test is a shell script"
  : has("node")
  ? undefined
  : "node is not installed";
const noNpm = noNode ?? (has("npm") ? undefined : "npm is not installed");

/** A test that needs a tool; its name says why it is ignored. */
function toolTest(name: string, missing: string | undefined, fn: () => Promise<void>): void {
  Deno.test({
    name: missing === undefined ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== undefined,
    fn,
  });
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The packages that are published; with `program`, the one of this platform has it. */
async function published(program = PROGRAM): Promise<Tarball[]> {
  const launcher = await Deno.readFile(LAUNCHER);
  return await Promise.all([
    npmTarball(RELEASE, launcher, text("# eac")),
    npmPlatformTarball(RELEASE, here(), program),
  ]);
}

/** Serves packages as an npm registry does. */
function registry(tarballs: readonly Tarball[]) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { origin, pathname } = new URL(request.url);
    const path = decodeURIComponent(pathname.slice(1));
    const file = tarballs.find((one) => one.name === path);
    if (file) return new Response(file.bytes);
    const found = tarballs.find((one) => one.manifest.name === path);
    if (!found) return Response.json({ error: "not found" }, { status: 404 });
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", found.bytes));
    const dist = {
      tarball: `${origin}/${found.name}`,
      integrity: `sha512-${digest.toBase64()}`,
    };
    const { name, version } = found.manifest;
    return Response.json({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...found.manifest, dist } },
    });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(
  program: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; clearEnv?: boolean } = {},
): Promise<Ended> {
  const output = await new Deno.Command(program, { args, stdin: "null", ...options }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: decode(output.stdout), stderr: decode(output.stderr) };
}

/** npm's environment: its files in `folder`, its packages from `url`. */
function npmEnv(folder: string, url: string): Record<string, string> {
  return {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: folder,
    TMPDIR: folder,
    npm_config_registry: url,
    npm_config_cache: `${folder}/cache`,
    npm_config_update_notifier: "false",
    npm_config_audit: "false",
    npm_config_fund: "false",
  };
}

Deno.test("npm gets one package per platform, each with its os, cpu and the same version", async () => {
  const main = await npmTarball(RELEASE, PROGRAM, PROGRAM);
  const packages = await Promise.all(
    TARGETS.map((target) => npmPlatformTarball(RELEASE, target, PROGRAM)),
  );
  const { optionalDependencies, scripts } = main.manifest as unknown as Record<string, unknown>;
  assertEquals(scripts, undefined);
  assertEquals(
    optionalDependencies,
    Object.fromEntries(packages.map(({ manifest }) => [manifest.name, "1.2.3"])),
  );
  const [linux] = packages.map((one) => one.manifest as unknown as Record<string, unknown>);
  assertEquals(
    [linux?.name, linux?.os, linux?.cpu, linux?.libc],
    ["@eac-cli/linux-x64", ["linux"], ["x64"], ["glibc"]],
  );
});

Deno.test("the launcher knows the platforms that have a package", async () => {
  const launcher = await Deno.readTextFile(LAUNCHER);
  const list = /PLATFORMS = \[(.*?)\]/s.exec(launcher)?.[1]?.match(/[\w-]+/g);
  const main = await npmTarball(RELEASE, PROGRAM, PROGRAM);
  const { optionalDependencies } = main.manifest as unknown as {
    optionalDependencies: Record<string, string>;
  };
  assertEquals(
    list?.map((platform) => `@eac-cli/${platform}`),
    Object.keys(optionalDependencies).sort(),
  );
});

toolTest("npx eac-cli runs the program of this platform", noNpm, () =>
  inFolder(async (folder) => {
    const served = registry(await published());
    try {
      const env = npmEnv(folder, served.url);
      const args = ["--yes", "eac-cli@1.2.3", "args", "a b", "--flag", ""];
      const ended = await start("npx", args, { cwd: folder, env, clearEnv: true });
      assertEquals([ended.stdout, ended.code], ["<a b><--flag><>", 7], ended.stderr);
    } finally {
      await served.close();
    }
  }));

toolTest("npm install -g eac-cli gives the command eac", noNpm, () =>
  inFolder(async (folder) => {
    const served = registry(await published());
    try {
      const env = { ...npmEnv(folder, served.url), npm_config_prefix: `${folder}/global` };
      const installed = await start("npm", ["install", "-g", "eac-cli"], { env, clearEnv: true });
      assertEquals(installed.code, 0, installed.stderr);
      const ended = await start(`${folder}/global/bin/eac`, ["args", "one"]);
      assertEquals([ended.stdout, ended.code], ["<one>", 7]);
    } finally {
      await served.close();
    }
  }));

toolTest(
  "npx eac-cli without the platform's package shows how to install it",
  noNpm,
  () =>
    inFolder(async (folder) => {
      const [main] = await published();
      const served = registry([main!]);
      try {
        const env = npmEnv(folder, served.url);
        const ended = await start("npx", ["--yes", "eac-cli"], {
          cwd: folder,
          env,
          clearEnv: true,
        });
        assertEquals([ended.code, ended.stdout], [126, ""]);
        assertMatch(ended.stderr, /^error: the npm package @eac-cli\/\S+, .* is not installed$/m);
        assertMatch(ended.stderr, /^hint: .*npm install --include=optional eac-cli$/m);
      } finally {
        await served.close();
      }
    }),
);

/** How the launcher starts the program: by execve where Node.js has it, or as a child. */
const WAYS = ["default", "child"] as const;

/** The arguments of Node.js for a launcher that is installed in `folder`. */
async function installed(
  folder: string,
  options: { program?: Uint8Array; mode?: number; before?: string } = {},
): Promise<(way: typeof WAYS[number]) => string[]> {
  const { name } = (await npmPlatformTarball(RELEASE, here(), PROGRAM)).manifest;
  const home = `${folder}/node_modules/${name}`;
  await Deno.mkdir(home, { recursive: true });
  const { program = PROGRAM, mode = 0o755, before = "" } = options;
  await Deno.writeFile(`${home}/eac`, program, { mode });
  await Deno.copyFile(LAUNCHER, `${folder}/launcher.mjs`);
  await Deno.writeTextFile(`${folder}/default.cjs`, before);
  await Deno.writeTextFile(`${folder}/child.cjs`, `${before}; process.execve = undefined;`);
  return (way) => ["--require", `${folder}/${way}.cjs`, `${folder}/launcher.mjs`];
}

toolTest(
  "the launcher passes arguments, stdin and the exit code",
  noNode,
  () =>
    inFolder(async (folder) => {
      const args = await installed(folder);
      for (const way of WAYS) {
        const ended = await start("node", [...args(way), "args", "--", "*", "é"]);
        assertEquals([ended.stdout, ended.code], ["<--><*><é>", 7], ended.stderr);
        const child = new Deno.Command("node", {
          args: [...args(way), "stdin"],
          stdin: "piped",
          stdout: "piped",
        }).spawn();
        const writer = child.stdin.getWriter();
        await writer.write(text("through"));
        await writer.close();
        assertEquals(new TextDecoder().decode((await child.output()).stdout), "through");
      }
    }),
);

toolTest(
  "the launcher leaves the terminal to the program",
  noNode ?? NO_PTY,
  () =>
    inFolder(async (folder) => {
      const args = await installed(folder);
      for (const way of WAYS) {
        const { code, screen } = await onTerminal(`node ${args(way).join(" ")} tty`, []);
        assertEquals([screen.trim(), code], ["terminal", 0]);
      }
    }),
);

toolTest(
  "Ctrl-C reaches the program, whose exit code is the launcher's",
  noNode ?? NO_PTY,
  () =>
    inFolder(async (folder) => {
      const args = await installed(folder);
      for (const way of WAYS) {
        const command = `exec node ${args(way).join(" ")} wait INT`;
        const { code, screen } = await onTerminal(command, [["ready", "\x03"]]);
        assertStringIncludes(screen, "got INT");
        assertEquals(code, 9);
      }
    }),
);

toolTest("a signal to the launcher reaches the program", noNode, () =>
  inFolder(async (folder) => {
    const args = await installed(folder);
    for (const way of WAYS) {
      for (const signal of ["INT", "TERM", "HUP", "QUIT"]) {
        const child = new Deno.Command("node", {
          args: [...args(way), "wait", signal],
          stdin: "null",
          stdout: "piped",
          stderr: "null",
        }).spawn();
        let printed = "";
        for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
          if (printed === "") child.kill(`SIG${signal}` as Deno.Signal);
          printed += chunk;
        }
        assertEquals([printed, (await child.status).code], [`ready\ngot ${signal}\n`, 9], way);
      }
    }
  }));

toolTest(
  "the launcher is ended by the signal that ended the program",
  noNode,
  () =>
    inFolder(async (folder) => {
      const args = await installed(folder);
      for (const way of WAYS) {
        for (const signal of ["TERM", "KILL"]) {
          const child = new Deno.Command("node", { args: [...args(way), "die", signal] });
          assertEquals((await child.output()).signal, `SIG${signal}`, way);
        }
      }
    }),
);

/** The launcher's errors when it cannot start the program. */
async function refusal(options: Parameters<typeof installed>[1]): Promise<string> {
  let stderr = "";
  await inFolder(async (folder) => {
    const args = await installed(folder, options);
    for (const way of WAYS) {
      const ended = await start("node", [...args(way), "args"]);
      assertEquals([ended.code, ended.stdout], [126, ""], ended.stderr);
      assertMatch(ended.stderr, /^error: .+\nhint: .+\n$/);
      stderr = ended.stderr;
    }
  });
  return stderr;
}

toolTest("the launcher names a platform without a program", noNode, async () => {
  const on = (platform: string, arch: string) =>
    refusal({
      before: `Object.defineProperty(process, "platform", { value: "${platform}" });
        Object.defineProperty(process, "arch", { value: "${arch}" });`,
    });
  assertStringIncludes(await on("freebsd", "x64"), "does not support freebsd on x64");
  assertStringIncludes(await on("linux", "riscv64"), "does not support linux on riscv64");
});

toolTest("the launcher says that a Linux without glibc cannot run eac", noNode, async () => {
  const stderr = await refusal({
    before: `const fs = require("node:fs");
      const { existsSync } = fs;
      fs.existsSync = (path) => !String(path).includes("/ld-linux") && existsSync(path);
      require("node:module").syncBuiltinESMExports();
      Object.defineProperty(process, "platform", { value: "linux" });`,
  });
  assertMatch(stderr, /needs glibc, and this system has no \/lib\S+ld-linux\S+:.*musl/);
});

toolTest("the launcher names a program that cannot be started", noNode, async () => {
  const notExecutable = await refusal({ mode: 0o644 });
  assertMatch(notExecutable, /cannot start \S+\/eac: .*EACCES/);
});
