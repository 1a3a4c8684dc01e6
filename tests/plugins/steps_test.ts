/** Strategies of the user's own that declare steps: placed, kept and explained like eac's. */

import { totp } from "../../lib/emulator/totp.ts";
import type { Program } from "../../lib/host/host.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import type { TestHost } from "../support/fakes.ts";
import { eac, FOLDER, strategyHost, withSts } from "../support/own_strategies.ts";
import { DEVICE } from "../support/world.ts";

const ROLE = "arn:aws:iam::123456789012:role/";

const TEAM = `export default {
  api: 1, name: "team", summary: "the role of a team", needs: [["team", "source_profile"]],
  reads: ["mfa_serial", "duration_seconds"],
  steps: (p) => [{
    call: "AssumeRole", roleArn: "${ROLE}" + p.team, mfaSerial: p.mfa_serial,
    durationSeconds: p.duration_seconds && Number(p.duration_seconds),
  }],
};
`;

const profile = (name: string, keys: string) =>
  `[profile ${name}]\n${keys}\nsource_profile = alice\n`;

/** The calls of a plan, and its notes. */
async function planOf(host: TestHost, ...argv: string[]) {
  const { stdout, stderr } = await eac(host, "explain", "p", "--json", ...argv);
  assert(stdout !== "", stderr);
  const { calls, notes } = JSON.parse(stdout);
  return { calls, notes };
}

Deno.test("steps are explained and sent as those of a built-in strategy", async () => {
  using host = strategyHost({ "team.js": TEAM }, profile("p", "team = Open"));
  await withSts(host, async (calls) => {
    assertEquals((await planOf(host)).calls, [
      { call: "AssumeRole", role_arn: `${ROLE}Open`, duration_seconds: 3600 },
    ]);
    assertEquals((await eac(host, "process", "p")).code, 0);
    assertEquals((await eac(host, "process", "p")).code, 0);
    assertEquals(calls.map(({ action }) => action), ["AssumeRole"]);
  });
});

Deno.test("the process that declared the steps has ended when eac ends", async () => {
  using host = strategyHost({ "team.js": TEAM }, profile("p", "team = Open"));
  let begun = 0;
  let ended = 0;
  const { converse } = host;
  host.converse = async (program) => {
    const conversation = await converse(program);
    begun++;
    return {
      ...conversation,
      async end() {
        const outcome = await conversation.end();
        ended++;
        return outcome;
      },
    };
  };
  assertEquals((await eac(host, "explain", "p")).code, 0);
  assert(begun > 0);
  assertEquals(ended, begun);
});

Deno.test("explain shows all that the call of a step sends", async () => {
  const parameters = {
    sessionName: "me",
    sourceIdentity: "INC-7",
    tags: { team: "purple", stage: "prod" },
    transitiveTagKeys: ["team"],
    policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    policy: '{"Version":"2012-10-17"}',
  };
  const text = TEAM.replace(
    'call: "AssumeRole",',
    `call: "AssumeRole", ...${JSON.stringify(parameters)},`,
  );
  using host = strategyHost({ "team.js": text }, profile("p", "team = Open"));
  assertEquals((await planOf(host)).calls, [{
    call: "AssumeRole",
    role_arn: `${ROLE}Open`,
    duration_seconds: 3600,
    role_session_name: "me",
    source_identity: "INC-7",
    tags: parameters.tags,
    transitive_tag_keys: ["team"],
    policy: parameters.policy,
    policy_arns: parameters.policyArns,
  }]);
  const { stdout } = await eac(host, "explain", "p");
  assertStringIncludes(
    stdout,
    "session name me, source identity INC-7, tags team=purple stage=prod",
  );
  assertStringIncludes(stdout, `session policy ${parameters.policy}`);
});

Deno.test("steps share the MFA session of the device, unless the role is to last longer", async () => {
  const keys = `team = Mfa\nmfa_serial = ${DEVICE.serial}`;
  using host = strategyHost({ "team.js": TEAM }, profile("p", keys));
  assertEquals((await planOf(host)).calls, [
    { call: "GetSessionToken", serial: DEVICE.serial, duration_seconds: 43200 },
    { call: "AssumeRole", role_arn: `${ROLE}Mfa`, duration_seconds: 3600 },
  ]);
  const long = await planOf(host, "--duration", "2h");
  assertEquals(long.calls, [{
    call: "AssumeRole",
    role_arn: `${ROLE}Mfa`,
    duration_seconds: 7200,
    serial: DEVICE.serial,
  }]);
  assertEquals((await eac(host, "explain", "p", "--duration", "13h")).code, 2);
});

Deno.test("steps come after those of the source, an hour at most", async () => {
  const chained = "[profile p]\nteam = Chained\nduration_seconds = 7200\nsource_profile = open\n";
  using host = strategyHost(
    { "team.js": TEAM },
    profile("open", `role_arn = ${ROLE}Open`) + chained,
  );
  const { calls } = await planOf(host);
  assertEquals(calls.map((call: { role_arn: string }) => call.role_arn), [
    `${ROLE}Open`,
    `${ROLE}Chained`,
  ]);
  assertEquals(calls[1].duration_seconds, 3600);
});

Deno.test("a profile that declared steps serve can be the source of another", async () => {
  const config = profile("open", "team = Open") +
    `[profile p]\nrole_arn = ${ROLE}Chained\nsource_profile = open\n`;
  using host = strategyHost({ "team.js": TEAM }, config);
  await withSts(host, async (calls) => {
    assertEquals((await eac(host, "process", "p")).code, 0);
    assertEquals(calls.map(({ parameters }) => parameters.RoleArn), [
      `${ROLE}Open`,
      `${ROLE}Chained`,
    ]);
  });
});

Deno.test("that code serves a built-in role and declared steps of the same device", async () => {
  const config = profile("p", `team = Mfa\nmfa_serial = ${DEVICE.serial}`) +
    profile("q", `role_arn = ${ROLE}Mfa2\nmfa_serial = ${DEVICE.serial}`);
  using host = strategyHost({ "team.js": TEAM }, config);
  await withSts(host, async (calls) => {
    const code = await totp(DEVICE.secret, host.time);
    assertEquals((await eac(host, "process", "p", "--mfa-token", code)).code, 0);
    assertEquals((await eac(host, "process", "q", "--no-input")).code, 0);
    assertEquals(calls.map(({ action }) => action), [
      "GetSessionToken",
      "AssumeRole",
      "AssumeRole",
    ]);
  });
});

Deno.test("one process answers for all profiles of a run, and none in the next run", async () => {
  const config = ["a", "b", "c"].map((name) => profile(name, `team = ${name}`)).join("");
  using host = strategyHost({ "team.js": TEAM }, config);
  const started = counting(host);
  const { stdout } = await eac(started.host, "list", "--json");
  const strategies = JSON.parse(stdout).map(({ strategy }: { strategy: string }) => strategy);
  assertEquals(strategies, ["team", "team", "team", "session-token"]);
  assertEquals(started.count, 2); // to describe, and for the steps
  await eac(started.host, "list");
  await eac(started.host, "explain", "b");
  assertEquals(started.count, 2);
});

Deno.test("steps can read files only with files in wants, and are then asked in every run", async () => {
  const reading = (wants: string) =>
    TEAM.replace(
      "steps: (p)",
      `${wants}\n  steps: (p, r = Deno.readTextFileSync(Deno.env.get("HOME") + "/r"))`,
    )
      .replace("+ p.team", "+ r");
  using sealed = strategyHost({ "team.js": reading("") }, profile("p", "team = Open"));
  sealed.write("r", "Open");
  const { code, stderr } = await eac(sealed, "explain", "p");
  assertEquals(code, 8);
  assertStringIncludes(stderr, 'without "files" in "wants"');
  using host = strategyHost(
    { "team.js": reading('wants: ["files"],') },
    profile("p", "team = Open"),
  );
  for (const role of ["Open", "Other"]) {
    host.write("r", role);
    assertEquals((await planOf(host)).calls[0].role_arn, `${ROLE}${role}`);
  }
});

Deno.test("a variable in env is passed, and its change is a change of the strategy", async () => {
  const text = TEAM.replace("steps:", 'env: ["TEAM_STAGE", "AWS_STAGE"],\n  steps:')
    .replace("+ p.team", "+ Deno.env.get('TEAM_STAGE') + Deno.env.get('AWS_STAGE')");
  using host = strategyHost({ "team.js": text }, profile("p", "team = Open"));
  for (const [own, aws] of [["a", "b"], ["a", "c"], ["d", "c"]]) {
    Object.assign(host.env, { TEAM_STAGE: own, AWS_STAGE: aws });
    assertEquals((await planOf(host)).calls[0].role_arn, `${ROLE}${own}${aws}`);
  }
});

Deno.test("a file that changes is asked again", async () => {
  using host = strategyHost({ "team.js": TEAM }, profile("p", "team = Open"));
  await planOf(host);
  host.write(`${FOLDER}/team.js`, TEAM.replace("+ p.team", '+ "Other"'));
  assertEquals((await planOf(host)).calls[0].role_arn, `${ROLE}Other`);
});

Deno.test("declared steps that AWS would refuse say what to fix", async () => {
  const steps = (what: string) =>
    TEAM.replace(/steps: [^]*?\}\],\n/, `steps: () => ${what},\n`).replace(/reads.*\n/, "");
  const role = `call: "AssumeRole", roleArn: "${ROLE}Open"`;
  const cases: readonly (readonly [string, number, string])[] = [
    ["[]", 8, '"steps" gives no call'],
    ["({})", 8, 'what "steps" gives is not a list'],
    [
      '[{ call: "AssumeRole", roleArn: "arn:aws:iam::undefined:role/x" }]',
      8,
      "not the ARN of a role",
    ],
    [`[{ ${role}, duration: 1 }]`, 8, 'step 1 has an unknown field "duration"'],
    [`[{ ${role}, durationSeconds: 60 }]`, 8, "not a whole number of seconds from 900 to 43200"],
    [`[{ ${role}, tags: ["a"] }]`, 8, '"tags" of step 1 is not an object'],
    ['[{ call: "GetFederationToken" }]', 8, "use one of AssumeRole, GetSessionToken"],
    [`[{ ${role} }, { call: "GetSessionToken" }]`, 3, "long-lived keys only"],
    [`[{ ${role}, mfaSerial: "arn:aws:iam::123456789012:u2f/user/k" }]`, 3, "security key"],
    ["{ throw new Error('no team') }", 8, "your strategy failed: no team (team.js:3)"],
    ["{ Deno.exit(0) }", 8, "ended without an answer"],
  ];
  for (const [what, exit, expected] of cases) {
    using host = strategyHost({ "team.js": steps(what) }, profile("p", "team = Open"));
    const { code, stderr } = await eac(host, "explain", "p");
    assertEquals(code, exit, `${what}: ${stderr}`);
    assertStringIncludes(stderr, expected);
  }
});

Deno.test("a session and a role may be declared together", async () => {
  const steps = `[{ call: "GetSessionToken", mfaSerial: "${DEVICE.serial}", durationSeconds: 900 },
    { call: "AssumeRole", roleArn: "${ROLE}Mfa", mfaSerial: "${DEVICE.serial}" }]`;
  const text = TEAM.replace(/steps: [^]*?\}\],\n/, `steps: () => ${steps},\n`);
  using host = strategyHost({ "team.js": text }, profile("p", "team = x"));
  const { calls, notes } = await planOf(host);
  assertEquals(calls.map((call: { call: string }) => call.call), ["GetSessionToken", "AssumeRole"]);
  assertEquals([calls[0].duration_seconds, calls[1].serial], [900, undefined]);
  assertStringIncludes(notes[0], "that code also serves");
});

/** Counts the processes that a run starts. */
function counting(host: TestHost): { host: TestHost; count: number } {
  const counted = {
    count: 0,
    host: {
      ...host,
      converse(program: Program) {
        counted.count++;
        return host.converse(program);
      },
    },
  };
  return counted;
}

for (
  const [key, isPlain] of [["team", true], ["team_token", false], ["team_process", false]] as const
) {
  Deno.test(`cached steps ${isPlain ? "have" : "do not have"} the value of ${key}`, async () => {
    const module = `export default { api: 1, name: "team", summary: "t",
      needs: [["${key}", "source_profile"]],
      steps: () => [{ call: "AssumeRole", roleArn: "arn:aws:iam::123456789012:role/Open" }] };`;
    using host = strategyHost(
      { "team.js": module },
      `[profile p]\n${key} = purple-4711\nsource_profile = alice\n`,
    );
    assertEquals((await eac(host, "explain", "p")).code, 0);
    const cached = host.text(".aws/eac/cache/strategies.json") ?? "";
    assertStringIncludes(cached, "role/Open");
    assertEquals(cached.includes("purple-4711"), isPlain);
  });
}
