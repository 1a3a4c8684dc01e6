/** The tour: one step after the other, and the end at the first that fails. */

import { EacError } from "../../lib/errors.ts";
import type { Program } from "../../lib/host/host.ts";
import { run } from "../../lib/run.ts";
import { strategies } from "../../strategies/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { asProcess, type TestHost, testHost } from "../support/fakes.ts";

/** The demo on a host whose programs print what it prints. */
async function demo(host: TestHost): Promise<{ code: number; stdout: string; stderr: string }> {
  const code = await run(["demo"], {
    ...asProcess(host),
    async replace(program: Program) {
      const { code, stdout } = await host.capture(program);
      host.stdout.write(new TextDecoder().decode(stdout));
      return code;
    },
  }, strategies);
  return { code, stdout: host.printed.stdout, stderr: host.printed.stderr };
}

/** The commands that a tour shows, each with the lines below it, up to the next paragraph. */
function steps(stdout: string): readonly (readonly [command: string, output: string])[] {
  return stdout.split("\n\n").flatMap((paragraph) => {
    const [, command, output] = /^[$>] (eac \w+)[^\n]*\n?([^]*)/m.exec(paragraph) ?? [];
    return command === undefined ? [] : [[command, output ?? ""] as const];
  });
}

Deno.test("demo shows the output of each command below it, before the next one begins", async () => {
  using host = testHost();
  const { code, stdout, stderr } = await demo(host);
  assertEquals([code, stderr], [0, ""]);
  const found = steps(stdout);
  assertEquals(found.map(([command]) => command), [
    "eac list",
    "eac explain",
    "eac get",
    "eac get",
    "eac whoami",
    "eac exec",
  ]);
  const facts = ["chained-role", "AssumeRole", "audit-temp", "deploy-temp", "assumed-role/Audit/"];
  if (host.os !== "windows") facts.push("deploy has ASIA");
  for (const [index, fact] of facts.entries()) assertStringIncludes(found[index]![1], fact);
  assertEquals(found[2]![1].match(/MFA code/g)?.length, 1);
  assert(!found[3]![1].includes("MFA code"));
  assertStringIncludes(stdout, ": 4 calls ");
});

Deno.test("demo ends quietly when its reader is gone, as eac demo | head", async () => {
  using host = testHost();
  const isOpen = () => !host.printed.stdout.includes("$ eac explain");
  const stdout = {
    write: (text: string) => void (isOpen() && host.stdout.write(text)),
    isTerminal: false,
    get isOpen() {
      return isOpen();
    },
  };
  const replace = () => Promise.resolve(141);
  const code = await run(["demo"], { ...asProcess(host), stdout, replace }, strategies);
  assertEquals([code, host.printed.stderr], [0, ""]);
});

Deno.test("demo ends at the first step that fails, with its own home removed", async () => {
  using host = testHost();
  const made: string[] = [];
  const { code, stdout } = await demo(Object.assign(host, {
    http: () => Promise.reject(new EacError("network", "no route to the STS of the demo")),
    makeTempFolder() {
      const path = Deno.makeTempDirSync({ dir: host.home });
      made.push(path);
      return path;
    },
  }));
  assertEquals(code, 1);
  assertEquals(steps(stdout).map(([command]) => command), ["eac list", "eac explain", "eac get"]);
  assert(!stdout.includes(" calls over HTTP"));
  assertEquals(made.map((path) => host.stat(path)), [undefined]);
});
