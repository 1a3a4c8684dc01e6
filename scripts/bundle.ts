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

import { type Bundler, gather } from "./gather.ts";

const ROOT = new URL("../", import.meta.url);

/** The module that a user's own strategy imports: it has to be the program's own instance. */
const STRATEGY = "strategies/strategy.ts";

/** The part of the SDK that is built for the browser: a leaf, which imports nothing of ours. */
const STS_SDK = "lib/credentials/sts_sdk";

/**
 * Bundles a program of this repository into an empty folder: `main.ts` becomes `main.js` there.
 *
 * @returns every file of JavaScript in the folder
 */
export async function bundle(entry: string, folder: string): Promise<string[]> {
  const name = STS_SDK.split("/").at(-1);
  const external = `--external=*/${name}.ts`;
  deno(ROOT, ["bundle", ...BUNDLE, external, `--outdir=${folder}`, entry, STRATEGY]);
  await bundleForBrowser(`${STS_SDK}.ts`, folder);
  // It stands in the code as the source spells it, and lies at the top of the folder now.
  const spelled = new RegExp(`import\\("[./\\w]*\\b${name}\\.ts"\\)`, "g");
  const files = filesBelow(folder);
  const unused = importOfHelpers(folder, files);
  for (const file of files) {
    const path = `${folder}/${file}`;
    const code = Deno.readTextFileSync(path);
    const top = "../".repeat(file.split("/").length - 1) || "./";
    const linked = code.replaceAll(spelled, `import("${top}${name}.js")`).replaceAll(unused, "");
    if (linked !== code) Deno.writeTextFileSync(path, linked);
  }
  // A bundle of less than the whole program (the permission probe) has nothing to gather.
  if (files.some((file) => isNamed("program", file))) gatherAll(folder);
  const imports = { "eac/strategy": `./${STRATEGY.replace(/\.ts$/, ".js")}` };
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify({ imports }));
  return filesBelow(folder).filter((file) => file !== "deno.json");
}

/** What the quick runs load beside `program`: nothing that only others need may come along. */
const QUICK = ["main", "env", "exec", "explain", "list"];

/** Makes one file each of what is loaded together: by every run, for options, for a call out. */
function gatherAll(folder: string): void {
  const named = (name: string) => filesBelow(folder).find((file) => isNamed(name, file))!;
  const bundler = bundleFile(folder);
  const entries: [name: string, apart: readonly string[]][] = [
    ["program", ["main"]],
    ["args", ["program", ...QUICK]],
    ["act", ["program", "args", ...QUICK]],
    [STS_SDK.split("/").at(-1)!, []],
  ];
  for (const [name, others] of entries) {
    const apart = others.map(named);
    gather(folder, filesBelow(folder), { entry: named(name), apart, bundler });
  }
}

/** True for the file of an entry: the bundler adds a hash to most names. */
function isNamed(name: string, file: string): boolean {
  return file.replace(/(-[A-Z0-9]{8})?\.js$/, "") === name;
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
