/**
 * The programs that the benchmark compares: eac, and a program of one line on the same runtime.
 *
 * @module
 */

import { bundle } from "../bundle.ts";
import { compileHere, compileLine } from "../compile.ts";
import { findCompiler, findDenort } from "../denort.ts";

const LINE = 'console.log("eac 0.1.0");\n';

/** The program under test, and a one-line program on the same runtime, as commands. */
export interface Programs {
  readonly how: string;
  readonly eac: readonly string[];
  readonly line: readonly string[];
}

/** Compiles both; from source where there is no base binary. */
export async function compilePrograms(folder: string): Promise<Programs> {
  try {
    await compileHere("main.ts", `${folder}/eac`);
    compileLine(LINE, `${folder}/line`);
    // The way a file entered the page cache changes its speed by up to 10 %: write both the same way.
    for (const file of ["eac", "line"]) {
      const bytes = Deno.readFileSync(`${folder}/${file}`);
      Deno.removeSync(`${folder}/${file}`);
      Deno.writeFileSync(`${folder}/${file}`, bytes, { mode: 0o755 });
    }
    return {
      how: `compiled with Deno ${baseVersion()}`,
      eac: [`${folder}/eac`],
      line: [`${folder}/line`],
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    Deno.writeTextFileSync(`${folder}/line.js`, LINE);
    const deno = [Deno.execPath(), "run", "-A", "--no-check"];
    return {
      how: `from source (${reason})`,
      eac: [...deno, new URL("../../main.ts", import.meta.url).href],
      line: [...deno, `${folder}/line.js`],
    };
  }
}

/** The version of the runtime in compiled programs. */
function baseVersion(): string {
  const means = findDenort();
  return "reason" in means ? "" : findCompiler(means.env.DENO_FOR_COMPILE).version;
}

/** A program that starts another one, and one that makes a request: what `exec` and a call cannot avoid. */
const MINIMAL = {
  spawn: `const { status } = new Deno.Command("true", {
  stdin: "inherit", stdout: "inherit", stderr: "inherit",
}).spawn();
Deno.exit((await status).code);
`,
  fetch: `const response = await fetch(Deno.env.get("AWS_ENDPOINT_URL_STS"), { method: "POST" });
await response.arrayBuffer();
Deno.exit(0);
`,
} as const;

/** The programs under one Deno, without compiling. */
export interface BundledPrograms extends Programs {
  readonly minimal: Readonly<Record<keyof typeof MINIMAL, readonly string[]>>;
}

/**
 * Both programs under the Deno that runs this, as close to a release as `deno run` comes: without a code
 * cache, and without reading the files of lazy imports. A compiled program does neither.
 */
export async function bundlePrograms(folder: string): Promise<BundledPrograms> {
  Deno.mkdirSync(folder);
  for (const file of await bundle("main.ts", folder)) {
    const code = Deno.readTextFileSync(`${folder}/${file}`);
    // `deno run` follows only the imports whose specifier is a literal.
    const hidden = code.replace(/\bimport\(("[^"]*")\)/g, "import(String($1))");
    Deno.writeTextFileSync(`${folder}/${file}`, hidden);
  }
  for (const [name, code] of Object.entries({ line: LINE, ...MINIMAL })) {
    Deno.writeTextFileSync(`${folder}/${name}.js`, code);
  }
  const program = (file: string) => [
    ...[Deno.execPath(), "run", "-A", "--no-check", "--no-code-cache"],
    "--v8-flags=--no-concurrent-sparkplug", // as in scripts/compile.ts
    `${folder}/${file}.js`,
  ];
  return {
    how: `under Deno ${Deno.version.deno}`,
    eac: program("main"),
    line: program("line"),
    minimal: { spawn: program("spawn"), fetch: program("fetch") },
  };
}
