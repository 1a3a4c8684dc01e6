/**
 * What starts with every run, and with the commands that hand on credentials which are there already:
 * our own files and parseArgs. A `node:` module or a package would double the time it takes.
 */

import { bundle } from "../../scripts/bundle.ts";
import { assert, assertEquals } from "../support/assert.ts";

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier: string };
  readonly isDynamic?: boolean;
}

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
  readonly error?: string;
}

interface Graph {
  readonly redirects: Readonly<Record<string, string>>;
  readonly modules: readonly Module[];
}

const ROOT = new URL("../../", import.meta.url);

/** The modules that are loaded with one file: what it imports, at run time and not lazily. */
async function loadedWith(file: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", file],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const modules = new Map(graph.modules.map((module) => [module.specifier, module]));
  const loaded = new Set<string>();
  const load = (specifier: string) => {
    const name = graph.redirects[specifier] ?? specifier;
    if (loaded.has(name)) return;
    loaded.add(name);
    const module = modules.get(name);
    assertEquals(module?.error, undefined);
    for (const { code, isDynamic } of module?.dependencies ?? []) {
      if (code && !isDynamic) load(code.specifier);
    }
  };
  load(new URL(file, ROOT).href);
  assert(loaded.size > 1, `${file} imports nothing: is this the right file?`);
  return [...loaded].map((name) => name.replace(ROOT.href, "")).sort();
}

/** What no warm start may load. */
function isHeavy(name: string): boolean {
  if (name.startsWith("lib/")) {
    return /^lib\/(emulator\/|credentials\/(sts|provider|resolve_base|executor|refusal|mfa)|terminal\/(picker|inquirer|progress|prompts|mfa_prompt|ask))/
      .test(name);
  }
  return !/^((main|program)\.ts|deno\.json|strategies\/.*|npm:\/?deno-std@[\d.]+\/cli\/parse_args\.js)$/
    .test(name);
}

for (
  const file of [
    "main.ts",
    "program.ts",
    "lib/commands/process.ts",
    "lib/commands/env.ts",
    "lib/commands/exec.ts",
    "lib/commands/list.ts",
    "lib/commands/explain.ts",
    "lib/commands/completion.ts",
  ]
) {
  Deno.test(`${file} starts without node: modules, packages, STS or prompts`, async () => {
    assertEquals((await loadedWith(file)).filter(isHeavy), []);
  });
}

Deno.test("main.ts says the version without loading anything else", async () => {
  assertEquals(await loadedWith("main.ts"), ["deno.json", "lib/version.ts", "main.ts"]);
});

Deno.test("program.ts loads no command but process before it knows which", async () => {
  const loaded = await loadedWith("program.ts");
  const commands = loaded.filter((name) => name.startsWith("lib/commands/"));
  assertEquals(commands, ["lib/commands/process.ts"]);
});

Deno.test("a bundle's files for process, env, exec, list and explain are few, and load nothing of Node's", async () => {
  const folder = await Deno.makeTempDir({ prefix: "eac-test-" });
  try {
    const files = await bundle("main.ts", folder);
    const loaded = new Set<string>();
    const load = (file: string) => {
      if (loaded.has(file)) return;
      loaded.add(file);
      if (file.startsWith("node:")) return;
      const code = Deno.readTextFileSync(`${folder}/${file}`);
      for (const [, from] of code.matchAll(/\b(?:from|import) *"(?:\.\/)?([^"\s]+)"/g)) load(from!);
    };
    load("main.js");
    const [program] = files.filter((file) => file.startsWith("program-"));
    const version = loaded.size;
    load(program!);
    assertEquals(loaded.size, version + 1, "what every run loads is one file");
    files.filter((file) => /^(env|exec|list|explain)-/.test(file)).forEach(load);
    assertEquals([...loaded].filter((name) => name.startsWith("node:")), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
