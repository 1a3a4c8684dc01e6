/**
 * The program as a few files of JavaScript: what every command needs, and chunks that are loaded
 * when they are used (the SDK, the prompts, the emulator).
 *
 * The calls to STS use parts of the SDK in its browser build: they load no `node:` module, and a cold
 * AssumeRole takes two thirds of the Node build's time. The other sources of credentials (SSO, instance
 * metadata, web identity) read files and speak to sockets, so they keep the Node build.
 *
 * @module
 */

import { type Bundler, mergeChunks } from "./merge_chunks.ts";

const ROOT = new URL("../", import.meta.url);

/** The module that a user's own strategy imports: it must be the program's own instance. */
const STRATEGY = "strategies/strategy.ts";

/** The part of the SDK that is built for the browser: a leaf, which imports nothing of ours. */
const STS_SDK = "lib/aws/sts_sdk.ts";

/** What the quick runs load beside `program`: nothing that only others need may come along. */
export const QUICK = [
  "main.ts",
  "lib/commands/env.ts",
  "lib/commands/exec.ts",
  "lib/commands/explain/explain.ts",
  "lib/commands/list/list.ts",
];

/**
 * The files that are merged with what they load: what every run needs, what options need, what a
 * call needs. Each leaves out what the files beside it load.
 */
const MERGED: readonly (readonly [entry: string, apart: readonly string[]])[] = [
  ["lib/program.ts", ["main.ts"]],
  ["lib/cli/parse.ts", ["lib/program.ts", ...QUICK]],
  ["lib/session/run_plan.ts", ["lib/program.ts", "lib/cli/parse.ts", ...QUICK]],
];

/**
 * Bundles a program of this repository into an empty folder: `main.ts` becomes `main.js` there, and
 * each file named above keeps its path. Other chunks have names of the bundler's choosing.
 *
 * @returns every file of JavaScript in the folder
 */
export async function bundle(entry: string, folder: string): Promise<string[]> {
  // A bundle of less than the whole program (the permission probe) has nothing to merge.
  const isWhole = entry === "main.ts";
  const named = isWhole ? [...new Set([...MERGED.map(([file]) => file), ...QUICK])] : [entry];
  const external = `--external=*/${nameOf(STS_SDK)}.ts`;
  deno(ROOT, ["bundle", ...BUNDLE, external, `--outdir=${folder}`, ...named, STRATEGY]);
  await bundleForBrowser(STS_SDK, folder);
  // It stands in the code as the source spells it, and lies at the top of the folder now.
  const spelled = new RegExp(`import\\("[./\\w]*\\b${nameOf(STS_SDK)}\\.ts"\\)`, "g");
  const files = filesBelow(folder);
  const unused = importOfHelpers(folder, files);
  for (const file of files) {
    const path = `${folder}/${file}`;
    const code = Deno.readTextFileSync(path);
    const top = "../".repeat(file.split("/").length - 1) || "./";
    const linked = code.replaceAll(spelled, `import("${top}${nameOf(STS_SDK)}.js")`)
      .replaceAll(unused, "");
    if (linked !== code) Deno.writeTextFileSync(path, linked);
  }
  if (isWhole) {
    for (const [file, apart] of MERGED) merge(folder, outputOf(file), apart.map(outputOf));
  }
  merge(folder, `${nameOf(STS_SDK)}.js`, []);
  const imports = { "eac/strategy": `./${outputOf(STRATEGY)}` };
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify({ imports }));
  return filesBelow(folder).filter((file) => file !== "deno.json");
}

function merge(folder: string, entry: string, apart: readonly string[]): void {
  mergeChunks(folder, filesBelow(folder), { entry, apart, bundler: bundleFile(folder) });
}

/** Where the bundler writes a file that it was given by name. */
export function outputOf(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

function nameOf(file: string): string {
  return file.split("/").at(-1)!.replace(/\.ts$/, "");
}

/**
 * What imports the bundler's helpers and uses none of them. It stands in every file, and they begin
 * with `node:module`: on Deno 2.9 that alone takes as long as the whole start.
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

/** Every file below a folder, sorted, with `/` between folders. */
function filesBelow(folder: string, below = ""): string[] {
  const names = [...Deno.readDirSync(`${folder}/${below}`)].map((entry) => {
    const path = below + entry.name;
    return entry.isDirectory ? filesBelow(folder, `${path}/`) : [path];
  });
  return names.flat().sort();
}

const BUNDLE = ["--quiet", "--code-splitting", "--minify"];

/**
 * Bundles one file with the packages' browser builds.
 *
 * Deno 2.9 reads the `browser` table of a package.json but does not add the `.js` that the SDK leaves
 * out, so the packages are installed in a folder of their own, where their tables are completed.
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

/** Spells out the files that the packages of one scope name in their `browser` tables. */
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
      // The browser's parser of XML is the browser's own DOMParser; Deno has none.
      manifest.browser = manifest.name === "@aws-sdk/xml-builder" ? {} : table;
      // The file may be a link into Deno's own cache: replace it, never write into it.
      Deno.removeSync(path);
      Deno.writeTextFileSync(path, JSON.stringify(manifest));
    }
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Runs the Deno that runs this script. */
function deno(cwd: string | URL, args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    // The SDK's ES modules: of its CommonJS, a chunk would lose every name but `default`.
    env: { NO_COLOR: "1", DENO_CONDITIONS: "module" },
    stdin: "null",
    stdout: "null",
  }).outputSync();
  if (!success) throw new Error(`deno ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
}
