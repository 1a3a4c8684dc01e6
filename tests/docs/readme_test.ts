/**
 * Checks the README against the program: its examples work, and it is complete. Also checks other
 * pages' links.
 */

import { COMMANDS } from "../../lib/commands/mod.ts";
import { parseCommand } from "../../lib/cli/parse.ts";
import { AWS_KEYS, EAC_KEYS } from "../../lib/config/keys.ts";
import { VARIABLES } from "../../lib/config/variables.ts";
import { splitArguments } from "../../lib/credentials/providers/arguments.ts";
import { type Emulator, startEmulator } from "../../lib/emulator/emulator.ts";
import { totp } from "../../lib/emulator/totp.ts";
import type { Program } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { type TestHost, testHost } from "../support/fakes.ts";
import { posixShellTest } from "../support/posix.ts";

const ROOT = new URL("../../", import.meta.url);

function page(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT)).replaceAll("\r\n", "\n");
}

const README = page("README.md");

/** The text of a page from one heading to the next of its kind. */
function section(heading: string, text = README): string {
  const level = heading.split(" ")[0];
  const after = text.split(`\n${heading}\n`)[1];
  assert(after !== undefined, `no heading "${heading}"`);
  return after.split(new RegExp(`\n#{1,${level?.length}} `))[0] ?? "";
}

/** Fenced blocks of these languages. */
function blocks(text: string, ...languages: string[]): string[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, language]) => languages.includes(language ?? ""))
    .map(([, , content]) => content ?? "");
}

/** The rows of all tables in a text, without their heads. */
function rows(text: string): string[][] {
  const lines = text.split("\n");
  return lines
    .filter((line, at) => line.startsWith("| ") && !lines[at + 1]?.startsWith("| ---"))
    .filter((line) => !line.startsWith("| ---"))
    .map((line) =>
      line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"))
    );
}

/** What stands in backticks. */
function code(text = ""): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside]) => inside ?? "");
}

/** The command lines of eac in a line of shell, without what a shell does around them. */
function eacLines(line: string): string[] {
  const [own = ""] = line.replace(/^\$ /, "").split(/\s+[#>]\s/);
  const inner = /"\$\((eac [^)]*)\)"/.exec(own)?.[1];
  const [first = ""] = (inner ?? own).split(" | ");
  return /^eac( |$)/.test(first.trim()) ? [first.trim()] : [];
}

Deno.test("README has the exact commands to try and to test eac", () => {
  assertMatch(section("## Try it"), /^ {4}npx -y deno@2\.9\.6 task demo$/m);
  assertMatch(section("## Test it"), /^ {4}npx -y deno@2\.9\.6 task test$/m);
});

Deno.test("README's command lines are valid", () => {
  const shown = blocks(README, "sh", "console").join("\n").split("\n").flatMap(eacLines);
  const named = code(README).filter((text) =>
    /^eac /.test(text) && !/[[\]|]|\b(SHELL|COMMAND)\b/.test(text)
  );
  assert(shown.length >= 10, `only ${shown.length} were found`);
  for (const line of [...shown, ...named]) {
    const [, ...argv] = splitArguments(line.replace(/ F$/, " posix"), "linux");
    try {
      parseCommand(COMMANDS, argv);
    } catch (error) {
      throw new Error(`README.md shows "${line}"`, { cause: error });
    }
  }
});

Deno.test("README's session is part of the demo's output", async () => {
  if (Deno.build.os === "windows") return; // its last step there is another one
  using host = testHost({ env: { LANG: "C.UTF-8" } });
  const machine = {
    ...host,
    // What its last command prints is a part of it.
    async replace(program: Program) {
      const { code, stdout } = await host.capture(program);
      host.stdout.write(new TextDecoder().decode(stdout));
      return code;
    },
  };
  assertEquals(await run(["demo"], machine, strategies), 0, host.printed.stderr);
  const [transcript = ""] = blocks(README, "console");
  const shown = timeless(host.printed.stdout).split("\n");
  let at = 0;
  for (const line of timeless(transcript).split("\n")) {
    at = shown.indexOf(line, at) + 1;
    assert(at > 0, `the demo does not show this line, or not in this order: ${line}`);
  }
});

/** A transcript without what differs from run to run. */
function timeless(text: string): string {
  return text.trim()
    .replace(/\S*\/(eac|tmp)-\w+/g, "<HOME>")
    .replace(/(\d{4}-\d\d-\d\d )?\d\d:\d\d \(in \d+ (min|h)( \d+ min)?\)/g, "<WHEN>")
    .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "<WHEN>")
    .replace(/127\.0\.0\.1:\d+/g, "<STS>")
    .replace(/ASIA\w+/g, "<KEY>")
    .replace(/eac-\d{10}/g, "<SESSION>")
    .replace(/(MFA code .*): \d{6}/g, "$1: <CODE>");
}

/** All of our own source, comments aside. */
function sources(): Map<string, string> {
  const found = new Map<string, string>();
  const read = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
      if (isDirectory) read(`${folder}${name}/`);
      else if (name.endsWith(".ts")) found.set(`${folder}${name}`, withoutComments(folder + name));
    }
  };
  read("lib/");
  read("strategies/");
  return found;
}

function withoutComments(path: string): string {
  return page(path).replace(/\/\*.*?\*\//gs, "").replace(/(?<!:)\/\/.*/g, "");
}

Deno.test("the reference lists exactly the profile keys that eac reads", () => {
  const texts = [...sources()].filter(([path]) => path !== "lib/config/keys.ts");
  const text = texts.map(([, code]) => code).join("\n");
  const documented = [...AWS_KEYS, ...EAC_KEYS].flatMap(([keys]) => keys);
  const declared = strategies.flatMap(({ needs, reads }) => [...needs.flat(), ...reads])
    .map((path) => path.replace(/^!|^source_profile\./g, ""));
  const read = [...text.matchAll(/\bvalues\.([a-z]+_[a-z_]+)/g)].map(([, key]) => key ?? "");
  // Keys that eac writes next to credentials, for itself.
  const own = ["expiration", "eac_source", "managed_by"];
  const named = new Set([...documented, "aws_security_token", ...own]);
  assertEquals([...new Set([...declared, ...read])].filter((key) => !named.has(key)), []);
  assertEquals(documented.filter((key) => !new RegExp(`\\b${key}\\b`).test(text)), []);
});

Deno.test("the reference lists exactly the variables that eac reads", () => {
  const texts = sources();
  // Comments too: they name what the SDK's own providers read.
  const all = [...texts.keys()].filter((path) => path !== "lib/config/variables.ts").map(page)
    .join("\n");
  const documented = new Set(VARIABLES.flatMap(([names]) => names));
  // A switch of AWS is named in small letters there: AWS_USE_FIPS_ENDPOINT.
  // The tables themselves do not count.
  const isThere = (name: string) =>
    new RegExp(`\\b${name}\\b`).test(all) ||
    all.includes(`"${name.replace(/^AWS_/, "").toLowerCase()}"`);
  assertEquals([...documented].filter((name) => !isThere(name)), []);
  const read = [...texts].filter(([path]) =>
    !/^lib\/(sinks|emulator|cli|config\/variables)/.test(path)
  )
    .flatMap(([, text]) => text.match(/\b(AWS|EAC|GITHUB)_[A-Z0-9_]*[A-Z0-9]\b/g) ?? []);
  // Set for others, or only spoken of.
  const set = [
    ...["EAC_PROFILE", "EAC_REQUEST", "EAC_STS_REGION", "EAC_STS_ENDPOINT", "EAC_TOKEN"],
    ...["AWS_KEYS", "EAC_KEYS"],
  ];
  const missing = new Set(read).difference(documented);
  assertEquals([...missing].filter((name) => !set.includes(name)), []);
});

Deno.test("SECURITY.md explains exactly the permissions of the binary", () => {
  const documented = rows(section("## Permissions", page("SECURITY.md")))
    .flatMap(([cell]) => code(cell)).filter((flag) => flag.startsWith("--"));
  const given = /PERMISSIONS = \[(.*?)\];/s.exec(withoutComments("scripts/compile.ts"))?.[1];
  assertEquals(documented, [...(given ?? "").matchAll(/"([^"]+)"/g)].map(([, flag]) => flag ?? ""));
});

Deno.test("docs/design.md lists exactly the packages in deno.json", () => {
  const documented = rows(section("## Dependencies", page("docs/design.md"))).flatMap(([, here]) =>
    code(here)
  );
  const named = [...page("deno.json").matchAll(/"npm:((?:@[^/"]+\/)?[^@/"]+)@/g)];
  assertEquals(
    new Set(documented.filter((name) => name.startsWith("npm:"))),
    new Set(named.map(([, name]) => `npm:${name}`)),
  );
});

const ALICE = {
  arn: "arn:aws:iam::123456789012:user/alice",
  accessKeys: [{ id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }],
  mfaDevices: [{ serial: "arn:aws:iam::123456789012:mfa/alice", secret: "JBSWY3DPEHPK3PXP" }],
};

/** The accounts of which README.md's examples speak. `Deploy` wants MFA there, and none in CI. */
function accounts(host: TestHost, mfa: boolean): Emulator {
  const deploy = "arn:aws:iam::123456789012:role/Deploy";
  return startEmulator(host, {
    users: [structuredClone(ALICE)],
    roles: [
      { arn: deploy, trust: { principals: [ALICE.arn], mfa } },
      { arn: "arn:aws:iam::210987654321:role/Audit", trust: { principals: [deploy] } },
    ],
  });
}

Deno.test("README's first steps work as written, with one code", async () => {
  const [credentials = "", ...config] = blocks(section("## First steps"), "ini");
  using host = testHost({
    home: { ".aws/credentials": credentials, ".aws/config": config.join("\n") },
    env: { CI: "true" },
  });
  const emulator = accounts(host, true);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  host.env.EAC_MFA_TOKEN = await totp("JBSWY3DPEHPK3PXP", host.time);
  try {
    assertEquals(await run(["get", "--all"], host, strategies), 0, host.printed.stderr);
    delete host.env.EAC_MFA_TOKEN;
    const lines = blocks(section("## First steps"), "sh").join("\n").split("\n").flatMap(eacLines);
    for (const line of lines) {
      const [, ...argv] = splitArguments(line, "linux");
      if (argv[0] === "exec" || argv.includes("-d")) continue;
      assertEquals(await run(argv, host, strategies), 0, `${line}: ${host.printed.stderr}`);
    }
    assertEquals(emulator.calls.map(({ action }) => action), [
      "GetSessionToken",
      "AssumeRole",
      "AssumeRole",
    ]);
    for (const name of ["deploy-temp", "alice-temp", "audit-temp"]) {
      assert(host.text(".aws/credentials")?.includes(`[${name}]`), name);
    }
  } finally {
    await emulator.stop();
  }
});

Deno.test("docs/ci.md's profile uses the keys in the environment without a prompt", async () => {
  const [config = ""] = blocks(page("docs/ci.md"), "ini");
  const [{ id, secret }] = ALICE.accessKeys as [{ id: string; secret: string }];
  using host = testHost({
    home: { ".aws/config": config },
    env: { CI: "true", AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret },
  });
  const emulator = accounts(host, false);
  host.env.AWS_ENDPOINT_URL_STS = emulator.url;
  try {
    assertEquals(await run(["process", "deploy"], host, strategies), 0, host.printed.stderr);
    assertMatch(JSON.parse(host.printed.stdout).AccessKeyId, /^ASIA/);
  } finally {
    await emulator.stop();
  }
});

posixShellTest(
  "README's line for CI needs no file: keys in variables and a role's ARN",
  async () => {
    const [{ id, secret }] = ALICE.accessKeys as [{ id: string; secret: string }];
    using host = testHost({
      env: { CI: "true", AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret },
    });
    const emulator = accounts(host, false);
    host.env.AWS_ENDPOINT_URL_STS = emulator.url;
    try {
      for (
        const text of [section("## In CI"), section("## Without any file", page("docs/ci.md"))]
      ) {
        const [line] = blocks(text, "sh").join("\n").split("\n").filter((one) => /^eac /.test(one));
        const [, , name, ...rest] = splitArguments(line!, "linux");
        assertEquals(rest[0], "--");
        const argv = ["exec", name!, "--", "sh", "-c", "test -n $AWS_SESSION_TOKEN"];
        assertEquals(await run(argv, host, strategies), 0, host.printed.stderr);
      }
    } finally {
      await emulator.stop();
    }
  },
);

Deno.test("the guides' command lines are valid", () => {
  for (
    const path of [
      "ci",
      "containers",
      "from-an-awsume-plugin",
      "from-aws-vault",
      "from-awsume",
      "from-saml2aws",
      "shells",
      "vaults",
    ]
  ) {
    const text = page(`docs/${path}.md`);
    const shown = [...blocks(text, "sh").join("\n").split("\n"), ...code(text)].flatMap(eacLines)
      .filter((line) => /^eac \S+ \S/.test(line));
    for (const line of shown.map((one) => one.replaceAll("\\|", "|").split(" | ")[0]!)) {
      const words = line.replace(/[A-Z]*ARN/, "arn:aws:iam::123456789012:role/R").replace(
        /\\$/,
        "",
      );
      const [, ...argv] = splitArguments(words, "linux");
      try {
        parseCommand(COMMANDS, argv);
      } catch (error) {
        throw new Error(`docs/${path}.md shows "${line}"`, { cause: error });
      }
    }
  }
});

Deno.test("docs/ci.md's workflow uses only inputs that the action has", () => {
  const [workflow = ""] = blocks(page("docs/ci.md"), "yaml");
  const given = [...workflow.matchAll(/^ {4}([a-z-]+):/gm)].map(([, name]) => name ?? "");
  const inputs = page("action.yml").split("\noutputs:")[0] ?? "";
  const known = [...inputs.matchAll(/^ {2}([a-z-]+):/gm)].map(([, name]) => name ?? "");
  assert(given.length > 3, `only ${given.length} were found`);
  assertEquals(given.filter((name) => !known.includes(name)), []);
});

Deno.test("no link in the docs is broken", () => {
  const docs = [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`);
  const top = [...Deno.readDirSync(ROOT)].map(({ name }) => name);
  for (const path of [...top, ...docs].filter((name) => name.endsWith(".md"))) {
    const text = page(path).replace(/^```.*?^```$/gms, "").replace(/`[^`\n]+`/g, "");
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https:/.test(link)) continue;
      const [file = "", anchor] = link.split("#");
      const target = new URL(file === "" ? path : file, new URL(path, ROOT));
      try {
        Deno.statSync(file === "" ? new URL(path, ROOT) : target);
      } catch {
        throw new Error(`${path} links to ${link}, which is not there`);
      }
      if (anchor === undefined) continue;
      const text = Deno.readTextFileSync(file === "" ? new URL(path, ROOT) : target);
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
        title.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-")
      );
      assert(anchors.includes(anchor), `${path} links to ${link}, which has no such heading`);
    }
  }
});
