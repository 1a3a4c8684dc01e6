/**
 * What every run loads, and what the commands load that provide cached credentials: eac's own files
 * and parseArgs. A `node:` module or a package would double the time it takes.
 */

import { bundle, outputOf, QUICK } from "../../scripts/bundle.ts";
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

/** What every run loads: each line costs every user, so it is an allowlist. */
const EVERY_RUN = [
  "lib/cli/completion/shells.ts",
  "lib/cli/declaration.ts",
  "lib/cli/options.ts",
  "lib/commands/mod.ts",
  "lib/commands/pick/select_profile.ts",
  "lib/commands/process.ts",
  "lib/commands/strategies/actions.ts",
  "lib/config/chain.ts",
  "lib/config/ini.ts",
  "lib/config/locations.ts",
  "lib/config/profile.ts",
  "lib/config/section.ts",
  "lib/config/sections_on_demand.ts",
  "lib/config/separable_file.ts",
  "lib/config/shared_config.ts",
  "lib/context.ts",
  "lib/credentials/cache/cache.ts",
  "lib/credentials/cache/cached_prefix.ts",
  "lib/credentials/cache/known_roles.ts",
  "lib/errors.ts",
  "lib/host/files.ts",
  "lib/host/interruption.ts",
  "lib/host/leaving.ts",
  "lib/host/real.ts",
  "lib/host/signals.ts",
  "lib/host/terminal.ts",
  "lib/host/timer.ts",
  "lib/plan/base.ts",
  "lib/plan/code_origin.ts",
  "lib/plan/credentials.ts",
  "lib/plan/durations.ts",
  "lib/plan/plan.ts",
  "lib/plan/region.ts",
  "lib/plan/role_steps.ts",
  "lib/plan/settings.ts",
  "lib/plan/strategy.ts",
  "lib/plugins/plugins.ts",
  "lib/program.ts",
  "lib/run.ts",
  "lib/session/get_credentials.ts",
  "lib/session/plan_profile.ts",
  "lib/sinks/process_json.ts",
  "lib/terminal/desktop.ts",
  "lib/terminal/line.ts",
  "lib/terminal/log.ts",
  "lib/terminal/style.ts",
  "lib/text/hash.ts",
  "lib/text/nearest.ts",
  "lib/text/printable.ts",
  "lib/version.ts",
  "strategies/assume_role.ts",
  "strategies/chained_role.ts",
  "strategies/mod.ts",
  "strategies/pass_through.ts",
  "strategies/session_token.ts",
];

/** What a quick command may load in addition. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  "lib/commands/process.ts": [],
  "lib/commands/env.ts": [
    "lib/commands/pick/recent.ts",
    "lib/config/own_files.ts",
    "lib/sinks/print_env.ts",
    "lib/sinks/shell.ts",
    "lib/sinks/variables.ts",
  ],
  "lib/commands/exec.ts": [
    "lib/commands/pick/recent.ts",
    "lib/config/own_files.ts",
    "lib/sinks/child.ts",
    "lib/sinks/variables.ts",
  ],
  "lib/commands/list/list.ts": [
    "lib/commands/list/model.ts",
    "lib/commands/list/view.ts",
    "lib/plan/outline.ts",
    "lib/plan/step.ts",
    "lib/terminal/table.ts",
    "lib/text/duration.ts",
    "lib/text/mask.ts",
    "lib/text/width.ts",
  ],
  "lib/commands/explain/explain.ts": [
    "lib/commands/explain/model.ts",
    "lib/commands/explain/view.ts",
    "lib/plan/base_names.ts",
    "lib/plan/endpoint.ts",
    "lib/terminal/table.ts",
    "lib/text/duration.ts",
    "lib/text/mask.ts",
    "lib/text/width.ts",
  ],
  "lib/commands/completion.ts": [
    "lib/cli/completion/candidates.ts",
    "lib/cli/completion/scripts.ts",
  ],
  "lib/cli/parse.ts": [
    "lib/cli/help.ts",
    "lib/cli/parse_args.ts",
    "lib/text/duration.ts",
    "npm:/deno-std@1.4.0/cli/parse_args.js",
  ],
};

Deno.test("main.ts prints the version without loading anything else", async () => {
  assertEquals(await loadedWith("main.ts"), ["lib/version.ts", "main.ts"]);
});

/** Fails with the difference only, and with what to do about it. */
function checkAllowlist(loaded: readonly string[], allowed: readonly string[], list: string) {
  const more = loaded.filter((name) => !allowed.includes(name));
  const less = allowed.filter((name) => !loaded.includes(name));
  assertEquals(
    [more, less],
    [[], []],
    `loaded but not in ${list}: ${more.join(", ") || "none"}; in it but not loaded: ${
      less.join(", ") || "none"
    }. Import what few runs need with await import(), or change ${list} in this file`,
  );
  assertEquals(loaded, allowed, `${list} is not sorted`);
}

Deno.test("lib/program.ts loads exactly what is on the allowlist", async () => {
  checkAllowlist(await loadedWith("lib/program.ts"), EVERY_RUN, "EVERY_RUN");
});

for (const [file, beside] of Object.entries(BESIDE)) {
  Deno.test(`${file} loads exactly what is on its allowlist`, async () => {
    const loaded = await loadedWith(file);
    const extra = loaded.filter((name) => !EVERY_RUN.includes(name) && name !== file);
    checkAllowlist(extra, beside, `BESIDE["${file}"]`);
  });
}

Deno.test("the bundle loads few files, and no Node modules, for process, env, exec, list and explain", async () => {
  const folder = await Deno.makeTempDir({ prefix: "eac-test-" });
  try {
    const files = await bundle("main.ts", folder);
    const loaded = new Set<string>();
    const load = (file: string) => {
      if (loaded.has(file)) return;
      loaded.add(file);
      if (file.startsWith("node:")) return;
      const code = Deno.readTextFileSync(`${folder}/${file}`);
      for (const [, from] of code.matchAll(/\b(?:from|import) *"((?:\.{1,2}\/|node:)[^"\s]+)"/g)) {
        load(from!.startsWith(".") ? new URL(from!, `file:///${file}`).pathname.slice(1) : from!);
      }
    };
    load("main.js");
    const version = loaded.size;
    load("lib/program.js");
    assertEquals(loaded.size, version + 1, "what every run loads is one file");
    for (const file of QUICK) {
      assert(files.includes(outputOf(file)), file);
      load(outputOf(file));
    }
    assertEquals([...loaded].filter((name) => name.startsWith("node:")), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("no file of eac uses setTimeout, whose first use loads Node's timers", async () => {
  const found: string[] = [];
  const look = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
      if (isDirectory) await look(`${folder}${name}/`);
      else if (
        /\bset(Timeout|Interval)\(/.test(await Deno.readTextFile(new URL(folder + name, ROOT)))
      ) {
        found.push(folder + name);
      }
    }
  };
  for (const folder of ["lib/", "strategies/"]) await look(folder);
  assertEquals(found, []);
});
