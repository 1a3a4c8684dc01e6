/** The guides to custom strategies: their profiles and programs work as written. */

import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { ANSWER, eac, FOLDER, strategyHost, withSts } from "../support/own_strategies.ts";
import { posixShellTest } from "../support/posix.ts";
import { isInstalled } from "../support/program.ts";

const page = (name: string) =>
  Deno.readTextFileSync(new URL(`../../docs/${name}.md`, import.meta.url));
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, block]) =>
    block!
  );

if (isInstalled("python3")) {
  posixShellTest("docs/from-an-awsume-plugin.md's program passes the page's tests", async () => {
    const text = page("from-an-awsume-plugin");
    const program = blocks(text, "python").find((block) => block.startsWith("#!"))!;
    const [test = ""] = blocks(text, "json");
    const files = { "acme.py": program, "acme.test.json": test };
    using host = strategyHost(files, blocks(text, "ini")[0]!, { now: Date.now() });
    Deno.chmodSync(host.path(`${FOLDER}/acme.py`), 0o700);
    const { code, stdout } = await eac(host, "strategies", "check", "acme.py", "--json");
    assertEquals(code, 0, stdout);
    assertEquals(JSON.parse(stdout).length, 4); // the contract, two runs, and a failure
    assertStringIncludes((await eac(host, "explain", "payments")).stdout, "acme.py");
  });
} else {
  Deno.test({
    name: "docs/from-an-awsume-plugin.md's program passes the page's tests (ignored: no python3)",
    ignore: true,
    fn() {},
  });
}

posixShellTest(
  "docs/from-saml2aws.md's profile assumes a role with saml2aws's credentials",
  async () => {
    const [config = ""] = blocks(page("from-saml2aws"), "ini");
    const command = /^credential_process = saml2aws (.*)$/m.exec(config)![1]!;
    using host = strategyHost({}, config.replace("role/Deploy", "role/Open"));
    host.write(
      "bin/saml2aws",
      `#!/bin/sh\n[ "$*" = '${command}' ] || exit 9\necho '${
        JSON.stringify({ Version: 1, ...JSON.parse(ANSWER) })
      }'\n`,
    );
    Deno.chmodSync(host.path("bin/saml2aws"), 0o700);
    host.env.PATH = `${host.path("bin")}:${host.env.PATH}`;
    await withSts(host, async (calls) => {
      const { stdout } = await eac(host, "process", "corp");
      assertEquals(JSON.parse(stdout).AccessKeyId, JSON.parse(ANSWER).AccessKeyId);
      await eac(host, "process", "deploy");
      assertEquals(calls[0]?.parameters.RoleArn, "arn:aws:iam::123456789012:role/Open");
    });
  },
);

Deno.test("docs/from-saml2aws.md's keys are those of the examples", async () => {
  const text = page("from-saml2aws");
  const examples = new URL("../../examples/strategies/", import.meta.url);
  const names = ["saml-sign-in.js", "saml-role.js", "_sign_in_page.js"];
  const files = Object.fromEntries(
    names.map((name) => [name, Deno.readTextFileSync(new URL(name, examples))]),
  );
  for (const name of names) assertStringIncludes(text, `../examples/strategies/${name}`);
  using host = strategyHost(files, blocks(text, "ini")[1]!);
  const { stdout, code } = await eac(host, "explain", "payments");
  assertEquals(code, 0, stdout);
  for (const fact of ["saml-role", "saml-sign-in", "duration_seconds", "28800"]) {
    assertStringIncludes(stdout, fact);
  }
});
