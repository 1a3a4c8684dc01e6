/**
 * Bundles the program into a few JavaScript files: one for what every run needs, and chunks that load
 * on use (the SDK, the prompts, the emulator).
 *
 * STS calls use parts of the SDK's browser build: they load no `node:` module, and a cold AssumeRole
 * takes two thirds of the Node build's time.
 *
 * @module
 */

import { compileEagerly } from "./eager_functions.ts";
import { exists } from "./exists.ts";
import { type Bundler, mergeChunks, specifierOf } from "./merge_chunks.ts";

const ROOT = new URL("../", import.meta.url);

/** The module that a custom strategy imports: it must be the program's own instance. */
const STRATEGY = "strategies/strategy.ts";

/** The part of the SDK that is built for the browser: a leaf, which imports nothing of ours. */
const STS_SDK = "lib/aws/sts_sdk.ts";

/** What the fast commands load in addition to `program`: chunks for other commands stay out. */
export const QUICK = [
  "main.ts",
  "lib/commands/env.ts",
  "lib/commands/exec.ts",
  "lib/commands/explain/explain.ts",
  "lib/commands/list/list.ts",
];

/**
 * Files to merge with their static imports: for every run, for parsing options, for a call. Each
 * leaves out what the files in `apart` load.
 */
const MERGED: readonly (readonly [entry: string, apart: readonly string[]])[] = [
  ["lib/program.ts", ["main.ts"]],
  ["lib/host/processes.ts", ["lib/program.ts"]],
  ["lib/commands/exec.ts", ["lib/program.ts"]],
  ["lib/commands/env.ts", ["lib/program.ts", "lib/commands/exec.ts"]],
  ["lib/cli/parse.ts", ["lib/program.ts", ...QUICK]],
  ["lib/credentials/cache/cli_cache.ts", ["lib/program.ts"]],
  ["lib/session/run_plan.ts", [
    "lib/program.ts",
    "lib/cli/parse.ts",
    "lib/credentials/cache/cli_cache.ts",
    ...QUICK,
  ]],
];

/** The files whose functions are compiled with them: what `process`, `env` and `exec` load. */
const EAGER = [
  "lib/program.ts",
  "lib/host/processes.ts",
  "lib/commands/exec.ts",
  "lib/commands/env.ts",
];

/**
 * Bundles a program of this repository into an empty folder: `main.ts` becomes `main.js`, and each file
 * named above keeps its path. The bundler chooses the names of the other chunks.
 *
 * @returns every file of JavaScript in the folder
 */
export async function bundle(entry: string, folder: string): Promise<string[]> {
  // A partial program (the permission probe) has nothing to merge.
  const isWhole = entry === "main.ts";
  const named = isWhole ? [...new Set([...MERGED.map(([file]) => file), ...QUICK])] : [entry];
  const external = `--external=*/${nameOf(STS_SDK)}.ts`;
  deno(ROOT, ["bundle", ...BUNDLE, external, `--outdir=${folder}`, ...named, STRATEGY]);
  await bundleForBrowser(STS_SDK, folder);
  // The code imports it by its source path; the output is at the top of the folder.
  const spelled = new RegExp(`import\\("[./\\w]*\\b${nameOf(STS_SDK)}\\.ts"\\)`, "g");
  const files = filesBelow(folder);
  const unused = importOfHelpers(folder, files);
  for (const file of files) {
    const path = `${folder}/${file}`;
    const code = Deno.readTextFileSync(path);
    const sdk = specifierOf(file, `${nameOf(STS_SDK)}.js`);
    const linked = code.replaceAll(spelled, `import("${sdk}")`)
      .replaceAll(unused, "");
    if (linked !== code) Deno.writeTextFileSync(path, linked);
  }
  if (isWhole) {
    for (const [file, apart] of MERGED) merge(folder, outputOf(file), apart.map(outputOf));
  }
  merge(folder, `${nameOf(STS_SDK)}.js`, []);
  const imports = { "eac/strategy": `./${outputOf(STRATEGY)}` };
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify({ imports }));
  if (isWhole) await compileEagerly(folder, EAGER.map(outputOf));
  return filesBelow(folder).filter((file) => file !== "deno.json");
}

function merge(folder: string, entry: string, apart: readonly string[]): void {
  mergeChunks(folder, filesBelow(folder), { entry, apart, bundler: bundleFile(folder) });
}

/** The output path of a named entry. */
export function outputOf(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

function nameOf(file: string): string {
  return file.split("/").at(-1)!.replace(/\.ts$/, "");
}

/**
 * Matches the unused import of the bundler's helpers that every file has. The helpers load
 * `node:module`, which on Deno 2.9 takes as long as the rest of the start.
 */
function importOfHelpers(folder: string, files: readonly string[]): RegExp {
  const helpers = files.filter((file) =>
    Deno.readTextFileSync(`${folder}/${file}`).includes("__deno_internal_createRequire")
  );
  return new RegExp(`\\bimport *"[./]*(${helpers.join("|")})";`, "g");
}

function bundleFile(folder: string): Bundler {
  return (from, to, external) => {
    const others = external.map((file) => `--external=./${file}`);
    deno(folder, ["bundle", "--quiet", "--minify", ...others, `--output=${to}`, from]);
  };
}

/** Every file below a folder, as sorted relative paths. */
function filesBelow(folder: string, below = ""): string[] {
  const names = [...Deno.readDirSync(`${folder}/${below}`)].map((entry) => {
    const path = below + entry.name;
    return entry.isDirectory ? filesBelow(folder, `${path}/`) : [path];
  });
  return names.flat().sort();
}

const BUNDLE = ["--quiet", "--code-splitting", "--minify"];

/**
 * Bundles one file from the packages' browser builds.
 *
 * Deno 2.9 reads the `browser` table of a package.json but does not add the `.js` that the SDK omits,
 * so the packages are installed in a temporary folder and their tables completed there.
 */
async function bundleForBrowser(file: string, folder: string): Promise<void> {
  const stage = await Deno.makeTempDir({ prefix: "eac-bundle-" });
  try {
    const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    const config = { imports, nodeModulesDir: "auto", lock: { frozen: true } };
    await Deno.writeTextFile(`${stage}/deno.json`, JSON.stringify(config));
    await Deno.copyFile(new URL("deno.lock", ROOT), `${stage}/deno.lock`);
    await Deno.copyFile(new URL(file, ROOT), `${stage}/${file.split("/").at(-1)}`);
    deno(stage, ["install", "--quiet"]);
    for (const scope of ["@aws-sdk", "@smithy"]) completeBrowserTables(stage, scope);
    const entry = file.split("/").at(-1)!;
    deno(stage, ["bundle", ...BUNDLE, "--platform=browser", `--outdir=${folder}`, entry]);
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/** Adds the missing `.js` to the `browser` tables of the packages in one scope. */
function completeBrowserTables(stage: string, scope: string): void {
  const store = `${stage}/node_modules/.deno`;
  for (const installed of Deno.readDirSync(store)) {
    const packages = `${store}/${installed.name}/node_modules/${scope}`;
    for (const folder of exists(packages) ? Deno.readDirSync(packages) : []) {
      if (folder.isSymlink) continue;
      const path = `${packages}/${folder.name}/package.json`;
      const manifest = JSON.parse(Deno.readTextFileSync(path));
      if (typeof manifest.browser !== "object") continue;
      const spelled = (name: unknown) =>
        typeof name === "string" && exists(`${packages}/${folder.name}/${name}.js`)
          ? `${name}.js`
          : name;
      const table: Record<string, unknown> = {};
      for (const [from, to] of Object.entries(manifest.browser)) {
        table[from] = table[String(spelled(from))] = spelled(to);
      }
      // The browser build parses XML with DOMParser, which Deno does not have.
      manifest.browser = manifest.name === "@aws-sdk/xml-builder" ? {} : table;
      // The file may be a link into Deno's cache: replace it, never write into it.
      Deno.removeSync(path);
      Deno.writeTextFileSync(path, JSON.stringify(manifest));
    }
  }
}

/** Runs this script's own Deno. */
function deno(cwd: string | URL, args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    // Selects the SDK's ES modules: chunks of its CommonJS lose every export but `default`.
    env: { NO_COLOR: "1", DENO_CONDITIONS: "module" },
    stdin: "null",
    stdout: "null",
  }).outputSync();
  if (!success) throw new Error(`deno ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
}
