/** Custom strategies with `obtain`: what they receive, and what happens to their answer. */

import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { totp } from "../../lib/emulator/totp.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import {
  ANSWER,
  eac,
  IN_AN_HOUR,
  obtainModule,
  script,
  strategyHost,
  withSts,
} from "../support/own_strategies.ts";
import { DEVICE } from "../support/world.ts";
import { posixShellTest, posixTest } from "../support/posix.ts";

const BOX = "[profile p]\nbox = blue\nsecret_hint = not declared\n";
const OF_ALICE = "[profile p]\nbox = blue\nsource_profile = alice\n";

Deno.test("a module gets only its declared keys, and its credentials are cached", async () => {
  const log = 'const { appendFileSync } = await import("node:fs");' +
    "appendFileSync(process.env.HOME + '/requests', JSON.stringify(request) + '\\n');";
  using host = strategyHost({
    "box.js": obtainModule(
      `${log} return ${ANSWER}`,
      'reads: ["color", "source_profile.region"], wants: ["files"],',
    ),
  }, BOX);
  const first = await eac(host, "process", "p");
  assertEquals(first.stderr, "");
  assertEquals(JSON.parse(first.stdout), { Version: 1, ...JSON.parse(ANSWER) });
  assertEquals(await eac(host, "process", "p"), first);
  assertEquals(host.text("requests"), '{"profile":{"box":"blue"},"interactive":false}\n');
});

posixShellTest("an executable gets one line of JSON, and may answer in several", async () => {
  const pretty = JSON.stringify(JSON.parse(ANSWER), null, 2);
  using host = strategyHost({
    box: script({}, `cat > "$HOME/request"; echo touch it >&2; cat <<'END'\n${pretty}\nEND`),
  }, BOX);
  const { code, stdout, stderr } = await eac(host, "process", "p");
  assertEquals([code, stderr], [0, "touch it\n"]);
  assertEquals(JSON.parse(stdout).SecretAccessKey, "secret-of-the-strategy");
  assertEquals(
    host.text("request"),
    '{"api":1,"request":"obtain","profile":{"box":"blue"},"interactive":false,' +
      '"region":"us-east-1","stsEndpoint":"https://sts.amazonaws.com"}\n',
  );
});

posixShellTest(
  "the environment has no AWS variables and no code, unless wants has env",
  async () => {
    const env = {
      AWS_SECRET_ACCESS_KEY: "not-for-strategies",
      AWS_PROFILE: "p",
      EAC_MFA_TOKEN: "123456",
      BOX_TOKEN: "t",
    };
    for (
      const [wants, names] of [[[], "BOX_TOKEN"], [
        ["env"],
        "AWS_PROFILE AWS_SECRET_ACCESS_KEY BOX_TOKEN",
      ]] as const
    ) {
      const list =
        "env | grep -oE '^(AWS|EAC_MFA|BOX)_[A-Z_]*' | sort | tr '\\n' ' ' > \"$HOME/env\"";
      using host = strategyHost(
        { box: script({ wants }, `${list}; echo '${ANSWER}'`) },
        BOX,
        { env },
      );
      assertEquals((await eac(host, "process", "p")).code, 0);
      assertEquals(host.text("env")?.trim(), names);
    }
  },
);

Deno.test("a module's output goes to stderr, without the secrets that eac passed to it", async () => {
  const say = `console.log("log", request.credentials); console.info("info"); console.table([1]);
    console.dir({ dir: 1 }); console.group("group"); console.groupEnd();
    console.count("count"); console.time("t"); console.timeEnd("t");
    context.log("context", request.credentials.SecretAccessKey, { a: 1 });`;
  using host = strategyHost({
    "box.mjs": obtainModule(`${say} return ${ANSWER}`, 'wants: ["source"],'),
  }, OF_ALICE);
  const { code, stdout, stderr } = await eac(host, "process", "p");
  assertEquals(code, 0);
  assertEquals(Object.keys(JSON.parse(stdout))[0], "Version");
  for (const word of ["log", "info", "dir: 1", "group", "count", 'context *** {"a":1}']) {
    assertStringIncludes(stderr, word);
  }
  assert(!stderr.includes("wJalrXUtnFEMI"), stderr);
  assert(!stderr.includes("\n\n"), stderr); // console.groupEnd() prints nothing
  host.time++;
  assertEquals((await eac(host, "process", "p", "--refresh", "--quiet")).stderr, "");
});

posixShellTest(
  "source credentials are passed if wants has source, in JSON and as variables",
  async () => {
    const keep = 'read -r r; echo "$r $AWS_ACCESS_KEY_ID $AWS_REGION" > "$HOME/given"';
    using host = strategyHost({
      box: script({ wants: ["source"], reads: ["region"] }, `${keep}; echo '${ANSWER}'`),
    }, `${OF_ALICE}region = eu-west-1\n`);
    assertEquals((await eac(host, "process", "p")).code, 0);
    const given = host.text("given") ?? "";
    assertStringIncludes(
      given,
      '"credentials":{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccess',
    );
    assert(given.endsWith(" AKIAIOSFODNN7EXAMPLE eu-west-1\n"), given);
  },
);

posixShellTest(
  "sts calls go to the profile's endpoint, signed with the source's credentials",
  async () => {
    const role = "arn:aws:iam::123456789012:role/Open";
    for (
      const file of [
        {
          "box.js": obtainModule(
            `return await context.sts.assumeRole({ roleArn: "${role}" })`,
            'wants: ["source", "sts"],',
          ),
        },
        {
          box: script(
            { wants: ["source", "sts"] },
            `read -r r
          echo '{"call":"sts.assumeRole","roleArn":"${role}"}'; read -r reply
          reply=\${reply#'{"result":'}; printf '%s\\n' "\${reply%\\}}"`,
          ),
        },
      ]
    ) {
      using host = strategyHost(file, OF_ALICE);
      await withSts(host, async (calls) => {
        const { code, stderr } = await eac(host, "process", "p");
        assertEquals([code, stderr], [0, ""]);
        assertEquals(calls.map(({ action, signedWith }) => [action, signedWith]), [
          ["AssumeRole", "AKIAIOSFODNN7EXAMPLE"],
        ]);
      });
    }
  },
);

Deno.test("mfa.code returns the user's code, which is asked for once and then used", async () => {
  const body = `const code = await context.mfa.code("${DEVICE.serial}");
    if (!/^\\d{6}$/.test(code)) throw new Error("no code"); return ${ANSWER}`;
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["mfa"],') }, BOX, {
    typed: [],
  });
  const code = await totp(DEVICE.secret, host.time);
  const typed = { ...host, openTerminal: typist([`${code}\r`]) };
  assertEquals((await eac(typed, "process", "p")).code, 0);
  host.time++;
  const again = await eac(host, "process", "p", "--refresh", "--mfa-token", code);
  assertEquals(again.code, 5, again.stderr);
  assertStringIncludes(again.stderr, "was already used");
});

Deno.test("a code that a failing strategy received counts as unused", async () => {
  const body = `await context.mfa.code("${DEVICE.serial}"); throw new Error("the vault is sealed")`;
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["mfa"],') }, BOX);
  for (let time = 0; time < 2; time++) {
    const { code, stderr } = await eac(host, "process", "p", "--mfa-token", "123456");
    assertEquals(code, 8);
    assertStringIncludes(stderr, "error: your strategy failed: the vault is sealed (box.js:");
  }
});

Deno.test("a call with mfaSerial takes the next code, also after mfa.code of that device", async () => {
  const body = `await context.mfa.code("${DEVICE.serial}");
    return await context.sts.getSessionToken({ mfaSerial: "${DEVICE.serial}" })`;
  using host = strategyHost({
    "box.js": obtainModule(body, 'wants: ["source", "sts", "mfa"],'),
  }, OF_ALICE);
  const code = await totp(DEVICE.secret, host.time);
  const typed = { ...host, openTerminal: typist(["111111\r", `${code}\r`]) };
  await withSts(host, async (calls) => {
    const { code, stderr } = await eac(typed, "process", "p");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(calls.map(({ action }) => action), ["GetSessionToken"]);
  });
});

Deno.test("a question goes to the terminal, with the strategy's name; without a terminal eac exits 4", async () => {
  const body = `const answer = await context.ask("Colour?", { secret: true });
    if (answer !== "green") throw new Error("no: " + answer); return ${ANSWER}`;
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["ask"],') }, BOX, {
    typed: ["green\r"],
  });
  const { code, stderr } = await eac(host, "process", "p");
  assertEquals([code, stderr, host.printed.terminal], [0, "", "box (p): Colour? \n"]);
  host.time++;
  const silent = await eac(host, "process", "p", "--refresh", "--no-input");
  assertEquals(silent.code, 4);
  assertStringIncludes(silent.stderr, "strategy box (p)");
  assertStringIncludes(silent.stderr, "--no-input");
});

Deno.test("Ctrl-C at a strategy's question ends it, and eac with 130", async () => {
  const body = `await context.ask("Colour?").catch(() => {}); return ${ANSWER}`;
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["ask"],') }, BOX, {
    typed: ["\x03"],
  });
  const { code, stdout } = await eac(host, "process", "p");
  assertEquals([code, stdout], [130, ""]);
});

Deno.test("with keep: false each use asks again, and nothing is cached", async () => {
  const config = `${BOX}[profile on-top]\nrole_arn = arn:aws:iam::123456789012:role/Open\n` +
    "source_profile = p\n";
  const body = `context.log("asked"); return ${ANSWER}`;
  using host = strategyHost({ "box.js": obtainModule(body, "keep: false,") }, config);
  for (let run = 0; run < 2; run++) {
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals([code, stderr], [0, "asked\n"]);
  }
  const cached = [...Deno.readDirSync(host.path(".aws/eac/cache"))].map(({ name }) => name);
  assertEquals(cached, ["strategies.json"]);
});

posixShellTest("a strategy's error may have a code of eac's, and a hint", async () => {
  const error = (code: string, hint: string) => ({ error: "no session", code, hint });
  const asText = (code: string, hint: string) =>
    script({}, `echo '${JSON.stringify(error(code, hint))}'`);
  const asThrown = (code: string, hint: string) =>
    obtainModule(`throw Object.assign(new Error("no session"), ${JSON.stringify({ code, hint })})`);
  const codes = { input_required: 4, expired: 5, network: 6, nonsense: 8, internal: 8, io: 8 };
  for (const [code, exit] of Object.entries(codes)) {
    for (const files of [{ box: asText(code, "log in") }, { "box.js": asThrown(code, "log in") }]) {
      using host = strategyHost(files, BOX);
      const ended = await eac(host, "process", "p");
      assertEquals(ended.code, exit, ended.stderr);
      assertStringIncludes(ended.stderr, "no session");
      assertStringIncludes(ended.stderr, "hint: log in");
    }
  }
});

posixShellTest("the profile's ca_bundle reaches fetch of a module, and a program", async () => {
  const config = (path: string) => `[profile p]\nbox = blue\nca_bundle = ${path}\n`;
  const body = 'await context.fetch("https://127.0.0.1:9/")';
  using module = strategyHost(
    { "box.js": obtainModule(body, 'wants: ["fetch"],') },
    config("/nowhere.pem"),
  );
  const { code, stderr } = await eac(module, "process", "p");
  assertEquals(code, 3);
  assertStringIncludes(stderr, "the CA bundle /nowhere.pem contains no certificate");
  using program = strategyHost(
    { box: script({}, `echo "$AWS_CA_BUNDLE" > "$HOME/bundle"; echo '${ANSWER}'`) },
    config("/corp.pem"),
  );
  assertEquals((await eac(program, "process", "p")).code, 0);
  assertEquals(program.text("bundle"), "/corp.pem\n");
});

for (const [signal, exit] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129]] as const) {
  posixTest(
    "no signals",
    `a strategy cleans up after ${signal}, and eac ends with ${exit}`,
    async () => {
      const note = (word: string) =>
        `Deno.writeTextFileSync(Deno.env.get("HOME") + "/${word}", "")`;
      const body = `context.log("started");
      try {
        await new Promise((_, reject) => context.signal.addEventListener("abort", reject));
      } finally { ${note("cleaned-up")} }`;
      using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["files"],') }, BOX);
      const at = {
        ...host,
        stdout: { isTerminal: false, write() {} },
        stderr: {
          isTerminal: false,
          write: (text: string) => void (text.includes("started") && host.signal(signal)),
        },
      };
      assertEquals(await run(["process", "p"], at, strategies), exit);
      assertEquals(host.text("cleaned-up"), "");
    },
  );
}

Deno.test("a signal ends a strategy that waits for an answer to its question", async () => {
  const body = `context.log("started"); await context.ask("Colour?"); return ${ANSWER}`;
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["ask"],') }, BOX);
  const at = {
    ...host,
    stdout: { isTerminal: false, write() {} },
    stderr: { isTerminal: false, write() {} },
    openTerminal: () => ({
      read: () => new Promise<undefined>(() => {}),
      write: () => host.signal("SIGTERM"),
      setRaw() {},
      size: () => ({ columns: 80, rows: 24 }),
      close() {},
    }),
  };
  assertEquals(await run(["process", "p"], at, strategies), 143);
});

Deno.test("show writes to the terminal even with -q and --json, and to stderr without a terminal", async () => {
  const body =
    `await context.show("Open https://idp/device\\nand type ABCD\\x1b[2J"); return ${ANSWER}`;
  const expected = "box (p): Open https://idp/device\nbox (p): and type ABCD\\x1b[2J\n";
  for (const flags of [[], ["-q"]]) {
    using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["ask"],') }, BOX, {
      typed: [],
    });
    const { code, stderr } = await eac(host, "process", "p", ...flags);
    assertEquals([code, stderr, host.printed.terminal], [0, "", expected]);
  }
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["ask"],') }, BOX);
  assertEquals((await eac(host, "process", "p", "-q")).stderr, expected);
});

Deno.test("choose asks again until the number is an option's, and does not ask for a single one", async () => {
  const body = `
    const one = await context.choose("Which account?", ["only"]);
    const role = await context.choose("Which role?", ["admin", "reader"]);
    console.log("chosen", one, role);
    return ${ANSWER}`;
  using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["ask"],') }, BOX, {
    typed: ["3\r", "x\r", "2\r"],
  });
  const { code, stderr } = await eac(host, "process", "p");
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "chosen only read");
  const { terminal } = host.printed;
  assertEquals(terminal.split("Which role? (1-2)").length - 1, 3, terminal);
  assert(!terminal.includes("Which account?"), terminal);
  assertStringIncludes(terminal, "box (p): 1  admin\n");
});

Deno.test("choose and open exit 4 if the user cannot be asked", async () => {
  for (const call of ['choose("Which?", ["a", "b"])', 'open("https://idp.example.com/")']) {
    const files = { "box.js": obtainModule(`await context.${call}`, 'wants: ["ask"],') };
    using host = strategyHost(files, BOX, { env: { BROWSER: "any" } });
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 4, stderr);
    assertStringIncludes(stderr, "box (p)");
    assertEquals(host.launched, []);
  }
});

posixTest(
  "a desktop is always available",
  "open without a display shows the URL on the terminal, and returns false",
  async () => {
    const body = `
    console.log("opened", await context.open(new URL("https://idp.example.com/device?code=WDJB")));
    return ${ANSWER}`;
    using host = strategyHost({ "box.js": obtainModule(body, 'wants: ["ask"],') }, BOX, {
      typed: [],
    });
    const { code, stderr } = await eac({ ...host, os: "linux" }, "process", "p");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "opened false");
    assertStringIncludes(host.printed.terminal, "https://idp.example.com/device?code=WDJB\n");
  },
);

Deno.test("open takes web pages only, and choose a list of options", async () => {
  for (
    const [call, problem] of [
      ['open("file:///etc/passwd")', "https://"],
      ['open("javascript:alert(1)")', "https://"],
      ['open("calc.exe")', "https://"],
      ['choose("Which?", [])', "empty"],
      ['choose("Which?", "a")', "not a list"],
      ['choose("Which?", [1, 2])', "options"],
    ] as const
  ) {
    const files = { "box.js": obtainModule(`await context.${call}`, 'wants: ["ask"],') };
    using host = strategyHost(files, BOX, { typed: [] });
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 8, stderr);
    assertStringIncludes(stderr, problem);
    assertEquals(host.launched, []);
  }
});

Deno.test("a strategy's test chooses by its answers, and opens pages in a fake browser", async () => {
  const body = `
    const role = await context.choose("Which role?", ["admin", "reader"]);
    if (role !== "reader") throw new Error("chose " + role);
    await context.open("https://idp.example.com/");
    return ${ANSWER}`;
  const tests = [{ name: "chooses", profile: { box: "blue" }, answers: ["2"] }];
  using host = strategyHost({
    "box.js": obtainModule(body, 'wants: ["ask"],'),
    "box.test.json": JSON.stringify(tests),
  }, "");
  const { code, stdout } = await eac(host, "strategies", "check", "box.js");
  assertEquals(code, 0, stdout);
  assertEquals(host.launched, []);
});

for (
  const [what, config, argv, env, expected] of [
    [
      "the profile",
      "region = eu-west-1\n",
      [],
      {},
      "eu-west-1 https://sts.eu-west-1.amazonaws.com",
    ],
    [
      "--region",
      "region = eu-west-1\n",
      ["--region", "cn-north-1"],
      {},
      "cn-north-1 https://sts.cn-north-1.amazonaws.com.cn",
    ],
    [
      "a variable",
      "",
      [],
      { AWS_REGION: "us-west-2", AWS_ENDPOINT_URL_STS: "http://127.0.0.1:9" },
      "us-west-2 http://127.0.0.1:9",
    ],
  ] as const
) {
  Deno.test(`a strategy gets the region and the STS endpoint that ${what} sets`, async () => {
    const module = obtainModule(
      `console.log("at", context.region, context.stsEndpoint); return ${ANSWER}`,
    );
    const program = script({}, `echo at $EAC_STS_REGION $EAC_STS_ENDPOINT >&2; echo '${ANSWER}'`);
    for (const files of [{ "box.js": module }, ...(WINDOWS ? [] : [{ box: program }])]) {
      using host = strategyHost(files, BOX + config, { env });
      const { code, stderr } = await eac(host, "process", "p", ...argv);
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr.replace(/\/$/m, ""), `at ${expected}`);
    }
  });
}

Deno.test("services that wants does not list are refused", async () => {
  for (
    const [call, want] of [
      ['mfa.code("s")', "mfa"],
      ['ask("?")', "ask"],
      ['show("!")', "ask"],
      ['choose("?", ["a"])', "ask"],
      ['open("https://idp.example.com/")', "ask"],
      ['sts.assumeRole({ roleArn: "r" })', "sts"],
      ['fetch("http://127.0.0.1:54321")', "fetch"],
    ]
  ) {
    using host = strategyHost({ "box.js": obtainModule(`await context.${call}`) }, BOX);
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 8);
    assertStringIncludes(stderr, `needs "${want}" in "wants"`);
  }
});

const WINDOWS = Deno.build.os === "windows";

/** A program that does nothing. */
const PROGRAM = WINDOWS ? "hostname" : "true";

/** Attempts to get out of the process, by the entry in `wants` that allows them. */
const ATTEMPTS: Readonly<Record<string, readonly string[]>> = {
  fetch: [
    'fetch("http://127.0.0.1:54321")',
    'Deno.connect({ hostname: "127.0.0.1", port: 9 })',
    "Deno.listen({ port: 0 })",
  ],
  run: [`new Deno.Command("${PROGRAM}").outputSync()`],
  files: [
    'Deno.readTextFileSync(Deno.env.get("HOME") + "/.aws/credentials")',
    'Deno.writeTextFileSync(Deno.env.get("HOME") + "/planted", "")',
    '(await import("node:fs")).readFileSync(Deno.env.get("HOME") + "/.aws/credentials")',
    'Deno.readDirSync("/").next()',
  ],
};

Deno.test("a module cannot use the network, files, Unix sockets or programs unless wants lists them", async () => {
  // Whether it takes "fetch" or "files" depends on Deno's version.
  const unix = 'Deno.connect({ transport: "unix", path: Deno.env.get("HOME") + "/docker.sock" })';
  const body = (all: readonly string[]) =>
    `for (const attempt of [${all.map((one) => `async () => ${one}`)}]) {
      const denied = await attempt().then(() => false, (e) => e.name === "NotCapable");
      context.log(denied ? "denied" : "allowed");
    }
    return ${ANSWER}`;
  for (const want of [undefined, ...Object.keys(ATTEMPTS)]) {
    const all = Object.values(ATTEMPTS).flat();
    if (!WINDOWS && (want === undefined || want === "run")) all.push(unix);
    const wants = want === undefined ? "" : `wants: ["${want}"],`;
    using host = strategyHost({ "box.js": obtainModule(body(all), wants) }, BOX);
    const expected = all.map((one) =>
      want !== undefined && ATTEMPTS[want]?.includes(one) ? "allowed" : "denied"
    );
    const { stderr } = await eac(host, "process", "p");
    assertEquals(stderr.trim().split("\n"), expected, want);
  }
});

Deno.test("a denied access names the entry in wants that allows it", async () => {
  const cases = [
    ['Deno.readTextFileSync("/etc/hosts")', 'cannot access "/etc/hosts" without "files"'],
    ['Deno.writeTextFileSync("/nowhere/x", "")', 'cannot access "/nowhere/x" without "files"'],
    ["await Deno.connect({ port: 9 })", 'without "fetch"'],
    [`new Deno.Command("${PROGRAM}").outputSync()`, 'without "run"'],
  ] as const;
  for (const [body, problem] of cases) {
    using host = strategyHost({ "box.js": obtainModule(body) }, BOX);
    const { code, stderr } = await eac(host, "process", "p");
    assertEquals(code, 8);
    assertStringIncludes(stderr, problem);
  }
});

Deno.test("fetch ends when the strategy's timeout expires", async () => {
  const late = Promise.withResolvers<Response>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => late.promise);
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const body = `await context.fetch("${url}").catch(() => {
    console.log("aborted:", context.signal.aborted);
    process.exit(0);
  })`;
  using host = strategyHost({
    "box.js": obtainModule(body, 'wants: ["fetch"], timeout: 1,'),
  }, BOX);
  const { code, stderr } = await eac(host, "process", "p");
  late.resolve(new Response());
  await server.shutdown();
  assertEquals(code, 8);
  assertStringIncludes(stderr, "took longer than 1 s");
});

Deno.test("a profile can take its credentials from one that a strategy serves", async () => {
  const role = "arn:aws:iam::123456789012:role/Chained";
  const config = `${OF_ALICE}
[profile on-top]
role_arn = ${role}
source_profile = p
duration_seconds = 7200
`;
  const open = 'await context.sts.assumeRole({ roleArn: "arn:aws:iam::123456789012:role/Open" })';
  using host = strategyHost({
    "box.js": obtainModule(`return ${open}`, 'wants: ["source", "sts"],'),
  }, config);
  await withSts(host, async (calls) => {
    const plan = JSON.parse((await eac(host, "explain", "on-top", "--json")).stdout);
    assertEquals(plan.strategy, "assume-role");
    assertEquals(plan.base.kind, "static");
    assertEquals(plan.calls, [
      { call: "Custom", strategy: "box", summary: "a box" },
      { call: "AssumeRole", role_arn: role, duration_seconds: 3600 },
    ]);
    assertEquals((await eac(host, "process", "on-top")).code, 0);
    assertEquals(calls.length, 2);
    // The strategy's own credentials were kept on the way.
    assertEquals((await eac(host, "process", "p")).code, 0);
    assertEquals(calls.length, 2);
  });
});

Deno.test("a strategy that wants no credentials begins the chain", async () => {
  const config = `[profile p]\nbox = blue\nsource_profile = nobody\n
[profile on-top]\nrole_arn = arn:aws:iam::123456789012:role/Open\nsource_profile = p\n`;
  using host = strategyHost({ "box.js": obtainModule(`return ${ANSWER}`) }, config);
  const plan = JSON.parse((await eac(host, "explain", "on-top", "--json")).stdout);
  assertEquals(plan.base, { kind: "custom", profile: "p", strategy: "box" });
  assertEquals(plan.calls.map(({ call }: { call: string }) => call), ["Custom", "AssumeRole"]);
  assertEquals((await eac(host, "process", "p")).code, 0);
});

posixShellTest(
  "one of many concurrent runs asks, and profiles with the same keys share its answer",
  async () => {
    using host = strategyHost({
      box: script({}, `echo asked >> "$HOME/log"; sleep 0.2; echo '${ANSWER}'`),
    }, `${BOX}[profile q]\nbox = blue\n`);
    await eac(host, "list");
    const ended = await Promise.all(["p", "p", "q", "q"].map((name) => eac(host, "process", name)));
    assertEquals(ended.map(({ code }) => code), [0, 0, 0, 0]);
    assertEquals(host.text("log"), "asked\n");
  },
);

posixShellTest("--duration and --region come to a strategy that reads their keys", async () => {
  using host = strategyHost({
    box: script({ reads: ["duration_seconds", "region"] }, `cat > "$HOME/r"; echo '${ANSWER}'`),
  }, BOX);
  await eac(host, "process", "p", "--duration", "2h", "--region", "eu-west-3");
  const { profile } = JSON.parse(host.text("r") ?? "");
  assertEquals(profile, { box: "blue", duration_seconds: "7200", region: "eu-west-3" });
});

posixShellTest(
  "--duration is not taken by a strategy that reads no duration_seconds, and eac says so",
  async () => {
    using host = strategyHost({ box: script({}, `echo '${ANSWER}'`) }, BOX);
    const { stderr } = await eac(host, "process", "p", "--duration", "2h");
    assertStringIncludes(stderr, '"box" does not read duration_seconds');
  },
);

posixShellTest("credentials may last as long as the strategy declares", async () => {
  const answer = ANSWER.replace(IN_AN_HOUR, "2026-11-25T00:00:00Z");
  using host = strategyHost({ box: script({ maxDuration: 129600 }, `echo '${answer}'`) }, BOX);
  assertEquals((await eac(host, "process", "p")).code, 0);
});

posixShellTest(
  "--set answers for one run what a strategy would ask, also for its sign-in",
  async () => {
    const login = script(
      { name: "login", needs: [["idp"]], reads: ["user"], gives: "sign-in" },
      `echo "login $EAC_KEY_USER" >> "$HOME/runs"
echo '{"Token": "token-of-'"$EAC_KEY_USER"'", "Expiration": "${IN_AN_HOUR}"}'`,
    );
    const box = script(
      { reads: ["team"], wants: ["source"] },
      `echo "box $EAC_KEY_TEAM $EAC_TOKEN" >> "$HOME/runs"; echo '${ANSWER}'`,
    );
    const config = "[profile corp]\nidp = x\nuser = alice\n" +
      "[profile p]\nbox = blue\nteam = a\nsource_profile = corp\n";
    using host = strategyHost({ box, login }, config);
    const set = ["--set", "team=b", "--set", "source_profile.user=ci"];
    for (const flags of [[], set, set, []]) {
      const { code, stderr } = await eac(host, "process", "p", ...flags, "--no-input");
      assertEquals([code, stderr], [0, ""]);
    }
    assertEquals(
      host.text("runs"),
      "login alice\nbox a token-of-alice\nlogin ci\nbox b token-of-ci\n",
    );
  },
);

/** A terminal on which these lines are typed, whichever run opens it. */
function typist(lines: string[]) {
  return () => ({
    read: () => {
      const line = lines.shift();
      return Promise.resolve(line === undefined ? undefined : new TextEncoder().encode(line));
    },
    write() {},
    setRaw() {},
    size: () => ({ columns: 80, rows: 24 }),
    close() {},
  });
}
