import type { Profile } from "../../../lib/config/profile.ts";
import { codeOrigin } from "../../../lib/plan/code_origin.ts";
import { type CodeContext, codeSource } from "../../../lib/credentials/mfa/code_source.ts";
import {
  claimCode,
  noteRejected,
  recordUsed,
  releaseCode,
} from "../../../lib/credentials/mfa/used_codes.ts";
import { EacError } from "../../../lib/errors.ts";
import { http } from "../../../lib/host/http.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../support/assert.ts";
import { type TestHost, testHost } from "../../support/fakes.ts";
import { posixShellTest, PRIVATE_FILE } from "../../support/posix.ts";
import { DEVICES } from "../../support/world.ts";

const SERIAL = DEVICES.alice.serial;

function profile(values: Record<string, string> = {}): Profile {
  return { name: "p", values, places: {} };
}

/** A context that records prompts and messages; the user types these codes. */
function context(host: TestHost, { typed = [], ...rest }: {
  typed?: string[];
  flag?: string;
  unaskable?: string;
} = {}) {
  const asked: (string | undefined)[] = [];
  const shown: string[] = [];
  const made: CodeContext = {
    host,
    ...(rest.flag === undefined ? {} : { flag: rest.flag }),
    whyNoPrompt: () => rest.unaskable,
    ask(_profile, _serial, again) {
      asked.push(again);
      return Promise.resolve(typed.shift()!);
    },
    show: (text) => void shown.push(text),
    wait(milliseconds, text) {
      shown.push(text(Math.ceil(milliseconds / 1000)));
      host.time += milliseconds;
      return Promise.resolve();
    },
  };
  return { made, asked, shown };
}

Deno.test("codeOrigin prefers the flag, then the variable, the profile's command, the variable's command, the user", () => {
  const all = { EAC_MFA_TOKEN: "1", EAC_MFA_PROCESS: "q" };
  const own = profile({ mfa_process: "p" });
  assertEquals(codeOrigin(own, all, "123456").where, "--mfa-token");
  assertEquals(codeOrigin(own, all, undefined).where, "EAC_MFA_TOKEN");
  assertEquals(codeOrigin(own, { EAC_MFA_PROCESS: "q" }, undefined).value, "p");
  assertEquals(codeOrigin(profile(), { EAC_MFA_PROCESS: "q" }, undefined).value, "q");
  assertEquals(codeOrigin(profile(), { EAC_MFA_TOKEN: "" }, undefined).origin, "prompt");
});

Deno.test("a code from --mfa-token serves one call of a run, also when two devices need one at once", async () => {
  using host = testHost();
  const source = codeSource(profile(), context(host, { flag: "123456" }).made);
  const both = await Promise.allSettled([source.code(SERIAL), source.code(DEVICES.bob.serial)]);
  assertEquals(both.map(({ status }) => status), ["fulfilled", "rejected"]);
  const again = await assertRejects(() => source.code(SERIAL), EacError);
  assertEquals(again.code, "input_required");
});

Deno.test("a used code from --mfa-token is not sent again for its device, but for another device", async () => {
  using host = testHost();
  await recordUsed(host, SERIAL, "123456");
  const spent = codeSource(profile(), context(host, { flag: "123456" }).made);
  assertEquals((await assertRejects(() => spent.code(SERIAL), EacError)).code, "mfa_rejected");
  const other = codeSource(profile(), context(host, { flag: "123456" }).made);
  assertEquals(await other.code(DEVICES.bob.serial), "123456");
});

Deno.test("a used code is refused until the device's next code is used", async () => {
  using host = testHost();
  await recordUsed(host, SERIAL, "123456");
  for (const later of [0, 60, 86_400]) {
    host.time += later * 1000;
    const source = codeSource(profile(), context(host, { flag: "123456" }).made);
    const [{ status }] = await Promise.allSettled([source.code(SERIAL)]);
    assertEquals(status, "rejected", `${later} s later`);
  }
  await recordUsed(host, SERIAL, "654321");
  const source = codeSource(profile(), context(host, { flag: "123456" }).made);
  assertEquals(await source.code(SERIAL), "123456");
});

Deno.test("a typed code that is already used is not sent, and the message says when the next one comes", async () => {
  using host = testHost();
  host.time += 12_000;
  await recordUsed(host, SERIAL, "123456");
  const { made, asked, shown } = context(host, { typed: ["123456", "654321"] });
  assertEquals(await codeSource(profile(), made).code(SERIAL), "654321");
  assertEquals(shown.length, 1);
  assertStringIncludes(shown[0]!, "18 s");
  assertEquals(asked.length, 2);
  assertStringIncludes(asked[1]!, "18 s");
});

posixShellTest(
  "a command for codes is run once the used code is gone from the device",
  async () => {
    using host = testHost();
    host.time += 12_000;
    await recordUsed(host, SERIAL, "123456");
    const { made, shown } = context(host);
    const began = host.time;
    const code = await codeSource(profile({ mfa_process: "printf ' 654 321\\n'" }), made).code(
      SERIAL,
    );
    assertEquals([code, host.time - began], ["654321", 18_000]);
    assertEquals(shown, [`the current code of ${SERIAL} was used; waiting 18 s for the next one`]);
  },
);

Deno.test("an mfa_process that fails, is missing or prints no code is an error without its output", async () => {
  using host = testHost();
  for (const command of ["printf hunter2", "sh -c 'echo hunter2; exit 3'", "/no/such/program"]) {
    const source = codeSource(profile({ mfa_process: command }), context(host).made);
    const error = await assertRejects(() => source.code(SERIAL), EacError);
    assertEquals(error.code, "process_failed");
    assert(!error.message.includes("hunter2"), error.message);
  }
});

Deno.test("without a terminal the error names every way to supply a code", async () => {
  using host = testHost();
  const { made } = context(host, { unaskable: "CI is set, so nobody is asked" });
  const error = await assertRejects(() => codeSource(profile(), made).code(SERIAL), EacError);
  assertEquals(error.code, "input_required");
  for (const name of ["--mfa-token", "EAC_MFA_TOKEN", "mfa_process", "EAC_MFA_PROCESS"]) {
    assert(error.hint?.includes(name), name);
  }
});

Deno.test("the record of used codes contains no code, and a damaged record is ignored", async () => {
  using host = testHost();
  await recordUsed(host, SERIAL, "123456");
  const folder = host.path(".aws/eac/mfa");
  const [file] = [...Deno.readDirSync(folder)].map(({ name }) => `.aws/eac/mfa/${name}`);
  assert(!host.text(file!)?.includes("123456"));
  assertEquals(host.stat(host.path(file!))?.mode, PRIVATE_FILE);
  for (const text of ["", "{}", "[]", '{"step":"x","code":1}']) {
    host.write(file!, text);
    const source = codeSource(profile(), context(host, { flag: "123456" }).made);
    assertEquals(await source.code(SERIAL), "123456", text);
  }
});

Deno.test("a non-interactive run does not wait for another process's prompt", async () => {
  using host = testHost({
    home: {
      ".aws/config": `[profile user]\nmfa_serial = ${SERIAL}\n`,
      ".aws/credentials": "[user]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    },
  });
  const locks: string[] = [];
  const lock: typeof host.lock = (path) => {
    locks.push(path);
    return Promise.resolve(undefined);
  };
  assertEquals(await run(["process", "user", "--no-input"], { ...host, lock }, strategies), 4);
  assertEquals(locks, []);
});

Deno.test("of two runs with the same code, one claims it and the other reports it as used", async () => {
  using host = testHost();
  const claims = await Promise.all([
    claimCode(host, SERIAL, "123456"),
    claimCode(host, SERIAL, "123456"),
  ]);
  assertEquals(claims.toSorted(), ["claimed", "used"]);
  assertEquals(await claimCode(host, DEVICES.bob.serial, "123456"), "claimed");
});

Deno.test("a code that was not sent can be sent later, and a rejected code is not sent again", async () => {
  using host = testHost();
  await claimCode(host, SERIAL, "123456");
  await releaseCode(host, SERIAL, "123456");
  assertEquals(await claimCode(host, SERIAL, "123456"), "claimed");
  await noteRejected(host, SERIAL, "123456");
  assertEquals(await claimCode(host, SERIAL, "123456"), "rejected");
  assertEquals(await claimCode(host, SERIAL, "654321"), "claimed");
});

for (
  const [what, setting, env] of [
    ["CA bundle", "ca_bundle = /nowhere.pem\n", {}],
    ["AWS_MAX_ATTEMPTS", "", { AWS_MAX_ATTEMPTS: "none" }],
  ] as const
) {
  Deno.test(`a code can be sent later if an invalid ${what} kept it from being sent`, async () => {
    const home = { ...MFA_HOME, ".aws/config": MFA_HOME[".aws/config"] + setting };
    using host = testHost({ home, env: { ...env, EAC_MFA_TOKEN: "123456" } });
    const exit = await run(["process", "user"], { ...host, http }, strategies);
    assertEquals(exit, 3, host.printed.stderr);
    assertStringIncludes(host.printed.stderr, what);
    assertEquals(await claimCode(host, SERIAL, "123456"), "claimed");
  });
}

Deno.test("a code is not sent if another process holds the device's lock for too long", async () => {
  using host = testHost();
  const locks: string[] = [];
  const busy: typeof host.lock = (path, signal) => {
    locks.push(path);
    assert(signal !== undefined, "it waits for a bounded time");
    return Promise.resolve(undefined);
  };
  assertEquals(await claimCode({ ...host, lock: busy }, SERIAL, "123456"), "busy");
  assertEquals(locks.length, 1);
  // It was not recorded either: the next run may send it.
  assertEquals(await claimCode(host, SERIAL, "123456"), "claimed");
});

Deno.test("a run that cannot claim its code in time fails with io and sends nothing", async () => {
  using host = testHost({ home: MFA_HOME, env: { EAC_MFA_TOKEN: "123456" } });
  const codeLock = await lockFileOfCodes(host);
  const lock: typeof host.lock = (path, signal) =>
    path === codeLock ? Promise.resolve(undefined) : host.lock(path, signal);
  let sent = 0;
  const http: typeof host.http = (request) => {
    sent++;
    return host.http(request);
  };
  const code = await run(["process", "user"], { ...host, lock, http }, strategies);
  assertEquals([code, sent], [7, 0], host.printed.stderr);
  assertStringIncludes(host.printed.stderr, SERIAL);
});

Deno.test("a code is not sent if the lock file was removed while the code was claimed", async () => {
  using host = testHost();
  const lost: typeof host.lock = async (...where) => {
    const lock = await host.lock(...where);
    return lock && { ...lock, isHeld: () => false };
  };
  assertEquals(await claimCode({ ...host, lock: lost }, SERIAL, "123456"), "used");
});

Deno.test("a code is claimed once also on a file system without locks", async () => {
  using host = testHost();
  const none: typeof host.lock = () => Promise.reject(new EacError("io", "no locks"));
  assertEquals(await claimCode({ ...host, lock: none }, SERIAL, "123456"), "claimed");
  assertEquals(await claimCode({ ...host, lock: none }, SERIAL, "123456"), "used");
});

const MFA_HOME = {
  ".aws/config": `[profile user]\nmfa_serial = ${SERIAL}\n`,
  ".aws/credentials": "[user]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
};

/** The file that claimCode locks. */
async function lockFileOfCodes(host: TestHost): Promise<string> {
  let file = "";
  const lock: typeof host.lock = (path) => {
    file = path;
    return Promise.resolve(undefined);
  };
  await claimCode({ ...host, lock }, SERIAL, "000000");
  return file;
}
