/** `eac list` as the user sees it: groups, widths, and kept up to date. */

import { fittingColumns } from "../../../lib/terminal/table.ts";
import { cachedKeys } from "../../../lib/credentials/cache/cache.ts";
import { writeCache } from "../../../lib/credentials/cache/cache_write.ts";
import { startEmulator } from "../../../lib/emulator/emulator.ts";
import { totp } from "../../../lib/emulator/totp.ts";
import type { Host, SignalName } from "../../../lib/host/host.ts";
import { Secret } from "../../../lib/plan/credentials.ts";
import { run } from "../../../lib/run.ts";
import { strategies } from "../../../strategies/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { testHost } from "../../support/fakes.ts";
import { DEVICE, WORLD } from "../../support/world.ts";

const KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n";
const role = (name: string, source: string) =>
  `[profile ${name}]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = ${source}\n`;

/** What `eac list` prints on a terminal of that width. */
async function list(config: string, columns: number): Promise<string> {
  using host = testHost({
    home: { ".aws/config": config, ".aws/credentials": `[alice]\n${KEYS}[bob]\n${KEYS}` },
    typed: [],
    env: { NO_COLOR: "1" },
  });
  const device = { ...host.openTerminal()!, size: () => ({ columns, rows: 24 }) };
  const stdout = { ...host.stdout, isTerminal: true };
  const at = { ...host, stdout, openTerminal: () => device };
  assertEquals(await run(["list"], at, strategies), 0, host.printed.stderr);
  return host.printed.stdout;
}

Deno.test("list shows each profile below its source profile", async () => {
  const config = role("far", "near") + role("near", "alice") + role("other", "bob") +
    role("lost", "nobody") + role("too", "alice");
  const lines = (await list(config, 80)).split("\n").map((line) => line.slice(0, 9).trimEnd());
  assertEquals(lines.slice(0, 8), [
    "PROFILE",
    "lost",
    "alice",
    "  near",
    "    far",
    "  too",
    "bob",
    "  other",
  ]);
});

Deno.test("list shows a problem of several profiles once", async () => {
  const config = `[profile half]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n`;
  const shown = await list(config + role("a", "half") + role("b", "half"), 100);
  assertEquals(shown.match(/has aws_access_key_id but no/g)?.length, 1, shown);
});

Deno.test("list shows a section that is no profile because of its name, also as the only one", async () => {
  const section = "[deploy]\nrole_arn = arn:aws:iam::123456789012:role/R\n[plugins]\na = b\n";
  const shown = async (home: Record<string, string>, ...argv: string[]) => {
    using host = testHost({ home, env: { CI: "" }, typed: [] });
    const exit = await run(argv, host, strategies);
    return { exit, stdout: host.printed.stdout, stderr: host.printed.stderr };
  };
  const line = /^! \[deploy\] is not read: profiles .* begin with "profile" \(.*config:1\)$/m;
  const alone = await shown({ ".aws/config": section }, "list");
  assertMatch(alone.stdout, line);
  assert(!alone.stdout.includes("plugins"));
  const others = { ".aws/config": section, ".aws/credentials": `[alice]\n${KEYS}` };
  assertMatch((await shown(others, "list")).stdout, line);
  assert(!(await shown(others, "list", "alice")).stdout.includes("deploy"));
  const picked = await shown({ ".aws/config": section }, "get");
  assertEquals(picked.exit, 3);
  assertMatch(picked.stderr, /: \[deploy\] is not one \(.*config:1\)\nhint: eac doctor shows/);
});

Deno.test("list shows where each profile is stored: its own destination, else by the pattern of [eac]", async () => {
  const own = `${role("own", "alice")}destination_profile = mine\n`;
  const none = `${role("none", "alice")}destination_profile =\n`;
  const destinations = async (config: string) => {
    using host = testHost({
      home: { ".aws/config": config, ".aws/credentials": `[alice]\n${KEYS}` },
    });
    assertEquals(await run(["list", "--json"], host, strategies), 0, host.printed.stderr);
    const listed: { name: string; destination: string | null }[] = JSON.parse(host.printed.stdout);
    return Object.fromEntries(listed.map(({ name, destination }) => [name, destination]));
  };
  const profiles = own + none + role("a:b", "alice") + role("open", "alice");
  const bare = { alice: null, own: "mine", none: null, "a:b": null };
  assertEquals(await destinations(profiles), { ...bare, open: null });
  assertEquals(
    await destinations(`[eac]\ndestination_profile = {profile}-temp\n${profiles}`),
    { ...bare, open: "open-temp" },
  );
});

Deno.test("list in color shows the profiles that cannot be used in red, and only those", async () => {
  using host = testHost({
    home: {
      ".aws/config": role("lost", "nobody") + role("near", "alice"),
      ".aws/credentials": `[alice]\n${KEYS}`,
    },
  });
  assertEquals(await run(["list", "--color", "always"], host, strategies), 0, host.printed.stderr);
  const RED = "\x1b[31m";
  const [row, problem, ...others] = host.printed.stdout.split("\n")
    .filter((line) => line.includes(RED));
  assert(row?.startsWith("lost"), host.printed.stdout);
  assert(problem?.startsWith(RED), host.printed.stdout);
  assertEquals(others, []);
});

Deno.test("list says how long stored credentials are valid, and when they need renewal", async () => {
  const cases: readonly (readonly [expiration: string, status: string])[] = [
    ["2026-11-23T13:15:00Z", "valid"],
    ["2026-11-23T13:14:59Z", "expiring"],
    ["2026-11-23T13:00:01Z", "expiring"],
    ["2026-11-23T13:00:00Z", "expired"],
  ];
  for (const [expiration, status] of cases) {
    const stored = `[temp]\n${KEYS}aws_session_token = t\nexpiration = ${expiration}\n`;
    using host = testHost({
      now: "2026-11-23T13:00:00Z",
      home: { ".aws/credentials": `${stored}managed_by = eac\neac_source = alice\n` },
    });
    assertEquals(await run(["list", "--json"], host, strategies), 0, host.printed.stderr);
    assertEquals(JSON.parse(host.printed.stdout)[0].status, status, expiration);
  }
});

Deno.test("list shows every profile of a cycle with its error", async () => {
  const printed = await list(role("leaf", "a") + role("a", "b") + role("b", "a"), 200);
  const lines = printed.split("\n").map((line) => /^ *\w+/.exec(line)?.[0]);
  const named = lines.filter((line) => line !== undefined);
  assertEquals(named, ["PROFILE", "alice", "bob", "leaf", "a", "  b"], printed);
  assertStringIncludes(printed, "source_profile forms a cycle: a -> b -> a");
});

Deno.test("list shows a chain of 10,000 roles with its error", async () => {
  const links = Array.from({ length: 10_000 }, (_, at) => role(`r${at}`, `r${at + 1}`));
  const printed = await list(`${links.join("")}[profile r10000]\nsource_profile = alice\n`, 80);
  assertStringIncludes(printed, 'profile "r0" has a chain of more than 100 roles');
});

Deno.test("list shows an invalid region, and the other profiles of its kind as they are", async () => {
  const at = (name: string, region: string) => `${role(name, "alice")}region = ${region}\n`;
  const printed = await list(
    at("near", "eu-west-1") + at("odd", "eu west") + at("far", "x-1"),
    200,
  );
  const lines = printed.split("\n").filter((line) => /near|odd|far/.test(line));
  assertEquals(lines.map((line) => line.includes("! none")), [false, true, false]);
  assertMatch(printed, /^! .*"eu west" is not a valid region.*config:8\)$/m);
});

Deno.test("list of 200 profiles fits 60 and 40 columns without cutting names", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `payments-production-admin-${index}`);
  const config = names.map((name) =>
    `${role(name, "alice")}destination_profile = ${name}-temp\nmfa_serial = GAHT12345678\n`
  ).join("");
  for (const columns of [60, 40]) {
    const lines = (await list(config, columns)).trimEnd().split("\n");
    assertEquals(lines.length, 203);
    for (const line of lines) assert(line.length <= columns, line);
    for (const name of names) assert(lines.some((line) => line.startsWith(`  ${name} `)), name);
  }
});

Deno.test("fittingColumns leaves out empty columns, then the least important ones", () => {
  const rows = [["name-of-a-profile", "strategy-name", "", "destination-name", "soon"]];
  assertEquals(fittingColumns(rows, 80, [4, 1, 3, 2]), [0, 1, 3, 4]);
  assertEquals(fittingColumns(rows, 40, [4, 1, 3, 2]), [0, 1, 4]);
  assertEquals(fittingColumns(rows, 30, [4, 1, 3, 2]), [0, 4]);
  assertEquals(fittingColumns(rows, 10, [4, 1, 3, 2]), [0]);
});

Deno.test("list --watch shows changes until Ctrl-C, then restores the screen", async () => {
  using host = testHost({ home: { ".aws/config": "[profile a]\n" }, typed: [] });
  const screens: string[] = [];
  let interrupt: ((name: SignalName) => void) | undefined;
  const at = {
    ...host,
    stdout: { isTerminal: true, write: (text: string) => void screens.push(text) },
    onSignal(_: readonly SignalName[], handler: (name: SignalName) => void) {
      interrupt = handler;
      return () => {};
    },
    sleep() {
      if (screens.length === 2) host.write(".aws/config", "[profile b]\n");
      else if (screens.length === 3) host.write(".aws/config", "[profile b\n");
      else interrupt!("SIGINT");
      return Promise.resolve();
    },
  };
  assertEquals(await run(["list", "--watch"], at, strategies), 130);
  const [enter, first, second, broken, leave] = screens;
  assertEquals([enter, leave], ["\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"]);
  assertStringIncludes(first!, "\na ");
  assertStringIncludes(second!, "\nb ");
  assertStringIncludes(broken!, "error: ");
  assertEquals(host.printed.stderr, "");
});

Deno.test("list --watch is refused without a terminal", async () => {
  using host = testHost();
  assertEquals(await run(["list", "--watch"], host, strategies), 2);
  assertStringIncludes(host.printed.stderr, "--watch shows a table on a terminal");
});

Deno.test("list of a few profiles finds its cache entries among a thousand, and opens no others", async () => {
  using host = testHost({
    home: {
      ".aws/config": role("near", "alice") + role("far", "near"),
      ".aws/credentials": `[alice]\n${KEYS}`,
    },
  });
  const description = {
    users: [{
      arn: "arn:aws:iam::123456789012:user/alice",
      accessKeys: [{ id: "AKIAIOSFODNN7EXAMPLE", secret: "s" }],
    }],
    roles: [{ arn: "arn:aws:iam::123456789012:role/R", trust: { principals: ["123456789012"] } }],
  };
  const emulator = startEmulator(host, description);
  try {
    const env = { ...host.env, AWS_ENDPOINT_URL_STS: emulator.url, AWS_REGION: "us-east-1" };
    let reads = 0;
    const at: Host = {
      ...host,
      env,
      readFile(path) {
        if (path.includes("cache")) reads++;
        return host.readFile(path);
      },
    };
    assertEquals(await run(["process", "near"], at, strategies), 0, host.printed.stderr);
    const [own] = cachedKeys(at);
    const text = host.text(`.aws/eac/cache/${own}.json`)!;
    for (let index = 0; index < 1000; index++) {
      host.write(`.aws/eac/cache/${index.toString(16).padStart(64, "0")}.json`, text);
    }
    reads = 0;
    host.printed.stdout = "";
    assertEquals(await run(["list", "--json"], at, strategies), 0, host.printed.stderr);
    const near = JSON.parse(host.printed.stdout).find(({ name }: { name: string }) =>
      name === "near"
    );
    // The one entry, for "near" and for the chain of "far".
    assertEquals([near.status, reads], ["valid", 2]);
  } finally {
    await emulator.stop();
  }
});

Deno.test("list of many credential_process profiles opens no file for each", async () => {
  const profiles = Array.from(
    { length: 200 },
    (_, index) => `[profile p${index}]\ncredential_process = /bin/tool ${index}\n`,
  );
  using host = testHost({ home: { ".aws/config": profiles.join("") } });
  let reads = 0;
  const at: Host = {
    ...host,
    readFile(path) {
      reads++;
      return host.readFile(path);
    },
  };
  assertEquals(await run(["list"], at, strategies), 0, host.printed.stderr);
  assertStringIncludes(host.printed.stdout, "p199");
  assert(reads < 20, `${reads} reads`);
});

Deno.test("list --watch counts down the MFA session and the profiles that use it, and the picker shows it", async () => {
  const SERIAL = DEVICE.serial;
  using host = testHost({
    home: {
      ".aws/credentials": "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    },
    typed: ["\x03"],
  });
  host.write(
    ".aws/config",
    `[profile mfa]
role_arn = arn:aws:iam::123456789012:role/Mfa
source_profile = alice
mfa_serial = ${SERIAL}
`,
  );
  const emulator = startEmulator(host, WORLD);
  Object.assign(host.env, { AWS_ENDPOINT_URL_STS: emulator.url });
  const at = { ...host, now: () => host.time };
  try {
    const code = await totp(DEVICE.secret, host.time);
    assertEquals(await run(["get", "mfa", "--print", "--mfa-token", code], at, strategies), 0);
    const screens: string[] = [];
    let interrupt: ((name: SignalName) => void) | undefined;
    const watched = {
      ...at,
      stdout: { isTerminal: true, write: (text: string) => void screens.push(text) },
      onSignal(_: readonly SignalName[], handler: (name: SignalName) => void) {
        interrupt = handler;
        return () => {};
      },
      sleep(milliseconds: number) {
        host.time += milliseconds;
        if (screens.length === 3) interrupt!("SIGINT");
        return Promise.resolve();
      },
    };
    assertEquals(await run(["list", "--watch"], watched, strategies), 130);
    const [, first, second] = screens;
    assertMatch(first!, new RegExp(`MFA until .*\\(in 12:00:00\\): ${SERIAL}`));
    assertStringIncludes(first!, "in 1:00:00");
    assertMatch(second!, new RegExp(`MFA until .*\\(in 11:59:59\\): ${SERIAL}`));
    assertStringIncludes(second!, "in 59:59");

    assertEquals(await run([], at, strategies), 130);
    assertMatch(host.printed.terminal, /MFA until .*: alice/);
  } finally {
    await emulator.stop();
  }
});

Deno.test("an invalid region of a credential_process is a problem of its profile, not of the list", async () => {
  using host = testHost({
    home: {
      ".aws/config": `[profile broken]
credential_process = x
region = not a region
[profile works]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = s
`,
    },
  });
  // A session without MFA has no subject, like the output of a credential_process.
  const expiration = host.now() + 3_600_000;
  const credentials = {
    accessKeyId: "ASIAIOSFODNN7EXAMPLE",
    secretAccessKey: new Secret("s"),
    sessionToken: new Secret("t"),
    expiration,
  };
  writeCache(host, "0".repeat(64), { credentials, receivedAt: host.now(), subject: undefined });
  assertEquals(await run(["list", "--json"], host, strategies), 0, host.printed.stderr);
  const [broken, works] = JSON.parse(host.printed.stdout);
  assertEquals([broken.name, works.name, works.problem], ["broken", "works", undefined]);
  assertMatch(broken.problem, /not a region.*config:3/);
});
