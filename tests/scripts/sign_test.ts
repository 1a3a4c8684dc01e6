/** `scripts/sign_macos.sh` and `sign_windows.sh`, with stand-ins for the tools of macOS. */

import { cachedBaseBinary } from "../../scripts/base_binary.ts";
import { compileLine } from "../../scripts/compile.ts";
import { TARGETS } from "../../scripts/denort.ts";
import { checkExecutable } from "../../scripts/macho.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { fromFileUrl } from "../support/fakes.ts";
import { posixShellTest } from "../support/posix.ts";

const SCRIPTS = fromFileUrl(new URL("../../scripts/", import.meta.url));

/** The secrets of a release. */
const SECRETS = {
  APPLE_CERTIFICATE: btoa("the certificate"),
  APPLE_CERTIFICATE_PASSWORD: "p12-password",
  APPLE_ID: "release@example.com",
  APPLE_ID_PASSWORD: "app-password",
  APPLE_TEAM_ID: "TEAM123456",
};

/** What `notarytool submit --wait` ends with; it exits 0 for every status. */
const VERDICT = (status: string) =>
  `Processing complete\n  id: 2efe2717-52ef\n  status: ${status}\n`;

/** The tools of macOS: each logs its arguments. codesign also copies what it is given. */
const TOOLS: Readonly<Record<string, string>> = {
  security: 'case $1 in import) cp "$2" "$LOG.p12" ;; create-keychain) : >"$4" ;; esac',
  codesign: 'while [ $# -gt 1 ]; do [ "$1" = --entitlements ] && cp "$2" "$LOG.plist"; shift; done',
  ditto: 'cp "$3" "$4"',
  xcrun: '[ "$2" = submit ] && cat "$LOG.verdict"; exit 0',
};

interface Signing {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The tools that ran, with their arguments, in order. */
  readonly calls: readonly string[];
  /** The certificate and the entitlements that the tools got. */
  readonly certificate: string | undefined;
  readonly entitlements: string | undefined;
  /** Names in the temporary folder afterwards. */
  readonly left: readonly string[];
}

/** Runs sign_macos.sh on a file; `tools` replace stand-ins. */
function signOnMac(
  env: Readonly<Record<string, string>>,
  { status = "Accepted", tools = {} }: { status?: string; tools?: Record<string, string> } = {},
): Signing {
  const folder = Deno.makeTempDirSync();
  try {
    for (const name of ["bin", "temp"]) Deno.mkdirSync(`${folder}/${name}`);
    for (const [name, body] of Object.entries({ ...TOOLS, ...tools })) {
      const script = `#!/bin/sh\necho "${name} $*" >>"$LOG"\n${body}\n`;
      Deno.writeTextFileSync(`${folder}/bin/${name}`, script, { mode: 0o755 });
    }
    Deno.writeTextFileSync(`${folder}/log.verdict`, VERDICT(status));
    Deno.writeTextFileSync(`${folder}/eac`, "a program");
    const ended = runScript("sign_macos.sh", `${folder}/eac`, {
      ...env,
      PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
      TMPDIR: `${folder}/temp`,
      LOG: `${folder}/log`,
    });
    return {
      ...ended,
      calls: (read(`${folder}/log`) ?? "").split("\n").slice(0, -1),
      certificate: read(`${folder}/log.p12`),
      entitlements: read(`${folder}/log.plist`),
      left: [...Deno.readDirSync(`${folder}/temp`)].map(({ name }) => name),
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function runScript(script: string, binary: string, env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = new Deno.Command("bash", {
    args: [SCRIPTS + script, binary],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...env },
    stdin: "null",
  }).outputSync();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

const called = ({ calls }: Signing) => calls.map((call) => call.split(" ").slice(0, 2).join(" "));

for (const { triple, arch } of TARGETS.filter(({ os }) => os === "macos")) {
  const target = TARGETS.find((one) => one.triple === triple)!;
  const state = arch === "aarch64" ? "signed ad hoc" : "not signed";
  const isThere = cachedBaseBinary(triple) !== undefined;
  Deno.test({
    name: `without a certificate sign_macos.sh leaves a program for ${triple} ${state}` +
      (isThere ? "" : " (ignored: no base binary)"),
    ignore: !isThere,
    async fn() {
      const folder = Deno.makeTempDirSync();
      try {
        const program = `${folder}/line`;
        compileLine("console.log(1);", program, target);
        const compiled = Deno.readFileSync(program);
        const { code, stdout } = runScript("sign_macos.sh", program, {});
        assertEquals(code, 0);
        // It must not claim that the program has no signature: on ARM it has one.
        assertMatch(stdout, /^not signed with a Developer ID: APPLE_CERTIFICATE /);
        const signed = Deno.readFileSync(program);
        assertEquals(signed, compiled);
        const { summary, problems } = await checkExecutable(signed);
        assertEquals(problems, []);
        assertStringIncludes(summary, state);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

posixShellTest(
  "sign_macos.sh signs for a hardened runtime that allows V8 to compile, then notarizes",
  () => {
    const signing = signOnMac(SECRETS);
    assertEquals(signing.code, 0, signing.stderr);
    assertEquals(called(signing), [
      "security create-keychain",
      "security unlock-keychain",
      "security import",
      "security set-key-partition-list",
      "security list-keychains",
      "codesign --force",
      "codesign --verify",
      "ditto -c",
      "xcrun notarytool",
      "security delete-keychain",
    ]);
    assertEquals(signing.certificate, "the certificate");
    assertStringIncludes(signing.calls.join("\n"), "--timestamp --options runtime");
    assertStringIncludes(
      signing.entitlements ?? "",
      "<key>com.apple.security.cs.allow-jit</key><true/>",
    );
    assertEquals(signing.left, []);
  },
);

for (const status of ["Invalid", "Rejected", "In Progress"]) {
  posixShellTest(
    `sign_macos.sh fails with Apple's log if the status is ${status}, though notarytool exits 0`,
    () => {
      const { code, stderr, calls, left } = signOnMac(SECRETS, { status });
      assertEquals(code, 1);
      assertStringIncludes(stderr, "Apple did not notarize");
      assertStringIncludes(calls.at(-2)!, "xcrun notarytool log 2efe2717-52ef ");
      assertMatch(calls.at(-1)!, /^security delete-keychain /);
      assertEquals(left, []);
    },
  );
}

for (
  const [failing, body] of Object.entries({
    "security": '[ "$1" != import ]',
    "codesign": "exit 1",
    "xcrun": "exit 69",
  })
) {
  posixShellTest(
    `sign_macos.sh fails if ${failing} does, and leaves neither certificate nor keychain`,
    () => {
      const { code, calls, left } = signOnMac(SECRETS, { tools: { [failing]: body } });
      assert(code !== 0, calls.join("\n"));
      assertMatch(calls.at(-1)!, /^security delete-keychain /);
      assertEquals(left, []);
    },
  );
}

for (const name of Object.keys(SECRETS).filter((one) => one !== "APPLE_CERTIFICATE")) {
  posixShellTest(
    `sign_macos.sh names ${name} if it is missing, before it touches a keychain`,
    () => {
      const { [name]: _, ...others }: Record<string, string> = SECRETS;
      const { code, stderr, calls } = signOnMac(others);
      assert(code !== 0);
      assertStringIncludes(stderr, name);
      assertEquals(calls, []);
    },
  );
}

posixShellTest(
  "without a certificate sign_windows.sh says so; without its password it fails",
  () => {
    const folder = Deno.makeTempDirSync();
    try {
      const program = `${folder}/eac.exe`;
      Deno.writeTextFileSync(program, "a program");
      const without = runScript("sign_windows.sh", program, {});
      assertEquals([without.code, without.stdout], [
        0,
        "not signed: WINDOWS_CERTIFICATE is not set\n",
      ]);
      const half = runScript("sign_windows.sh", program, { WINDOWS_CERTIFICATE: btoa("x") });
      assert(half.code !== 0);
      assertStringIncludes(half.stderr, "WINDOWS_CERTIFICATE_PASSWORD");
      assertEquals(read(program), "a program");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
);
