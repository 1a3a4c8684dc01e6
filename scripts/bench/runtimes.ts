/**
 * The versions of Deno that could run the program, from npm: what each costs in CPU time and memory.
 *
 * @module
 */

import { median, usage } from "./measure.ts";

/** The versions to compare: the bases in npm's packages, and the one that releases are made with. */
const VERSIONS = ["2.6.8", "2.7.11", "2.9.6"];

/** A program to start with each of them. */
export interface Started {
  readonly name: string;
  /** The arguments of `deno`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Installs a version into a folder; returns the path of its executable. */
function install(version: string, folder: string): string {
  const { success, stderr } = new Deno.Command("npm", {
    args: [
      ...["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"],
      ...["--prefix", `${folder}/${version}`, `deno@${version}`],
    ],
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return `${folder}/${version}/node_modules/@deno/linux-x64-glibc/deno`;
}

/**
 * Prints a table of user and system time, and of peak memory: medians of interleaved runs. CPU time hardly
 * depends on what else the machine does.
 */
export async function compareRuntimes(
  folder: string,
  programs: readonly Started[],
  runs: number,
): Promise<void> {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
    console.log("runtimes: not compared (only on Linux x86_64)");
    return;
  }
  const denos = VERSIONS.map((version) => [version, install(version, folder)] as const);
  const cells = denos.flatMap(([version, path]) =>
    programs.map(({ name, args, env }) => ({
      key: `${version} ${name}`,
      command: [path, ...args],
      env,
      found: [] as { milliseconds: number; kibibytes: number }[],
    }))
  );
  for (let run = 0; run <= runs; run++) {
    for (const { command, env, found } of cells) {
      const used = await usage(command, env);
      if (used === undefined) {
        console.log("runtimes: not compared (Python is not installed)");
        return;
      }
      if (run > 0) found.push(used); // the first run fills caches
    }
  }
  console.log(`| Deno | ${programs.map(({ name }) => name).join(" | ")} |`);
  console.log(`| --- | ${programs.map(() => "---").join(" | ")} |`);
  for (const version of VERSIONS) {
    const row = programs.map(({ name }) => {
      const { found } = cells.find(({ key }) => key === `${version} ${name}`)!;
      const milliseconds = median(found.map((one) => one.milliseconds));
      const mebibytes = median(found.map((one) => one.kibibytes)) / 1024;
      return `${milliseconds.toFixed(0)} ms, ${mebibytes.toFixed(0)} MiB`;
    });
    console.log(`| ${version} | ${row.join(" | ")} |`);
  }
}
