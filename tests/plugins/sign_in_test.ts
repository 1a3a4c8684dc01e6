/** A sign-in that many roles share: eac caches its token, and only strategies get it. */

import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { eac, IN_AN_HOUR, obtainModule, script, strategyHost } from "../support/own_strategies.ts";
import { posixShellTest } from "../support/posix.ts";

const TOKEN = "company-session-0123456789";

/** A sign-in that records each run, and a strategy that gets credentials with its token. */
const SHELL = {
  login: script(
    { name: "login", needs: [["idp"]], gives: "sign-in" },
    `echo "$EAC_KEY_IDP" >> "$HOME/logins"
n=$(wc -l < "$HOME/logins" | tr -d ' ')
echo '{"Token": "${TOKEN}-'$n'", "Expiration": "${IN_AN_HOUR}"}'`,
  ),
  role: script(
    { name: "role", needs: [["team"]], wants: ["source"] },
    `echo "$EAC_TOKEN" >> "$HOME/tokens"
[ "$EAC_TOKEN" != "$(cat "$HOME/revoked" 2>/dev/null)" ] || {
  echo '{"error": "the session was revoked", "code": "expired"}'; exit; }
echo '{"AccessKeyId": "ASIA'"$EAC_KEY_TEAM"'", "SecretAccessKey": "secret", "SessionToken": "t",
  "Expiration": "${IN_AN_HOUR}"}'`,
  ),
};

const MODULES = {
  "login.js": obtainModule(
    `const { appendFileSync, readFileSync } = await import("node:fs");
     const file = process.env.HOME + "/logins";
     appendFileSync(file, request.profile.idp + "\\n");
     const n = readFileSync(file, "utf8").split("\\n").length - 1;
     return { Token: "${TOKEN}-" + n, Expiration: new Date("${IN_AN_HOUR}") };`,
    'gives: "sign-in", wants: ["files"],',
  ).replace('name: "box"', 'name: "login"').replace('[["box"]]', '[["idp"]]'),
  "role.js": obtainModule(
    `const { appendFileSync, readFileSync, existsSync } = await import("node:fs");
     const home = process.env.HOME;
     appendFileSync(home + "/tokens", request.token + "\\n");
     const revoked = existsSync(home + "/revoked") && readFileSync(home + "/revoked", "utf8").trim();
     if (request.token === revoked) throw Object.assign(new Error("revoked"), { code: "expired" });
     return { AccessKeyId: "ASIA" + request.profile.team, SecretAccessKey: "secret",
       SessionToken: "t", Expiration: "${IN_AN_HOUR}" };`,
    'wants: ["source", "files"],',
  ).replace('name: "box"', 'name: "role"').replace('[["box"]]', '[["team"]]'),
};

const CONFIG = `[profile corp]
idp = blue

[profile a]
team = A
source_profile = corp
destination_profile = a-temp

[profile b]
team = B
source_profile = corp
destination_profile = b-temp

[profile direct]
role_arn = arn:aws:iam::123456789012:role/Open
source_profile = corp
`;

const KINDS: Readonly<Record<string, Record<string, string>>> = {
  programs: SHELL,
  modules: MODULES,
};

for (const [kind, files] of Object.entries(KINDS)) {
  const test = kind === "programs" ? posixShellTest : Deno.test;
  test(`one sign-in serves all roles in all runs (${kind})`, async () => {
    using host = strategyHost(files, CONFIG);
    for (const profile of ["a", "b"]) {
      const { code, stdout, stderr } = await eac(host, "process", profile);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(JSON.parse(stdout).AccessKeyId, `ASIA${profile.toUpperCase()}`);
    }
    assertEquals(host.text("logins"), "blue\n");
    assertEquals(host.text("tokens"), `${TOKEN}-1\n${TOKEN}-1\n`);
  });

  test(`a token that is no longer accepted is renewed once (${kind})`, async () => {
    using host = strategyHost(files, CONFIG);
    assertEquals((await eac(host, "process", "a")).code, 0);
    Deno.writeTextFileSync(host.path("revoked"), `${TOKEN}-1`);
    const { code, stderr } = await eac(host, "process", "b");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(host.text("logins"), "blue\nblue\n");
    // The next role uses the new token.
    assertEquals((await eac(host, "process", "a", "--no-cache")).code, 0);
  });

  test(`a new token that is refused is not renewed again (${kind})`, async () => {
    using host = strategyHost(files, CONFIG);
    Deno.writeTextFileSync(host.path("revoked"), `${TOKEN}-1`);
    const { code, stderr } = await eac(host, "process", "a");
    assertEquals(code, 5, stderr);
    assertStringIncludes(stderr, "revoked");
    assertEquals(host.text("logins"), "blue\n");
  });
}

posixShellTest("get signs in once for several roles", async () => {
  using host = strategyHost(SHELL, CONFIG);
  const { code, stderr } = await eac(host, "get", "a", "b");
  assertEquals(code, 0, stderr);
  assertEquals(host.text("logins"), "blue\n");
});

posixShellTest("get --json distinguishes new and cached credentials of a sign-in", async () => {
  using host = strategyHost(SHELL, CONFIG);
  for (const [cached, ...options] of [[false], [true], [false, "--refresh"]] as const) {
    host.time += 1000;
    const { code, stdout, stderr } = await eac(host, "get", "a", "--json", ...options);
    assertEquals(code, 0, stderr);
    assertEquals(JSON.parse(stdout).map((one: { cached: boolean }) => one.cached), [cached]);
  }
});

posixShellTest("eight runs at once sign in once", async () => {
  using host = strategyHost(SHELL, CONFIG);
  const runs = Array.from({ length: 8 }, (_, index) => eac(host, "process", "ab"[index % 2]!));
  for (const { code, stderr } of await Promise.all(runs)) assertEquals([code, stderr], [0, ""]);
  assertEquals(host.text("logins"), "blue\n");
});

posixShellTest("eight runs at once renew a revoked token once", async () => {
  using host = strategyHost(SHELL, CONFIG);
  assertEquals((await eac(host, "process", "a")).code, 0);
  Deno.writeTextFileSync(host.path("revoked"), `${TOKEN}-1`);
  const config = Array.from({ length: 8 }, (_, index) =>
    `[profile r${index}]
team = R${index}
source_profile = corp
`);
  Deno.writeTextFileSync(host.path(".aws/config"), CONFIG + config.join(""));
  const runs = config.map((_, index) => eac(host, "process", `r${index}`));
  for (const { code, stderr } of await Promise.all(runs)) assertEquals([code, stderr], [0, ""]);
  assertEquals(host.text("logins"), "blue\nblue\n");
});

posixShellTest("get renews a revoked token once for several roles", async () => {
  using host = strategyHost(SHELL, CONFIG);
  assertEquals((await eac(host, "process", "a")).code, 0);
  Deno.writeTextFileSync(host.path("revoked"), `${TOKEN}-1`);
  const { code, stderr } = await eac(host, "get", "a", "b");
  assertEquals(code, 0, stderr);
  assertEquals(host.text("logins"), "blue\nblue\n");
});

posixShellTest("--refresh and an expired token cause a new sign-in", async () => {
  using host = strategyHost(SHELL, CONFIG);
  assertEquals((await eac(host, "process", "a")).code, 0);
  host.time += 1000;
  assertEquals((await eac(host, "process", "b", "--refresh")).code, 0);
  assertEquals(host.text("logins"), "blue\nblue\n");
});

posixShellTest("no command prints the token of a sign-in's profile", async () => {
  using host = strategyHost(SHELL, CONFIG);
  assertEquals((await eac(host, "process", "a")).code, 0);
  for (
    const argv of [
      ["process", "corp"],
      ["env", "corp"],
      ["get", "corp", "--print"],
      ["exec", "corp", "--", "true"],
      ["whoami", "corp"],
    ]
  ) {
    const { code, stdout, stderr } = await eac(host, ...argv);
    assertEquals(code, 3, argv.join(" "));
    assertStringIncludes(stderr, "sign-in");
    assertStringIncludes(stderr, "source_profile = corp");
    assert(!(stdout + stderr).includes(TOKEN), argv.join(" "));
  }
});

posixShellTest("a role that needs credentials is refused where there is only a token", async () => {
  using host = strategyHost(SHELL, CONFIG);
  const { code, stderr } = await eac(host, "process", "direct");
  assertEquals(code, 3);
  assertStringIncludes(stderr, '"corp" is a sign-in');
  assertEquals(host.text("logins"), undefined);
  assertStringIncludes((await eac(host, "list")).stdout, '"corp" is a sign-in');
});

posixShellTest("explain, list and clear support the sign-in", async () => {
  using host = strategyHost(SHELL, CONFIG);
  const explained = async (profile: string) =>
    JSON.parse((await eac(host, "explain", profile, "--json")).stdout);
  assertEquals((await explained("a")).sign_in, { strategy: "login", expiration: null });
  assertStringIncludes((await eac(host, "explain", "a")).stdout, "the user signs in");
  const calls = async (profile: string) =>
    /calls .*/.exec((await eac(host, "explain", profile)).stdout)?.[0] ?? "";
  assertStringIncludes(await calls("corp"), "none: it provides a token");
  assert(!/token/.test(await calls("a")), await calls("a"));
  assertEquals(host.text("logins"), undefined);
  assertEquals((await eac(host, "process", "a")).code, 0);
  const { base, sign_in } = await explained("b");
  assertEquals([base.kind, base.profile, sign_in.expiration], ["sign-in", "corp", IN_AN_HOUR]);
  assertStringIncludes((await eac(host, "explain", "b")).stdout, "1 h left");
  const listed = JSON.parse((await eac(host, "list", "corp", "--json")).stdout);
  assertEquals([listed[0].strategy, listed[0].expiration], ["login", IN_AN_HOUR]);
  assertStringIncludes((await eac(host, "clear", "corp")).stderr, "1 cached entry");
  assertEquals((await explained("b")).sign_in.expiration, null);
  assertEquals((await eac(host, "process", "b")).code, 0);
  assertEquals(host.text("logins"), "blue\nblue\n");
  assertStringIncludes((await eac(host, "clear", "--all")).stderr, "3 cached entries");
});

posixShellTest("doctor removes an expired sign-in", async () => {
  using host = strategyHost(SHELL, CONFIG);
  assertEquals((await eac(host, "process", "a")).code, 0);
  host.time += 2 * 3_600_000;
  assertStringIncludes((await eac(host, "doctor")).stdout, 'the sign-in of "login" expired');
  await eac(host, "doctor", "--fix", "--yes");
  const cache = [...Deno.readDirSync(host.path(".aws/eac/cache"))].map(({ name }) => name);
  assertEquals(cache.filter((name) => name.startsWith("sign-in-")), []);
});

posixShellTest("the token is in one file of eac's, readable by its owner alone", async () => {
  using host = strategyHost(SHELL, CONFIG);
  assertEquals((await eac(host, "get", "a", "b")).code, 0);
  const holders: string[] = [];
  const search = (folder: string) => {
    for (const { name, isFile, isDirectory } of Deno.readDirSync(folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) search(path);
      if (isFile && Deno.readTextFileSync(path).includes(`${TOKEN}-1`)) holders.push(path);
    }
  };
  search(host.path(".aws"));
  assertEquals(holders.length, 1);
  assertStringIncludes(holders[0]!, "/cache/sign-in-");
  assertEquals(Deno.statSync(holders[0]!).mode! & 0o777, 0o600);
});

posixShellTest("a token that a strategy prints is redacted", async () => {
  using host = strategyHost({
    ...SHELL,
    role: script(
      { name: "role", needs: [["team"]], wants: ["source"] },
      'echo "got $EAC_TOKEN" >&2; exit 1',
    ),
  }, CONFIG);
  const { code, stderr } = await eac(host, "process", "a");
  assertEquals(code, 8);
  assert(!stderr.includes(TOKEN), stderr);
});

for (
  const [answer, problem] of [
    [{ Expiration: IN_AN_HOUR }, "Token"],
    [{ Token: "", Expiration: IN_AN_HOUR }, "Token"],
    [{ Token: { a: 1 }, Expiration: IN_AN_HOUR }, "Token"],
    [{ Token: "t" }, "Expiration"],
    [{ Token: "t", Expiration: "2026-11-23T12:00:00Z" }, "in the past"],
    [{ Token: "t", Expiration: "2026-11-25T12:00:00Z" }, "maxDuration"],
    [{ Token: "t", Expiration: IN_AN_HOUR, SessionToken: "t" }, "SessionToken"],
  ] as const
) {
  posixShellTest(`the sign-in ${JSON.stringify(answer)} is refused: ${problem}`, async () => {
    using host = strategyHost({
      ...SHELL,
      login: script(
        { name: "login", needs: [["idp"]], gives: "sign-in" },
        `echo '${JSON.stringify(answer)}'`,
      ),
    }, CONFIG);
    const { code, stderr } = await eac(host, "process", "a");
    assertEquals(code, 8);
    assertStringIncludes(stderr, problem);
  });
}

for (
  const [description, problem] of [
    [{ wants: ["source"] }, "source"],
    [{ wants: ["sts"] }, "sts"],
    [{ keep: false }, "keep"],
    [{ maxDuration: 40 * 86_400 }, "maxDuration"],
  ] as const
) {
  posixShellTest(`a sign-in with ${JSON.stringify(description)} is refused`, async () => {
    using host = strategyHost({
      ...SHELL,
      login: script({ name: "login", needs: [["idp"]], gives: "sign-in", ...description }, ""),
    }, CONFIG);
    const { code, stderr } = await eac(host, "process", "a");
    assertEquals(code, 8);
    assertStringIncludes(stderr, `"${problem}"`);
  });
}

posixShellTest(
  "a sign-in takes its code from its own mfa_process or --mfa-token, without a question",
  async () => {
    const login = script(
      { name: "login", needs: [["idp"]], gives: "sign-in", wants: ["mfa"] },
      `read -r request
echo '{"call": "mfa.code", "serial": "corp-idp"}'
read -r reply
echo "$reply" >> "$HOME/codes"
echo '{"Token": "${TOKEN}", "Expiration": "${IN_AN_HOUR}"}'`,
    );
    const config = CONFIG.replace("idp = blue\n", "idp = blue\nmfa_process = echo 123456\n");
    using host = strategyHost({ ...SHELL, login }, config);
    const byProcess = await eac(host, "process", "a", "--no-input");
    assertEquals([byProcess.code, byProcess.stderr], [0, ""]);
    using other = strategyHost({ ...SHELL, login }, CONFIG);
    const byToken = await eac(other, "process", "a", "--no-input", "--mfa-token", "654321");
    assertEquals([byToken.code, byToken.stderr], [0, ""]);
    assertEquals(
      [host.text("codes"), other.text("codes")],
      ['{"result":"123456"}\n', '{"result":"654321"}\n'],
    );
  },
);

posixShellTest(
  "eac login signs in again, by the sign-in's profile or one that uses it",
  async () => {
    using host = strategyHost(SHELL, CONFIG);
    for (const profile of ["corp", "a"]) {
      const { code, stdout, stderr } = await eac(host, "login", profile);
      assertEquals([code, stdout], [0, ""]);
      assertStringIncludes(stderr, 'signed in to "corp" until');
      host.time += 1000;
    }
    assertEquals(host.text("logins"), "blue\nblue\n");
    assertEquals((await eac(host, "process", "a")).code, 0);
    assertEquals(host.text("tokens"), `${TOKEN}-2\n`);
    assertEquals((await eac(host, "login", "corp", "--no-input")).code, 4);
  },
);

posixShellTest("a sign-in that cannot prompt shows how to sign in", async () => {
  const login = script(
    { name: "login", needs: [["idp"]], gives: "sign-in", wants: ["ask"] },
    `read -r request; echo '{"call": "ask", "question": "Password:"}'; read -r reply; exit 1`,
  );
  using host = strategyHost({ ...SHELL, login }, CONFIG);
  const { code, stderr } = await eac(host, "process", "a", "--no-input");
  assertEquals(code, 4);
  assertStringIncludes(stderr, "eac login corp");
});

posixShellTest("strategies lists what a file gives", async () => {
  using host = strategyHost(SHELL, CONFIG);
  const listed = JSON.parse((await eac(host, "strategies", "--json")).stdout);
  const gives = listed.map((one: { name: string; gives?: string }) => [one.name, one.gives]);
  assertEquals(gives.slice(0, 2), [["login", "sign-in"], ["role", "credentials"]]);
  assertStringIncludes((await eac(host, "strategies")).stdout, "executable, sign-in");
});

posixShellTest("check tests a sign-in, and a role with the sign-in next to it", async () => {
  using host = strategyHost({
    ...SHELL,
    "login.test.json": JSON.stringify([{ name: "signs in", profile: { idp: "blue" } }]),
    "role.test.json": JSON.stringify([{
      name: "uses the token",
      profile: { team: "A", source_profile: "corp" },
      profiles: { corp: { idp: "blue" } },
      strategies: ["login"],
    }]),
  }, CONFIG);
  host.time = Date.now();
  const files = { login: SHELL.login, role: SHELL.role };
  for (const [name, text] of Object.entries(files)) {
    const later = new Date(Date.now() + 3_600_000).toISOString();
    Deno.writeTextFileSync(
      host.path(`.aws/eac/strategies/${name}`),
      text.replaceAll(IN_AN_HOUR, later),
    );
  }
  const { code, stdout, stderr } = await eac(host, "strategies", "check", "login", "role");
  assertEquals(code, 0, stdout + stderr);
  assertEquals(stdout.match(/^ok /gm)?.length, 6, stdout);
});
